"""No-U-turn sampling of a mix of many groups by nutpie, in coordinates made for its hierarchy."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError
from mixcurve.response.bayes.model.media import hierarchies
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.cells import Cells, cells_at, cells_from_draws
from mixcurve.response.bayes.sample.rounds import MOST_ROUNDS, Run, in_rounds
from mixcurve.response.bayes.sample.running import Progress, run_nutpie
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.whiten import modes
from mixcurve.response.bayes.vectors.run import Density

__all__ = ["has_many_groups", "sample_large"]

FloatArray = npt.NDArray[np.float64]

PILOT_TUNE, PILOT_DRAWS = 200, 100
"""Of each chain of the pilot run, from whose draws the coordinates of the main run are made."""
LARGEST_WHOLE = 80
"""With more coordinates a pilot's draws are too few for a covariance of all of them."""


def has_many_groups(model: MixModel) -> bool:
    """Return whether a model has so many groups that `sample_large` serves it."""
    return model.space.dimensions > LARGEST_WHOLE and bool(hierarchies(model.problem, model.space))


def sample_large(
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

    The coordinates are those of `mixcurve.response.bayes.sample.cells`.
    """
    begun, rng = time.perf_counter(), np.random.default_rng(seed)
    density = Density(model.program())
    density(np.zeros(model.space.dimensions))
    compiled = time.perf_counter()

    def run(within: Cells, draws: int, tune: int, accept: float, stage: str) -> Run:
        found = run_nutpie(
            within.program(model), chains=chains, draws=draws, tune=tune, target_accept=accept, rng=rng,
            progress=progress, stage=stage,
        )  # fmt: skip
        return Run(within(found.positions), found.statistics, found.stopped)

    def main(within: Cells, accept: float, stage: str) -> Run:
        return run(within, draws, tune, accept, stage)

    def learned(so_far: Run) -> Cells:
        return cells_from_draws(model, so_far.positions.reshape(-1, model.space.dimensions), rng)

    found = run(_at_mode(model, density, rng), PILOT_DRAWS, PILOT_TUNE, target_accept, "adapting")
    adapted = time.perf_counter()
    if not found.stopped:
        found = in_rounds(
            main, learned(found), learned, draws=draws, target_accept=target_accept, most=rounds
        )
    seconds = {
        "compile": compiled - begun, "adapt": adapted - compiled, "sample": time.perf_counter() - adapted,
    }  # fmt: skip
    return Sampled(
        found.positions, "nutpie", seed, found.statistics, seconds=seconds, interrupted=found.stopped
    )


def _at_mode(model: MixModel, density: Density, rng: np.random.Generator) -> Cells:
    found = modes(density, model.space.dimensions, rng)
    if not found:
        raise FitError(
            "The log density is finite nowhere near the middle of the prior. Check priors and data."
        )
    return cells_at(model, found[0][0], rng)
