"""The columns of the linear side at any dates, past or future."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.response.design.block import Block
from mixcurve.response.design.controls import control_blocks
from mixcurve.response.design.description import DesignSpec
from mixcurve.response.design.events import event_blocks
from mixcurve.response.design.groups import by_group, members
from mixcurve.response.design.holiday import holiday_blocks
from mixcurve.response.design.periods import row_dates
from mixcurve.response.design.season import season_blocks
from mixcurve.response.design.trend import trend_blocks

__all__ = ["DesignColumns", "design_columns"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class DesignColumns:
    """The columns of n rows.

    Parameters
    ----------
    free
        (n × z): columns whose coefficient may have any sign.
    free_names
        The part each belongs to (z): ``"level"``, ``"trend"``, ``"season"``, ``"weekly season"``, ``"holidays"``,
        ``"event <name>"`` or the name of a control (``"control <name>"`` where it is one of the former).
    free_labels
        What each column is called (z); no two alike.
    penalty
        (z,): precision of each coefficient in units of the noise variance. 0 is unrestricted; above 0 the coefficient
        is drawn from N(0, noise² / penalty).
    moving
        (z,): which columns are the steps of a local level or the changes of slope of a piecewise trend.
    signed
        (n × s): columns whose coefficient is at least 0.
    signed_names, signed_labels
        As for the free columns (s).
    """

    free: FloatArray
    free_names: tuple[str, ...]
    free_labels: tuple[str, ...]
    penalty: FloatArray
    moving: BoolArray
    signed: FloatArray
    signed_names: tuple[str, ...]
    signed_labels: tuple[str, ...]

    def scaled(self, factor: float) -> DesignColumns:
        """Return the same columns where the trend's moves have ``factor`` times the variance.

        For a fit that chooses how far a local level may wander, or a piecewise trend may bend, by maximum likelihood.
        """
        by = number("factor", factor, low=0.0, open_low=True)
        return replace(self, penalty=np.where(self.moving, self.penalty / by, self.penalty))


def design_columns(
    spec: DesignSpec, dates: Any, controls: Any = None, groups: Sequence[str] | None = None
) -> DesignColumns:
    """Return the columns that a description has at ``dates``.

    Each row depends on its own date, controls and group only, so the columns of future rows go on where those of the
    fit end: the trend keeps its last slope, a local level its last level, the season repeats, holidays fall where the
    calendar puts them, controls are centred and scaled as in the fit.

    Parameters
    ----------
    spec
        From `design_spec`.
    dates
        (n,), the date that names each period.
    controls
        (n × controls) in their own units, in the order of ``spec.control_names``.
    groups
        (n,), the group of each row, when the fit had groups.

    Returns
    -------
    DesignColumns
        With groups, each part has a column per group, 0 in the rows of the others, or one for all (``pooled_season``,
        ``pooled_controls``). All are multiplied by the size of the row's group, so that equal coefficients are equal
        shares of each group's response.

    Raises
    ------
    InputError
        If controls or groups are missing, of the wrong shape, or unknown.

    Examples
    --------
    >>> spec = DesignSpec("week", np.array(["2024-01-01", "2024-01-15"], dtype="datetime64[D]"))
    >>> design_columns(spec, ["2024-01-01", "2024-01-15", "2024-01-29"]).free.tolist()
    [[1.0, -0.5], [1.0, 0.5], [1.0, 1.5]]
    """
    days = row_dates("dates", dates)
    member = members(spec, groups, len(days))
    free, signed = control_blocks(spec, controls, len(days))
    calendar = [make(spec, days) for make in (trend_blocks, season_blocks, holiday_blocks, event_blocks)]
    free = [_level(len(days)), *chain.from_iterable(calendar), *free]
    left = [part for block in free for part in by_group(spec, block, member)]
    right = [part for block in signed for part in by_group(spec, block, member)]
    return DesignColumns(
        _stacked(left, len(days)), _each(left, "part"), _labels(left), np.array(_each(left, "penalty")),
        np.array(_each(left, "moving"), dtype=bool), _stacked(right, len(days)), _each(right, "part"), _labels(right),
    )  # fmt: skip


def _level(rows: int) -> Block:
    return Block("level", np.ones((rows, 1)), ("level",))


def _stacked(blocks: Iterable[Block], rows: int) -> FloatArray:
    return np.column_stack([np.empty((rows, 0)), *(block.values for block in blocks)])


def _labels(blocks: Iterable[Block]) -> tuple[str, ...]:
    return tuple(label for block in blocks for label in block.labels)


def _each(blocks: Iterable[Block], field: str) -> tuple[Any, ...]:
    """Return a field of the block of each column."""
    return tuple(getattr(block, field) for block in blocks for _ in block.labels)
