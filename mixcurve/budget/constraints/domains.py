"""The amounts of spend at which one channel keeps its own floors: an interval, beside 0.

For one S-shaped curve the response per unit of money, ``F(x) / (x + setup)``, rises and then falls, and so does the
marginal response; each floor then allows exactly one interval, found by bisection and rounded inwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.atoms import Atoms
from mixcurve.budget.functions import Functions
from mixcurve.budget.model import PriceTiers
from mixcurve.response.curves import Curve
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.curves.derivatives import unit_marginal

__all__ = ["MeanCurve", "marginal_range", "mean_range"]

FloatArray = npt.NDArray[np.float64]
Range = tuple[float, float]

HALVINGS = 200
"""Enough to end bisection of any bracket of float64 at neighbouring numbers."""
LOOKED_AT = 2_000
"""Amounts at which the marginal response of a mean of curves, or one with tiers, is looked at: it may rise again."""
DECADES = 9.0
"""How far below the largest amount these begin, in powers of ten."""


@dataclass(frozen=True, eq=False)
class MeanCurve:
    """The mean response of one channel over draws (D × parameters), with its tiers of prices if any."""

    curve: Curve
    draws: FloatArray
    weight: FloatArray
    tiers: PriceTiers | None = None

    @property
    def single(self) -> bool:
        """Whether it is one S-shaped or concave curve at today's prices."""
        return len(self.draws) == 1 and self.tiers is None

    def at(self, spend: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return response and marginal response at amounts (k,); the latter from the left where tiers meet."""
        top, *shape = self.curve.arrays(self.draws[:, None, :])
        volume, rate = spend, np.ones_like(spend)
        if self.tiers is not None:
            volume = self.tiers.volume(spend)
            k = np.maximum(np.searchsorted(self.tiers.start, spend, side="left") - 1, 0)
            rate = 1.0 / self.tiers.price[k]
        value, slope = unit_marginal(self.curve, volume, shape)
        share = self.weight[:, None] * top
        return (share * value).sum(axis=0), (share * slope).sum(axis=0) * rate

    def functions(self) -> Functions:
        """Return the mean curve as one function with majorants."""
        tiers = None if self.tiers is None else [self.tiers] * len(self.draws)
        curves = [self.curve] * len(self.draws)
        atoms = Atoms.built(curves, self.draws, self.weight, np.ones(len(self.draws)), tiers)
        return Functions(atoms, np.array([0, len(self.draws)], dtype=np.intp))

    def bend(self) -> float:
        """Return the inflection of the single curve."""
        return float(shape_of.inflection(self.curve, self.draws)[0])


def mean_range(curve: MeanCurve, cost: float, setup: float, most: float) -> Range | None:
    """Return the least and the largest amount up to ``most`` with ``F(x) >= cost (x + setup)``, or None for none.

    For several draws or tiers the interval may be too wide, never too narrow: there it is only a help.
    """

    def keeps(x: float) -> bool:
        return bool(curve.at(np.array([x]))[0][0] >= cost * (x + setup))

    if not curve.single:
        return _outer(curve, cost, setup, most)
    peak = min(_peak(curve, setup, most), most)
    if peak <= 0.0:
        tiny = most * 10.0**-DECADES
        return _ends(keeps, 0.0, tiny, most) if keeps(tiny) else None
    return _ends(keeps, 0.0, peak, most) if keeps(peak) else None


def marginal_range(curve: MeanCurve, least: float, most: float) -> Range | None:
    """Return the first and the last amount up to ``most`` with ``F'(x) >= least``, or None for none.

    For several draws or tiers it is looked for on a grid, and the floor may not hold throughout the interval.
    """

    def keeps(x: float) -> bool:
        return bool(curve.at(np.array([x]))[1][0] >= least)

    if curve.single:
        peak = min(curve.bend(), most)
    else:
        grid = np.concatenate([[0.0], np.geomspace(most * 10.0**-DECADES, most, LOOKED_AT)])
        good = np.flatnonzero(curve.at(grid)[1] >= least)
        if not len(good):
            return None
        first, last = int(good[0]), int(good[-1])
        low = 0.0 if first == 0 else _edge(keeps, float(grid[first]), float(grid[first - 1]))
        return low, most if last == LOOKED_AT else _edge(keeps, float(grid[last]), float(grid[last + 1]))
    return _ends(keeps, 0.0, peak, most) if keeps(peak) else None


def _ends(keeps: Callable[[float], bool], first: float, inside: float, last: float) -> Range:
    """Return the ends of the interval around ``inside``, where ``keeps`` holds."""
    low = first if keeps(first) and first > 0 else _edge(keeps, inside, first)
    return low, last if keeps(last) else _edge(keeps, inside, last)


def _edge(keeps: Callable[[float], bool], good: float, bad: float) -> float:
    """Return the last good amount on the way from ``good`` to ``bad``."""
    for _ in range(HALVINGS):
        middle = 0.5 * (good + bad)
        if middle in (good, bad):
            break
        good, bad = (middle, bad) if keeps(middle) else (good, middle)
    return good


def _peak(curve: MeanCurve, setup: float, most: float) -> float:
    """Return where the response per unit of money, set-up included, is largest: ``F' (x + setup) = F``."""
    if setup == 0.0:
        return float(shape_of.tangent(curve.curve, 0.0, curve.draws)[0])

    def rises(x: float) -> bool:
        value, slope = curve.at(np.array([x]))
        return bool(slope[0] * (x + setup) >= value[0])

    start = min(curve.bend(), most)
    return most if rises(most) else _edge(rises, start, most)


def _outer(curve: MeanCurve, cost: float, setup: float, most: float) -> Range | None:
    """Return an interval that holds every amount that keeps the floor.

    Such an amount x has ``x <= F(x) / cost - setup``, and F rises: so its right side at any upper limit is one again.
    """
    high = most
    for _ in range(HALVINGS):
        lower = float(curve.at(np.array([high]))[0][0]) / cost - setup
        if lower >= high:
            break
        high = lower
        if high <= 0.0:
            return None
    return 0.0, high
