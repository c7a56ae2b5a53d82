"""A table in the units of the search: spend over its largest, response over its standard deviation, groups by size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.response.fit.mix.basis import MixBasis, mix_basis
from mixcurve.response.fit.mix.linear import LinearPart, linear_part
from mixcurve.response.fit.mix.options import MixOptions

if TYPE_CHECKING:
    from mixcurve.response.design.columns import DesignColumns
    from mixcurve.tables.table import SpendTable

__all__ = ["MixProblem", "blocks_of", "pose", "settled_order"]

FloatArray = npt.NDArray[np.float64]
ROUNDING = 1e-12
"""What rounding may leave of a response that the linear part explains to the last digit."""
IntArray = npt.NDArray[np.intp]

GRID = 2.0**32
"""Scaled spend and response are rounded to a grid this fine, so that a change of units changes not a single bit."""


@dataclass(frozen=True, eq=False)
class MixProblem:
    """A table posed for the engine.

    Parameters
    ----------
    table
        The rows, n of them.
    basis
        Columns of channels and signed controls over the linear part.
    y
        Response over ``row_size`` and ``response_unit`` (n,).
    row_size
        The size of each row's group relative to the mean group (n,): 1 without groups.
    spend_unit, response_unit
        The largest spend of each channel relative to its group's size, and the deviation of the response so measured.
    names, signed_names
        The part of the baseline that each linear and each signed column belongs to.
    """

    table: SpendTable
    basis: MixBasis
    y: FloatArray
    row_size: FloatArray
    spend_unit: FloatArray
    response_unit: float
    names: tuple[str, ...]
    signed_names: tuple[str, ...]

    @property
    def target(self) -> FloatArray:
        """The response as the engine takes it (1 × n): 0 where the linear part leaves nothing but rounding."""
        left = self.basis.project(self.y[None])
        nothing = np.abs(left).max() <= ROUNDING * np.abs(self.basis.linear.whiten(self.y)).max(initial=0.0)
        return np.zeros_like(left) if nothing else left

    @property
    def row_unit(self) -> FloatArray:
        """What one unit of the search's response is in each row (n,)."""
        return self.row_size * self.response_unit

    def with_linear(self, linear: LinearPart) -> MixProblem:
        """Return the same problem with another linear part."""
        return replace(self, basis=self.basis.with_linear(linear))


def blocks_of(table: SpendTable) -> tuple[slice, ...]:
    """Return the rows of each group, one slice each; the table is sorted by group, then date."""
    if table.groups is None:
        return (slice(0, table.n_rows),)
    labels = np.array(table.groups)
    starts = [0, *(np.flatnonzero(labels[1:] != labels[:-1]) + 1).tolist(), len(labels)]
    return tuple(slice(a, b) for a, b in pairwise(starts))


def pose(table: SpendTable, options: MixOptions, columns: DesignColumns, sizes: FloatArray) -> MixProblem:
    """Return the problem of a table whose linear columns and sizes of groups are given.

    Raises
    ------
    InputError
        If there are not more rows than parameters, the response never changes, or a channel never spends.
    """
    blocks = blocks_of(table)
    row_size = np.concatenate([np.full(b.stop - b.start, s) for b, s in zip(blocks, sizes, strict=True)])
    spend_unit = _spend_unit(table, table.spend / row_size[:, None])
    response_unit = float(np.std(table.response / row_size)) or 1.0
    linear = linear_part(columns.free / row_size[:, None], columns.penalty, blocks)
    basis = mix_basis(
        _gridded(table.spend / row_size[:, None] / spend_unit), linear, options.curve, options.kernel, options.length,
        signed=(columns.signed / row_size[:, None]).T, order=options.order,
        steady=options.before == "steady",
    )  # fmt: skip
    _enough_rows(table.n_rows, len(basis.places) + len(basis.curve) + len(basis.signed), linear)
    y = _gridded(table.response / row_size / response_unit)
    return MixProblem(
        table, basis, y, row_size, spend_unit, response_unit, tuple(columns.free_names),
        tuple(columns.signed_names),
    )  # fmt: skip


def _gridded(values: FloatArray) -> FloatArray:
    return np.round(values * GRID) / GRID


def settled_order(table: SpendTable) -> IntArray:
    """Return an order of the channels that follows from what was spent when, whatever order they came in (C,)."""
    relative = _gridded(table.spend / np.maximum(table.spend.max(axis=0), 1e-300))
    return np.lexsort(relative[::-1])


def _spend_unit(table: SpendTable, relative: FloatArray) -> FloatArray:
    largest = relative.max(axis=0)
    idle = [c for c, most in zip(table.channels, largest, strict=True) if most <= 0]
    if idle:
        raise InputError(f"There is no spend in {', '.join(idle)}, so nothing can be fitted. Leave it out.")
    return largest


def _enough_rows(rows: int, searched: int, linear: LinearPart) -> None:
    parameters = searched + int((linear.precision == 0).sum())
    if rows <= parameters:
        raise InputError(
            f"The table has {rows} rows, but this model has {parameters} parameters. "
            "Use more periods, fewer channels or controls, season=0, or a curve with fewer parameters."
        )
