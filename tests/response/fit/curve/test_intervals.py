"""Profile intervals: against brute force, against theory on a straight problem, and open where the data are silent."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import f as f_distribution

from mixcurve.response.curves import curves
from mixcurve.response.fit.curve.fit import fit_curve
from mixcurve.response.fit.results import EstimateInterval

LEVEL = 0.9


def campaign(reach: float, seed: int = 1, rows: int = 52) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    spend = rng.uniform(0, reach * 30.0, rows)
    return spend, 5 + curves["hill"](spend, top=50.0, half=30.0, slope=2.5) + 2.0 * rng.standard_normal(rows)


def interval(fit, name: str) -> EstimateInterval:
    found = fit.interval(name)
    assert found is not None
    return found


def least_squares_at(spend: np.ndarray, response: np.ndarray, half: float) -> float:
    """Return the least sum of squares with the half-saturation held, by searching the slope alone."""

    def rss(log_slope: float) -> float:
        column = curves["hill"](spend, half=half, slope=np.exp(log_slope))
        design = np.column_stack([np.ones(len(spend)), column])
        left = response - design @ np.linalg.lstsq(design, response, rcond=None)[0]
        return float(left @ left)

    coarse = min(np.linspace(np.log(0.25), np.log(20), 60), key=rss)
    return minimize_scalar(
        rss, bounds=(coarse - 0.1, coarse + 0.1), method="bounded", options={"xatol": 1e-9}
    ).fun


def test_the_limits_are_where_the_sum_of_squares_crosses_the_threshold() -> None:
    spend, response = campaign(reach=3.0)
    fit = fit_curve(spend, response, level=LEVEL, resamples=0)
    dof = fit.degrees_of_freedom
    threshold = fit.rss * (1 + f_distribution.ppf(LEVEL, 1, dof) / dof)
    half = interval(fit, "half")
    for limit in (half.low, half.high):
        assert least_squares_at(spend, response, limit) == pytest.approx(threshold, rel=2e-3)


def test_a_linear_problem_gives_the_t_interval() -> None:
    # The exponent of a power curve with little noise is nearly linear, where profile and Wald agree.
    rng = np.random.default_rng(0)
    spend = np.linspace(1, 10, 200)
    response = 3 * spend**0.5 + 0.001 * rng.standard_normal(200)
    fit = fit_curve(spend, response, curve="power", baseline=False, level=LEVEL, resamples=0)
    exponent = interval(fit, "exponent")
    reach = np.sqrt(f_distribution.ppf(LEVEL, 1, fit.degrees_of_freedom)) * fit.standard_errors["exponent"]
    assert exponent.high - exponent.estimate == pytest.approx(reach, rel=0.02)
    assert exponent.estimate - exponent.low == pytest.approx(reach, rel=0.02)


def test_a_ceiling_that_was_never_near_leaves_the_interval_open() -> None:
    opened = sum(
        interval(fit_curve(*campaign(0.6, seed), level=0.95, resamples=0), "half").open_side
        in ("high", "both")
        for seed in range(20)
    )
    closed = sum(
        interval(fit_curve(*campaign(3.0, seed), level=0.95, resamples=0), "half").closed
        for seed in range(20)
    )
    assert opened >= 15
    assert closed == 20


@pytest.mark.parametrize("family", ["michaelis_menten", "exponential", "tanh"])
def test_concave_campaigns_are_not_given_a_bend(family: str) -> None:
    claims = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        spend = rng.uniform(0, 90, 104)
        response = 20 + 50 * curves[family](spend, half=30.0) + 5 * rng.standard_normal(104)
        claims += fit_curve(spend, response, resamples=0).evidence[0].has("bend_shown")
    # 5% of 25 is 1.25; five or more would be a 4-sigma surprise.
    assert claims < 5


def test_a_concave_estimate_has_no_bend_and_an_open_side() -> None:
    spend = np.linspace(0, 90, 60)
    fit = fit_curve(spend, 50 * spend / (spend + 30) + np.sin(np.arange(60)), resamples=0)
    bend = interval(fit, "inflection")
    assert bend.open_side in ("low", "both")
    assert bend.low == 0.0
    assert fit.evidence[0].has("bend_not_shown")


def test_a_clear_bend_is_shown_with_an_interval_around_the_truth() -> None:
    fit = fit_curve(*campaign(3.0, rows=156), resamples=0)
    truth = 30 * (1.5 / 3.5) ** (1 / 2.5)
    bend = interval(fit, "inflection")
    assert bend.closed
    assert bend.low < truth < bend.high
    assert fit.evidence[0].has("bend_shown")


def test_wider_level_wider_interval() -> None:
    data = campaign(2.0)
    narrow, wide = (interval(fit_curve(*data, level=v, resamples=0), "half") for v in (0.5, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize("seed", range(3))
def test_a_small_check_of_coverage(seed: int) -> None:
    # The full check is benchmarks/validate_coverage.py; here 40 campaigns a seed, and a binomial limit of 4 sigmas.
    inside = 0
    for i in range(40):
        half = interval(fit_curve(*campaign(2.5, 1000 * seed + i, rows=80), level=LEVEL, resamples=0), "half")
        inside += half.low <= 30.0 <= half.high
    assert inside >= 40 * LEVEL - 4 * np.sqrt(40 * LEVEL * (1 - LEVEL))
