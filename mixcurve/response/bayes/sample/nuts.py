"""No-U-turn sampling by nutpie, in coordinates where the posterior is nearly a standard normal one."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError
from mixcurve.response.bayes.checks.convergence import convergence
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.polish import polished
from mixcurve.response.bayes.sample.rounds import MOST_ROUNDS, Run, in_rounds
from mixcurve.response.bayes.sample.running import Progress, run_nutpie
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.transport import Transport, order_of, transport_from_draws
from mixcurve.response.bayes.sample.whiten import Whitening, laplace, modes
from mixcurve.response.bayes.vectors.run import Density

__all__ = ["Progress", "sample_nuts"]

FloatArray = npt.NDArray[np.float64]

PILOT_TUNE, PILOT_DRAWS = 250, 150
"""Of each chain of the pilot run, whose draws give the coordinates of the main run."""
PILOT_ACCEPT = 0.9
"""The pilot's draws serve as a sketch, so that its steps may be longer."""
PILOT_LARGEST = 80
"""With more coordinates the pilot's draws are too few for a covariance; the curvature at the mode serves."""
FEWEST_COUNTED = 100.0
"""A map is learned as if from at least so many independent draws: the polish mends what chance put into it."""


def sample_nuts(
    model: MixModel,
    *,
    chains: int = 4,
    draws: int = 1000,
    tune: int = 500,
    seed: int = 0,
    target_accept: float = 0.95,
    rounds: int = MOST_ROUNDS,
    progress: Progress | None = None,
) -> Sampled:
    """Return draws by nutpie: mode, pilot run, main run in coordinates learned from it, more rounds if they are needed.

    The coordinates are those of `mixcurve.response.bayes.sample.transport`. After each round the effective sample sizes
    are looked at. While one is below what the gates ask for, another round of as many draws follows, in coordinates
    made from all draws so far; in the end every so-many-th draw is kept.

    Source: Seyboldt, Carlson and Carpenter (2026), nutpie; Hoffman and Gelman (2014) for the sampler.
    """
    begun, rng = time.perf_counter(), np.random.default_rng(seed)
    density = Density(model.program())
    density(np.zeros(model.space.dimensions))
    compiled = time.perf_counter()
    few = model.space.dimensions <= PILOT_LARGEST

    def run(within: Whitening | Transport, draws: int, tune: int, accept: float, stage: str) -> Run:
        found = run_nutpie(
            within.program(model), chains=chains, draws=draws, tune=tune, target_accept=accept, rng=rng,
            progress=progress, stage=stage,
        )  # fmt: skip
        return Run(within(found.positions), found.statistics, found.stopped)

    def main(within: Whitening | Transport, accept: float, stage: str) -> Run:
        return run(within, draws, tune, accept, stage)

    def learned(so_far: Run) -> Whitening | Transport:
        return _learned(model, density, so_far.positions, rng)

    within: Whitening | Transport = _at_mode(model, density, rng)
    found = run(within, PILOT_DRAWS, PILOT_TUNE, PILOT_ACCEPT, "adapting") if few else None
    if found is not None and not found.stopped:
        within = learned(found)
    adapted = time.perf_counter()
    if found is None or not found.stopped:
        found = in_rounds(
            main, within, learned if few else None, draws=draws, target_accept=target_accept, most=rounds
        )
    seconds = {
        "compile": compiled - begun, "adapt": adapted - compiled, "sample": time.perf_counter() - adapted,
    }  # fmt: skip
    return Sampled(
        found.positions, "nutpie", seed, found.statistics, seconds=seconds, interrupted=found.stopped
    )


def _at_mode(model: MixModel, density: Density, rng: np.random.Generator) -> Whitening:
    found = modes(density, model.space.dimensions, rng)
    if not found:
        raise FitError(
            "The log density is finite nowhere near the middle of the prior. Check priors and data."
        )
    return laplace(density, found[0][0])


def _learned(model: MixModel, density: Density, positions: FloatArray, rng: np.random.Generator) -> Transport:
    counted = max(float(np.median(convergence(positions).bulk)), FEWEST_COUNTED)
    flat = positions.reshape(-1, positions.shape[-1])
    return polished(density, transport_from_draws(flat, order_of(model), counted), rng)
