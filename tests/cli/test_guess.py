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


def test_nothing_guessed_is_said() -> None:
    guess = guess_columns({"a": ["x", "y"], "b": ["u", "v"]})
    assert guess.values == {}
    assert all("No column looks like it" in guess.remarks[key] for key in ("date", "response", "channels"))
    assert guess.left_out == ("a", "b")


@pytest.mark.parametrize("market", ["demo_market.csv", "markt_de.csv"])
def test_what_init_writes_can_be_checked(invoke: Invoke, tmp_path: Path, market: str) -> None:
    job = tmp_path / "job.toml"
    assert invoke("init", shipped_path(market), "-o", job).exit_code == 0
    table = read_table(read_job(job))
    assert table.n_rows in (156, 157)


def test_init_without_data_is_a_whole_job(invoke: Invoke, tmp_path: Path) -> None:
    job = tmp_path / "deep" / "job.toml"
    result = invoke("init", "--output", job)
    assert (result.exit_code, read_job(job).client) == (0, "Northwind Foods")


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
