"""Fits of one curve and of many: recovery, units, order, hard cases, and a referee that searches much harder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.optimize import least_squares

from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import curves
from mixcurve.response.fit.curve.fit import fit_curve
from mixcurve.response.fit.curve.many import fit_curves
from mixcurve.response.fit.curve.many_results import CurveFits
from mixcurve.response.fit.results import CurveFit

UNITS_AGREE = 1e-8


def campaign(seed: int = 0, rows: int = 104, noise: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    spend = rng.uniform(0, 100, rows)
    return spend, 20 + curves["hill"](spend, top=50.0, half=30.0, slope=2.5) + noise * rng.standard_normal(
        rows
    )


@pytest.mark.parametrize("name", curves)
def test_every_registered_curve_is_recovered_from_its_own_noiseless_values(name: str) -> None:
    curve = curves[name]
    shape = {p.name: np.sqrt(p.typical.low * p.typical.high) for p in curve.parameters if p.free}
    if name == "power":
        shape["reference"] = 1.0
    spend = np.linspace(0, 1, 60)
    truth = shape | {"top": 3.0}
    fit = fit_curve(spend * 500, 7 + curve(spend, **truth), curve=curve, intervals=False, resamples=0)
    for p in curve.parameters:
        if p.free:
            expected = shape[p.name] * 500.0**p.spend_power
            assert fit.parameters[p.name] == pytest.approx(expected, rel=1e-5), p.name
    assert fit.parameters["top"] == pytest.approx(3.0, rel=1e-5)
    assert fit.baseline == pytest.approx(7.0, rel=1e-5)


def test_units_change_nothing_but_units() -> None:
    spend, response = campaign()
    plain, scaled = fit_curve(spend, response), fit_curve(spend * 1e6, response * 1e-6)
    rates = {"top": 1e-6, "half": 1e6, "slope": 1.0, "baseline": 1e-6}
    for name, value in plain.parameters.items():
        assert scaled.parameters[name] == pytest.approx(value * rates[name], rel=UNITS_AGREE)
        assert scaled.standard_errors[name] == pytest.approx(
            plain.standard_errors[name] * rates[name], rel=1e-6
        )
    assert scaled.resamples == pytest.approx(plain.resamples * np.array([1e-6, 1e6, 1.0]), rel=UNITS_AGREE)
    for mine, other in zip(plain.intervals, scaled.intervals, strict=True):
        rates = {
            "slope": 1.0,
            "baseline": 1e-6,
            "top": 1e-6,
            "marginal_response": 1e-12,
            "roi": 1e-12,
            "mroi": 1e-12,
        }
        rate = rates.get(mine.name, 1e6)
        assert (other.low, other.high) == pytest.approx((mine.low * rate, mine.high * rate), rel=UNITS_AGREE)


def test_the_order_of_rows_changes_nothing() -> None:
    spend, response = campaign()
    order = np.random.default_rng(1).permutation(len(spend))
    plain, shuffled = fit_curve(spend, response), fit_curve(spend[order], response[order])
    for name, value in plain.parameters.items():
        assert shuffled.parameters[name] == pytest.approx(value, rel=UNITS_AGREE)


def test_a_weight_of_two_is_a_row_twice() -> None:
    spend, response = campaign(rows=40)
    weight = np.where(np.arange(40) % 2, 2.0, 1.0)
    repeated = np.repeat(np.arange(40), weight.astype(int))
    weighted = fit_curve(spend, response, weights=weight, intervals=False, resamples=0)
    twice = fit_curve(spend[repeated], response[repeated], intervals=False, resamples=0)
    for name, value in twice.parameters.items():
        assert weighted.parameters[name] == pytest.approx(value, rel=1e-7)


def test_baseline_contributions_and_residual_add_up_to_the_response() -> None:
    spend, response = campaign()
    weights = np.linspace(1, 3, len(spend))
    fit = fit_curve(spend, response, weights=weights)
    assert fit.baseline + fit.contributions[:, 0] + fit.residual == pytest.approx(response, rel=1e-12)
    expected = fit.curve[0](spend, **{n: fit.parameters[n] for n in fit.curve[0].names})
    assert fit.contributions[:, 0] == pytest.approx(expected, rel=1e-9)
    assert fit.rss == pytest.approx((weights * fit.residual**2).sum(), rel=1e-12)


def referee(spend: np.ndarray, response: np.ndarray, starts: int, rng: np.random.Generator) -> float:
    """Return the least sum of squares of bounded, scaled least_squares from many starts."""
    x, y = spend / spend.max(), (response - response.mean()) / response.std()

    def residual(p: np.ndarray) -> np.ndarray:
        return p[0] + p[1] / (1 + (np.maximum(x, 1e-12) / np.exp(p[2])) ** -np.exp(p[3])) - y

    low, high = np.log([1e-3, 0.2]), np.log([1e3, 20.0])
    best = np.inf
    for _ in range(starts):
        start = np.concatenate([[y.min(), np.ptp(y)], rng.uniform(np.log([0.05, 0.5]), np.log([3.0, 8.0]))])
        with np.errstate(over="ignore"):
            found = least_squares(
                residual, start, bounds=([-10, 0, *low], [10, 1e4, *high]), x_scale="jac", xtol=1e-12
            )
        best = min(best, 2 * found.cost)
    return best * response.std() ** 2


def test_no_referee_finds_a_better_fit() -> None:
    rng = np.random.default_rng(5)
    worse = []
    for seed in range(8):
        spend, response = campaign(seed, rows=52, noise=5.0)
        ours = fit_curve(spend, response, intervals=False, resamples=0).rss
        worse.append(ours / referee(spend, response, 6, rng) - 1)
    assert max(worse) < 1e-6


def test_the_referee_would_catch_a_wrong_fit() -> None:
    spend, response = campaign()
    wrong = ((response - response.mean()) ** 2).sum()
    assert wrong / referee(spend, response, 3, np.random.default_rng(0)) - 1 > 0.1


def frame(kind: str, columns: dict[str, Any]) -> Any:
    return {"pandas": pd.DataFrame, "polars": pl.DataFrame, "mapping": dict}[kind](columns)


def many(seed: int = 3, campaigns: int = 12, rows: int = 52) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    spend = rng.uniform(0, 100, (campaigns, rows))
    response = 5 + 30 * curves["hill"](spend, half=30.0, slope=2.0) + 2 * rng.standard_normal(spend.shape)
    name = np.repeat([f"campaign {i}" for i in range(campaigns)], rows)
    return {"name": name, "spend": spend.ravel(), "sales": response.ravel()}


@pytest.mark.parametrize("kind", ["pandas", "polars", "mapping"])
def test_many_fits_equal_single_fits(kind: str) -> None:
    table = many()
    fits = fit_curves(frame(kind, table), by="name", spend="spend", response="sales")
    for i, name in enumerate(fits.campaigns):
        rows = table["name"] == name
        one = fit_curve(table["spend"][rows], table["sales"][rows], intervals=False, resamples=0)
        assert fits.parameters[i] == pytest.approx(
            [one.parameters[n] for n in fits.parameter_names], rel=1e-5
        )
        assert fits.rss[i] == pytest.approx(one.rss, rel=1e-9)


def test_campaigns_of_different_lengths_and_any_order_of_rows() -> None:
    table = many()
    keep = np.random.default_rng(0).permutation(len(table["name"]))[:500]
    fits = fit_curves({k: v[keep] for k, v in table.items()}, by="name", spend="spend", response="sales")
    assert len(fits) == 12
    assert fits.degrees_of_freedom.sum() == 500 - 12 * 4
    assert set(fits.status) <= {"converged", "at bound"}


def test_a_bad_campaign_fails_alone_and_by_name() -> None:
    table = many()
    table["spend"][3] = np.nan
    table["spend"][60] = -1.0
    fits = fit_curves(table, by="name", spend="spend", response="sales")
    assert fits.status[:2] == ("failed", "failed")
    assert fits.message[0] == "has a missing or infinite value"
    assert fits.message[1] == "has negative spend"
    assert "failed" not in fits.status[2:]
    assert fits.table.loc["campaign 0", "message"] == "has a missing or infinite value"


def test_progress_reaches_the_end() -> None:
    seen: list[tuple[str, int, int]] = []
    fit_curves(many(), by="name", spend="spend", response="sales", progress=lambda *a: seen.append(a))
    assert seen[-1] == ("fitting", 12, 12)


HARD = {
    "zero spend rows": (np.repeat([0.0, 0.0, 50.0, 100.0], 10), np.repeat([1.0, 1.0, 5.0, 6.0], 10)),
    "duplicated spends": (np.repeat([10.0, 20.0, 40.0, 80.0, 90.0], 6), np.tile(np.arange(30.0), 1)),
    "n = p + 1": (np.array([0.0, 10.0, 20.0, 40.0, 80.0]), np.array([1.0, 2.0, 5.0, 7.0, 8.0])),
    "constant response": (np.linspace(0, 10, 20), np.full(20, 3.0)),
    "falling response": (np.linspace(0, 10, 20), np.linspace(9, 1, 20)),
    "one 20-sigma outlier": (
        np.linspace(0, 10, 40),
        np.where(np.arange(40) == 20, 99.0, np.linspace(0, 5, 40)),
    ),
    "response in 1e9": (np.linspace(0, 10, 40), 1e9 * np.linspace(1, 2, 40) ** 0.5),
    "spend at two levels": (np.tile([10.0, 20.0], 15), np.tile([1.0, 2.0], 15)),
    "tiny spend": (np.linspace(0, 1e-12, 30), np.linspace(0, 5, 30)),
}


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("curve", ["hill", "logistic", "exponential"])
def test_hard_cases_have_a_status_and_no_nan(name: str, curve: str) -> None:
    fit = fit_curve(*HARD[name], curve=curve, resamples=5)
    assert fit.status in {"converged", "at bound", "not converged", "no response"}
    assert np.isfinite(list(fit.parameters.values())).all()
    assert np.isfinite(fit.rss)
    assert np.isfinite(fit.resamples).all()
    assert fit.evidence[0].grade in {"supported", "weak", "not shown"}


def test_a_falling_response_is_not_called_an_effect() -> None:
    fit = fit_curve(*HARD["falling response"])
    assert fit.status == "no response"
    assert fit.evidence[0].has("effect_not_shown")


def test_results_survive_json(tmp_path: Any) -> None:
    fit = fit_curve(*campaign())
    again = CurveFit.from_dict(fit.to_dict())
    assert again.parameters == fit.parameters
    assert np.array_equal(again.covariance, fit.covariance)
    fits = fit_curves(many(), by="name", spend="spend", response="sales")
    assert np.array_equal(CurveFits.from_dict(fits.to_dict()).parameters, fits.parameters)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x, y: fit_curve(x[:-1], y),
            "spend, response and weights must have one length, got 103, 104 and 103.",
        ),
        (lambda x, y: fit_curve(-x - 1, y), "spend must not be negative; found "),
        (lambda x, y: fit_curve(x * np.nan, y), "spend must be finite, but 104 of 104 values are not"),
        (lambda x, y: fit_curve(x * 0, y), "spend is 0 in every row"),
        (lambda x, y: fit_curve(x[:3], y[:3]), "3 rows cannot carry 4 parameters."),
        (lambda x, y: fit_curve(x, y, curve="hil"), "There is no curve called 'hil'. Did you mean 'hill'?"),
        (
            lambda x, y: fit_curve(x, y, weights=-np.ones(104)),
            "weights must be positive, got -1 at position 0.",
        ),
        (
            lambda x, y: fit_curve(x, y, start={"half": 3.0}),
            "start needs every shape parameter; slope missing.",
        ),
        (
            lambda x, y: fit_curves({"a": x, "b": y}, by="c", spend="a", response="b"),
            "There is no column called 'c'.",
        ),
    ],
)
def test_bad_input_is_explained(call: Any, message: str) -> None:
    with pytest.raises(InputError) as raised:
        call(*campaign())
    assert message in str(raised.value)
