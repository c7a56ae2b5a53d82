"""Experiments as they come in: what each means, every refusal's sentence, and files with all problems at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.tables.experiment_file import read_experiments
from mixcurve.tables.experiments import CostTarget, LiftTest

GOOD: dict[str, Any] = {
    "channel": "tv", "start": "2024-03-04", "end": "2024-03-31", "response": 1200.0, "error": 300.0, "share": "-100%",
}  # fmt: skip
COST: dict[str, Any] = {"channel": "search", "cost": 25.0, "error": 5.0}


def lift(**changes: Any) -> LiftTest:
    return LiftTest(**{k: v for k, v in (GOOD | changes).items() if v is not ...})


def told(make: Any, fields: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        make(**{k: v for k, v in fields.items() if v is not ...})
    return str(caught.value)


@pytest.mark.parametrize(
    ("fields", "other"),
    [
        ({"share": "-100%"}, 0.0),
        ({"share": -0.25}, 3000.0),
        ({"share": "+50%"}, 6000.0),
        ({"share": ..., "spend_to": 0}, 0.0),
        ({"share": ..., "spend_change": -1000}, 3000.0),
        ({"share": ..., "spend_change": 1000.0}, 5000.0),
    ],
)
def test_three_ways_say_the_other_spend(fields: dict[str, Any], other: float) -> None:
    assert lift(**fields).other_total(4000.0) == pytest.approx(other)


@pytest.mark.parametrize(
    "start", [dt.date(2024, 3, 4), dt.datetime(2024, 3, 4, 9), np.datetime64("2024-03-04")]
)
def test_days_may_be_dates_of_any_kind(start: Any) -> None:
    assert lift(start=start).start == "2024-03-04"
    assert lift().until == "2024-03-31"


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_an_interval_is_a_normal_error(level: float) -> None:
    low, high = stats.norm(1200, 300).interval(level)
    assert lift(error=(low, high), level=level).standard_error == pytest.approx(300)
    low, high = np.exp(stats.norm(np.log(25), 0.2).interval(level))
    assert CostTarget("tv", 25, (low, high), level).log_error == pytest.approx(0.2)


def test_the_log_error_of_a_cost_has_its_coefficient_of_variation() -> None:
    spread = CostTarget("tv", 25, 5).log_error
    law = stats.lognorm(spread, scale=25)
    assert law.std() / law.mean() == pytest.approx(5 / 25)


@pytest.mark.parametrize(
    "one", [lift(groups="north"), lift(error=(900, 1500), level=0.9), CostTarget(**COST)]
)
def test_an_experiment_is_the_same_after_a_file(one: Any, tmp_path: Path) -> None:
    again = load_result(one.save(tmp_path / "one.json"))
    assert vars(again) == vars(one)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"channel": None}, "channel must be a name. Give the channel as the table calls it."),
        ({"start": "soon"}, "start must be a date (found 'soon'). Write it like 2024-01-31."),
        ({"start": "04/03/2024"}, "start must be a date (found '04/03/2024'). Write it like 2024-01-31."),
        (
            {"end": "2024-03-01"},
            "end must not lie before start, 2024-03-04 (found '2024-03-01'). Give first day and last day",
        ),
        ({"until": "2024-03-30"}, "until must not lie before the last day of the test, 2024-03-31"),
        ({"response": np.nan}, "response must be a finite number (found nan). Give the incremental response in the"),
        ({"error": 0}, "error must be above 0 (found 0). Give the standard error of response, or its interval and"),
        ({"error": -3}, "error must be above 0 (found -3)."),
        ({"error": np.inf}, "error must be a finite number (found inf)."),
        ({"error": (900, 1500)}, "level must say how sure the interval is, above 0 and below 1."),
        ({"error": (900, 1500), "level": 90}, "must say how sure the interval is, above 0 and below 1 (found 90)"),
        ({"error": (1500, 900), "level": 0.9}, "error must be an interval of two finite numbers, the lower one first"),
        ({"error": (100, 200), "level": 0.9}, "error must be an interval that holds response, 1200"),
        ({"level": 0.9}, "level belongs to an interval, but error is one number, a standard error (found 0.9)."),
        ({"share": ...}, "spend_to must say the other spend. Give exactly one of spend_to,"),
        ({"spend_to": 0}, "share is one more way to say it, beside spend_to (found '-100%')."),
        ({"share": 0.0}, "share must not be 0: a test compares two amounts of spend (found 0)."),
        ({"share": "-120%"}, "share would make spend negative (found '-120%'). The most is '-100%', which is -1.0."),
        ({"share": "100%"}, "share must be a finite number (found '100%'). Write share='-100%' or -1.0."),
        ({"share": ..., "spend_change": 0}, "spend_change must not be 0: a test compares two amounts of spend"),
        ({"share": ..., "spend_to": -1}, "spend_to must not be negative (found -1)."),
        ({"groups": ()}, "groups must be names of the table's groups"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_lift_test_is_told(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in told(LiftTest, GOOD | changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"cost": 0},
            "CostTarget of 'search': cost must be above 0 (found 0). Give money per unit of incremental",
        ),
        (
            {"error": (0, 30), "level": 0.9},
            "two finite numbers, the lower one first, both above 0 (found [0, 30]).",
        ),
        ({"start": "2024-02-01", "end": "2024-01-01"}, "end must not lie before start, 2024-02-01"),
    ],
)
def test_what_is_wrong_with_a_cost_target_is_told(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in told(CostTarget, COST | changes)


def test_all_that_is_wrong_is_told_at_once() -> None:
    message = told(LiftTest, GOOD | {"error": 0, "end": "2023-01-01", "share": 0.0})
    assert message.startswith("3 problems in the input:")


FRAME = pd.DataFrame(
    {
        "channel": ["tv", "search", "radio"],
        "start": ["04/03/2024", "", "2024-03-04"],
        "end": ["31/03/2024", "", "2024-03-31"],
        "groups": ["north; south", "", ""],
        "response": ["1,200", "", "300"],
        "cost": ["", "£25", ""],
        "error": ["300", "5", ""],
        "low": ["", "", "200"],
        "high": ["", "", "400"],
        "level": ["", "", "90%"],
        "share": ["-100%", "", "+50%"],
    }
)


def test_a_file_a_frame_and_a_workbook_hold_the_same(tmp_path: Path) -> None:
    path, book = tmp_path / "experiments.csv", tmp_path / "experiments.xlsx"
    FRAME.to_csv(path, index=False)
    pytest.importorskip("xlsxwriter")
    FRAME.to_excel(book, index=False, engine="xlsxwriter")
    tests = read_experiments(path)
    assert [vars(e) for e in tests] == [vars(e) for e in read_experiments(FRAME)]
    assert [vars(e) for e in tests] == [vars(e) for e in read_experiments(book)]
    assert tests[0].groups == ("north", "south")
    assert isinstance(tests[1], CostTarget)
    assert isinstance(tests[2], LiftTest)
    assert (tests[2].error, tests[2].level, tests[2].share) == ((200.0, 400.0), 0.9, 0.5)


def test_every_problem_of_a_file_has_its_row_and_column(tmp_path: Path) -> None:
    bad = FRAME.copy().astype(object)
    bad.loc[0, "error"] = "0"
    bad.loc[1, "cost"] = "lots"
    bad.loc[2, "share"] = "50%"
    path = tmp_path / "experiments.csv"
    bad.rename(columns={"groups": "group"}).to_csv(path, index=False)
    message = told(read_experiments, {"source": path})
    assert message.startswith("4 problems in the input:")
    assert "experiments.csv, column 'group': no experiment has this field. Did you mean 'groups'?" in message
    assert "experiments.csv, row 2, column 'error': error must be above 0 (found 0)." in message
    assert "experiments.csv, row 3, column 'cost': the value is not a number (found 'lots')." in message
    assert "experiments.csv, row 4, column 'share': a change needs its sign (found '50%')." in message


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"cost": ["1", "£25", ""]}, "row 0, column 'response': response or cost must be given, one of both"),
        ({"error": ["300", "5", "6"]}, "row 2, column 'error': error is given beside an interval"),
        ({"share": ["-100%", "-10%", "+50%"]}, "row 1, column 'share': share belongs to a lift test"),
        ({"channel": ["tv", "", "radio"]}, "row 1, column 'channel': channel must be a name"),
        ({"low": ["", "", ""]}, "row 2, column 'low': error must be an interval of two finite numbers"),
        (
            {"name": ["a", "a", "b"]},
            "column 'name': 2 experiments are called 'a'. Give each a name of its own.",
        ),
        ({"end": ["31/31/2024", "", "2024-03-31"]}, "row 0, column 'end': the date cannot be read"),
    ],
)
def test_hostile_rows(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in told(read_experiments, {"source": FRAME.assign(**changes)})


def test_a_file_without_channels_or_rows_is_refused() -> None:
    assert "column 'channel': there is no such column" in told(
        read_experiments, {"source": FRAME.drop(columns="channel")}
    )
    assert "there are no rows below the header" in told(read_experiments, {"source": FRAME.iloc[:0]})
