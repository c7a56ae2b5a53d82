"""Events, counted day by day, and those that the rows cannot show."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.design.spec import design_columns, design_spec

STRIKE, SALES, REBRAND = "2021-06-09", [("2021-05-01", "2021-05-31"), "2021-08-18"], ("2021-09-15", None)


def covered(name, day):
    """Return whether an event of this module has a day."""
    if name == "strike":
        return day == dt.date(2021, 6, 9)
    if name == "sale":
        return day.year == 2021 and (day.month == 5 or (day.month, day.day) == (8, 18))
    return day >= dt.date(2021, 9, 15)


@pytest.mark.parametrize(("every", "count"), [("day", 300), ("week", 50), ("month", 14)])
def test_an_event_is_the_share_of_the_period_that_it_covers(made, every, count):
    dates = made.dates(every, count + 1)
    events = {"strike": STRIKE, "sale": SALES, "rebrand": REBRAND}
    spec = design_spec(made.table(dates[:-1], every), season=0, weekly_season=0, events=events)
    columns = design_columns(spec, dates[:-1])
    for name in events:
        wanted = []
        for first, after in zip(dates[:-1].tolist(), dates[1:].tolist(), strict=True):
            days = [first + dt.timedelta(days=k) for k in range((after - first).days)]
            wanted.append(sum(covered(name, day) for day in days) / len(days))
        found = columns.free[:, columns.free_names.index(f"event {name}")]
        assert found == pytest.approx(wanted, abs=1e-15)
        assert found != pytest.approx(np.roll(wanted, 1), abs=1e-3)


def test_what_never_ends_goes_on(made):
    spec = design_spec(made.table(made.dates("week", 50)), events={"rebrand": REBRAND})
    assert design_columns(spec, ["2099-01-05"]).free[0, -1] == 1.0


def test_dates_of_any_kind_are_one_event(made):
    table = made.table(made.dates("week", 50))
    kinds = ["2021-06-09", dt.date(2021, 6, 9), dt.datetime(2021, 6, 9, 23, 30), np.datetime64("2021-06-09")]
    specs = [design_spec(table, events={"strike": day}) for day in kinds]
    assert len({str(spec.events[0].to_dict()) for spec in specs}) == 1


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (
            {"moon": "2031-01-01"},
            "The event 'moon' never occurs in the dates of the table .2021-03-01 to 2022-02-13",
        ),
        ({"always": ("2000-01-01", None)}, "The event 'always' is the same in all of"),
        ({"price": STRIKE}, "The event 'price' has the name of a control"),
        ({"": STRIKE}, "The name of an event must be text, got ''"),
        ({"strike": []}, "The event 'strike' has no days"),
        ({"strike": "in June"}, "The event 'strike' must have dates like '2024-03-04', got 'in June'"),
        ({"strike": 20210609}, "got 20210609"),
        ({"strike": None}, "got None"),
        ({"strike": ("2021-06-09", "2021-06-01")}, "ends on 2021-06-01, before it starts on 2021-06-09"),
        ({"strike": ("2021-06-09", "2021-06-10", "2021-06-11")}, r"must be a pair \(start, end\)"),
        ({"strike": [STRIKE, ("2021-06-01", "2021-06-30")]}, "The event 'strike' has 2021-06-09 twice"),
        ({"strike": "NaT"}, "must have dates like"),
        (["strike"], "events must map names to days"),
        ({"a": STRIKE, "b": STRIKE}, "the event 'b' is made up of the event 'a'"),
    ],
)
def test_hostile_events_get_a_sentence(made, events, words):
    price = np.random.default_rng(1).uniform(5, 9, 50)
    with pytest.raises(InputError, match=words):
        design_spec(made.table(made.dates("week", 50), controls={"price": price}), events=events)
