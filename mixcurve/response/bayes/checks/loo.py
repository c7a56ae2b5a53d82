"""Leave-one-out: how well each row is predicted from the others, without fitting again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from mixcurve.calibration.predictive import predictive_report
from mixcurve.calibration.report import CalibrationReport
from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.convergence import FEWEST_DRAWS, effective_size
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.gate import Gate
from mixcurve.foundations.results import Result

__all__ = ["LeaveOneOut", "largest_k", "leave_one_out", "loo_gate"]

FloatArray = npt.NDArray[np.float64]

MOST_K = 0.7
"""Pareto k above which importance weights are not to be trusted, whatever the number of draws (Vehtari et al. 2024)."""
FEWEST = 25
"""Draws from which a tail of five can be taken, the fewest that a Pareto distribution is fitted to."""
ROWS_FOR_SIZE = 200
"""Rows whose effective sample size is looked at for the length of the tails; the median serves for all."""
GRAVE_SHARE = 0.1
"""Share of rows with too large a k from which the sum means little."""


@dataclass(frozen=True, eq=False)
class LeaveOneOut(Result):
    """The predictive density of each row given the others, by Pareto-smoothed importance sampling.

    Parameters
    ----------
    names
        The rows' names: their date, and their group if any (n,).
    pointwise
        Log predictive density of each row given the others (n,); their sum is ``elpd``.
    effective_parameters
        Log density of the rows seen less ``elpd`` (p_loo).
    pareto_k
        Of each row's importance weights (n,); above ``limit`` the row's density is doubtful.
    pit
        Probability of at most the response observed, given the other rows (n,); empty without replicates.
    draws
        How many there were.
    """

    names: tuple[str, ...]
    pointwise: FloatArray
    effective_parameters: float
    pareto_k: FloatArray
    limit: float
    draws: int
    pit: FloatArray = field(default_factory=lambda: np.empty(0))

    @property
    def elpd(self) -> float:
        """Expected log pointwise predictive density: higher is better."""
        return float(self.pointwise.sum())

    @property
    def standard_error(self) -> float:
        """Of ``elpd``: root n times the deviation of the rows' densities."""
        return float(np.sqrt(len(self.pointwise) * self.pointwise.var(ddof=1)))

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The rows whose Pareto k exceeds the limit, the worst first."""
        worst = np.argsort(-self.pareto_k, kind="stable")
        return tuple(self.names[i] for i in worst if self.pareto_k[i] > self.limit)

    @property
    def calibration(self) -> CalibrationReport:
        """How the rows lie in their predictive distributions; `plot_pit` draws it.

        Raises
        ------
        InputError
            If there were no replicates.
        """
        if not len(self.pit):
            raise InputError("There are no PIT values: leave_one_out was given no replicated.")
        return predictive_report(self.pit)

    @property
    def table(self) -> Any:
        """The rows as a pandas frame: log predictive density, Pareto k, and PIT value where there is one."""
        import pandas as pd

        columns = {"elpd": self.pointwise, "pareto_k": self.pareto_k}
        columns |= {"pit": self.pit} if len(self.pit) else {}
        return pd.DataFrame(columns, index=pd.Index(self.names, name="row"))


def largest_k(draws: int) -> float:
    """Return the Pareto k up to which so many draws suffice: min(1 - 1 / log10(draws), 0.7).

    Source: Vehtari, Simpson, Gelman, Yao and Gabry (2024), Journal of Machine Learning Research 25 (72).

    Examples
    --------
    >>> largest_k(4000), round(largest_k(400), 3)
    (0.7, 0.616)
    """
    return float(min(1.0 - 1.0 / np.log10(max(draws, 11)), MOST_K))


def leave_one_out(
    log_likelihood: npt.ArrayLike,
    names: Sequence[str],
    *,
    observed: npt.ArrayLike | None = None,
    replicated: npt.ArrayLike | None = None,
) -> LeaveOneOut:
    """Return the leave-one-out predictive density of each row.

    Parameters
    ----------
    log_likelihood
        (chains × draws × n): log density of each row at each draw.
    names
        The rows' names (n,).
    observed, replicated
        The response (n,), and responses drawn at the same draws (chains × draws × n), for PIT values.

    Raises
    ------
    InputError
        If the draws are fewer than 25, a value is not finite, or the shapes do not agree.

    References
    ----------
    Vehtari, Gelman and Gabry (2017), Statistics and Computing 27, 1413-1432.

    Examples
    --------
    >>> draws = np.random.default_rng(1).standard_normal((4, 250, 1)) / np.sqrt(20)
    >>> rows = np.linspace(-1.5, 1.5, 20)
    >>> found = leave_one_out(-0.5 * (rows - draws) ** 2 - 0.919, [f"row {i}" for i in range(20)])
    >>> round(found.elpd), 0.5 < found.effective_parameters < 1.5, found.doubtful
    (-28, True, ())
    """
    values = finite_array("log_likelihood", log_likelihood, ndim=3)
    chains, draws, rows = values.shape
    if chains * draws < FEWEST or draws < FEWEST_DRAWS:
        raise InputError(
            f"log_likelihood must hold at least {FEWEST} draws, {FEWEST_DRAWS} of each chain, got {chains} × {draws}."
        )
    if len(names) != rows:
        raise InputError(f"names must name each of the {rows} rows, got {len(names)}.")
    flat = values.reshape(-1, rows).T
    share = _independence(values)
    weights, k = _smoothed(flat, share)
    pointwise = special.logsumexp(weights + flat, axis=1)
    seen = special.logsumexp(flat, axis=1) - np.log(flat.shape[1])
    pit = _pit(weights, observed, replicated, rows)
    return LeaveOneOut(
        tuple(names),
        pointwise,
        float((seen - pointwise).sum()),
        k,
        largest_k(flat.shape[1]),
        flat.shape[1],
        pit,
    )


def loo_gate(found: LeaveOneOut) -> Gate:
    """Return whether each row can be left out: the largest Pareto k against its limit, the row named by its date.

    Examples
    --------
    >>> found = LeaveOneOut(("2024-01-01", "2024-01-08"), np.zeros(2), 1.0, np.array([0.2, 0.9]), 0.7, 4000)
    >>> loo_gate(found).parameter
    '2024-01-08'
    """
    worst = int(np.argmax(found.pareto_k))
    value, count = float(found.pareto_k[worst]), len(found.doubtful)
    if value <= found.limit:
        return Gate("Pareto k of a row left out", True, value, found.limit)
    others = f" and {count - 1} more of {len(found.names)} rows" if count > 1 else ""
    cause = f"The response of {found.names[worst]}{others} moves the curves so much that no forecast of it is known."
    remedy = "See whether its response and spend are right; if they are, use heavy-tailed (Student-t) noise."
    name, grave = found.names[worst], False
    if count > GRAVE_SHARE * len(found.names):
        cause = f"{count} of {len(found.names)} rows are fitted nearly one by one: the model is too large for the data."
        remedy = "Use fewer channels, controls or seasonal terms, or narrower priors. Do not compare curves by LOO."
    return Gate("Pareto k of a row left out", False, value, found.limit, name, cause, remedy, grave)


def _smoothed(flat: FloatArray, share: float) -> tuple[FloatArray, FloatArray]:
    """Return log weights 1 / density of each row (n × D), smoothed and adding up to 1, and their Pareto k (n,).

    Where no tail can be fitted, weights stay as they are: k is -infinity if all are equal, else infinite.
    """
    from arviz_stats.base.array import BaseArray

    raw = flat.min(axis=1, keepdims=True) - flat
    weights, k = raw.copy(), np.where(np.ptp(flat, axis=1) > 0, np.inf, -np.inf)
    few = np.partition(flat, FEWEST // 5, axis=1)[:, : FEWEST // 5]
    varies = np.ptp(few, axis=1) > 0
    if varies.any():
        with np.errstate(all="ignore"):  # densities so far apart that a fit of their tail overflows
            found, shape = BaseArray().psislw(flat[varies], r_eff=share, axis=-1)
        fitted = np.isfinite(found).all(axis=1) & np.isfinite(shape)
        weights[varies] = np.where(fitted[:, None], found, raw[varies])
        k[varies] = np.where(fitted, shape, np.inf)
    return weights - special.logsumexp(weights, axis=1, keepdims=True), k


def _independence(values: FloatArray) -> float:
    """Return the effective share of the draws for the rows' densities: the median over some rows, at most 1."""
    rows = np.unique(np.linspace(0, values.shape[2] - 1, ROWS_FOR_SIZE).astype(int))
    density = np.exp(values[..., rows] - values[..., rows].max(axis=(0, 1)))
    size = effective_size(density) / (values.shape[0] * values.shape[1])
    known = size[np.isfinite(size)]
    return float(min(np.median(known), 1.0)) if len(known) else 1.0


def _pit(weights: FloatArray, observed: Any, replicated: Any, rows: int) -> FloatArray:
    if observed is None and replicated is None:
        return np.empty(0)
    if observed is None or replicated is None:
        raise InputError("Give both observed and replicated for PIT values, or neither.")
    y, drawn = finite_array("observed", observed, ndim=1), finite_array("replicated", replicated, ndim=3)
    drawn = drawn.reshape(-1, drawn.shape[2]).T
    if len(y) != rows or drawn.shape != weights.shape:
        raise InputError(
            f"observed and replicated must have the {rows} rows and the draws of log_likelihood, "
            f"got {y.shape} and {np.shape(replicated)}."
        )
    # Of counts, half of the chance of exactly what came lies below it.
    below = (drawn < y[:, None]) + 0.5 * (drawn == y[:, None])
    return np.clip((np.exp(weights) * below).sum(axis=1), 0.0, 1.0)
