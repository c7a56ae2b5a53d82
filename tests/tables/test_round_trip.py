"""Whatever finite, non-negative table is written, the same arrays are read, by every way of writing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixcurve.tables.spend import SpendTable, read_spend

CHANNELS = ["tv", "search"]
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def to_csv(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_csv(folder / "t.csv", index=False)
    return folder / "t.csv"


def to_german_csv(frame: pd.DataFrame, folder: Path) -> Path:
    german = frame.assign(date=frame["date"].dt.strftime("%d.%m.%Y"))
    german.to_csv(folder / "g.csv", index=False, sep=";", decimal=",")
    return folder / "g.csv"


def to_parquet(frame: pd.DataFrame, folder: Path) -> Path:
    pl.DataFrame({name: frame[name].to_list() for name in frame.columns}).write_parquet(folder / "t.parquet")
    return folder / "t.parquet"


def to_excel(frame: pd.DataFrame, folder: Path) -> Path:
    with xlsxwriter.Workbook(folder / "t.xlsx") as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, frame.columns)
        for i, row in enumerate(frame.itertuples(index=False), start=1):
            sheet.write_datetime(i, 0, row[0].to_pydatetime(), day)
            for j, value in enumerate(row[1:], start=1):
                sheet.write_number(i, j, value)
    return folder / "t.xlsx"


def to_polars(frame: pd.DataFrame, folder: Path) -> pl.DataFrame:
    del folder
    return pl.DataFrame({name: frame[name].to_list() for name in frame.columns})


def to_pandas(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    del folder
    return frame


@st.composite
def frames(draw: st.DrawFn, largest: float = 1e300) -> pd.DataFrame:
    """Return tables of 10 to 25 regular periods in which nothing is wrong."""
    rows = draw(st.integers(10, 25))
    start = draw(st.dates(dt.date(1950, 1, 1), dt.date(2040, 1, 1)))
    freq = draw(st.sampled_from(["D", "7D", "MS", "ME", "YS"]))
    amounts = st.lists(st.floats(0, largest), min_size=rows, max_size=rows).filter(
        lambda values: len(set(values)) > 1
    )
    signed = st.lists(st.floats(-largest, largest), min_size=rows, max_size=rows).filter(
        lambda v: len(set(v)) > 1
    )
    columns = {"tv": amounts, "search": amounts, "orders": signed, "price": signed}
    numbers = {name: draw(values) for name, values in columns.items()}
    return pd.DataFrame({"date": pd.date_range(start, periods=rows, freq=freq), **numbers})


def read(source: object, **options: object) -> SpendTable:
    return read_spend(
        source, date="date", response="orders", channels=CHANNELS, controls=["price"], **options
    )


def agrees(table: SpendTable, frame: pd.DataFrame) -> None:
    np.testing.assert_array_equal(table.dates, frame["date"].to_numpy().astype("datetime64[D]"))
    np.testing.assert_array_equal(table.spend, frame[CHANNELS].to_numpy())
    np.testing.assert_array_equal(table.response, frame["orders"].to_numpy())
    np.testing.assert_array_equal(table.control("price"), frame["price"].to_numpy())


@pytest.mark.parametrize("write", [to_csv, to_parquet, to_polars, to_pandas])
@QUICK
@given(frame=frames())
def test_round_trip(tmp_path, write, frame):
    agrees(read(write(frame, tmp_path)), frame)


@QUICK
@given(frame=frames())
def test_round_trip_in_german(tmp_path, frame):
    agrees(read(to_german_csv(frame, tmp_path), locale="de-DE"), frame)


@QUICK
@given(frame=frames())
def test_round_trip_by_excel(tmp_path, frame):
    table = read(to_excel(frame, tmp_path))
    rounded = frame.copy()  # the writer keeps 16 digits
    rounded[[*CHANNELS, "orders", "price"]] = rounded[[*CHANNELS, "orders", "price"]].map(
        lambda x: float(f"{x:.16G}")
    )
    agrees(table, rounded)


@QUICK
@given(frame=frames(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing(frame, seed):
    agrees(read(frame.sample(frac=1, random_state=seed)), frame)


@QUICK
@given(frame=frames())
def test_a_table_goes_back_to_the_frame_it_came_from(frame):
    again = read(read(frame).frame())
    agrees(again, frame)


def test_a_reader_that_loses_a_digit_would_be_caught(tmp_path):
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=12, freq="7D"),
            "tv": np.linspace(0.1, 1.3, 12) ** 3,
            "search": np.geomspace(1, 9, 12)[::-1],
            "orders": np.sqrt(np.arange(12.0)),
            "price": np.cos(np.arange(12.0)),
        }
    )
    with pytest.raises(AssertionError, match="not equal"):
        agrees(read(to_csv(frame.round(dict.fromkeys(frame.columns[1:], 12)), tmp_path)), frame)
