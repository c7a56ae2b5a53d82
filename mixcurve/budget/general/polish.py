"""The last digits of a plan: Newton's method on the conditions of a local optimum, with the rows and bounds that bind.

Every step solves the quadratic programme of the Lagrangian with a working set of rows and bounds: those that a step
would break are added, those whose price is negative are taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.general.rows import KEPT, Standing, Terms

__all__ = ["polished"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

STEPS = 30
"""Newton steps at most; near a plan that is right five do."""
CHANGES = 40
"""Changes of the working set within one step, at most."""
HALVINGS = 10
"""Times that a step is halved before it is taken as it is: the next one may do better."""
STILL = 1e-15
"""Largest step, as a share of the cells' upper bounds, at which the plan has come to rest."""
NEARLY = 1e-8
"""Relative step below which a step no shorter than the one before is rounding."""
BINDS = 1e-7
"""Relative distance within which a row or a bound counts as binding at the start."""
PENALTY = 2.0
"""What a unit by which a row is exceeded costs in the line search, in its prices: above 1 is exact."""
NOISE = 1e-14
"""Share of a worth by which it may fall in a step: the rounding of its sum."""
FLAT = 1e-12
"""Curvature, as a share of the largest slope over range, below which a cell counts as straight."""


@dataclass(frozen=True, eq=False)
class _Place:
    """The problem at a plan, by the free cells: slopes of objective (f) and rows (R × f), curvature (f), room (R)."""

    gain: FloatArray
    rows: FloatArray
    bend: FloatArray
    room: FloatArray


def polished(terms: Terms, amount: FloatArray, multiplier: FloatArray) -> FloatArray | None:
    """Return a plan near this one that keeps all rows, worth no less if this one keeps them; None if none is found.

    Parameters
    ----------
    amount
        A plan (n,) that keeps the rows, or nearly does; cells at 0 stay there.
    multiplier
        Prices of the rows (R,) near those of the plan.
    """
    model = terms.model
    free = np.flatnonzero((amount > 0) & (model.upper > model.lower))
    now = terms.standing(amount)
    best, worth = (amount, now.worth) if now.keeps and terms.inside(amount) else (None, -np.inf)
    x, price, last = amount.copy(), multiplier, np.inf
    for _ in range(STEPS if len(free) else 0):
        taken = _taken(terms, x, now, free, price)
        if taken is None:
            break
        x, now, step, price = taken
        if now.keeps and now.worth > worth:
            best, worth = x, now.worth
        size = float(np.max(np.abs(step) / model.upper[free]))
        if size <= STILL or (size >= last and size <= NEARLY):
            break
        last = size
    return best


def _taken(
    terms: Terms, x: FloatArray, now: Standing, free: IndexArray, price: FloatArray
) -> tuple[FloatArray, Standing, FloatArray, FloatArray] | None:
    """Return plan, standing, step and prices after a step; None where none can be made.

    Where a cell is convex at the plan, Newton's own step is tried first, and taken if it gains as it is.
    """
    low, high = terms.least_on[free] - x[free], terms.model.upper[free] - x[free]
    place = _place(terms, x, free, price)
    for exact in (True, False) if np.any(place.bend > 0) else (False,):
        found = _step(place, low, high, price, exact=exact)
        if found is None:
            continue
        step, new = found
        y, there = _moved(terms, x, now, free, step, new, halvings=1 if exact else HALVINGS)
        if not exact or _merit(there, new) > _merit(now, new):
            return y, there, step, new
    return None


def _place(terms: Terms, x: FloatArray, free: IndexArray, price: FloatArray) -> _Place:
    model = terms.model
    value, slope, bend = terms.functions.curvature(np.arange(len(model.cell)), x[model.cell])
    if terms.limit.size:
        by_cell = np.zeros((len(terms.limit), model.cells))
        np.add.at(by_cell.T, model.cell, (terms.response * slope).T)
    else:
        by_cell = np.zeros((0, model.cells))
    gain = np.bincount(model.cell, model.worth * slope, minlength=model.cells) - model.money_cost
    weight = model.worth - price @ terms.response
    second = np.bincount(model.cell, weight * bend, minlength=model.cells)
    on = (x > 0).astype(float)
    used = terms.money @ model.money(x) + terms.response @ value + terms.on @ on
    return _Place(gain[free], (terms.money + by_cell)[:, free], second[free], terms.limit - used)


def _step(
    place: _Place, low: FloatArray, high: FloatArray, price: FloatArray, *, exact: bool
) -> tuple[FloatArray, FloatArray] | None:
    """Return the step and the prices of the rows; None where the working set does not settle."""
    size = np.abs(place.rows) @ np.maximum(high - low, 0.0) + np.abs(place.room)
    size = np.where(size > 0, size, 1.0)
    bind = (price > 0) | (place.room <= BINDS * size)
    span = high - low
    flat = FLAT * np.max(np.abs(place.gain), initial=np.finfo(float).tiny) / span
    steep = np.maximum(np.abs(place.bend), flat)
    bend = np.where(place.bend > 0, steep, -steep) if exact else -steep
    side = np.where(low >= -BINDS * span, -1, np.where(high <= BINDS * span, 1, 0))
    for _ in range(CHANGES):
        inside = side == 0
        step = np.where(side < 0, low, np.where(side > 0, high, 0.0))
        new = np.zeros(len(place.room))
        moved = place.rows @ step
        step[inside], new[bind] = _equal(place, bend, inside, bind, (place.room - moved)[bind])
        pull = place.gain + bend * step - new @ place.rows
        under, over = inside & (step < low), inside & (step > high)
        loose = ((side < 0) & (pull > 0)) | ((side > 0) & (pull < 0))
        broken = ~bind & (place.rows @ step - place.room > KEPT * size)
        unpaid = bind & (new < 0)
        if not (under.any() or over.any() or loose.any() or broken.any() or unpaid.any()):
            return step, new
        if under.any() or over.any():
            side[under], side[over] = -1, 1
        elif broken.any():
            bind |= broken
        elif unpaid.any():
            bind[int(np.argmin(np.where(unpaid, new, 0.0)))] = False
        else:
            side[int(np.argmax(np.where(loose, np.abs(pull), 0.0)))] = 0
    return None


def _equal(
    place: _Place, bend: FloatArray, inside: BoolArray, bind: BoolArray, room: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return step and prices where the rows of the working set are met exactly."""
    rows, gain, inverse = place.rows[np.ix_(bind, inside)], place.gain[inside], -1.0 / bend[inside]
    if not bind.any():
        return inverse * gain, np.zeros(0)
    schur = (rows * inverse) @ rows.T
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(schur)), np.finfo(float).tiny))
    right = (rows @ (inverse * gain) - room) * scale
    price = scale * np.linalg.lstsq(schur * np.outer(scale, scale), right, rcond=1e-13)[0]
    return inverse * (gain - price @ rows), price


def _moved(
    terms: Terms,
    x: FloatArray,
    now: Standing,
    free: IndexArray,
    step: FloatArray,
    price: FloatArray,
    *,
    halvings: int,
) -> tuple[FloatArray, Standing]:
    """Return the plan after the step, or after a part of it where its worth less the cost of rows exceeded falls."""
    low, high, share = terms.least_on[free], terms.model.upper[free], 1.0
    start = _merit(now, price)
    for _ in range(halvings):
        y = x.copy()
        y[free] = np.clip(x[free] + share * step, low, high)
        there = terms.standing(y)
        if _merit(there, price) >= start - NOISE * abs(start):
            break
        share *= 0.5
    return y, there


def _merit(standing: Standing, price: FloatArray) -> float:
    return standing.worth - PENALTY * float(price @ np.maximum(standing.over, 0.0))
