"""What the command line says is said in lines of the job or options of the command, never in Python arguments."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from mixcurve.cli.job_words import as_job_lines, as_options
from mixcurve.foundations.errors import Problem
from mixcurve.tables.shipped import shipped_path

Invoke = Callable[..., Result]


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("name their column: group='region'", 'name their column: [data] group = "region"'),
        ("Write channels=['…']", 'Write [data] channels = ["…"]'),
        ("Use fewer channels, season=0, or less", "Use fewer channels, [fit] season = 0, or less"),
        ("with locale 'de-DE' or 'fr-FR', or", 'with [data] locale = "de-DE" or "fr-FR", or'),
        ("there is no locale called 'x'", "there is no locale called 'x'"),
        ('Write sheet = "a"', 'Write sheet = "a"'),
    ],
)
def test_arguments_are_lines(told: str, wanted: str) -> None:
    (problem,) = as_job_lines([Problem("what", told)])
    assert problem.remedy == wanted
    assert as_job_lines([problem]) == (problem,), "said twice it stays"


def test_options_are_quoted_for_a_shell() -> None:
    (problem,) = as_options([Problem("w", "sheet='Week $1' or group='a'")], ["sheet"])
    assert problem.remedy == "--sheet 'Week $1' or group='a'"


def test_check_speaks_of_the_job(invoke: Invoke, folder: Path) -> None:
    (folder / "weekly.csv").write_bytes(shipped_path("two_regions.csv").read_bytes())
    text = (folder / "job.toml").read_text(encoding="utf-8").replace('"orders"', '"revenue"')
    (folder / "job.toml").write_text(text, encoding="utf-8")
    result = invoke("check", "job.toml", "--json")
    assert 'name their column: [data] group = "region"' in result.stderr
    problems = json.loads(result.stdout)["problems"]
    assert {problem["line"] for problem in problems} == {None}
    assert all(isinstance(problem["row"], int) for problem in problems if problem["code"] == "duplicate-date")


def test_warnings_speak_of_the_job(invoke: Invoke, folder: Path) -> None:
    lines = (folder / "weekly.csv").read_text(encoding="utf-8").splitlines()
    rows = [
        ",".join([*line.split(",")[:2], f"{i % 9 + 1}.{i % 7}50", line.split(",")[3]])
        for i, line in enumerate(lines)
    ]
    (folder / "weekly.csv").write_text("\n".join([lines[0], *rows[1:]]) + "\n", encoding="utf-8")
    result = invoke("check", "job.toml")
    assert 'read the file with [data] locale = "de-DE"' in result.stderr
