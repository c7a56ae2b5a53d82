"""The linear side of a mix, described from a table: level, trend, season, holidays, events, controls, groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.checks import known_name
from mixcurve.response.design.columns import DesignColumns, design_columns
from mixcurve.response.design.controls import centre_and_scale, signs_of
from mixcurve.response.design.dependence import check_independent, hardly_apart
from mixcurve.response.design.description import DesignSpec, Event
from mixcurve.response.design.events import read_events, seen_events
from mixcurve.response.design.groups import group_sizes
from mixcurve.response.design.holiday import named_holidays
from mixcurve.response.design.periods import DATED, Dated
from mixcurve.response.design.season import pairs_of_season
from mixcurve.response.design.trend import trend_of

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["DesignColumns", "DesignSpec", "Event", "design_columns", "design_spec"]


def design_spec(
    table: SpendTable,
    *,
    trend: str = "linear",
    knots: int | Sequence[Any] | None = None,
    knot_ratio: float | None = None,
    level_ratio: float | None = None,
    season: int = 2,
    weekly_season: int | None = None,
    holidays: str | None = None,
    single_holidays: bool = False,
    events: Mapping[str, Any] | None = None,
    control_signs: Mapping[str, str] | None = None,
    pooled_season: bool = True,
    pooled_controls: bool = True,
    dated: Dated = "first day",
) -> DesignSpec:
    """Describe the linear side of a mix for the rows of a table.

    baseline_t = level + trend_t + season_t + holidays_t + events_t + controls_t, each linear in its coefficients.

    Parameters
    ----------
    table
        From `read_spend`: n rows.
    trend
        ``"none"``; ``"linear"``; ``"piecewise"``, a line whose slope changes at knots (Taylor and Letham 2018); or
        ``"local level"``, a random walk (Harvey 1989).
    knots
        Of a piecewise trend: how many, placed evenly (by default one every half year), or their dates.
    knot_ratio
        Variance of a change of slope, per year squared, in units of the noise variance. By default `KNOT_RATIO` for
        knots that are placed evenly, and infinite, no restriction, for dates that are given.
    level_ratio
        Variance of a local level's step per period in units of the noise variance; by default `LEVEL_RATIO`.
    season
        Pairs of sine and cosine over the year of 365.25 days, at the middle of each period; yearly rows have none.
    weekly_season
        The same over the week, for daily rows only; by default 3, which is every pattern of weekdays.
    holidays
        Country of the public holidays, such as ``"GB"`` or ``"DE-BY"``: the number of their days in each period.
    single_holidays
        Whether each holiday that returns in a second year has a column of its own, its coefficient drawn towards 0
        (`HOLIDAY_RATIO`), rather than all together one.
    events
        Name to days: a date, a pair ``(start, end)`` of first and last day, or a list of both; an end of None is never.
        Each has a column, the share of the period that it covers.
    control_signs
        Name of a control to ``"positive"`` or ``"negative"``: the response rises, or falls, with it. Others are free.
    pooled_season, pooled_controls
        With groups: whether season, holidays and events, and whether controls, move each group by the same share of
        its response; else each group has coefficients of its own. Level and trend always are each group's own.
    dated
        Whether the date of a week is its ``"first day"`` or its ``"last day"``. Months and years are the calendar's.

    Returns
    -------
    DesignSpec
        Its ``problems`` warn of controls and events that the rest of the baseline all but makes up.

    Raises
    ------
    InputError
        For an unknown name; an option that its part cannot have; a constant control; an event that the rows never see,
        or always; columns that others make up, by name.

    Examples
    --------
    >>> import mixcurve as mc
    >>> table = mc.simulate_market(channels=2, price=-1.0, seed=1).table
    >>> spec = design_spec(table, holidays="GB", events={"strike": ("2024-03-04", "2024-03-17")})
    >>> columns = design_columns(spec, table.dates, table.controls)
    >>> columns.free.shape, list(dict.fromkeys(columns.free_names))
    ((156, 9), ['level', 'trend', 'season', 'holidays', 'event strike', 'price'])
    """
    known_name("dated", dated, DATED)
    names, (centre, scale) = table.control_names, centre_and_scale(table.controls, table.control_names)
    returning, notes = named_holidays(holidays, single_holidays, table.dates, table.every, dated)
    spec = DesignSpec(
        every=table.every, span=np.array([table.dates.min(), table.dates.max()]), dated=dated,
        **trend_of(table.dates, table.every, trend, knots, knot_ratio, level_ratio),
        **pairs_of_season(table.every, season, weekly_season),
        holidays=holidays, holiday_names=returning,
        events=seen_events(read_events(events, names), table.dates, table.every, dated),
        control_names=names, control_signs=signs_of(control_signs, names), control_centre=centre, control_scale=scale,
        groups=table.group_names, group_sizes=group_sizes(table.response, table.groups or (), table.group_names),
        pooled_season=pooled_season, pooled_controls=pooled_controls,
    )  # fmt: skip
    columns = design_columns(spec, table.dates, table.controls, table.groups)
    check_independent(spec, columns)
    return replace(spec, problems=(*notes, *hardly_apart(spec, columns)))
