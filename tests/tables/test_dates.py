"""Dates out of cells: every locale reads what it writes, and a date is never guessed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.tables.dates import CalendarDate, read_date
from mixcurve.tables.locales import LOCALES, Fault

ENGLISH = LOCALES["en-GB"]
DATES = st.dates(dt.date(1500, 1, 1), dt.date(2500, 12, 31))


@given(date=DATES, name=st.sampled_from(sorted(LOCALES)), data=st.data())
def test_every_locale_reads_what_it_writes(date, name, data):
    locale = LOCALES[name]
    mark = data.draw(st.sampled_from(locale.date_marks))
    parts = ["%d", "%m"] if locale.date_order == "dmy" else ["%m", "%d"]
    text = date.strftime(mark.join(parts)) + f"{mark}{date.year}"
    assert read_date(text, locale) == CalendarDate(date)


@given(date=DATES, name=st.sampled_from(sorted(LOCALES)))
def test_iso_and_date_values_are_read_in_every_locale(date, name):
    same = [date, date.isoformat(), date.isoformat().replace("-", ""), dt.datetime.combine(date, dt.time())]
    same += [
        f"{date.isoformat()}T00:00:00Z",
        f"{date.isoformat()} 00:00:00",
        pd.Timestamp(date),
        np.datetime64(date),
    ]
    assert {read_date(cell, LOCALES[name]) for cell in same} == {CalendarDate(date)}


@given(
    st.text(max_size=12) | st.text(alphabet="0123456789/.-TW: ", max_size=12) | st.floats() | st.integers()
)
def test_any_cell_is_a_date_or_a_fault(cell):
    for locale in LOCALES.values():
        assert isinstance(read_date(cell, locale), (CalendarDate, Fault))


@pytest.mark.parametrize("cell", [1907, 1907.0, "1907", "1907.0", np.int64(1907)])
def test_years(cell):
    assert read_date(cell, ENGLISH) == CalendarDate(dt.date(1907, 1, 1), only_year=True)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-03", dt.date(2024, 3, 1)),
        ("2024-W01", dt.date(2024, 1, 1)),
        ("2020-W53", dt.date(2020, 12, 28)),
        ("5/2/2024", dt.date(2024, 2, 5)),
        ("2024-1-5", dt.date(2024, 1, 5)),
    ],
)
def test_other_ways_of_writing(text, date):
    assert read_date(text, ENGLISH) == CalendarDate(date)


@pytest.mark.parametrize(
    "cell", ["2024-13-01", "2021-W53", "31/04/2024", "1/2-2024", "week 3", True, 1907.5, "0", b"2024"]
)
def test_what_is_no_date(cell):
    reading = read_date(cell, ENGLISH)
    assert isinstance(reading, Fault) and reading.code == "unreadable-date"


@pytest.mark.parametrize(
    ("text", "locale", "others"),
    [
        ("31/01/2024", "de-DE", "'en-GB' or 'fr-FR'"),
        ("31.01.2024", "en-US", "'en-GB', 'de-DE' or 'fr-FR'"),
        ("01/31/2024", "fr-FR", "'en-US'"),
    ],
)
def test_a_date_of_another_locale_names_it(text, locale, others):
    reading = read_date(text, LOCALES[locale])
    assert isinstance(reading, Fault) and reading.code == "other-locale"
    assert reading.remedy.startswith(f"Read the file with locale {others}, or write dates like")


def test_no_date_at_all():
    assert {read_date(cell, ENGLISH).code for cell in (None, "", float("nan"), pd.NaT)} == {"missing-value"}
