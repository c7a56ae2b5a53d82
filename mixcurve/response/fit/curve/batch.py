"""Batches of campaigns in users' units: parameters, covariance and status of each, by whatever loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import Curve
from mixcurve.response.fit.curve.campaigns import (
    CampaignBasis,
    unit_on_real_line,
)
from mixcurve.response.fit.curve.descent import Descent, settle
from mixcurve.response.fit.curve.directions import better, directed
from mixcurve.response.fit.curve.likelihood import (
    count_unit,
    posed,
    solve_with_scale,
    threshold_unit,
    without_effect,
)
from mixcurve.response.fit.curve.losses import Huber, StudentT
from mixcurve.response.fit.curve.model import CurveModel, curve_model
from mixcurve.response.fit.curve.polish import POLISH_STEPS, Polished, polish
from mixcurve.response.fit.curve.problem import BASE, SHAPE, TOP, CurveProblem, Solved
from mixcurve.response.fit.projection import Solution
from mixcurve.response.fit.results import FitStatus

__all__ = ["Batch", "fit_batch", "fit_model"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
CONSTANT = 1e-12
"""Spread of a response over its size below which it is constant."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Solved campaigns (B) in users' units, with the problem in the units of the search that they came from.

    ``residual`` (B × n) is weighted by the root of the weight. ``objective`` is the deviance in the units of the search
    and ``threshold_unit`` by how much it rises for one squared standard error. ``others`` are further basins.
    """

    model: CurveModel
    parameter_names: tuple[str, ...]
    parameters: FloatArray
    covariance: FloatArray
    rss: FloatArray
    degrees_of_freedom: IntArray
    status: tuple[FitStatus, ...]
    iterations: IntArray
    residual: FloatArray
    log_likelihood: FloatArray
    spend_unit: FloatArray
    response_unit: FloatArray
    problem: CurveProblem
    phi: FloatArray
    phi_covariance: FloatArray
    objective: FloatArray
    threshold_unit: FloatArray
    others: tuple[FloatArray, FloatArray, IntArray]

    @property
    def basis(self) -> CampaignBasis:
        """The same campaigns as columns with the baseline projected out."""
        weight = self.problem.weight
        root = None if (weight == 1.0).all() else np.sqrt(weight)
        return CampaignBasis(self.model.used, self.problem.x, root, self.model.baseline)

    @property
    def scaled_response(self) -> FloatArray:
        """The response in the units of the search (B × n)."""
        return self.problem.y

    @property
    def theta(self) -> FloatArray:
        """The free shape parameters on the real line (B × k)."""
        return self.phi[:, SHAPE:]


def fit_batch(
    curve: Curve, x: FloatArray, y: FloatArray, weight: FloatArray, baseline: bool,
    start: FloatArray | None = None, polish_steps: int = POLISH_STEPS,
) -> Batch:  # fmt: skip
    """Fit every row of ``y`` on ``x`` (B × n) by least squares; a weight of 0 marks padding.

    ``start`` (k,), shape parameters on the real line, replaces the grid.
    """
    return fit_model(curve_model(curve, baseline=baseline), x, y, weight, start, polish_steps)


def fit_model(
    model: CurveModel, x: FloatArray, y: FloatArray, weight: FloatArray,
    start: FloatArray | None = None, polish_steps: int = POLISH_STEPS,
) -> Batch:  # fmt: skip
    """Fit every row as `fit_batch` does, under the model's family, loss, bounds and direction."""
    spend_unit = np.maximum(x.max(axis=1), 1e-300)
    unit = count_unit(model, y, _unit(y, weight, model.baseline))
    scaled = x / spend_unit[:, None], y / unit[:, None], weight
    if model.projected:
        return _projected(model, *scaled, start, polish_steps, spend_unit, unit)
    signs = [np.full(len(y), s) for s in model.signs]
    tried = [solve_with_scale(model, posed(model, *scaled, unit, sign), start) for sign in signs]
    return _by_likelihood(model, *better(tried), polish_steps, spend_unit, unit)


def _unit(y: FloatArray, weight: FloatArray, baseline: bool) -> FloatArray:
    """Return the scale of the response: its spread around its mean where there is a baseline, else around 0."""
    total = np.maximum(weight.sum(axis=1), 1e-300)
    centre = (weight * y).sum(axis=1) / total if baseline else np.zeros(len(y))
    spread = np.sqrt((weight * (y - centre[:, None]) ** 2).sum(axis=1) / total)
    largest = np.abs(y).max(axis=1)
    return np.where(spread > 1e-12 * largest, spread, np.where(largest > 0, largest, 1.0))


def _constant(y: FloatArray, weight: FloatArray) -> npt.NDArray[np.bool_]:
    """Return whether each response has one value in all its rows, to the last digits."""
    spread = np.ptp(np.where(weight > 0, y, y[:, :1]), axis=1)
    return np.asarray(spread <= CONSTANT * np.abs(y).max(axis=1))


def _projected(
    model: CurveModel, x: FloatArray, y: FloatArray, weight: FloatArray, start: FloatArray | None,
    polish_steps: int, spend_unit: FloatArray, unit: FloatArray,
) -> Batch:  # fmt: skip
    """Fit by variable projection, then by QR of the exact Jacobian; a falling response is a rising one turned over."""
    root = None if (weight == 1.0).all() else np.sqrt(weight)
    basis = CampaignBasis(model.used, x, root, model.baseline)
    pose = lambda sign: posed(model, x, y, weight, unit, sign)  # noqa: E731
    sign, solution, (other, which) = directed(model, basis, y, start, pose)
    done = polish(basis, sign[:, None] * y, solution, steps=polish_steps)
    first = int(model.baseline)
    top = done.parameters[:, first]
    problem = pose(sign)
    with np.errstate(divide="ignore"):
        log_top = np.maximum(np.log(np.maximum(top, 0.0)), problem.low[:, TOP])
    phi = np.column_stack([sign * done.offset, log_top, done.parameters[:, first + 1 :]])
    objective = np.einsum("bn,bn->b", done.residual, done.residual)
    dof = problem.rows() - done.parameters.shape[1]
    by_parameter = _covariance(done, objective / np.maximum(dof, 1))
    rate = np.ones((len(y), by_parameter.shape[1]))
    rate[:, :first] = sign[:, None]
    rate[:, first] = 1 / np.maximum(top, 1e-300)  # top enters φ by its log
    covariance = np.full((len(y), phi.shape[1], phi.shape[1]), np.nan)
    covariance[:, 1 - first :, 1 - first :] = by_parameter * rate[:, :, None] * rate[:, None, :]
    best = Descent(phi, objective, covariance, solution.converged, solution.iterations)
    effect = (top > 0) & ~(_constant(y, weight) & model.baseline)
    others = _as_phi(problem, other, which)
    return _in_units(model, problem, best, covariance, effect, spend_unit, unit, others)


def _by_likelihood(
    model: CurveModel,
    problem: CurveProblem,
    solved: Solved,
    polish_steps: int,
    spend_unit: FloatArray,
    unit: FloatArray,
) -> Batch:
    """Gather a fit by likelihood or robust loss; its covariance is the inverse of the (expected) information."""
    best = settle(problem, solved.best, problem.low, problem.high, free=problem.free, steps=polish_steps)
    dof = problem.rows() - problem.free.sum(axis=1)
    rise = threshold_unit(model, problem, best.phi, best.objective, dof)
    inside = problem.free & (best.phi > problem.low) & (best.phi < problem.high)
    effect = ~without_effect(problem, best.phi, np.arange(len(best.phi)))
    effect &= ~(_constant(problem.y, problem.weight) & problem.free[:, TOP] & model.baseline)
    inside[:, TOP:] &= effect[:, None] | ~problem.free[:, TOP, None]
    covariance = inverse_information(best.curvature / robust_bend(problem, best.phi)[:, None, None], inside)
    others = solved.other_phi, solved.other_objective, solved.other_which
    return _in_units(model, problem, best, covariance * rise[:, None, None], effect, spend_unit, unit, others)


def robust_bend(problem: CurveProblem, phi: FloatArray) -> FloatArray:
    """Return the mean weight of a robust loss over its mean bend (B,): from the search's curvature to the true one."""
    if not isinstance(problem.loss, Huber | StudentT):
        return np.ones(len(phi))
    everyone = np.arange(len(phi))
    mean = problem.mean(phi, everyone)
    weight = problem.weight * problem.loss.rows(problem.y, mean, everyone)[2]
    bend = (problem.weight * problem.loss.bends(problem.y, mean)).sum(axis=1)
    return np.asarray(weight.sum(axis=1) / np.maximum(bend, 1e-300))


def inverse_information(information: FloatArray, free: npt.NDArray[np.bool_]) -> FloatArray:
    """Return the inverse (B × p × p) over the free parameters; NaN elsewhere."""
    size = np.sqrt(np.maximum(np.einsum("bii->bi", information), 1e-300))
    both = free[:, :, None] & free[:, None, :]
    scaled = np.where(both, information / (size[:, :, None] * size[:, None, :]), np.eye(size.shape[1]))
    inverse = np.linalg.pinv(scaled, rcond=1e-14, hermitian=True)
    return np.where(both, inverse / (size[:, :, None] * size[:, None, :]), np.nan)


def _as_phi(
    problem: CurveProblem, other: Solution, which: IntArray
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return other basins as φ with their sums of squares; those without an effect are left out."""
    kept = other.amplitude[:, 0] > 0
    theta, top, which = other.theta[kept], other.amplitude[kept, 0], which[kept]
    value, _ = unit_on_real_line(problem.curve, problem.x[which], theta)
    weight = problem.weight[which]
    rest = problem.y[which] - problem.sign[which][:, None] * top[:, None] * value
    held = problem.low[which, BASE] == problem.high[which, BASE]
    base = np.where(
        held, problem.low[which, BASE], (weight * rest).sum(1) / np.maximum(weight.sum(1), 1e-300)
    )
    return np.column_stack([base, np.log(top), theta]), other.objective[kept], which


def _covariance(done: Polished, variance: FloatArray) -> FloatArray:
    """Return ``s² (RᵀR)⁻¹`` on the real line; parameters that were held have NaN."""
    size = np.maximum(np.sqrt(np.einsum("bij,bij->bj", done.triangle, done.triangle)), 1e-300)
    identity = np.broadcast_to(np.eye(size.shape[1]), done.triangle.shape)
    inverse = np.linalg.solve(done.triangle / size[:, None, :], identity) / size[:, :, None]
    covariance = inverse @ inverse.transpose(0, 2, 1) * variance[:, None, None]
    known = done.free[:, :, None] & done.free[:, None, :]
    return np.where(known, covariance, np.nan)


def _in_units(
    model: CurveModel, problem: CurveProblem, best: Descent, covariance: FloatArray, effect: npt.NDArray[np.bool_],
    spend_unit: FloatArray, unit: FloatArray, others: tuple[FloatArray, FloatArray, IntArray],
) -> Batch:  # fmt: skip
    phi, everyone = best.phi, np.arange(len(best.phi))
    free = [p for p in model.used.parameters if p.free]
    natural, rate = phi.copy(), np.ones_like(phi)
    natural[:, BASE] = phi[:, BASE] * unit
    natural[:, TOP] = np.where(effect, problem.sign * np.exp(phi[:, TOP]), 0.0) * unit
    rate[:, BASE], rate[:, TOP] = unit, natural[:, TOP]
    for j, p in enumerate(free, start=SHAPE):
        natural[:, j] = p.from_real(phi[:, j]) * spend_unit**p.spend_power
        rate[:, j] = natural[:, j] if p.scale == "log" else spend_unit**p.spend_power
    kept = slice(0 if model.baseline else 1, None)
    names = ("baseline", "top", *(p.name for p in free))
    for j, name in enumerate(names):
        natural[:, j] = model.within(name, natural[:, j])
    names = names[kept]
    mean = problem.mean(phi, everyone)
    mean = np.where(effect[:, None], mean, phi[:, BASE, None])
    residual = np.sqrt(problem.weight) * (problem.y - mean) * unit[:, None]
    dof = problem.rows() - problem.free.sum(axis=1)
    clipped = np.clip(mean, problem.loss.low, problem.loss.high)
    likelihood = problem.loss.log_likelihood(problem.y, clipped, problem.weight).sum(axis=1)
    in_units = (covariance * rate[:, :, None] * rate[:, None, :])[:, kept, kept]
    return Batch(
        model, names, natural[:, kept], in_units, np.einsum("bn,bn->b", residual, residual), dof,
        _statuses(model, problem, best, effect), best.iterations, residual,
        likelihood - problem.rows() * np.log(unit), spend_unit, unit, problem, phi, np.nan_to_num(covariance),
        best.objective, threshold_unit(model, problem, phi, best.objective, dof), others,
    )  # fmt: skip


def _statuses(
    model: CurveModel, problem: CurveProblem, best: Descent, effect: npt.NDArray[np.bool_]
) -> tuple[FitStatus, ...]:
    at_end = problem.free & ((best.phi <= problem.low) | (best.phi >= problem.high))
    # A baseline of counts may well be 0; only at an end that a user gave does it say something.
    for place, name in ((BASE, "baseline"), (TOP, "top")):
        at_end[:, place] &= name in model.ranges
    chosen = np.select(
        [~effect, ~best.converged, at_end.any(axis=1)],
        ["no response", "not converged", "at bound"],
        "converged",
    )
    return tuple(chosen.tolist())
