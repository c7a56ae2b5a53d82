"""Each statistic against the sums that define it or a published table; each test's level, and a fault that it finds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mixcurve.foundations.errors import InputError
from mixcurve.response.checks.autocorrelation import autocorrelation_function, durbin_watson, ljung_box
from mixcurve.response.checks.influence import influence, leverage_of, outlier_p_values
from mixcurve.response.checks.normality import anderson_darling, normal_quantiles
from mixcurve.response.checks.variance import breusch_pagan, white_on_fitted

N, REPEATS, LEVEL = 104, 400, 0.05
ERRORS = 3.3
"""Standard errors that a rate may lie off: one in a thousand does by chance."""

# Stack loss of a plant oxidising ammonia, 21 days: air flow, water temperature, acid concentration, stack loss.
# Brownlee (1965), Statistical Theory and Methodology in Science and Engineering, p. 454.
STACK_LOSS = np.array(
    [
        *([80, 27, 89, 42], [80, 27, 88, 37], [75, 25, 90, 37], [62, 24, 87, 28], [62, 22, 87, 18]),
        *([62, 23, 87, 18], [62, 24, 93, 19], [62, 24, 93, 20], [58, 23, 87, 15], [58, 18, 80, 14]),
        *([58, 18, 89, 14], [58, 17, 88, 13], [58, 18, 82, 11], [58, 19, 93, 12], [50, 18, 89, 8]),
        *(
            [50, 18, 86, 7],
            [50, 19, 72, 8],
            [50, 19, 79, 8],
            [50, 20, 80, 9],
            [56, 20, 82, 15],
            [70, 20, 91, 15],
        ),
    ],
    dtype=np.float64,
)


def wavy_design(parameters: int = 26) -> np.ndarray:
    """Return columns like a mix's: a line, waves of many lengths, and bursts that decay."""
    t = np.arange(N)
    waves = [f(2 * np.pi * k * t / N) for k in range(1, 8) for f in (np.sin, np.cos)]
    bursts = np.random.default_rng(11).gamma(0.4, 1.0, (N, parameters))
    decayed = [stats.zscore(np.convolve(b, 0.7 ** np.arange(12))[:N]) for b in bursts.T]
    return np.column_stack([np.ones(N), t / N, *waves, *decayed])[:, :parameters]


DESIGN = wavy_design()
Q = np.linalg.qr(DESIGN)[0]


def off(noise: np.ndarray) -> np.ndarray:
    """Return what the fit of the design leaves of noise."""
    return noise - Q @ (Q.T @ noise)


def rate(test, make) -> float:
    """Return how often a test's p-value is below its level."""
    rng = np.random.default_rng(12)
    return float(np.mean([test(make(rng)) < LEVEL for _ in range(REPEATS)]))


def smallest_outlier_p(e: np.ndarray) -> float:
    found = influence(e, leverage_of(DESIGN), DESIGN.shape[1])
    return float(np.nanmin(outlier_p_values(found.studentised, found.degrees_of_freedom)))


FITTED = 10.0 + DESIGN @ np.linspace(0.5, 1.0, DESIGN.shape[1])
H = leverage_of(DESIGN)
TESTS = {
    "Ljung-Box": lambda e: ljung_box(e, 10, jacobian=DESIGN).p_value,
    "Durbin-Watson": lambda e: durbin_watson(e, jacobian=DESIGN).p_value,
    "Breusch-Pagan": lambda e: (
        breusch_pagan(e / np.sqrt(1.0 - H), np.column_stack([FITTED, np.arange(N)])).p_value
    ),
    "White": lambda e: white_on_fitted(e / np.sqrt(1.0 - H), FITTED).p_value,
    "Anderson-Darling": lambda e: anderson_darling(e / np.sqrt(1.0 - H)).p_value,
    "outliers": smallest_outlier_p,
}


def autoregressive(rng: np.random.Generator) -> np.ndarray:
    e = rng.standard_normal(N)
    for t in range(1, N):
        e[t] += 0.6 * e[t - 1]
    return off(e)


def growing(rng: np.random.Generator) -> np.ndarray:
    return off(rng.standard_normal(N) * np.linspace(0.3, 2.0, N))


def with_level(rng: np.random.Generator) -> np.ndarray:
    return off(rng.standard_normal(N) * np.exp(1.0 * stats.zscore(FITTED)))


def one_outlier(rng: np.random.Generator) -> np.ndarray:
    e = rng.standard_normal(N)
    e[40] += 8.0
    return off(e)


def skewed(rng: np.random.Generator) -> np.ndarray:
    return off(rng.exponential(size=N) - 1.0)


FAULTS = {
    "Ljung-Box": autoregressive,
    "Durbin-Watson": autoregressive,
    "Breusch-Pagan": growing,
    "White": with_level,
    "Anderson-Darling": skewed,
    "outliers": one_outlier,
}


@pytest.mark.parametrize("name", TESTS)
def test_false_alarms_are_about_as_often_as_stated(name: str) -> None:
    found = rate(TESTS[name], lambda rng: off(rng.standard_normal(N)))
    assert abs(found - LEVEL) < ERRORS * (LEVEL * (1.0 - LEVEL) / REPEATS) ** 0.5 + 0.005


@pytest.mark.parametrize("name", TESTS)
def test_the_planted_fault_is_found(name: str) -> None:
    assert rate(TESTS[name], FAULTS[name]) > 0.6


def test_the_textbook_ljung_box_warns_too_often_after_a_fit_of_many_parameters() -> None:
    """Why the Jacobian is asked for: this is the check of the level above failing."""
    assert rate(lambda e: ljung_box(e, 10).p_value, lambda rng: off(rng.standard_normal(N))) > 3 * LEVEL


def test_ljung_box_is_its_formula() -> None:
    e = np.random.default_rng(0).normal(3.0, 1.0, 40)
    c = e - e.mean()
    r = [sum(c[t] * c[t - k] for t in range(k, 40)) / sum(c**2) for k in range(1, 6)]
    q = 40 * 42 * sum(r[k - 1] ** 2 / (40 - k) for k in range(1, 6))
    found = ljung_box(e, 5)
    assert found.statistic == pytest.approx(q)
    assert found.p_value == pytest.approx(stats.chi2.sf(q, 5))
    assert ljung_box(e, 5, parameters=2).p_value == pytest.approx(stats.chi2.sf(q, 3))
    np.testing.assert_allclose(autocorrelation_function(e, 5).values, r)


def test_moments_of_autocorrelations_are_those_of_simulated_noise() -> None:
    rng = np.random.default_rng(1)
    noise = off(rng.standard_normal((N, 40_000)))
    total = np.sum(noise**2, axis=0)
    r = np.stack([np.sum(noise[k:] * noise[:-k], axis=0) / total for k in (1, 2, 3)])
    found = autocorrelation_function(noise[:, 0], 3, jacobian=DESIGN)
    error = r.std(axis=1) / 200.0
    assert (np.abs(r.mean(axis=1) - found.expected) < 4 * error).all()
    np.testing.assert_allclose(np.cov(r), found.covariance, atol=4 * 1.5 * r.var() / 200.0)
    assert (np.abs(found.expected) > 10 * error).any()


def test_durbin_watson_is_its_formula_and_its_moments_those_of_noise() -> None:
    e = off(np.random.default_rng(2).standard_normal(N))
    d = sum((e[t] - e[t - 1]) ** 2 for t in range(1, N)) / sum(e**2)
    assert durbin_watson(e, jacobian=DESIGN).statistic == pytest.approx(d)
    noise = off(np.random.default_rng(3).standard_normal((N, 20_000)))
    simulated = np.sum(np.diff(noise, axis=0) ** 2, axis=0) / np.sum(noise**2, axis=0)
    both = 2 * min(np.mean(simulated <= d), np.mean(simulated >= d))
    assert durbin_watson(e, jacobian=DESIGN).p_value == pytest.approx(both, abs=0.02)


def test_groups_and_gaps_form_no_pairs() -> None:
    e = np.random.default_rng(4).standard_normal(12)
    groups = ["north"] * 5 + ["south"] * 7
    period = np.array([0, 1, 2, 3, 4, 0, 1, 2, 4, 5, 6, 7])
    c = e - e.mean()
    pairs = [(1, 0), (2, 1), (3, 2), (4, 3), (6, 5), (7, 6), (9, 8), (10, 9), (11, 10)]
    found = autocorrelation_function(e, 1, period=period, groups=groups)
    assert found.values[0] == pytest.approx(sum(c[i] * c[j] for i, j in pairs) / sum(c**2))
    assert found.covariance[0, 0] == pytest.approx(9 / (12 * 14))
    one_after_the_other = autocorrelation_function(e, 1)
    assert one_after_the_other.values[0] != pytest.approx(found.values[0])


def test_spread_tests_are_rows_times_r_squared() -> None:
    rng = np.random.default_rng(5)
    e, f, z = rng.standard_normal((3, 30))
    for found, columns in (
        (breusch_pagan(e, np.column_stack([f, z])), [f, z]),
        (white_on_fitted(e, f), [f, f**2]),
    ):
        x = np.column_stack([np.ones(30), *columns])
        off_line = e**2 - x @ np.linalg.solve(x.T @ x, x.T @ e**2)
        r_squared = 1.0 - sum(off_line**2) / sum((e**2 - np.mean(e**2)) ** 2)
        assert found.statistic == pytest.approx(30 * r_squared)
        assert found.p_value == pytest.approx(stats.chi2.sf(30 * r_squared, 2))


@pytest.mark.parametrize("scale", [1e-6, 1e9])
def test_no_test_sees_the_unit(scale: float) -> None:
    e = off(np.random.default_rng(6).standard_normal(N))
    for name, test in TESTS.items():
        assert test(e * scale) == pytest.approx(test(e), rel=1e-6), name
    moved = [breusch_pagan(e, scale * FITTED[:, None]), white_on_fitted(e, scale * FITTED)]
    kept = [breusch_pagan(e, FITTED[:, None]), white_on_fitted(e, FITTED)]
    assert [m.statistic for m in moved] == pytest.approx([k.statistic for k in kept])


def test_influence_of_stack_loss_is_the_published_one() -> None:
    """Row 21: leverage 0.285, Cook's distance 0.692, studentised -3.33 (Cook and Weisberg 1982; Fox 2016)."""
    x = np.column_stack([np.ones(21), STACK_LOSS[:, :3]])
    y = STACK_LOSS[:, 3]
    e = y - x @ np.linalg.lstsq(x, y)[0]
    found = influence(e, leverage_of(x), 4)
    assert found.leverage[20] == pytest.approx(0.285, abs=5e-4)
    assert found.leverage.argmax() == 16
    assert found.leverage[16] == pytest.approx(0.412, abs=5e-4)
    assert found.cooks_distance[20] == pytest.approx(0.692, abs=5e-4)
    assert found.studentised[20] == pytest.approx(-3.330, abs=5e-4)
    assert found.standardised[20] == pytest.approx(-2.638, abs=5e-4)


def test_influence_is_what_leaving_each_row_out_shows() -> None:
    x = np.column_stack([np.ones(21), STACK_LOSS[:, :3]])
    y = STACK_LOSS[:, 3]
    whole = np.linalg.lstsq(x, y)[0]
    e = y - x @ whole
    found = influence(e, leverage_of(x), 4)
    for i in range(21):
        kept = np.arange(21) != i
        without = np.linalg.lstsq(x[kept], y[kept])[0]
        s2 = np.sum((y[kept] - x[kept] @ without) ** 2) / 16
        change = x @ (whole - without)
        assert found.cooks_distance[i] == pytest.approx(change @ change / (4 * (e @ e / 17)))
        t = (y[i] - x[i] @ without) / np.sqrt(s2 * (1 + x[i] @ np.linalg.solve(x[kept].T @ x[kept], x[i])))
        assert found.studentised[i] == pytest.approx(t)
    p = outlier_p_values(found.studentised, found.degrees_of_freedom)
    assert p[20] == pytest.approx(min(1.0, 21 * 2 * stats.t.sf(3.330, 16)), rel=2e-3)


def test_dependent_columns_count_once_and_full_leverage_is_no_number() -> None:
    x = np.column_stack([np.ones(6), np.arange(6.0), np.arange(6.0) * 2, np.zeros(6), np.arange(6) == 5])
    h = leverage_of(x)
    assert h.sum() == pytest.approx(3.0)
    assert h[5] == pytest.approx(1.0)
    found = influence([0.1, -0.2, 0.3, -0.1, -0.1, 0.0], h, 3)
    assert np.isnan([found.standardised[5], found.studentised[5], found.cooks_distance[5]]).all()
    assert np.isfinite(found.studentised[:5]).all()
    assert np.isnan(outlier_p_values(found.studentised, 2)[5])


@pytest.mark.parametrize(("statistic", "p"), [(0.631, 0.10), (0.752, 0.05), (0.873, 0.025), (1.035, 0.01)])
def test_anderson_darling_has_the_published_critical_values(statistic: float, p: float) -> None:
    """Stephens (1974), table 1A, case 3."""
    from mixcurve.response.checks.normality import _p_value

    assert _p_value(statistic) == pytest.approx(p, rel=0.03)


def test_anderson_darling_is_its_formula() -> None:
    x = np.random.default_rng(7).gamma(3.0, size=25)
    z = (np.sort(x) - x.mean()) / x.std(ddof=1)
    total = sum(
        (2 * i - 1) * (np.log(stats.norm.cdf(z[i - 1])) + np.log(1 - stats.norm.cdf(z[25 - i])))
        for i in range(1, 26)
    )
    assert anderson_darling(x).statistic == pytest.approx((-25 - total / 25) * (1 + 0.75 / 25 + 2.25 / 625))
    assert 0.0 < anderson_darling([*np.zeros(40), 1e9]).p_value < 1e-20
    assert normal_quantiles(5)[0] == pytest.approx(
        -1.163, abs=0.02
    )  # the mean of the least of five Gaussians


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ljung_box(np.ones(20), 5), "residual must vary"),
        (lambda: ljung_box([1.0, 2.0, 1.0], 3), "Use fewer lags than rows"),
        (lambda: ljung_box([1.0, 2.0, 1.0, 3.0], 2, parameters=2), "lags must exceed parameters"),
        (
            lambda: ljung_box([1.0, 2.0, 1.0], 1, jacobian=np.ones((4, 1))),
            "a row for each of the 3 residuals",
        ),
        (
            lambda: ljung_box([1.0, 2.0, 1.0], 1, jacobian=np.eye(3)),
            "leave nothing to check after 3 parameters",
        ),
        (lambda: ljung_box([1.0, 2.0, 1.0], 1, period=[0, 5, 10]), "No two residuals lie 1 periods apart"),
        (lambda: ljung_box([1.0, 2.0, 1.0], 1, groups=["a"]), "period and groups must have a value"),
        (lambda: breusch_pagan([1.0, 2.0, 1.0], np.ones((3, 1))), "no column varies"),
        (lambda: breusch_pagan([1.0, -1.0, 1.0], np.arange(3.0)[:, None]), "all residuals are of one size"),
        (lambda: breusch_pagan([1.0, 2.0], np.arange(3.0)[:, None]), "a row for each of the 2 residuals"),
        (lambda: white_on_fitted([1.0, 2.0, 1.0], np.ones(3)), "no column varies"),
        (lambda: anderson_darling(np.ones(20)), "at least 8 and vary, got 20"),
        (lambda: influence(np.zeros(5), np.full(5, 0.2), 1), "residual must vary"),
        (lambda: influence(np.ones(5), np.full(5, 1.2), 1), "leverage must be in"),
        (lambda: influence(np.ones(5), np.full(5, 0.2), 4), "2 rows more than parameters"),
    ],
)
def test_hostile_input_gets_a_sentence(call, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
