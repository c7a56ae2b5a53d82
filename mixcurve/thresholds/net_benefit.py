"""Decision curves: the net benefit of contacting at every break-even probability, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers
from mixcurve.foundations.results import Result
from mixcurve.thresholds.people import People, WeightKind, open_share, people_of

__all__ = ["NetBenefitCurve", "net_benefit_curve"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NetBenefitCurve(Result):
    """Net benefit of contacting those whose probability is at least the one at which a contact breaks even (k).

    All are positives per person, less false positives at the exchange rate ``t / (1 - t)``. Intervals are at ``level``,
    each point by itself.

    Parameters
    ----------
    threshold
        Break-even probabilities.
    net_benefit, low, high
        Of contacting by the probability.
    everybody
        Of contacting everybody; contacting nobody has 0.
    gain, gain_low, gain_high
        Of contacting by the probability over the better of everybody and nobody.
    share_of_people
        The share of people contacted.
    """

    threshold: FloatArray
    net_benefit: FloatArray
    low: FloatArray
    high: FloatArray
    everybody: FloatArray
    gain: FloatArray
    gain_low: FloatArray
    gain_high: FloatArray
    share_of_people: FloatArray
    base_rate: float
    level: float

    @property
    def multiple_of_base_rate(self) -> FloatArray:
        """The threshold over the base rate."""
        return self.threshold / self.base_rate

    @property
    def summary(self) -> str:
        """One plain sentence: where the probability helps beyond doubt."""
        helps = self.gain_low > 0
        if not helps.any():
            return "At no break-even probability does the score beyond doubt beat contacting everybody or nobody."
        first, last = self.threshold[helps][[0, -1]]
        written = Numbers()
        where = (
            f"of {written.share(first)} to {written.share(last)}"
            if first < last
            else f"of {written.share(first)}"
        )
        most = "" if helps[np.argmax(helps) : len(helps) - np.argmax(helps[::-1])].all() else ", with gaps,"
        level = written.share(self.level)
        return (
            f"At break-even probabilities {where}{most} the score beats contacting everybody or nobody "
            f"(each at {level} confidence)."
        )

    @property
    def table(self) -> Any:
        """A pandas frame with a row per threshold."""
        import pandas as pd

        names = (
            "threshold", "multiple_of_base_rate", "share_of_people", "net_benefit", "low", "high", "everybody", "gain",
            "gain_low", "gain_high",
        )  # fmt: skip
        return pd.DataFrame({name: getattr(self, name) for name in names})


def net_benefit_curve(
    probability: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    thresholds: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    level: float = 0.95,
) -> NetBenefitCurve:
    r"""Return the decision curve: net benefit :math:`TP/n - FP/n \cdot t/(1-t)` at each break-even probability t.

    It is a mean over people, so its standard error is that of a mean; so is that of the gain over everybody, which is
    paired person by person.

    Parameters
    ----------
    probability, y, weights, weight_kind
        (n,), as for `choose_threshold`.
    thresholds
        Break-even probabilities, rising, between 0 and 1; every percent up to 99% if not given.
    level
        Level of the intervals.

    Raises
    ------
    InputError
        If lengths differ, values are out of their range, or thresholds do not rise.

    References
    ----------
    Vickers and Elkin (2006), Medical Decision Making 26, 565-574.

    Examples
    --------
    >>> found = net_benefit_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], thresholds=[0.2, 0.5])
    >>> found.net_benefit.tolist(), found.everybody.tolist()
    ([0.4375, 0.25], [0.375, 0.0])
    """
    people = people_of(probability, y, weights=weights, weight_kind=weight_kind)
    if not people.labelled:
        raise InputError("y must be given: a decision curve judges probabilities by what became of people.")
    confidence = open_share("level", level, "Write 95% as 0.95.")
    at = np.arange(1, 100) / 100.0 if thresholds is None else _rising(thresholds)
    cells, squares, sampled = _cells(people, at)
    odds = at / (1.0 - at)
    nothing, one = np.zeros_like(odds), np.ones_like(odds)
    # What contacting adds for true positives, false positives, missed positives and others left alone.
    benefit, error = _mean(np.stack([one, -odds, nothing, nothing]), cells, squares, sampled)
    everybody, _ = _mean(np.stack([one, -odds, one, -odds]), cells, squares, sampled)
    over_all, over_all_error = _mean(np.stack([nothing, nothing, -one, odds]), cells, squares, sampled)
    gain = np.where(everybody > 0, over_all, benefit)
    gain_error = np.where(everybody > 0, over_all_error, error)
    reach = _normal_reach(confidence)
    share = (cells[0] + cells[1]) / cells.sum(axis=0)
    return NetBenefitCurve(
        at, benefit, benefit - reach * error, benefit + reach * error, everybody, gain, gain - reach * gain_error,
        gain + reach * gain_error, share, people.base_rate, confidence,
    )  # fmt: skip


def _rising(thresholds: npt.ArrayLike) -> FloatArray:
    at = finite_array("thresholds", thresholds, ndim=1)
    if (at <= 0).any() or (at >= 1).any() or (np.diff(at) <= 0).any():
        raise InputError(f"thresholds must rise and lie between 0 and 1, got {at.tolist()}.")
    return at


def _cells(people: People, at: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Return sums of weights (4, k) and of what their variance counts, and the divisor of a mean's variance."""
    order = np.argsort(people.probability)
    below = np.searchsorted(people.probability[order], at, "left")
    w, y = people.weight, people.outcome
    counted = w if people.weight_kind == "frequency" else w**2
    total = float(w.sum())
    rows = int(np.count_nonzero(w))
    divisor = total * (total - 1.0) if people.weight_kind == "frequency" else total**2 * (rows - 1.0) / rows
    return _four(w, y, order, below), _four(counted, y, order, below), divisor


def _four(
    w: FloatArray, y: FloatArray, order: npt.NDArray[np.intp], below: npt.NDArray[np.intp]
) -> FloatArray:
    found = []
    for part in (w * y, w * (1.0 - y)):
        running = np.concatenate([[0.0], np.cumsum(part[order])])
        found += [running[-1] - running[below], running[below]]
    return np.stack([found[0], found[2], found[1], found[3]])


def _mean(
    amounts: FloatArray, cells: FloatArray, squares: FloatArray, divisor: float
) -> tuple[FloatArray, FloatArray]:
    """Return the mean of an amount per cell (4, k) and its standard error."""
    mean = (amounts * cells).sum(axis=0) / cells.sum(axis=0)
    spread = ((amounts - mean) ** 2 * squares).sum(axis=0)
    return mean, np.sqrt(spread / divisor) if divisor > 0 else np.full_like(mean, np.nan)


def _normal_reach(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2.0))
