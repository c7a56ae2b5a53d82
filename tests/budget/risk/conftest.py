"""Small models with draws, and judges that know nothing of the solver: formulas, and every plan of a grid."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.model import Model, Row


def model_of(draws, curve="hill", total=None, **changes):
    """Return a model with a cell per channel and a total, from draws (D × C × parameters)."""
    many, channels, _ = draws.shape
    chosen = curve if isinstance(curve, tuple) else (curve,) * channels
    zeros, ones = np.zeros(channels), np.ones(channels)
    rows = () if total is None else (Row("total", "total", ones, zeros, zeros, float(total)),)
    fields = {
        "channels": tuple(f"channel {i}" for i in range(channels)),
        "curve": tuple(mc.curves[name] for name in chosen),
        "draws": draws,
        "weight": np.full(many, 1.0 / many),
        "cell": np.arange(channels),
        "share": ones,
        "worth": ones,
        "money_cost": 0.0,
        "lower": zeros,
        "upper": np.full(channels, 10.0 if total is None else float(total)),
        "optional": np.zeros(channels, dtype=bool),
        "setup": zeros,
        "rows": rows,
        "prices": {},
    }
    return Model(**(fields | changes))


def random_draws(rng, many, channels, spread=0.3):
    """Return draws of Hill curves: S-shaped, alike in what they bring per unit of spend."""
    half, slope = np.exp(0.5 * rng.normal(size=channels)), rng.uniform(1.5, 4.0, channels)
    top = half * np.exp(0.3 * rng.normal(size=channels))
    noise = np.exp(spread * rng.normal(size=(3, many, channels)))
    return np.stack([top * noise[0], half * noise[1], np.maximum(slope * noise[2] ** 0.5, 0.6)], axis=-1)


def totals_at(model, plans):
    """Return the objective in each draw (plans × D) from the formulas alone; without tiers of prices."""
    plans = np.atleast_2d(plans)
    spend = plans[:, model.cell] * model.share
    total = -model.money_cost * model.money(plans).sum(axis=1)[:, None]
    for c, curve in enumerate(model.curve):
        top, *shape = (model.draws[:, c, j] for j in range(len(curve.names)))
        with np.errstate(under="ignore"):
            total = total + model.worth[c] * top * curve.unit(spend[:, c, None], shape)
    return total


def tail_mean(totals, tail):
    """Return the mean over the worst share of the draws, by its definition as an integral of quantiles."""
    ordered = np.sort(totals, axis=1)
    many = ordered.shape[1]
    part = np.clip(tail * many - np.arange(many), 0.0, 1.0) / (tail * many)
    return ordered @ part


def grid_of(total, channels, steps):
    """Return every plan on a grid that spends the total or less."""
    cuts = np.array([p for p in product(range(steps + 1), repeat=channels) if sum(p) <= steps])
    return cuts * (total / steps)


@pytest.fixture
def model():
    return model_of


@pytest.fixture
def drawn():
    return random_draws


@pytest.fixture
def totals():
    return totals_at


@pytest.fixture
def tail():
    return tail_mean


@pytest.fixture
def grid():
    return grid_of
