"""Random models with rows of every kind, and the value of plans from the formulas alone."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.model import Model, PriceTiers, Row

FAMILIES = (
    "hill",
    "logistic",
    "gompertz",
    "weibull",
    "richards",
    "michaelis_menten",
    "exponential",
    "power",
)
GRID = {1: 400, 2: 150, 3: 40, 4: 18}
"""Points per cell of the judge's grid, by the number of cells."""


def curves_of(rng, count, families=FAMILIES):
    """Return curves and one draw of their parameters, from the typical ranges, each sized about 1."""
    curves, rows = [], []
    for _ in range(count):
        curve = mc.curves[families[int(rng.integers(len(families)))]]
        size = float(np.exp(0.7 * rng.normal()))
        row = [size * float(np.exp(0.35 * rng.normal()))]
        for p in curve.parameters:
            low, high = (np.log(p.typical.low), np.log(p.typical.high)) if p.unit != "spend" else (-0.3, 0.3)
            drawn = float(np.exp(rng.uniform(low, high)))
            row.append(drawn * size if p.unit == "spend" else drawn)
        curves.append(curve)
        rows.append(row)
    draws = np.full((1, count, max(map(len, rows))), np.nan)
    for i, row in enumerate(rows):
        draws[0, i, : len(row)] = row
    return tuple(curves), draws


def built(curves, draws, rows, upper, **words):
    """Return a model of channels that are cells each, unless told otherwise."""
    count = len(curves)
    cell = np.asarray(words.pop("cell", np.arange(count)))
    n = int(cell.max()) + 1
    parts = {
        "channels": tuple(f"channel {i}" for i in range(count)),
        "curve": tuple(curves),
        "draws": np.asarray(draws, dtype=float),
        "weight": np.full(len(draws), 1 / len(draws)),
        "cell": cell,
        "share": np.ones(count),
        "worth": np.ones(count),
        "money_cost": 0.0,
        "lower": np.zeros(n),
        "upper": np.broadcast_to(np.asarray(upper, dtype=float), (n,)).copy(),
        "optional": np.zeros(n, dtype=bool),
        "setup": np.zeros(n),
        "rows": tuple(rows),
        "prices": {},
    }
    return Model(**(parts | words))


def money_row(kind, mask, limit, channels, name="row"):
    mask = np.asarray(mask, dtype=float)
    return Row(name, kind, mask, np.zeros(channels), np.zeros(len(mask)), float(limit))


def some_rows(rng, n, cell, budget):
    """Return a random choice of a total, overlapping groups, a floor on ROI and a count."""
    channels = len(cell)
    rows = [money_row("total", np.ones(n), budget, channels)] if rng.random() < 0.85 else []
    for _ in range(int(rng.integers(0, 3))):
        mask = (rng.random(n) < 0.6) * 1.0
        most = rng.random() < 0.6
        share = rng.uniform(0.2, 0.8) if most else rng.uniform(0.05, 0.5)
        sign = 1.0 if most else -1.0
        if mask.any():
            rows.append(money_row("most" if most else "least", sign * mask, sign * share * budget, channels))
    if rng.random() < 0.3:
        mask = (rng.random(n) < 0.7) * 1.0
        rows.append(Row("row", "roi", rng.uniform(0.2, 1.0) * mask, -1.0 * mask[cell], np.zeros(n), 0.0))
    if rng.random() < 0.3:
        count = float(rng.integers(1, n + 1))
        rows.append(Row("row", "count", np.zeros(n), np.zeros(channels), np.ones(n), count))
    return rows


def any_model(seed):
    """Return a random model of 2 to 4 channels with any kind of row, ties, tiers, set-up costs, several draws."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 5))
    curves, draws = curves_of(rng, count)
    times = int(rng.choice([1, 1, 3]))
    draws = np.concatenate([draws * np.exp(0.15 * rng.normal(size=draws.shape)) for _ in range(times)])
    cell, share = np.arange(count), np.ones(count)
    if count >= 3 and rng.random() < 0.3:
        cell, share[:2] = np.array([0, 0, *range(1, count - 1)]), [0.3, 0.7]
    n = int(cell.max()) + 1
    budget = rng.uniform(0.2, 0.7) * count
    rows = some_rows(rng, n, cell, budget)
    words = {"cell": cell, "share": share, "optional": rng.random(n) < 0.5}
    words["setup"] = (rng.random(n) < 0.3) * rng.uniform(0, 0.2 * budget, n) * (rng.random() < 0.5)
    words["lower"] = (rng.random(n) < 0.3) * rng.uniform(0, 0.15 * budget, n) * (rng.random() < 0.6)
    aim = rng.random()
    if aim < 0.25:
        words |= {"money_cost": 1.0, "worth": rng.uniform(0.5, 4, count)}
    elif aim < 0.4:
        words |= {"money_cost": 1.0, "worth": np.zeros(count)}
        asked = -rng.uniform(0.1, 0.5) * count * 0.8
        rows = [r for r in rows if r.kind != "total"]
        rows.append(Row("row", "target", np.zeros(n), -np.ones(count), np.zeros(n), asked))
    if rng.random() < 0.25:
        words["prices"] = {
            "channel 0": PriceTiers(np.array([0, 0.2, 0.5]) * budget, np.array([1.0, 1.3, 2.0]))
        }
    upper = np.maximum(rng.uniform(0.3, 1.2, n) * budget, words["lower"])
    return built(curves, draws, rows, upper, **words)


def responses(model, amount):
    """Return the mean response of each channel at amounts (k, n), from the formulas."""
    columns = []
    for c, name in enumerate(model.channels):
        spend = amount[:, model.cell[c]] * model.share[c]
        spend = model.prices[name].volume(spend) if name in model.prices else spend
        value = 0.0
        for weight, draw in zip(model.weight, model.draws[:, c]):
            top, *shape = draw[: len(model.curve[c].names)]
            value = value + weight * top * model.curve[c].unit(spend, shape)
        columns.append(value)
    return np.stack(columns, axis=1)


def judged(model, amount):
    """Return what plans (k, n) are worth, and whether they keep every bound and row."""
    response, money, on = responses(model, amount), model.money(amount), (amount > 0) * 1.0
    kept = np.all(
        ((amount >= model.lower) & (amount <= model.upper))
        | ((amount == 0) & (model.optional | (model.lower <= 0))),
        axis=1,
    )
    for row in model.rows:
        used = [money * row.money, response * row.response, on * row.on]
        size = sum(np.abs(part).sum(axis=1) for part in used) + abs(row.limit)
        kept &= sum(part.sum(axis=1) for part in used) - row.limit <= 1e-12 * size
    return response @ model.worth - model.money_cost * money.sum(axis=1), kept


def grid_of(model, points=None):
    """Return plans on a grid, finer near the lower bounds, with 0 where that is allowed."""
    points, axes = points or GRID[model.cells], []
    for low, high, optional in zip(model.lower, model.upper, model.optional):
        share = np.union1d(np.linspace(0, 1, points), np.geomspace(1e-3, 1, 8))
        axis = np.minimum(low + (high - low) * share, high)
        axes.append(np.union1d(axis, [0.0]) if optional or low <= 0 else axis)
    return np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=1)


def leaf_bound(solution, plans):
    """Return the bound of the leaf of the proof that each plan (k, n) falls into."""
    tree, out = solution.proof.tree, np.empty(len(plans))
    waiting = [(0, np.arange(len(plans)))]
    while waiting:
        node, mine = waiting.pop()
        if tree.cell[node] < 0:
            out[mine] = tree.bound[node]
            continue
        low = plans[mine, tree.cell[node]] <= tree.cut[node]
        waiting += [(int(tree.low[node]), mine[low]), (int(tree.high[node]), mine[~low])]
    return out


@pytest.fixture
def make():
    """What tests build and judge models with."""
    return SimpleNamespace(
        any=any_model,
        model=built,
        curves=curves_of,
        money=money_row,
        judged=judged,
        grid=grid_of,
        leaf_bound=leaf_bound,
        responses=responses,
    )
