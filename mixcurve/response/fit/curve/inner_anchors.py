"""Further places to start profiles from, where an estimate lies at the edge of its box.

An estimate whose half-saturation has run to the end of its domain sits on one side of a ridge; curves that bend within
reach may describe the data nearly as well, and no walk from the edge need come upon them. So the campaign is fitted
again with the parameter kept to its typical range, and to the middle of it: what lies within the threshold is a start.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.parameters import Parameter
from mixcurve.response.fit.curve.batch import Batch, inverse_information
from mixcurve.response.fit.curve.losses import loss_of
from mixcurve.response.fit.curve.problem import SHAPE, CurveProblem, solve_problem
from mixcurve.response.fit.curve.springs import Anchor

__all__ = ["with_inner_anchors"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

SHARES = (1.0, 0.5)
"""Shares of the typical range, around its middle, that a parameter at its edge is kept to."""


def with_inner_anchors(batch: Batch, anchor: Anchor) -> Anchor:
    """Return the anchors with those of the inner fits added that lie within the threshold of the best."""
    problem, shape = batch.problem, batch.phi[:, SHAPE:]
    at_edge = problem.free[:, SHAPE:] & (
        (shape <= problem.low[:, SHAPE:]) | (shape >= problem.high[:, SHAPE:])
    )
    rows = np.flatnonzero(at_edge.any(axis=1))
    if not rows.size:
        return anchor
    rise = anchor.rise[rows]  # the first anchors are the campaigns themselves, in order
    added = [_inner(batch, rows, at_edge[rows], rise, share) for share in SHARES]
    joined = [np.concatenate(parts) for parts in zip(_parts(anchor), *added, strict=True)]
    return Anchor(*joined)


def _parts(anchor: Anchor) -> tuple[FloatArray, FloatArray, IntArray, FloatArray, FloatArray]:
    return anchor.phi, anchor.covariance, anchor.which, anchor.least, anchor.rise


def _inner(
    batch: Batch, rows: IntArray, at_edge: npt.NDArray[np.bool_], rise: FloatArray, share: float
) -> tuple[FloatArray, FloatArray, IntArray, FloatArray, FloatArray]:
    problem = batch.problem.take(rows, loss_of(batch.problem.loss, rows))
    narrowed = _narrowed(problem, at_edge, share)
    best = solve_problem(narrowed).best
    kept = best.objective <= batch.objective[rows] + rise
    covariance = np.nan_to_num(inverse_information(best.curvature, problem.free)) * rise[:, None, None]
    return best.phi[kept], covariance[kept], rows[kept], batch.objective[rows][kept], rise[kept]


def _narrowed(problem: CurveProblem, at_edge: npt.NDArray[np.bool_], share: float) -> CurveProblem:
    """Return the problem with the parameters at their edge kept to a share of their typical range."""
    low, high = problem.low.copy(), problem.high.copy()
    for j, parameter in enumerate(p for p in problem.curve.parameters if p.free):
        mine, place = at_edge[:, j], SHAPE + j
        least, most = _middle(parameter, share)
        ends = low[mine, place], high[mine, place]
        low[mine, place], high[mine, place] = np.clip(least, *ends), np.clip(most, *ends)
    return replace(problem, low=low, high=high)


def _middle(parameter: Parameter, share: float) -> tuple[float, float]:
    low, high = (float(parameter.to_real(v)) for v in (parameter.typical.low, parameter.typical.high))
    centre, reach = 0.5 * (low + high), 0.5 * share * (high - low)
    return centre - reach, centre + reach
