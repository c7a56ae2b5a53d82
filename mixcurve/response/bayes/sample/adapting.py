"""Sampling by nutpie in coordinates that are learned: mode, pilot run, main run, more rounds if they are needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.bayes.running import run_nutpie
from mixcurve.foundations.errors import FitError
from mixcurve.foundations.progress import Progress
from mixcurve.foundations.rounds import Run, in_rounds
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.whiten import modes
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.bayes.vectors.tape import Program

__all__ = ["Coordinates", "Way", "sample_adapting"]

FloatArray = npt.NDArray[np.float64]


class Coordinates(Protocol):
    """A map from z, nearly standard normal under the posterior, to positions."""

    def __call__(self, z: FloatArray) -> FloatArray:
        """Return positions (… × d) for z (… × d)."""
        ...

    def program(self, model: Any) -> Program:
        """Return the model's density of z."""
        ...


@dataclass(frozen=True)
class Way:
    """How coordinates are come by.

    Parameters
    ----------
    at_mode
        Coordinates from the density and its mode (d,), those of the pilot run.
    learned
        Coordinates from the density and a run's positions (chains × draws × d); None keeps those at the mode, without a
        pilot run.
    tune, draws, accept
        Of each chain of the pilot run, and the acceptance that it aims at; None for that of the main run.
    """

    at_mode: Callable[[Density, FloatArray], Coordinates]
    learned: Callable[[Density, FloatArray], Coordinates] | None
    tune: int
    draws: int
    accept: float | None = None


def sample_adapting(
    model: MixModel, way: Way, rng: np.random.Generator, *, chains: int, draws: int, tune: int, seed: int,
    target_accept: float, rounds: int, progress: Progress | None,
) -> Sampled:  # fmt: skip
    """Return draws in coordinates that are learned from a pilot run and, round by round, from all draws so far.

    Raises
    ------
    FitError
        If the density is finite nowhere near the middle of the prior.
    """
    from mixcurve.foundations.bayes.native import native_model

    begun = time.perf_counter()
    density = Density(model.program())
    density(np.zeros(model.space.dimensions))
    compiled = time.perf_counter()

    def run(within: Coordinates, draws: int, tune: int, accept: float, stage: str) -> Run:
        found = run_nutpie(
            native_model(Density(within.program(model))), chains=chains, draws=draws, tune=tune, target_accept=accept,
            rng=rng, progress=progress, stage=stage,
        )  # fmt: skip
        return Run(within(found.positions), found.statistics, found.stopped)

    def main(within: Coordinates, accept: float, stage: str) -> Run:
        return run(within, draws, tune, accept, stage)

    learn = way.learned
    again = None if learn is None else lambda so_far: learn(density, so_far.positions)
    within = way.at_mode(density, _mode(density, model.space.dimensions, rng))
    found = (
        None if again is None else run(within, way.draws, way.tune, way.accept or target_accept, "adapting")
    )
    if found is not None and again is not None and not found.stopped:
        within = again(found)
    adapted = time.perf_counter()
    if found is None or not found.stopped:
        found = in_rounds(main, within, again, draws=draws, target_accept=target_accept, most=rounds)
    seconds = {
        "compile": compiled - begun, "adapt": adapted - compiled, "sample": time.perf_counter() - adapted,
    }  # fmt: skip
    return Sampled(
        found.positions, "nutpie", seed, found.statistics, seconds=seconds, interrupted=found.stopped
    )


def _mode(density: Density, dimensions: int, rng: np.random.Generator) -> FloatArray:
    found = modes(density, dimensions, rng)
    if not found:
        raise FitError(
            "The log density is finite nowhere near the middle of the prior. Check priors and data."
        )
    return found[0][0]
