"""Public holidays, counted against the calendar day by day."""

from __future__ import annotations

import datetime as dt
import sys

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.design.holiday import HOLIDAY_RATIO, public_holidays
from mixcurve.response.design.spec import design_columns, design_spec

calendar = pytest.importorskip("holidays")


def counted(country, firsts, afters, name=None):
    """Return the holidays of each period, one day of the package's calendar at a time."""
    code, _, part = country.partition("-")
    known = calendar.country_holidays(code, subdiv=part or None)
    found = []
    for first, after in zip(firsts, afters, strict=True):
        days = [first + dt.timedelta(days=k) for k in range((after - first).days)]
        found.append(sum(d in known and (name is None or name in known.get_list(d)) for d in days))
    return found


def columns_of(made, every, count, ahead, **options):
    dates = made.dates(every, count + ahead, "2022-01-01")
    spec = design_spec(made.table(dates[:count], every), season=0, weekly_season=0, **options)
    return spec, design_columns(spec, dates), dates


@pytest.mark.parametrize("country", ["GB", "DE-BY", "US", "IN"])
@pytest.mark.parametrize(
    ("every", "count", "ahead"), [("day", 500, 400), ("week", 110, 60), ("month", 30, 14)]
)
def test_every_holiday_counts_once_in_its_period(made, country, every, count, ahead):
    _, columns, dates = columns_of(made, every, count, ahead, holidays=country)
    after = made.dates(every, count + ahead + 1, "2022-01-01")[1:]
    wanted = counted(country, dates.tolist(), after.tolist())
    assert columns.free[:, columns.free_names.index("holidays")].tolist() == wanted
    assert sum(wanted[count:]) > 0, "future years have holidays"
    assert columns.penalty[columns.free_names.index("holidays")] == 0


def test_weeks_named_by_their_last_day_have_other_holidays(made):
    _, columns, dates = columns_of(made, "week", 110, 0, holidays="GB", dated="last day")
    found = columns.free[:, -1].tolist()
    one = np.timedelta64(1, "D")
    assert found == counted("GB", (dates - 6 * one).tolist(), (dates + one).tolist())
    assert found != counted("GB", dates.tolist(), (dates + 7 * one).tolist())


def test_single_holidays_are_those_of_two_years(made):
    spec, columns, dates = columns_of(made, "week", 157, 60, holidays="GB", single_holidays=True)
    assert {"Christmas Day", "Good Friday"} <= set(spec.holiday_names)
    assert "Coronation of Charles III" not in spec.holiday_names
    note = next(p for p in spec.problems if p.code == "single-holiday")
    assert "Coronation of Charles III" in str(note) and note.severity == "note"
    where = [n == "holidays" for n in columns.free_names]
    assert columns.penalty[where] == pytest.approx(1 / HOLIDAY_RATIO) and not columns.moving[where].any()
    after = (dates + np.timedelta64(7, "D")).tolist()
    for name, values in zip(spec.holiday_names, columns.free[:, where].T, strict=True):
        assert values.tolist() == counted("GB", dates.tolist(), after, name)
        assert f"holidays, {name}" in columns.free_labels


def test_a_future_without_one_of_the_holidays_has_zeros(made):
    spec, *_ = columns_of(made, "week", 157, 0, holidays="GB", single_holidays=True)
    summer = design_columns(spec, ["2026-07-06"])
    assert not summer.free[0, [n == "holidays" for n in summer.free_names]].any()


def test_the_calendar_need_not_be_installed_unless_it_is_asked_for(made, monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    dates = made.dates("week", 60)
    assert design_columns(design_spec(made.table(dates)), dates).free.shape == (60, 6)
    with pytest.raises(
        InputError, match=r"Install mixcurve\[holidays\], or give the days themselves as events"
    ):
        design_spec(made.table(dates), holidays="GB")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"holidays": "gb"}, "holidays must be a country code .* got 'gb'. Did you mean 'GB'"),
        ({"holidays": "Atlantis"}, "holidays must be a country code"),
        ({"holidays": "DE-XX"}, "holidays has no part 'XX' of 'DE'. Known parts: .*BY"),
        ({"single_holidays": True}, "single_holidays needs a country"),
    ],
)
def test_hostile_options_get_a_sentence(made, options, words):
    with pytest.raises(InputError, match=words):
        design_spec(made.table(made.dates("week", 60)), **options)


def test_rows_without_a_holiday_are_refused(made):
    with pytest.raises(InputError, match=r"same number of public holidays of 'GB' \(0\).*Leave holidays out"):
        design_spec(
            made.table(made.dates("day", 20, "2022-02-01"), "day"), season=0, weekly_season=0, holidays="GB"
        )


def test_a_single_year_has_no_holiday_that_returns(made):
    with pytest.raises(InputError, match="No public holiday of 'GB' returns"):
        design_spec(made.table(made.dates("week", 50, "2023-01-02")), holidays="GB", single_holidays=True)


def test_years_that_no_calendar_knows_are_refused():
    with pytest.raises(InputError, match=r"are known from .* to"):
        public_holidays("GB", np.datetime64("2400-01-01"), np.datetime64("2400-02-01"))
