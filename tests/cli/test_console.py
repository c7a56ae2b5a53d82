"""Results on standard output, everything else on standard error, and nothing a terminal would obey."""

from __future__ import annotations

import json

import pytest

from mixcurve.cli.console import Console, failure, printable, problems_of, sentence
from mixcurve.cli.sparkline import sparkline
from mixcurve.foundations.errors import FitError, InputError, Problem


def test_json_is_alone_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(json=True)
    console.show("a table")
    console.note("a remark")
    console.document({"status": "ok"})
    out, err = capsys.readouterr()
    assert json.loads(out) == {"status": "ok"}
    assert "a remark" in err


def test_quiet_tells_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(quiet=True)
    console.show("a table")
    console.note("a remark")
    console.problems([Problem("it is so", severity="warning"), Problem("it is wrong")])
    assert capsys.readouterr() == ("", "error: it is wrong.\n")


def test_hostile_text_is_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    name = "[bold]tv[/bold]\x1b[2J\x1b]0;owned\x07\u202e:smile:"
    Console().note(name)
    Console().problems([Problem("odd", column=name)])
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "\u202e" not in told
    assert "[bold]tv[/bold]" in told
    assert ":smile:" in told
    assert printable("Größe £ ▁ 東京") == "Größe £ ▁ 東京"


def test_rows_of_a_job_are_lines() -> None:
    assert sentence(Problem("wrong", source="job.toml", row=3)) == "job.toml, line 3: wrong."
    assert sentence(Problem("wrong", source="a.csv", row=3)) == "a.csv, row 3: wrong."


def test_many_alike_are_told_by_their_rows(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [*range(2, 9), 11, 13, 14]
    Console().problems([Problem("bad", source="a.csv", row=row, column="tv", code="bad") for row in rows])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert lines[-1] == "error: and 7 more like the last, in rows 5-8, 11, 13-14."


def test_failures_are_never_empty() -> None:
    (only,) = problems_of(FitError("It could not be fitted."))
    assert (only.what, only.code, str(only)) == (
        "It could not be fitted",
        "fit-error",
        "It could not be fitted.",
    )
    (only,) = problems_of(InputError("budget must be positive."))
    assert failure([only], 2)["problems"][0]["code"] == "input-error"


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ([], ""),
        ([0.0, 0.0], "··"),
        ([5.0, 5.0], "██"),
        ([0.0, 1.0, 8.0], "·▂█"),
        ([-1.0, 1.0], "▁█"),
        ([1e-300, 1e300], "▁█"),
    ],
)
def test_sparkline(values: list[float], bars: str) -> None:
    assert sparkline(values) == bars
