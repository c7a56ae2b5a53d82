"""Columns of the linear side: the same whenever they are made, and what today's mix is made of."""

from __future__ import annotations

import datetime as dt
import math
import os
import time

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.response.design.spec import DesignSpec, design_columns, design_spec

EVERYTHING = {
    "day": {"trend": "local level", "season": 3, "holidays": "GB"},
    "week": {"trend": "piecewise", "season": 2, "holidays": "DE-BY", "single_holidays": True},
    "month": {"trend": "piecewise", "knots": ["2022-02-01"], "season": 5, "holidays": "US"},
    "year": {"trend": "local level"},
}
ROWS = {"day": 800, "week": 120, "month": 40, "year": 30}


def described(made, every):
    """Return a description with every part, its dates, and its control."""
    dates = made.dates(every, ROWS[every])
    price = np.random.default_rng(2).uniform(5, 9, len(dates))
    spans = {"strike": (dates[3], dates[5]), "rebrand": (dates[20], None)}
    table = made.table(dates, every, {"price": price})
    return (
        design_spec(table, events=spans, control_signs={"price": "negative"}, **EVERYTHING[every]),
        dates,
        price[:, None],
    )


@pytest.mark.parametrize("every", EVERYTHING)
def test_future_columns_continue_past_ones(made, every):
    spec, dates, price = described(made, every)
    longer = made.dates(every, len(dates) + 30)
    prices = np.concatenate([price, np.full((30, 1), 7.0)])
    past, both = design_columns(spec, dates, price), design_columns(spec, longer, prices)
    assert np.array_equal(both.free[: len(dates)], past.free)
    assert np.array_equal(both.signed[: len(dates)], past.signed)
    assert both.free_names == past.free_names and np.array_equal(both.penalty, past.penalty)
    alone = design_columns(spec, longer[len(dates) :], prices[len(dates) :])
    assert np.array_equal(both.free[len(dates) :], alone.free)


@pytest.mark.parametrize("every", EVERYTHING)
def test_order_of_rows_does_not_matter(made, every):
    spec, dates, price = described(made, every)
    turned = design_columns(spec, dates[::-1], price[::-1])
    assert np.array_equal(turned.free[::-1], design_columns(spec, dates, price).free)


def test_a_trend_that_is_made_from_the_rows_given_would_be_caught(made):
    wrong = lambda dates: np.linspace(-0.5, 0.5, len(dates))  # noqa: E731
    dates = made.dates("week", 60)
    assert not np.array_equal(wrong(dates)[:50], wrong(dates[:50]))


@pytest.mark.parametrize("every", EVERYTHING)
def test_a_description_saved_and_loaded_makes_the_same_columns(made, every, tmp_path):
    spec, dates, price = described(made, every)
    again = load_result(spec.save(tmp_path / "spec.json"))
    assert isinstance(again, DesignSpec)
    assert again.to_dict() == spec.to_dict()
    assert np.array_equal(design_columns(again, dates, price).free, design_columns(spec, dates, price).free)
    assert again.origin == dates[0] and again.end == dates[-1]


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system cannot change its time zone")
@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Pacific/Apia"])
def test_no_clock_changes_a_column(made, zone, monkeypatch):
    spec, dates, price = described(made, "day")
    before = design_columns(spec, dates, price).free
    monkeypatch.setitem(os.environ, "TZ", zone)
    time.tzset()
    try:
        assert np.array_equal(design_columns(spec, dates, price).free, before)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_dates_with_a_time_zone_stay_on_their_own_day(made):
    import pandas as pd

    spec, dates, price = described(made, "day")
    local = pd.date_range("2021-03-01", periods=len(dates), tz="Europe/London")
    assert np.array_equal(design_columns(spec, local, price).free, design_columns(spec, dates, price).free)
    aware = dt.datetime(2021, 6, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    assert aware.astimezone(dt.UTC).date() != aware.date(), "the day in Greenwich would be another"


def test_todays_mix_spans_the_same_space(made):
    """Level, line and two pairs of waves at the week's first day, calculated date by date."""
    dates = made.dates("week", 156)
    days = [(d - dt.date(2000, 1, 1)).days for d in dates.tolist()]
    rows = [
        [1.0, i / 155 - 0.5]
        + [f(2 * math.pi * k * day / 365.25) for k in (1, 2) for f in (math.sin, math.cos)]
        for i, day in enumerate(days)
    ]
    columns = design_columns(design_spec(made.table(dates)), dates)
    assert made.same_span(np.array(rows), columns.free)
    wrong = [[*row[:2], *(f(2 * math.pi * k * d / 360) for k in (1, 2) for f in (math.sin, math.cos))]
             for row, d in zip(rows, days, strict=True)]  # fmt: skip
    assert not made.same_span(np.array(wrong), columns.free)
    assert columns.free[:, 1] == pytest.approx([row[1] for row in rows], abs=1e-12)
    assert columns.free_names == ("level", "trend", *["season"] * 4)
    assert not columns.penalty.any() and columns.signed.shape == (156, 0)


@pytest.mark.parametrize(("factor", "shift"), [(1e9, 0.0), (1e-9, 1e-3), (1.8, 32.0), (1.0, 1e6)])
def test_units_of_a_control_do_not_matter(made, factor, shift):
    dates = made.dates("week", 80)
    price = np.random.default_rng(1).uniform(5, 9, 80)
    columns = []
    for values in (price, price * factor + shift):
        spec = design_spec(made.table(dates, controls={"price": values}))
        columns.append(design_columns(spec, dates, values[:, None]).free[:, -1])
    assert columns[0] == pytest.approx(columns[1], abs=1e-8)
    assert columns[0].mean() == pytest.approx(0, abs=1e-12) and columns[0].std() == pytest.approx(1)


def test_a_signed_control_enters_with_its_sign(made):
    dates = made.dates("week", 80)
    values = {
        name: np.random.default_rng(k).uniform(5, 9, 80) for k, name in enumerate(("price", "sun", "rain"))
    }
    table = made.table(dates, controls=values)
    free = design_columns(design_spec(table), dates, table.controls)
    some = design_columns(
        design_spec(table, control_signs={"price": "negative", "rain": "positive"}), dates, table.controls
    )
    assert some.signed_names == ("price", "rain") and "sun" in some.free_names
    of = {name: free.free[:, free.free_names.index(name)] for name in values}
    assert np.array_equal(some.signed, np.column_stack([-of["price"], of["rain"]]))


def test_scaled_moves_only_what_moves(made):
    spec, dates, price = described(made, "week")
    columns = design_columns(spec, dates, price)
    wider = columns.scaled(4.0)
    assert wider.penalty[columns.moving] == pytest.approx(columns.penalty[columns.moving] / 4)
    assert np.array_equal(wider.penalty[~columns.moving], columns.penalty[~columns.moving])
    assert {n for n, m in zip(columns.free_names, columns.moving, strict=True) if m} == {"trend"}
    with pytest.raises(InputError, match="factor"):
        columns.scaled(0.0)


@pytest.mark.parametrize("every", EVERYTHING)
def test_no_two_labels_are_alike(made, every):
    columns = design_columns(*described(made, every))
    labels = (*columns.free_labels, *columns.signed_labels)
    assert len(set(labels)) == len(labels) == columns.free.shape[1] + columns.signed.shape[1]
    assert len(columns.free_names) == len(columns.penalty) == len(columns.moving) == columns.free.shape[1]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dates": ["2021-03-01"]}, "controls are needed for these dates: price"),
        (
            {"dates": ["2021-03-01"], "controls": [[1.0, 2.0]]},
            r"a column for each of price; got shape \(1, 2\)",
        ),
        ({"dates": ["2021-03-01"], "controls": [[np.nan]]}, "controls must be finite"),
        (
            {"dates": ["2021-03-01"], "controls": [[1.0]], "groups": ["north"]},
            "the fit had none. Leave groups out",
        ),
        ({"dates": [20210301], "controls": [[1.0]]}, "dates must be a list of dates like"),
        ({"dates": ["2021-03-01", "NaT"], "controls": [[1.0], [2.0]]}, "no date at position 1"),
        ({"dates": [], "controls": np.empty((0, 1))}, "at least one date"),
        ({"dates": "2021-03-01", "controls": [[1.0]]}, "dates must be a list of dates like"),
    ],
)
def test_hostile_rows_get_a_sentence(made, given, words):
    spec, *_ = described(made, "week")
    with pytest.raises(InputError, match=words):
        design_columns(spec, **given)
