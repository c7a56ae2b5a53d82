"""The checks together: statuses follow their rules, sentences name the rows, and every fault has its check."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.response.checks.jacobians import curve_jacobian
from mixcurve.response.checks.of_fit import check_residuals
from mixcurve.response.checks.residual_result import ResidualChecks
from mixcurve.response.checks.residuals import residual_checks
from mixcurve.response.curves import curves
from mixcurve.response.fit.curve.fit import fit_curve

N = 104
WEEKS = np.datetime64("2023-01-02") + 7 * np.arange(N)
DESIGN = np.column_stack([np.ones(N), np.arange(N) / N, np.sin(np.arange(N) * 2 * np.pi / 52)])
FITTED = DESIGN @ [100.0, 40.0, 10.0]
NAMES = ("autocorrelation", "neighbours", "spread", "spread with level", "outliers", "influence", "shape")


def checked(noise: np.ndarray, **more) -> ResidualChecks:
    e = noise - DESIGN @ np.linalg.lstsq(DESIGN, noise)[0]
    return residual_checks(e, FITTED, dates=WEEKS, **({"jacobian": DESIGN} | more))


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(1).standard_normal(N)


def test_good_residuals_are_good(noise: np.ndarray) -> None:
    found = checked(noise)
    assert tuple(c.name for c in found.checks) == NAMES
    assert {c.status for c in found.checks} == {"good"}
    assert found.outliers == ()
    assert all(c.sentence.endswith(".") and c.rule for c in found.checks)
    assert found.leverage.sum() == pytest.approx(3.0)


def test_an_outlier_is_named_by_its_date(noise: np.ndarray) -> None:
    noise[40] += 9.0
    noise[70] -= 12.0
    found = checked(noise)
    assert found.outliers == (str(WEEKS[70]), str(WEEKS[40]))
    check = found.check("outliers")
    assert check.status == "poor"
    assert check.sentence.startswith(f"{WEEKS[70]}, {WEEKS[40]} lie far from the fit")


def test_a_row_that_the_fit_leans_on_is_named(noise: np.ndarray) -> None:
    design = np.column_stack([DESIGN, np.zeros(N)])
    design[7, 3], design[8, 3] = 1.0, 0.4
    noise[8] += 8.0
    e = noise - design @ np.linalg.lstsq(design, noise)[0]
    found = residual_checks(e, FITTED, dates=WEEKS, jacobian=design).check("influence")
    assert found.status == "poor"
    assert str(WEEKS[7]) in found.sentence


def test_lasting_noise_is_found_and_its_lag_told(noise: np.ndarray) -> None:
    for t in range(1, N):
        noise[t] += 0.7 * noise[t - 1]
    found = checked(noise)
    assert found.check("autocorrelation").status == found.check("neighbours").status == found.status == "poor"
    assert "most those 1 week apart" in found.check("autocorrelation").sentence
    assert "followed by another above it" in found.check("neighbours").sentence


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (np.exp(2.0 * np.arange(N) / N), "grow"),
        (np.exp(-2.0 * np.arange(N) / N), "shrink"),
    ],
)
def test_growing_spread_is_told_by_its_direction(noise: np.ndarray, factor: np.ndarray, words: str) -> None:
    check = checked(noise * factor).check("spread")
    assert check.status != "good"
    assert check.sentence.startswith(f"Residuals {words}")


def test_skew_is_told_by_its_side(noise: np.ndarray) -> None:
    assert "a longer tail above the fit" in checked(np.exp(noise)).check("shape").sentence
    assert "a longer tail below the fit" in checked(-np.exp(noise)).check("shape").sentence


def test_statuses_follow_the_rule() -> None:
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(150):
        for check in checked(rng.standard_normal(N)).checks:
            if np.isfinite(check.p_value):
                p = check.p_value
                assert check.status == ("good" if p >= 0.05 else "doubtful" if p >= 0.01 else "poor")
                seen.add(check.status)
    assert seen == {"good", "doubtful", "poor"}


def test_without_leverage_influence_is_not_known(noise: np.ndarray) -> None:
    found = checked(noise, jacobian=None, parameters=3)
    assert found.check("influence").status == "not available"
    assert np.isnan(found.leverage).all()
    assert np.isfinite(found.studentised).all()
    assert checked(noise, jacobian=None, leverage=checked(noise).leverage).check("influence").status == "good"


def test_groups_are_named_and_pair_only_within() -> None:
    e = np.random.default_rng(4).standard_normal(N)
    e[0] = 9.0
    days = np.concatenate([WEEKS[:52], WEEKS[:52]])
    groups = ["north"] * 52 + ["south"] * 52
    found = residual_checks(e, FITTED, dates=days, groups=groups, parameters=2)
    assert found.outliers == ("2023-01-02 (north)",)
    assert found.autocorrelation is not None
    assert found.autocorrelation.covariance[0, 0] == pytest.approx(102 / (104 * 106))


@pytest.mark.parametrize("size", [0.0, 1e-13])
def test_a_perfect_fit_leaves_nothing_to_check(size: float) -> None:
    e = size * np.random.default_rng(5).standard_normal(N)
    found = residual_checks(e, FITTED, dates=WEEKS)
    assert {c.status for c in found.checks} == {"not available"}
    assert found.status == "not available"


def test_few_rows_and_a_flat_fit_are_not_available_or_judged() -> None:
    found = residual_checks([1.0, -1.0, 0.5, -0.5, 0.2], np.full(5, 9.0), dates=WEEKS[:5])
    assert found.check("spread with level").status == "not available"
    assert "no column varies" in found.check("spread with level").sentence
    assert found.check("shape").status == "not available"
    assert found.check("outliers").status == "good"


def test_saved_and_read_back(noise: np.ndarray, tmp_path) -> None:
    found = checked(noise)
    back = load_result(found.save(tmp_path / "checks.json"))
    assert back.check("shape").sentence == found.check("shape").sentence
    np.testing.assert_array_equal(back.autocorrelation.covariance, found.autocorrelation.covariance)
    assert list(found.table.columns) == ["test", "statistic", "p_value", "status", "sentence", "rule"]
    assert found.frame.shape == (N, 7)
    assert found.autocorrelation.frame.shape == (26, 3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fitted": FITTED[:-1]}, "fitted must have a value for each of the 104 residuals, got 103"),
        ({"dates": WEEKS[:-1]}, "dates must have a value for each"),
        ({"groups": ["a"]}, "groups must have a value for each"),
        ({"every": "hour"}, "no period called 'hour'"),
        ({"residual": np.full(N, np.nan)}, "residual must be finite"),
        ({"parameters": 103}, "2 rows more than parameters"),
        ({"jacobian": np.ones(N)}, "jacobian must have 2 dimension"),
    ],
)
def test_hostile_input_gets_a_sentence(change: dict, words: str) -> None:
    given = {"residual": np.arange(N) % 7 - 3.0, "fitted": FITTED, "dates": WEEKS} | change
    with pytest.raises(InputError, match=words):
        residual_checks(**given)


def test_the_jacobian_of_a_campaign_is_that_of_hill() -> None:
    rng = np.random.default_rng(6)
    x = rng.uniform(0.0, 4.0, N)
    fit = fit_curve(x, 3.0 + curves["hill"](x, top=9.0, half=1.5, slope=2.0) + 0.2 * rng.standard_normal(N))
    at = fit.parameters
    k, s, top = at["half"], at["slope"], at["top"]
    unit = x**s / (k**s + x**s)
    exact = {
        "baseline": np.ones(N),
        "top": unit,
        "half": -top * s / k * unit * (1 - unit),
        "slope": top * unit * (1 - unit) * np.log(x / k),
    }
    found = curve_jacobian(fit)
    assert found.shape == (N, 4)
    ours = np.linalg.svd(np.column_stack([*exact.values(), found]) / np.linalg.norm(found, axis=0).max())[1]
    assert ours[4] < 1e-8 * ours[0]  # both span one space
    checks = check_residuals(fit, dates=WEEKS)
    assert checks.status == "good"
    np.testing.assert_allclose(checks.fitted, fit.contributions[:, 0] + fit.baseline)
    with pytest.raises(InputError, match="dates must be given with a CurveFit"):
        check_residuals(fit)
