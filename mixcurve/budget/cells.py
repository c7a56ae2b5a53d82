"""A bound from a dynamic programme over cells of spend, for channels so alike that cutting boxes does not end.

The money above the lower bounds, R, is cut into ``steps`` equal parts of width h. A plan that spends all of it puts
channel i into a cell j_i, and the cells add up to between steps - n and steps. With m_i(j) the maximum of
``f_i(l_i + y) - λ y`` over y in cell j, for any price λ >= 0,

    Σ f_i(x_i) <= λ R + max { Σ m_i(j_i) : steps - n <= Σ j_i <= steps }.

Cells that cannot be part of a plan above a given value by the plain Lagrangian bound are left out first, which makes
fine steps affordable. That value, or the programme's if larger, is then the proven bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.channels import Channels
from mixcurve.budget.polish import polished

__all__ = ["CellBound", "cell_bound", "refined"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

EPS = float(np.finfo(np.float64).eps)
HALF_WAYS = 70
"""Halvings that find each channel's maximum on its concave branch: to the last digit."""
STEPS = (4_000, 8_000, 16_000)
"""Cells tried, one after the other: the bound's error falls with their number."""
AIM = 0.01
"""The part of the tolerance that is asked of a programme, so that the gap it proves is small."""
MOST_CELLS = 4_000_000
"""Largest number of cells, over all channels: about 200 MB."""
MOST_WORK = 3_000_000_000
"""Largest number of additions of one programme: some three seconds."""
EDGE = 1e-6
"""Distance to a cell's edge, in cells, within which a point counts to both sides."""
SPARE = 1
"""Cells by which the sum may leave its range, for the rounding of cell edges."""


@dataclass(frozen=True, eq=False)
class CellBound:
    """The proven bound, the price and steps that prove it, and the plan that the programme found (not polished)."""

    bound: float
    price: float
    steps: int
    spend: FloatArray


def refined(
    channels: Channels, box: tuple[FloatArray, FloatArray], total: float, spend: FloatArray, tolerance: float
) -> tuple[CellBound | None, FloatArray]:
    """Return the best bound that finer and finer cells prove, and a plan at least as good as the one given.

    Ends when the bound is within the relative ``tolerance`` of the plan's value, or the work would be too much.
    """
    best: CellBound | None = None
    plan = polished(channels, spend, *box)
    for steps in STEPS:
        inside = (plan > box[0]) & (plan < box[1])
        if not inside.any():
            break
        price, value = float(channels.marginal(plan)[1][inside].mean()), float(channels.value(plan).sum())
        goal = value * (1.0 + AIM * tolerance)
        found = cell_bound(channels, *box, total, price=price, steps=steps, goal=goal)
        if found is None:
            break
        best = found if best is None or found.bound < best.bound else best
        other = polished(channels, _stretched(found.spend, *box, total), *box)
        plan = other if float(channels.value(other).sum()) > value else plan
        if best.bound <= float(channels.value(plan).sum()) * (1.0 + tolerance):
            break
    return best, plan


def _stretched(spend: FloatArray, lower: FloatArray, upper: FloatArray, total: float) -> FloatArray:
    """Return the plan with what it spends above the lower bounds brought to the total, as far as the bounds allow."""
    more = spend - lower
    used = float(more.sum())
    return np.minimum(lower + more * ((total - float(lower.sum())) / used), upper) if used > 0 else spend


def cell_bound(
    channels: Channels,
    lower: FloatArray,
    upper: FloatArray,
    total: float,
    *,
    price: float,
    steps: int,
    goal: float,
) -> CellBound | None:
    """Return the bound, or None where the upper bounds leave money over or the programme would be too long.

    Parameters
    ----------
    price
        λ; the marginal response at a good plan serves best.
    steps
        Cells of the money above the lower bounds.
    goal
        Plans worth no more than this are of no interest; the bound is never below it.
    """
    free = total - float(lower.sum())
    if channels.size * steps > MOST_CELLS or free <= 0 or float((upper - lower).sum()) <= free:
        return None
    edges = np.minimum(lower + (free / steps) * np.arange(steps + 2)[:, None], upper)
    values = channels.value(edges) - price * (edges - lower)
    best = np.maximum(values[:-1], values[1:])
    at, top = _concave_best(channels, lower, upper, price)
    place = (at - lower) / (free / steps)
    home = np.minimum(place.astype(np.intp), steps)
    for near in (place - EDGE, place + EDGE):  # both cells where rounding leaves it open which one it is
        cell = np.clip(near.astype(np.intp), 0, steps)
        best[cell, np.arange(channels.size)] = np.maximum(best[cell, np.arange(channels.size)], top)
    exists = edges[:-1] < upper
    exists[0] = True
    best = np.where(exists, best, -np.inf)
    peak = best.max(axis=0)
    size = float(np.abs(channels.value(upper)).sum()) + 2.0 * price * total
    slack = (64.0 + channels.size) * EPS * size
    spare = price * free + float(peak.sum()) + slack - goal
    kept = best >= peak - max(spare, 0.0)
    if int(kept.sum()) * steps > MOST_WORK:
        return None
    if not np.all(kept.any(axis=0)):
        return CellBound(goal, price, steps, lower.copy())
    found, cells = _programme(best, kept, steps)
    spend = np.clip(np.where(cells == home, at, edges[cells, np.arange(channels.size)]), lower, upper)
    return CellBound(max(price * free + found + slack, goal), price, steps, spend)


def _concave_best(
    channels: Channels, lower: FloatArray, upper: FloatArray, price: float
) -> tuple[FloatArray, FloatArray]:
    """Return where f - λ x is largest on the concave branch, and a proven bound on f - λ (x - l) there."""
    low = np.maximum(lower, np.minimum(channels.bend, upper))
    high = upper.copy()
    for _ in range(HALF_WAYS):
        middle = 0.5 * (low + high)
        rises = channels.marginal(middle)[1] >= price
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    value, slope = channels.marginal(low)
    return low, value - price * (low - lower) + np.maximum(slope - price, 0.0) * (high - low)


def _programme(best: FloatArray, kept: BoolArray, steps: int) -> tuple[float, npt.NDArray[np.intp]]:
    """Return the best sum over cells that add up to the steps, and the cells."""
    n = best.shape[1]
    states = [np.full(steps + SPARE + 1, -np.inf)]
    states[0][0] = 0.0
    for i in range(n):
        before, after = states[-1], np.full_like(states[0], -np.inf)
        for j in np.flatnonzero(kept[:, i]).tolist():
            np.maximum(after[j:], before[: len(before) - j] + best[j, i], out=after[j:])
        states.append(after)
    least = max(steps - n - SPARE, 0)
    reached = least + int(np.argmax(states[-1][least:]))
    found = float(states[-1][reached])
    cells = np.zeros(n, dtype=np.intp)
    for i in range(n - 1, -1, -1):
        choices = np.flatnonzero(kept[: reached + 1, i])
        if not len(choices):
            break
        cells[i] = choices[int(np.argmax(states[i][reached - choices] + best[choices, i]))]
        reached -= int(cells[i])
    return found, cells
