"""Tables and dates made by hand, by Python's own calendar."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mixcurve.tables.table import SpendTable


def dates_of(every: str, count: int, start: str = "2021-03-01") -> npt.NDArray[np.datetime64]:
    first = dt.date.fromisoformat(start)
    if every in ("day", "week"):
        days = [first + k * dt.timedelta(days=7 if every == "week" else 1) for k in range(count)]
    else:
        months = [first.month - 1 + k * (1 if every == "month" else 12) for k in range(count)]
        days = [dt.date(first.year + m // 12, m % 12 + 1, 1) for m in months]
    return np.array(days, dtype="datetime64[D]")


def table_of(
    dates: Any, every: str = "week", controls: dict[str, Any] | None = None, **more: Any
) -> SpendTable:
    rng = np.random.default_rng(5)
    days = np.asarray(dates, dtype="datetime64[D]")
    columns = controls or {}
    given = {"response": rng.uniform(80, 120, len(days))} | more
    return SpendTable(
        dates=days, spend=rng.uniform(1, 2, (len(days), 1)), channels=("tv",), every=every,
        controls=np.column_stack([np.empty((len(days), 0)), *columns.values()]), control_names=tuple(columns), **given,
    )  # fmt: skip


def same_span(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> bool:
    hats = [q @ q.T for q in (np.linalg.qr(left)[0], np.linalg.qr(right)[0])]
    return bool(np.abs(hats[0] - hats[1]).max() < 1e-9)


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """Return ``dates(every, count, start)``, ``table(dates, every, controls, …)`` and ``same_span(left, right)``."""
    return SimpleNamespace(dates=dates_of, table=table_of, same_span=same_span)
