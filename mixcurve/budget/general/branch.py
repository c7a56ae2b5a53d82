"""Where a box is cut: at the cell whose mixture is furthest from any amount that can really be spent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.general.lagrange import Lagrangian
from mixcurve.budget.general.master import Mixture
from mixcurve.budget.general.rows import Terms
from mixcurve.budget.general.table import Box, Table

__all__ = ["Cuts", "cuts_of"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

UNDECIDED = 1e-6
"""Weight of being off, from both ends, from which a cell counts as undecided between off and on."""
INSIDE = 1e-6
"""Least distance of a cut from the ends of a box, as a share of its width; the middle is taken if nearer."""


@dataclass(frozen=True, eq=False)
class Cuts:
    """Where each cell (n,) could be cut.

    ``amount`` is the mixture's mean as it would be spent, ``distance`` how much more the mixture counts than it does,
    ``cut`` the amount that would part the mixture, ``high`` the weight of its points above the cut. ``stuck`` marks
    cells mixed from off and next to nothing, which no cut parts: a row asks there for being on at whatever amount.
    """

    amount: FloatArray
    distance: FloatArray
    cut: FloatArray
    high: FloatArray
    stuck: BoolArray


def cuts_of(table: Table, box: Box, mixture: Mixture, found: Lagrangian) -> Cuts:
    """Return where the mixture of a box could be parted."""
    terms = table.terms
    n, columns, weight = terms.model.cells, mixture.columns, mixture.weight
    mean, off = mixture.amount(n), mixture.share_off(n)
    on_weight = np.maximum(1.0 - off, 0.0)
    on_mean = np.where(on_weight > UNDECIDED, mean / np.maximum(on_weight, UNDECIDED), mean)
    prices = found.prices
    value = prices.weight[columns.owner] * columns.value
    h = value.sum(axis=1) - np.where(
        columns.on, prices.rate[columns.owner] * columns.amount + prices.fee[columns.owner], 0.0
    )
    mixed_worth = np.bincount(columns.owner, weight * h, minlength=n)
    is_off = box.off & ((off >= 1.0 - UNDECIDED) | ~box.on)
    least = np.minimum(np.maximum(box.lower, terms.least_on), box.upper)
    amount = np.where(is_off, 0.0, np.clip(mean, least, box.upper))
    real = _worth(terms, found, amount, ~is_off)
    nothing = box.off & ~is_off & (amount <= least) & (found.off >= real)
    amount = np.where(nothing, 0.0, amount)
    either = box.off & box.on & (off > UNDECIDED) & (off < 1.0 - UNDECIDED)
    undecided = either & (box.upper > terms.least_on)
    distance = np.where(box.on, np.maximum(mixed_worth - real, 0.0), 0.0)
    # Off and on may be worth the same at the prices while the rows allow neither: then what is at stake counts.
    gain = np.bincount(columns.owner, np.abs(value).sum(axis=1) * columns.on * weight, minlength=n)
    stake = np.minimum(off, on_weight) * gain / np.maximum(on_weight, UNDECIDED)
    distance = np.where(undecided, np.maximum(distance, stake), np.where(either, 0.0, distance))
    between = _between(table, box, prices.weight, mean)
    cut = np.where(
        undecided,
        np.where(box.lower > 0, 0.5 * box.lower, np.minimum(terms.least_on, 0.5 * box.upper)),
        between,
    )
    above = columns.on & (columns.amount >= cut[columns.owner])
    high = np.bincount(columns.owner, weight * above, minlength=n)
    amount = np.where(either & (off < 0.5), np.clip(on_mean, least, box.upper), amount)
    return Cuts(np.where(either & (off >= 0.5), 0.0, amount), distance, cut, high, either & ~undecided)


def _worth(terms: Terms, found: Lagrangian, amount: FloatArray, on: BoolArray) -> FloatArray:
    """Return what the cells are worth at amounts, at the prices."""
    weight = terms.model.worth - found.multiplier @ terms.response
    gain = np.bincount(terms.model.cell, weight * terms.responses(amount), minlength=terms.model.cells)
    return gain - np.where(on, found.prices.rate * amount + found.prices.fee, 0.0)


def _between(table: Table, box: Box, weight: FloatArray, mean: FloatArray) -> FloatArray:
    """Return the mean amount, or where the cell's response is steepest if that comes first."""
    owner, amount = table.owner, table.amount
    value = (weight[owner] * table.value).sum(axis=1)
    inside = (amount >= box.lower[owner]) & (amount <= box.upper[owner])
    both = inside[:-1] & inside[1:] & ~table.last[:-1]
    width = np.where(both, np.diff(amount), 1.0)
    slope = np.append(np.where(both, np.diff(value) / width, -np.inf), -np.inf)
    steepest = np.maximum.reduceat(slope, table.first)
    k = np.flatnonzero(slope == steepest[owner])[::-1]
    bend = np.zeros(len(mean))
    bend[owner[k]] = amount[k]
    width = box.upper - box.lower
    low, high = box.lower + INSIDE * width, box.upper - INSIDE * width
    cut = np.where((bend > low) & (bend < mean), bend, mean)
    return np.where((cut >= low) & (cut <= high), cut, 0.5 * (box.lower + box.upper))
