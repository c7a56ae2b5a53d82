"""Splits of a series in time: what is known, and what comes after it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.tables.table import SpendTable

__all__ = ["rolling_origins", "rows_of"]


def rolling_origins(
    n: int, *, initial: int, horizon: int, step: int | None = None
) -> tuple[tuple[range, range], ...]:
    """Return the splits of n periods: fit to the first so many, forecast the ``horizon`` after them, step on, repeat.

    The last split ends with the last period; where the steps do not fit exactly, the first split is a little longer
    than ``initial``.

    Parameters
    ----------
    n
        Number of periods.
    initial
        The least number of periods to fit to.
    horizon
        Periods forecast from each origin.
    step
        Periods from one origin to the next; ``horizon`` if not given, so that no period is forecast twice.

    Returns
    -------
    tuple of (range, range)
        Positions of the periods known, and of those to forecast.

    Raises
    ------
    InputError
        If a number is below 1, or initial and horizon together exceed n.

    References
    ----------
    Tashman (2000), International Journal of Forecasting 16, 437-450.

    Examples
    --------
    >>> rolling_origins(10, initial=5, horizon=2)
    ((range(0, 6), range(6, 8)), (range(0, 8), range(8, 10)))
    """
    sizes = {"n": n, "initial": initial, "horizon": horizon, "step": horizon if step is None else step}
    count, first, ahead, apart = (int(number(name, value, low=1)) for name, value in sizes.items())
    if first + ahead > count:
        raise InputError(
            f"initial and horizon must fit into the {count} periods, got {first} and {ahead}. Use fewer of either."
        )
    last = count - ahead
    ends = range(first + (last - first) % apart, last + 1, apart)
    return tuple((range(end), range(end, end + ahead)) for end in ends)


def rows_of(table: SpendTable, dates: npt.ArrayLike) -> SpendTable:
    """Return the rows of a table that have one of these dates, in the table's order; digest and problems are dropped.

    Raises
    ------
    InputError
        If the table has no row with these dates.
    """
    kept = np.isin(table.dates, np.asarray(dates, dtype="datetime64[D]"))
    if not kept.any():
        raise InputError("The table has no row with these dates. Give dates that it holds.")
    groups = (
        tuple(g for g, k in zip(table.groups, kept, strict=True) if k) if table.groups is not None else None
    )
    return replace(
        table, dates=table.dates[kept], spend=table.spend[kept], response=table.response[kept],
        controls=table.controls[kept], groups=groups, sha256="", problems=(),
    )  # fmt: skip
