"""No-U-turn sampling by nutpie, in coordinates where the posterior is nearly a standard normal one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.convergence import convergence
from mixcurve.foundations.progress import Progress
from mixcurve.foundations.rounds import MOST_ROUNDS
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.adapting import Way, sample_adapting
from mixcurve.response.bayes.sample.polish import polished
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.transport import Transport, order_of, transport_from_draws
from mixcurve.response.bayes.sample.whiten import laplace
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
    target_accept: float = 0.98,
    rounds: int = MOST_ROUNDS,
    progress: Progress | None = None,
) -> Sampled:
    """Return draws by nutpie: mode, pilot run, main run in coordinates learned from it, more rounds if they are needed.

    The coordinates are those of `mixcurve.response.bayes.sample.transport`. After each round the effective sample sizes
    are looked at. While one is below what the gates ask for, another round of as many draws follows, in coordinates
    made from all draws so far; in the end every so-many-th draw is kept.

    Source: Seyboldt, Carlson and Carpenter (2026), nutpie; Hoffman and Gelman (2014) for the sampler.
    """
    few = model.space.dimensions <= PILOT_LARGEST
    rng = np.random.default_rng(seed)
    way = Way(
        at_mode=laplace,
        learned=(lambda density, positions: _learned(model, density, positions, rng)) if few else None,
        tune=PILOT_TUNE,
        draws=PILOT_DRAWS,
        accept=PILOT_ACCEPT,
    )
    return sample_adapting(
        model, way, rng, chains=chains, draws=draws, tune=tune, seed=seed, target_accept=target_accept,
        rounds=rounds, progress=progress,
    )  # fmt: skip


def _learned(model: MixModel, density: Density, positions: FloatArray, rng: np.random.Generator) -> Transport:
    counted = max(float(np.median(convergence(positions).bulk)), FEWEST_COUNTED)
    flat = positions.reshape(-1, positions.shape[-1])
    return polished(density, transport_from_draws(flat, order_of(model), counted), rng)
