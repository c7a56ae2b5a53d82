"""Many campaigns, each with its own curve: the columns, the starts from the data alone, and the final polish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.parameters import Parameter
from mixcurve.response.curves import Curve
from mixcurve.response.curves.derivatives import unit_gradient
from mixcurve.response.fit.projection import Solution, best_of, minimise

__all__ = [
    "CampaignBasis",
    "basins",
    "grid_nodes",
    "grid_starts",
    "shape_bounds",
    "shape_values",
    "solution_rows",
    "solve_basins",
    "solve_campaigns",
    "unit_on_real_line",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

GRID_SIZES = {0: (), 1: (24,), 2: (16, 8), 3: (10, 6, 4), 4: (7, 5, 4, 3)}
"""Nodes per free shape parameter, by how many there are."""
MOST_GRIDDED = 6
"""From so many free shape parameters on, the grid has two nodes each."""
STARTS = 3
"""How many separate basins of the grid are searched."""
WORTH_A_START = 2.0
"""A basin is searched if its node leaves at most this many times the squares of the best node."""
ROUGH = 6
"""Iterations after which starts that have met go on as one."""
GIVEN = 60
"""The same for starts that a user gave."""
ENOUGH = 1e-8
"""Relative fall of the sum of squares at which the search hands over to the polish."""
MET = 0.05
"""Starts this near on the real line of every parameter are in the same basin."""


@dataclass(frozen=True, eq=False)
class CampaignBasis:
    """One column per campaign: its unit curve at scaled spend, weighted, with the baseline projected out.

    Parameters
    ----------
    curve
        The curve that all campaigns share.
    x
        Spend over reference spend (campaigns × n); padding is 0.
    root
        Square roots of the weights (campaigns × n); padding is 0. None where every weight is 1.
    baseline
        Whether each campaign has a free baseline.
    """

    curve: Curve
    x: FloatArray
    root: FloatArray | None
    baseline: bool

    @property
    def owner(self) -> IntArray:
        """All derivatives belong to the one column."""
        return np.zeros(sum(p.free for p in self.curve.parameters), dtype=np.intp)

    def project(self, values: FloatArray, which: IntArray) -> FloatArray:
        """Return the weighted values without their part along the baseline; shape (B × … × n)."""
        if self.root is None:
            return (
                values
                - (values @ np.full(values.shape[-1], 1 / values.shape[-1], dtype=values.dtype))[..., None]
                if self.baseline
                else values
            )
        root = self.root[which].reshape(len(which), *(1,) * (values.ndim - 2), -1)
        weighted = values * root
        if not self.baseline:
            return weighted
        share = (weighted * root).sum(-1, keepdims=True) / np.maximum(
            (root * root).sum(-1, keepdims=True), 1e-300
        )
        return weighted - share * root

    def __call__(self, theta: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the column (B × 1 × n) and its derivatives in real coordinates (B × k × n)."""
        value, derivatives = unit_on_real_line(self.curve, self.x[which], theta)
        both = self.project(np.stack([value, *derivatives], axis=1), which)
        return both[:, :1], both[:, 1:]


def shape_values(curve: Curve, theta: FloatArray) -> list[FloatArray]:
    """Return all shape parameters, fixed ones included, from the free ones on the real line (… × k)."""
    free = iter(np.moveaxis(theta, -1, 0))
    size = theta.shape[:-1]
    return [
        np.full(size, p.fixed) if p.fixed is not None else p.from_real(next(free)) for p in curve.parameters
    ]


def unit_on_real_line(curve: Curve, x: FloatArray, theta: FloatArray) -> tuple[FloatArray, list[FloatArray]]:
    """Return the unit curve (B × n) and its derivatives by the real-line parameters."""
    shape = shape_values(curve, theta)
    value, derivatives = unit_gradient(curve, x, [s[:, None] for s in shape])
    free = [(p, s) for p, s in zip(curve.parameters, shape, strict=True) if p.free]
    return value, [
        d * s[:, None] if p.scale == "log" else d for d, (p, s) in zip(derivatives, free, strict=True)
    ]


def shape_bounds(curve: Curve) -> tuple[FloatArray, FloatArray]:
    """Return the lower and upper bounds of the free shape parameters on the real line."""
    free = [p for p in curve.parameters if p.free]
    bounds = [(float(p.to_real(p.domain.low)), float(p.to_real(p.domain.high))) for p in free]
    return np.array([b[0] for b in bounds]), np.array([b[1] for b in bounds])


def grid_nodes(curve: Curve) -> tuple[tuple[int, ...], FloatArray]:
    """Return the sizes of the grid over typical shapes, and its nodes on the real line (nodes × k)."""
    free = [p for p in curve.parameters if p.free]
    sizes = GRID_SIZES.get(len(free), (4,) * len(free) if len(free) < MOST_GRIDDED else (2,) * len(free))
    axes = [_axis(p, m) for p, m in zip(free, sizes, strict=True)]
    return sizes, np.array(list(product(*axes))).reshape(int(np.prod(sizes)), len(free))


def basins(gain: FloatArray, sizes: tuple[int, ...]) -> tuple[IntArray, FloatArray]:
    """Return the nodes (B × `STARTS`) of the highest separate peaks of a gain (B × nodes), and their heights."""
    peaks = np.where(_local_maxima(gain.reshape(-1, *sizes)).reshape(gain.shape), gain, -1.0)
    best = np.argsort(-peaks, axis=1)[:, :STARTS]
    return best, np.take_along_axis(peaks, best, axis=1)


def grid_starts(basis: CampaignBasis, target: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return starts (B × k) and the campaign of each (B,): the best separate basins of a grid over typical values."""
    sizes, nodes = grid_nodes(basis.curve)
    everyone = np.arange(len(target))
    best, height = basins(_gains(basis, target, nodes), sizes)
    total = np.einsum("bn,bn->b", target, target)[:, None]
    keep = (height >= 0) & (total - height <= WORTH_A_START * (total - height[:, :1]))
    keep[:, 0] = True
    return nodes[best[keep]], np.repeat(everyone, keep.sum(axis=1))


def _gains(basis: CampaignBasis, target: FloatArray, nodes: FloatArray) -> FloatArray:
    """Return by how much each node lowers each sum of squares; single precision is enough to choose a start."""
    single = replace(
        basis,
        x=basis.x.astype(np.float32),
        root=None if basis.root is None else basis.root.astype(np.float32),
    )
    y = target.astype(np.float32)
    everyone = np.arange(len(target))
    gain = np.empty((len(target), len(nodes)))
    for j, node in enumerate(nodes):
        shape = [np.float32(s[0]) for s in shape_values(basis.curve, node[None])]
        # A declared formula may overflow at the far end of a domain: such a node gains nothing.
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            column = single.project(basis.curve.unit(single.x, shape), everyone)
            size, along = (np.einsum("bn,bn->b", column, other) for other in (column, y))
            gain[:, j] = np.maximum(along, 0.0) ** 2 / np.maximum(size, 1e-30)
    return np.where(np.isfinite(gain), gain, 0.0)


def _axis(parameter: Parameter, size: int) -> FloatArray:
    """Return grid values on the real line: the typical range, and for a pure number two more towards its upper end."""
    low, high = (float(parameter.to_real(v)) for v in (parameter.typical.low, parameter.typical.high))
    if parameter.unit or size < 4:
        return np.linspace(low, high, size)
    end = float(parameter.to_real(parameter.domain.high))
    return np.concatenate([np.linspace(low, high, size - 2), [0.5 * (high + end), end]])


def _local_maxima(grid: FloatArray) -> npt.NDArray[np.bool_]:
    peak = np.ones(grid.shape, dtype=bool)
    for axis in range(1, grid.ndim):
        rise = np.diff(grid, axis=axis) > 0
        edge = [(0, 0)] * grid.ndim
        after, before = edge.copy(), edge.copy()
        after[axis], before[axis] = (0, 1), (1, 0)
        peak &= ~np.pad(rise, after) & np.pad(rise, before, constant_values=True)
    return peak


def solve_campaigns(
    basis: CampaignBasis,
    target: FloatArray,
    starts: npt.ArrayLike | None = None,
    *,
    max_iterations: int = 100,
) -> Solution:
    """Return the best solution of every campaign, from the grid's starts or from those given (starts × k).

    A given start may lie far away, so it goes a long way by Gauss-Newton before Newton takes over.
    """
    found, which = solve_basins(basis, target, starts, max_iterations=max_iterations)
    return solution_rows(found, best_of(found, which, len(target)))


def solve_basins(
    basis: CampaignBasis,
    target: FloatArray,
    starts: npt.ArrayLike | None = None,
    *,
    max_iterations: int = 100,
) -> tuple[Solution, IntArray]:
    """Return the solution from every separate basin, and the campaign of each; see `solve_campaigns`."""
    low, high = shape_bounds(basis.curve)
    if starts is None:
        theta, which = grid_starts(basis, target)
    else:
        given = np.atleast_2d(np.asarray(starts, dtype=np.float64))
        theta, which = np.tile(given, (len(target), 1)), np.repeat(np.arange(len(target)), len(given))
    first_limit = min(ROUGH if starts is None else GIVEN, max_iterations)

    def run(theta: FloatArray, which: IntArray, limit: int, newton_after: int) -> Solution:
        # A declared formula may overflow far from the data: that is a step too far, not an error.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return minimise(
                basis, target, theta, low, high,
                which=which, max_iterations=limit, newton_after=newton_after, tolerance=ENOUGH,
            )  # fmt: skip

    rough = run(theta, which, first_limit, first_limit)
    distinct = _distinct(rough, which)
    found, which = solution_rows(rough, distinct), which[distinct]
    if not found.converged.all():
        rest = np.flatnonzero(~found.converged)
        more = run(found.theta[rest], which[rest], max_iterations - first_limit, 4)
        for name in ("theta", "amplitude", "objective", "converged"):
            getattr(found, name)[rest] = getattr(more, name)
        found.iterations[rest] += more.iterations
    return found, which


def solution_rows(solution: Solution, rows: IntArray) -> Solution:
    """Return the solution of these rows only."""
    return Solution(*(getattr(solution, f)[rows] for f in solution.__dataclass_fields__))


def _distinct(solution: Solution, which: IntArray) -> IntArray:
    """Return the rows to go on with: of starts that have met, only the lowest."""
    order = np.lexsort((solution.objective, which))
    keep = np.ones(len(order), dtype=bool)
    for back in range(1, STARTS):
        same = which[order][back:] == which[order][:-back]
        near = (
            np.abs(solution.theta[order][back:] - solution.theta[order][:-back]).max(axis=1, initial=0.0)
            < MET
        )
        keep[back:] &= ~(same & near)
    return np.sort(order[keep])
