"""What a spend table holds: as plain values for machines, and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mixcurve.cli.console import plain_problem, printable
from mixcurve.cli.figures import amount, counted_in
from mixcurve.cli.sparkline import sparkline

if TYPE_CHECKING:
    import numpy as np

    from mixcurve.foundations.numbers import Numbers
    from mixcurve.tables.table import SpendTable

__all__ = ["table_document", "table_view"]

_BARS = 16


def table_document(table: SpendTable) -> dict[str, Any]:
    """Return what the table holds as plain values for JSON."""
    return {
        "source": table.source,
        "sha256": table.sha256,
        "every": table.every,
        "periods": table.n_periods,
        "first": _date(table.dates.min(), table.every),
        "last": _date(table.dates.max(), table.every),
        "groups": list(table.group_names),
        "currency": table.currency,
        "response": {"name": table.response_name} | _spread(table.response.tolist()),
        "channels": [
            {"name": name}
            | _spread(table.spend_of(name).tolist())
            | _share_of_nothing(table.spend_of(name).tolist())
            for name in table.channels
        ],
        "controls": [{"name": name} | _spread(table.control(name).tolist()) for name in table.control_names],
        "problems": [plain_problem(problem) for problem in table.problems],
    }


def table_view(table: SpendTable, numbers: Numbers) -> list[Any]:
    """Return the same for a terminal: a line on the table, then a row per column with its course over time."""
    from rich.table import Table
    from rich.text import Text

    content = table_document(table)
    unit = content["every"]
    groups = f" in {len(content['groups'])} groups" if content["groups"] else ""
    head = (
        f"{content['source']}: {content['periods']} {unit}s{groups}, {content['first']} to {content['last']}"
    )
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("")
    for title in (f"mean a {unit}", "least", "most", "without"):
        grid.add_column(title, justify="right", no_wrap=True)
    grid.add_column("over time", no_wrap=True)
    rows = [
        ("Response", [content["response"]]),
        (f"Spend in {counted_in(numbers)}", content["channels"]),
    ]
    rows += [("Controls", content["controls"])] if content["controls"] else []
    courses = _courses(table)
    for title, columns in rows:
        grid.add_row(Text(title, style="dim"))
        for column in columns:
            grid.add_row(*_row(column, courses[column["name"]], numbers))
    return [Text(printable(head), style="bold"), grid]


def _date(date: np.datetime64, every: str) -> str:
    return str(date.astype("datetime64[Y]" if every == "year" else "datetime64[D]"))


def _spread(values: list[float]) -> dict[str, float]:
    return {"mean": sum(values) / len(values), "least": min(values), "most": max(values)}


def _share_of_nothing(values: list[float]) -> dict[str, float]:
    return {"share_without_spend": values.count(0.0) / len(values)}


def _courses(table: SpendTable) -> dict[str, str]:
    """Return each column's course; with several groups, their sum over the periods."""
    import numpy as np

    periods, place = np.unique(table.dates, return_inverse=True)
    columns = {name: table.spend_of(name) for name in table.channels}
    columns |= {name: table.control(name) for name in table.control_names} | {
        table.response_name: table.response
    }
    sums = {
        name: np.bincount(place, weights=column, minlength=len(periods)) for name, column in columns.items()
    }
    return {name: sparkline(values.tolist(), _BARS) for name, values in sums.items()}


def _row(column: Mapping[str, Any], course: str, numbers: Numbers) -> list[Any]:
    from rich.text import Text

    without = column.get("share_without_spend")
    figures = [amount(column[key], numbers) for key in ("mean", "least", "most")]
    share = "" if not without else numbers.share(without)
    return [
        Text(f"  {printable(column['name'])}", overflow="ellipsis"),
        *figures,
        share,
        Text(course, style="cyan"),
    ]
