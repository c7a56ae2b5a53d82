"""From the problem's order of channels and cells to the users': groups one after the other, channels as in a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.curves import Curve
from mixcurve.response.fit.mix.cells import cell_name

__all__ = ["Cells", "cell_order", "channel_order", "in_cells"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def channel_order(problem: BayesProblem) -> IntArray:
    """Return for each channel of the user's table its place in the problem (C,)."""
    return np.argsort(problem.order)


def cell_order(problem: BayesProblem) -> IntArray:
    """Return for each cell in the users' order its place among the problem's (C · G,)."""
    groups = len(problem.groups)
    return np.array([c * groups + g for g in range(groups) for c in channel_order(problem)], dtype=np.intp)


@dataclass(frozen=True, eq=False)
class Cells:
    """What is known of every cell, in the users' order."""

    problem: BayesProblem
    names: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    curve: tuple[Curve, ...]
    kernels: tuple[str, ...]
    spend_range: FloatArray
    total_spend: FloatArray

    def spread(self, values: FloatArray) -> FloatArray:
        """Return values by row and channel (n × C, the problem's order) by row and cell, 0 in the rows of others."""
        problem, order = self.problem, channel_order(self.problem)
        count = len(order)
        out = np.zeros((problem.rows, count * len(problem.groups)))
        for g, b in enumerate(problem.linear.blocks):
            out[b, g * count : (g + 1) * count] = values[b][:, order]
        return out


def in_cells(problem: BayesProblem) -> Cells:
    """Return names, curves, kernels and spend of the cells."""
    order, table = channel_order(problem), problem.mix.table
    names = [table.channels[c] for c in order]
    grouped = table.groups is not None
    groups = problem.groups
    spend = [table.spend[b][:, order] for b in problem.linear.blocks]
    return Cells(
        problem,
        tuple(cell_name(c, g) if grouped else c for g in groups for c in names),
        tuple((c, g) for g in groups for c in names) if grouped else (),
        tuple(problem.options.curve[c] for c in order) * len(groups),
        tuple(problem.options.kernel[c].name for c in order) * len(groups),
        np.concatenate([np.column_stack([s.min(axis=0), s.max(axis=0)]) for s in spend]),
        np.concatenate([s.sum(axis=0) for s in spend]),
    )
