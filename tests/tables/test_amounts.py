"""Numbers out of text: every locale reads what it writes, and nothing that only another writes."""

from __future__ import annotations

import decimal
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.tables.amounts import CURRENCIES, Amount, looks_like_thousands, read_amount
from mixcurve.tables.locales import LOCALES, Fault, Locale

ENGLISH, GERMAN, FRENCH = LOCALES["en-GB"], LOCALES["de-DE"], LOCALES["fr-FR"]


def written(value: float, locale: Locale, group: str) -> str:
    """Write a number with two decimals, thousands separated by ``group``, independently of the reader."""
    text = f"{abs(value):,.2f}".replace(",", "\0").replace(".", locale.decimal)
    return text.replace("\0", group)


@given(
    value=st.floats(0, 1e15),
    name=st.sampled_from(sorted(LOCALES)),
    mark=st.sampled_from(["", *sorted(CURRENCIES)]),
    style=st.sampled_from(["{mark}{number}", "{mark} {number}", "{number} {mark}", "{number}\u202f{mark}"]),
    sign=st.sampled_from(["{}", "-{}", "\u2212{}", "({})", "+{}"]),
    data=st.data(),
)
def test_every_locale_reads_what_it_writes(value, name, mark, style, sign, data):
    locale = LOCALES[name]
    group = data.draw(st.sampled_from(["", *locale.thousands]))
    text = sign.format(style.format(mark=mark, number=written(value, locale, group)).strip())
    expected = round(decimal.Decimal(value), 2)
    negative = sign[0] in "-\u2212("
    assert read_amount(text, locale) == Amount(float(-expected if negative else expected), mark)


@given(value=st.floats(allow_nan=False, allow_infinity=False), name=st.sampled_from(sorted(LOCALES)))
def test_shortest_text_of_a_number_is_read_back_exactly(value, name):
    text = repr(value).replace(".", LOCALES[name].decimal)
    assert read_amount(text, LOCALES[name]) == Amount(value)


@given(value=st.floats(1000, 1e12), data=st.data())
def test_a_grouped_number_with_decimals_is_read_by_one_way_of_writing_only(value, data):
    name = data.draw(st.sampled_from(sorted(LOCALES)))
    locale = LOCALES[name]
    text = written(value, locale, data.draw(st.sampled_from(locale.thousands)))
    for other in LOCALES.values():
        reading = read_amount(text, other)
        if (other.decimal, other.thousands) == (locale.decimal, locale.thousands):
            assert isinstance(reading, Amount)
        else:
            assert isinstance(reading, Fault) and reading.code == "other-locale"
            assert f"'{name}'" in reading.remedy


@given(st.text(max_size=12) | st.text(alphabet="0123456789.,-+()£€ eE\u202f", max_size=12))
def test_any_text_is_a_finite_number_or_a_fault(text):
    for locale in LOCALES.values():
        reading = read_amount(text, locale)
        assert isinstance(reading, Fault) or math.isfinite(reading.value)


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("£1,200.50", ENGLISH, 1200.5),
        ("1.200,50 €", GERMAN, 1200.5),
        ("1\u202f200,50\u00a0€", FRENCH, 1200.5),
        ("1 200,50", FRENCH, 1200.5),
        ("(1,200)", ENGLISH, -1200.0),
        ("(£1,200)", ENGLISH, -1200.0),
        ("-£5", ENGLISH, -5.0),
        ("£-5", ENGLISH, -5.0),
        ("GBP 1,000,000", ENGLISH, 1e6),
        ("1.5e3", ENGLISH, 1500.0),
        ("1.200", ENGLISH, 1.2),
        ("1.200", GERMAN, 1200.0),
        ("1,200", GERMAN, 1.2),
        (".5", ENGLISH, 0.5),
        ("5.", ENGLISH, 5.0),
    ],
)
def test_numbers(text, locale, value):
    assert read_amount(text, locale).value == value


@pytest.mark.parametrize(
    ("text", "locale", "code"),
    [
        ("1,20", ENGLISH, "other-locale"),
        ("1,200,50", ENGLISH, "not-a-number"),
        ("1200,000", FRENCH, None),
        ("0,123", ENGLISH, "other-locale"),
        ("0.123", GERMAN, "other-locale"),
        ("1234.567", GERMAN, "other-locale"),
        ("12,34.5", ENGLISH, "not-a-number"),
        ("(-5)", ENGLISH, "not-a-number"),
        ("(5", ENGLISH, "not-a-number"),
        ("£5€", ENGLISH, "not-a-number"),
        ("5k", ENGLISH, "not-a-number"),
        ("٣", ENGLISH, "not-a-number"),
        ("0x10", ENGLISH, "not-a-number"),
        ("1_000", ENGLISH, "not-a-number"),
        ("-", ENGLISH, "missing-value"),
        ("NaN", ENGLISH, "missing-value"),
        ("∞", ENGLISH, "infinite-value"),
    ],
)
def test_what_is_no_number(text, locale, code):
    reading = read_amount(text, locale)
    assert (reading.code if isinstance(reading, Fault) else None) == code


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (3, Amount(3.0)),
        (np.float32(0.5), Amount(0.5)),
        (np.int64(7), Amount(7.0)),
        (decimal.Decimal("1.25"), Amount(1.25)),
        (float("nan"), "missing-value"),
        (None, "missing-value"),
        (float("-inf"), "infinite-value"),
        (10**400, "infinite-value"),
        (True, "not-a-number"),
        (2j, "not-a-number"),
        (b"5", "not-a-number"),
        (decimal.Decimal("sNaN"), "not-a-number"),
    ],
)
def test_cells_that_are_not_text(cell, expected):
    reading = read_amount(cell, ENGLISH)
    assert (reading.code if isinstance(reading, Fault) else reading) == expected


def test_true_and_false_are_numbers_only_where_flags_are_welcome():
    assert [read_amount(cell, ENGLISH, flags=True).value for cell in (True, False, "True", "false")] == [
        1,
        0,
        1,
        0,
    ]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("1.200", True), ("999.125", True), ("0.125", False), ("1234.567", False), ("12", None)],
)
def test_numbers_whose_point_may_separate_thousands(text, verdict):
    assert looks_like_thousands(text, ENGLISH) is verdict
