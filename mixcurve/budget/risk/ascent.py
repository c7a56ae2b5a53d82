"""Local ascent: from one plan to a better one, by linear programmes in a region that is trusted.

At a plan every draw's total is taken as linear. The objective of linear totals is concave and is held from above by
cuts, one for each weighting of the draws that turns out to be the worst; each step is the best of a small linear
programme, kept only if the objective itself rises.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.risk.draws import Draws
from mixcurve.budget.risk.measures import Concave
from mixcurve.budget.risk.programme import programme

__all__ = ["ascended", "excess_of"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

TINY = float(np.finfo(np.float64).tiny)
STEPS = 60
CUTS = 6
"""Cuts added in one step at most: a step need not be exact."""
MOST_KNOWN = 16
"""Cuts of earlier steps that a step begins with, at most."""
FIRST_REGION = 0.2
"""Half-width of the first trusted region, as a share of each cell's range."""
SMALLEST_REGION = 1e-8
GOOD, POOR = 0.7, 0.3
"""Shares of the predicted gain above which the region grows, and below which it shrinks."""
LOOSE = 0.3
"""Share of the promised gain by which the cuts may exceed the objective at the step."""
EARLIEST, HOPE = 4, 10.0
"""After so many steps a climb is given up that needs more than so many times the gain of its next step."""
INSIDE = 1e-9
"""Relative distance by which rows are kept short of their limit, above the precision of the programme."""
BREAKING = 1e3
"""What breaking a row by its whole scale costs, in sizes of the objective."""
ROUNDING = 1e-12
"""Relative excess over a limit that a sum's rounding may leave."""
STEEPEST = 1e6
"""Largest slope of a draw's total that a step uses, in sizes of the objective per range of the cell."""
FLATTEST = 1e-9
"""Ranges below this share of the widest one count as that."""


@dataclass(frozen=True, eq=False)
class _Point:
    """A plan: its totals and objective, by how much it breaks each row, and the derivatives of all."""

    amount: FloatArray
    totals: FloatArray
    slope: FloatArray
    value: float
    over: FloatArray
    over_slope: FloatArray

    @property
    def broken(self) -> float:
        """The largest relative excess over a row's limit."""
        return float(self.over.max(initial=0.0))


def _point(draws: Draws, concave: Concave, amount: FloatArray) -> _Point:
    model = draws.model
    value, slope = draws.by_channel(amount)
    totals = value @ model.worth - draws.charge(amount)
    weight, constant = concave.cut(totals)
    worth = float(weight @ totals) + constant
    over, over_slope = rows_at(model, amount, model.weight @ value, model.weight @ slope)
    return _Point(amount, totals, slope @ draws.worth - model.money_cost, worth, over, over_slope)


def rows_at(
    model: Model, amount: FloatArray, mean: FloatArray, rise: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return each row's excess over its limit (R,) and its derivative (R × n), relative to the row's size.

    ``mean`` and ``rise`` are the mean response of each channel (C,) and its derivative.
    """
    on, money = (amount > 0).astype(np.float64), model.money(amount)
    over, slope = np.empty(len(model.rows)), np.empty((len(model.rows), model.cells))
    for r, row in enumerate(model.rows):
        size = float(np.abs(row.money) @ money + np.abs(row.response) @ mean) + abs(row.limit)
        by_cell = np.bincount(model.cell, weights=row.response * rise, minlength=model.cells)
        over[r] = float(row.money @ money + row.response @ mean + row.on @ on) - row.limit
        over[r], slope[r] = over[r] / max(size, TINY), (row.money + by_cell) / max(size, TINY)
    return over, slope


def excess_of(draws: Draws, amount: FloatArray) -> float:
    """Return by how much a plan breaks the row it breaks most, relative to the row; not above 0 where it keeps all."""
    model = draws.model
    value, slope = draws.by_channel(amount)
    return float(rows_at(model, amount, model.weight @ value, model.weight @ slope)[0].max(initial=-1.0))


def ascended(
    draws: Draws, concave: Concave, amount: FloatArray, size: float, *, still: float, target: float = -np.inf
) -> FloatArray | None:
    """Return a plan at least as good nearby, or None if none that keeps the rows was found.

    Cells whose being on costs something, or that have a least amount, stay on or off as they are; rows that ``amount``
    breaks are mended on the way. It ends where the promised gain of a step is below ``still`` sizes of the
    objective, or where the plan will hardly become worth more than ``target``.
    """
    low, high = _ranges(draws.model, amount)
    span, region = high - low, FIRST_REGION
    here, known = _point(draws, concave, np.clip(amount, low, high)), list[tuple[FloatArray, float]]()
    for number in range(STEPS):
        reach = np.maximum(low - here.amount, -region * span), np.minimum(high - here.amount, region * span)
        step, gain = _step(here, concave, known, reach, size)
        if gain <= still * size or (number >= EARLIEST and _merit(here, size) + HOPE * gain < target):
            break
        there = _point(draws, concave, np.clip(here.amount + step, low, high))
        part = (_merit(there, size) - _merit(here, size)) / gain
        here = there if part > 0 else here
        region = min(2.0 * region, 1.0) if part > GOOD else region * (0.3 if part < POOR else 1.0)
        if region < SMALLEST_REGION:
            break
    return here.amount if here.broken <= ROUNDING else None


def _ranges(model: Model, amount: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the range of each cell (n,): only 0 for a cell that is off and cannot come on by a small step."""
    counted = (
        np.any([row.on != 0 for row in model.rows], axis=0) if model.rows else np.zeros(model.cells, bool)
    )
    fixed = (amount <= 0) & (counted | (model.setup > 0) | (model.optional & (model.lower > 0)))
    return np.where(fixed, 0.0, model.lower), np.where(fixed, 0.0, model.upper)


def _merit(point: _Point, size: float) -> float:
    return point.value - BREAKING * size * float(np.maximum(point.over + INSIDE, 0.0).sum())


def _step(
    here: _Point,
    concave: Concave,
    known: list[tuple[FloatArray, float]],
    reach: tuple[FloatArray, FloatArray],
    size: float,
) -> tuple[FloatArray, float]:
    """Return the best step within reach, and the gain in merit that linear totals and rows promise.

    ``known`` are weights and constants that held elsewhere, and hold everywhere; the worst ones found are added.
    """
    n, r = len(here.amount), len(here.over)
    width = np.maximum(reach[1] - reach[0], FLATTEST * float((reach[1] - reach[0]).max(initial=0.0)))
    slope = np.minimum(here.slope, STEEPEST * size / np.where(width > 0, width, 1.0))
    below = np.concatenate([here.over_slope, np.zeros((r, 1)), -np.eye(r)], axis=1)
    weight, constant = concave.cut(here.totals)
    now = (float(weight @ here.totals) + constant) / size - BREAKING * float(
        np.maximum(here.over + INSIDE, 0.0).sum()
    )
    step, gain = np.zeros(n), 0.0
    for _ in range(CUTS):
        known.append((weight, constant))
        del known[:-MOST_KNOWN]
        weights, constants = np.stack([w for w, _ in known]), np.array([b for _, b in known])
        cuts = np.concatenate(
            [-(weights @ slope) / size, np.ones((len(known), 1)), np.zeros((len(known), r))], axis=1
        )
        found = _programme(
            cuts, (weights @ here.totals + constants) / size, below, -here.over - INSIDE, reach
        )
        if found is None:
            break
        step, level, gain = found[0][:n], float(found[0][n]), (found[1] - now) * size
        totals = here.totals + slope @ step
        weight, constant = concave.cut(totals)
        if level * size - float(weight @ totals) - constant <= LOOSE * gain:
            break
    return step, gain


def _programme(
    cuts: FloatArray,
    offsets: FloatArray,
    below: FloatArray,
    limit: FloatArray,
    reach: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, float] | None:
    """Return step, level and broken rows that are best under the cuts, and their merit; None if HiGHS fails."""
    n, r = len(reach[0]), len(limit)
    cost = np.concatenate([np.zeros(n), [-1.0], np.full(r, BREAKING)])
    bounds = np.full((n + 1 + r, 2), (0.0, np.inf))
    bounds[:n, 0], bounds[:n, 1] = reach
    bounds[n, 0] = -np.inf
    upper, right = np.concatenate([cuts, below]), np.concatenate([offsets, limit])
    found = programme(cost, (upper, right), None, bounds)
    return None if found is None else (found.x, -found.cost)
