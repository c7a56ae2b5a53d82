"""Numbers as each locale writes them, and nothing that a reader would stumble over."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import NBSP, NUMBER_STYLES, Numbers, Units

ANY = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(
    ("locale", "currency", "value", "written"),
    [
        ("en-GB", "GBP", 13_150.0, "£13k"),
        ("en-GB", "GBP", 248_000.0, "£248k"),
        ("en-GB", "GBP", 999_600.0, "£1m"),
        ("en-GB", "GBP", 4.2, "£4.20"),
        ("en-GB", "GBP", 1.0, "£1"),
        ("en-GB", "GBP", -61.4, "−£61.40"),
        ("en-US", "USD", 12.9, "$12.90"),
        ("en-US", "USD", -27.2, "−$27.20"),
        ("en-US", "USD", 99.999, "$100"),
        ("en-US", "USD", 12.999, "$13"),
        ("en-US", "USD", 1_400.0, "$1.4k"),
        ("en-US", "USD", 1_230_000.0, "$1.2M"),
        ("de-DE", "EUR", 1_230_000.0, "€1,2m"),
        ("de-DE", "EUR", 13_150.0, "€13k"),
        ("de-DE", "EUR", 12.9, "€12,90"),
        ("fr-FR", "EUR", 1_230_000.0, "€1,2m"),
        ("en-GB", "CHF", 13_150.0, "CHF 13k"),
        ("en-GB", None, 13_150.0, "13k"),
        ("en-GB", None, 12.94, "13"),
        ("en-GB", None, 0.000071, "0.000071"),
        ("en-GB", "GBP", 0.0042, "£0.0042"),
        ("en-GB", "GBP", 0.0, "£0"),
    ],
)
def test_money(locale: str, currency: str | None, value: float, written: str) -> None:
    assert Numbers(locale, currency).money(value).replace(NBSP, " ") == written


def test_money_counts_the_unit_of_the_data() -> None:
    assert Numbers("en-US", "USD", 1_000.0).money(608.0) == "$608k"


@pytest.mark.parametrize(
    ("locale", "value", "written"),
    [
        ("en-GB", 13_969.4, "13,969"),
        ("de-DE", 13_969.4, "13.969"),
        ("en-GB", 1_234_567.0, "1.23m"),
        ("en-GB", 3.14159, "3.1"),
    ],
)
def test_count(locale: str, value: float, written: str) -> None:
    assert Numbers(locale).count(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.97, "97%"),
        (0.9996, "over 99%"),
        (1.0, "100%"),
        (0.003, "under 1%"),
        (0.0, "0%"),
        (-0.2, "−20%"),
        (0.794, "79%"),
    ],
)
def test_share_never_rounds_to_certainty(value: float, written: str) -> None:
    assert Numbers().share(value) == written


def test_what_rounding_leaves_is_none_but_no_other_amount_reads_as_nothing() -> None:
    units = Units(Numbers("en-GB", "GBP"), "week", "orders", least_spend=1e-6, least_response=1e-3)
    assert (units.spend(1e-9), units.spend(2e-4), units.response(1e-4)) == ("£0", "£0.0002", "0")


@given(st.floats(1e-300, 1e300), st.sampled_from(sorted(NUMBER_STYLES)), st.sampled_from([None, "EUR"]))
def test_an_amount_that_is_not_zero_never_reads_as_zero(
    value: float, locale: str, currency: str | None
) -> None:
    numbers = Numbers(locale, currency)
    assert re.search("[1-9]", numbers.money(value))
    assert re.search("[1-9]", numbers.count(value))


@pytest.mark.parametrize("locale", sorted(NUMBER_STYLES))
def test_signs_and_letters_are_english_in_every_locale(locale: str) -> None:
    numbers = Numbers(locale, "EUR")
    assert numbers.money(28_000.0) == "€28k"
    assert numbers.share(0.12) == "12%"
    assert numbers.span(numbers.money(13_000), numbers.money(15_000)).replace(NBSP, " ") == "€13k to €15k"


@given(ANY, st.sampled_from(sorted(NUMBER_STYLES)), st.sampled_from([None, "GBP", "CHF"]))
def test_any_number_reads_as_a_number_or_as_not_known(
    value: float, locale: str, currency: str | None
) -> None:
    numbers = Numbers(locale, currency)
    units = Units(numbers, "week", "orders")
    for text in (
        numbers.money(value),
        numbers.count(value),
        numbers.share(value),
        units.step(value),
        units.response(value),
    ):
        assert not re.search(r"nan|inf|None", text)
        assert any(c.isdigit() for c in text) or text == "not known"


@given(st.floats(1e-3, 1e14))
def test_a_written_number_is_near_the_number(value: float) -> None:
    written = Numbers().count(value)
    scale = (
        {"k": 1e3, "m": 1e6, "bn": 1e9, "tn": 1e12}[re.sub(r"[\d.,]", "", written)]
        if written[-1].isalpha()
        else 1.0
    )
    read = float(re.sub(r"[^\d.]", "", written)) * scale
    assert read == pytest.approx(value, rel=0.051, abs=5e-7)


def test_unknown_locale_is_refused_by_name() -> None:
    with pytest.raises(
        InputError, match=r"no locale called 'en-UK'\. Did you mean 'en-US'|Did you mean 'en-GB'"
    ):
        Numbers("en-UK")
