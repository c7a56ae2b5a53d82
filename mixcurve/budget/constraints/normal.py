"""From what is asked to the `Model` that every solver and verifier of this room reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.asked import Asked
from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.possible import Settled
from mixcurve.budget.constraints.stated import Ranges
from mixcurve.budget.model import Model, Row, RowKind
from mixcurve.foundations.errors import InputError
from mixcurve.response.fitted import Fitted

__all__ = ["Aim", "normal_model", "refuse_falling"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

CROSSED = 1e-9
"""Relative distance within which two bounds that cross count as one amount: what the check for plans lets through."""
TINY_SHARE = 1e-9
"""The least spend of a channel with a set-up cost that is on, as a share of the most."""
SAME = 1e-12
"""Relative size below which a coefficient is the rounding of a difference."""


@dataclass(frozen=True, eq=False)
class Aim:
    """What the model maximises: worth of responses (C) less ``money_cost`` times money; ``target`` is to be reached."""

    worth: FloatArray
    money_cost: float = 0.0
    target: float | None = None


@dataclass(frozen=True, eq=False)
class _Cells:
    """n cells of C channels, both in the order of the model; ``place`` gives a channel's place in the model.

    ``nothing`` (n) and ``silence`` (C) are zeros that rows share.
    """

    place: IndexArray
    cell: IndexArray
    share: FloatArray
    lower: FloatArray
    upper: FloatArray
    optional: npt.NDArray[np.bool_]
    setup: FloatArray
    own_setup: FloatArray
    nothing: FloatArray
    silence: FloatArray

    def row(
        self,
        name: str,
        kind: RowKind,
        limit: float,
        channels: IndexArray,
        *,
        money: float = 0.0,
        count: float = 0.0,
        rate: FloatArray | None = None,
    ) -> Row:
        """Return a row over ``channels``: coefficients of their money, of being on, and of each one's response."""
        mine = self.place[channels]
        cells, n = self.cell[mine], len(self.lower)
        cost: FloatArray = np.bincount(cells, weights=money * self.share[mine], minlength=n)
        on: FloatArray = self.nothing
        if count:
            on = count * np.bincount(cells, minlength=n).astype(np.float64)
        if money and self.setup[cells].any():
            # A cell's money holds its whole set-up cost; a part of a tie pays only its own.
            paid = np.bincount(cells, weights=money * self.own_setup[mine], minlength=n)
            rest = paid - cost * self.setup
            on = on + np.where(np.abs(rest) <= SAME * np.abs(paid), 0.0, rest)
        cost.flags.writeable = on.flags.writeable = False  # so that the row need not copy them
        response = self.silence
        if rate is not None:
            response = np.zeros(len(self.cell))
            response[mine] = -rate
        return Row(name, kind, cost, response, on, limit)


def refuse_falling(fitted: Fitted) -> None:
    """Refuse curves with a parameter that is not finite, or whose response falls with spend."""
    draws = np.asarray(fitted.draws)
    count = np.array([1 + len(curve.parameters) for curve in fitted.curve])
    beyond = np.arange(draws.shape[2]) >= count[:, None]
    if np.all(np.isfinite(draws) | beyond) and np.all(draws[:, :, 0] >= 0):
        return
    for i, (name, curve) in enumerate(zip(fitted.channels, fitted.curve, strict=True)):
        used = draws[:, i, : len(curve.names)]
        if not np.all(np.isfinite(used)):
            raise InputError(f"Channel '{name}' has a parameter that is not finite, in curve {curve.name}.")
        if np.any(used[:, 0] < 0):
            raise InputError(
                f"Channel '{name}' has top {used[:, 0].min():g}, so its response falls with spend. "
                "Give a top of at least 0; a channel without effect has 0."
            )


def normal_model(
    fitted: Fitted, asked: Asked, bounds: Settled, ranges: Ranges, aim: Aim, weight: FloatArray
) -> Model:
    """Return the model: tied channels are one cell, groups, floors, counts and the budget are rows.

    Channels stand in the order of their names, so that the order in which they were given changes nothing.
    """
    order = np.array(sorted(range(len(asked.channels)), key=lambda i: asked.channels[i]), dtype=np.intp)
    cells = _cells(asked, bounds, ranges, order)
    crossed = {
        asked.channels[order[k]] for k in np.flatnonzero((cells.lower > cells.upper)[cells.cell]).tolist()
    }
    if crossed:
        words = tuple(f"the bounds of {name}" for name in sorted(crossed))
        raise InfeasibleError(f"No plan exists: {' and '.join(words)} cross.", words, smallest=False)
    return Model(
        channels=tuple(asked.channels[i] for i in order.tolist()),
        curve=tuple(fitted.curve[i] for i in order.tolist()),
        draws=np.asarray(fitted.draws, dtype=np.float64)[:, order],
        weight=weight,
        cell=cells.cell,
        share=cells.share,
        worth=aim.worth[order],
        money_cost=aim.money_cost,
        lower=cells.lower,
        upper=cells.upper,
        optional=cells.optional,
        setup=cells.setup,
        rows=tuple(_rows(asked, cells, aim, ranges, len(fitted.draws) == 1)),
        prices=asked.prices,
    )


def _cells(asked: Asked, bounds: Settled, ranges: Ranges, order: IndexArray) -> _Cells:
    count = len(order)
    owner, share = np.full(count, -1, dtype=np.intp), np.ones(count)
    for k, (places, part) in enumerate(asked.ties):
        owner[places], share[places] = k, part
    place = np.empty(count, dtype=np.intp)
    place[order] = np.arange(count)
    first: dict[int, int] = {}
    cell = np.empty(count, dtype=np.intp)
    for position, i in enumerate(order.tolist()):
        tie = int(owner[i])
        cell[position] = first.setdefault(tie if tie >= 0 else -1 - i, len(first))
    share = share[order]
    low, high, least_on, optional = _own_range(asked, bounds, ranges)
    n = len(first)
    lower, least, upper, setup = np.zeros(n), np.zeros(n), np.full(n, np.inf), np.zeros(n)
    np.maximum.at(lower, cell, low[order] / share)
    np.maximum.at(least, cell, least_on[order] / share)
    np.minimum.at(upper, cell, high[order] / share)
    np.add.at(setup, cell, asked.setup[order])
    off_allowed = np.ones(n, dtype=bool)
    np.logical_and.at(off_allowed, cell, optional[order])
    lower, upper, off_allowed = _met(lower, least, upper, off_allowed & (lower <= 0))
    # Being on at nothing is told from being off by an amount that no digit of the response shows.
    bare = (setup > 0) & (lower <= 0) & off_allowed & (upper > 0)
    lower = np.where(bare, TINY_SHARE * upper, lower)
    zeros = np.zeros(n), np.zeros(count)
    for array in zeros:
        array.flags.writeable = False
    return _Cells(place, cell, share, lower, upper, off_allowed, setup, asked.setup[order], *zeros)


def _own_range(
    asked: Asked, bounds: Settled, ranges: Ranges
) -> tuple[FloatArray, FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return each channel's least and largest spend, its least spend if on, and whether it may be off (C)."""
    low, high = bounds.lower.copy(), bounds.upper.copy()
    least_on = asked.least_on.copy()
    for i, found in ranges.items():
        for _, between in found:
            first, last = between or (0.0, 0.0)
            least_on[i], high[i] = max(least_on[i], first), min(high[i], last)
    return low, high, least_on, low <= 0


def _met(
    lower: FloatArray, least: FloatArray, upper: FloatArray, off: npt.NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return bounds that do not cross by rounding; a cell that cannot reach its least spend stays off."""
    on = np.maximum(lower, least)
    close = (on > upper) & (on <= upper * (1.0 + CROSSED))
    upper = np.where(close, on, upper)
    shut = off & (on > upper)
    optional = off & (least > 0) & ~shut
    return np.where(shut, 0.0, on), np.where(shut, 0.0, upper), optional


def _rows(asked: Asked, cells: _Cells, aim: Aim, ranges: Ranges, exact: bool) -> Iterator[Row]:
    everyone = np.arange(len(asked.channels))
    yield cells.row("total", "total", asked.total, everyone, money=1.0)
    for group in sorted(asked.groups, key=lambda g: g.name):
        if np.isfinite(group.most):
            yield cells.row(group.name, "most", group.most, group.channels, money=1.0)
        if group.least > 0:
            yield cells.row(group.name, "least", -group.least, group.channels, money=-1.0)
        if group.most_on is not None:
            yield cells.row(group.name, "count", group.most_on, group.channels, count=1.0)
    if asked.most_on is not None:
        yield cells.row("total", "count", asked.most_on, everyone, count=1.0)
    for floor in sorted(asked.floors, key=lambda f: (f.name, f.kind)):
        alone = len(floor.channels) == 1
        priced = asked.channels[int(floor.channels[0])] in asked.prices
        # One curve at today's prices keeps its floor on exactly the interval that its cell has already.
        if not (alone and exact and not priced):
            yield cells.row(floor.name, floor.kind, 0.0, floor.channels, money=floor.cost, rate=floor.rate)
    if aim.target is not None:
        yield cells.row("total", "target", -aim.target, everyone, rate=np.ones(len(everyone)))
