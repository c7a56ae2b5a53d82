"""Random problems of every kind, and proofs made by hand whose claims come from an independent maximiser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import mixcurve as mc
from mixcurve.budget.model import Model, PriceTiers, Row
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.proof.trees import BoxTree, TreeProof
from mixcurve.budget.solution import Solution

FAMILIES = ("hill", "logistic", "gompertz", "weibull", "michaelis_menten", "power", "tanh")
NONE = np.zeros((0, 0))


def random_draws(rng: np.random.Generator, channels: int, draws: int, families: tuple[str, ...]) -> tuple:
    """Return curves and draws whose spread is that of a posterior: a fifth around a typical value."""
    curve = tuple(mc.curves[families[int(rng.integers(len(families)))]] for _ in range(channels))
    out = np.full((draws, channels, max(len(c.names) for c in curve)), np.nan)
    for i, c in enumerate(curve):
        out[:, i, 0] = np.exp(0.5 * rng.normal() + 0.2 * rng.normal(size=draws))
        for k, p in enumerate(c.parameters, start=1):
            low, high = (0.5, 1.5) if p.unit == "spend" else (p.typical.low, p.typical.high)
            middle = np.exp(rng.uniform(np.log(low), np.log(high)))
            out[:, i, k] = np.clip(middle * np.exp(0.2 * rng.normal(size=draws)), p.domain.low, p.domain.high)
    return curve, out


def plain_model(
    rng: np.random.Generator, n: int = 6, draws: int = 1, total: float = 3.0, **other: Any
) -> Model:
    """Return n channels, a cell each, and one total budget."""
    curve, drawn = random_draws(rng, n, draws, other.pop("families", FAMILIES))
    names = tuple(f"channel {i}" for i in range(n))
    row = Row("total", "total", np.ones(n), np.zeros(n), np.zeros(n), total)
    model = Model(
        names, curve, drawn, np.full(draws, 1.0 / draws), np.arange(n), np.ones(n), np.ones(n), 0.0,
        np.zeros(n), np.full(n, total), np.zeros(n, dtype=bool), np.zeros(n), (row,), {},
    )  # fmt: skip
    return replace(model, **other)


def rich_model(rng: np.random.Generator, channels: int = 7, draws: int = 3) -> Model:
    """Return a problem with ties, optional cells, set-up costs, price tiers, and rows of every kind."""
    curve, drawn = random_draws(rng, channels, draws, FAMILIES)
    n = channels - 1
    cell = np.minimum(np.arange(channels), n - 1)
    share = np.ones(channels)
    share[n - 1 :] = 0.3, 0.7
    names = tuple(f"channel {i}" for i in range(channels))
    worth = rng.uniform(0.5, 2.0, channels)
    lower, upper = rng.uniform(0.0, 0.3, n) * rng.integers(0, 2, n), rng.uniform(1.0, 3.0, n)
    optional = (rng.uniform(size=n) < 0.4) & (lower > 0)
    setup = np.where(rng.uniform(size=n) < 0.4, rng.uniform(0.02, 0.2, n), 0.0)
    lower[0] = 0.0
    some = (rng.uniform(size=n) < 0.5).astype(float)
    some[:2] = 1.0, 0.0
    zero, none = np.zeros(n), np.zeros(channels)
    rows = (
        Row("total", "total", np.ones(n), none, zero, float(lower.sum() + setup.sum() + 2.0)),
        Row("digital", "most", some, none, zero, float((some * (lower + setup)).sum() + 1.0)),
        Row("brand", "least", -(1.0 - some), none, zero, -0.05),
        Row("total", "roi", np.full(n, 0.2), -worth, zero, 0.0),
        Row("total", "count", zero, none, np.ones(n), float(n - 1)),
    )
    tiers = PriceTiers(np.array([0.0, 0.4, 1.1]), np.array([1.0, 1.3, 1.9]))
    return Model(
        names, curve, drawn, rng.dirichlet(np.full(draws, 5.0)), cell, share, worth, float(rng.integers(0, 2)) * 0.3,
        lower, upper, optional, setup, rows, {names[0]: tiers, names[channels - 1]: tiers},
    )  # fmt: skip


def responses_of(model: Model, amount: np.ndarray) -> np.ndarray:
    """Return the responses (D × ... × C) at amounts (..., n), written out channel by channel."""
    out = []
    for c, curve in enumerate(model.curve):
        x = amount[..., model.cell[c]] * model.share[c]
        if model.channels[c] in model.prices:
            tiers = model.prices[model.channels[c]]
            grid = np.append(tiers.start, 1e9)
            x = np.interp(x, grid, np.append(0.0, np.cumsum(np.diff(grid) / tiers.price)))
        drawn = model.draws[:, c, : len(curve.names)]
        top, *shape = (drawn[:, k].reshape(-1, *[1] * x.ndim) for k in range(drawn.shape[1]))
        out.append(top * curve.unit(x[None], shape))
    return np.stack(out, axis=-1)


def lagrangian(
    model: Model, multiplier: np.ndarray, weight: np.ndarray | None = None
) -> list[Callable[[np.ndarray], np.ndarray]]:
    """Return per cell its part of the Lagrangian as a function of the amount, from the definition."""
    w = model.weight if weight is None else weight
    money = np.array([row.money for row in model.rows])
    on = np.array([row.on for row in model.rows])
    response = np.array([row.response for row in model.rows])

    def of(i: int) -> Callable[[np.ndarray], np.ndarray]:
        def value(t: np.ndarray) -> np.ndarray:
            t = np.asarray(t, dtype=float)
            amount = np.zeros((*t.shape, model.cells))
            amount[..., i] = t
            mine = model.cell == i
            drawn = responses_of(model, amount)[..., mine]
            mean, own = np.tensordot(w, drawn, 1), np.tensordot(model.weight, drawn, 1)
            worth = mean @ model.worth[mine] - own @ (multiplier @ response)[mine]
            spent = np.where(t > 0, t + model.setup[i], 0.0)
            price = model.money_cost + multiplier @ money[:, i]
            return worth - price * spent - np.where(t > 0, multiplier @ on[:, i], 0.0)

        return value

    return [of(i) for i in range(model.cells)]


def highest(function: Callable, low: float, high: float, points: int = 1_500) -> float:
    """Return the maximum over [low, high] from a dense grid, polished around its best points."""
    grid = np.unique(
        np.concatenate([np.linspace(low, high, points), low + (high - low) * np.geomspace(1e-9, 1, 200)])
    )
    values = function(grid)
    best = float(values.max())
    for k in np.argsort(values)[-3:].tolist():
        ends = grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)]
        if ends[1] > ends[0]:
            found = minimize_scalar(
                lambda t: -float(function(t)), bounds=ends, method="bounded", options={"xatol": 1e-13}
            )
            best = max(best, -float(found.fun))
    return best


def dual_bound(
    model: Model,
    multiplier: np.ndarray,
    box: dict | None = None,
    weight: np.ndarray | None = None,
    points: int = 1_500,
) -> float:
    """Return the Lagrangian's maximum over a box {cell: (low, high)}, in which a cell may be 0 where low <= 0."""
    total = float(multiplier @ np.array([row.limit for row in model.rows]))
    for i, part in enumerate(lagrangian(model, multiplier, weight)):
        low, high = (box or {}).get(i, (model.lower[i], model.upper[i]))
        off = low <= 0 or (model.optional[i] and i not in (box or {}))
        best = float(part(np.array(0.0))) if off else -np.inf
        if high > 0:
            best = max(best, highest(part, max(low, 1e-300), high, points))
        total += best
    return total


def leaf_tree(bound: float) -> BoxTree:
    """Return a tree of one leaf."""
    none = np.array([-1])
    return BoxTree(none, np.zeros(1), none, none, np.array([bound]))


def cut_tree(cell: int, cut: float, bounds: tuple[float, float]) -> BoxTree:
    """Return a tree with one cut."""
    return BoxTree(
        np.array([cell, -1, -1]), np.array([cut, 0.0, 0.0]), np.array([1, -1, -1]), np.array([2, -1, -1]),
        np.array([max(bounds), *bounds]),
    )  # fmt: skip


def value_of(model: Model, amount: np.ndarray) -> float:
    """Return the model's objective."""
    mean = np.tensordot(model.weight, responses_of(model, amount), 1)
    return mean @ model.worth - model.money_cost * model.money(amount).sum(axis=-1)


def one_leaf(model: Model, amount: np.ndarray, multiplier: np.ndarray) -> ModelCertificate:
    """Return a certificate with one box."""
    bound = dual_bound(model, multiplier)
    proof = TreeProof(leaf_tree(bound), multiplier[None], NONE)
    return ModelCertificate(model, Solution(amount, float(value_of(model, amount)), bound, 1, proof))


def two_leaves(
    model: Model, amount: np.ndarray, multiplier: np.ndarray, cell: int, cut: float
) -> ModelCertificate:
    """Return a certificate whose root is cut once."""
    low, high = float(model.lower[cell]), float(model.upper[cell])
    bounds = (
        dual_bound(model, multiplier, {cell: (low, cut)}),
        dual_bound(model, multiplier, {cell: (cut, high)}),
    )
    proof = TreeProof(cut_tree(cell, cut, bounds), np.tile(multiplier, (3, 1)), NONE)
    return ModelCertificate(model, Solution(amount, float(value_of(model, amount)), max(bounds), 3, proof))


def keeps(model: Model, amount: np.ndarray) -> np.ndarray:
    """Return which plans (m × n) keep every bound and row, strictly."""
    on = amount > 0
    money = model.money(amount)
    mean = np.tensordot(model.weight, responses_of(model, amount), 1)
    inside = ((amount >= model.lower) & (amount <= model.upper)) | (model.optional & ~on)
    held = inside.all(axis=-1)
    for row in model.rows:
        held &= money @ row.money + mean @ row.response + on @ row.on <= row.limit
    return held


def random_plans(model: Model, rng: np.random.Generator, many: int) -> np.ndarray:
    """Return plans that keep the model: drawn at all scales, at ends of bounds, and off where allowed."""
    scale = rng.uniform(0, 1, (many, 1)) * rng.uniform(0, 1, (many, model.cells)) ** rng.choice(
        [1.0, 3.0, 6.0], (many, 1)
    )
    amount = model.lower + (model.upper - model.lower) * scale
    amount = np.where(rng.uniform(size=amount.shape) < 0.15, model.lower, amount)
    off = model.optional & (rng.uniform(size=amount.shape) < 0.4)
    amount = np.where(off, 0.0, amount)
    return amount[keeps(model, amount)]


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Return the builders of problems and proofs."""
    return SimpleNamespace(
        plain=plain_model, rich=rich_model, one_leaf=one_leaf, two_leaves=two_leaves, plans=random_plans,
        value=value_of, dual=dual_bound, leaf_tree=leaf_tree, cut_tree=cut_tree, keeps=keeps, responses=responses_of,
        draws=random_draws, lagrangian=lagrangian, highest=highest,
    )  # fmt: skip
