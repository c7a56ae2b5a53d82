"""The area under the ROC curve with DeLong's interval, alone and paired, in one sort per score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, known_name
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import NBSP, Numbers
from mixcurve.foundations.results import Result
from mixcurve.thresholds.people import WEIGHT_KINDS, WeightKind, labels_of, open_share, per_person, weights_of
from mixcurve.thresholds.placements import Placements, covariance_of_means, placements

__all__ = ["AucComparison", "AucInterval", "auc_interval", "compare_auc"]

FloatArray = npt.NDArray[np.float64]
SCALES = ("plain", "logit")
LEAST_P = 0.001
"""Smaller p-values are not written out: the normal distribution says little so far out."""
ROUNDING = 1e-12
"""Relative size of what rounding leaves of a variance or a difference that is 0."""


@dataclass(frozen=True, eq=False)
class AucInterval(Result):
    """The area under a ROC curve: the probability that a positive scores higher than another, a tie counting half.

    ``standard_error`` is DeLong's; ``low`` and ``high`` are NaN where it says nothing: with fewer than two people of a
    class, or when the score parts the classes entirely.
    """

    auc: float
    standard_error: float
    low: float
    high: float
    level: float
    positives: int
    others: int

    @property
    def summary(self) -> str:
        """One plain sentence."""
        text = f"AUC {self.auc:.3f}"
        if not np.isfinite(self.low):
            return f"{text}; its interval is not known."
        return f"{text} ({self.low:.3f} to{NBSP}{self.high:.3f} at {Numbers().share(self.level)} confidence)."


@dataclass(frozen=True, eq=False)
class AucComparison(Result):
    """Two scores of the same people: their areas, and the difference (first less second) with its paired interval.

    ``z`` is the difference over its standard error and ``p_value`` two-sided; both NaN, like the interval, where the
    standard error is not known, and for identical rankings z is 0 and the p-value 1.
    """

    first: AucInterval
    second: AucInterval
    difference: float
    standard_error: float
    low: float
    high: float
    z: float
    p_value: float
    correlation: float
    level: float

    @property
    def summary(self) -> str:
        """One plain sentence."""
        text = (
            f"AUC {self.first.auc:.3f} against {self.second.auc:.3f}, a difference of {self.difference:+.3f}"
        )
        if not np.isfinite(self.low):
            return f"{text}; its interval is not known."
        level = Numbers().share(self.level)
        p = f"p = {self.p_value:.2g}" if self.p_value >= LEAST_P else f"p below {LEAST_P:g}"
        return f"{text} ({self.low:+.3f} to{NBSP}{self.high:+.3f} at {level} confidence, {p})."


def _interval(
    found: Placements, level: float, kind: WeightKind, scale: str, counts: tuple[int, int]
) -> AucInterval:
    a, b = found.of_positives, found.of_others
    variance = covariance_of_means(a, a, found.positive_weight, kind) + covariance_of_means(
        b, b, found.other_weight, kind
    )
    error = float(np.sqrt(variance))
    low, high = _limits(found.auc, error, level, scale) if error > 0 else (np.nan, np.nan)
    return AucInterval(found.auc, error, low, high, level, *counts)


def _limits(auc: float, error: float, level: float, scale: str) -> tuple[float, float]:
    from scipy.special import ndtri

    from mixcurve.sigmoid import expit, logit, logit_derivative

    reach = float(ndtri(0.5 + level / 2.0)) * error
    if scale == "plain":
        return max(auc - reach, 0.0), min(auc + reach, 1.0)
    middle, reach = float(logit(auc)), reach * float(logit_derivative(auc))
    return float(expit(middle - reach)), float(expit(middle + reach))


def auc_interval(
    score: npt.ArrayLike,
    y: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    level: float = 0.95,
    *,
    weight_kind: WeightKind = "frequency",
    scale: Literal["plain", "logit"] = "plain",
) -> AucInterval:
    r"""Return the area under the ROC curve with DeLong's interval, in O(n log n).

    The area is the mean over positives of their placement :math:`V_{10}` among the others; with that of the others
    among positives, :math:`V_{01}`, its variance is :math:`S_{10}/n_1 + S_{01}/n_0`.

    Parameters
    ----------
    score
        (n,), finite; the higher, the likelier a positive. Log-odds keep apart what probabilities round together.
    y
        (n,), 0 or 1, both present.
    weights
        (n,), not negative; all 1 if not given.
    level
        Confidence level of the interval.
    weight_kind
        ``"frequency"``: a row stands for so many people; ``"survey"``: for one, who counts so much.
    scale
        ``"plain"``: the area plus and minus, cut at 0 and 1, as other software reports it; ``"logit"``: the same on its
        log-odds, which holds its level better near 1.

    Raises
    ------
    InputError
        If lengths differ, a value is not finite, labels are not 0 and 1, or no weight is above 0.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845. Sun and Xu (2014), IEEE Signal Processing Letters
    21, 1389-1393, for the speed.

    Examples
    --------
    >>> found = auc_interval([0.1, 0.4, 0.35, 0.8, 0.6, 0.3], [0, 0, 1, 1, 1, 0])
    >>> round(found.auc, 4), round(found.standard_error, 4)
    (0.8889, 0.1571)
    """
    values = finite_array("score", score, ndim=1)
    label, weight, share = _checked(y, weights, level, weight_kind, len(values))
    known_name("scale", scale, SCALES)
    found = placements(values, label, weight)
    return _interval(found, share, weight_kind, scale, _counts(label))


def _checked(
    y: npt.ArrayLike, weights: npt.ArrayLike | None, level: float, kind: WeightKind, rows: int
) -> tuple[npt.NDArray[np.bool_], FloatArray, float]:
    label, weight = labels_of(y, rows) == 1.0, weights_of(weights, rows)
    known_name("weight_kind", kind, WEIGHT_KINDS)
    if not (weight[label].any() and weight[~label].any()):
        raise InputError("weights are all 0 in one class of y. Give each class a row of weight above 0.")
    return label, weight, open_share("level", level, "Write 95% as 0.95.")


def _counts(label: npt.NDArray[np.bool_]) -> tuple[int, int]:
    return int(label.sum()), int((~label).sum())


def compare_auc(
    score_a: npt.ArrayLike,
    score_b: npt.ArrayLike,
    y: npt.ArrayLike,
    level: float = 0.95,
    *,
    weights: npt.ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
) -> AucComparison:
    """Return the areas of two scores of the same people, and their difference with DeLong's paired interval.

    Parameters
    ----------
    score_a, score_b
        (n,), finite, on any scale each.
    y
        (n,), 0 or 1, both present.
    level
        Confidence level of the intervals.
    weights, weight_kind
        As for `auc_interval`.

    Raises
    ------
    InputError
        As `auc_interval`.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988); Sun and Xu (2014), as for `auc_interval`.

    Examples
    --------
    >>> y = [0, 0, 0, 1, 1, 1]
    >>> found = compare_auc([1, 2, 4, 3, 5, 6], [1, 5, 3, 2, 4, 6], y)
    >>> print(" ".join(found.summary.split()))
    AUC 0.889 against 0.667, a difference of +0.222 (-0.265 to +0.709 at 95% confidence, p = 0.37).
    """
    a = finite_array("score_a", score_a, ndim=1)
    b = per_person("score_b", score_b, len(a))
    label, weight, share = _checked(y, weights, level, weight_kind, len(a))
    one, two = placements(a, label, weight), placements(b, label, weight)
    counts = _counts(label)
    first, second = (_interval(found, share, weight_kind, "plain", counts) for found in (one, two))
    joint = covariance_of_means(one.of_positives, two.of_positives, one.positive_weight, weight_kind)
    joint += covariance_of_means(one.of_others, two.of_others, one.other_weight, weight_kind)
    return _compared(first, second, joint, share)


def _compared(first: AucInterval, second: AucInterval, joint: float, level: float) -> AucComparison:
    from scipy.special import ndtr, ndtri

    sizes = first.standard_error**2, second.standard_error**2
    difference, spread = first.auc - second.auc, sum(sizes) - 2.0 * joint
    # Two rankings that agree leave only rounding.
    error = 0.0 if abs(spread) <= ROUNDING * sum(sizes) else float(np.sqrt(spread))
    known = error > 0.0 or (error == 0.0 and abs(difference) <= ROUNDING)
    reach = float(ndtri(0.5 + level / 2.0)) * error
    low, high = (difference - reach, difference + reach) if known else (np.nan, np.nan)
    z = difference / error if error > 0.0 else 0.0 if known else np.nan
    scale = first.standard_error * second.standard_error
    correlation = joint / scale if scale > 0 else np.nan
    p_value = float(2.0 * ndtr(-abs(z)))
    return AucComparison(first, second, difference, error, low, high, z, p_value, correlation, level)
