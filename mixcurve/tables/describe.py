"""A spend table in a few lines of plain text, for the terminal."""

from __future__ import annotations

import numpy as np

from mixcurve.tables.table import SpendTable

__all__ = ["describe"]

_MANY_DIGITS = 1000.0


def describe(table: SpendTable) -> str:
    """Return what the table holds: dates, each channel's spend, the response, warnings and notes.

    Examples
    --------
    >>> import numpy as np
    >>> table = SpendTable(
    ...     dates=np.array(["2024-01-01", "2024-01-08"], dtype="datetime64[D]"),
    ...     spend=np.array([[1500.0], [0.0]]),
    ...     response=np.array([7.0, 5.0]),
    ...     controls=np.empty((2, 0)),
    ...     channels=("tv",),
    ...     currency="GBP",
    ... )
    >>> print(describe(table))
    frame: 2 weeks from 2024-01-01 to 2024-01-08
    Response 'response': mean 6 a week, from 5 to 7
    Spend in GBP:
      channel   total  mean a week  largest week  weeks without spend
      tv        1,500          750         1,500                  50%
    """
    unit = table.every
    lines = [_head(table), _response(table), f"Spend{f' in {table.currency}' if table.currency else ''}:"]
    heads = ("channel", "total", f"mean a {unit}", f"largest {unit}", f"{unit}s without spend")
    lines += [f"  {line}" for line in _aligned([heads, *_channels(table)])]
    if table.control_names:
        lines.append(f"Controls: {', '.join(table.control_names)}")
    lines += [f"{problem.severity.capitalize()}: {problem}" for problem in table.problems]
    return "\n".join(lines)


def _head(table: SpendTable) -> str:
    years = table.every == "year" and bool((table.dates == table.dates.astype("datetime64[Y]")).all())
    first, last = (
        np.datetime_as_string(date, unit="Y" if years else "D")
        for date in (table.dates.min(), table.dates.max())
    )
    groups = (
        f" in {len(table.group_names)} groups ({', '.join(table.group_names)})" if table.group_names else ""
    )
    plural = "" if table.n_periods == 1 else "s"
    return f"{table.source}: {table.n_periods} {table.every}{plural} from {first} to {last}{groups}"


def _response(table: SpendTable) -> str:
    low, mean, high = (_amount(f(table.response)) for f in (np.min, np.mean, np.max))
    return f"Response '{table.response_name}': mean {mean} a {table.every}, from {low} to {high}"


def _channels(table: SpendTable) -> list[tuple[str, ...]]:
    rows = []
    for name in table.channels:
        spend = table.spend_of(name)
        amounts = [_amount(float(f(spend))) for f in (np.sum, np.mean, np.max)]
        rows.append((name, *amounts, f"{np.mean(spend == 0):.0%}"))
    return rows


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _MANY_DIGITS else f"{value:.4g}"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[j]) for row in rows) for j in range(len(rows[0]))]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])
        for row in rows
    ]
