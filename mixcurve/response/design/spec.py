"""The linear side of a mix, described from a table: level, trend, season, holidays, events, controls, groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.design.columns import DesignColumns, design_columns
from mixcurve.response.design.controls import centre_and_scale, signs_of
from mixcurve.response.design.description import TRENDS, DesignSpec, Event
from mixcurve.response.design.periods import Dated, period_index, row_dates
from mixcurve.response.design.season import MOST_PAIRS, MOST_WEEKLY_PAIRS
from mixcurve.response.design.trend import KNOT_RATIO, LEVEL_RATIO, even_knots

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["DesignColumns", "DesignSpec", "Event", "design_columns", "design_spec"]

FloatArray = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]


def design_spec(
    table: SpendTable,
    *,
    trend: str = "linear",
    knots: int | Sequence[Any] | None = None,
    level_ratio: float | None = None,
    season: int = 2,
    weekly_season: int | None = None,
    holidays: str | None = None,
    events: Mapping[str, Any] | None = None,
    control_signs: Mapping[str, str] | None = None,
    pooled_season: bool = True,
    pooled_controls: bool = True,
    dated: Dated = "first day",
) -> DesignSpec:
    """Describe the linear side of a mix for the rows of a table.

    Raises
    ------
    InputError
        For an unknown name, or a part that the rows cannot show.
    """
    centre, scale = centre_and_scale(table.controls, table.control_names)
    signs = signs_of(control_signs, table.control_names)
    span = np.array([table.dates.min(), table.dates.max()])
    return DesignSpec(
        every=table.every, span=span, trend=known_name("trend", trend, TRENDS),  # type: ignore[arg-type]
        season=min(int(season), MOST_PAIRS[table.every]),
        control_names=table.control_names, control_signs=signs, control_centre=centre, control_scale=scale,
    )  # fmt: skip
