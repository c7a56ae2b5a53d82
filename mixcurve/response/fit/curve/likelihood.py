"""Fits by likelihood or robust loss: the search over φ, and the scale or dispersion that goes with it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.curve.descent import descend
from mixcurve.response.fit.curve.figures import response_spread
from mixcurve.response.fit.curve.given_start import trust_region
from mixcurve.response.fit.curve.losses import (
    Binomial,
    Huber,
    Loss,
    NegativeBinomial,
    Poisson,
    Squares,
    StudentT,
)
from mixcurve.response.fit.curve.model import CurveModel
from mixcurve.response.fit.curve.problem import (
    BASE,
    SHAPE,
    SMALL_TOP,
    TOP,
    CurveProblem,
    Solved,
    curve_box,
    solve_problem,
    with_amplitude,
)

__all__ = ["count_unit", "null_objective", "posed", "solve_with_scale", "threshold_unit", "without_effect"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MEDIAN_TO_DEVIATION = 1.4826022185056018
"""Standard deviation of a normal distribution over its median absolute deviation."""
SCALE_ROUNDS, SCALE_AGREES = 40, 1e-8
LEAST_SCALE = 1e-12
"""Scale of a robust loss, over the spread of the response, that noise-free data are given."""
DISPERSION_BOX = (1e-8, 1e3)
"""Dispersions of a negative binomial that are tried; at the lower end it is Poisson."""
NOTHING = -700.0
"""Log of a ``top`` that stands for 0."""
NO_EFFECT = 1e-6
"""How near, on the log scale, ``top`` may come to the end of its box before it counts as none."""
GOLDEN = 0.6180339887498949
SECTIONS = 60


def posed(
    model: CurveModel, x: FloatArray, y: FloatArray, weight: FloatArray, unit: FloatArray, sign: FloatArray
) -> CurveProblem:
    """Return the problem of campaigns (B × n) in the units of the search; ``unit`` (B,) is that of the response."""
    loss = _first_loss(model, len(y))
    low, high, _ = curve_box(model.used, loss, _spread(y, weight), model.baseline)
    if model.baseline:
        low[:, BASE] = np.maximum(low[:, BASE], model.baseline_range[0] / unit)
        high[:, BASE] = np.minimum(high[:, BASE], model.baseline_range[1] / unit)
    ends = np.sort(sign[:, None] * np.array(model.top_range), axis=1) / unit[:, None]
    with np.errstate(divide="ignore"):
        low[:, TOP] = np.maximum(low[:, TOP], np.log(np.maximum(ends[:, 0], 0.0)))
        high[:, TOP] = np.minimum(high[:, TOP], np.log(np.maximum(ends[:, 1], 1e-300)))
    low = np.minimum(low, high)
    return CurveProblem(model.used, x, y, weight, loss, sign, low, high, low < high)


def _spread(y: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the spread of each response (B,), or its size where it is constant."""
    spread = response_spread(y, weight)[1]
    return np.where(spread > 0, spread, np.maximum(np.abs(y).max(axis=1), 1.0))


def without_effect(problem: CurveProblem, phi: FloatArray, which: IntArray) -> npt.NDArray[np.bool_]:
    """Return whether each ``top`` (B,) is as good as 0: at the end of its box, where that end is no user's bound."""
    least = np.log(_spread(problem.y[which], problem.weight[which])) + SMALL_TOP
    low = problem.low[which, TOP]
    return np.asarray((phi[:, TOP] <= low + NO_EFFECT) & (low <= least + NO_EFFECT))


def count_unit(model: CurveModel, y: FloatArray, unit: FloatArray) -> FloatArray:
    """Return the unit of the response in the search: 1 for counts and shares, whose size carries information."""
    return np.ones(len(y)) if model.counts else unit


def _first_loss(model: CurveModel, count: int) -> Loss:
    if model.family == "poisson" or model.family == "negative binomial":
        return Poisson()
    return Binomial() if model.family == "binomial" else Squares()


def solve_with_scale(
    model: CurveModel, problem: CurveProblem, start: FloatArray | None = None
) -> tuple[CurveProblem, Solved]:
    """Return the problem with its scale or dispersion settled, and its solution.

    ``start`` (k,), shape parameters on the real line, replaces the grid.

    Scale and curve are improved in turn until the scale no longer changes: the median absolute deviation for Huber's
    loss, maximum likelihood for Student-t and the negative binomial.
    """
    begin = None if start is None else _begin(problem, start)
    solved = solve_problem(problem, begin)
    if not (model.loss != "squares" or model.family == "negative binomial"):
        return problem, solved
    scale = _scale(model, problem, solved.best.phi)
    for step in range(SCALE_ROUNDS):
        problem = problem.take(np.arange(len(problem.y)), _loss(model, problem, scale))
        # The first round looks for basins again: outliers may have drawn squares into a wrong one.
        solved = solve_problem(problem, begin if step == 0 else solved.best.phi)
        after = _scale(model, problem, solved.best.phi)
        done = np.abs(after - scale) <= SCALE_AGREES * scale
        scale = after
        if done.all():
            break
    return problem, solved


def _begin(problem: CurveProblem, start: FloatArray) -> FloatArray:
    """Return φ (B × p) at a given shape; squares first go a long way from it in a trust region."""
    everyone = np.arange(len(problem.y))
    phi = with_amplitude(problem, np.tile(start, (len(everyone), 1)), everyone)
    if not isinstance(problem.loss, Squares):
        return phi
    far = trust_region(problem, start)
    phi[:, TOP], phi[:, SHAPE:] = np.log(far.amplitude[:, 0]), far.theta
    return phi


def _loss(model: CurveModel, problem: CurveProblem, scale: FloatArray) -> Loss:
    if model.family == "negative binomial":
        return NegativeBinomial(scale)
    weight = problem.weight
    root = None if (weight == 1.0).all() else np.sqrt(np.where(weight > 0, weight, 1.0))
    return Huber(scale, root) if model.loss == "huber" else StudentT(scale, root)


def _scale(model: CurveModel, problem: CurveProblem, phi: FloatArray) -> FloatArray:
    everyone = np.arange(len(phi))
    mean = np.clip(problem.mean(phi, everyone), problem.loss.low, problem.loss.high)
    if model.family == "negative binomial":
        return _dispersion(problem, mean)
    residual = np.where(problem.weight > 0, np.sqrt(problem.weight) * (problem.y - mean), np.nan)
    spread = response_spread(problem.y, problem.weight)[1]
    floor = LEAST_SCALE * np.where(spread > 0, spread, np.maximum(np.abs(problem.y).max(axis=1), 1.0))
    rows, size = problem.rows(), problem.free.sum(axis=1)
    if model.loss == "huber" or not isinstance(problem.loss, StudentT):
        inflate = np.sqrt(rows / np.maximum(rows - size, 1))
        return np.maximum(np.nanmedian(np.abs(residual), axis=1) * MEDIAN_TO_DEVIATION * inflate, floor)
    _, _, weight = problem.loss.rows(problem.y, mean, everyone)
    return np.maximum(np.sqrt(np.nansum(weight * residual**2, axis=1) / rows), floor)


def _dispersion(problem: CurveProblem, mean: FloatArray) -> FloatArray:
    """Return the dispersion of largest likelihood given the means, by golden section on its log, side by side."""
    low, high = (np.full(len(mean), np.log(edge)) for edge in DISPERSION_BOX)

    def height(z: FloatArray) -> FloatArray:
        return np.asarray(
            NegativeBinomial(np.exp(z)).log_likelihood(problem.y, mean, problem.weight).sum(axis=1)
        )

    for _ in range(SECTIONS):
        a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        left = height(a) > height(b)
        low, high = np.where(left, low, a), np.where(left, b, high)
    return np.exp(0.5 * (low + high))


def null_objective(problem: CurveProblem, phi: FloatArray) -> FloatArray:
    """Return the least objective without any effect of spend (B,); infinite where nothing else could explain counts.

    ``phi`` (B × p) is any place where the curve can be evaluated.
    """
    everyone = np.arange(len(problem.y))
    phi = phi.copy()
    phi[:, TOP] = NOTHING
    mean = response_spread(problem.y, problem.weight)[0]
    phi[:, BASE] = np.clip(mean, problem.low[:, BASE], problem.high[:, BASE])
    free = np.zeros_like(problem.free)
    free[:, BASE] = problem.free[:, BASE]
    low, high = problem.low.copy(), problem.high.copy()
    low[:, TOP] = high[:, TOP] = NOTHING
    enough = np.full(len(phi), 1e-14) * np.maximum(problem(phi, everyone)[0], 1e-300)
    found = descend(problem, phi, low, high, which=everyone, free=free, enough=enough)
    return np.asarray(found.objective)


def threshold_unit(
    model: CurveModel, problem: CurveProblem, phi: FloatArray, objective: FloatArray, dof: IntArray
) -> FloatArray:
    """Return by how much the deviance rises for one unit of a squared standard error (B,).

    The residual variance for squares, 1 for counts and shares, and for a robust loss the variance of its slope over its
    mean bend (Heritier and Ronchetti 1994).
    """
    if model.counts:
        return np.ones(len(phi))
    if isinstance(problem.loss, Huber | StudentT):
        mean = problem.mean(phi, np.arange(len(phi)))
        _, slope, _ = problem.loss.rows(problem.y, mean, np.arange(len(phi)))
        bend = (problem.weight * problem.loss.bends(problem.y, mean)).sum(axis=1)
        total = problem.weight.sum(axis=1)
        return np.asarray(
            (problem.weight * slope**2).sum(axis=1) * total / np.maximum(dof, 1) / np.maximum(bend, 1e-300)
        )
    return np.asarray(objective / np.maximum(dof, 1))
