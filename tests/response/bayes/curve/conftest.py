"""Campaigns with a known truth, drawn from a population."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from mixcurve.response.bayes.curve.data import campaign_data
from mixcurve.response.bayes.curve.model import CampaignModel
from mixcurve.response.bayes.curve.sample import posed
from mixcurve.response.curves import Curve, resolve_curve


def simulate(campaigns: int, rows: int, seed: int, noise: float = 0.15) -> SimpleNamespace:
    """Return Hill campaigns: log half over large spend N(log 0.5, 0.35²), log slope N(log 2, 0.25²)."""
    rng = np.random.default_rng(seed)
    amount = 1e4 * np.exp(rng.standard_normal(campaigns))
    half = 2.0 * amount * np.exp(np.log(0.5) + 0.35 * rng.standard_normal(campaigns))
    slope = np.exp(np.log(2.0) + 0.25 * rng.standard_normal(campaigns))
    top = 100.0 * (amount / 1e4) ** 0.6 * np.exp(0.5 * rng.standard_normal(campaigns))
    baseline = top * rng.uniform(0.3, 1.0, campaigns)
    spend = rng.gamma(2.0, 0.5, (campaigns, rows)) * amount[:, None]
    spend[rng.random(spend.shape) < 0.05] = 0.0
    brought = top[:, None] / (1.0 + (half[:, None] / np.maximum(spend, 1e-9)) ** slope[:, None])
    sales = baseline[:, None] + brought + noise * top[:, None] * rng.standard_normal(spend.shape)
    name = np.repeat([f"c{i}" for i in range(campaigns)], rows)
    table = {"name": name, "spend": spend.ravel(), "sales": sales.ravel()}
    roi = brought.sum(axis=1) / spend.sum(axis=1)
    return SimpleNamespace(table=table, half=half, slope=slope, top=top, baseline=baseline, roi=roi)


def pose(
    family: str,
    campaigns: int = 3,
    rows: int = 20,
    *,
    baseline: bool = True,
    curve: str | Curve = "hill",
    weighted: bool = False,
) -> CampaignModel:
    """Return the model of simulated campaigns under a family of noise."""
    table = simulate(campaigns, rows, 1).table
    response, weight = table["sales"], np.ones(campaigns * rows)
    if family in ("poisson", "negative binomial"):
        response = np.round(np.maximum(response, 0.0))
    if family == "binomial":
        weight = np.full(campaigns * rows, 20_000.0)
        response = np.round(np.maximum(response, 0.0)) / weight
    if weighted:
        weight = np.random.default_rng(3).uniform(0.5, 2.0, campaigns * rows)
    which = np.repeat(np.arange(campaigns), rows)
    names = tuple(dict.fromkeys(table["name"].tolist()))
    data = campaign_data(names, which, table["spend"], response, weight, family)
    return posed(data, resolve_curve(curve), family, baseline, None, 1.0)


@pytest.fixture(scope="session")
def simulated() -> Callable[..., SimpleNamespace]:
    """Return the simulator."""
    return simulate


@pytest.fixture(scope="session")
def model_of() -> Callable[..., CampaignModel]:
    """Return what poses simulated campaigns."""
    return pose
