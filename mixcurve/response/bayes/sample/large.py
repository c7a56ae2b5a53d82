"""No-U-turn sampling of a mix of many groups by nutpie, in coordinates made for its hierarchy."""

from __future__ import annotations

import numpy as np

from mixcurve.foundations.progress import Progress
from mixcurve.foundations.rounds import MOST_ROUNDS
from mixcurve.response.bayes.model.media import hierarchies
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.adapting import Way, sample_adapting
from mixcurve.response.bayes.sample.cells import cells_at, cells_from_draws
from mixcurve.response.bayes.sample.sampled import Sampled

__all__ = ["has_many_groups", "sample_large"]

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
    target_accept: float = 0.98,
    rounds: int = MOST_ROUNDS,
    progress: Progress | None = None,
) -> Sampled:
    """Return draws by nutpie: mode, pilot run, main run in coordinates learned from it, more rounds if they are needed.

    The coordinates are those of `mixcurve.response.bayes.sample.cells`.
    """
    rng = np.random.default_rng(seed)
    way = Way(
        at_mode=lambda _, place: cells_at(model, place, rng),
        learned=lambda _, positions: cells_from_draws(
            model, positions.reshape(-1, model.space.dimensions), rng
        ),
        tune=PILOT_TUNE,
        draws=PILOT_DRAWS,
    )
    return sample_adapting(
        model, way, rng, chains=chains, draws=draws, tune=tune, seed=seed, target_accept=target_accept,
        rounds=rounds, progress=progress,
    )  # fmt: skip
