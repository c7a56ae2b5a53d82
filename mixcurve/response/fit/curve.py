"""`fit_curve`: one response curve for one campaign; `fit_curves`: one for each of thousands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, generator, known_name, number, spend_array
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import Curve, resolve_curve
from mixcurve.response.fit.batch import Batch, fit_batch
from mixcurve.response.fit.curve_fits import CurveFits
from mixcurve.response.fit.curve_support import curve_evidence, curve_profiles, curve_resamples
from mixcurve.response.fit.no_effect import with_no_effect
from mixcurve.response.fit.results import CurveFit, FitStatus

__all__ = ["fit_curve", "fit_curves"]

FloatArray = npt.NDArray[np.float64]
CHUNK = 256
"""Campaigns solved side by side: as many as stay in the processor's cache."""
SINGLE_POLISH = 60
"""Gauss-Newton steps that a single curve may take to its last digit."""
MESSAGES: dict[str, str] = {
    "converged": "Converged.",
    "at bound": "Converged with a parameter at the edge of its domain.",
    "not converged": "The search stopped before it converged. Try another curve, or give a start.",
    "no response": "Response does not rise with spend, so the best amplitude is 0.",
}


def fit_curve(
    spend: npt.ArrayLike,
    response: npt.ArrayLike,
    *,
    curve: str | Curve = "hill",
    baseline: bool = True,
    weights: npt.ArrayLike | None = None,
    start: Mapping[str, float] | None = None,
    intervals: bool = True,
    resamples: int = 200,
    level: float = 0.9,
    current: float | None = None,
    seed: int = 0,
    channel: str = "campaign",
    every: str = "week",
    currency: str | None = None,
    response_name: str = "response",
) -> CurveFit:
    """Fit one response curve: response = baseline + top × unit curve(spend; shape) + noise, top ≥ 0.

    Weighted least squares by variable projection: a grid over the shapes, Levenberg-Marquardt on the projected
    problem from the best basins, then Gauss-Newton by QR on all parameters. Starts come from the data alone.

    Parameters
    ----------
    spend, response
        (n,) each, in any units; zero spend is ordinary.
    curve
        A name in `curves`, or a curve of your own.
    baseline
        Whether there is a response without spend.
    weights
        (n,) positive weights; 1 if not given.
    start
        Shape parameters by name to search from, in the units of ``spend``, instead of the grid.
    intervals, resamples, level, seed
        Profile intervals of the shape and the inflection at this level; how many residual-bootstrap refits.
    current
        Spend of the present plan; the mean of ``spend`` if not given.
    channel, every, currency, response_name
        Words for tables and reports.

    Returns
    -------
    CurveFit
        ``parameters``, ``standard_errors`` (covariance s² (JᵀJ)⁻¹ with n - p degrees of freedom), ``status``.

    Raises
    ------
    InputError
        For arrays of different lengths, values that are not finite, negative spend, or no more rows than parameters.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve import curves, fit_curve
    >>> spend = np.linspace(0, 100, 21)
    >>> fit = fit_curve(spend, curves["hill"](spend, top=50.0, half=30.0, slope=2.0), baseline=False)
    >>> {name: round(value, 6) for name, value in fit.parameters.items()}
    {'top': 50.0, 'half': 30.0, 'slope': 2.0}
    """
    chosen = resolve_curve(curve)
    x, y, weight = _series(spend, response, weights)
    begin = None if start is None else _start(chosen, start, float(x.max()))
    solved = fit_batch(chosen, x[None], y[None], weight[None], baseline, begin, SINGLE_POLISH)
    if solved.degrees_of_freedom[0] < 1:
        needed = len(solved.parameter_names)
        raise InputError(
            f"{len(x)} rows cannot carry {needed} parameters. Give more rows, or a curve with fewer."
        )
    profiled = curve_profiles(solved, channel, level) if intervals else ()
    again = curve_resamples(solved, resamples, generator(seed))
    status: FitStatus = solved.status[0]
    first = int(baseline)
    base = float(solved.parameters[0, 0]) if baseline else 0.0
    residual = solved.residual[0] / np.sqrt(weight)
    evidence, effect_p = curve_evidence(solved, channel, every, profiled)
    present = np.array([float(x.mean()) if current is None else number("current", current, low=0.0)])
    refits = _with_fixed(chosen, again[:, first:], solved)[:, None]
    return CurveFit(
        channels=(channel,),
        curve=(chosen,),
        draws=_with_fixed(chosen, solved.parameters[:, first:], solved)[:, None],
        resamples=with_no_effect((chosen,), refits, present, [effect_p]),
        spend_range=np.array([[x.min(), x.max()]]),
        current=present,
        evidence=(evidence,),
        baseline=base,
        parameter_names=solved.parameter_names,
        covariance=solved.covariance[0],
        intervals=profiled,
        carried=x[:, None],
        contributions=(y - base - residual)[:, None],
        residual=residual,
        rss=float(solved.rss[0]),
        degrees_of_freedom=int(solved.degrees_of_freedom[0]),
        status=status,
        message=MESSAGES[status],
        iterations=int(solved.iterations[0]),
        every=every,
        currency=currency,
        response_name=response_name,
    )


def _series(
    spend: npt.ArrayLike, response: npt.ArrayLike, weights: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    x, y = spend_array("spend", spend, ndim=1), finite_array("response", response, ndim=1)
    weight = np.ones(len(x)) if weights is None else finite_array("weights", weights, ndim=1)
    if not len(x) == len(y) == len(weight):
        lengths = f"{len(x)}, {len(y)} and {len(weight)}"
        raise InputError(f"spend, response and weights must have one length, got {lengths}.")
    if (weight <= 0).any():
        raise InputError(
            f"weights must be positive, got {weight.min():g} at position {int(weight.argmin())}. Drop that row."
        )
    if x.max() == 0:
        raise InputError(
            "spend is 0 in every row, so there is nothing to fit. Check that this is the right column."
        )
    return x, y, weight


def _start(curve: Curve, start: Mapping[str, float], reference: float) -> FloatArray:
    free = [p for p in curve.parameters if p.free]
    for name in start:
        known_name(f"shape parameter of the curve {curve.name}", name, [p.name for p in free])
    missing = [p.name for p in free if p.name not in start]
    if missing:
        raise InputError(f"start needs every shape parameter; {', '.join(missing)} missing.")
    scaled = [number(f"start['{p.name}']", start[p.name]) / reference**p.spend_power for p in free]
    return np.array([float(p.to_real(p.domain.clip(v))) for p, v in zip(free, scaled, strict=True)])


def _with_fixed(curve: Curve, values: FloatArray, solved: Batch) -> FloatArray:
    """Return top and all shape parameters (B × parameters), fixed ones put back in users' units."""
    free = iter(values[:, 1:].T)
    reference = solved.spend_unit[0]
    shape = [
        np.full(len(values), p.fixed * reference**p.spend_power) if p.fixed is not None else next(free)
        for p in curve.parameters
    ]
    return np.stack([values[:, 0], *shape], axis=-1)


def fit_curves(
    table: Any,
    *,
    by: str,
    spend: str,
    response: str,
    curve: str | Curve = "hill",
    baseline: bool = True,
    weights: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> CurveFits:
    """Fit one curve to each of many campaigns, thousands a second.

    Parameters
    ----------
    table
        A pandas or polars frame, or a mapping of columns, with a row per campaign and period, in any order.
    by, spend, response, weights
        Names of its columns.
    curve, baseline
        As in `fit_curve`.
    progress
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    CurveFits
        A row per campaign, in order of first appearance. A campaign that cannot be fitted (negative spend, values
        missing, too few rows) has the status ``"failed"`` and says why; the others are not touched by it.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve import curves, fit_curves
    >>> spend = np.tile(np.linspace(0, 9, 12), 2)
    >>> name = np.repeat(["a", "b"], 12)
    >>> top = np.where(name == "a", 3.0, 5.0)
    >>> fits = fit_curves(
    ...     {"name": name, "spend": spend, "sales": curves["hill"](spend, top=top, half=4.0, slope=2.0)},
    ...     by="name",
    ...     spend="spend",
    ...     response="sales",
    ... )
    >>> fits.campaigns, fits.parameters[:, 1].round(6).tolist()
    (('a', 'b'), [3.0, 5.0])
    """
    chosen = resolve_curve(curve)
    columns = [_column(table, name) for name in (by, spend, response, *([weights] if weights else []))]
    return CurveFits.fitted(chosen, columns, baseline, CHUNK, progress)


def _column(table: Any, name: str) -> npt.NDArray[Any]:
    known_name("column", name, [str(c) for c in (table if isinstance(table, Mapping) else table.columns)])
    return np.asarray(table[name])
