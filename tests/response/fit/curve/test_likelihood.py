"""Fits by likelihood and robust loss: against scipy's densities and optimiser, explicit IRLS, and a published table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from mixcurve.response.curves import curves
from mixcurve.response.fit.curve.fit import fit_curve
from mixcurve.response.fit.curve.losses import HUBER_CORNER, STUDENT_DEGREES
from mixcurve.response.fit.results import CurveFit
from mixcurve.response.fit.rivals import LINE

FloatArray = np.ndarray
EXPOSURES = 400
FAMILIES = ("poisson", "negative binomial", "binomial", "student_t", "huber")
QUICK: dict[str, Any] = {"intervals": False, "resamples": 0}


def campaign(family: str, seed: int = 0, rows: int = 80) -> tuple[FloatArray, FloatArray, dict[str, Any]]:
    """Return spend, response and the words of a fit for data of a family."""
    rng = np.random.default_rng(seed)
    spend = rng.uniform(0, 100, rows)
    mean = 20 + 60 * curves["hill"](spend, half=35.0, slope=2.2)
    if family == "poisson":
        return spend, rng.poisson(mean).astype(float), {"family": family}
    if family == "negative binomial":
        return spend, rng.poisson(rng.gamma(20.0, mean / 20)).astype(float), {"family": family}
    if family == "binomial":
        hits = rng.binomial(EXPOSURES, mean / 200).astype(float)
        return spend, hits, {"family": family, "exposures": np.full(rows, EXPOSURES)}
    weights = rng.uniform(0.3, 3.0, rows)
    noise = stats.t.rvs(3, size=rows, random_state=rng)
    return spend, mean + 4 * noise / np.sqrt(weights), {"loss": family, "weights": weights}


def hill(parameters: FloatArray, spend: FloatArray) -> FloatArray:
    """Return the mean at (baseline, top, half, slope), all but the baseline as logs."""
    base, top, half, slope = parameters[:4]
    return base + np.exp(top) * curves["hill"](spend, half=np.exp(half), slope=np.exp(slope))


def huber_losses(residual: FloatArray, scale: float) -> FloatArray:
    corner, size = HUBER_CORNER * scale, np.abs(residual)
    return np.where(size <= corner, size**2, 2 * corner * size - corner**2)


def cost(family: str, y: FloatArray, words: dict[str, Any], fit: CurveFit) -> Callable[..., float]:
    """Return ``cost(mu, extra)``: minus scipy's log-likelihood, or Huber's loss at the scale of the fit."""
    root = np.sqrt(words.get("weights", np.ones_like(y)))

    def negative_binomial(mu: FloatArray, extra: float) -> float:
        size = np.exp(-extra)
        return -stats.nbinom.logpmf(y, size, size / (size + mu)).sum()

    return {
        "poisson": lambda mu, _: -stats.poisson.logpmf(y, mu).sum(),
        "binomial": lambda mu, _: -stats.binom.logpmf(y, EXPOSURES, mu).sum(),
        "negative binomial": negative_binomial,
        "student_t": lambda mu, extra: -stats.t.logpdf(y, STUDENT_DEGREES, mu, np.exp(extra) / root).sum(),
        "huber": lambda mu, _: huber_losses(root * (y - mu), np.sqrt(fit.dispersion)).sum(),
    }[family]


def referee(family: str, spend: FloatArray, y: FloatArray, words: dict[str, Any], fit: CurveFit) -> float:
    """Return the least cost that scipy's simplex and BFGS find from several starts."""
    share = y / EXPOSURES if family == "binomial" else y
    least = cost(family, y, words, fit)

    def objective(p: FloatArray) -> float:
        mu = hill(p, spend)
        if (
            family not in ("student_t", "huber")
            and not ((mu > 0) & (mu < (1 if family == "binomial" else np.inf))).all()
        ):
            return 1e10
        with np.errstate(over="ignore"):
            return least(mu, p[4])

    best = np.inf
    for half, slope in ((20.0, 1.5), (35.0, 2.2), (60.0, 3.5)):
        start = np.array(
            [share.min() + 1e-3, np.log(np.ptp(share)), np.log(half), np.log(slope), np.log(0.1)]
        )
        rough = minimize(
            objective, start, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-8, "fatol": 1e-9}
        )
        best = min(best, rough.fun, minimize(objective, rough.x, method="BFGS").fun)
    return best


@pytest.mark.parametrize("family", FAMILIES)
def test_no_independent_optimiser_finds_a_better_fit(family: str) -> None:
    spend, y, words = campaign(family)
    fit = fit_curve(spend, y, **words, **QUICK)
    found = referee(family, spend, y, words, fit)
    ours = fit.deviance if family == "huber" else -fit.log_likelihood
    assert fit.status == "converged"
    assert ours == pytest.approx(found, rel=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_referee_would_catch_a_fit_that_is_off(family: str) -> None:
    spend, y, words = campaign(family)
    fit = fit_curve(spend, y, **words, **QUICK)
    off = fit_curve(spend, y, **words, **QUICK, fixed={"half": fit.parameters["half"] * 1.1})
    least = cost(family, y, words, fit)
    worse = least(mean_of(off, spend), np.log(off.dispersion) / (2 if family == "student_t" else 1))
    best = least(mean_of(fit, spend), np.log(fit.dispersion) / (2 if family == "student_t" else 1))
    assert worse > best * (1 + 1e-5)


def mean_of(fit: CurveFit, spend: FloatArray) -> FloatArray:
    named = {n: fit.parameters[n] for n in fit.curve[0].names}
    return fit.baseline + fit.curve[0](spend, **named)


def test_the_scale_of_huber_is_the_median_residual_of_its_own_fit() -> None:
    spend, y, words = campaign("huber")
    fit = fit_curve(spend, y, **words, **QUICK)
    size = np.abs(np.sqrt(words["weights"]) * (y - mean_of(fit, spend)))
    expected = np.median(size) / stats.norm.ppf(0.75) * np.sqrt(80 / 76)
    assert np.sqrt(fit.dispersion) == pytest.approx(expected, rel=1e-6)


def information(fit: CurveFit, spend: FloatArray, precision: FloatArray) -> FloatArray:
    """Return JᵀPJ at the estimate in the units of the data, J by central differences of the mean."""
    names = fit.parameter_names
    centre = np.array([fit.parameters[n] for n in names])

    def mean(values: FloatArray) -> FloatArray:
        named = dict(zip(names, values, strict=True))
        return named["baseline"] + fit.curve[0](spend, **{n: named[n] for n in fit.curve[0].names})

    steps = 1e-6 * np.diag(centre)
    columns = [(mean(centre + s) - mean(centre - s)) / (2 * s.sum()) for s in steps]
    jacobian = np.column_stack(columns)
    return jacobian.T @ (precision[:, None] * jacobian)


@pytest.mark.parametrize("family", ["poisson", "negative binomial", "binomial"])
def test_the_covariance_of_counts_is_the_inverse_expected_information(family: str) -> None:
    spend, y, words = campaign(family)
    fit = fit_curve(spend, y, **words, **QUICK)
    mu = mean_of(fit, spend)
    variance = {
        "poisson": mu,
        "negative binomial": mu + fit.dispersion * mu**2,
        "binomial": mu * (1 - mu) / EXPOSURES,
    }[family]
    expected = np.linalg.inv(information(fit, spend, 1 / variance))
    assert fit.covariance == pytest.approx(expected, rel=1e-4)
    wrong = np.linalg.inv(information(fit, spend, 1 / np.full_like(mu, variance.mean())))
    assert fit.covariance != pytest.approx(wrong, rel=0.02)


@pytest.mark.parametrize("family", ["huber", "student_t"])
def test_the_covariance_of_robust_fits_is_the_variance_of_the_slope_over_its_bend(family: str) -> None:
    # Huber (1981), section 7.6: s² [Σψ² / (n - p)] / [mean ψ']² (JᵀWJ)⁻¹, in residuals times roots of weights; the
    # share of the information that each row has is its robust weight over the mean of all.
    spend, y, words = campaign(family)
    fit = fit_curve(spend, y, **words, **QUICK)
    weights, nu = words["weights"], STUDENT_DEGREES
    scaled = np.sqrt(weights) * (y - mean_of(fit, spend)) / np.sqrt(fit.dispersion)
    psi, bend = {
        "huber": (np.clip(scaled, -HUBER_CORNER, HUBER_CORNER), np.abs(scaled) <= HUBER_CORNER),
        "student_t": (
            (nu + 1) * scaled / (nu + scaled**2),
            (nu + 1) * (nu - scaled**2) / (nu + scaled**2) ** 2,
        ),
    }[family]
    variance = fit.dispersion * (psi**2).sum() / 76 / np.average(bend, weights=weights) ** 2
    robust = psi / scaled
    shared = weights * robust / np.average(robust, weights=weights)
    assert fit.covariance == pytest.approx(
        variance * np.linalg.inv(information(fit, spend, shared)), rel=1e-4
    )
    plain = variance * np.linalg.inv(information(fit, spend, weights))
    assert np.diag(fit.covariance) == pytest.approx(np.diag(plain), rel=0.15)


def irls(design: FloatArray, y: FloatArray, exposures: float | None) -> tuple[FloatArray, FloatArray]:
    """Return the coefficients and covariance of an identity-link Poisson, or binomial, regression."""
    weight = np.full_like(y, 1.0)
    for _ in range(200):
        scaled = weight[:, None] * design
        beta = np.linalg.solve(design.T @ scaled, scaled.T @ y)
        mu = design @ beta
        weight = 1 / mu if exposures is None else exposures / (mu * (1 - mu))
    return beta, np.linalg.inv(design.T @ (weight[:, None] * design))


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_a_straight_line_is_that_of_iteratively_reweighted_least_squares(family: str) -> None:
    rng = np.random.default_rng(4)
    spend = rng.uniform(0, 10, 60)
    mean = 4 + 2.5 * spend
    exposures = 120.0 if family == "binomial" else None
    y = rng.poisson(mean) if exposures is None else rng.binomial(120, mean / 100)
    words = {} if exposures is None else {"exposures": np.full(60, exposures)}
    fit = fit_curve(spend, y, curve=LINE, family=family, **words, **QUICK)
    beta, covariance = irls(np.column_stack([np.ones(60), spend]), y / (exposures or 1.0), exposures)
    unit = np.array([1.0, fit.draws[0, 0, 1]])  # top is the response at the reference spend
    assert [fit.baseline, fit.parameters["top"]] == pytest.approx(beta * unit, rel=1e-6)
    assert fit.covariance == pytest.approx(covariance * np.outer(unit, unit), rel=1e-6)


def test_the_poisson_line_of_dobson_and_barnett() -> None:
    # Dobson and Barnett (2008), An Introduction to Generalized Linear Models, tables 4.3 and 4.4: y on x with identity
    # link; x is moved by 1, since spend is not negative. b = (7.45163, 4.93530), J⁻¹ = ((0.7817, 0.4166), (., 1.1863)).
    x = np.array([-1, -1, 0, 0, 0, 0, 1, 1, 1]) + 1.0
    y = np.array([2, 3, 6, 7, 8, 9, 10, 12, 15])
    fit = fit_curve(x, y, curve=LINE, family="poisson", **QUICK)
    reference = fit.draws[0, 0, 1]
    slope = fit.parameters["top"] / reference
    assert slope == pytest.approx(4.93530, abs=6e-6)
    assert fit.baseline + slope == pytest.approx(7.45163, abs=6e-6)
    assert (fit.standard_errors["top"] / reference) ** 2 == pytest.approx(1.1863, abs=6e-5)
    assert fit.covariance[0, 0] == pytest.approx(0.7817 - 2 * 0.4166 + 1.1863, abs=2e-4)


@pytest.mark.parametrize(
    "family", ["poisson", "huber", *(pytest.param(f, marks=pytest.mark.slow) for f in FAMILIES[1:4])]
)
def test_units_of_spend_change_nothing_but_units(family: str) -> None:
    spend, y, words = campaign(family)
    plain, scaled = (fit_curve(spend * unit, y, **words, resamples=0) for unit in (1.0, 1e6))
    powers = {"half": 1, "half_saturation": 1, "inflection": 1, "saturation": 1}
    powers |= {"marginal_response": -1, "mroi": -1, "roi": -1}
    for name, value in plain.parameters.items():
        assert scaled.parameters[name] == pytest.approx(value * 1e6 ** powers.get(name, 0), rel=1e-7)
    assert scaled.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-10, nan_ok=True)
    for one, other in zip(plain.intervals, scaled.intervals, strict=True):
        rate = 1e6 ** powers.get(one.name, 0)
        assert (other.low, other.high) == pytest.approx((one.low * rate, one.high * rate), rel=1e-5), one.name


@pytest.mark.parametrize("family", ["huber", "student_t"])
def test_units_of_the_response_and_of_the_weights_change_nothing_for_robust_losses(family: str) -> None:
    spend, y, words = campaign(family)
    plain = fit_curve(spend, y, **words, resamples=0)
    heavier = words | {"weights": words["weights"] * 100}
    scaled = fit_curve(spend, y * 1e-6, **heavier, resamples=0)
    for name, value in plain.parameters.items():
        rate = 1e-6 if name in ("baseline", "top") else 1.0
        assert scaled.parameters[name] == pytest.approx(value * rate, rel=1e-7)
        one, other = plain.interval(name), scaled.interval(name)
        assert one is not None
        assert other is not None
        assert (other.low, other.high) == pytest.approx((one.low * rate, one.high * rate), rel=1e-6)
    assert scaled.dispersion == pytest.approx(plain.dispersion * 100 * 1e-12, rel=1e-6)


def test_a_gross_outlier_moves_squares_but_not_the_robust_losses() -> None:
    spend, y, words = campaign("huber")
    truth = fit_curve(spend, y, weights=words["weights"], **QUICK)
    spoiled = y.copy()
    spoiled[3] += 2000
    moved = {}
    for loss in ("squares", "huber", "student_t"):
        fit = fit_curve(spend, spoiled, weights=words["weights"], loss=loss, **QUICK)
        moved[loss] = np.abs(mean_of(fit, spend) - mean_of(truth, spend)).max()
    assert moved["squares"] > 50
    assert moved["huber"] < 5
    assert moved["student_t"] < 5


def test_a_falling_response_of_counts_is_found_when_it_may_fall() -> None:
    rng = np.random.default_rng(2)
    spend = rng.uniform(0, 100, 80)
    y = rng.poisson(90 - 60 * curves["hill"](spend, half=35.0, slope=2.2))
    fit = fit_curve(spend, y, family="poisson", non_decreasing=False, **QUICK)
    least = minimize(
        lambda p: -stats.poisson.logpmf(y, np.maximum(2 * p[0] - hill(p, spend), 1e-9)).sum(),
        [90, np.log(60), np.log(35), np.log(2.2)], method="Nelder-Mead", options={"maxiter": 4000, "fatol": 1e-10},
    ).fun  # fmt: skip
    assert fit.parameters["top"] < 0
    assert -fit.log_likelihood == pytest.approx(least, rel=1e-6)


HARD: dict[str, tuple[FloatArray, FloatArray]] = {
    "no counts at all": (np.linspace(0, 10, 20), np.zeros(20)),
    "one count": (np.linspace(0, 10, 20), np.eye(20)[7]),
    "constant": (np.linspace(0, 10, 20), np.full(20, 3.0)),
    "every exposure converts": (np.linspace(0, 10, 20), np.full(20, 50.0)),
    "falling": (np.linspace(0, 10, 20), np.linspace(40, 1, 20).round()),
    "n = p + 1": (np.array([0.0, 10.0, 20.0, 40.0, 80.0]), np.array([1.0, 2.0, 5.0, 7.0, 8.0])),
    "two levels": (np.tile([10.0, 20.0], 15), np.tile([1.0, 4.0], 15)),
    "zeros, then many": (np.linspace(0, 10, 20), np.where(np.linspace(0, 10, 20) > 6, 48.0, 0.0)),
    "one far out": (np.linspace(0, 10, 40), np.where(np.arange(40) == 20, 49.0, np.arange(40) // 8)),
}


def check_hard_case(name: str, family: str, curve: str) -> None:
    spend, y = HARD[name]
    words: dict[str, Any] = {"loss": family} if family in ("huber", "student_t") else {"family": family}
    if family == "binomial":
        words["exposures"] = np.full(len(y), 50)
    fit = fit_curve(spend, y, curve=curve, **words, resamples=5)
    assert fit.status in {"converged", "at bound", "not converged", "no response"}
    assert np.isfinite(list(fit.parameters.values())).all()
    assert np.isfinite([fit.rss, fit.deviance, fit.dispersion]).all()
    assert np.isfinite(fit.resamples).all()
    for one in fit.intervals:
        assert not np.isnan([one.low, one.high, one.estimate]).any(), one.name


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("family", FAMILIES)
def test_hard_cases_have_a_status_and_no_nan(name: str, family: str) -> None:
    check_hard_case(name, family, "exponential")


@pytest.mark.slow
@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("family", FAMILIES)
def test_hard_cases_of_an_s_curve_have_a_status_and_no_nan(name: str, family: str) -> None:
    check_hard_case(name, family, "hill")
