"""`impact`: a rule-based list against a scored one, and a contacted group against one held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from mixcurve.calibration.binomial import share_interval
from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = ["Impact", "impact", "rate_difference"]

FloatArray = npt.NDArray[np.float64]
Design = Literal["before and after", "randomised"]
DESIGNS: tuple[Design, ...] = ("before and after", "randomised")
CAVEAT = (
    "Selection is not uplift: the two lists hold different people, and a better list finds people who would have "
    "responded anyway. Only a group held out at random shows what contact adds."
)
RANDOMISED = "Who was contacted was drawn at random, so the difference is what contact adds."


@dataclass(frozen=True, eq=False)
class Impact(Result):
    """Two rates, and their difference and ratio with intervals at ``level``.

    Parameters
    ----------
    design
        ``"before and after"``: two lists one after the other. ``"randomised"``: contacted against held out at random.
    people, responded
        (2,), first and second.
    rate, rate_low, rate_high
        (2,), shares with Wilson's intervals.
    difference, low, high
        Second less first, with Newcombe's interval.
    ratio, ratio_low, ratio_high
        Second over first; infinite where nobody of the first responded.
    expected
        What the model's probabilities alone expect the difference to be, from who was selected; NaN without them.
    level
        Of the intervals.
    """

    design: Design
    people: FloatArray
    responded: FloatArray
    rate: FloatArray
    rate_low: FloatArray
    rate_high: FloatArray
    difference: float
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    expected: float
    level: float

    @property
    def caveat(self) -> str:
        """What the difference may be taken for."""
        return CAVEAT if self.design == "before and after" else RANDOMISED

    @property
    def summary(self) -> str:
        """Plain sentences."""
        names = ("before", "after") if self.design == "before and after" else ("held out", "contacted")
        told = (
            f"{self.responded[1]:,.0f} of {self.people[1]:,.0f} responded {names[1]} ({self.rate[1]:.2%}) and "
            f"{self.responded[0]:,.0f} of {self.people[0]:,.0f} {names[0]} ({self.rate[0]:.2%}): a difference of "
            f"{100 * self.difference:+.2f} percentage points ({100 * self.low:+.2f} to {100 * self.high:+.2f} at "
            f"{100 * self.level:g}%)."
        )
        chosen = (
            ""
            if np.isnan(self.expected)
            else f" Who is on the list explains {100 * self.expected:+.2f} points of it, by the model's probabilities."
        )
        return f"{told}{chosen} {self.caveat}"


def rate_difference(
    hits: npt.ArrayLike, cases: npt.ArrayLike, level: float = 0.95
) -> tuple[float, float, float]:
    r"""Return the difference of two shares (second less first) and its interval.

    With Wilson's limits :math:`l_i, u_i` of the two shares, Newcombe's limits are
    :math:`d - \sqrt{(p_2 - l_2)^2 + (u_1 - p_1)^2}` and :math:`d + \sqrt{(u_2 - p_2)^2 + (p_1 - l_1)^2}`.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> [round(x, 4) for x in rate_difference([48, 56], [80, 70])]
    [0.2, 0.0524, 0.3339]
    """
    k, n = finite_array("hits", hits, ndim=1), finite_array("cases", cases, ndim=1)
    low, high = (np.asarray(end) for end in share_interval(k, n, level))
    p = k / n
    d = float(p[1] - p[0])
    down = float(np.hypot(p[1] - low[1], high[0] - p[0]))
    up = float(np.hypot(high[1] - p[1], p[0] - low[0]))
    return d, d - down, d + up


def impact(
    before: Any,
    after: Any,
    *,
    probability_before: npt.ArrayLike | None = None,
    probability_after: npt.ArrayLike | None = None,
    design: Design = "before and after",
    level: float = 0.95,
) -> Impact:
    """Return how response rates differ between two lists.

    Parameters
    ----------
    before, after
        What each person of a list did, 0 or 1; or a pair (responded, people). With ``design="randomised"`` those held
        out come first, those contacted second.
    probability_before, probability_after
        The model's probabilities of the same people, to tell what selection alone explains.
    design
        How people came to be in the one or the other.
    level
        Of the intervals.

    Raises
    ------
    InputError
        If outcomes are not 0 or 1, or counts are impossible.

    Examples
    --------
    >>> found = impact((420, 5000), (610, 5000))
    >>> f"{found.difference:.3f} ({found.low:.3f} to {found.high:.3f})"
    '0.038 (0.026 to 0.050)'
    """
    if design not in DESIGNS:
        raise InputError(f"design must be {' or '.join(map(repr, DESIGNS))}, got {design!r}.")
    counts = [_counted("before", before), _counted("after", after)]
    hits, people = np.array([c[0] for c in counts]), np.array([c[1] for c in counts])
    difference, low, high = rate_difference(hits, people, level)
    rate_low, rate_high = share_interval(hits, people, level)
    expected = np.nan
    if (probability_before is None) != (probability_after is None):
        raise InputError("probability_before and probability_after go together: give both or neither.")
    if probability_before is not None:
        expected = float(
            finite_array("probability_after", probability_after).mean()
            - finite_array("probability_before", probability_before).mean()
        )
    return Impact(
        design, people, hits, hits / people, np.asarray(rate_low), np.asarray(rate_high), difference, low, high,
        *_ratio(hits, people, level), expected, level,
    )  # fmt: skip


def _counted(name: str, given: Any) -> tuple[float, float]:
    """Return how many responded, of how many."""
    if isinstance(given, tuple) and len(given) == 2 and all(np.ndim(part) == 0 for part in given):
        hits, people = (float(part) for part in given)
    else:
        outcome = finite_array(name, given, ndim=1)
        if not np.isin(outcome, (0.0, 1.0)).all():
            raise InputError(f"{name} must hold 0 or 1 for each person, or be a pair (responded, people).")
        hits, people = float(outcome.sum()), float(len(outcome))
    if not 0 <= hits <= people or people <= 0:
        raise InputError(
            f"{name} must be a pair (responded, people) with 0 ≤ responded ≤ people, got {given!r}."
        )
    return hits, people


def _ratio(hits: FloatArray, people: FloatArray, level: float) -> tuple[float, float, float]:
    """Return the ratio of the rates and its interval, normal in the logarithm (Katz et al. 1978)."""
    if hits[0] == 0:
        return np.inf if hits[1] else np.nan, 0.0, np.inf
    ratio = float((hits[1] / people[1]) / (hits[0] / people[0]))
    if hits[1] == 0:
        return 0.0, 0.0, np.inf
    reach = float(ndtri(0.5 + level / 2.0)) * float(np.sqrt((1.0 / hits - 1.0 / people).sum()))
    return ratio, ratio * float(np.exp(-reach)), ratio * float(np.exp(reach))
