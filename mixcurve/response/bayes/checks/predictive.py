"""Whether data drawn from the posterior look like the data: statistics of the residuals, observed and replicated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, generator, known_name
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.gate import Gate
from mixcurve.foundations.results import Result
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.result.recover import recover
from mixcurve.response.bayes.sample.sampled import Sampled

__all__ = [
    "DISCREPANCIES",
    "PredictiveCheck",
    "PredictiveChecks",
    "check_predictive",
    "judge_residuals",
    "row_names",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Statistic = Callable[[FloatArray, FloatArray, IntArray], FloatArray]

DRAWS = 400
"""Draws that are replicated: the p-value's standard error at 0.01 is then 0.005."""
EXTREME = 0.005
"""p-value, of either side, from which a statistic is out of the ordinary: six of them fail one right model in 17."""


def _mean(residual: FloatArray, fitted: FloatArray, bounds: IntArray) -> FloatArray:
    return residual.mean(axis=1)


def _deviation(residual: FloatArray, fitted: FloatArray, bounds: IntArray) -> FloatArray:
    return residual.std(axis=1)


def _neighbours(residual: FloatArray, fitted: FloatArray, bounds: IntArray) -> FloatArray:
    centred = residual - residual.mean(axis=1, keepdims=True)
    product = centred[:, 1:] * centred[:, :-1]
    inside = np.ones(product.shape[1], dtype=bool)
    inside[bounds[1:-1] - 1] = False
    return _over(product[:, inside].sum(axis=1), (centred**2).sum(axis=1))


def _largest(residual: FloatArray, fitted: FloatArray, bounds: IntArray) -> FloatArray:
    return residual.max(axis=1)


def _smallest(residual: FloatArray, fitted: FloatArray, bounds: IntArray) -> FloatArray:
    return residual.min(axis=1)


def _grows(residual: FloatArray, fitted: FloatArray, bounds: IntArray) -> FloatArray:
    """Return the correlation of the residuals' size with the level."""
    size, level = (x - x.mean(axis=1, keepdims=True) for x in (np.abs(residual), fitted))
    return _over((size * level).sum(axis=1), np.sqrt((size**2).sum(axis=1) * (level**2).sum(axis=1)))


def _over(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)


DISCREPANCIES: dict[str, tuple[Statistic, str, str]] = {
    "mean of the residuals": (
        _mean,
        "The baseline cannot follow the level of the response.",
        "See whether priors or tests hold the channels at effects that the response cannot have.",
    ),
    "deviation of the residuals": (
        _deviation,
        "The noise of the model is not that of the data.",
        "Widen the prior of the noise, or choose another noise.",
    ),
    "correlation of neighbouring residuals": (
        _neighbours,
        "Residuals of neighbouring periods go together, so that intervals are too narrow.",
        "Use autocorrelated noise, a more flexible trend, or the control that is missing.",
    ),
    "largest residual": (
        _largest,
        "The response there is further above the fit than the noise of the model reaches.",
        "Give the event of that date as a control, or use heavy-tailed (Student-t) noise.",
    ),
    "smallest residual": (
        _smallest,
        "The response there is further below the fit than the noise of the model reaches.",
        "Give the event of that date as a control, or use heavy-tailed (Student-t) noise.",
    ),
    "growth of the residuals with the level": (
        _grows,
        "The noise changes with the level of the response, which the model's does not.",
        "Use noise for counts (Poisson or negative binomial), or a model of each group's own noise.",
    ),
}
"""By name: the statistic of residuals (draws × n), fitted values and where groups begin; cause and remedy."""
OF_A_ROW = ("largest residual", "smallest residual")


@dataclass(frozen=True, eq=False)
class PredictiveCheck(Result):
    """One statistic of the residuals at each draw (D,): of the data, and of a replicate of them.

    ``p_value`` is the probability that a replicate's is at least the data's; ``row`` is the row that a largest or
    smallest residual belongs to, else empty.
    """

    name: str
    observed: FloatArray
    replicated: FloatArray
    p_value: float
    row: str = ""

    @property
    def gate(self) -> Gate:
        """Whether the p-value is within the ordinary: that of the nearer side, against 0.005."""
        nearer = min(self.p_value, 1.0 - self.p_value)
        name = f"posterior predictive p-value of the {self.name}"
        if nearer >= EXTREME:
            return Gate(name, True, nearer, EXTREME)
        _, cause, remedy = DISCREPANCIES[self.name]
        return Gate(name, False, nearer, EXTREME, self.row, cause, remedy)


@dataclass(frozen=True, eq=False)
class PredictiveChecks(Result):
    """All statistics of the residuals."""

    checks: tuple[PredictiveCheck, ...]

    @property
    def gates(self) -> tuple[Gate, ...]:
        """A gate for each of them."""
        return tuple(check.gate for check in self.checks)

    def check(self, name: str) -> PredictiveCheck:
        """Return the check of this name, one of `DISCREPANCIES`."""
        names = [c.name for c in self.checks]
        return self.checks[names.index(known_name("posterior predictive check", name, names))]

    @property
    def table(self) -> Any:
        """A pandas frame: the statistic's mean over draws, observed and replicated, and its p-value."""
        import pandas as pd

        rows = [
            {
                "observed": c.observed.mean(),
                "replicated": c.replicated.mean(),
                "p_value": c.p_value,
                "row": c.row,
            }
            for c in self.checks
        ]
        return pd.DataFrame(rows, index=pd.Index([c.name for c in self.checks], name="statistic"))


def check_predictive(
    model: MixModel, sampled: Sampled, *, seed: int | np.random.Generator | None = 0
) -> PredictiveChecks:
    """Replicate the data at some of the draws, and compare the residuals' statistics; see `judge_residuals`.

    Parameters
    ----------
    model, sampled
        The model and its draws.
    seed
        Of coefficients and replicates.
    """
    rng, problem = generator(seed), model.problem
    flat = sampled.flat
    draws = flat[np.unique(np.linspace(0, len(flat) - 1, min(DRAWS, len(flat))).astype(int))]
    fitted = recover(model, draws, rng).fitted
    replicated = model.likelihood.replicate(problem, model.space, draws, fitted, rng)
    return judge_residuals(
        problem.mix.y,
        fitted,
        replicated,
        names=row_names(problem.mix.table.dates, problem.mix.table.groups),
        bounds=problem.bounds,
        seed=rng,
    )


def judge_residuals(
    observed: npt.ArrayLike,
    fitted: npt.ArrayLike,
    replicated: npt.ArrayLike,
    *,
    names: tuple[str, ...] = (),
    bounds: npt.ArrayLike | None = None,
    seed: int | np.random.Generator | None = 0,
) -> PredictiveChecks:
    """Return posterior predictive p-values of the residuals' statistics: P(T(y_rep, θ) >= T(y, θ) | y).

    They are conservative: the posterior has seen the data, so a right model's lie near a half more often than not.

    Parameters
    ----------
    observed
        The response (n,).
    fitted, replicated
        Mean and replicate of the response at each draw (D × n).
    names
        The rows' names; numbers if not given.
    bounds
        Where the rows of each group begin, and the end; one group if not given.
    seed
        By which ties are broken.

    Raises
    ------
    InputError
        If the shapes do not agree, or a value is not finite.

    References
    ----------
    Gelman, Meng and Stern (1996), Statistica Sinica 6, 733-807.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> fitted = np.zeros((200, 100))
    >>> found = judge_residuals(rng.standard_normal(100), fitted, rng.standard_normal((200, 100)))
    >>> all(g.passed for g in found.gates), len(found.gates)
    (True, 6)
    """
    y = finite_array("observed", observed, ndim=1)
    mean, drawn = finite_array("fitted", fitted, ndim=2), finite_array("replicated", replicated, ndim=2)
    if mean.shape != drawn.shape or mean.shape[1] != len(y):
        raise InputError(
            f"fitted and replicated must have one column for each of the {len(y)} rows, "
            f"got {mean.shape} and {drawn.shape}."
        )
    ends = np.array([0, len(y)]) if bounds is None else np.asarray(bounds, dtype=np.intp)
    rng, left, again = generator(seed), y - mean, drawn - mean
    labels = names or tuple(f"row {i}" for i in range(len(y)))
    checks = []
    for name, (statistic, _, _) in DISCREPANCIES.items():
        mine, theirs = statistic(left, mean, ends), statistic(again, mean, ends)
        above = (theirs > mine) + rng.random(len(mine)) * (theirs == mine)
        middle = left.mean(axis=0)
        row = labels[int(np.argmax(middle if name == OF_A_ROW[0] else -middle))] if name in OF_A_ROW else ""
        checks.append(PredictiveCheck(name, mine, theirs, float(above.mean()), row))
    return PredictiveChecks(tuple(checks))


def row_names(dates: npt.NDArray[np.datetime64], groups: Sequence[str] | None) -> tuple[str, ...]:
    """Return the name of each row: its date, and its group if there are any.

    Examples
    --------
    >>> row_names(np.array(["2024-01-01"], dtype="datetime64[D]"), ["north"])
    ('2024-01-01 (north)',)
    """
    days = [str(day) for day in np.asarray(dates).astype("datetime64[D]")]
    return tuple(days) if not groups else tuple(f"{d} ({g})" for d, g in zip(days, groups, strict=True))
