"""Every kind of source: text with any delimiter, Parquet, Excel, frames; the wide layout and the long one."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
import xlsxwriter

from mixcurve.foundations.errors import InputError
from mixcurve.tables.spend import read_spend

NUMBERS = ["orders", "tv", "search", "price"]


def write_sheet(
    path: Path, frame: pd.DataFrame, *, top: int = 0, left: int = 0, more: tuple[str, ...] = ()
) -> Path:
    """Write a frame to a sheet called Weekly, its header in row ``top + 1``; dates as Excel dates."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Weekly")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for j, name in enumerate(frame.columns):
            sheet.write(top, left + j, name)
            for i, cell in enumerate(frame[name], start=top + 1):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(i, left + j, dt.datetime.combine(cell, dt.time()), day)
                elif cell is not None:
                    sheet.write(i, left + j, cell)
        for name in more:
            book.add_worksheet(name)
    return path


@pytest.fixture
def expected(clean, csv, read):
    return read(csv(clean))


def same(one, other):
    for name in ("dates", "spend", "response", "controls"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(clean, csv, read, expected, delimiter):
    same(read(csv(clean, sep=delimiter)), expected)


def test_the_hash_is_of_the_bytes(clean, csv, read):
    path = csv(clean)
    assert read(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read(path).source == "media.csv"


def test_german_text(clean, csv, read, expected):
    german = clean.assign(
        week=[dt.date.fromisoformat(day).strftime("%d.%m.%Y") for day in clean["week"]],
        tv=[
            f"{float(tv) * 1000:,.2f} €".replace(",", " ").replace(".", ",").replace(" ", ".", 1)
            for tv in clean["tv"]
        ],
        price=[str(price).replace(".", ",") for price in clean["price"]],
    )
    german["tv"] = [text.replace(".€", " €") for text in german["tv"]]
    table = read(csv(german, sep=";"), locale="de-DE")
    np.testing.assert_array_equal(table.spend_of("tv"), 1000 * expected.spend_of("tv"))
    np.testing.assert_array_equal(table.controls, expected.controls)
    np.testing.assert_array_equal(table.dates, expected.dates)
    assert table.currency == "EUR"


def test_text_with_a_mark_of_its_encoding_quotes_blank_lines_and_spaces_in_names(
    tmp_path, clean, csv, read, expected
):
    text = csv(clean).read_text().replace("tv,search", ' tv , "search"', 1)
    path = tmp_path / "odd.csv"
    path.write_bytes(
        b"\xef\xbb\xbf"
        + text.replace("\n", "\r\n").replace("\r\n2024-02-05", "\r\n\r\n,,,,\r\n2024-02-05").encode()
    )
    same(read(path), expected)


def test_lines_are_counted_as_an_editor_does(tmp_path, message):
    path = tmp_path / "media.csv"
    rows = [f'2024-01-{day:02},{day},{day * day},"a note\nover two lines"' for day in range(1, 12)]
    path.write_text("\n".join(["week,orders,tv,note", *rows, "2024-01-12,5,-1,x"]))
    assert message(path, channels=["tv"], controls=[]).startswith(
        "media.csv, row 24, column 'tv': spend is negative"
    )


def test_parquet(tmp_path, clean, read, expected):
    path = tmp_path / "media.parquet"
    typed = clean.assign(week=pd.to_datetime(clean["week"])).astype(dict.fromkeys(NUMBERS, float))
    typed.to_parquet(path)
    same(read(path), expected)
    typed.loc[2, "tv"] = -1.0
    typed.to_parquet(path)
    with pytest.raises(InputError, match=r"^media\.parquet, row 3, column 'tv': spend is negative"):
        read(path)


def test_excel_dates_and_numbers(tmp_path, clean, read, expected):
    dated = clean.assign(week=[dt.date.fromisoformat(day) for day in clean["week"]])
    same(read(write_sheet(tmp_path / "media.xlsx", dated)), expected)


def test_an_excel_problem_names_the_cell(tmp_path, clean, message):
    clean.loc[4, "tv"] = "lots"
    clean.loc[5, "search"] = None
    path = write_sheet(tmp_path / "media.xlsx", clean, top=2, left=25)
    assert message(path) == (
        "2 problems in the input:\n"
        "- media.xlsx, row 8 (cell AB8), column 'tv': the value is not a number (found 'lots'). "
        "Write a number such as 1,200.50.\n"
        "- media.xlsx, row 9 (cell AC9), column 'search': the value is missing (found an empty cell). "
        "Write 0 if nothing was spent; nothing is filled in."
    )


def test_excel_sheets_are_chosen_by_name_or_place_and_never_guessed(tmp_path, clean, read, message, expected):
    path = write_sheet(tmp_path / "media.xlsx", clean, more=("Notes",))
    same(read(path, sheet="Weekly"), expected)
    same(read(path, sheet=0), expected)
    assert message(path) == (
        "media.xlsx: the file has 2 sheets. Say which to read with sheet='Weekly'; its sheets are 'Weekly', 'Notes'."
    )
    assert message(path, sheet="Weekley") == (
        "media.xlsx: there is no sheet 'Weekley'. Did you mean 'Weekly'? Its sheets are 'Weekly', 'Notes'."
    )
    assert message(path, sheet=2) == "media.xlsx: there is no sheet 2. Its sheets are 'Weekly', 'Notes'."
    assert message(path, sheet="Notes") == (
        "media.xlsx: the sheet is empty. Give a sheet with a header and one row per period."
    )


def test_a_stray_cell_at_the_far_corner_is_told_before_it_eats_the_memory(
    tmp_path, clean, read, message, expected
):
    path = tmp_path / "media.xlsx"
    for last, blank in ((1_048_575, False), (1_048_575, True)):
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for i, row in enumerate([clean.columns, *clean.itertuples(index=False)]):
                sheet.write_row(i, 0, row)
            sheet.write(last, 16_383, None if blank else "x", book.add_format({"bold": True}))
        if blank:
            same(read(path), expected)
        else:
            assert message(path) == (
                "media.xlsx: a sheet has cells as far away as XFD1048576, which is more than 5,000,000 cells. "
                "Delete the rows and columns beyond the table, and save the file again."
            )


def test_titles_above_the_header_are_told(tmp_path, clean, csv, message):
    path = csv(clean, sep=";")
    path.write_text("Media plan, 2024\n\nAll figures in GBP\n" + path.read_text())
    assert message(path) == "media.csv: the names of the columns stand in row 4. Delete the rows above it."
    titled = pd.concat([pd.DataFrame([clean.columns], columns=clean.columns), clean])
    titled.columns = ["Media plan", "a", "b", "c", "d"]
    path = write_sheet(tmp_path / "media.xlsx", titled)
    assert message(path) == "media.xlsx: the names of the columns stand in row 2. Delete the rows above it."


def test_a_missing_reader_says_how_to_install_it(tmp_path, clean, message, monkeypatch):
    path = write_sheet(tmp_path / "media.xlsx", clean)
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    assert message(path) == (
        "media.xlsx: this file needs the package python-calamine. Install it with: pip install 'mixcurve[tables]'."
    )


def test_pandas_and_polars_frames_agree(clean, read, expected):
    typed = clean.assign(week=pd.to_datetime(clean["week"])).astype(dict.fromkeys(NUMBERS, float))
    polars = pl.DataFrame({name: typed[name].to_list() for name in typed.columns})
    one, other = read(typed), read(polars)
    same(one, expected)
    same(other, expected)
    assert one.source == other.source == "frame"
    assert one.sha256 == other.sha256 != read(typed.assign(tv=typed["tv"] + 1)).sha256


def test_the_index_of_a_frame_may_hold_the_dates_and_names_the_rows(clean, read, message, expected):
    indexed = clean.assign(week=pd.to_datetime(clean["week"])).set_index("week")
    same(read(indexed), expected)
    indexed.loc["2024-01-15", "tv"] = -4
    assert message(indexed) == (
        "frame, row 2024-01-15, column 'tv': spend is negative (found -4). "
        "Book a refund in the period of the spend it refunds."
    )


@pytest.mark.parametrize("dtype", ["Int64", "float32", "string", "category", "int16"])
def test_pandas_types(clean, read, expected, dtype):
    same(read(clean.astype({"tv": "int64"}).astype({"tv": dtype})), expected)


def test_missing_values_of_every_pandas_type_are_told(clean, message):
    for missing, dtype in ((np.nan, "float64"), (pd.NA, "Int64"), (None, "object"), (pd.NA, "string")):
        frame = clean.astype({"tv": "int64"}).astype({"tv": dtype})
        frame.loc[3, "tv"] = missing
        assert message(frame).startswith(
            "frame, row 3, column 'tv': the value is missing (found an empty cell)."
        )


def test_periods_of_pandas_are_dates(clean, read):
    months = clean.assign(week=pd.period_range("2023-01", periods=12, freq="M"))
    assert read(months).every == "month"


def test_a_lazy_polars_frame_is_not_a_frame(clean, message):
    lazy = pl.DataFrame({"week": ["2024-01-01"]}).lazy()
    assert message(lazy) == (
        "source must be a path or a pandas or polars frame (found a LazyFrame). Call .collect() on it first."
    )


def test_the_frame_that_came_in_is_not_changed(clean, read):
    before = clean.copy(deep=True)
    read(clean)
    pd.testing.assert_frame_equal(clean, before)


@pytest.mark.parametrize(
    ("every", "freq"),
    [("day", "D"), ("week", "7D"), ("month", "MS"), ("month", "ME"), ("year", "YS"), ("year", "YE")],
)
def test_lengths_of_a_period(clean, csv, read, every, freq):
    clean["week"] = pd.date_range("2001-01-01", periods=12, freq=freq).strftime("%d/%m/%Y")
    for asked in ("auto", every):
        table = read(csv(clean), every=asked)
        assert (table.every, table.n_periods) == (every, 12)


def long_of(clean: pd.DataFrame) -> pd.DataFrame:
    """Return the clean table with a row per week and channel."""
    long = clean.melt(["week", "orders", "price"], ["tv", "search"], "medium", "cost")
    return long.sort_values(["week", "medium"], kind="stable", ignore_index=True)


LONG = {"layout": "long", "channel": "medium", "spend": "cost"}


def test_long_layout(clean, csv, read, expected):
    same(read(csv(long_of(clean)), **LONG), expected)


def test_long_layout_with_groups(clean, csv, read):
    both = pd.concat([long_of(clean).assign(region=name) for name in ("south", "north")])
    table = read(csv(both), group="region", **LONG)
    assert table.group_names == ("north", "south")
    assert (table.n_rows, table.n_periods) == (24, 12)
    assert table.groups == ("north",) * 12 + ("south",) * 12
    assert table.dates[:12].tolist() == table.dates[12:].tolist() == sorted(table.dates[:12].tolist())
    assert table.frame().columns.tolist() == ["week", "region", "orders", "tv", "search", "price"]


def test_long_layout_problems(clean, csv, message):
    long = long_of(clean)
    long.loc[2, "orders"] = 1
    long = pd.concat([long.drop(5), long.iloc[[8]]], ignore_index=True)
    assert message(csv(long), **LONG) == (
        "3 problems in the input:\n"
        "- media.csv, row 25, column 'week': the date was there already for channel 'search', in row 9 "
        "(found '2024-01-29'). Keep one row per date, or add them up; if they are regions or brands, "
        "name their column: group='region'.\n"
        "- media.csv, row 6, column 'cost': there is no row for channel 'tv' on 2024-01-15. "
        "Add the row, with spend 0 if nothing was spent; nothing is filled in.\n"
        "- media.csv, row 5, column 'orders': row 4 has another value, '1', for the same date (found '542'). "
        "Repeat the same value on every row of a date, since it belongs to the date and not to a channel."
    )


def test_long_layout_channels_that_are_not_there_or_not_asked_for(clean, csv, read, message):
    path = csv(long_of(clean))
    assert message(path, channels=["tv", "serch"], **LONG) == (
        "media.csv, column 'medium': there is no row for channel 'serch'. "
        "Did you mean 'search'? Channels present: search, tv."
    )
    (problem,) = read(path, channels=["tv"], **LONG).problems
    assert (problem.severity, str(problem)) == (
        "warning",
        (
            "media.csv, column 'medium': channel 'search' has 12 rows and is not among channels; "
            "its spend was left out. "
            "Add it to channels if it may have moved the response."
        ),
    )


def test_controls_may_be_true_or_false(clean, csv, read):
    clean["price"] = [True, False] * 6
    np.testing.assert_array_equal(read(csv(clean)).control("price"), [1, 0] * 6)
    np.testing.assert_array_equal(read(clean).control("price"), [1, 0] * 6)


def test_a_table_saves_and_loads(tmp_path, clean, csv, read):
    both = pd.concat([clean.assign(region="north", tv=50), clean.assign(region="south", tv=50)])
    table = read(csv(both), group="region")
    table.save(tmp_path / "table.json")
    from mixcurve.foundations.results import load_result

    again = load_result(tmp_path / "table.json")
    same(again, table)
    assert again.problems == table.problems != ()
    assert (again.groups, again.channels, again.sha256) == (table.groups, table.channels, table.sha256)
    assert not again.spend.flags.writeable


def test_reading_needs_no_heavy_library():
    import subprocess
    import sys

    code = (
        "import sys, mixcurve.tables.spend\n"
        "print([name for name in ('pandas', 'polars', 'pyarrow', 'scipy', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_one_channel_may_be_named_without_a_list(clean):
    table = read_spend(clean, date="week", response="orders", channels="tv")
    assert table.channels == ("tv",)
