"""The verifier's own account of a bound by cells of spend; see `cells` for the claim. No code is shared with it.

The money R above the lower bounds is cut into equal parts. A plan that spends all of R lies in cells whose numbers add
up to between steps - n and steps, so it is worth at most λ R plus the largest sum of cell maxima of ``f - λ (x - l)``
over such cells. A cell is left out where the plain Lagrangian bound already puts every plan through it at or below the
claim.
"""

from __future__ import annotations

from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.maxima import Responses

__all__ = ["bound_by_cells"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

EPS = float(np.finfo(np.float64).eps)
EDGE = 1e-12
"""Share of the money by which cells are widened, so that rounding cannot leave a plan between two of them."""
MOST_STEPS = 200_000
"""More steps than this are refused: a certificate should not be able to exhaust the memory of who checks it."""


def bound_by_cells(
    responses: Responses,
    lower: FloatArray,
    upper: FloatArray,
    total: float,
    price: float,
    steps: int,
    claim: float,
    precision: float,
) -> float:
    """Return a proven bound on plans in the box, at least ``claim``; infinity where the argument does not apply."""
    free = total - fsum(lower)
    if not (0 < steps <= MOST_STEPS and free > 0 and fsum(upper - lower) >= free):
        return float("inf")
    n = len(lower)
    channel, cell, low, high = _all_cells(lower, upper, free, steps)
    rough = _rough(responses, channel, low, high, lower, price)
    peak = np.full(n, -np.inf)
    np.maximum.at(peak, channel, rough)
    through = price * free + fsum(peak) - peak[channel] + rough
    kept = through > claim - _slack(responses, upper, price * total)
    channel, cell = channel[kept], cell[kept]
    exact = responses.maxima(channel, low[kept], high[kept], np.full(len(cell), price), precision)
    best = _largest_sum(n, channel, cell, exact + price * lower[channel], steps)
    return max(price * free + best + _slack(responses, upper, price * total), claim)


def _slack(responses: Responses, upper: FloatArray, priced: float) -> float:
    n = len(upper)
    return (64 + n) * EPS * (float(np.abs(responses.at(np.arange(n), upper)).sum()) + 2.0 * priced)


def _all_cells(
    lower: FloatArray, upper: FloatArray, free: float, steps: int
) -> tuple[IndexArray, IndexArray, FloatArray, FloatArray]:
    """Return channel, number, and both ends of every cell that a box holds."""
    n = len(lower)
    cell = np.tile(np.arange(steps + 1), n)
    channel = np.repeat(np.arange(n), steps + 1)
    low = lower[channel] + free * (cell / steps) - EDGE * free
    high = low + free / steps + 2.0 * EDGE * free
    held = low <= upper[channel]
    channel, cell, low, high = channel[held], cell[held], low[held], high[held]
    return channel, cell, np.maximum(low, lower[channel]), np.minimum(high, upper[channel])


def _rough(
    responses: Responses,
    channel: IndexArray,
    low: FloatArray,
    high: FloatArray,
    lower: FloatArray,
    price: float,
) -> FloatArray:
    """Return a bound on f - λ (x - l) over each cell from one look at it: see `maxima`."""
    points = [low, high, 2.0 * high - low]
    a, b, q = (responses.at(channel, x) - price * (x - lower[channel]) for x in points)
    return np.maximum(np.maximum(a, b), 2.0 * b - q)


def _largest_sum(n: int, channel: IndexArray, cell: IndexArray, worth: FloatArray, steps: int) -> float:
    """Return the largest sum of one cell's worth per channel, over cells whose numbers add up to steps - n .. steps."""
    reach = np.full(steps + 2, -np.inf)
    reach[0] = 0.0
    for i in range(n):
        mine = channel == i
        further = np.full(steps + 2, -np.inf)
        for j, gain in zip(cell[mine].tolist(), worth[mine].tolist(), strict=True):
            further[j:] = np.maximum(further[j:], reach[: steps + 2 - j] + gain)
        reach = further
    return float(reach[max(steps - n - 1, 0) :].max())
