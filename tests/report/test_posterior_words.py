"""What the report says of curves that are draws from a posterior."""

from __future__ import annotations

from dataclasses import replace

import pytest

import mixcurve as mc
from mixcurve.foundations.gate import Gate
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.report import wording
from mixcurve.response.bayes.experiments.report import ExperimentMove, ExperimentReport
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.fit.estimates import EstimateInterval

UNITS = Units(Numbers("en-GB", "GBP"), "week", "orders")
GATES = (
    Gate("R-hat", True, 1.0, 1.01),
    Gate("bulk ESS", False, 90.0, 400.0, "the slope of tv", "Slow.", "Draw more."),
)


@pytest.fixture(scope="module")
def quick() -> MixPosterior:
    table = mc.simulate_market(["tv"], periods=50, seed=3).table
    return mc.sample_mix(table, season=0, quick=True, draws=50, checks=False)


def move(name: str, p: float) -> ExperimentMove:
    found = EstimateInterval("tv", "", 10.0, 8.0, 12.0, 0.9, "", "posterior")
    return ExperimentMove(name, "lift test", "tv", "", *(found,) * 5, 0.2, p, p / 2)  # type: ignore[arg-type]


def test_draws_and_checks_are_counted_and_no_search_is_told_of(quick: MixPosterior) -> None:
    fit = replace(quick, sampler="nutpie", gates=GATES, positions=quick.positions.reshape(4, 50, -1))
    said = wording.fit_sentences(fit, 0.9, UNITS)
    assert said[1:3] == (
        "The curves are known by their posterior: the draws of 4 chains, 50 of each.",
        "1 of 2 checks passed.",
    )
    assert not any(word in " ".join(said) for word in ("search", "degrees of freedom"))
    assert "an approximation" in wording.fit_sentences(quick, 0.9, UNITS)[1]


def test_experiments_that_agree_are_named_and_those_that_do_not_are_told_in_full(quick: MixPosterior) -> None:
    report = ExperimentReport((move("spring test", 0.6), move("autumn test", 0.01)), 0.9)
    fit = replace(quick, experiments=report)
    said = wording.fit_sentences(fit, 0.9, UNITS)
    assert "spring test agrees with the rest of the data." in said
    assert any(s.startswith("autumn test: the test says 10") and "they disagree" in s for s in said)
    assert wording.tests_of(fit) == 2
    table = mc.simulate_market(["tv"], periods=50, seed=3).table
    assert wording.data_title(table, UNITS, 2) == "50 weeks of data, observed, and 2 lift tests"
    assert wording.data_title(table, UNITS) == "50 weeks of data, observed and not experimental"


def test_intervals_and_cards_say_where_they_come_from(quick: MixPosterior) -> None:
    caveats = wording.caveats((), UNITS, has_plan=False, fit=quick)
    assert any("from the data and from what was assumed beforehand" in c for c in caveats)
    assert any("from many plausible fits" in c for c in wording.caveats((), UNITS, has_plan=False))
    assert wording.drawn(quick, UNITS) == "200 posterior draws"
    assert wording.tests_of(quick) == 0
