"""`Functions`: rising functions of one amount each, evaluated for any list of (function, amount) pairs at once.

Beside value, slope and curvature each gives two slopes that hold it from above on an interval [a, b]:

    F(x) <= F(a) + from_left (x - a)    and    F(x) <= F(b) - from_right (b - x)    for every x in [a, b].

For a curve that is convex up to its inflection z and concave after it: where concave on [a, b] these are F'(a) and
F'(b); where convex, the chord's slope, twice; with z inside, F'(z) and the smaller of F'(b) and the chord's slope (the
average slope from x to b first rises and then falls with x, so its least is at an end). Weighted sums of curves add
their slopes, and money that buys less and less (v concave) multiplies them by v'(a) and v'(b). The distance to F falls
with the square of b - a.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mixcurve.budget.atoms import Atoms
from mixcurve.budget.model import Model

__all__ = ["Functions", "Tabulated", "cell_functions", "channel_functions", "draw_functions"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

MOST_AT_ONCE = 400_000
"""Curve values computed in one go, which holds memory down."""


@dataclass(frozen=True, eq=False)
class Tabulated:
    """Functions on nodes: values (k, G), and the two slopes on the G - 1 intervals between neighbours."""

    node: FloatArray
    value: FloatArray
    from_left: FloatArray
    from_right: FloatArray


@dataclass(frozen=True, eq=False)
class Functions:
    """M functions; function r is the sum of the atoms ``start[r]`` to ``start[r + 1] - 1``, at least one each."""

    atoms: Atoms
    start: IndexArray

    def __len__(self) -> int:
        return len(self.start) - 1

    def value(self, row: IndexArray, x: FloatArray) -> FloatArray:
        """Return the value of function ``row[k]`` at ``x[k]``, both (k,)."""
        return self._summed(row, x, 0)[0]

    def slopes(self, row: IndexArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return value and slope (from the right where tiers of prices meet)."""
        found = self._summed(row, x, 1)
        return found[0], found[1]

    def curvature(self, row: IndexArray, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return value, slope and second derivative."""
        found = self._summed(row, x, 2)
        return found[0], found[1], found[2]

    def bend(self, row: IndexArray) -> FloatArray:
        """Return about where each function bends: the mean inflection of its curves, NaN if one has none above."""
        atom, first = self._expanded(row)
        weight = self.atoms.scale[atom]
        with np.errstate(invalid="ignore", divide="ignore"):
            moment = np.add.reduceat(weight * self.atoms.bend[atom] / self.atoms.share[atom], first)
            found = moment / np.add.reduceat(weight, first)
        return np.where(np.isfinite(found), found, np.nan)

    def tabulated(self, row: IndexArray, node: FloatArray) -> Tabulated:
        """Return values and majorant slopes of function ``row[k]`` at the rising nodes ``node[k]`` (k, G)."""
        k, points = node.shape
        value, left, right = np.empty((k, points)), np.empty((k, points - 1)), np.empty((k, points - 1))
        for part in self._parts(row, points):
            atom, first = self._expanded(row[part])
            counts = np.diff(np.append(first, len(atom)))
            found = self.atoms.tabulated(atom, np.repeat(node[part], counts, axis=0))
            for out, one in zip((value, left, right), found, strict=True):
                out[part] = one if len(atom) == len(first) else np.add.reduceat(one, first, axis=0)
        return Tabulated(node, value, left, right)

    def majorant(self, row: IndexArray, a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the slopes ``from_left`` and ``from_right`` on [a[k], b[k]] of function ``row[k]``."""
        found = self.tabulated(row, np.stack([a, b], axis=1))
        return found.from_left[:, 0], found.from_right[:, 0]

    def _summed(self, row: IndexArray, x: FloatArray, order: int) -> FloatArray:
        out = np.empty((order + 1, len(row)))
        for part in self._parts(row, 1):
            atom, first = self._expanded(row[part])
            counts = np.diff(np.append(first, len(atom)))
            at = x[part] if len(atom) == len(first) else np.repeat(x[part], counts)
            found = self.atoms.derivatives(atom, at, order)
            out[:, part] = found if len(atom) == len(first) else np.add.reduceat(found, first, axis=1)
        return out

    def _parts(self, row: IndexArray, points: int) -> list[slice]:
        """Cut the list so that no part evaluates more than `MOST_AT_ONCE` values of curves, if it can be helped."""
        if not len(row):
            return []
        load = np.cumsum((self.start[row + 1] - self.start[row]) * points)
        if load[-1] <= MOST_AT_ONCE:
            return [slice(0, len(row))]
        ends = np.unique(np.searchsorted(load, np.arange(MOST_AT_ONCE, load[-1], MOST_AT_ONCE)))
        cuts = np.unique(np.concatenate([[0], ends, [len(row)]])).tolist()
        return [slice(a, b) for a, b in pairwise(cuts)]

    def _expanded(self, row: IndexArray) -> tuple[IndexArray, IndexArray]:
        """Return the atoms of each function in the list, and where each function's atoms begin."""
        begin, count = self.start[row], self.start[row + 1] - self.start[row]
        if np.all(count == 1):
            return begin, np.arange(len(row))
        first = np.cumsum(count) - count
        return np.repeat(begin - first, count) + np.arange(int(count.sum())), first


def channel_functions(model: Model, weight: FloatArray | None = None) -> Functions:
    """Return one function per channel: the mean response over the draws, by the amount of the channel's cell."""
    return _functions(model, [[c] for c in range(len(model.channels))], np.ones(len(model.channels)), weight)


def cell_functions(model: Model, weight: FloatArray | None = None) -> Functions:
    """Return one function per cell: what its channels' responses count in the objective, money not subtracted."""
    members: list[list[int]] = [[] for _ in range(model.cells)]
    for channel, cell in enumerate(model.cell.tolist()):
        members[cell].append(channel)
    return _functions(model, members, model.worth, weight)


def draw_functions(model: Model) -> Functions:
    """Return one function per draw and channel, without worth: function ``d C + c`` is that of channel c in draw d."""
    draws, channels = model.draws.shape[:2]
    prices = [model.prices.get(name) for name in model.channels] * draws if model.prices else None
    parameters = model.draws.reshape(draws * channels, -1)
    share = np.tile(model.share, draws)
    atoms = Atoms.built(list(model.curve) * draws, parameters, np.ones(len(share)), share, prices)
    return Functions(atoms, np.arange(len(share) + 1))


def _functions(
    model: Model, members: Sequence[Sequence[int]], worth: FloatArray, weight: FloatArray | None
) -> Functions:
    chances = model.weight if weight is None else weight
    used = np.flatnonzero(chances > 0)
    order = np.array([c for group in members for c in group], dtype=np.intp)
    counts = np.array([len(group) for group in members], dtype=np.intp) * len(used)
    channel = np.repeat(order, len(used))
    atoms = Atoms.built(
        [model.curve[c] for c in channel.tolist()],
        model.draws[used][:, order].swapaxes(0, 1).reshape(-1, model.draws.shape[2]),
        np.tile(chances[used], len(order)) * worth[channel],
        model.share[channel],
        [model.prices.get(model.channels[c]) for c in channel.tolist()] if model.prices else None,
    )
    return Functions(atoms, np.concatenate([[0], np.cumsum(counts)]).astype(np.intp))
