"""What `init` guesses of columns, and that what it writes can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from mixcurve.cli.guess import guess_columns, guess_file
from mixcurve.cli.job import read_job
from mixcurve.cli.reading import read_table
from mixcurve.tables.shipped import shipped_path

Invoke = Callable[..., Result]

WEEKS = [f"2024-01-{day:02d}" for day in (1, 8, 15, 22)]


def test_robyn_columns(shared_data: Path) -> None:
    guess = guess_file(shared_data / "robyn" / "dt_simulated_weekly.csv")
    assert guess.values == {
        "date": "DATE",
        "response": "revenue",
        "channels": ["tv_S", "ooh_S", "print_S", "search_S", "facebook_S"],
        "controls": ["competitor_sales_B", "newsletter"],
    }
    assert set(guess.left_out) == {"facebook_I", "search_clicks_P", "events"}


def test_years_are_dates_by_their_name(shared_data: Path) -> None:
    guess = guess_file(shared_data / "lydia_pinkham" / "lydia_pinkham_annual.csv")
    assert guess.values == {"date": "year", "response": "sales_kusd", "channels": ["advertising_kusd"]}


def test_german_market() -> None:
    guess = guess_file(shipped_path("markt_de.csv"))
    assert guess.values["locale"] == "de-DE"
    assert guess.values["channels"] == ["tv", "suche", "social", "radio"]
    assert guess.values["controls"] == ["aktionstage", "preis"]


def test_currency_from_marks() -> None:
    columns = {"week": WEEKS, "orders": [5, 6, 7, 8], "TV cost": ["£1,200", "£0", "£5", "£7.50"]}
    assert guess_columns(columns).values["currency"] == "GBP"
    columns["TV cost"] = ["$1,200", "$0", "$5", "$7.50"]
    assert "currency" not in guess_columns(columns).values, "a dollar may be any of eight"


def test_exposure_negative_and_calendar_columns_are_no_channels() -> None:
    columns = {
        "week": WEEKS, "orders": [5, 6, 7, 8], "tv_impressions": [1, 2, 3, 4], "tv": [1, 2, 3, 4],
        "search": [1, -2, 3, 4], "t": [0, 1, 2, 3],
    }  # fmt: skip
    assert guess_columns(columns).values["channels"] == ["tv"]


def test_channels_are_all_that_say_spend_or_a_medium_though_some_cells_are_no_numbers() -> None:
    numbers = [10, 20, "see note", 30]
    columns = {"week": [*WEEKS[:3], "Total"], "orders": [5, 6, 7, 18], "tv_spend": numbers, "radio": numbers}
    guess = guess_columns(columns)
    assert (guess.values["date"], guess.values["channels"]) == ("week", ["tv_spend", "radio"])
    assert guess.left_out == {}


def test_every_column_left_out_has_its_reason() -> None:
    columns = {
        "week": WEEKS, "orders": [5, 6, 7, 8], "tv": [1, 2, 3, 4], "clicks": [1, 2, 3, 4], "t": [0, 1, 2, 3],
        "radio": [1, -2, 3, 4], "xyz": [1, 2, 3, 4], "note": ["a", "b", "a", "b"], "gone": [None] * 4, "end": WEEKS,
    }  # fmt: skip
    left_out = guess_columns(columns).left_out
    for name, part in {
        "clicks": "impressions or clicks", "t": "counts time", "radio": "negative", "xyz": "neither spend nor",
        "note": "text", "gone": "empty", "end": "another date",
    }.items():  # fmt: skip
        assert part in left_out[name]
    assert "Left out: xyz (its name says" in guess_columns(columns).remarks["channels"]


def test_a_region_is_a_group_with_its_choices() -> None:
    guess = guess_file(shipped_path("two_regions.csv"))
    assert (guess.values["group"], guess.values["market"]) == ("region", "north")
    assert 'Choices: "north", "south"' in guess.remarks["market"]
    assert "choices" not in guess.values


def test_a_date_that_is_there_twice_makes_no_group() -> None:
    columns = {
        "week": [*WEEKS, WEEKS[3]],
        "orders": [5, 6, 7, 8, 9],
        "tv": [1, 2, 3, 4, 5],
        "note": list("abcde"),
    }
    assert "group" not in guess_columns(columns).values


def test_a_row_per_channel_is_the_long_layout() -> None:
    columns = {
        "week": [week for week in WEEKS for _ in "ab"], "orders": [5, 5, 6, 6, 7, 7, 8, 8],
        "channel": ["tv", "radio"] * 4, "spend": [1, 2, 3, 4, 5, 6, 7, 8],
    }  # fmt: skip
    assert guess_columns(columns).values == {
        "date": "week", "response": "orders", "channels": ["tv", "radio"],
        "layout": "long", "channel": "channel", "spend": "spend",
    }  # fmt: skip


def test_nothing_guessed_is_said() -> None:
    guess = guess_columns({"a": ["x", "y"], "b": ["u", "v"]})
    assert guess.values == {}
    assert all("No column looks like it" in guess.remarks[key] for key in ("date", "response", "channels"))
    assert guess.left_out == dict.fromkeys("ab", "most of its cells are text")


@pytest.mark.parametrize("market", ["demo_market.csv", "markt_de.csv", "two_regions.csv"])
def test_what_init_writes_can_be_checked(invoke: Invoke, tmp_path: Path, market: str) -> None:
    job = tmp_path / "job.toml"
    assert invoke("init", shipped_path(market), "-o", job).exit_code == 0
    table = read_table(read_job(job))
    assert table.n_rows in (104, 156, 157)
