"""One way from a model to chains for samplers that run step by step: mode, pilot, straightened coordinates, rounds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError
from mixcurve.foundations.progress import Progress
from mixcurve.foundations.rounds import MOST_ROUNDS, Run, in_rounds
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.proposal import IMPOSSIBLE
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.warp import LEAST_SKEW, Warp, warp_from_draws
from mixcurve.response.bayes.sample.whiten import laplace, modes
from mixcurve.response.bayes.vectors.run import Density

__all__ = ["Engine", "Progress", "Steps", "Stretch", "sample_chains"]

FloatArray = npt.NDArray[np.float64]

PILOT_STEPS, PILOT_KEPT = 400, 150
"""Of each chain of the pilot, and those of them, the last, whose positions give the coordinates of the main run."""
PILOT_LARGEST = 80
"""With more coordinates the pilot's draws are too few for a covariance; the curvature at the mode serves."""
START_WIDTH = 1.0
"""Chains start uniformly within so many standard deviations of the centre, on each coordinate."""


@dataclass(frozen=True)
class Stretch:
    """How far to run: steps of every chain, the first of them that is kept, the acceptance aimed at, the stage."""

    steps: int
    first: int
    target_accept: float
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
    target_accept: float,
    warp: Warp | None,
    progress: Progress | None,
    rounds: int = MOST_ROUNDS,
) -> Sampled:
    """Return draws of an engine: after a pilot that learns coordinates if none are given, rounds until they suffice."""
    begun = time.perf_counter()
    rng = np.random.default_rng(seed)
    size = model.space.dimensions

    def run(within: Warp, stretch: Stretch) -> Run:
        starts = rng.uniform(-START_WIDTH, START_WIDTH, (chains, size))
        found = engine(within, starts, int(rng.integers(2**31)), stretch, progress)
        if found.z.shape[1] == 0:
            raise KeyboardInterrupt(
                "The run was stopped before every chain had a draw, so nothing can be kept."
            )
        return Run(within(found.z), found.statistics, found.stopped)

    def main(within: Warp, accept: float, stage: str) -> Run:
        return run(within, Stretch(tune + draws, tune, accept, stage))

    def learned(so_far: Run) -> Warp:
        return warp_from_draws(so_far.positions.reshape(-1, size))

    found, within, few = None, warp, size <= PILOT_LARGEST
    if within is None:
        within = _at_mode(model, rng)
        if few:
            pilot = run(within, Stretch(PILOT_STEPS, PILOT_STEPS - PILOT_KEPT, target_accept, "adapting"))
            found, within = (pilot, within) if pilot.stopped else (None, learned(pilot))
    adapted = time.perf_counter()
    if found is None:
        found = in_rounds(
            main, within, learned if few else None, draws=draws, target_accept=target_accept, most=rounds
        )
    seconds = {"adapt": adapted - begun, "sample": time.perf_counter() - adapted}
    return Sampled(found.positions, name, seed, found.statistics, seconds=seconds, interrupted=found.stopped)


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
