"""Whatever bytes come in, reading either works or says what is wrong; nothing else is ever raised."""

from __future__ import annotations

import datetime as dt
import functools
import io
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixcurve.foundations.errors import InputError
from mixcurve.tables.files import FILE_TYPES
from mixcurve.tables.spend import read_spend

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(alphabet="wektv,;\t\n\r\"' 0123456789-/.£€()eE\0é", max_size=200)


def survives(path: Path, content: bytes, **options: object) -> None:
    path.write_bytes(content)
    problems = ()
    try:
        problems = read_spend(path, date="week", response="orders", channels=["tv"], **options).problems
    except InputError as error:
        problems = error.problems
        assert problems
    assert all(problem.source == path.name and str(problem) for problem in problems)


@pytest.mark.parametrize("ending", FILE_TYPES)
@QUICK
@given(content=st.binary(max_size=300))
def test_random_bytes(tmp_path, ending, content):
    survives(tmp_path / f"x{ending}", content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "latin-1", "utf-7"])
@QUICK
@given(content=st.binary(max_size=200))
def test_random_bytes_in_any_encoding(tmp_path, encoding, content):
    survives(tmp_path / "x.csv", content, encoding=encoding)


@QUICK
@given(text=TEXT)
def test_random_text_below_a_good_header(tmp_path, text):
    survives(tmp_path / "x.csv", ("week,orders,tv\n" + text).encode())


@QUICK
@given(cells=st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8)), max_size=8))
def test_random_cells(tmp_path, cells):
    frame = pd.DataFrame(cells, columns=["week", "orders", "tv"])
    with pytest.raises(InputError):
        read_spend(frame, date="week", response="orders", channels=["tv"])


@functools.cache
def good_sheet() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2024, 1, 1)})
        sheet = book.add_worksheet()
        for i, row in enumerate([("week", "orders", "tv"), *((2000 + i, i * i, i % 5) for i in range(12))]):
            sheet.write_row(i, 0, row)
    return content.getvalue()


@functools.cache
def good_parquet() -> bytes:
    content = io.BytesIO()
    years = [*range(2000, 2012)]
    pd.DataFrame({"week": years, "orders": years, "tv": [year % 5 for year in years]}).to_parquet(content)
    return content.getvalue()


@pytest.mark.parametrize(("ending", "make"), [(".xlsx", good_sheet), (".parquet", good_parquet)])
@QUICK
@given(data=st.data())
def test_damaged_files(tmp_path, ending, make, data):
    content = bytearray(make())
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    survives(tmp_path / f"x{ending}", bytes(content[: data.draw(st.integers(0, len(content)))]))


@pytest.mark.parametrize(("ending", "make"), [(".xlsx", good_sheet), (".parquet", good_parquet)])
def test_the_files_are_good_before_they_are_damaged(tmp_path, ending, make):
    path = tmp_path / f"x{ending}"
    path.write_bytes(make())
    assert read_spend(path, date="week", response="orders", channels=["tv"]).every == "year"


def test_a_huge_cell_and_a_huge_number(tmp_path):
    survives(
        tmp_path / "x.csv",
        b"week,orders,tv\n2024-01-01," + b"9" * 5000 + b",1\n2024-01-08,1," + b"a" * 200_000,
    )


@pytest.mark.parametrize("cell", [object(), [1], {"a": 1}, b"x", 10**5000, -(10**5000), 1j, (1, 2)], ids=type)
def test_cells_of_any_type_in_a_frame(cell):
    frame = pd.DataFrame({"week": [2001, 2002], "orders": [1, 2], "tv": [1.0, 2.0]}, dtype=object)
    for column in frame.columns:
        broken = frame.copy()
        broken.at[1, column] = cell
        with pytest.raises(InputError, match=f"row 1, column '{column}'"):
            read_spend(broken, date="week", response="orders", channels=["tv"])
