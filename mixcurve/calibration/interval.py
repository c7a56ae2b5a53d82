"""Whether intervals hold the truth as often as they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.binomial import ShareMethod, share_interval
from mixcurve.calibration.cases import case_weights, effective_cases, groups_of, open_unit, stated_levels
from mixcurve.calibration.report import CalibrationReport, Coverage
from mixcurve.calibration.words import coverage_sentence
from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError

__all__ = ["Misses", "checked_intervals", "coverage_of", "interval_report", "interval_score"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def interval_score(
    low: npt.ArrayLike, high: npt.ArrayLike, truth: npt.ArrayLike, level: float | FloatArray
) -> FloatArray:
    r"""Return the interval score of each case: the width, plus a penalty for each miss.

    .. math:: (h - l) + \frac{2}{\alpha}\,(l - y)_+ + \frac{2}{\alpha}\,(y - h)_+, \qquad \alpha = 1 - \text{level}

    Lower is better; stating the true quantiles is the best one can do. In the unit of the truth; infinite where a side
    is open. Arguments broadcast. Source: Gneiting and Raftery (2007), JASA 102, 359-378, equation 43.

    Examples
    --------
    >>> interval_score([0.0, 0.0], [1.0, 1.0], [0.5, 1.5], 0.9).round(6).tolist()
    [1.0, 11.0]
    """
    lower, upper, y = (np.asarray(a, dtype=np.float64) for a in (low, high, truth))
    miss = np.maximum(lower - y, 0.0) + np.maximum(y - upper, 0.0)
    return np.asarray(upper - lower + 2.0 / (1.0 - np.asarray(level)) * miss)


def interval_report(
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    truth: npt.ArrayLike,
    level: float | Sequence[float],
    *,
    groups: Sequence[object] | npt.NDArray | None = None,
    weights: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    share_method: ShareMethod = "wilson",
) -> CalibrationReport:
    """Return how often intervals held the truth, with the interval of that share.

    Parameters
    ----------
    low, high
        The limits, in the unit of the truth: shape (cases,), or (cases, levels) when several levels are given. A side
        that did not close is infinite: ``-inf`` below, ``inf`` above. A limit that equals the truth holds it.
    truth
        Shape (cases,), finite.
    level
        The level that the intervals state, such as 0.9; or several, one per column.
    groups
        A label per case, such as its channel or market; each group gets its own row of the coverage.
    weights
        How much each case counts, shape (cases,).
    confidence
        Level of the report's own intervals.
    share_method
        How the interval of a share is made; see `share_interval`.

    Raises
    ------
    InputError
        If shapes differ, a limit is NaN or infinite on the wrong side, or a lower limit lies above its upper one.

    Examples
    --------
    >>> report = interval_report([0, 1, 2, 3], [2, 3, 4, float("inf")], [1, 2, 5, 9], 0.8)
    >>> report.summary
    '80% intervals held the truth in 75% of 4 cases (30% to 95% at 95% confidence); 25% of them have an open side,
    which cannot miss.'
    >>> report.coverage[0].above, report.coverage[0].mean_width
    (0.25, 2.0)
    """
    levels = stated_levels(level)
    lower, upper, y = checked_intervals(low, high, truth, len(levels))
    weight, trust = case_weights(weights, len(y)), open_unit("confidence", confidence)
    width = upper - lower
    misses = Misses(
        y < lower,
        y > upper,
        np.isinf(lower) | np.isinf(upper),
        width,
        interval_score(lower, upper, y, np.array(levels)),
    )
    rows = coverage_of(misses, levels, groups_of(groups, weight), weight, trust, share_method)
    curve = sorted((row for row in rows if row.group == ""), key=lambda row: row.level)
    return CalibrationReport(
        "intervals",
        coverage_sentence(rows[0], trust),
        len(y),
        effective_cases(weight),
        trust,
        rows,
        np.array([row.level for row in curve]),
        np.array([row.held for row in curve]),
        np.array([row.low for row in curve]),
        np.array([row.high for row in curve]),
    )


@dataclass(frozen=True, eq=False)
class Misses:
    """What happened to each interval, each array (cases × levels); widths and scores are NaN where not known."""

    below: BoolArray
    above: BoolArray
    open: BoolArray
    width: FloatArray
    score: FloatArray


def coverage_of(
    misses: Misses,
    levels: tuple[float, ...],
    groups: dict[str, BoolArray],
    weights: FloatArray,
    confidence: float,
    method: ShareMethod,
) -> tuple[Coverage, ...]:
    """Return the coverage at each level, of all cases and of each group."""
    return tuple(
        _coverage(misses, j, level, group, member, weights[member], confidence, method)
        for j, level in enumerate(levels)
        for group, member in groups.items()
    )


def _coverage(
    misses: Misses,
    j: int,
    level: float,
    group: str,
    member: BoolArray,
    weights: FloatArray,
    confidence: float,
    method: ShareMethod,
) -> Coverage:
    below, above, opened = (a[member, j] for a in (misses.below, misses.above, misses.open))
    effective = effective_cases(weights)
    held = _mean(~(below | above), weights)
    low, high = share_interval(min(held * effective, effective), effective, confidence, method)
    closed = np.where(opened, 0.0, weights)
    return Coverage(
        level,
        group,
        int(member.sum()),
        effective,
        held,
        float(low),
        float(high),
        _mean(below, weights),
        _mean(above, weights),
        _mean(opened, weights),
        *(_mean(np.where(opened, 0.0, a[member, j]), closed) for a in (misses.width, misses.score)),
    )


def _mean(values: npt.NDArray, weights: FloatArray) -> float:
    """Return the weighted mean; NaN where nothing has weight."""
    total = weights.sum()
    return float(values @ weights / total) if total > 0 else np.nan


def checked_intervals(
    low: npt.ArrayLike, high: npt.ArrayLike, truth: npt.ArrayLike, levels: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return limits (cases × levels) and the truth (cases × 1), or raise naming the first case that breaks a rule."""
    y = finite_array("truth", truth, ndim=1)
    lower, upper = (_limits(name, value, len(y), levels) for name, value in (("low", low), ("high", high)))
    for name, wrong, rule in (
        ("low", np.isnan(lower) | (lower == np.inf), "a number, or -inf where the side is open"),
        ("high", np.isnan(upper) | (upper == -np.inf), "a number, or inf where the side is open"),
        ("low", lower > upper, "at most high"),
    ):
        if wrong.any():
            case, column = (int(k) for k in np.argwhere(wrong)[0])
            limits = f"the interval is [{lower[case, column]:g}, {upper[case, column]:g}]"
            raise InputError(
                f"{name} must be {rule}, but in {int(wrong.sum())} of {wrong.size} intervals it is not; "
                f"at position {case} {limits}. Repair or leave out these cases."
            )
    return lower, upper, y[:, None]


def _limits(name: str, value: npt.ArrayLike, cases: int, levels: int) -> FloatArray:
    try:
        found = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be an array of numbers, got {type(value).__name__}.") from None
    if found.shape == (cases,) and levels == 1:
        found = found[:, None]
    if found.shape != (cases, levels):
        wanted = f"({cases},)" if levels == 1 else f"({cases}, {levels}): one column per level"
        raise InputError(f"{name} must have shape {wanted}, as truth and level have, got {found.shape}.")
    return found
