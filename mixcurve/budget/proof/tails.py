"""Bounds of a quantile, and of the share of draws that beat a plan, over a leaf's box, from weights of the draws.

In the box draw d's total y_d lies between l_d and h_d, and duality gives ``Σ w_d y_d <= L`` for weights w >= 0.

A quantile is t where k draws reach t. Of the n draws with h_d > t at most n - k then stay below t, and each of these
is short of it by at most t - l_d. Hence ``Σ w_d y_d`` is at least

    Σ_(h_d > t) w_d t + Σ_(h_d <= t) w_d l_d - the n - k largest of w_d (t - l_d)^+ over h_d > t,

which does not fall as t rises: once it is above L, or n below k, no plan of the box has a quantile above t.

h_d is what the responses at the largest amounts bring, or what duality leaves to draw d alone at multiples of the
multipliers of the leaf or of all leaves, whichever is less.

For the share of draws above their targets t_d, with chances p_d: ``[y_d > t_d] <= 1 + (w_d / p_d) (y_d - t_d)`` where
``w_d (t_d - l_d) <= p_d``, and it is 0 where h_d <= t_d, so that the share is at most ``Σ p_d + L - Σ w_d t_d``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.objectives import Quantile
from mixcurve.budget.proof.boxes import Boxes, Leaf
from mixcurve.budget.proof.duality import ROUNDING, bounds_by_duality, cell_terms
from mixcurve.budget.proof.peaks import Tasks, proven_peaks
from mixcurve.budget.proof.plan import totals_of
from mixcurve.budget.proof.responses import DrawnResponses
from mixcurve.budget.proof.risk import reached_by
from mixcurve.budget.proof.trees import TreeProof

__all__ = ["quantile_bounds", "share_bounds", "totals_between", "whole_count"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

MULTIPLES = (1.0, 0.75, 1.4, 0.5, 2.0)
"""Multiples of a leaf's multipliers at which each draw alone is bounded: a rich draw has other prices than the mean."""
ALONE = 1e-7
"""Precision of that bound, relative to the largest total."""
BISECTIONS = 60
"""Halvings between the quantiles of the ends of a box: far below the spacing of float64."""
EDGE = 1e-9
"""Part of a draw that the rounding of a count may leave, and by which a weight may exceed its limit."""


def totals_between(responses: DrawnResponses, box: Boxes) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most that each draw's total (D,) can be in a box (1 × n) that holds a plan."""
    model = responses.model
    zero, on = box.zero[0], box.on[0]
    low = np.where(zero, 0.0, box.low[0])
    high = np.where(on, box.high[0], 0.0)
    for row in model.rows:
        if np.all(row.money >= 0) and np.all(row.response >= 0) and np.all(row.on >= 0):
            taken = row.money * np.where(zero, 0.0, low + model.setup)
            left = row.limit - taken.sum() + taken
            with np.errstate(divide="ignore", invalid="ignore"):
                most = np.where(row.money > 0, left / row.money - model.setup, np.inf)
            high = np.minimum(high, np.maximum(most, low))
    least, _, size_low = totals_of(responses, low)
    most_total, _, size_high = totals_of(responses, high)
    # The money of one end belongs to the response of the other.
    cost = model.money_cost * (model.money(high).sum() - model.money(low).sum())
    slack = ROUNDING * (size_low + size_high + abs(cost))
    return least - max(cost, 0.0) - slack, most_total + max(cost, 0.0) + slack


def quantile_bounds(
    responses: DrawnResponses,
    proof: TreeProof,
    leaves: list[Leaf],
    slack: float,
    objective: Quantile,
    claim: float,
) -> FloatArray:
    """Return what no plan's quantile exceeds on each leaf; ``claim`` is what it need not be below."""
    reach = reached_by(objective, len(responses.model.weight))

    def bound(weight: FloatArray, most: float, low: FloatArray, high: FloatArray) -> float:
        return _quantile_bound(weight, low, high, most, reach)

    return _bounds(responses, proof, leaves, slack, bound, claim)


def share_bounds(
    responses: DrawnResponses,
    proof: TreeProof,
    leaves: list[Leaf],
    slack: float,
    target: FloatArray,
    claim: float,
) -> FloatArray:
    """Return what the share of draws above their targets (D,) does not exceed on each leaf."""
    chance = responses.model.weight

    def bound(weight: FloatArray, most: float, low: FloatArray, high: FloatArray) -> float:
        able = high > target
        counted = able | (weight > 0)
        allowed = np.all(weight * (target - low) <= chance * (1.0 + EDGE))
        rounding = ROUNDING * float(np.abs(weight * target).sum())
        by_weights = float(chance[counted].sum()) + most - float(weight @ target) + rounding
        return min(float(chance[able].sum()), by_weights if allowed else np.inf)

    return _bounds(responses, proof, leaves, slack, bound, claim)


def whole_count(bound: float, chance: FloatArray) -> float:
    """Return the bound of a share lowered to a whole number of draws, where all are alike.

    Examples
    --------
    >>> whole_count(0.59, np.full(4, 0.25))
    0.5
    """
    step = float(chance.min())
    return float(np.floor(bound / step + EDGE) * step) if step == chance.max() and step > 0 else bound


def _bounds(
    responses: DrawnResponses,
    proof: TreeProof,
    leaves: list[Leaf],
    slack: float,
    bound: Callable[[FloatArray, float, FloatArray, FloatArray], float],
    claim: float,
) -> FloatArray:
    """Return the bound of each leaf, its draws' largest totals lowered until it is at most the claim, or to the end."""
    model = responses.model
    nodes = [leaf.node for leaf in leaves]
    most = bounds_by_duality(responses, proof, leaves, slack, np.full(len(leaves), -np.inf))
    usual = np.mean(proof.multiplier[nodes], axis=0) if nodes else np.zeros(len(model.rows))
    alone = each_alone(model)
    out = np.full(len(leaves), -np.inf)
    for k, leaf in enumerate(leaves):
        box = Boxes.of(model, np.arange(model.cells), [leaf])
        if not box.held.all():
            continue
        low, high = totals_between(responses, box)
        out[k] = bound(proof.weight[leaf.node], float(most[k]), low, high)
        size = float(np.abs(high).max())
        for multiplier in _tried(proof.multiplier[leaf.node], usual):
            if out[k] <= claim:
                break
            high = np.minimum(high, _most_alone(alone, model, box, multiplier, size))
            out[k] = bound(proof.weight[leaf.node], float(most[k]), low, high)
    return out


def _tried(*bases: FloatArray) -> list[FloatArray]:
    return [part * base for base in bases if base.any() for part in MULTIPLES]


def each_alone(model: Model) -> DrawnResponses:
    """Return the responses of one draw, in which each draw of ``model`` has channels and cells of its own."""
    draws, channels, _ = model.draws.shape
    own = np.arange(draws).repeat(channels)
    return DrawnResponses(
        replace(
            model,
            channels=tuple(f"{d} {name}" for d in range(draws) for name in model.channels),
            curve=model.curve * draws,
            draws=model.draws.reshape(1, draws * channels, -1),
            weight=np.ones(1),
            cell=np.tile(model.cell, draws) + model.cells * own,
            share=np.tile(model.share, draws),
            prices={f"{d} {name}": tiers for d in range(draws) for name, tiers in model.prices.items()},
        )
    )


def _most_alone(
    alone: DrawnResponses, model: Model, box: Boxes, multiplier: FloatArray, size: float
) -> FloatArray:
    """Return what duality leaves to each draw by itself (D,); rows of response, which ask of the mean, are not used."""
    draws, n = len(model.weight), model.cells
    price, when_on, free = np.full(n, model.money_cost), np.zeros(n), 0.0
    for row, pi in zip(model.rows, multiplier.tolist(), strict=True):
        if not row.response.any():
            price, when_on, free = price + pi * row.money, when_on + pi * row.on, free + pi * row.limit
    owner, channel = cell_terms(alone.model, np.arange(n * draws))
    tasks = Tasks(
        group=np.arange(draws).repeat(n),
        low=np.tile(box.low[0], draws),
        high=np.tile(np.where(box.on[0], box.high[0], -1.0), draws),
        price=np.tile(price, draws),
        offset=np.tile(-(price * model.setup + when_on), draws),
        floor=np.tile(np.where(box.zero[0], 0.0, -np.inf), draws),
        owner=owner,
        channel=channel,
        gain=np.tile(model.worth, draws)[channel],
        base=np.zeros(len(channel)),
        weight=np.empty((0, 0)),
    )
    peaks = proven_peaks(alone, tasks, ALONE * size / n)
    best, sizes = (np.bincount(tasks.group, part, draws) for part in (peaks.bound, peaks.size))
    return free + best + ROUNDING * (sizes + abs(free))


def _least_sum(weight: FloatArray, low: FloatArray, high: FloatArray, t: float, reach: int) -> float:
    """Return the least of ``Σ w_d y_d`` over plans with a quantile above t; infinity where there are none."""
    if not np.isfinite(t):
        return t
    able = high > t
    spare = int(able.sum()) - reach
    if spare < 0:
        return float("inf")
    short = weight[able] * np.maximum(t - low[able], 0.0)
    missed = float(np.partition(short, len(short) - spare)[len(short) - spare :].sum()) if spare else 0.0
    return float(weight[able].sum()) * t + float(weight[~able] @ low[~able]) - missed


def _quantile_bound(weight: FloatArray, low: FloatArray, high: FloatArray, most: float, reach: int) -> float:
    """Return the least t above which no quantile is proven to lie, where ``Σ w_d y_d`` is at most ``most``."""
    a, b = (float(np.sort(end)[len(end) - reach]) for end in (low, high))
    for _ in range(BISECTIONS):
        middle = 0.5 * (a + b)
        if _least_sum(weight, low, high, middle, reach) > most:
            b = middle
        else:
            a = middle
    return b
