"""One way from a model to chains for samplers that run step by step: mode, pilot, straightened coordinates, draws."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.proposal import IMPOSSIBLE
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.warp import LEAST_SKEW, Warp, warp_from_draws
from mixcurve.response.bayes.sample.whiten import laplace, modes
from mixcurve.response.bayes.vectors.run import Density

__all__ = ["Engine", "Progress", "Steps", "Stretch", "sample_chains"]

FloatArray = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]

PILOT_STEPS, PILOT_KEPT = 400, 150
"""Of each chain of the pilot, and those of them, the last, whose positions give the coordinates of the main run."""
PILOT_LARGEST = 80
"""With more coordinates the pilot's draws are too few for a covariance; the curvature at the mode serves."""
START_WIDTH = 1.0
"""Chains start uniformly within so many standard deviations of the centre, on each coordinate."""


@dataclass(frozen=True)
class Stretch:
    """How far to run: steps of every chain, the first of them that is kept, and what the stage is called."""

    steps: int
    first: int
    stage: str


@dataclass(frozen=True, eq=False)
class Steps:
    """Positions z (chains × draws × d) in an engine's coordinates, statistics, and whether it was interrupted."""

    z: FloatArray
    statistics: dict[str, FloatArray]
    stopped: bool


class Engine(Protocol):
    """A sampler that tunes for as many steps as it was made for, from starts (chains × d), in given coordinates.

    A KeyboardInterrupt ends its run; it returns the steps that all chains have made.
    """

    def __call__(
        self, warp: Warp, starts: FloatArray, seed: int, stretch: Stretch, progress: Progress | None
    ) -> Steps:
        """Return the steps from ``stretch.first`` on."""
        ...


def sample_chains(
    model: MixModel,
    engine: Engine,
    name: str,
    *,
    chains: int,
    draws: int,
    tune: int,
    seed: int,
    warp: Warp | None,
    progress: Progress | None,
) -> Sampled:
    """Return draws of an engine, after a pilot that learns coordinates if none are given."""
    begun = time.perf_counter()
    rng = np.random.default_rng(seed)
    size = model.space.dimensions

    def run(within: Warp, stretch: Stretch) -> Steps:
        starts = rng.uniform(-START_WIDTH, START_WIDTH, (chains, size))
        return engine(within, starts, int(rng.integers(2**31)), stretch, progress)

    def result(found: Steps, within: Warp, adapted: float) -> Sampled:
        if found.z.shape[1] == 0:
            raise KeyboardInterrupt(
                "The run was stopped before every chain had a draw, so nothing can be kept."
            )
        seconds = {"adapt": adapted - begun, "sample": time.perf_counter() - adapted}
        return Sampled(
            within(found.z), name, seed, found.statistics, seconds=seconds, interrupted=found.stopped
        )

    if warp is None:
        warp = _at_mode(model, rng)
        if size <= PILOT_LARGEST:
            pilot = run(warp, Stretch(PILOT_STEPS, PILOT_STEPS - PILOT_KEPT, "adapting"))
            if pilot.stopped:
                return result(pilot, warp, time.perf_counter())
            warp = warp_from_draws(warp(pilot.z).reshape(-1, size))
    adapted = time.perf_counter()
    return result(run(warp, Stretch(tune + draws, tune, "sampling")), warp, adapted)


def _at_mode(model: MixModel, rng: np.random.Generator) -> Warp:
    density = Density(model.program())
    found = [m for m in modes(density, model.space.dimensions, rng) if m[1] > IMPOSSIBLE]
    if not found:
        raise FitError(
            "The log density is finite nowhere near the middle of the prior. Check priors and data."
        )
    normal, size = laplace(density, found[0][0]), model.space.dimensions
    zero = np.zeros(size)
    return Warp(normal.centre, normal.root, np.full(size, LEAST_SKEW), zero, zero, np.eye(size))
