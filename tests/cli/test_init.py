"""What `init` writes and says, and the options for files that do not say how they are to be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from mixcurve.cli.job import read_job
from mixcurve.cli.job_schema import PLACEHOLDER
from mixcurve.tables.shipped import shipped_path

Invoke = Callable[..., Result]


def workbook(path: Path, rows: list[list[object]]) -> None:
    writer = pytest.importorskip("xlsxwriter")
    with writer.Workbook(path) as book:
        for sheet in ("Notes", "Week 1"):
            page = book.add_worksheet(sheet)
            for i, row in enumerate(rows if sheet != "Notes" else [["Ask Kim"]]):
                page.write_row(i, 0, row)


ROWS: list[list[object]] = [
    ["week", "orders", "tv"],
    *([f"2024-W{i:02d}", 70 + i, i * 7 % 11] for i in range(1, 30)),
]


def test_a_workbook_with_two_sheets(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    workbook(tmp_path / "messy.xlsx", ROWS)
    refused = invoke("init", "messy.xlsx")
    assert refused.exit_code == 2
    assert "Say which to read with --sheet" in refused.stderr
    assert "'Notes', 'Week 1'" in refused.stderr
    assert invoke("init", "messy.xlsx", "--sheet", "Week 1").exit_code == 0
    assert 'sheet = "Week 1"' in (tmp_path / "job.toml").read_text(encoding="utf-8")
    assert invoke("check", "job.toml").exit_code == 0


def test_a_file_in_another_encoding(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "\n".join(",".join(map(str, row)) for row in ROWS).replace("tv", "Größe")
    (tmp_path / "latin.csv").write_bytes(text.encode("cp1252"))
    refused = invoke("init", "latin.csv")
    assert refused.exit_code == 2
    assert "Read it with --encoding cp1252, or save the file as UTF-8" in refused.stderr
    assert invoke("init", "latin.csv", "--encoding", "cp1252").exit_code == 0
    assert invoke("check", "job.toml").exit_code == 0
    (tmp_path / "job.toml").write_text(
        (tmp_path / "job.toml").read_text(encoding="utf-8").replace('encoding = "cp1252"', ""),
        encoding="utf-8",
    )
    assert 'Read it with [data] encoding = "cp1252"' in invoke("check", "job.toml").stderr


def test_the_locale_may_be_said(invoke: Invoke, tmp_path: Path) -> None:
    told = invoke(
        "init", shipped_path("demo_market.csv"), "--locale", "en-US", "-o", tmp_path / "a.toml", "--json"
    )
    assert json.loads(told.stdout)["guessed"]["locale"] == "en-US"
    assert read_job(tmp_path / "a.toml").data["locale"] == "en-US"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sheet", "A"], "--sheet is only for Excel files"),
        (
            ["--encoding", "utf-7x"],
            "there is no such text encoding (found 'utf-7x'). Write utf-8, cp1252 or utf-16",
        ),
        (["--locale", "en-UK"], "'en-UK' is not one of"),
        (["-o", "job.txt"], "a job file ends in .toml. Write, for example, --output job.toml"),
    ],
)
def test_options_that_cannot_be(invoke: Invoke, folder: Path, options: list[str], message: str) -> None:
    result = invoke("init", "weekly.csv", "-o", "new.toml", *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (folder / "new.toml").exists()


def test_what_is_left_out_is_told_with_its_reason(invoke: Invoke, folder: Path) -> None:
    (folder / "weekly.csv").write_text(
        "week,orders,tv,clicks\n2024-W01,5,3,1\n2024-W02,6,4,2\n", encoding="utf-8"
    )
    result = invoke("init", "weekly.csv", "-o", "new.toml")
    assert "left out" in result.stdout
    assert "clicks: its name says impressions or clicks, not money" in result.stdout
    assert "# Left out: clicks (its name says" in (folder / "new.toml").read_text(encoding="utf-8")


def test_regions_are_ready_to_check(invoke: Invoke, tmp_path: Path) -> None:
    job = tmp_path / "job.toml"
    assert invoke("init", shipped_path("two_regions.csv"), "-o", job).exit_code == 0
    text = job.read_text(encoding="utf-8")
    assert 'group = "region"' in text
    assert 'Choices: "north", "south"' in text
    assert 'market = "north"' in text
    assert "only the 104 rows of 'north' are read" in invoke("check", job).stderr


def test_the_comments_say_what_now_and_seen_mean(invoke: Invoke, tmp_path: Path) -> None:
    invoke("init", "-o", tmp_path / "job.toml")
    text = " ".join((tmp_path / "job.toml").read_text(encoding="utf-8").replace("#", " ").split())
    assert "Left out, it is the mean of the last year: 52 weeks" in text
    assert "from the least to the most spent in any period of the data" in text


def test_init_without_data_is_a_whole_job(invoke: Invoke, tmp_path: Path) -> None:
    job = tmp_path / "deep" / "job.toml"
    result = invoke("init", "--output", job)
    assert (result.exit_code, read_job(job).client) == (0, PLACEHOLDER)


def test_init_never_replaces_unasked(invoke: Invoke, folder: Path) -> None:
    before = (folder / "job.toml").read_text()
    refused = invoke("init", "weekly.csv")
    assert refused.exit_code == 2
    assert (
        "the job file is there already. Give another name with --output, or replace it with --force"
        in refused.stderr
    )
    assert (folder / "job.toml").read_text() == before
    assert invoke("init", "weekly.csv", "--force").exit_code == 0
    assert (folder / "job.toml").read_text() != before


def test_init_takes_hostile_names_as_they_are(invoke: Invoke, tmp_path: Path) -> None:
    names = ['tv "spend"', "search\\cost", "=1+1 spend", "[bold] spend", "東京 spend"]
    header = ",".join(["week", "orders", *(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names)])
    rows = [
        ",".join(map(str, [f"2024-W{i:02d}", 100 + i, *((i * 7 + j * 3) % 11 for j in range(5))]))
        for i in range(1, 40)
    ]
    data = tmp_path / "a #b's.csv"
    data.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    result = invoke("init", data, "-o", tmp_path / "job.toml")
    assert result.exit_code == 0, result.stderr
    assert list(read_job(tmp_path / "job.toml").data["channels"]) == names
    refused = invoke("check", tmp_path / "job.toml")
    assert refused.exit_code == 2
    assert '"東京 spend" = "Name"' in refused.stderr
    text = (tmp_path / "job.toml").read_text(encoding="utf-8")
    named = text.replace('# "東京 spend" = "東京 spend"', '"東京 spend" = "Tokyo"')
    (tmp_path / "job.toml").write_text(named, encoding="utf-8")
    assert invoke("check", tmp_path / "job.toml").exit_code == 0


def test_init_with_a_job_instead_of_data(invoke: Invoke, folder: Path) -> None:
    result = invoke("init", "job.toml")
    assert result.exit_code == 2
    assert (
        "this is a job file, not data. To choose the name of the job file, write: mixcurve init --output"
        in result.stderr
    )


def test_init_with_data_that_is_not_there(invoke: Invoke, folder: Path) -> None:
    result = invoke("init", "weakly.csv", "-o", "new.toml")
    assert result.exit_code == 2
    assert "there is no such file. Did you mean 'weekly.csv'?" in result.stderr
    assert not (folder / "new.toml").exists()
