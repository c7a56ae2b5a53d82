"""The check's own dynamic programme over cells of the carryover state: coarse in each step, but free of assumptions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["best_over_cells", "cell_edges"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

FINEST = 1e-9
"""Upper end of the first cell, as a share of the largest state."""
TINY = float(np.finfo(np.float64).tiny)
EPS = float(np.finfo(np.float64).eps)


def cell_edges(top: float, cells: int) -> FloatArray:
    """Return the edges of cells from 0 to ``top`` (cells + 1,), in geometric sequence after the first."""
    return np.concatenate([[0.0], max(top, TINY) * np.geomspace(FINEST, 1.0, cells)])


def best_over_cells(
    edges: FloatArray,
    response: FloatArray,
    scale: FloatArray,
    cost: FloatArray,
    state: tuple[float, float, float],
    bounds: tuple[FloatArray, FloatArray],
) -> float:
    """Return an upper bound on ``max Σ scale_t F(s_t) - cost_t v_t`` with ``s_t = decay s_(t-1) + gain v_t``.

    ``response`` is F at the edges, ``state`` holds decay, gain and the start, ``bounds`` the least and the most v (T,).
    Each move is from a cell to every cell that any of its states can reach.
    """
    decay, gain, start = state
    unit = cost / gain if gain > 0 else cost
    after = np.append(unit[1:], 0.0)
    net = unit - decay * after
    ahead = np.zeros(len(edges) - 1)
    reach: dict[tuple[float, float], tuple[IndexArray, IndexArray]] = {}
    for t in range(len(cost) - 1, -1, -1):
        cheaper = edges[:-1] if net[t] >= 0 else edges[1:]
        held = scale[t] * response[1:] - net[t] * cheaper + ahead
        key = (gain * bounds[0][t], gain * bounds[1][t])
        if key not in reach:
            reach[key] = _reach(edges, decay, *key)
        first, last = reach[key]
        ahead = _largest_between(held, first, last)
    place = min(max(int(np.searchsorted(edges, start, side="left")) - 1, 0), len(ahead) - 1)
    return float(ahead[place] + unit[0] * decay * start)


def _reach(edges: FloatArray, decay: float, low: float, high: float) -> tuple[IndexArray, IndexArray]:
    """Return the first and the last cell that states of each cell reach; ends are widened by their rounding."""
    a = (decay * edges[:-1] + low) * (1.0 - 8.0 * EPS)
    b = (decay * edges[1:] + high) * (1.0 + 8.0 * EPS)
    cells = len(edges) - 1
    first = np.clip(np.searchsorted(edges, a, side="left") - 1, 0, cells - 1)
    last = np.clip(np.searchsorted(edges, b, side="left") - 1, 0, cells - 1)
    return first, np.maximum(last, first)


def _largest_between(values: FloatArray, first: IndexArray, last: IndexArray) -> FloatArray:
    """Return the largest value from place ``first`` to ``last``, for each pair."""
    if np.all(last == len(values) - 1):
        return np.maximum.accumulate(values[::-1])[::-1][first]
    out = np.full(len(first), -np.inf)
    width, level = values, 1
    count = last - first + 1
    while True:
        here = (count >= level) & (count < 2 * level)
        out[here] = np.maximum(width[first[here]], width[last[here] + 1 - level])
        if 2 * level > count.max():
            return out
        width, level = np.maximum(width[:-level], width[level:]), 2 * level
