"""What the optimiser is asked: the current plan, the total, the bounds, and who is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixcurve.cli.job import Job, read_job
from mixcurve.cli.planning import Question, now, present, present_words
from mixcurve.cli.planning import question as asked_of
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import Numbers
from mixcurve.response.evidence import ChannelEvidence, Grade
from mixcurve.response.fitted import KnownCurves, response_from
from mixcurve.tables.table import SpendTable

HEAD = 'client = "A"\n[data]\nfile = "a.csv"\ndate = "w"\nresponse = "y"\nchannels = ["tv", "search"]\n'
CURRENT = {"tv": 100.0, "search": 50.0}

Read = Callable[[str], Job]


def question(job: Job, spent: KnownCurves) -> Question:
    return asked_of(job, spent, Numbers())


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def written(text: str) -> Job:
        (tmp_path / "job.toml").write_text(HEAD + text, encoding="utf-8")
        return read_job(tmp_path / "job.toml")

    return written


def fitted(grades: Mapping[str, Grade] | None = None, current: Mapping[str, float] = CURRENT) -> KnownCurves:
    hill = {"top": 10.0, "half": 60.0, "slope": 2.0}
    curves = response_from(
        {"tv": ("hill", hill), "search": ("hill", hill)},
        current=current,
        spend_range={"tv": (20.0, 300.0), "search": (0.0, 90.0)},
    )
    graded = {"tv": "supported", "search": "supported"} | dict(grades or {})
    return replace(curves, evidence=tuple(ChannelEvidence(c, g, ()) for c, g in graded.items()))  # type: ignore[arg-type]


def table(rows: int = 60) -> SpendTable:
    dates = np.datetime64("2024-01-01") + 7 * np.arange(rows)
    spend = np.column_stack([np.arange(rows, dtype=float), np.ones(rows)])
    return SpendTable(
        dates=dates.astype("datetime64[D]"), spend=spend, response=np.arange(rows, dtype=float),
        controls=np.empty((rows, 0)), channels=("tv", "search"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("budget", "total"),
    [
        ("", 150.0),
        ("total = 120\n", 120.0),
        ('change = "+10%"\n', 165.0),
        ('change = "-50%"\nhold_not_shown = true\n', 75.0),
    ],
)
def test_total(read: Read, budget: str, total: float) -> None:
    assert question(read("[budget]\n" + budget), fitted()).total == pytest.approx(total)


@pytest.mark.parametrize(
    ("budget", "bounds"),
    [
        ("", {"tv": (20, 300), "search": (0, 90)}),
        ('within = "±20%"\n', {"tv": (80, 120), "search": (40, 60)}),
        ('within = "-10%..+50%"\n', {"tv": (90, 150), "search": (45, 75)}),
        ("[budget.bounds]\ntv = [10, 500]\n", {"tv": (10, 500), "search": (0, 90)}),
        ('within = "±20%"\n[budget.bounds]\ntv = "±50%"\n', {"tv": (50, 150), "search": (40, 60)}),
        ('hold = ["tv"]\n', {"tv": (100, 100), "search": (0, 90)}),
    ],
)
def test_bounds(read: Read, budget: str, bounds: dict[str, Any]) -> None:
    asked = question(read("[budget]\n" + budget), fitted())
    assert {name: pytest.approx(pair) for name, pair in asked.bounds.items()} == bounds


def test_what_the_data_do_not_show_is_held(read: Read) -> None:
    dark = fitted({"tv": "not shown"})
    asked = question(read("[budget]\n"), dark)
    assert asked.bounds["tv"] == (100.0, 100.0)
    assert asked.held == {"tv": "the data do not show its curve"}
    assert question(read("[budget]\nhold_not_shown = false\n"), dark).held == {}
    freed = question(read("[budget.bounds]\ntv = [0, 200]\n"), dark)
    assert (freed.held, freed.bounds["tv"]) == ({}, (0.0, 200.0))


def test_a_current_plan_outside_what_was_seen_stays_possible(read: Read) -> None:
    asked = question(read("[budget]\n"), fitted(current={"tv": 400.0, "search": 0.0}))
    assert asked.bounds["tv"] == (20.0, 400.0)


def test_least_amounts_above_the_total(read: Read) -> None:
    with pytest.raises(
        InputError, match=r"job\.toml, row 7: the least amounts .* add up to 170, more than the total of 150"
    ):
        question(
            read("[budget]\ntotal = 150\n[budget.bounds]\ntv = [120, 200]\nsearch = [50, 60]\n"), fitted()
        )
    with pytest.raises(InputError, match="with tv held at current spend"):
        question(read('[budget]\ntotal = 50\nhold = ["tv"]\n'), fitted())


def test_present(read: Read) -> None:
    assert present(read(""), table()) is None
    assert present(read("[budget]\n"), table()) is None
    assert present(read('[budget]\ncurrent = "all"\n'), table()) == 60
    assert present(read('[budget]\ncurrent = "last 26"\n'), table()) == 26
    assert present(read("[budget.current]\ntv = 5\nsearch = 0\n"), table()) == {"tv": 5.0, "search": 0.0}


def test_a_current_plan_that_cannot_be_had(read: Read) -> None:
    with pytest.raises(
        InputError, match=r"row 8: \[budget\] current asks for the last 61 weeks, but there are 60"
    ):
        present(read('[budget]\ncurrent = "last 61"\n'), table())
    with pytest.raises(InputError, match=r"\[budget\] current says nothing of search"):
        present(read("[budget.current]\ntv = 5\n"), table())


@pytest.mark.parametrize(
    "budget", ["", 'current = "all"\n', 'current = "last 26"\n', "[budget.current]\ntv = 5\nsearch = 3\n"]
)
@pytest.mark.parametrize("every", ["week", "month", "year"])
def test_now_is_what_the_fit_takes(read: Read, budget: str, every: str) -> None:
    from mixcurve.response.fit.mix.fit import fit_mix

    wave = np.sin(np.arange(60.0))
    data = replace(
        table(), every=every, spend=np.column_stack([50 + 40 * wave, 30 + 20 * wave**2]), response=9 + wave
    )
    job = read("[budget]\n" + budget)
    fit = fit_mix(data, current=present(job, data), season=0, starts=1, resamples=0)
    spent = now(job, data)
    np.testing.assert_array_equal(spent.current, fit.current)
    np.testing.assert_array_equal(spent.spend_range, fit.spend_range)


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ("", "mean of the last 52 weeks"),
        ('current = "all"\n', "mean of all 60 weeks"),
        ('current = "last 26"\n', "mean of the last 26 weeks"),
        ("[budget.current]\ntv = 5\nsearch = 0\n", "the amounts of [budget.current]"),
    ],
)
def test_now_in_words(read: Read, budget: str, words: str) -> None:
    assert present_words(read("[budget]\n" + budget), table()) == words
