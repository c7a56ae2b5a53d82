"""What is said of a finished plan whose curves are in doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest

import mixcurve as mc
from mixcurve.cli.doubts import doubts
from mixcurve.cli.pipeline import Outcome
from mixcurve.foundations.gate import Gate, overall
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.response.bayes.checks.status import as_fit_status
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.market import Market

RHAT = Gate("R-hat", False, 1.04, 1.01, "the slope of tv", "The chains disagree.", "Draw more.")
SIZE = Gate("bulk ESS", False, 120.0, 400.0, "the slope of tv", "The chains disagree.", "Draw more.")
PASSED = Gate("divergences", True, 0.0, 0.0)


@pytest.fixture(scope="module")
def market() -> Market:
    return mc.simulate_market(["tv"], periods=60, noise=0.05, seed=1)


@pytest.fixture(scope="module")
def posterior(market: Market) -> MixPosterior:
    return mc.sample_mix(market.table, season=0, quick=True, draws=50, checks=False)


def told(market: Market, fit: mc.MixFit) -> list[tuple[str, str]]:
    units = Units(Numbers("en-GB", "GBP"))
    found = list(doubts(Outcome(market.table, fit, None, None, None, units)))
    assert {problem.severity for problem in found} <= {"warning"}
    return [(problem.code, problem.what) for problem in found]


def gated(posterior: MixPosterior, *gates: Gate) -> MixPosterior:
    status, message = overall(gates)
    return replace(posterior, gates=gates, status=as_fit_status(status), message=message)


def test_gates_that_ask_for_a_check_are_named(market: Market, posterior: MixPosterior) -> None:
    found = gated(posterior, PASSED, RHAT, SIZE)
    assert found.status == "converged"  # as budgets are told: usable with this in mind
    assert told(market, found) == [
        (
            "gate-r-hat",
            "R-hat is 1.04 (limit 1.01), for the slope of tv. The chains disagree. Draw more",
        ),
        ("gate-bulk-ess", "bulk ESS is 120 (limit 400), for the slope of tv"),
    ]


def test_draws_that_failed_are_told_once(market: Market, posterior: MixPosterior) -> None:
    found = gated(posterior, PASSED, replace(RHAT, grave=True))
    assert found.status == "not converged"
    assert [code for code, _ in told(market, found)] == ["gate-r-hat"]


def test_of_gates_that_passed_nothing_is_said(market: Market, posterior: MixPosterior) -> None:
    assert told(market, gated(posterior, PASSED)) == []


def test_of_a_fit_its_own_words_are_told(market: Market) -> None:
    fit = mc.fit_mix(market.table, season=0, starts=2, resamples=0)
    assert told(market, fit) == []
    stopped = replace(fit, status="not converged", message="The search was stopped.")
    assert told(market, stopped) == [("fit-not-converged", "The search was stopped")]
