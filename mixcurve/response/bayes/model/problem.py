"""A table posed for sampling: the same units as the fits', channels sorted by curve and kernel, groups by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.carryover import Carryover, steady_spend
from mixcurve.response.curves import Curve
from mixcurve.response.design.description import DesignSpec
from mixcurve.response.design.spec import design_columns, design_spec
from mixcurve.response.fit.mix.linear import LinearPart
from mixcurve.response.fit.mix.options import MixOptions
from mixcurve.response.fit.mix.problem import MixProblem, pose

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["BayesProblem", "Family", "pose_for_sampling"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

PULL = 0.01
"""Least precision of a coefficient in units of the noise variance, for a column of mean square 1: its prior standard
deviation is ten times the noise's, so that the data decide and the density is a proper one."""
LEVEL_PULL = 0.001
LEVEL_SHARE = 0.1
"""The same for the level, whose prior is centred at the mean response: at most the former, and at most such that the
noise's standard deviation times the mean response is a tenth of the prior's, so that no contribution is pulled down."""


@dataclass(frozen=True, eq=False)
class Family:
    """Neighbouring channels (of the problem's order) that share curve and kernel."""

    curve: Curve
    kernel: Carryover
    channels: tuple[int, ...]

    @property
    def name(self) -> str:
        """What tells it from the other families of a problem."""
        return f"{self.curve.name}, {self.kernel.name}"


@dataclass(frozen=True, eq=False)
class BayesProblem:
    """A table posed for sampling: n rows in G groups, C channels in the order of ``order``.

    Parameters
    ----------
    mix
        The problem as the fits pose it (its channels in that order too): units, linear part, basis.
    design
        The description of the linear part.
    options
        Curve and kernel of each channel, in the problem's order.
    families
        The channels by curve and kernel, in order.
    order
        For each channel of the problem its place in the user's table.
    sizes
        The size of each group relative to the mean group (G,).
    offset
        What is taken off the response before the linear part: the mean response, where its level has its prior mean.
    tied
        Whether a declared trend wanders or bends by so much of the noise: then all coefficients' priors scale with it.
    """

    mix: MixProblem
    design: DesignSpec
    options: MixOptions
    families: tuple[Family, ...]
    order: IntArray
    sizes: FloatArray
    offset: float
    tied: bool = False

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels in the problem's order."""
        return self.mix.table.channels

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.mix.y)

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups; one without a name where the table has none."""
        return self.mix.table.group_names or ("",)

    @property
    def linear(self) -> LinearPart:
        """The linear part, each coefficient with its prior's precision."""
        return self.mix.basis.linear

    @property
    def spend(self) -> FloatArray:
        """Spend over ``mix.spend_unit`` (C × n)."""
        return self.mix.basis.lags[:, 0]

    @cached_property
    def before(self) -> FloatArray | None:
        """Spend of every row before the first of the row's group (C × n), over ``mix.spend_unit``; None if none."""
        if self.options.before != "steady":
            return None
        length = self.mix.basis.lags.shape[1]
        mean = [steady_spend(self.spend[:, b].T, length) for b in self.linear.blocks]
        return np.repeat(np.transpose(mean), np.diff(self.bounds), axis=1)

    @property
    def target(self) -> FloatArray:
        """The response that is left to explain (n,): over its unit, less ``offset``."""
        return self.mix.y - self.offset

    @cached_property
    def group_of_row(self) -> IntArray:
        """The group of each row (n,)."""
        lengths = [b.stop - b.start for b in self.linear.blocks]
        return np.repeat(np.arange(len(lengths)), lengths)

    @cached_property
    def bounds(self) -> IntArray:
        """Where the rows of each group begin, and the end (G + 1,)."""
        return np.array([b.start for b in self.linear.blocks] + [self.rows])

    @cached_property
    def even(self) -> bool:
        """Whether all groups have as many rows, so that a value per cell goes with the rows of that cell in order."""
        return bool(np.ptp(np.diff(self.bounds)) == 0)

    @cached_property
    def cell_of_row(self) -> IntArray:
        """The cell (channel × G + group) of each channel and row, channel by channel (C · n,)."""
        count = len(self.groups)
        return (np.arange(len(self.channels))[:, None] * count + self.group_of_row).ravel()

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """The names of the cells: the channels, or with groups ``"tv (north)"``, channel by channel."""
        if self.mix.table.groups is None:
            return self.channels
        return tuple(f"{c} ({g})" for c in self.channels for g in self.groups)


def pose_for_sampling(table: SpendTable, options: MixOptions, design: Mapping[str, Any]) -> BayesProblem:
    """Return the problem of a table; ``design`` are arguments of `design_spec`.

    Raises
    ------
    InputError
        As `fit_mix` does.
    """
    pairs = list(zip(options.curve, options.kernel, strict=True))
    kinds = list(dict.fromkeys(pairs))
    order = np.array([c for kind in kinds for c, pair in enumerate(pairs) if pair == kind], dtype=np.intp)
    sorted_options = replace(
        options, curve=tuple(options.curve[c] for c in order), kernel=tuple(options.kernel[c] for c in order)
    )
    moved = replace(table, spend=table.spend[:, order], channels=tuple(table.channels[c] for c in order))
    spec = design_spec(moved, **design)
    sizes = spec.group_sizes if spec.groups else np.ones(1)
    columns = design_columns(spec, moved.dates, moved.controls, moved.groups)
    mix = pose(moved, sorted_options, columns, sizes)
    tied = bool((mix.basis.linear.precision > 0).any())
    mix = mix.with_linear(
        replace(mix.basis.linear, precision=_precision(mix.basis.linear, mix.names, float(mix.y.mean())))
    )
    families, first = [], 0
    for curve, kernel in kinds:
        count = pairs.count((curve, kernel))
        families.append(Family(curve, kernel, tuple(range(first, first + count))))
        first += count
    return BayesProblem(
        mix, spec, sorted_options, tuple(families), order, np.asarray(sizes, float), float(mix.y.mean()), tied
    )


def _precision(linear: LinearPart, names: tuple[str, ...], mean: float) -> FloatArray:
    """Return the precision of each coefficient's prior: that of its declaration, or the weak pull."""
    mean_square = np.maximum((linear.columns**2).mean(axis=0), 1e-300)
    level = min(LEVEL_PULL, (LEVEL_SHARE / max(abs(mean), LEVEL_SHARE)) ** 2)
    pull = np.where(np.array(names) == "level", level, PULL) * mean_square
    return np.where(linear.precision > 0, linear.precision, pull)
