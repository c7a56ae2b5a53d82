"""Draws without a chain: normal approximations, adapted and weighed by importance, in a second or two."""

from __future__ import annotations

import time
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator, number, one_of
from mixcurve.foundations.errors import FitError
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.pathfinder import pathfinder
from mixcurve.response.bayes.sample.profile import long_tails
from mixcurve.response.bayes.sample.proposal import IMPOSSIBLE, Mixture, adapted, weigh
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.whiten import Density as Evaluated
from mixcurve.response.bayes.sample.whiten import laplace, modes
from mixcurve.response.bayes.vectors.run import Density

__all__ = ["METHODS", "MOST_K", "quick_advice", "sample_quick"]

FloatArray = npt.NDArray[np.float64]

METHODS = ("laplace", "pathfinder")
MOST_K = 0.7
"""Pareto k above which importance weights are not to be trusted (Vehtari, Simpson, Gelman, Yao and Gabry 2024)."""
LARGEST = 60
"""With more coordinates than this neither tails are looked for nor moments adapted: both would take too long, and so
many dimensions leave importance sampling little hope."""
MAIN_SHARE = 0.5
"""Of the draws at first: the piece at the mode. The tails share the rest."""
WEIGHED, LEAST_WEIGHED = 2, 4000
"""Draws weighed for each draw returned, and the fewest: k is not to be had from a few hundred."""
FEWEST = 25
"""Draws with a finite density that a Pareto tail can be fitted to."""


def sample_quick(
    model: MixModel,
    *,
    draws: int = 1000,
    seed: int = 0,
    method: Literal["laplace", "pathfinder"] = "laplace",
) -> Sampled:
    """Return draws by importance sampling from normal approximations of the posterior, in one chain.

    Parameters
    ----------
    draws
        How many to return. At least twice as many are weighed, and these are resampled by their weights.
    seed
        Of all randomness.
    method
        Where the approximations come from. ``"laplace"``: the curvature at the highest mode, and at places along the
        profile of each coordinate where the posterior reaches farther than that curvature says. ``"pathfinder"``: the
        ways of a quasi-Newton search from eight starts. Both are then adapted in a few rounds of importance sampling.

    Returns
    -------
    Sampled
        ``pareto_k`` tells whether the weights can be trusted; above 0.7 they cannot, and `quick_advice` says so.

    Raises
    ------
    InputError
        If draws is below 1 or the method is unknown.
    FitError
        If the density is finite nowhere near the middle of the prior.

    Notes
    -----
    k looks only where the proposal reaches. That is why tails are looked for along the profiles: without those pieces k
    was 0.3 to 0.5 on a market of five channels where a half-saturation's deviation came out at a third of what it is.

    Sources: Tierney and Kadane (1986) for the curvature; Zhang, Carpenter, Gelman and Vehtari (2022), Pathfinder;
    Vehtari, Simpson, Gelman, Yao and Gabry (2024), Pareto smoothed importance sampling.
    """
    one_of("quick method", method, METHODS)
    count = int(number("draws", draws, low=1, remedy="Ask for 1000."))
    rng = generator(seed)
    begun = time.perf_counter()
    density = Density(model.program())
    density(np.zeros(model.space.dimensions))
    compiled = time.perf_counter()
    mixture = _started(density, model.space.dimensions, method, rng)
    if model.space.dimensions <= LARGEST:
        mixture = adapted(density, mixture, rng)
    fitted = time.perf_counter()
    found = weigh(density, mixture, max(WEIGHED * count, LEAST_WEIGHED), rng)
    weight, k = _smoothed(found.log_ratio)
    chosen = rng.permutation(_resampled(weight, count, rng))
    seconds = {
        "compile": compiled - begun,
        "adapt": fitted - compiled,
        "sample": time.perf_counter() - fitted,
    }
    statistics = {"lp": found.log_density[chosen][None]}
    return Sampled(found.draws[chosen][None], method, seed, statistics, k, seconds)


def quick_advice(sampled: Sampled) -> str | None:
    """Return what to do about draws of the quick mode, or None if their Pareto k is at most 0.7.

    Examples
    --------
    >>> import numpy as np
    >>> print(quick_advice(Sampled(np.zeros((1, 5, 2)), "laplace", 0, pareto_k=1.02)))
    The Pareto k of the quick draws is 1.02, above 0.7. They may be far from the posterior: use NUTS (quick=False).
    """
    if sampled.sampler not in METHODS or sampled.pareto_k <= MOST_K:
        return None
    told = f"is {sampled.pareto_k:.2f}" if np.isfinite(sampled.pareto_k) else "could not be computed"
    return (
        f"The Pareto k of the quick draws {told}, above {MOST_K:g}. They may be far from the posterior: "
        "use NUTS (quick=False)."
    )


def _started(density: Evaluated, dimensions: int, method: str, rng: np.random.Generator) -> Mixture:
    """Return the mixture to begin with."""
    if method == "pathfinder":
        pieces = pathfinder(density, dimensions, rng)
        shares = np.ones(len(pieces))
    else:
        found = [m for m in modes(density, dimensions, rng) if m[1] > IMPOSSIBLE]
        main = tuple(laplace(density, place) for place, _ in found[:1])
        far = long_tails(density, main[0]) if main and dimensions <= LARGEST else ()
        pieces = main + tuple(laplace(density, place) for place in far)
        shares = np.array([MAIN_SHARE, *[(1.0 - MAIN_SHARE) / max(len(far), 1)] * len(far)])
    if not pieces:
        raise FitError(
            "The log density is finite nowhere near the middle of the prior. Check priors and data."
        )
    return Mixture.of(pieces, shares)


def _smoothed(log_ratio: FloatArray) -> tuple[FloatArray, float]:
    """Return Pareto-smoothed weights that add up to 1 (n,), and k: infinite where no tail can be fitted."""
    from arviz_stats.base.array import BaseArray

    usable = log_ratio > 0.5 * IMPOSSIBLE
    ratio = log_ratio[usable] - log_ratio.max()
    weight = np.zeros(len(log_ratio))
    if len(ratio) < FEWEST or np.ptp(ratio) == 0.0:
        weight[usable] = np.exp(ratio) / np.exp(ratio).sum()
        return weight, float("inf")
    smoothed, k = BaseArray().psislw(-ratio)  # it takes the logs of what the weights are the inverse of
    weight[usable] = np.exp(smoothed)
    return weight / weight.sum(), float(k)


def _resampled(weight: FloatArray, count: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return places drawn in proportion to the weights, evenly spaced (systematic resampling)."""
    points = (np.arange(count) + rng.random()) / count
    return np.minimum(np.searchsorted(np.cumsum(weight), points), len(weight) - 1)
