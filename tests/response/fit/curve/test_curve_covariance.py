"""Covariances that do not trust the noise: against White's and Newey and West's formulas, loops, and known truths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from mixcurve.response.curves import curves
from mixcurve.response.fit.curve.batch import fit_batch
from mixcurve.response.fit.curve.covariance import automatic_lags, phi_covariance
from mixcurve.response.fit.curve.fit import fit_curve
from mixcurve.response.fit.results import CurveFit
from mixcurve.response.fit.rivals import LINE

FloatArray = np.ndarray
QUICK: dict[str, Any] = {"intervals": False, "resamples": 0}


def hill_campaign(seed: int = 0, rows: int = 80) -> tuple[FloatArray, FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    spend = rng.uniform(0, 100, rows)
    noise = (1 + spend / 20) * rng.standard_normal(rows)
    return spend, 20 + 50 * curves["hill"](spend, half=30.0, slope=2.0) + noise, rng.uniform(0.5, 2.0, rows)


def line_fit(kind: str) -> tuple[CurveFit, FloatArray, FloatArray]:
    """Return a straight line's fit, its design in the units of its parameters, and its residuals."""
    rng = np.random.default_rng(2)
    spend = rng.uniform(0, 10, 50)
    response = 5 + 3 * spend + (0.5 + spend / 4) * rng.standard_normal(50)
    fit = fit_curve(spend, response, curve=LINE, covariance=kind, **QUICK)
    return fit, np.column_stack([np.ones(50), spend / fit.draws[0, 0, 1]]), fit.residual


def test_hc3_on_a_straight_line_is_the_textbook_formula() -> None:
    # MacKinnon and White (1985): (X'X)⁻¹ X' diag(e² / (1 - h)²) X (X'X)⁻¹.
    fit, design, residual = line_fit("hc3")
    inverse = np.linalg.inv(design.T @ design)
    leverage = np.array([row @ inverse @ row for row in design])
    meat = sum(
        np.outer(x, x) * (e / (1 - h)) ** 2 for x, e, h in zip(design, residual, leverage, strict=True)
    )
    assert fit.covariance == pytest.approx(inverse @ meat @ inverse, rel=1e-8)
    plain = sum(np.outer(x, x) * e**2 for x, e in zip(design, residual, strict=True))
    assert fit.covariance != pytest.approx(inverse @ plain @ inverse, rel=1e-2)  # White's own is caught


def test_hac_on_a_straight_line_is_the_formula_of_newey_and_west() -> None:
    # Newey and West (1987), with Bartlett weights 1 - l / (L + 1) and the usual n / (n - p).
    fit, design, residual = line_fit("hac")
    score, rows = design * residual[:, None], len(residual)
    lags = int(np.floor(4 * (rows / 100) ** (2 / 9)))
    meat = np.zeros((2, 2))
    for t in range(rows):
        for s in range(rows):
            if abs(t - s) <= lags:
                meat += (1 - abs(t - s) / (lags + 1)) * np.outer(score[t], score[s])
    inverse = np.linalg.inv(design.T @ design)
    expected = inverse @ meat @ inverse * rows / (rows - 2)
    assert fit.covariance == pytest.approx(expected, rel=1e-8)
    assert fit.covariance != pytest.approx(
        inverse @ (score.T @ score) @ inverse * rows / (rows - 2), rel=1e-2
    )


@pytest.mark.parametrize(("rows", "lags"), [(52, 3), (100, 4), (104, 4), (156, 4), (1000, 6)])
def test_the_lags_of_newey_and_west(rows: int, lags: int) -> None:
    assert automatic_lags(rows) == lags


def slopes(fit: CurveFit, spend: FloatArray) -> FloatArray:
    """Return the derivatives of the mean by the parameters (n × p), by central differences."""
    centre = {n: fit.parameters[n] for n in fit.parameter_names}

    def mean(named: dict[str, float]) -> FloatArray:
        return named.get("baseline", 0.0) + fit.curve[0](spend, **{n: named[n] for n in fit.curve[0].names})

    columns = []
    for name, value in centre.items():
        step = 1e-6 * abs(value)
        columns.append(
            (mean(centre | {name: value + step}) - mean(centre | {name: value - step})) / (2 * step)
        )
    return np.column_stack(columns)


@pytest.mark.parametrize("kind", ["hc3", "hac"])
@pytest.mark.parametrize("family", ["gaussian", "poisson", "binomial"])
def test_sandwiches_of_a_curve_are_those_of_explicit_loops(kind: str, family: str) -> None:
    spend, response, weights = hill_campaign()
    words: dict[str, Any] = {"covariance": kind, "family": family}
    if family == "gaussian":
        words["weights"] = weights
    else:
        response = np.round(np.maximum(response, 0))
        weights = np.ones(80)
    if family == "binomial":
        weights = words["exposures"] = np.full(80, 300.0)
        response = np.minimum(response, 300)
    fit = fit_curve(spend, response, **words, **QUICK)
    y = response / 300 if family == "binomial" else response
    mu = fit.baseline + fit.contributions[:, 0]
    variance = {"gaussian": np.ones(80), "poisson": mu, "binomial": mu * (1 - mu)}[family]
    design = slopes(fit, spend)
    bread = np.linalg.inv(
        sum(w / v * np.outer(x, x) for w, v, x in zip(weights, variance, design, strict=True))
    )
    score = (weights * (y - mu) / variance)[:, None] * design
    meat = np.zeros((4, 4))
    if kind == "hc3":
        for x, s, w, v in zip(design, score, weights, variance, strict=True):
            meat += np.outer(s, s) / (1 - w / v * x @ bread @ x) ** 2
    else:
        for t in range(80):
            for s in range(max(t - 3, 0), min(t + 4, 80)):
                meat += (1 - abs(t - s) / 4) * np.outer(score[t], score[s])
        meat *= 80 / 76
    assert fit.covariance == pytest.approx(bread @ meat @ bread, rel=1e-3)


@pytest.mark.parametrize("loss", ["huber", "student_t"])
@pytest.mark.parametrize("kind", ["hc3", "hac"])
def test_sandwiches_of_robust_fits_are_near_the_model_where_noise_is_even(loss: str, kind: str) -> None:
    rng = np.random.default_rng(3)
    spend = rng.uniform(0, 100, 3000)
    response = 20 + 50 * curves["hill"](spend, half=30.0, slope=2.0) + 3 * rng.standard_normal(3000)
    model, sandwich = (
        fit_curve(spend, response, loss=loss, covariance=k, **QUICK).standard_errors for k in ("model", kind)
    )
    assert list(sandwich.values()) == pytest.approx(list(model.values()), rel=0.12)


@pytest.mark.parametrize("kind", ["hc3", "hac"])
def test_units_change_sandwiches_by_units_only(kind: str) -> None:
    spend, response, _ = hill_campaign()
    plain = fit_curve(spend, response, covariance=kind, **QUICK).standard_errors
    scaled = fit_curve(spend * 1e6, response * 1e-6, covariance=kind, **QUICK).standard_errors
    rates = {"baseline": 1e-6, "top": 1e-6, "half": 1e6, "slope": 1.0}
    for name, error in plain.items():
        assert scaled[name] == pytest.approx(error * rates[name], rel=1e-6)


@pytest.mark.parametrize("kind", ["hc3", "hac"])
def test_noise_free_and_falling_responses_have_finite_sandwiches(kind: str) -> None:
    spend = np.linspace(0, 100, 40)
    mean = 5 + 50 * curves["hill"](spend, half=30.0, slope=2.0)
    for response in (mean, 100 - mean):
        fit = fit_curve(spend, response, covariance=kind, non_decreasing=False, resamples=0)
        assert np.isfinite(fit.covariance).all()
        assert np.abs(fit.covariance).max() < 1e-6


def test_a_falling_response_has_the_sandwich_of_the_rising_one() -> None:
    spend, response, _ = hill_campaign()
    up = fit_curve(spend, response, covariance="hc3", **QUICK).covariance
    down = fit_curve(spend, -response, covariance="hc3", non_decreasing=False, **QUICK).covariance
    turned = np.diag([-1.0, -1.0, 1.0, 1.0])
    assert down == pytest.approx(turned @ up @ turned, rel=1e-5)


def test_delta_intervals_follow_the_covariance_and_profiles_do_not() -> None:
    spend, response, _ = hill_campaign()
    fits = {k: fit_curve(spend, response, covariance=k, resamples=0) for k in ("model", "hc3", "hac")}
    for fit in fits.values():
        delta = fit.interval("half", "delta")
        assert delta is not None
        quantile = stats.t.ppf(0.95, fit.degrees_of_freedom)
        relative = quantile * fit.standard_errors["half"] / fit.parameters["half"]
        assert np.log(delta.high / delta.estimate) == pytest.approx(relative, rel=1e-6)
    profiles = {(fit.interval("half").low, fit.interval("half").high) for fit in fits.values()}  # type: ignore[union-attr]
    assert len(profiles) == 1


CAMPAIGNS, WEEKS, PERSISTENCE = 300, 156, 0.85


def wave(rng: np.random.Generator) -> FloatArray:
    """Return standard normal series with autocorrelation (campaigns × weeks)."""
    out = rng.standard_normal((CAMPAIGNS, WEEKS))
    for t in range(1, WEEKS):
        out[:, t] = PERSISTENCE * out[:, t - 1] + np.sqrt(1 - PERSISTENCE**2) * out[:, t]
    return out


def covered(spend: FloatArray, noise: FloatArray, kind: str, place: int) -> float:
    """Return the share of 95% delta intervals of φ's baseline (0) or log half (2) that hold the truth."""
    mean = 20 + 50 * curves["hill"](spend, half=30.0, slope=2.0)
    solved = fit_batch(curves["hill"], spend, mean + noise, np.ones_like(spend), baseline=True)
    truth = {0: 20 / solved.response_unit, 2: np.log(30 / solved.spend_unit)}[place]
    error = np.sqrt(phi_covariance(solved, kind)[:, place, place])  # type: ignore[arg-type]
    return float((np.abs(solved.phi[:, place] - truth) <= stats.t.ppf(0.975, WEEKS - 4) * error).mean())


def test_hc3_covers_where_noise_is_uneven_and_the_model_does_not() -> None:
    # 4 standard errors of a share of 95% of 300 are 5 points.
    rng = np.random.default_rng(1)
    spend = rng.uniform(0, 90, (CAMPAIGNS, WEEKS))
    noise = np.where(spend < 20, 8.0, 1.0) * rng.standard_normal(spend.shape)
    assert covered(spend, noise, "model", 0) < 0.85
    assert covered(spend, noise, "hc3", 0) > 0.90


def test_hac_covers_better_where_spend_and_noise_last() -> None:
    rng = np.random.default_rng(2)
    spend = 90 * stats.norm.cdf(wave(rng))
    noise = 5 * wave(rng)
    model, hc3, hac = (covered(spend, noise, kind, 2) for kind in ("model", "hc3", "hac"))
    assert hac > max(model, hc3) + 0.02
