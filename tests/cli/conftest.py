"""A job and a table that are right, to be made wrong in one way at a time; and the command line as a process."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

WEEKS = 60
JOB = """\
client = "Northwind Foods"

[data]
file = "weekly.csv"
date = "week"
response = "orders"
channels = ["tv", "search"]
currency = "GBP"

[fit]
season = 0
starts = 8
resamples = 10

[budget]
change = "+10%"

[report]
file = "out/northwind.pdf"
"""

Start = Callable[..., subprocess.Popen[str]]
Run = Callable[..., subprocess.CompletedProcess[str]]


def weekly_rows(weeks: int = WEEKS) -> list[list[Any]]:
    """Return rows of week, orders, tv, search whose response follows two curves and a slow wave."""
    rows = []
    for i in range(weeks):
        tv = 0.0 if i % 5 == 0 else 20_000.0 + 15_000.0 * math.sin(1.7 * i)
        search = 9_000.0 + 7_000.0 * math.cos(2.3 * i)
        orders = (
            5_000 + 2_000 * tv**2 / (tv**2 + 2e4**2) + 900 * search / (search + 5e3) + 60 * math.sin(5.1 * i)
        )
        year, week = 2024 + i // 52, i % 52 + 1
        rows.append([f"{year}-W{week:02d}", round(orders, 2), round(tv, 2), round(search, 2)])
    return rows


def as_csv(rows: list[list[Any]], header: str = "week,orders,tv,search") -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with a right job and a right table; its name has a space and is no ASCII."""
    place = tmp_path / "Größe & Co"
    place.mkdir()
    (place / "job.toml").write_text(JOB, encoding="utf-8")
    (place / "weekly.csv").write_text(as_csv(weekly_rows()), encoding="utf-8")
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Return a function that runs a command in this process."""
    from mixcurve.cli.main import app

    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def start() -> Start:
    """Return a function that starts the command line as a process of its own."""

    def run(*arguments: object, cwd: Path | None = None, **more: Any) -> subprocess.Popen[str]:
        environment = (
            os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"} | more.pop("env", {})
        )
        return subprocess.Popen(
            [sys.executable, "-m", "mixcurve", *map(str, arguments)],
            cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", **more,
        )  # fmt: skip

    return run


@pytest.fixture
def run(start: Start) -> Run:
    """Return a function that runs the command line as a process of its own to its end."""

    def whole(*arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
        with start(*arguments, **more) as process:
            out, err = process.communicate(timeout=120)
            return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return whole
