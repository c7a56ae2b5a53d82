"""What the channels do: carryover, curve and size of each, row by row, written once for every vector language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.problem import BayesProblem, Family
from mixcurve.response.bayes.model.space import LogMap, Space
from mixcurve.response.bayes.priors.resolved import ResolvedPriors
from mixcurve.response.fit.mix.basis import ORDERS

__all__ = ["DEVIATION", "Hierarchy", "Media", "deviates", "hierarchies", "media", "media_space"]

IntArray = npt.NDArray[np.intp]

DEVIATION = LogMap(np.array([np.log(0.25)]), np.array([0.5]))
"""Of the standard deviation of a log parameter between groups: nine in ten between 0.11 and 0.57."""

TRACE = 1e-12
"""Share of steady spend that is added to what is carried, so that rounding never leaves less than none."""


@dataclass(frozen=True)
class Media:
    """Vectors at one position, with C channels, G groups, n rows; cells are channel by channel.

    Parameters
    ----------
    size
        (C · G): log of each cell's mean contribution per row, over the response's unit.
    carryover, shape
        By family and parameter: kernels' parameters (one per channel of the family), and the curves' (one per channel,
        or one per cell where groups differ).
    columns
        (C · n): the unit curve of carried spend.
    top
        (C · G): amplitude of each cell.
    contributions
        (C · n): what each channel brings in each row, over the response's unit.
    """

    size: Any
    carryover: dict[tuple[int, str], Any]
    shape: dict[tuple[int, str], Any]
    columns: Any
    top: Any
    contributions: Any


def deviates(problem: BayesProblem, family: Family) -> str | None:
    """Return the parameter of a family's curve that differs between groups: its first one in units of spend."""
    if len(problem.groups) == 1:
        return None
    return next((p.name for p in family.curve.parameters if p.free and p.spend_power == 1.0), None)


def _free(family: Family) -> Iterator[tuple[str, bool]]:
    for p in family.kernel.parameters:
        if p.free:
            yield p.name, True
    for p in family.curve.parameters:
        if p.free:
            yield p.name, False


def block_name(problem: BayesProblem, place: int, name: str) -> str:
    """Return the block of a parameter; with several families the later ones have their number in the name."""
    return name if place == 0 else f"{name} {place + 1}"


def media_space(problem: BayesProblem, space: Space) -> Space:
    """Return the space with the channels' coordinates: sizes, carryover, shapes, and deviations of groups."""
    grouped = len(problem.groups) > 1
    space = space.with_block("size", problem.channels)
    if grouped:
        space = space.with_block("size spread", problem.channels).with_block("size by group", problem.cells)
    for place, family in enumerate(problem.families):
        names = [problem.channels[c] for c in family.channels]
        cells = [f"{c} ({g})" for c in names for g in problem.groups]
        for name, _ in _free(family):
            space = space.with_block(block_name(problem, place, name), names)
        moved = deviates(problem, family)
        if moved is not None:
            block = block_name(problem, place, moved)
            space = space.with_block(f"{block} spread", names).with_block(f"{block} by group", cells)
    return space


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Where the deviations of groups lie in the position: a group's is exp(middle + spread u) times its coordinate.

    Parameters
    ----------
    spreads
        The coordinate u of each channel's standard deviation (C,); ``DEVIATION`` has its prior.
    cells
        The coordinates of the deviations themselves (C × G).
    """

    spreads: IntArray
    cells: IntArray


def hierarchies(problem: BayesProblem, space: Space) -> tuple[Hierarchy, ...]:
    """Return what differs between groups: the sizes, and of each family a parameter of the curve; () without groups."""
    groups = len(problem.groups)
    moved = [(place, deviates(problem, family)) for place, family in enumerate(problem.families)]
    names = ["size"] + [block_name(problem, place, name) for place, name in moved if name is not None]
    if groups == 1:
        return ()
    every = np.arange(space.dimensions)
    return tuple(
        Hierarchy(
            every[space.rows(f"{name} spread")], every[space.rows(f"{name} by group")].reshape(-1, groups)
        )
        for name in names
    )


def media(
    xp: Any, problem: BayesProblem, priors: ResolvedPriors, space: Space, position: Any, size: Any
) -> Media:
    """Return what the channels do at a position.

    ``size`` is the log of each channel's mean contribution per row over the response's unit (C,); a group's differs
    from it by a normal deviation where there are groups.
    """
    groups = len(problem.groups)
    if groups > 1:
        spread = DEVIATION(xp, position[space.rows("size spread")])
        size = size + spread * position[space.rows("size by group")]
    carryover: dict[tuple[int, str], Any] = {}
    shape: dict[tuple[int, str], Any] = {}
    columns = []
    for place, family in enumerate(problem.families):
        for name, of_kernel in _free(family):
            block = block_name(problem, place, name)
            value = priors.stacked(family.channels, name)(xp, position[space.rows(block)])
            if not of_kernel and name == deviates(problem, family):
                spread = DEVIATION(xp, position[space.rows(f"{block} spread")])
                value = value * xp.exp(spread * position[space.rows(f"{block} by group")])
            (carryover if of_kernel else shape)[place, name] = value
        columns.append(_columns(xp, problem, place, family, carryover, shape))
    column = columns[0] if len(columns) == 1 else xp.concatenate(columns)
    return _sized(xp, problem, size, carryover, shape, column)


def _sized(xp: Any, problem: BayesProblem, size: Any, carryover: Any, shape: Any, columns: Any) -> Media:
    cells, groups = len(problem.cells), len(problem.groups)
    if problem.even:
        top = xp.exp(size) / xp.floor(xp.segment_sum(columns, cells) * (groups / problem.rows))
        return Media(size, carryover, shape, columns, top, top * columns)
    count = np.tile(np.bincount(problem.group_of_row), len(problem.channels))
    top = xp.exp(size) / xp.floor(xp.scatter(columns, problem.cell_of_row, cells) / count.astype(float))
    return Media(size, carryover, shape, columns, top, xp.gather(top, problem.cell_of_row) * columns)


def _columns(xp: Any, problem: BayesProblem, place: int, family: Family, carryover: Any, shape: Any) -> Any:
    """Return the family's columns of the unit curve (m · n)."""
    count = len(family.channels)
    first = family.channels[0]
    weight = _weights(xp, problem, place, family, carryover)
    values = [_by_row(xp, problem, place, family, p, shape) for p in family.curve.parameters]
    if problem.options.order == ORDERS[0]:
        return family.curve.unit(_carried(xp, problem, first, count, weight), values, xp)
    unit = family.curve.unit(xp.concatenate([problem.spend[first : first + count]]), values, xp)
    return xp.convolve(unit, weight, problem.bounds, count)


def _carried(xp: Any, problem: BayesProblem, first: int, count: int, weight: Any) -> Any:
    """Return carried spend (m · n); weights add up to 1, so steady spend before the first row carries as itself."""
    spend = problem.spend[first : first + count]
    if problem.before is None:
        return xp.convolve(spend, weight, problem.bounds, count)
    before = problem.before[first : first + count]
    return xp.convolve(spend - before, weight, problem.bounds, count) + (1.0 + TRACE) * before.ravel()


def _weights(xp: Any, problem: BayesProblem, place: int, family: Family, carryover: Any) -> Any:
    """Return the weight of each lag (m · L), channel by channel; they add up to 1."""
    count, length = len(family.channels), problem.mix.basis.lags.shape[1]
    lag = np.arange(length, dtype=np.float64)
    free = [p.name for p in family.kernel.parameters if p.free]
    if not free:
        fixed = np.asarray(family.kernel.formula(lag, *(p.fixed for p in family.kernel.parameters), xp=xp))
        return np.tile(fixed / fixed.sum(), count)
    raw = family.kernel.formula(np.tile(lag, count), *(carryover[place, name] for name in free), xp=xp)
    return raw / xp.segment_sum(raw, count)


def _by_row(xp: Any, problem: BayesProblem, place: int, family: Family, parameter: Any, shape: Any) -> Any:
    """Return a parameter as the curve takes it: a number, one value per channel or cell, or one per channel and row."""
    if not parameter.free:
        return parameter.fixed
    value = shape[place, parameter.name]
    if problem.even or parameter.name != deviates(problem, family):
        return value
    groups = len(problem.groups)
    cell = np.arange(len(family.channels))[:, None] * groups + problem.group_of_row
    return xp.gather(value, cell)
