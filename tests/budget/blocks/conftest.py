"""Random models with nested groups and everything else that the engine of groups takes."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.model import Model, PriceTiers, Row

FAMILIES = ("hill", "logistic", "gompertz", "weibull", "richards", "michaelis_menten", "exponential", "tanh")


def curves_of(rng, n, draws=1, families=FAMILIES, spread=0.7):
    """Return n channels with typical parameters, and the amount of money that suits each."""
    size = np.exp(spread * rng.normal(size=n))
    channels = {}
    for i in range(n):
        curve = mc.curves[families[int(rng.integers(len(families)))]]
        parameters = {"top": size[i] * np.exp(0.35 * rng.normal(size=draws))}
        for p in curve.parameters:
            ends = (np.log(p.typical.low), np.log(p.typical.high)) if p.unit != "spend" else (-0.3, 0.3)
            drawn = np.exp(rng.uniform(*ends, size=draws))
            parameters[p.name] = drawn * size[i] if p.unit == "spend" else drawn
        channels[f"channel {i}"] = (curve, parameters)
    return mc.response_from(channels), size


def money_row(name, kind, cells, n, limit):
    money = np.zeros(n)
    money[cells] = -1.0 if kind == "least" else 1.0
    return Row(name, kind, money, np.zeros(n), np.zeros(n), -limit if kind == "least" else limit)


def model_from(fitted, total, **changes):
    """Return the plain model of a total budget, with changes. Every channel is a cell of its own."""
    n, draws = len(fitted.channels), len(fitted.draws)
    words = {
        "channels": fitted.channels,
        "curve": fitted.curve,
        "draws": fitted.draws,
        "weight": np.full(draws, 1.0 / draws),
        "cell": np.arange(n),
        "share": np.ones(n),
        "worth": np.ones(n),
        "money_cost": 0.0,
        "lower": np.zeros(n),
        "upper": np.full(n, total),
        "optional": np.ones(n, dtype=bool),
        "setup": np.zeros(n),
        "rows": (money_row("total", "total", np.arange(n), n, total),),
        "prices": {},
    }
    return Model(**(words | changes))


def random_nested(rng):
    """Return a random model: groups, minimal amounts, set-up costs, price tiers, draws, profit, or none of these."""
    n, draws = int(rng.integers(2, 9)), int(rng.choice([1, 1, 4]))
    fitted, size = curves_of(rng, n, draws)
    total = float(rng.uniform(0.2, 0.9) * size.sum())
    current = total * rng.dirichlet(np.ones(n))
    lower, upper = np.zeros(n), np.full(n, total)
    if rng.random() < 0.4:
        upper = 2.0 * current
    setup = np.where(rng.random(n) < 0.5, 0.05 * total * rng.random(n), 0.0) * (rng.random() < 0.4)
    if rng.random() < 0.4:
        lower = np.where(rng.random(n) < 0.5, np.minimum(0.3 * size, upper), 0.0)
    rows = [money_row("total", "total", np.arange(n), n, total)]
    if rng.random() < 0.7:
        cut = int(rng.integers(1, n + 1))
        most = rng.uniform(0.8, 1.4) * current[:cut].sum() + setup[:cut].sum()
        rows.append(money_row("group", "most", np.arange(cut), n, most))
    tiers = {"channel 0": PriceTiers(np.array([0.0, 0.2, 0.4]) * total, np.array([1.0, 1.3, 1.8]))}
    return model_from(
        fitted,
        total,
        lower=lower,
        upper=upper,
        setup=setup,
        rows=tuple(rows),
        prices=tiers if rng.random() < 0.3 else {},
        money_cost=float(rng.choice([0.0, 0.0, 0.3])),
        worth=rng.uniform(0.5, 2.0, n) if rng.random() < 0.3 else np.ones(n),
    )


def three_levels(rng, markets, brands, channels, wide=0.5):
    """Return Hill cells in markets and brands; limits of groups bind for a good part of them."""
    n = markets * brands * channels
    fitted, size = curves_of(rng, n, families=("hill",))
    current = 2.0 * size * rng.uniform(0.1, 0.6, n)
    total = float(current.sum())
    cells = np.arange(n).reshape(markets, brands, channels)
    rows = [money_row("total", "total", np.arange(n), n, total)]
    for m in range(markets):
        groups = [(f"market {m}", cells[m].ravel(), 0.5 * wide)]
        groups += [(f"market {m} brand {b}", cells[m, b], wide) for b in range(brands)]
        for name, members, share in groups:
            now = float(current[members].sum())
            rows.append(money_row(name, "most", members, n, (1.0 + share) * now))
            rows.append(money_row(name, "least", members, n, (1.0 - share) * now))
    return model_from(fitted, total, rows=tuple(rows), upper=np.minimum(total, 20.0 * size)), current


@pytest.fixture
def nested():
    return random_nested


@pytest.fixture
def levels():
    return three_levels


@pytest.fixture
def plain():
    return model_from


@pytest.fixture
def portfolio_of():
    return curves_of
