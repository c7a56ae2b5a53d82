"""Whether data and prior contradict each other: where the posterior lies beside where the prior let it be expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from mixcurve.foundations.checks import finite_array, generator
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.gate import Gate
from mixcurve.foundations.results import Result
from mixcurve.response.bayes.checks.words import Coordinate, coordinates
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.sampled import Sampled

__all__ = ["PriorConflict", "conflict_p", "prior_data_conflict"]

FloatArray = npt.NDArray[np.float64]

PRIOR_DRAWS, TOGETHER = 2000, 100
"""Draws of the prior, and how many are made side by side, which holds memory down."""
LEAST_LEARNED = 0.05
"""Share of the prior's variance that the data must have taken away before they can contradict it."""
SURPRISE = 0.01
"""p-value, times the number of parameters looked at, below which data and prior contradict each other."""
NINE_TENTHS = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class PriorConflict(Result):
    """Of each parameter (d,): mean and deviation before and after the data, and the p-value of so large a shift.

    ``labels`` and ``words`` name the parameters; ``told`` says in words where prior and posterior put each.
    """

    labels: tuple[str, ...]
    words: tuple[str, ...]
    told: tuple[str, ...]
    prior_mean: FloatArray
    prior_deviation: FloatArray
    posterior_mean: FloatArray
    posterior_deviation: FloatArray
    p_value: FloatArray

    @property
    def gate(self) -> Gate:
        """The smallest p-value times the number of parameters, against 0.01."""
        worst = int(np.argmin(self.p_value))
        value = float(min(1.0, self.p_value[worst] * len(self.p_value)))
        name = "p-value of the prior against the data"
        if value >= SURPRISE:
            return Gate(name, True, value, SURPRISE, self.words[worst])
        remedy = "See whether range and unit of the prior are right; widen it if the data are to decide."
        return Gate(name, False, value, SURPRISE, self.words[worst], self.told[worst], remedy)

    @property
    def table(self) -> Any:
        """A pandas frame, a row a parameter."""
        import pandas as pd

        kept = ("prior_mean", "prior_deviation", "posterior_mean", "posterior_deviation", "p_value")
        return pd.DataFrame(
            {k: getattr(self, k) for k in kept}, index=pd.Index(self.labels, name="parameter")
        )


def conflict_p(
    prior_mean: npt.ArrayLike,
    prior_deviation: npt.ArrayLike,
    posterior_mean: npt.ArrayLike,
    posterior_deviation: npt.ArrayLike,
) -> FloatArray:
    """Return how probable, before the data, a posterior mean at least so far from the prior's was.

    Over data drawn from the prior, the posterior mean has the prior's mean and the variance τ² - v, the prior's less
    that of the posterior (law of total variance): p = 2 Φ(-|m - m₀| / sqrt(τ² - v)). For a normal mean this is the
    check of Evans and Moshonov exactly; elsewhere it takes the posterior mean to be about normal. Where the data took
    less than a twentieth of the variance away there is nothing to contradict, and p is 1.

    References
    ----------
    Evans and Moshonov (2006), Bayesian Analysis 1, 893-914.

    Examples
    --------
    >>> prior, noise, mean = 1.0, 0.5, 2.2  # one observation of a normal mean
    >>> v = 1.0 / (1.0 / prior**2 + 1.0 / noise**2)
    >>> p = conflict_p([0.0], [prior], [v * mean / noise**2], [np.sqrt(v)])[0]
    >>> bool(np.isclose(p, 2 * special.ndtr(-mean / np.sqrt(prior**2 + noise**2))))
    True
    """
    m0, t, m, s = (
        finite_array(n, v, ndim=1)
        for n, v in (
            ("prior_mean", prior_mean), ("prior_deviation", prior_deviation), ("posterior_mean", posterior_mean),
            ("posterior_deviation", posterior_deviation),
        )
    )  # fmt: skip
    if not m0.shape == t.shape == m.shape == s.shape:
        raise InputError(
            f"All four must have one value per parameter, got {[len(v) for v in (m0, t, m, s)]}."
        )
    learned = t**2 - s**2
    shown = learned > LEAST_LEARNED * t**2
    z = np.abs(m - m0) / np.sqrt(np.where(shown, learned, 1.0))
    return np.where(shown, 2.0 * special.ndtr(-z), 1.0)


def prior_data_conflict(
    model: MixModel, sampled: Sampled, *, seed: int | np.random.Generator | None = 0
) -> PriorConflict:
    """Return for each parameter whether the data contradict its prior; see `conflict_p`.

    The sizes of the channels, which the prior draws towards one another, are looked at as each channel's own log size.

    Parameters
    ----------
    model, sampled
        The model and its draws.
    seed
        Of the draws of the prior.
    """
    rng = generator(seed)
    drawn = [model.prior_draws(TOGETHER, rng) for _ in range(PRIOR_DRAWS // TOGETHER)]
    before, after = _own(model, np.concatenate(drawn)), _own(model, sampled.flat)
    moments = before.mean(axis=0), before.std(axis=0), after.mean(axis=0), after.std(axis=0)
    which = coordinates(model)
    told = tuple(_told(c, sampled.flat[:, c.place], *(float(m[c.place]) for m in moments)) for c in which)
    labels, words = tuple(c.label for c in which), tuple(c.words for c in which)
    return PriorConflict(labels, words, told, *moments, conflict_p(*moments))


def _own(model: MixModel, positions: FloatArray) -> FloatArray:
    """Return positions with each channel's log size in place of the coordinates of all sizes."""
    out, rows = positions.copy(), model.space.rows("size")
    out[:, rows] = positions[:, rows] @ model.sizes.root.T
    return out


def _told(one: Coordinate, u: FloatArray, m0: float, t: float, m: float, s: float) -> str:
    if one.value is None:
        side = "above" if m > m0 else "below"
        return f"The data put it {abs(m - m0) / t:.1f} prior deviations {side} the middle of its prior."
    low, high = (one.told(float(special.ndtri(share))) for share in NINE_TENTHS)
    return f"The data put it near {one.told(float(u.mean()))}, its prior nine times in ten between {low} and {high}."
