"""The numbers behind each figure, computed once; the modules beside this one only draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.results import Result
from mixcurve.response.carryover import weights
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fit.results import CurveFit, MixFit
from mixcurve.response.fitted import Fitted

if TYPE_CHECKING:
    from mixcurve.budget.problem import Allocation

__all__ = ["BAND_LEVELS", "CurveData", "Mark", "bend_of", "curve_data", "observed_weeks"]

FloatArray = npt.NDArray[np.float64]

BAND_LEVELS = (0.5, 0.9)
GRID_POINTS = 161
NO_BEND_FINDINGS = ("bend_not_shown", "line_not_excluded", "effect_not_shown")
"""Findings of `mixcurve.response.evidence` with which no inflection is shown."""
UNKNOWN_CARRYOVER = 0.05
"""Share of the carryover from before the data up to which a period is shown as a dot."""
DOTS_SHOWN = 0.98
"""Share of the observed periods that the axis of response surely reaches."""
REACH = 1.6
"""The axis of response ends at most this many times above the estimated curve; wider bands run out of it."""
BEYOND = 1.2
"""The axis of spend ends this many times above the largest spend seen, current or planned."""


@dataclass(frozen=True, eq=False)
class Mark(Result):
    """A spend worth pointing at on a curve: ``"current"``, ``"plan"`` or ``"inflection"``, with its interval if any."""

    kind: str
    spend: float
    response: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, eq=False)
class CurveData(Result):
    """One channel's curve over a grid of spend, with its bands, the periods observed and the marks.

    ``low`` and ``high`` are (bands × grid) for ``levels``, and empty when the curve has no resamples. Observed periods
    are at spend after carryover and at what the fit leaves to this channel: its contribution plus the residual.
    ``seen`` is the least and the largest spend per period seen.
    """

    channel: str
    spend: FloatArray
    estimate: FloatArray
    levels: tuple[float, ...]
    low: FloatArray
    high: FloatArray
    observed_spend: FloatArray
    observed_response: FloatArray
    seen: tuple[float, float]
    marks: tuple[Mark, ...]
    every: str
    currency: str | None
    response_name: str

    @property
    def frame(self) -> Any:
        """The curve and its bands as a pandas frame, one row per spend of the grid."""
        import pandas as pd

        columns: dict[str, Any] = {"spend": self.spend, "estimate": self.estimate}
        for level, low, high in zip(self.levels, self.low, self.high, strict=True):
            columns |= {f"low {level:.0%}": low, f"high {level:.0%}": high}
        return pd.DataFrame(columns)

    @property
    def observed(self) -> Any:
        """The observed periods as a pandas frame."""
        import pandas as pd

        return pd.DataFrame({"spend": self.observed_spend, "response": self.observed_response})

    @property
    def response_range(self) -> tuple[float, float]:
        """The range of response that a picture shows: the curve, its bands as far as sensible, and nearly all dots."""
        dots = self.observed_response
        low, high = np.quantile(dots, [1.0 - DOTS_SHOWN, DOTS_SHOWN]) if len(dots) else (0.0, 0.0)
        top = max(float(self.estimate.max()), float(high), *(m.response for m in self.marks))
        outer = float(self.high[-1].max()) if len(self.high) else top
        top = max(top, min(outer, REACH * top)) or 1.0
        return min(0.0, max(float(low), -0.5 * top)), 1.06 * top

    @property
    def beyond(self) -> int:
        """How many observed periods lie outside ``response_range``."""
        low, high = self.response_range
        return int(((self.observed_response < low) | (self.observed_response > high)).sum())

    def mark(self, kind: str) -> Mark | None:
        """Return the mark of this kind, or None."""
        return next((m for m in self.marks if m.kind == kind), None)


def curve_data(fit: Fitted, channel: str, *, plan: Allocation | None = None) -> CurveData:
    """Return what a picture of one channel's curve shows.

    Parameters
    ----------
    fit
        Any fit, or curves that came from elsewhere.
    channel
        One of its channels.
    plan
        Marks the planned spend.
    """
    i = fit.channels.index(known_name("channel", channel, fit.channels))
    current = float(plan.current[channel]) if plan is not None else float(fit.current[i])
    planned = float(plan.spend[channel]) if plan is not None and plan.spend else None
    x, y = observed_weeks(fit, i)
    seen = (float(fit.spend_range[i, 0]), float(fit.spend_range[i, 1]))
    grid = np.linspace(0.0, _end(fit, i, seen, [current, planned or 0.0, *x.tolist()]), GRID_POINTS)
    levels = BAND_LEVELS if len(fit.resamples) else ()
    edges = [(0.5 - level / 2, 0.5 + level / 2) for level in levels]
    spread = _on_grid(fit, i, grid, fit.resamples) if levels else np.empty((0, len(grid)))
    bands = np.quantile(spread, np.array(edges).T, axis=0) if levels else np.empty((2, 0, len(grid)))
    points = [("current", current, None), ("plan", planned, None), ("inflection", *bend_of(fit, i))]
    marks = tuple(
        Mark(
            kind,
            spend,
            float(_on_grid(fit, i, np.array([spend]), fit.draws).mean(axis=0)[0]),
            *(limits or (None, None)),
        )
        for kind, spend, limits in points
        if spend is not None
    )
    return CurveData(
        channel,
        grid,
        _on_grid(fit, i, grid, fit.draws).mean(axis=0),
        levels,
        bands[0],
        bands[1],
        x,
        y,
        seen,
        marks,
        fit.every,
        fit.currency,
        fit.response_name,
    )


def _on_grid(fit: Fitted, i: int, spend: FloatArray, draws: FloatArray) -> FloatArray:
    """Return one channel's response, shape (draws, spend)."""
    curve = fit.curve[i]
    return shape_of.response(curve, spend, draws[:, None, i, : len(curve.names)])


def _end(fit: Fitted, i: int, seen: tuple[float, float], wanted: list[float]) -> float:
    reach = max([seen[1] if np.isfinite(seen[1]) else 0.0, *wanted])
    if reach > 0:
        return BEYOND * reach
    half = float(
        np.median(shape_of.half_saturation(fit.curve[i], fit.draws[:, i, : len(fit.curve[i].names)]))
    )
    return 2.0 * half if np.isfinite(half) and half > 0 else 1.0


def observed_weeks(fit: Fitted, i: int) -> tuple[FloatArray, FloatArray]:
    """Return spend after carryover, and contribution plus residual, of each period observed; empty when unknown.

    The first periods are left out while more than 5% of the carryover would come from before the data begin.
    """
    if not isinstance(fit, MixFit | CurveFit):
        return np.empty(0), np.empty(0)
    known = np.full(len(fit.residual), True)
    if isinstance(fit, MixFit):
        known = _carryover_known(fit, i) & fit.rows_of(fit.channels[i])
    return fit.carried[known, i], (fit.contributions[:, i] + fit.residual)[known]


def _carryover_known(fit: MixFit, i: int) -> npt.NDArray[np.bool_]:
    share = np.cumsum(weights(*fit.kernel_of(fit.channels[i]), fit.carryover_length))
    first = int(np.argmax(share >= 1.0 - UNKNOWN_CARRYOVER))
    days = np.unique(fit.dates)
    return np.asarray(fit.dates >= days[min(first, len(days) - 1)])


def bend_of(fit: Fitted, i: int, level: float = 0.9) -> tuple[float | None, tuple[float, float] | None]:
    """Return where a channel's curve bends, with its interval; or (None, None) where the data do not show it.

    The bend is shown only if its interval is closed, above 0 and within the spend seen (as booked and as carried over),
    and if no finding of the fit speaks against it.
    """
    curve = fit.curve[i]
    if curve.form == "concave" or _doubted(fit, i):
        return None, None
    estimate, low, high = _bend_interval(fit, i, level)
    seen_low, seen_high = fit.spend_range[i]
    if isinstance(fit, MixFit | CurveFit):
        seen_high = min(seen_high, float(fit.carried[:, i].max()))
    if not (
        np.isfinite([estimate, low, high]).all()
        and max(0.0, seen_low) <= low <= high <= seen_high
        and low > 0
    ):
        return None, None
    return estimate, (low, high)


def _doubted(fit: Fitted, i: int) -> bool:
    """Return whether the evidence says that the channel's effect or its bend is not shown."""
    evidence = fit.evidence[i] if fit.evidence is not None else None
    return evidence is not None and (
        evidence.grade == "not shown" or any(evidence.has(code) for code in NO_BEND_FINDINGS)
    )


def _bend_interval(fit: Fitted, i: int, level: float) -> tuple[float, float, float]:
    if isinstance(fit, MixFit | CurveFit):
        name = fit.channels[i]
        found = next((v for v in fit.intervals if v.name == "inflection" and v.channel in (name, "")), None)
        if found is not None:
            return (
                found.estimate,
                found.low if found.closed else -np.inf,
                found.high if found.closed else np.inf,
            )
    width = len(fit.curve[i].names)
    estimate = float(np.mean(shape_of.inflection(fit.curve[i], fit.draws[:, i, :width])))
    if not len(fit.resamples):
        return estimate, -np.inf, np.inf
    low, high = np.quantile(
        shape_of.inflection(fit.curve[i], fit.resamples[:, i, :width]), [0.5 - level / 2, 0.5 + level / 2]
    )
    return estimate, float(low), float(high)
