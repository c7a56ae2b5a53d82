"""`check_residuals`: the checks of a fit's residuals, from the fit itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.response.checks.residual_result import ResidualChecks
from mixcurve.response.checks.residuals import residual_checks
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fit.results import CurveFit, MixFit

__all__ = ["check_residuals", "curve_jacobian"]

FloatArray = npt.NDArray[np.float64]

STEP = float(np.finfo(np.float64).eps) ** (1.0 / 3.0)
"""Relative step of a central difference at which rounding and truncation are of one size."""


def check_residuals(
    fit: MixFit | CurveFit,
    *,
    dates: npt.ArrayLike | None = None,
    jacobian: npt.ArrayLike | None = None,
    groups: Sequence[str] | None = None,
    lags: int | None = None,
) -> ResidualChecks:
    """Return the checks of a fit's residuals: see `residual_checks` for what they are.

    Parameters
    ----------
    fit
        The fit of a mix, or of one campaign.
    dates
        Shape (n,): needed with a `CurveFit`, which holds no dates.
    jacobian
        Shape (n, p): derivative of the fitted response with respect to all parameters, baseline included. That of a
        `CurveFit` is computed; a mix without it has no leverage, and its autocorrelations warn too often.
    groups
        Group of each row.
    lags
        The largest lag tested.

    Raises
    ------
    InputError
        If dates are missing, or what is given has not one value per row.

    Examples
    --------
    >>> from mixcurve.response.fit.curve import fit_curve
    >>> rng = np.random.default_rng(0)
    >>> spend = rng.uniform(0.0, 4.0, 60)
    >>> fit = fit_curve(spend, 2.0 + 5.0 * spend**2 / (1.0 + spend**2) + rng.normal(0.0, 0.2, 60))
    >>> week = np.datetime64("2024-01-01") + 7 * np.arange(60)
    >>> check_residuals(fit, dates=week).leverage.sum().round(6).item()
    4.0
    """
    days = dates if dates is not None else getattr(fit, "dates", None)
    if days is None:
        raise InputError("dates must be given with a CurveFit, which holds none. Give the date of each row.")
    if jacobian is None and isinstance(fit, CurveFit):
        jacobian = curve_jacobian(fit)
    fitted = np.zeros(len(fit.residual)) + fit.baseline + fit.contributions.sum(axis=1)
    return residual_checks(
        fit.residual, fitted, dates=days, every=fit.every, jacobian=jacobian, lags=lags, groups=groups,
        parameters=len(fit.residual) - fit.degrees_of_freedom if jacobian is None else None,
        response_name=fit.response_name,
    )  # fmt: skip


def curve_jacobian(fit: CurveFit) -> FloatArray:
    """Return the derivative of a campaign's fitted response with respect to its free parameters, (n, p).

    Central differences with a step of 6e-6 of each parameter, which leaves an error of about 1e-10 of it.
    """
    curve, spend, at = fit.curve[0], fit.carried[:, 0], fit.draws[0, 0, : len(fit.curve[0].names)]
    columns = [np.ones(len(spend))] if "baseline" in fit.parameter_names else []
    for i, name in enumerate(curve.names):
        if name not in fit.parameter_names:
            continue
        step = STEP * (abs(at[i]) or 1.0)
        ends = [
            shape_of.response(curve, spend, at + sign * step * (np.arange(len(at)) == i))
            for sign in (1.0, -1.0)
        ]
        columns.append((ends[0] - ends[1]) / (2.0 * step))
    return np.column_stack(columns)
