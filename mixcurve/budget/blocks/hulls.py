"""Concave majorants of cells on boxes, as flat lists of straight segments.

A cell's choices are 0 (where it may be off) and the amounts between two ends. Nodes are placed on them; between nodes
the two majorant slopes meet in a kink (see `functions`). The least concave function above all these points is the
majorant: a proven bound wherever the nodes lie, and a tight one where they are dense.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.functions import Functions, Tabulated

__all__ = ["Boxes", "Hulls", "hulls_of", "stacked"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

SAME = 1e-13
"""Relative distance of two points that count as one."""


@dataclass(frozen=True, eq=False)
class Boxes:
    """k boxes: function ``row``, whether 0 is allowed apart from [low, high], and what being on costs at once.

    ``low > high`` leaves only 0. A box whose interval begins at 0 without set-up cost needs no point apart.
    """

    row: IndexArray
    off: BoolArray
    low: FloatArray
    high: FloatArray
    setup: FloatArray

    def at(self, places: IndexArray | slice | BoolArray) -> Boxes:
        """Return some of the boxes."""
        return Boxes(
            self.row[places], self.off[places], self.low[places], self.high[places], self.setup[places]
        )

    def replaced(self, cells: IndexArray, by: Boxes) -> Boxes:
        """Return the boxes with some replaced; only off, low and high may differ."""
        off, low, high = self.off.copy(), self.low.copy(), self.high.copy()
        off[cells], low[cells], high[cells] = by.off, by.low, by.high
        return Boxes(self.row, off, low, high, self.setup)

    @property
    def on(self) -> BoolArray:
        """Whether the cell may be on."""
        return self.low <= self.high


@dataclass(frozen=True, eq=False)
class Hulls:
    """The majorants of k boxes: box i has the points ``first[i]`` to ``first[i + 1] - 1`` (money x, value v).

    ``slope`` and ``width`` belong to the segment that begins at a point, and are 0 at the last point of a box.
    """

    first: IndexArray
    x: FloatArray
    v: FloatArray
    slope: FloatArray
    width: FloatArray

    def at_price(self, price: FloatArray) -> tuple[IndexArray, FloatArray]:
        """Return per box the point that maximises v - price x (its number), and its x."""
        owner = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))
        taken = (self.slope > price[owner]) & (self.width > 0)
        place = self.first[:-1] + np.add.reduceat(taken.astype(np.intp), self.first[:-1])
        return place, self.x[place]


def stacked(parts: Sequence[Boxes]) -> Boxes:
    """Return all boxes, one part after the other."""
    return Boxes(
        np.concatenate([p.row for p in parts]),
        np.concatenate([p.off for p in parts]),
        np.concatenate([p.low for p in parts]),
        np.concatenate([p.high for p in parts]),
        np.concatenate([p.setup for p in parts]),
    )


def hulls_of(functions: Functions, boxes: Boxes, node: FloatArray) -> Hulls:
    """Return the majorants with the given nodes (k, G), which rise within each box (equal neighbours count once)."""
    table = functions.tabulated(boxes.row, node)
    k = len(boxes.row)
    x, v, kept = _points(table, boxes)
    owner = np.repeat(np.arange(k), x.shape[1])[kept.ravel()]
    x, v = x.ravel()[kept.ravel()], v.ravel()[kept.ravel()]
    owner, x, v = _pruned(owner, x, v)
    first = np.searchsorted(owner, np.arange(k + 1))
    width, rise = np.diff(x, append=0.0), np.diff(v, append=0.0)
    width[first[1:] - 1] = 0.0
    slope = np.where(width > 0, rise / np.where(width > 0, width, 1.0), 0.0)
    return Hulls(first, x, v, slope, width)


def _points(table: Tabulated, boxes: Boxes) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return money, value, and which points count: 0, then nodes and kinks by turns (k, 2 G)."""
    k, nodes = table.node.shape
    a, b = table.node[:, :-1], table.node[:, 1:]
    fa, fb = table.value[:, :-1], table.value[:, 1:]
    bent = table.from_left - table.from_right
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        share = np.where(bent > 0, (fb - fa - table.from_right * (b - a)) / bent, 0.0)
    inner = np.clip(share, 0.0, b - a)
    kink = np.minimum(fa + table.from_left * inner, fb - table.from_right * (b - a - inner))
    chord = fa + (fb - fa) * inner / np.where(b > a, b - a, 1.0)
    x, v = np.zeros((k, 2 * nodes)), np.zeros((k, 2 * nodes))
    kept = np.zeros((k, 2 * nodes), dtype=np.bool_)
    x[:, 1::2], v[:, 1::2] = table.node, table.value
    x[:, 2::2], v[:, 2::2] = a + inner, np.maximum(kink, chord)
    kept[:, 1] = True
    kept[:, 3::2] = b > a * (1.0 + SAME)
    kept[:, 2::2] = (inner > SAME * b) & (inner < b - a - SAME * b) & (kink > chord + SAME * np.abs(fb))
    kept[:, 1:] &= boxes.on[:, None]
    x[:, 1:] += boxes.setup[:, None]
    at_zero = boxes.on & (boxes.low <= 0) & (boxes.setup <= 0)
    kept[:, 0] = boxes.off & ~at_zero
    return x, v, kept


def _pruned(owner: IndexArray, x: FloatArray, v: FloatArray) -> tuple[IndexArray, FloatArray, FloatArray]:
    """Drop the points that lie on or below the line through their neighbours, until none does.

    Dropping all such points at once is safe: each lies below a line between two of the points. Boxes in which nothing
    was dropped are done.
    """
    alive = np.ones(len(x), dtype=np.bool_)
    place, boxes, px, pv = np.arange(len(x)), owner, x, v
    count = int(owner[-1]) + 1 if len(owner) else 0
    while len(place) > 2:
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = np.diff(pv) / np.diff(px)
        joined = boxes[1:] == boxes[:-1]
        inside = joined[:-1] & joined[1:] & (slope[:-1] <= slope[1:])
        if not inside.any():
            break
        gone = np.zeros(len(place), dtype=np.bool_)
        gone[1:-1] = inside
        alive[place[gone]] = False
        changed = np.zeros(count, dtype=np.bool_)
        changed[boxes[gone]] = True
        some = ~gone & changed[boxes]
        place, boxes, px, pv = place[some], boxes[some], px[some], pv[some]
    return owner[alive], x[alive], v[alive]
