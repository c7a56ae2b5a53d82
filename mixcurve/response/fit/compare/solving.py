"""One curve fitted to all rows, to the rows before each forecast, and to resamples: each time one batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import Curve
from mixcurve.response.fit.batch import Batch, fit_batch
from mixcurve.response.fit.campaigns import shape_bounds
from mixcurve.response.fit.compare.criteria import gaussian_log_likelihood

__all__ = ["Fit", "Rows", "fit_entrant", "mean_response", "parameter_names", "resample"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

FULL_POLISH = 60
"""Gauss-Newton steps that a fit may take to its last digit, as many as in `fit_curve`."""
FIRST_SHAPE = 2
"""In a row of parameters the baseline is first, ``top`` second, the shape begins third."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that all curves are fitted to: spend, response and weight (n,), and whether there is a baseline."""

    spend: FloatArray
    response: FloatArray
    weight: FloatArray
    baseline: bool

    def __len__(self) -> int:
        return len(self.spend)


@dataclass(frozen=True, eq=False)
class Fit:
    """One curve's fits.

    ``parameters`` (1 + windows × parameters) are in the order of `parameter_names`: row 0 from all rows, the others
    from each window. ``estimated`` counts what was estimated, the noise among it. A fit that failed holds NaN.
    """

    curve: Curve | None
    parameters: FloatArray
    estimated: int
    squares: float
    log_likelihood: float
    status: str
    message: str
    windows_converged: bool


def parameter_names(curve: Curve | None) -> tuple[str, ...]:
    """Return the names of a row of parameters: baseline, then top and the shape, fixed parameters among it."""
    return ("baseline",) if curve is None else ("baseline", *curve.names)


def mean_response(curve: Curve | None, parameters: FloatArray, spend: FloatArray) -> FloatArray:
    """Return the mean response (B × m) for parameters (B × p) at spend (m,) or (B × m)."""
    base = parameters[:, :1]
    if curve is None:
        return base + np.zeros_like(np.atleast_2d(spend))
    with np.errstate(over="ignore", under="ignore"):
        unit = curve.unit(np.atleast_2d(spend), [s[:, None] for s in parameters[:, FIRST_SHAPE:].T])
    return base + parameters[:, 1:2] * unit


def fit_entrant(curve: Curve | None, rows: Rows, windows: BoolArray) -> Fit:
    """Fit a curve, or no effect, to all rows and to each window (windows × n) in one batch."""
    used = np.concatenate([np.ones((1, len(rows)), dtype=bool), windows])
    estimated = 1 + int(rows.baseline) + (0 if curve is None else 1 + sum(p.free for p in curve.parameters))
    if len(rows) < estimated:
        return _failed(
            curve, len(used), estimated, "too few rows", f"{len(rows)} rows, {estimated - 1} parameters."
        )
    weight = used * rows.weight
    if curve is None:
        flat = _level(np.tile(rows.response, (len(used), 1)), weight, rows.baseline)
        return _gathered(None, rows, flat, estimated, "converged", True)
    try:
        solved = fit_batch(
            curve, used * rows.spend, used * rows.response, weight, rows.baseline, None, FULL_POLISH
        )
    except (np.linalg.LinAlgError, ArithmeticError) as error:
        return _failed(curve, len(used), estimated, "failed", f"The search broke down: {error}.")
    parameters = _parameters(curve, solved, rows.baseline)
    if not (np.isfinite(parameters[0]).all() and np.isfinite(solved.rss[0])):
        return _failed(curve, len(used), estimated, "failed", "The curve gave values that are not finite.")
    converged = "not converged" not in solved.status[1:]
    return _gathered(curve, rows, parameters, estimated, solved.status[0], converged)


def _gathered(
    curve: Curve | None,
    rows: Rows,
    parameters: FloatArray,
    estimated: int,
    status: str,
    windows_converged: bool,
) -> Fit:
    residual = rows.response - mean_response(curve, parameters[:1], rows.spend)[0]
    squares = float(rows.weight @ residual**2)
    height = gaussian_log_likelihood(squares, rows.response, rows.weight)
    return Fit(curve, parameters, estimated, squares, height, status, "", windows_converged)


def _failed(curve: Curve | None, count: int, estimated: int, status: str, message: str) -> Fit:
    blank = np.full((count, len(parameter_names(curve))), np.nan)
    return Fit(curve, blank, estimated, np.nan, np.nan, status, message, False)


def _level(response: FloatArray, weight: FloatArray, baseline: bool) -> FloatArray:
    """Return the weighted mean of each row (B × 1), 0 without a baseline."""
    total = np.maximum(weight.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    return (weight * response).sum(axis=1, keepdims=True) / total * baseline


def _parameters(curve: Curve, solved: Batch, baseline: bool) -> FloatArray:
    """Return baseline, top and every shape parameter (B × p), fixed ones put back in the units of spend."""
    first = int(baseline)
    free = iter(solved.parameters[:, first + 1 :].T)
    shape = [
        np.asarray(p.fixed * solved.spend_unit**p.spend_power) if p.fixed is not None else next(free)
        for p in curve.parameters
    ]
    base = solved.parameters[:, 0] if baseline else np.zeros(len(solved.parameters))
    return np.stack([base, solved.parameters[:, first], *shape], axis=-1)


def resample(fit: Fit, rows: Rows, count: int, rng: np.random.Generator) -> FloatArray:
    """Return the parameters (count × p) of refits to resampled residuals, each search beginning at the fit.

    Residuals are centred where there is a baseline and inflated by sqrt(n / (n - p)), since fitted residuals are
    smaller than the noise (Davison and Hinkley 1997, Bootstrap Methods and their Application, section 6.2.3).
    """
    n, curve = len(rows), fit.curve
    if count == 0:
        return np.empty((0, fit.parameters.shape[1]))
    mean, root = mean_response(curve, fit.parameters[:1], rows.spend)[0], np.sqrt(rows.weight)
    residual = root * (rows.response - mean)
    inflated = (residual - residual.mean() * rows.baseline) * np.sqrt(n / max(n - fit.estimated + 1, 1))
    response = mean + inflated[rng.integers(0, n, (count, n))] / root
    weight = np.tile(rows.weight, (count, 1))
    if curve is None or fit.parameters[0, 1] == 0:
        flat = np.tile(fit.parameters[0], (count, 1))
        flat[:, :1] = _level(response, weight, rows.baseline)
        return flat
    spend = np.tile(rows.spend, (count, 1))
    solved = fit_batch(curve, spend, response, weight, rows.baseline, _on_real_line(curve, fit, rows))
    return _parameters(curve, solved, rows.baseline)


def _on_real_line(curve: Curve, fit: Fit, rows: Rows) -> FloatArray:
    """Return the free shape parameters of the fit as the search sees them (k,)."""
    reference = float(rows.spend.max())
    pairs = zip(curve.parameters, fit.parameters[0, FIRST_SHAPE:], strict=True)
    real = [float(p.to_real(value / reference**p.spend_power)) for p, value in pairs if p.free]
    return np.clip(np.array(real), *shape_bounds(curve))
