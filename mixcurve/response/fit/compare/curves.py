"""`compare_curves`: many curves fitted to the same rows, and what the data say of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator, known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import Curve
from mixcurve.response.fit.compare.criteria import akaike_weights, information_criteria, shares_of_draws
from mixcurve.response.fit.compare.entrants import DEFAULT_CURVES, Entrant, entrants
from mixcurve.response.fit.compare.nesting import nested_tests
from mixcurve.response.fit.compare.origins import forecast_errors, rolling_origins
from mixcurve.response.fit.compare.replicates import lack_of_fit, replicate_groups
from mixcurve.response.fit.compare.results import ComparedCurve, CurveComparison
from mixcurve.response.fit.compare.solving import Fit, Rows, fit_entrant, resample
from mixcurve.response.fit.compare.verdict import kind_of, notes_on, verdict_on
from mixcurve.response.fit.curve.losses import FAMILIES
from mixcurve.response.fit.curve.rows import campaign_rows
from mixcurve.response.fit.rivals import LINE

__all__ = ["compare_curves"]

FloatArray = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]

FOLDS = 8
"""Blocks forecast: with two years of weeks each is about six weeks, a usual planning step."""
RESAMPLES = 400
"""Draws behind the average's interval: each end of a 90% interval has 20 draws beyond it."""


@dataclass(frozen=True)
class _Settings:
    """How the comparison is made; see `compare_curves`."""

    folds: int
    resamples: int
    level: float
    tolerance: float


def compare_curves(
    spend: npt.ArrayLike,
    response: npt.ArrayLike,
    *,
    curves: Sequence[str | Curve] = DEFAULT_CURVES,
    family: str = "gaussian",
    exposures: npt.ArrayLike | None = None,
    baseline: bool = True,
    weights: npt.ArrayLike | None = None,
    order: npt.ArrayLike | None = None,
    folds: int = FOLDS,
    same_spend: float = 0.0,
    level: float = 0.9,
    resamples: int = RESAMPLES,
    seed: int | np.random.Generator = 0,
    progress: Progress | None = None,
    every: str = "week",
    currency: str | None = None,
    response_name: str = "response",
) -> CurveComparison:
    """Fit several curves to one campaign and say which the data support.

    No effect, the straight line and the power curve (the curve of a log-log regression) always compete, and every
    S-curve brings the concave curves it could mimic, so that an S-curve is a finding and not an assumption.

    Parameters
    ----------
    spend, response
        (n,) each, in any units.
    curves
        Names in `mixcurve.curves`, or curves of your own.
    family, exposures
        As in `fit_curve`: ``"gaussian"``, ``"poisson"``, ``"negative binomial"``, or ``"binomial"`` with exposures, for
        which ``response`` counts conversions and the curves are those of their share.
    baseline
        Whether there is a response without spend.
    weights
        (n,) positive weights, the inverse of each row's variance up to a factor; 1 if not given. They, and exposures,
        weigh the forecast errors too.
    order
        (n,) dates or numbers that put the rows in the order of time; the order given if not.
    folds
        Blocks of the rolling forecasts, at least 2; 0 leaves them out. The second half of the rows is forecast, block
        by block, each from all rows before it.
    same_spend
        Rows whose spend differs by at most this count as replicates in the lack-of-fit test.
    level
        Of the average's interval.
    resamples
        Draws behind that interval, shared among the curves by their weight; 0 leaves it out.
    seed
        Of the resamples.
    progress
        Called as ``progress(stage, done, total)``.
    every, currency, response_name
        Words for tables, pictures and reports.

    Returns
    -------
    CurveComparison
        ``verdict``, ``table``, ``nested_table``, ``average(spend)``. AICc and BIC count the variance, or the
        dispersion of a negative binomial, among the parameters. A curve that cannot be fitted carries its status, and
        the others go on.

    Raises
    ------
    InputError
        For arrays of different lengths, values that are not finite, negative spend, no spend at all, unknown curves.

    Notes
    -----
    The rules of the verdict are in `mixcurve.response.fit.compare.verdict`: the simplest kind of curve whose AICc is
    within 2 of the least. Likelihoods take the residuals for independent from row to row; the resamples keep their
    order in blocks.

    References
    ----------
    Burnham, K. P. and Anderson, D. R. (2002), Model Selection and Multimodel Inference. Buckland, S. T., Burnham, K. P.
    and Augustin, N. H. (1997), Biometrics 53, 603-618. Tashman, L. J. (2000), International Journal of Forecasting 16,
    437-450. Draper, N. R. and Smith, H. (1998), Applied Regression Analysis. Self, S. G. and Liang, K.-Y. (1987),
    Journal of the American Statistical Association 82, 605-610.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve.response.curves import curves
    >>> rng = np.random.default_rng(1)
    >>> spend = rng.uniform(0, 100, 104)
    >>> response = 20 + curves["hill"](spend, top=50, half=40, slope=3) + 2 * rng.standard_normal(104)
    >>> found = compare_curves(spend, response, curves=["hill"], resamples=100)
    >>> found.conclusion, found.best.name
    ('S-shaped', 'hill')
    """
    rows = _rows(spend, response, weights, exposures, family, baseline, order)
    settings = _settings(folds, resamples, level, same_spend)
    competing = entrants(curves)
    origins = rolling_origins(rows, settings.folds)
    fits = []
    for done, one in enumerate(competing, start=1):
        fits.append(fit_entrant(one.curve, rows, origins.windows))
        if progress:
            progress("comparing curves", done, len(competing))
    forecasts = forecast_errors(fits, rows, origins)
    group = replicate_groups(rows.spend, settings.tolerance)
    rest = [{"forecast": f, "lack_of_fit": lack_of_fit(fit, rows, group)} for f, fit in zip(forecasts, fits)]
    compared = _ranked(competing, fits, rest, rows, settings, generator(seed))
    conclusion, verdict = verdict_on(compared)
    return CurveComparison(
        compared, conclusion, verdict, notes_on(compared, rows), nested_tests(competing, fits), family, baseline,
        settings.level, rows.spend, rows.response,
        every, currency, response_name,
    )  # fmt: skip


def _ranked(
    competing: Sequence[Entrant], fits: Sequence[Fit], rest: Sequence[dict[str, Any]], rows: Rows,
    settings: _Settings, rng: np.random.Generator,
) -> tuple[ComparedCurve, ...]:  # fmt: skip
    """Return the curves from the least AICc on; the first entrant is no effect. Draws are made here, by weight."""
    criteria = [information_criteria(f.log_likelihood, f.estimated, len(rows)) for f in fits]
    delta, weight = akaike_weights(np.array([aicc for aicc, _ in criteria]))
    draws = shares_of_draws(weight, settings.resamples)
    found = []
    for i in np.argsort(delta, kind="stable"):
        one, fit, (aicc, bic) = competing[i], fits[i], criteria[i]
        status = (
            fit.status
            if np.isfinite(aicc) or not np.isfinite(fit.log_likelihood)
            else "too few rows for AICc"
        )
        found.append(
            ComparedCurve(
                name=one.name,
                curve=None if one.curve is LINE else one.curve,
                kind=kind_of(fit, rows),
                parameters=fit.parameters[0],
                estimated=fit.estimated,
                squares=fit.squares,
                log_likelihood=fit.log_likelihood,
                aicc=aicc,
                bic=bic,
                delta=float(delta[i]),
                weight=float(weight[i]),
                status=status,
                message=fit.message,
                resamples=resample(fit, fits[0], int(draws[i]), rng),
                **rest[i],
            )
        )
    return tuple(found)


def _rows(
    spend: npt.ArrayLike, response: npt.ArrayLike, weights: npt.ArrayLike | None, exposures: npt.ArrayLike | None,
    family: str, baseline: bool, order: npt.ArrayLike | None,
) -> Rows:  # fmt: skip
    """Return the rows, checked and in the order of time."""
    known_name("family", family, FAMILIES)
    x, y, weight = campaign_rows(spend, response, weights, exposures, family)
    if order is None:
        return Rows(x, y, weight, baseline, family)
    values = np.asarray(order)
    if values.shape != x.shape:
        raise InputError(f"order needs one value per row ({len(x)}), got shape {values.shape}.")
    missing = np.flatnonzero(values != values)
    if len(missing):
        raise InputError(
            f"order has no value at position {int(missing[0])}. Give every row a date or a number."
        )
    by_time = np.argsort(values, kind="stable")
    return Rows(x[by_time], y[by_time], weight[by_time], baseline, family)


def _settings(folds: int, resamples: int, level: float, same_spend: float) -> _Settings:
    blocks, draws = (_whole(name, value) for name, value in (("folds", folds), ("resamples", resamples)))
    if blocks == 1:
        raise InputError("folds must be 0 or at least 2, got 1. One forecast has no standard error.")
    share = number("level", level, low=0.0, high=1.0, open_low=True)
    if share == 1.0:
        raise InputError("level must be below 1, got 1. Give the level of an interval, such as 0.9.")
    return _Settings(blocks, draws, share, number("same_spend", same_spend, low=0.0))


def _whole(name: str, value: int) -> int:
    found = number(name, value, low=0.0)
    if found != int(found):
        raise InputError(f"{name} must be a whole number, got {value!r}.")
    return int(found)
