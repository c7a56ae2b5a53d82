"""The frequency that brings most response per unit of spend.

Spend buys contacts, and contacts are reach times frequency: at a given spend a higher frequency f reaches fewer people,
and the response is proportional to unit curve(f) / f (Zhang et al. 2023, Google).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve

__all__ = ["FrequencyCurve", "OptimalFrequency", "optimal_frequency"]

FloatArray = npt.NDArray[np.float64]

FREQUENCIES = 241
"""Of the grid that is searched, evenly spaced by ratio: over a range of 1 to 12 its steps are 1%."""
LEAST = 1.0
"""Nobody who is reached has fewer contacts."""


@dataclass(frozen=True, eq=False)
class FrequencyCurve(Result):
    """Draws of the response per unit of spend by frequency: ``scale × unit curve(f; shape) / f``.

    Parameters
    ----------
    channel, curve
        The channel, and the curve of frequency.
    shape
        (draws × parameters), in contacts where they have a unit.
    scale
        (draws,): response per unit of spend were every contact worth the top of the curve.
    present
        (draws,): the ROI as things were.
    mean_frequency
        Contacts over people reached, in all rows.
    seen
        Least and largest frequency of the rows in which anybody was reached.
    """

    channel: str
    curve: Curve
    shape: FloatArray
    scale: FloatArray
    present: FloatArray
    mean_frequency: float
    seen: tuple[float, float]
    currency: str | None = None
    response_name: str = "response"

    def roi(self, frequency: FloatArray) -> FloatArray:
        """Return the response per unit of spend at each frequency (draws × frequencies), contacts unchanged."""
        with np.errstate(over="ignore", under="ignore"):
            unit = self.curve.unit(frequency, [column[:, None] for column in self.shape.T])
        return np.asarray(self.scale[:, None] * unit / frequency)


@dataclass(frozen=True, eq=False)
class OptimalFrequency(Result):
    """The frequency with most response per unit of spend, and how sure that is.

    Parameters
    ----------
    frequency
        Where the mean over the draws is largest, among those searched.
    low, high
        Interval at ``level`` of the best frequency of each draw.
    present, present_roi
        Contacts over people reached, and the response per unit of spend, as things were.
    gain, gain_low, gain_high
        By what share the response would rise at the same spend: mean and interval.
    seen, searched
        Least and largest frequency seen, and searched.
    beyond_seen
        Whether the best one lies outside the range seen: the curve is then prior more than data.
    edge
        ``"lowest"`` or ``"highest"`` where the best one is an end of the range searched, so that a better one may lie
        beyond it; else ``""``.
    grid, roi, roi_low, roi_high
        Frequencies, and the response per unit of spend at each: mean and interval.
    """

    channel: str
    frequency: float
    low: float
    high: float
    level: float
    present: float
    present_roi: float
    gain: float
    gain_low: float
    gain_high: float
    seen: tuple[float, float]
    searched: tuple[float, float]
    beyond_seen: bool
    edge: str
    grid: FloatArray
    roi: FloatArray
    roi_low: FloatArray
    roi_high: FloatArray
    currency: str | None = None
    response_name: str = "response"

    @property
    def frame(self) -> Any:
        """Response per unit of spend by frequency, with its interval, as a pandas frame."""
        import pandas as pd

        columns = {"ROI": self.roi, "ROI low": self.roi_low, "ROI high": self.roi_high}
        return pd.DataFrame(columns, index=pd.Index(self.grid, name="frequency"))

    @property
    def summary(self) -> str:
        """The finding in plain text, with what limits it."""
        level = f"{self.level:.0%} interval"
        best = (
            f"{self.channel}: {self.frequency:.1f} contacts per person reached bring most response per unit of spend "
            f"({level} {self.low:.1f} to {self.high:.1f}); they were {self.present:.1f}."
        )
        gain = (
            f"At the same spend that is {self.gain:+.0%} response ({level} {self.gain_low:+.0%} to "
            f"{self.gain_high:+.0%})."
        )
        lines = [best, gain]
        span = f"{self.seen[0]:.1f} to {self.seen[1]:.1f}"
        if self.beyond_seen:
            lines.append(
                f"Frequencies were {span}: this one was never seen, and its effect is not shown by data."
            )
        elif self.edge:
            lines.append(f"It is the {self.edge} frequency searched: a better one may lie beyond it.")
        return "\n".join(lines)


def optimal_frequency(
    curve: FrequencyCurve, *, level: float = 0.9, within: tuple[float, float] | None = None
) -> OptimalFrequency:
    """Return the frequency that brings most response per unit of spend.

    Parameters
    ----------
    curve
        From `ReachChannel.frequency_curve`.
    level
        Of the intervals.
    within
        Least and largest frequency to search; by default the range seen, from one contact up. What lies
        outside that range is marked.

    Raises
    ------
    InputError
        If the range is upside down or below one contact, or the level is not between 0 and 1.

    Examples
    --------
    >>> from mixcurve.response.curves import curves
    >>> shape = np.array([[3.0, 2.0], [3.0, 2.0]])
    >>> known = FrequencyCurve("tv", curves["hill"], shape, np.ones(2), np.full(2, 0.1), 1.5, (1.0, 9.0))
    >>> best = optimal_frequency(known)
    >>> round(best.frequency, 1), round(best.gain, 2), best.edge
    (3.0, 0.67, '')
    """
    number("level", level, low=0.0, high=1.0, open_low=True)
    low, high = _range(curve, within)
    grid = np.geomspace(low, high, FREQUENCIES)
    roi = curve.roi(grid)
    mean, tails = roi.mean(axis=0), [0.5 * (1.0 - level), 0.5 * (1.0 + level)]
    place = int(mean.argmax())
    own = np.quantile(grid[roi.argmax(axis=1)], tails)
    gain = roi[:, place] / np.maximum(curve.present, np.finfo(float).tiny) - 1.0
    gain_ends, ends = np.quantile(gain, tails), np.quantile(roi, tails, axis=0)
    best = float(grid[place])
    room = 1e-9 * high
    return OptimalFrequency(
        channel=curve.channel, frequency=best, low=float(own[0]), high=float(own[1]), level=level,
        present=curve.mean_frequency, present_roi=float(curve.present.mean()),
        gain=float(gain.mean()), gain_low=float(gain_ends[0]), gain_high=float(gain_ends[1]),
        seen=curve.seen, searched=(low, high),
        beyond_seen=best < curve.seen[0] - room or best > curve.seen[1] + room,
        edge={0: "lowest", FREQUENCIES - 1: "highest"}.get(place, ""),
        grid=grid, roi=mean, roi_low=ends[0], roi_high=ends[1],
        currency=curve.currency, response_name=curve.response_name,
    )  # fmt: skip


def _range(curve: FrequencyCurve, within: tuple[float, float] | None) -> tuple[float, float]:
    if within is None:
        low, high = curve.seen
        return (low if high <= LEAST else max(low, LEAST)), high
    try:
        first, last = within
    except (TypeError, ValueError):
        raise InputError(f"within must be a pair (low, high) of contacts, got {within!r}.") from None
    low = number("the low end of within", first, low=LEAST, remedy="Whoever is reached has one contact.")
    high = number("the high end of within", last, low=LEAST)
    if not low < high:
        raise InputError(f"within must be (low, high) with low < high, got ({low:g}, {high:g}).")
    return low, high
