"""A small market, and its posterior by the quick mode, made once for all that is asked of it."""

from __future__ import annotations

import pytest

import mixcurve as mc
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.market import Market


@pytest.fixture(scope="session")
def market() -> Market:
    return mc.simulate_market(["tv", "search"], periods=104, noise=0.03, seed=5)


@pytest.fixture(scope="session")
def posterior(market: Market) -> MixPosterior:
    return mc.sample_mix(market.table, season=1, quick=True, draws=300, checks=False, seed=1)
