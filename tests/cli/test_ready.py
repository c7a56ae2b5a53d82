"""What `report` would refuse after seconds of fitting, `check` tells at once, and `report` before it fits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from mixcurve.cli.job_schema import PLACEHOLDER

Invoke = Callable[..., Result]


def edited(folder: Path, old: str, new: str) -> None:
    path = folder / "job.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def unfitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no fit happen."""

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("a fit was begun")

    monkeypatch.setattr("mixcurve.cli.pipeline._fit", fail)


def test_a_client_without_a_name(invoke: Invoke, folder: Path, unfitted: None) -> None:
    edited(folder, "Northwind Foods", PLACEHOLDER)
    checked = invoke("check", "job.toml")
    assert checked.exit_code == 0
    assert 'warning: job.toml, line 1: client is still "CLIENT NAME"' in checked.stderr
    assert "name the client, then" in checked.stdout
    assert "is ready" not in checked.stdout
    told = json.loads(invoke("check", "job.toml", "--json").stdout)
    assert [problem["line"] for problem in told["problems"] if problem["code"] == "job-unnamed-client"] == [1]
    refused = invoke("report", "job.toml")
    assert refused.exit_code == 2
    assert "error: job.toml, line 1: client is still" in refused.stderr
    assert 'Name the client: client = "Northwind Foods"' in refused.stderr


@pytest.mark.parametrize("command", ["check", "report"])
@pytest.mark.parametrize(
    "budget",
    [
        "total = 50000\n[budget.bounds]\ntv = [40000, 90000]\nsearch = [30000, 60000]",
        'total = 20000\nwithin = "±10%"',
        'total = 8000\nhold = ["tv"]',
    ],
)
def test_an_impossible_budget(
    invoke: Invoke, folder: Path, unfitted: None, command: str, budget: str
) -> None:
    edited(folder, 'change = "+10%"', budget)
    result = invoke(command, "job.toml")
    assert result.exit_code == 2, result.exception
    assert "job.toml, line 15: the least amounts per channel add up to £" in result.stderr


def test_money_that_the_bounds_do_not_let_be_spent(invoke: Invoke, folder: Path) -> None:
    edited(folder, 'change = "+10%"', "total = 50000\n[budget.bounds]\ntv = [0, 10000]\nsearch = [0, 9000]")
    checked = invoke("check", "job.toml")
    assert checked.exit_code == 0
    assert (
        "£31,000 of the total of £50,000 will stay unspent: the bounds let no more than £19,000"
        in checked.stderr
    )
    made = invoke("report", "job.toml")
    assert made.exit_code == 0, made.stderr
    assert "£31,000 of £50,000 a week stays unspent: tv and search are at their upper bounds" in made.stderr


@pytest.mark.parametrize("command", ["check", "report"])
def test_every_text_that_cannot_be_printed_is_listed(
    invoke: Invoke, folder: Path, unfitted: None, command: str
) -> None:
    data = (folder / "weekly.csv").read_text(encoding="utf-8")
    (folder / "weekly.csv").write_text(
        data.replace("tv", "電視").replace("search", "🔍 search"), encoding="utf-8"
    )
    edited(folder, '"tv", "search"', '"電視", "🔍 search"')
    edited(folder, "Northwind Foods", "Northwind 🍎")
    edited(folder, "[report]", '[report]\ntitle = "計画"')
    result = invoke(command, "job.toml", "--json")
    assert result.exit_code == 2, result.exception
    problems = json.loads(result.stdout)["problems"]
    assert [problem["line"] for problem in problems] == [1, 7, 7, 19]
    remedies = " ".join(problem["remedy"] for problem in problems)
    assert '[report.labels], say what to call it: "電視" = "Name"' in remedies
    assert '"🔍 search" = "Name"' in remedies


def test_labels_make_columns_printable(invoke: Invoke, folder: Path) -> None:
    data = (folder / "weekly.csv").read_text(encoding="utf-8")
    (folder / "weekly.csv").write_text(data.replace("tv", "電視"), encoding="utf-8")
    edited(folder, '"tv"', '"電視"')
    edited(folder, "[report]", '[report.labels]\n"電視" = "TV"\n[report]')
    assert invoke("check", "job.toml").exit_code == 0
    edited(folder, '= "TV"', '= "📺"')
    refused = invoke("check", "job.toml")
    assert "cannot write '📺'" in refused.stderr
    assert "line 19" in refused.stderr


def test_data_can_be_checked_without_the_font_of_reports(
    invoke: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixcurve.report.glyphs.font_files", dict)
    result = invoke("check", "job.toml")
    assert result.exit_code == 0, result.stderr
    assert "warning: " in result.stderr
    assert "pip install 'mixcurve[report]'" in result.stderr


def test_check_says_what_now_is_and_which_bounds_hold(invoke: Invoke, folder: Path) -> None:
    edited(folder, 'change = "+10%"', 'change = "+10%"\nhold = ["search"]')
    rows = [line.split(",") for line in (folder / "weekly.csv").read_text(encoding="utf-8").splitlines()[1:]]
    now = {name: sum(float(row[i]) for row in rows[-52:]) / 52 for name, i in (("tv", 2), ("search", 3))}
    result = invoke("check", "job.toml")
    assert f"now = mean of the last 52 weeks: £{sum(now.values()):,.0f} a week" in result.stdout
    assert f"total to split: £{1.1 * sum(now.values()):,.0f} a week" in result.stdout
    for part in ("within the spend seen", "held", "whose curve the data do not show"):
        assert part in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    plan = json.loads(invoke("check", "job.toml", "--json").stdout)["plan"]
    assert plan["now"] == "mean of the last 52 weeks"
    tv = plan["channels"]["tv"]
    assert (tv["least"], tv["most"]) == (min(float(r[2]) for r in rows), max(float(r[2]) for r in rows))
    assert plan["channels"]["search"]["least"] == pytest.approx(now["search"])


def test_numbers_on_the_terminal_follow_the_report(invoke: Invoke, folder: Path) -> None:
    edited(folder, "[report]", '[report]\nlocale = "de-DE"')
    edited(folder, 'currency = "GBP"', 'currency = "EUR"\nresponse_is_money = true')
    for command in ("check", "report"):
        told = invoke(command, "job.toml")
        assert told.exit_code == 0, told.stderr
        assert not re.search(r"\b[1-9][0-9]{0,2},[0-9]{3}\b", told.stdout), "a comma parts no thousands"
        assert re.search(r"[0-9]\.[0-9]{3}", told.stdout)
        assert "€" in told.stdout
    words = " ".join(told.stdout.split())
    assert re.search(r"The plan brings €?[0-9.]+(\s€)? of orders a week", words)
    assert "0,0001" in words
