"""One curve fitted to all rows and to the rows before each forecast, in one batch; and its refits to resamples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import Curve
from mixcurve.response.fit.compare.criteria import gaussian_log_likelihood
from mixcurve.response.fit.curve.batch import Batch, fit_model
from mixcurve.response.fit.curve.model import curve_model
from mixcurve.response.fit.curve.problem import BASE
from mixcurve.response.fit.curve.resamples import resampled_phi
from mixcurve.response.fit.curve.support import natural_draws
from mixcurve.response.fit.rivals import LINE

__all__ = [
    "Fit",
    "Rows",
    "fit_entrant",
    "group_log_likelihood",
    "mean_response",
    "parameter_names",
    "resample",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

FULL_POLISH = 60
"""Gauss-Newton steps that a fit may take to its last digit, as many as in `fit_curve`."""
FIRST_SHAPE = 2
"""In a row of parameters the baseline is first, ``top`` second, the shape begins third."""
WITH_NOISE = ("gaussian", "negative binomial")
"""Families with a parameter of their own, the variance or the dispersion."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows that all curves are fitted to, in the order of time: spend, response, weight (n,), and the assumptions.

    For the binomial family the response is the share of exposures, and the exposures are the weights.
    """

    spend: FloatArray
    response: FloatArray
    weight: FloatArray
    baseline: bool = True
    family: str = "gaussian"

    def __len__(self) -> int:
        return len(self.spend)


@dataclass(frozen=True, eq=False)
class Fit:
    """One curve's fits.

    ``parameters`` (1 + windows × parameters) are in the order of `parameter_names`: row 0 from all rows, the others
    from each window. ``fitted`` counts the parameters of the mean and ``estimated`` the noise too. ``solved`` is the
    batch itself. A fit that failed has None there and holds NaN.
    """

    curve: Curve | None
    parameters: FloatArray
    fitted: int
    estimated: int
    squares: float
    log_likelihood: float
    status: str
    message: str
    windows_converged: bool
    solved: Batch | None


def parameter_names(curve: Curve | None) -> tuple[str, ...]:
    """Return the names of a row of parameters: baseline, then top and the shape, fixed parameters among it."""
    return ("baseline",) if curve is None else ("baseline", *curve.names)


def mean_response(curve: Curve | None, parameters: FloatArray, spend: FloatArray) -> FloatArray:
    """Return the mean response (B × m) for parameters (B × p) at spend (m,)."""
    base = parameters[:, :1]
    if curve is None:
        return base + np.zeros((1, len(spend)))
    with np.errstate(over="ignore", under="ignore"):
        unit = curve.unit(spend[None], [s[:, None] for s in parameters[:, FIRST_SHAPE:].T])
    return base + parameters[:, 1:2] * unit


def fit_entrant(curve: Curve | None, rows: Rows, windows: BoolArray) -> Fit:
    """Fit a curve, or no effect, to all rows and to each window (windows × n) in one batch."""
    used = np.concatenate([np.ones((1, len(rows)), dtype=bool), windows])
    fitted = int(rows.baseline) + (0 if curve is None else 1 + sum(p.free for p in curve.parameters))
    estimated = fitted + (rows.family in WITH_NOISE)
    if len(rows) < fitted + 1:
        blank = _failed(curve, len(used), fitted, estimated)
        return replace(
            blank, status="too few rows", message=f"{len(rows)} rows cannot carry {fitted} parameters."
        )
    options: dict[str, Any] = {} if curve is not None else {"fixed": {"top": 0.0}, "non_decreasing": False}
    model = curve_model(curve or LINE, family=rows.family, baseline=rows.baseline, **options)
    try:
        solved = fit_model(
            model, used * rows.spend, used * rows.response, used * rows.weight, None, FULL_POLISH
        )
    except (np.linalg.LinAlgError, ArithmeticError) as error:
        blank = _failed(curve, len(used), fitted, estimated)
        return replace(blank, message=f"The search broke down: {error}.")
    parameters = _parameters(curve, solved, rows.baseline)
    if not (np.isfinite(parameters[0]).all() and np.isfinite(solved.rss[0])):
        blank = _failed(curve, len(used), fitted, estimated)
        return replace(blank, message="The curve gave values that are not finite.")
    squares, height = float(solved.rss[0]), float(solved.log_likelihood[0])
    if rows.family == "gaussian":
        height = gaussian_log_likelihood(squares, rows.response, rows.weight)
    status = "converged" if curve is None else solved.status[0]
    converged = curve is None or "not converged" not in solved.status[1:]
    return Fit(curve, parameters, fitted, estimated, squares, height, status, "", converged, solved)


def _failed(curve: Curve | None, count: int, fitted: int, estimated: int) -> Fit:
    blank = np.full((count, len(parameter_names(curve))), np.nan)
    return Fit(curve, blank, fitted, estimated, np.nan, np.nan, "failed", "", False, None)


def _parameters(curve: Curve | None, solved: Batch, baseline: bool) -> FloatArray:
    """Return baseline, top and every shape parameter (B × p), fixed ones put back in the units of spend."""
    first = int(baseline)
    base = solved.parameters[:, 0] if baseline else np.zeros(len(solved.parameters))
    if curve is None:
        return base[:, None].copy()
    free = iter(solved.parameters[:, first + 1 :].T)
    shape = [
        np.asarray(p.fixed * solved.spend_unit**p.spend_power) if p.fixed is not None else next(free)
        for p in curve.parameters
    ]
    return np.stack([base, solved.parameters[:, first], *shape], axis=-1)


def resample(fit: Fit, floor: Fit, count: int, rng: np.random.Generator) -> FloatArray:
    """Return the parameters (count × p) of refits to resampled responses, as `fit_curve` makes them.

    Parameters
    ----------
    fit
        The curve's fit. If it found no response, its refits are those of ``floor`` with ``top`` 0.
    floor
        The fit of no effect to the same rows.
    count
        How many.
    rng
        The source of randomness.
    """
    if count == 0 or fit.solved is None or floor.solved is None:
        return np.empty((0, fit.parameters.shape[1]))
    flat = fit.curve is None or fit.parameters[0, 1] == 0
    solved = floor.solved if flat else fit.solved
    # No effect has no response to find, which the engine's status would take for nothing to resample.
    phi = resampled_phi(replace(solved, status=("converged", *solved.status[1:])), count, rng)
    out = np.tile(fit.parameters[0], (count, 1))
    out[:, 0] = phi[:, BASE] * solved.response_unit[0]
    if not flat:
        out[:, 1:] = natural_draws(solved, phi)
    return out


def group_log_likelihood(fit: Fit, rows: Rows, group: IntArray) -> float:
    """Return the log-likelihood of counts or shares with a mean of its own for each group of rows (n,)."""
    assert fit.solved is not None
    mean = np.bincount(group, rows.weight * rows.response) / np.bincount(group, rows.weight)
    problem = fit.solved.problem
    first = problem.take(np.zeros(1, dtype=np.intp), None)
    clipped = np.clip(mean[group], problem.loss.low, problem.loss.high)[None]
    heights = problem.loss.log_likelihood(first.y, clipped, first.weight)
    return float(heights[0].sum())
