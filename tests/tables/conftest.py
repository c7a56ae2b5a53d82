"""A clean table that the tests break in one place, and the data that others published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.tables.spend import SpendTable, read_spend

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
TV = [120, 0, 80, 45, 200, 10, 0, 160, 95, 30, 75, 140]
SEARCH = [11, 14, 9, 17, 12, 10, 18, 13, 16, 8, 15, 19]


@pytest.fixture
def clean() -> pd.DataFrame:
    """Twelve weeks of two channels and a control, in which nothing is wrong."""
    return pd.DataFrame(
        {
            "week": pd.date_range("2024-01-01", periods=12, freq="7D").strftime("%Y-%m-%d"),
            "orders": [500 + tv // 2 + 3 * search for tv, search in zip(TV, SEARCH)],
            "tv": TV,
            "search": SEARCH,
            "price": [9.5, 9.5, 9.9, 9.9, 9.9, 9.5, 9.5, 9.5, 8.9, 8.9, 9.9, 9.9],
        }
    ).astype({"orders": object, "tv": object, "search": object, "price": object, "week": object})


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., Path]:
    """Write a frame as ``media.csv`` and return its path."""

    def write(frame: pd.DataFrame, encoding: str = "utf-8", **options: object) -> Path:
        path = tmp_path / "media.csv"
        frame.to_csv(path, index=False, encoding=encoding, **options)
        return path

    return write


@pytest.fixture
def read() -> Callable[..., SpendTable]:
    """Call `read_spend` with the names of the clean table."""

    def call(source: object, **changes: object) -> SpendTable:
        names = {"date": "week", "response": "orders", "channels": ["tv", "search"], "controls": ["price"]}
        return read_spend(source, **(names | changes))  # type: ignore[arg-type]

    return call


@pytest.fixture
def message(read: Callable[..., SpendTable]) -> Callable[..., str]:
    """Return the whole message of the error that reading raises."""

    def call(source: object, **changes: object) -> str:
        with pytest.raises(InputError) as caught:
            read(source, **changes)
        return str(caught.value)

    return call


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """Return the path of a published data set, or skip the test when it is not there."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"the published data set {name} is not beside the repository")
        return path

    return find
