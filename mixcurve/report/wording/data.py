"""The sentences on the data, the fit and what to keep in mind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import ChannelFacts
from mixcurve.report.phrases import listed
from mixcurve.report.wording.decision import observational
from mixcurve.report.wording.posterior import interval_caveat, posterior_sentences
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.fit.results import CurveFit, MixFit
from mixcurve.response.fitted import Fitted
from mixcurve.tables.table import SpendTable

__all__ = ["caveats", "currency_of", "data_title", "fit_sentences", "period_of", "range_columns", "rows_of"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _date(day: Any, every: str) -> str:
    year, month, number = str(np.datetime64(day, "D")).split("-")
    if every == "year":
        return year
    name = f"{MONTHS[int(month) - 1]} {year}"
    return name if every == "month" else f"{int(number)} {name}"


def period_of(dates: npt.NDArray[np.datetime64], every: str) -> str:
    """Return the first and the last period."""
    if not len(dates):
        return "no dates"
    return f"{_date(dates.min(), every)} to {_date(dates.max(), every)}"


def rows_of(table: SpendTable, units: Units) -> str:
    """Return how many periods were observed."""
    periods = f"{units.numbers.written(table.n_periods)} {units.every}s"
    return periods if not table.group_names else f"{periods} in {len(table.group_names)} groups"


def currency_of(units: Units) -> str:
    """Return the currency and the unit of the data."""
    if units.numbers.currency is None:
        return "not stated"
    unit = units.numbers.money_unit
    return units.numbers.currency + (f", the data in {units.numbers.written(unit)}s" if unit > 1 else "")


def data_title(table: SpendTable, units: Units, tests: int = 0) -> str:
    """Return the message of the page on data; ``tests`` is the number of lift tests beside them."""
    if tests:
        return f"{rows_of(table, units)} of data, observed, and {tests} lift test{'s' if tests > 1 else ''}"
    return f"{rows_of(table, units)} of data, observed and not experimental"


def range_columns(units: Units) -> tuple[str, ...]:
    """Return the heads of the table of spend seen."""
    return (
        "Channel",
        "Least",
        "Mean",
        "Most",
        f"{units.every}s without".capitalize(),
        "Half of the effect within",
        "Curve",
    )


def fit_sentences(fit: Fitted, r_squared: float | None, units: Units) -> tuple[str, ...]:
    """Return how well the model fits, and whether the search can be trusted."""
    found = []
    if r_squared is not None:
        found.append(
            f"The model explains {units.numbers.share(r_squared)} of the variance of the response (R²). "
            "A high figure shows that it follows the past, not that it knows the cause."
        )
    if isinstance(fit, MixPosterior):
        found.extend(posterior_sentences(fit, units))
    elif isinstance(fit, MixFit):
        share = f"{fit.agreeing_starts} of {fit.starts} searches ended in the same best fit"
        alone = fit.agreeing_starts <= 1 < fit.starts
        doubt = " Other fits may be as good." if alone else ""
        found.append(f"{share}.{doubt}")
    if isinstance(fit, MixFit | CurveFit) and not isinstance(fit, MixPosterior):
        found.append(_status(fit))
    if isinstance(fit, MixFit):
        found.extend(fit.notes)
    if not len(fit.resamples):
        found.append("The curves have no resamples, so no interval could be computed.")
    return tuple(found)


def _status(fit: MixFit | CurveFit) -> str:
    said = {
        "converged": "The search converged.",
        "at bound": _at_edge(fit),
        "not converged": "The search did not converge: read every figure with care.",
        "no response": "The best fit gives the spend no response at all.",
    }[fit.status]
    freedom = f" {fit.degrees_of_freedom} degrees of freedom are left for the noise."
    return said + freedom


def _at_edge(fit: MixFit | CurveFit) -> str:
    """Return for which channels the search ended at the edge of what it tries."""
    long = [e.channel for e in fit.evidence if e.has("carryover_at_bound")]
    edge = [e.channel for e in fit.evidence if e.has("at_bound")]
    blind = [e.channel for e in fit.evidence if e.grade == "not shown"]
    parts = [f"for {listed(long)} the carryover is as long as the model allows"] if long else []
    parts += (
        [f"for {listed(edge)} the curve is as steep, as flat or as wide as the model allows"] if edge else []
    )
    if not parts and blind:
        parts = [f"for {listed(blind)}, whose effect is not shown, it ended at the edge of the range tried"]
    where = ", and ".join(parts) or "it ended at the edge of the range tried"
    return f"The search converged; {where}."


def caveats(
    channels: Sequence[ChannelFacts], units: Units, *, has_plan: bool, fit: Fitted | None = None
) -> tuple[str, ...]:
    """Return what the reader must keep in mind."""
    found = [observational(channels)]
    found.append(
        "A curve is known only within the spend that was seen. Grey in the figures marks spend that "
        f"no {units.every} shows."
    )
    found.append(interval_caveat(fit))
    hidden = [c.name for c in channels if c.bend_state == "not shown"]
    if hidden:
        found.append(
            f"No inflection is printed for {', '.join(hidden)}: the interval is open or leaves the spend seen."
        )
    if has_plan:
        found.append(
            "The plan is the best one on the estimated curves. It keeps to what was asked of it, and to nothing else."
        )
    return tuple(found)
