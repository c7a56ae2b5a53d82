"""`fit_curve`: one response curve for one campaign; `fit_curves`: one for each of thousands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator, known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import Curve, resolve_curve
from mixcurve.response.evidence import ChannelEvidence
from mixcurve.response.fit.curve.batch import Batch, fit_model
from mixcurve.response.fit.curve.covariance import COVARIANCES, CovarianceKind, parameter_covariance
from mixcurve.response.fit.curve.losses import Huber, NegativeBinomial, StudentT
from mixcurve.response.fit.curve.model import curve_model
from mixcurve.response.fit.curve.problem import BASE
from mixcurve.response.fit.curve.resamples import resampled_phi
from mixcurve.response.fit.curve.rows import campaign_rows
from mixcurve.response.fit.curve.support import CurveIntervals, all_intervals, curve_evidence, natural_draws
from mixcurve.response.fit.no_effect import with_no_effect
from mixcurve.response.fit.results import CurveFit

__all__ = ["fit_curve"]

FloatArray = npt.NDArray[np.float64]
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
    family: str = "gaussian",
    loss: str = "squares",
    baseline: bool = True,
    non_decreasing: bool = True,
    weights: npt.ArrayLike | None = None,
    exposures: npt.ArrayLike | None = None,
    fixed: Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    start: Mapping[str, float] | None = None,
    intervals: bool = True,
    covariance: str = "model",
    resamples: int = 200,
    level: float = 0.9,
    current: float | None = None,
    target_marginal: float | None = None,
    response_value: float = 1.0,
    seed: int = 0,
    channel: str = "campaign",
    every: str = "week",
    currency: str | None = None,
    response_name: str = "response",
) -> CurveFit:
    """Fit one response curve: response = baseline + top × unit curve(spend; shape) + noise.

    Least squares by variable projection: a grid over the shapes, Levenberg-Marquardt on the projected problem from the
    best basins, then Gauss-Newton by QR on all parameters. Counts, shares, robust losses and bounds on baseline or top
    go by Fisher scoring on all parameters, from the same grid. Starts come from the data alone.

    Parameters
    ----------
    spend, response
        (n,) each, in any units and in the order of time; zero spend is ordinary.
    curve
        A name in `curves`, or a curve of your own.
    family
        ``"gaussian"``; ``"poisson"`` or ``"negative binomial"`` for counts such as orders; ``"binomial"`` for
        conversions out of ``exposures``, whose share then follows the curve.
    loss
        ``"squares"``, or for a Gaussian response with outliers ``"huber"`` or ``"student_t"`` (4 degrees of freedom).
    baseline
        Whether there is a response without spend.
    non_decreasing
        Whether response is known not to fall as spend rises: ``top`` is then at least 0.
    weights
        (n,) positive weights, the inverse of each row's variance up to a factor; 1 if not given.
    exposures
        (n,) how many people or impressions could convert; for the binomial family only.
    fixed, bounds
        Values, or (least, largest), by the parameter's name (``baseline``, ``top``, shape), in the units of the data.
    start
        Shape parameters by name to search from, in the units of ``spend``, instead of the grid.
    intervals, resamples, level, seed
        Whether to compute intervals (profile, delta and bootstrap, at this level), and from how many refits to moving
        blocks of residuals (or to draws from the family).
    covariance
        ``"model"``, or ``"hc3"`` for uneven and ``"hac"`` for uneven and autocorrelated noise, in standard errors and
        delta intervals.
    current
        Spend of the present plan, where marginal response, ROI and mROI are taken; the mean of ``spend`` if not given.
    target_marginal
        A marginal response (per unit of spend) for which ``spend_at_target`` is the spend where it is reached.
    response_value
        Money per response, for ROI and mROI.
    channel, every, currency, response_name
        Words for tables and reports.

    Returns
    -------
    CurveFit
        ``parameters``, ``standard_errors`` (n - p degrees of freedom), ``intervals``, ``evidence``, ``status``. A
        response that does not rise with spend has the status ``"no response"`` and ``top`` 0, not an error.

    Raises
    ------
    InputError
        For arrays of different lengths, values that are not finite, negative spend, counts that are negative, more
        conversions than exposures, or no more rows than parameters.

    Notes
    -----
    Source: Golub and Pereyra (1973), Kaufman (1975); McCullagh and Nelder (1989); Bates and Watts (1988), chapter 6.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve import curves, fit_curve
    >>> spend = np.linspace(0, 100, 21)
    >>> fit = fit_curve(spend, curves["hill"](spend, top=50.0, half=30.0, slope=2.0), baseline=False)
    >>> {name: round(value, 6) for name, value in fit.parameters.items()}
    {'top': 50.0, 'half': 30.0, 'slope': 2.0}

    Orders are counts: a Poisson fit weighs each week by what its mean allows.

    >>> orders = np.random.default_rng(0).poisson(5 + curves["hill"](spend, top=50.0, half=30.0, slope=2.0))
    >>> counted = fit_curve(spend, orders, family="poisson", resamples=0)
    >>> half = counted.interval("half_saturation")
    >>> half.low < 30.0 < half.high
    True
    """
    chosen = resolve_curve(curve)
    number("level", level, low=0.5, high=0.999)
    kind: Any = known_name("covariance", covariance, COVARIANCES)
    x, y, weight = campaign_rows(spend, response, weights, exposures, family)
    model = curve_model(
        chosen, family=family, loss=loss, baseline=baseline, non_decreasing=non_decreasing, fixed=fixed,
        bounds=bounds, reference=float(x.max()),
    )  # fmt: skip
    begin = None if start is None else _start(model.used, start, float(x.max()))
    solved = fit_model(model, x[None], y[None], weight[None], begin, SINGLE_POLISH)
    if solved.degrees_of_freedom[0] < 1:
        needed = int(solved.problem.free.sum())
        raise InputError(
            f"{len(x)} rows cannot carry {needed} parameters. Give more rows, or a curve with fewer."
        )
    present = float(x.mean()) if current is None else number("current", current, low=0.0)
    worth = number("response_value", response_value, low=0.0)
    wanted = (
        None
        if target_marginal is None
        else number("target_marginal", target_marginal, low=0.0, open_low=True)
    )
    refits = resampled_phi(solved, int(number("resamples", resamples, low=0)), generator(seed))
    figures = (
        all_intervals(solved, refits, present, wanted, worth, channel, level, kind)
        if intervals
        else CurveIntervals()
    )
    ((evidence, effect_p),) = curve_evidence(solved, (channel,), every, [figures.intervals], level)
    words = {"every": every, "currency": currency, "response_name": response_name}
    return _result(
        solved, refits, figures, evidence, effect_p, (x, y, weight), present, kind, level, worth, words
    )


def _result(
    solved: Batch, refits: FloatArray, figures: CurveIntervals, evidence: ChannelEvidence, effect_p: float,
    rows: tuple[FloatArray, FloatArray, FloatArray], present: float, kind: CovarianceKind, level: float, worth: float,
    words: dict[str, Any],
) -> CurveFit:  # fmt: skip
    (x, y, weight), model, status = rows, solved.model, solved.status[0]
    residual = solved.residual[0] / np.sqrt(weight)
    base = float(solved.phi[0, BASE] * solved.response_unit[0])
    draws, again = (natural_draws(solved, phi)[:, None] for phi in (solved.phi, refits))
    if status == "no response":
        draws[..., 0] = 0.0
    now = np.array([present])
    chosen = (model.curve,)
    return CurveFit(
        channels=(evidence.channel,),
        curve=chosen,
        draws=draws,
        resamples=with_no_effect(chosen, again, now, [effect_p]),
        spend_range=np.array([[x.min(), x.max()]]),
        current=now,
        evidence=(evidence,),
        baseline=base,
        parameter_names=solved.parameter_names,
        covariance=parameter_covariance(solved, kind),
        intervals=figures.intervals,
        carried=x[:, None],
        contributions=(y - base - residual)[:, None],
        residual=residual,
        rss=float(solved.rss[0]),
        degrees_of_freedom=int(solved.degrees_of_freedom[0]),
        status=status,
        message=MESSAGES[status],
        iterations=int(solved.iterations[0]),
        family=model.family,
        loss=model.loss,
        log_likelihood=float(solved.log_likelihood[0]),
        deviance=float(solved.objective[0] * solved.response_unit[0] ** 2),
        dispersion=_dispersion(solved),
        covariance_kind=kind,
        level=level,
        response_value=worth,
        held=model.held,
        profiles=figures.profiles,
        disagreements=figures.disagreements,
        **words,
    )


def _dispersion(solved: Batch) -> float:
    """Return the residual variance, the dispersion of a negative binomial, 1 for other counts, or a squared scale."""
    loss, unit = solved.problem.loss, float(solved.response_unit[0])
    if isinstance(loss, NegativeBinomial):
        return float(loss.dispersion[0])
    if isinstance(loss, Huber | StudentT):
        return float(loss.scale[0] * unit) ** 2
    return 1.0 if solved.model.counts else float(solved.threshold_unit[0]) * unit**2


def _start(curve: Curve, start: Mapping[str, float], reference: float) -> FloatArray:
    free = [p for p in curve.parameters if p.free]
    if not isinstance(start, Mapping):
        raise InputError(f"start must give values by the parameter's name, got {type(start).__name__}.")
    for name in start:
        if name in ("baseline", "top"):
            raise InputError(f"start['{name}'] is not needed: it is solved for at any shape. Leave it out.")
        known_name(f"shape parameter of the curve {curve.name}", name, [p.name for p in free])
    missing = [p.name for p in free if p.name not in start]
    if missing:
        raise InputError(f"start needs every shape parameter; {', '.join(missing)} missing.")
    scaled = [
        number(f"start['{p.name}']", start[p.name], low=0.0 if p.scale == "log" else -np.inf, open_low=True)
        / reference**p.spend_power
        for p in free
    ]
    return np.array([float(p.to_real(p.domain.clip(v))) for p, v in zip(free, scaled, strict=True)])
