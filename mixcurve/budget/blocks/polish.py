"""The last digits of many plans at once: Newton's method on equal slopes, with money held or priced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.hulls import Boxes
from mixcurve.budget.functions import Functions

__all__ = ["Plans", "polished"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

ROUNDS = 40
STILL = 1e-15
"""Largest relative step at which plans have come to rest."""
HALVINGS = 12
"""Halvings of a step that loses value, before the plan is left as it is."""
TINY = 1e-200
"""Amounts below this count as this, so that nothing divided by them overflows."""
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Plans:
    """Plans of b problems: flat boxes of cells, the problem of each, amounts t; money held at ``total`` or priced.

    ``total`` (b,) is NaN where money is not held but costs ``price`` (b,) a unit. Cells that are off stay off.
    """

    boxes: Boxes
    problem: IndexArray
    amount: FloatArray
    total: FloatArray
    price: FloatArray


def polished(functions: Functions, plans: Plans) -> FloatArray:
    """Return amounts (as given) with every problem at a local optimum of the cells that are on.

    Each step solves ``F''_i dt_i = π - F'_i`` with ``Σ dt_i`` what the money lacks, or with π the price. A step is cut
    where it leaves a box and halved where it loses value.
    """
    boxes, problem = plans.boxes, plans.problem
    b = len(plans.total)
    held = np.isfinite(plans.total)
    t = plans.amount.copy()
    on = (t > 0) & (boxes.high > boxes.low)
    alive = np.bincount(problem, on, b) > 0
    for _ in range(ROUNDS):
        some = np.flatnonzero(on & alive[problem])
        if not len(some):
            break
        value, slope, second = functions.curvature(boxes.row[some], t[some])
        owner = problem[some]
        lacking = np.where(
            held, plans.total - np.bincount(problem, t + np.where(t > 0, boxes.setup, 0.0), b), 0.0
        )
        step = _steps(
            slope,
            second,
            owner,
            lacking,
            held,
            plans.price,
            (t[some] <= boxes.low[some], t[some] >= boxes.high[some]),
        )
        size = np.zeros(b)
        np.maximum.at(size, owner, np.abs(step) / np.maximum(t[some], TINY))
        moved, better = _longest(
            functions, boxes.at(some), t[some], step, owner, plans, value, np.abs(lacking)
        )
        t[some] = np.where(better[owner], moved, t[some])
        alive &= (size > STILL) & better
    return t


def _steps(
    slope: FloatArray,
    second: FloatArray,
    owner: IndexArray,
    lacking: FloatArray,
    held: BoolArray,
    price: FloatArray,
    ends: tuple[BoolArray, BoolArray],
) -> FloatArray:
    """Return the steps (0 for cells that a bound holds)."""
    b = len(held)
    usable = np.isfinite(second) & (second != 0) & np.isfinite(slope)
    give = np.where(usable, 1.0 / np.where(usable, second, 1.0), 0.0)
    free = usable & ~ends[0] & ~ends[1]
    for _ in range(2):
        weight = np.where(free, give, 0.0)
        total = np.bincount(owner, weight, b)
        with np.errstate(divide="ignore", invalid="ignore"):
            level = (lacking + np.bincount(owner, weight * slope, b)) / total
        level = np.where(held, np.where(np.isfinite(level), level, np.nan), price)
        wish = (level[owner] - slope) * give
        # A cell at a bound moves where its slope draws it inside.
        free = usable & ~(ends[0] & ~(wish > 0)) & ~(ends[1] & ~(wish < 0))
    return np.where(free & np.isfinite(wish), wish, 0.0)


def _longest(
    functions: Functions,
    boxes: Boxes,
    t: FloatArray,
    step: FloatArray,
    owner: IndexArray,
    plans: Plans,
    value: FloatArray,
    lacking: FloatArray,
) -> tuple[FloatArray, BoolArray]:
    """Return the plan after each problem's longest halving of its step that loses nothing, and where there is one."""
    b = len(plans.total)
    room = np.where(step > 0, boxes.high - t, t - boxes.low)
    size = np.abs(step)
    share = np.where(size > room, room / np.where(size > 0, size, 1.0), 1.0)
    length = np.ones(b)
    np.minimum.at(length, owner, share)
    cost = np.where(np.isfinite(plans.total), 0.0, plans.price)[owner]
    before = np.bincount(owner, value - cost * t, b)
    scale = np.bincount(owner, np.abs(value), b)
    best, good = t.copy(), np.zeros(b, dtype=np.bool_)
    # While money is still to be brought to the total, value cannot be held against the plan before.
    free = lacking > 1e-12 * np.maximum(np.abs(plans.total), 1e-300)
    for _ in range(HALVINGS):
        moved = np.clip(t + length[owner] * step, boxes.low, boxes.high)
        after = np.bincount(owner, functions.value(boxes.row, moved) - cost * moved, b)
        fine = ~good & ((after >= before - 2.0 * EPS * scale) | free)
        best = np.where(fine[owner], moved, best)
        good |= fine
        if good.all():
            break
        length = np.where(good, length, 0.5 * length)
    return best, good
