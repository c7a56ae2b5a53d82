"""Campaigns with all their parameters together, for any loss: φ = (baseline, log of the size of top, shape).

Variable projection eliminates baseline and top where the loss is a sum of squares; this is the same model without that
elimination, for likelihoods, robust losses, bounds on baseline or top, and for profiles of any figure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import Curve
from mixcurve.response.fit.curve.campaigns import basins, grid_nodes, shape_bounds, unit_on_real_line
from mixcurve.response.fit.curve.descent import Descent, descend
from mixcurve.response.fit.curve.losses import Loss

__all__ = [
    "BASE",
    "SHAPE",
    "SMALL_TOP",
    "TOP",
    "CurveProblem",
    "Solved",
    "curve_box",
    "solve_problem",
    "with_amplitude",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

BASE, TOP, SHAPE = 0, 1, 2
"""Places in φ: the baseline, the log of the size of ``top``, and where the shape begins."""
SMALL_TOP, LARGE_TOP = -18.0, 150.0
"""Box of the log of ``top`` over the spread of the response: from no effect to the far end of any domain."""
OUTSIDE = 2e-8
"""How far a mean may lie outside its range before the step counts as one too far: the smallest top is no step."""
ENOUGH = 1e-13
"""Predicted fall of the deviance, over that at the start, at which a search has converged."""
NEAR = 0.05
"""Solutions this near on the real line of every parameter are one basin."""


@dataclass(frozen=True, eq=False)
class CurveProblem:
    """B campaigns that share a curve and a loss, in the units of the search.

    Parameters
    ----------
    curve
        The curve; its parameters may be fixed or bounded more tightly than declared.
    x, y, weight
        Spend over its maximum, response in its unit, weights; (B × n) each, padding with weight 0.
    loss
        What is minimised.
    sign
        (B,): +1 where response rises with spend, -1 where it falls.
    low, high
        Box of φ (B × p).
    free
        (B × p): which of φ may move.
    """

    curve: Curve
    x: FloatArray
    y: FloatArray
    weight: FloatArray
    loss: Loss
    sign: FloatArray
    low: FloatArray
    high: FloatArray
    free: npt.NDArray[np.bool_]

    def unit(self, phi: FloatArray, which: IntArray) -> tuple[FloatArray, list[FloatArray]]:
        """Return the unit curve (B × n) and its derivatives by the shape on the real line."""
        return unit_on_real_line(self.curve, self.x[which], phi[:, SHAPE:])

    def mean(self, phi: FloatArray, which: IntArray) -> FloatArray:
        """Return the mean response (B × n)."""
        value, _ = self.unit(phi, which)
        return phi[:, BASE, None] + (self.sign[which] * np.exp(phi[:, TOP]))[:, None] * value

    def jacobian(self, phi: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the mean (B × n) and its derivatives by φ (B × p × n)."""
        value, slopes = self.unit(phi, which)
        top = (self.sign[which] * np.exp(phi[:, TOP]))[:, None]
        incremental = top * value
        parts = [np.ones_like(value), incremental, *(top * s for s in slopes)]
        return phi[:, BASE, None] + incremental, np.stack(parts, axis=1)

    def __call__(self, phi: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the weighted deviance, half its gradient, and half its (expected) curvature; see `descent`."""
        raw, jacobian = self.jacobian(phi, which)
        weight = self.weight[which]
        mean = np.clip(raw, self.loss.low, self.loss.high)
        deviance, slope, bend = self.loss.rows(self.y[which], mean, which)
        objective = np.einsum("bn,bn->b", weight, deviance)
        if np.isfinite(self.loss.low) or np.isfinite(self.loss.high):
            outside = (raw < self.loss.low - OUTSIDE) | (raw > self.loss.high + OUTSIDE)
            objective = np.where((outside & (weight > 0)).any(axis=1), np.inf, objective)
        gradient = -(jacobian @ (weight * slope)[:, :, None])[..., 0]
        curvature = (jacobian * (weight * bend)[:, None, :]) @ jacobian.transpose(0, 2, 1)
        return objective, gradient, curvature

    def rounding(self) -> FloatArray:
        """Return how large a deviance may be by rounding alone (B,): a perfect fit has no smaller one."""
        relative = float(np.finfo(np.float64).eps)
        if np.isfinite(self.loss.low):
            size = relative * (self.weight * np.abs(self.y)).sum(axis=1)
        else:
            size = relative**2 * (self.weight * self.y**2).sum(axis=1)
        return np.asarray(np.maximum(size, np.finfo(np.float64).tiny))

    def rows(self) -> IntArray:
        """Return how many rows each campaign has (B,)."""
        return np.asarray((self.weight > 0).sum(axis=1), dtype=np.intp)

    def take(self, rows: IntArray, loss: Loss | None = None) -> CurveProblem:
        """Return the problem with these campaigns only; ``loss`` where it holds a number per campaign."""
        parts = {f: getattr(self, f)[rows] for f in ("x", "y", "weight", "sign", "low", "high", "free")}
        return replace(self, loss=loss or self.loss, **parts)


@dataclass(frozen=True, eq=False)
class Solved:
    """The best solution of each campaign, and every other basin met: φ (M × p), its objective and campaign (M,)."""

    best: Descent
    other_phi: FloatArray
    other_objective: FloatArray
    other_which: IntArray


def curve_box(
    curve: Curve, loss: Loss, spread: FloatArray, baseline: bool
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return the box of φ (B × p each) and which of φ is free, for the spread of each response (B,)."""
    low, high = shape_bounds(curve)
    size = len(spread)
    floor = 0.0 if np.isfinite(loss.low) else -np.inf
    ceiling = 1.0 if np.isfinite(loss.high) else np.inf
    lows = np.column_stack([np.full(size, floor), np.log(spread) + SMALL_TOP, np.tile(low, (size, 1))])
    highs = np.column_stack([np.full(size, ceiling), np.log(spread) + LARGE_TOP, np.tile(high, (size, 1))])
    if not baseline:
        lows[:, BASE] = highs[:, BASE] = 0.0
    return lows, highs, lows < highs


def solve_problem(
    problem: CurveProblem, starts: FloatArray | None = None, *, max_iterations: int = 200
) -> Solved:
    """Return the best solution of every campaign.

    Parameters
    ----------
    problem
        The campaigns.
    starts
        φ to begin at (B × p) instead of the best separate nodes of the grid of shapes.
    """
    count = len(problem.y)
    if starts is None:
        phi, which = _grid_starts(problem)
    else:
        phi, which = starts, np.arange(count)
    enough = np.maximum(ENOUGH * problem(phi, which)[0], problem.rounding()[which])
    found = descend(
        problem, phi, problem.low[which], problem.high[which],
        which=which, free=problem.free[which], enough=enough, max_iterations=max_iterations,
    )  # fmt: skip
    order = np.lexsort((found.objective, which))
    best = order[np.searchsorted(which[order], np.arange(count))]
    apart = np.abs(found.phi - found.phi[best[which]]).max(axis=1) > NEAR
    chosen = Descent(*(getattr(found, f)[best] for f in found.__dataclass_fields__))
    return Solved(chosen, found.phi[apart], found.objective[apart], which[apart])


def _grid_starts(problem: CurveProblem) -> tuple[FloatArray, IntArray]:
    """Return starts (S × p) and the campaign of each: the best separate nodes, each at its best amplitude."""
    sizes, nodes = grid_nodes(problem.curve)
    everyone = np.arange(len(problem.y))
    at_nodes = np.empty((len(problem.y), len(nodes), problem.low.shape[1]))
    height = np.empty((len(problem.y), len(nodes)))
    for j, node in enumerate(nodes):
        at_nodes[:, j] = with_amplitude(problem, np.tile(node, (len(everyone), 1)), everyone)
        height[:, j] = problem(at_nodes[:, j], everyone)[0]
    usable = np.where(
        np.isfinite(height), height, np.nanmax(np.where(np.isfinite(height), height, 0.0)) + 1.0
    )
    best, _ = basins(usable.max(axis=1, keepdims=True) - usable, sizes)
    keep = np.isfinite(np.take_along_axis(height, best, axis=1))
    keep[:, 0] = True
    return at_nodes[everyone[:, None], best][keep], np.repeat(everyone, keep.sum(axis=1))


def with_amplitude(problem: CurveProblem, shape: FloatArray, which: IntArray) -> FloatArray:
    """Return φ (B × p) at shapes on the real line, with baseline and top by least squares, moved into their box."""
    low, high = problem.low[which], problem.high[which]
    y, sign = problem.y[which], problem.sign[which]
    value, _ = unit_on_real_line(problem.curve, problem.x[which], shape)
    value = sign[:, None] * value
    mean = _mean(y, problem.weight[which])
    centre = np.clip(0.5 * (y + mean), problem.loss.low, problem.loss.high)
    weight = problem.weight[which] * problem.loss.rows(y, centre, which)[2]
    held = low[:, BASE] == high[:, BASE]
    centred = value - np.where(held, 0.0, _mean(value, weight)[:, 0])[:, None]
    residual = y - np.where(held, low[:, BASE], _mean(y, weight)[:, 0])[:, None]
    least, largest = np.exp(low[:, TOP]), np.exp(high[:, TOP])
    top = np.clip(_ratio(weight * centred, residual, centred), least, largest)
    base = np.clip(_mean(y - top[:, None] * value, weight)[:, 0], low[:, BASE], high[:, BASE])
    top = np.clip(_ratio(weight * value, y - base[:, None], value), least, largest)
    # A mean outside its range has no likelihood, so the search could not even begin there.
    room = np.where(sign > 0, problem.loss.high - base, base - problem.loss.low)
    top = np.maximum(np.minimum(top, room / np.maximum(np.abs(value).max(axis=1), 1e-300)), least)
    return np.column_stack([base, np.log(top), shape])


def _mean(values: FloatArray, weight: FloatArray) -> FloatArray:
    return (weight * values).sum(1, keepdims=True) / np.maximum(weight.sum(1, keepdims=True), 1e-300)


def _ratio(weighted: FloatArray, target: FloatArray, column: FloatArray) -> FloatArray:
    return np.asarray((weighted * target).sum(axis=1) / np.maximum((weighted * column).sum(axis=1), 1e-300))
