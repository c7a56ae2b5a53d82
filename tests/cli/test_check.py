"""`check` lists every problem of the data at once, or shows what the table holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from mixcurve.tables.shipped import shipped_path

Invoke = Callable[..., Result]


def edited(folder: Path, old: str, new: str) -> None:
    path = folder / "job.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_right_job(invoke: Invoke, folder: Path) -> None:
    result = invoke("check", "job.toml")
    assert result.exit_code == 0, result.stderr
    for part in (
        "weekly.csv: 60 weeks, 2024-01-01 to 2025-02-17",
        "orders",
        "Spend in GBP",
        "tv",
        "20%",
        "▆",
        "is ready",
    ):
        assert part in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_json_holds_the_job_and_the_table(invoke: Invoke, folder: Path) -> None:
    told = json.loads(invoke("check", "job.toml", "--json").stdout)
    assert told["status"] == "ok"
    assert told["job"]["fit"]["curve"] == "hill"
    assert told["table"]["periods"] == 60
    assert [channel["name"] for channel in told["table"]["channels"]] == ["tv", "search"]
    assert told["table"]["channels"][0]["share_without_spend"] == pytest.approx(0.2)


def test_quiet_says_nothing(invoke: Invoke, folder: Path) -> None:
    for arguments in (["check", "job.toml", "--quiet"], ["--quiet", "check", "job.toml"]):
        result = invoke(*arguments)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_every_problem_of_the_data_is_told(invoke: Invoke, folder: Path) -> None:
    lines = (folder / "weekly.csv").read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].replace(lines[3].split(",")[2], "-5")
    lines[7] = ",".join([lines[7].split(",")[0], "", *lines[7].split(",")[2:]])
    lines[9] = ",".join([*lines[9].split(",")[:3], "many"])
    lines[12] = lines[11]
    (folder / "weekly.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = invoke("check", "job.toml")
    assert result.exit_code == 2
    for part in (
        "row 4, column 'tv'",
        "row 8, column 'orders'",
        "row 10, column 'search'",
        "row 13, column 'week'",
    ):
        assert part in result.stderr
    told = json.loads(invoke("check", "job.toml", "--json").stdout)
    assert {4, 8, 10, 13} <= {problem["row"] for problem in told["problems"]}
    assert all(problem["source"] == "weekly.csv" and problem["remedy"] for problem in told["problems"])


def test_missing_data(invoke: Invoke, folder: Path) -> None:
    edited(folder, "weekly.csv", "weakly.csv")
    result = invoke("check", "job.toml")
    assert result.exit_code == 2
    assert "weakly.csv: there is no such file. Did you mean 'weekly.csv'?" in result.stderr


def test_missing_column_names_the_nearest(invoke: Invoke, folder: Path) -> None:
    edited(folder, '"search"', '"serch"')
    result = invoke("check", "job.toml")
    assert result.exit_code == 2
    assert (
        "column 'serch': there is no such column, wanted as a channel. Did you mean 'search'?"
        in result.stderr
    )


def test_too_few_rows_for_the_model(invoke: Invoke, folder: Path) -> None:
    lines = (folder / "weekly.csv").read_text(encoding="utf-8").splitlines()
    (folder / "weekly.csv").write_text("\n".join(lines[:11]) + "\n", encoding="utf-8")
    result = invoke("check", "job.toml")
    assert result.exit_code == 2
    assert "there are 10 rows, but the model of [fit] has 10 parameters. Use more periods" in result.stderr


def test_paths_start_at_the_job_file(
    invoke: Invoke, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke("check", folder / "job.toml").exit_code == 0


def test_columns_with_hostile_names(invoke: Invoke, folder: Path) -> None:
    hostile = "[red]tv[/red]\x1b[31m"
    data = (folder / "weekly.csv").read_text(encoding="utf-8").replace(",tv,", f",{hostile},")
    (folder / "weekly.csv").write_text(data, encoding="utf-8")
    edited(folder, '"tv"', json.dumps(hostile))
    refused = invoke("check", "job.toml")
    assert "[red]tv[/red]" in refused.stderr, "a report cannot print the name"
    assert "\x1b" not in refused.stderr
    with (folder / "job.toml").open("a", encoding="utf-8") as stream:
        stream.write(f'[report.labels]\n{json.dumps(hostile)} = "[red]tv[/red]"\n')
    result = invoke("check", "job.toml")
    assert result.exit_code == 0, result.stderr
    assert "[red]tv[/red]" in result.stdout
    assert "\x1b" not in result.stdout


REGIONS = """[data]
file = "two_regions.csv"
date = "week"
response = "revenue"
channels = ["tv", "search", "social"]
"""


@pytest.mark.parametrize("market", ["north", "south"])
def test_one_market_of_a_table_with_regions(invoke: Invoke, folder: Path, market: str) -> None:
    (folder / "two_regions.csv").write_bytes(shipped_path("two_regions.csv").read_bytes())
    (folder / "job.toml").write_text(
        f'client = "A"\n{REGIONS}group = "region"\nmarket = "{market}"\n', encoding="utf-8"
    )
    result = invoke("check", "job.toml", "--json")
    told = json.loads(result.stdout)
    assert (told["table"]["periods"], told["table"]["groups"]) == (104, [])
    assert told["problems"][-1]["what"] == f"only the 104 rows of '{market}' are read"


def test_a_market_that_is_not_there(invoke: Invoke, folder: Path) -> None:
    (folder / "two_regions.csv").write_bytes(shipped_path("two_regions.csv").read_bytes())
    (folder / "job.toml").write_text(
        f'client = "A"\n{REGIONS}group = "region"\nmarket = "nrth"\n', encoding="utf-8"
    )
    result = invoke("check", "job.toml")
    assert result.exit_code == 2
    assert "8: [data] market: column 'region' never holds 'nrth'. Did you mean 'north'?" in result.stderr


def test_a_channel_that_is_silent_in_one_market(invoke: Invoke, folder: Path) -> None:
    text = shipped_path("two_regions.csv").read_text(encoding="utf-8")
    lines = [line.split(",") for line in text.splitlines()]
    place = lines[0].index("tv")
    for line in lines[1:]:
        if "south" in line:
            line[place] = "0"
    (folder / "two_regions.csv").write_text("\n".join(map(",".join, lines)) + "\n", encoding="utf-8")
    (folder / "job.toml").write_text(
        f'client = "A"\n{REGIONS}group = "region"\nmarket = "south"\n', encoding="utf-8"
    )
    result = invoke("check", "job.toml")
    assert result.exit_code == 2
    assert "column 'tv'" in result.stderr
