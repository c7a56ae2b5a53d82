"""Plausible fits of a mix: draws around the search's solution, and the estimate at their centre.

A channel's size is estimated by its mean over the plausible fits, and its shape by the mean of the parameters on the
scale they are searched on. On simulated markets with unknown curves this misses a channel's total contribution by less
than the best single fit does: where channels can hardly be told apart, the best fit gives one of them everything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.mix.density import MixDensity, size_prior
from mixcurve.response.fit.mix.problem import MixProblem
from mixcurve.response.fit.mix.sampler import climb, disagreement, sample
from mixcurve.response.fit.mix.search import Searched

__all__ = ["MOST_RESAMPLES", "STEADY_SEED", "Plausible", "plausible_fits"]

FloatArray = npt.NDArray[np.float64]

STEADY_SEED = 20260101
"""Of the draws behind the estimate: the user's seed chooses among the draws, so the estimate does not depend on it."""
CHAINS, WARM, KEEP, STEPS = 48, 16, 12, 5
"""Chains; trajectories to warm up and to keep; leapfrog steps of each: about 150 gradients of 48 fits side by side."""
MOST_RESAMPLES = CHAINS * KEEP


@dataclass(frozen=True, eq=False)
class Plausible:
    """The centre of the plausible fits, and some of them.

    Parameters
    ----------
    theta, amplitude
        Of the estimate: (k,) and (C + s,).
    thetas, amplitudes
        Of the draws: (R × k) and (R × (C + s)).
    disagreement
        The largest potential scale reduction of a log size among the chains: near 1 where they agree.
    """

    theta: FloatArray
    amplitude: FloatArray
    thetas: FloatArray
    amplitudes: FloatArray
    disagreement: float

    @property
    def any_effect(self) -> bool:
        """Whether any channel has an effect."""
        return bool((self.amplitude > 0).any())


def plausible_fits(problem: MixProblem, found: Searched, count: int, rng: np.random.Generator) -> Plausible:
    """Return the estimate and ``count`` plausible fits, chosen by ``rng`` among those that the estimate is made of.

    Nothing is drawn where the search found no effect at all.
    """
    basis = problem.basis
    channels = len(basis.curve)
    if not (found.amplitude[:channels] > 0).any():
        wide = (np.tile(found.theta, (count, 1)), np.tile(found.amplitude, (count, 1)))
        return Plausible(found.theta, found.amplitude, *wide, 1.0)
    amount = (problem.table.spend / problem.row_size[:, None]).mean(axis=0)
    steady = np.random.default_rng(STEADY_SEED)
    sizes = size_prior(amount, len(basis.signed), float(problem.y.mean()))
    density = MixDensity(basis, problem.target[0], found.pull, sizes)
    start = climb(density, density.start(found.theta, found.amplitude))
    draws = sample(density, start, steady, chains=CHAINS, warm=WARM, keep=KEEP, steps=STEPS)
    flat = draws.reshape(-1, draws.shape[-1])
    thetas = density.theta(flat)[0]
    k = len(found.theta)
    theta = thetas.mean(axis=0)
    columns = basis.columns(theta[None])
    mean_size = np.log(np.exp(flat[:, k:]).mean(axis=0))
    amplitude = density.amplitude(np.concatenate([np.zeros(k), mean_size])[None], columns)[0]
    chosen = np.sort(rng.choice(len(flat), count, replace=False))
    amplitudes = density.amplitude(flat[chosen], basis.columns(thetas[chosen]))
    worst = float(disagreement(draws[..., k:]).max())
    return Plausible(theta, amplitude, thetas[chosen], amplitudes, worst)
