"""Profile, delta and bootstrap intervals: against constrained optimisation by scipy, and theory on straight lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from mixcurve.response.curves import Curve, curves
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fit.curve.campaigns import shape_bounds
from mixcurve.response.fit.curve.fit import fit_curve
from mixcurve.response.fit.results import CurveFit, EstimateInterval
from mixcurve.response.fit.rivals import LINE

FloatArray = np.ndarray
LEVEL = 0.9
SHAPES: dict[str, dict[str, float]] = {
    "hill": {"half": 30.0, "slope": 2.5},
    "logistic": {"midpoint": 35.0, "steepness": 4.0},
    "weibull": {"half": 40.0, "slope": 1.8},
    "richards": {"midpoint": 35.0, "steepness": 4.0, "skew": 1.0},
    "michaelis_menten": {"half": 30.0},
    "power": {"exponent": 0.5, "reference": 100.0},
    "logarithm": {"scale": 25.0},
}
QUICK: dict[str, Any] = {"resamples": 0, "level": LEVEL}


def truth(name: str) -> dict[str, float]:
    """Return parameters of a curve in the middle of its typical ranges, over a spend of 100."""
    curve = curves[name]
    chosen = {
        p.name: float(np.sqrt(p.typical.low * p.typical.high)) * 100.0**p.spend_power
        for p in curve.parameters
    }
    return {n: SHAPES[name].get(n, v) for n, v in chosen.items()}


def campaign(
    name: str = "hill",
    family: str = "gaussian",
    seed: int = 1,
    rows: int = 104,
    reach: float = 100.0,
    noise: float = 3.0,
) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    spend = rng.uniform(0, reach, rows)
    mean = 20 + 50 * curves[name](spend, **truth(name))
    return spend, rng.poisson(mean).astype(
        float
    ) if family == "poisson" else mean + noise * rng.standard_normal(rows)


def interval(fit: CurveFit, name: str, method: str = "profile") -> EstimateInterval:
    found = fit.interval(name, method)
    assert found is not None
    return found


@dataclass(frozen=True)
class Referee:
    """Least deviance with a figure held, by scipy's SLSQP on all parameters together, in scaled units."""

    curve: Curve
    family: str
    spend: FloatArray
    response: FloatArray
    current: float
    target: float

    def parameters(self, p: FloatArray) -> dict[str, float]:
        """Return parameters in users' units from (baseline, log top, shape on the real line of scaled spend)."""
        free = [q for q in self.curve.parameters if q.free]
        shape = {
            q.name: float(q.from_real(v)) * self.spend.max() ** q.spend_power
            for q, v in zip(free, p[2:], strict=True)
        }
        fixed = {
            q.name: q.fixed * self.spend.max() ** q.spend_power for q in self.curve.parameters if not q.free
        }
        return {
            "top": float(np.exp(p[1])),
            **{q.name: (shape | fixed)[q.name] for q in self.curve.parameters},
        }

    def real(self, fit: CurveFit) -> FloatArray:
        free = [q for q in self.curve.parameters if q.free]
        shape = [float(q.to_real(fit.parameters[q.name] / self.spend.max() ** q.spend_power)) for q in free]
        return np.array([fit.baseline, np.log(fit.parameters["top"]), *shape])

    def deviance(self, p: FloatArray) -> float:
        named = self.parameters(p)
        mu = p[0] + named["top"] * np.asarray(
            self.curve.unit(self.spend, [named[q.name] for q in self.curve.parameters])
        )
        if self.family == "gaussian":
            return float(((self.response - mu) ** 2).sum())
        mu = np.maximum(mu, 1e-9)
        return float(
            -2
            * (
                stats.poisson.logpmf(self.response, mu)
                - stats.poisson.logpmf(self.response, np.maximum(self.response, 1e-10))
            ).sum()
        )

    def figure(self, name: str, p: FloatArray) -> float:
        named, curve = self.parameters(p), self.curve
        known: dict[str, Callable[[], Any]] = {
            "baseline": lambda: p[0],
            "half_saturation": lambda: shape_of.half_saturation(curve, named),
            "inflection": lambda: shape_of.inflection(curve, named),
            "saturation": lambda: shape_of.saturation(curve, named, share=0.9),
            "marginal_response": lambda: shape_of.marginal(curve, self.current, named),
            "mroi": lambda: shape_of.marginal(curve, self.current, named),
            "roi": lambda: shape_of.response(curve, self.current, named) / self.current,
            "spend_at_target": lambda: shape_of.marginal_inverse(curve, self.target, named),
        }
        return float(known[name]()) if name in known else named[name]

    def least_at(self, fit: CurveFit, name: str, value: float, seed: int = 0) -> float:
        """Return the least deviance with the figure at the value, from starts around the estimate."""
        low, high = shape_bounds(self.curve)
        floor = 0.0 if self.family == "poisson" else -np.inf
        bounds = [(floor, np.inf), (-5.0, 60.0), *zip(low, high, strict=True)]
        rng, centre = np.random.default_rng(seed), self.real(fit)
        linear = name == "baseline"
        scale = self.response.std() if linear else 1.0

        def held(p: FloatArray) -> float:
            reached = self.figure(name, p)
            return (reached - value) / scale if linear else float(np.log(max(reached, 1e-300) / value))

        best = np.inf
        for spread in (0.0, 0.1, 0.3):
            start = centre + spread * rng.standard_normal(len(centre))
            start[0] = centre[0]
            with np.errstate(all="ignore"):
                found = minimize(
                    lambda p: self.deviance(p) / fit.deviance, start, method="SLSQP", bounds=bounds,
                    constraints={"type": "eq", "fun": held}, options={"maxiter": 300, "ftol": 1e-12},
                )  # fmt: skip
            if abs(held(found.x)) < 1e-6:
                best = min(best, found.fun * fit.deviance)
        return best


def refereed(name: str, family: str) -> tuple[CurveFit, Referee, float]:
    """Return a fit, its referee, and the rise of the deviance at which a limit should lie."""
    spend, response = campaign(name, family)
    target = 0.5 * float(shape_of.marginal(curves[name], spend.mean(), {"top": 50.0, **truth(name)}))
    fit = fit_curve(spend, response, curve=name, family=family, target_marginal=target, **QUICK)
    dof = fit.degrees_of_freedom
    rise = stats.chi2.ppf(LEVEL, 1)
    if family == "gaussian":
        rise = fit.deviance / dof * stats.f.ppf(LEVEL, 1, dof)
    return fit, Referee(curves[name], family, spend, response, spend.mean(), target), rise


def check_limits(name: str, family: str, figures: tuple[str, ...] = (), near: float = 0.01) -> int:
    """Check every limit of figures of a fit against the referee; return how many closed sides there were."""
    fit, referee, rise = refereed(name, family)
    closed = 0
    wanted = [i for i in fit.intervals if i.method == "profile" and (not figures or i.name in figures)]
    for one in wanted:
        for side, limit in (("low", one.low), ("high", one.high)):
            if one.open_side in (side, "both"):
                continue
            closed += 1
            reached = (referee.least_at(fit, one.name, limit) - fit.deviance) / rise
            assert np.sqrt(reached) == pytest.approx(1.0, abs=near), f"{one.name} {side} {limit}"
    return closed


@pytest.mark.parametrize(
    ("name", "family", "figure"),
    [
        ("hill", "gaussian", "inflection"),
        ("hill", "poisson", "half"),
        ("michaelis_menten", "poisson", "mroi"),
        ("power", "gaussian", "exponent"),
        ("logarithm", "gaussian", "baseline"),
    ],
)
def test_a_referee_finds_the_threshold_at_both_limits(name: str, family: str, figure: str) -> None:
    assert check_limits(name, family, (figure,)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("family", ["gaussian", "poisson"])
@pytest.mark.parametrize("name", SHAPES)
def test_a_referee_finds_the_threshold_at_every_limit_of_every_curve(name: str, family: str) -> None:
    # Where a baseline meets its end at 0 on the way, the root of the rise is met to 2% only.
    assert check_limits(name, family, near=0.02) >= 6


def test_the_referee_would_catch_a_limit_that_is_off() -> None:
    fit, referee, rise = refereed("michaelis_menten", "gaussian")
    half = interval(fit, "half")
    for wrong in (half.estimate + 0.95 * (half.high - half.estimate), half.estimate * 1.05):
        assert (referee.least_at(fit, "half", wrong) - fit.deviance) / rise < 0.95


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_on_a_straight_line_all_three_are_the_textbook_interval(family: str) -> None:
    # A model that is linear in its parameters: the profile of the baseline is exactly the t interval. ``top`` is on the
    # log scale, so its delta interval is bent but its profile is still the t interval.
    rng = np.random.default_rng(3)
    spend = rng.uniform(0, 10, 60)
    mean = 200 + 12 * spend
    response = rng.poisson(mean) if family == "poisson" else mean + 4 * rng.standard_normal(60)
    fit = fit_curve(spend, response, curve=LINE, family=family, level=LEVEL, resamples=4000)
    quantile = stats.norm.ppf(0.95)
    if family == "gaussian":
        quantile = stats.t.ppf(0.95, 58)
        line = stats.linregress(spend, response)
        assert fit.standard_errors["baseline"] == pytest.approx(line.intercept_stderr, rel=1e-9)
        assert fit.standard_errors["top"] == pytest.approx(line.stderr * fit.draws[0, 0, 1], rel=1e-9)
    tolerance = 1e-3 if family == "gaussian" else 0.03  # a Poisson profile is not quite a parabola
    for name in ("baseline", "top"):
        reach = quantile * fit.standard_errors[name]
        profile = interval(fit, name)
        assert profile.high - profile.estimate == pytest.approx(reach, rel=tolerance), name
        assert profile.estimate - profile.low == pytest.approx(reach, rel=tolerance), name
    delta, drawn = interval(fit, "baseline", "delta"), interval(fit, "baseline", "bootstrap")
    reach = quantile * fit.standard_errors["baseline"]
    assert (delta.low, delta.high) == pytest.approx((fit.baseline - reach, fit.baseline + reach), rel=1e-6)
    assert drawn.high - drawn.low == pytest.approx(2 * reach, rel=0.1)
    assert fit.disagreements == ()


def test_a_delta_interval_is_symmetric_on_the_log_scale_of_its_figure() -> None:
    fit = fit_curve(*campaign(), **QUICK)
    quantile = stats.t.ppf(0.95, fit.degrees_of_freedom)
    for name in ("top", "half", "slope"):
        delta = interval(fit, name, "delta")
        relative = fit.standard_errors[name] / fit.parameters[name]
        assert np.log(delta.high / delta.estimate) == pytest.approx(quantile * relative, rel=1e-6)
        assert np.log(delta.estimate / delta.low) == pytest.approx(quantile * relative, rel=1e-6)


def test_second_names_are_the_same_figure_in_money() -> None:
    fit = fit_curve(*campaign(), response_value=7.0, **QUICK)
    one, money = interval(fit, "marginal_response"), interval(fit, "mroi")
    assert (money.low, money.estimate, money.high) == pytest.approx(
        (7 * one.low, 7 * one.estimate, 7 * one.high)
    )
    half, named = interval(fit, "half"), interval(fit, "half_saturation")
    assert (half.low, half.high) == (named.low, named.high)
    spend = float(np.mean(campaign()[0]))
    expected = (
        float(curves["hill"](spend, **{n: fit.parameters[n] for n in ("top", "half", "slope")})) / spend
    )
    assert interval(fit, "roi").estimate == pytest.approx(7 * expected, rel=1e-9)


def test_a_ceiling_that_was_never_near_leaves_high_sides_open_and_is_called_a_disagreement() -> None:
    opened, flagged = 0, 0
    for seed in (0, 2, 4, 7):
        fit = fit_curve(*campaign(reach=24.0, rows=52, seed=seed), resamples=0, level=LEVEL)
        half, delta = interval(fit, "half"), fit.interval("half", "delta")
        if half.open_side in ("high", "both"):
            opened += 1
            flagged += "half" in fit.disagreements
            assert half.high == np.inf
            assert ("half" in fit.disagreements) == (delta is not None and delta.closed)
            assert interval(fit, "roi").closed
    assert opened >= 3
    assert flagged >= 2


def test_an_open_side_is_where_the_data_allow_anything() -> None:
    spend, response = campaign(reach=18.0, rows=52)
    fit = fit_curve(spend, response, **QUICK)
    referee = Referee(curves["hill"], "gaussian", spend, response, spend.mean(), 0.0)
    rise = gaussian_rise(fit)
    half = interval(fit, "half")
    assert half.open_side == "high"
    far = 10_000.0  # the domain ends at a thousand times the largest spend
    assert (referee.least_at(fit, "half", far) - fit.deviance) / rise < 1.0
    assert (referee.least_at(fit, "half", half.low * 0.7) - fit.deviance) / rise > 1.0


def test_data_without_low_spend_leave_the_baseline_and_the_low_side_of_half_open() -> None:
    rng = np.random.default_rng(5)
    spend = rng.uniform(70, 100, 52)
    fit = fit_curve(
        spend, 20 + 50 * spend / (spend + 20) + 3 * rng.standard_normal(52), curve="michaelis_menten", **QUICK
    )
    assert interval(fit, "half").open_side in ("low", "both")
    assert interval(fit, "half").low == 0.0


def test_two_basins_share_one_interval() -> None:
    # Response rises, falls back and rises again: a steep curve at either rise leaves about the same squares.
    spend = np.linspace(1, 100, 60)
    response = (
        20.0 + 10 * (((spend > 25) & (spend <= 50)) | (spend > 75)) + 3 * (spend > 60) + 4 * np.sin(7 * spend)
    )
    fit = fit_curve(spend, response, **QUICK)
    assert fit.evidence[0].has("second_basin")
    assert 70 < fit.parameters["half"] < 80
    half, rise = interval(fit, "half"), gaussian_rise(fit)
    assert least_squares(spend, response, "hill", half=23.5) < fit.deviance + rise
    assert least_squares(spend, response, "hill", half=40.0) > fit.deviance + rise
    assert half.low < 23.5
    assert half.high > fit.parameters["half"]


def test_an_estimate_at_the_edge_of_its_box_still_knows_of_the_curves_within() -> None:
    # Spend ends at 1.5 half-saturations; the least squares lie at the end of the domain, on a ridge.
    rng = np.random.default_rng(100)
    spend = rng.uniform(0, 60, 52)
    response = 20 + 50 * curves["weibull"](spend, **truth("weibull")) + 7 * rng.standard_normal(52)
    fit = fit_curve(spend, response, curve="weibull", **QUICK)
    assert fit.status == "at bound"
    slope, half, rise = interval(fit, "slope"), interval(fit, "half"), gaussian_rise(fit)
    for held in ({"slope": slope.high}, {"slope": slope.low}, {"half": half.low}):
        reached = (least_squares(spend, response, "weibull", **held) - fit.deviance) / rise
        assert np.sqrt(reached) == pytest.approx(1.0, abs=0.02), held
    assert half.open_side == "high"


def gaussian_rise(fit: CurveFit) -> float:
    """Return by how much the sum of squares rises to the threshold."""
    return fit.deviance / fit.degrees_of_freedom * float(stats.f.ppf(LEVEL, 1, fit.degrees_of_freedom))


def least_squares(spend: FloatArray, response: FloatArray, name: str, **held: float) -> float:
    """Return the least squares with half-saturation or slope held, over a fine grid of the other."""
    grid = {"half": np.geomspace(0.05, 1000, 400) * spend.max(), "slope": np.geomspace(0.25, 20, 400)}
    ((other, values),) = ((k, v) for k, v in grid.items() if k not in held)
    least = np.inf
    for value in values:
        column = curves[name](spend, **held, **{other: value})
        design = np.column_stack([np.ones(len(spend)), column])
        left = response - design @ np.linalg.lstsq(design, response, rcond=None)[0]
        least = min(least, float(left @ left))
    return least


def test_clean_rich_data_have_no_disagreement() -> None:
    rng = np.random.default_rng(2)
    spend = np.linspace(0, 120, 400)
    response = 20 + 50 * curves["hill"](spend, **truth("hill")) + 0.5 * rng.standard_normal(400)
    assert fit_curve(spend, response, level=LEVEL, resamples=1000).disagreements == ()


def test_traces_rise_on_both_sides_and_pass_one_at_the_limits() -> None:
    fit = fit_curve(*campaign(), **QUICK)
    for trace in fit.profiles:
        one = interval(fit, trace.name)
        assert (np.diff(trace.value) >= 0).all()
        away = np.abs(trace.value - trace.estimate) > 0
        assert (np.sign(trace.signed_root) == np.sign(trace.value - trace.estimate))[away].all(), trace.name
        order = np.argsort(trace.value)
        scale = np.log if trace.scale == "log" else np.asarray
        for limit, side in ((one.low, -1.0), (one.high, 1.0)):
            at = np.interp(scale(limit), scale(trace.value[order]), trace.signed_root[order])
            assert at == pytest.approx(side, abs=0.03), trace.name


@pytest.mark.parametrize("family", ["gaussian", "poisson", "negative binomial", "binomial"])
def test_the_bootstrap_keeps_its_seed_and_scatters_as_the_covariance_says(family: str) -> None:
    rng = np.random.default_rng(6)
    spend = rng.uniform(0, 100, 156)
    mean = 100 + 300 * curves["hill"](spend, **truth("hill"))
    words: dict[str, Any] = {"family": family}
    if family == "gaussian":
        response = mean + 10 * rng.standard_normal(156)
    elif family == "binomial":
        words["exposures"] = np.full(156, 1000)
        response = rng.binomial(1000, mean / 1000)
    else:
        shape = 200.0
        response = rng.poisson(rng.gamma(shape, mean / shape) if family == "negative binomial" else mean)
    first, again, other = (
        fit_curve(spend, response, intervals=False, resamples=400, seed=seed, **words) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.resamples, again.resamples)
    assert not np.array_equal(first.resamples, other.resamples)
    scatter = first.resamples[:, 0].std(axis=0)
    errors = [first.standard_errors[n] for n in first.curve[0].names]
    assert scatter == pytest.approx(errors, rel=0.2)


def test_wider_levels_give_wider_intervals_by_every_method() -> None:
    spend, response = campaign()
    narrow, wide = (fit_curve(spend, response, level=v, resamples=300) for v in (0.8, 0.99))
    for method in ("profile", "delta", "bootstrap"):
        for name in ("half", "inflection", "roi"):
            inner, outer = interval(narrow, name, method), interval(wide, name, method)
            assert outer.low < inner.low < inner.high < outer.high, (name, method)


def test_a_falling_response_has_its_limits_turned_over() -> None:
    spend, response = campaign()
    rising = fit_curve(spend, response, **QUICK)
    falling = fit_curve(spend, -response, non_decreasing=False, **QUICK)
    for name in ("top", "baseline", "marginal_response", "roi"):
        up, down = interval(rising, name), interval(falling, name)
        assert (down.low, down.high) == pytest.approx((-up.high, -up.low), rel=1e-5), name
    for name in ("half", "slope", "inflection"):
        up, down = interval(rising, name), interval(falling, name)
        assert (down.low, down.high) == pytest.approx((up.low, up.high), rel=1e-5), name


@pytest.mark.parametrize("family", ["poisson", "negative binomial"])
@pytest.mark.parametrize("curve", ["hill", "exponential"])
def test_an_interval_holds_its_estimate_where_counts_lie_on_a_straight_line(family: str, curve: str) -> None:
    """Half-saturation and ceiling run away together there, and the covariance leads far out of what it describes."""
    spend = np.linspace(0, 100, 40)
    fit = fit_curve(spend, np.round(2 + 3 * spend), curve=curve, family=family, resamples=0)
    for interval in fit.intervals:
        assert interval.low <= interval.estimate <= interval.high, (interval.name, interval.method)
    found = fit.interval("roi")
    assert found is not None
    assert 2.8 < found.low < 3.0 < found.high < 3.2
