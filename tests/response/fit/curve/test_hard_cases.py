"""Hard cases of `fit_curve`: each ends in a defined status, or in a sentence that says what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.optimize import curve_fit

from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import curves
from mixcurve.response.curves.derivatives import unit_gradient
from mixcurve.response.fit.curve.fit import MESSAGES, fit_curve
from mixcurve.response.fit.curve.model import constrained
from mixcurve.response.fit.results import CurveFit

TRUTH = {"top": 50.0, "half": 30.0, "slope": 2.0}
BASELINE, NOISE, ROWS = 20.0, 2.0, 30
COUNTED = ("poisson", "negative binomial", "binomial")
ROBUST = ("huber", "student_t")
QUICK: dict[str, Any] = {"intervals": False, "resamples": 0}
Rows = tuple[np.ndarray, np.ndarray]


def campaign(rows: int = ROWS, noise: float = NOISE, seed: int = 1) -> Rows:
    spend = np.linspace(0.0, 100.0, rows)
    error = np.random.default_rng(seed).standard_normal(rows)
    return spend, BASELINE + curves["hill"](spend, **TRUTH) + noise * error


def hard_cases() -> dict[str, Rows]:
    spend, response = campaign()
    row = np.arange(ROWS)
    only_one = np.where(row == 7, 50.0, 0.0)
    return {
        "zero spend in half the rows": (np.where(row % 2, spend, 0.0), np.where(row % 2, response, BASELINE)),
        "all but one zero": (only_one, response - response.mean() + only_one),
        "duplicated spends": (np.repeat(spend[::5], 5), response),
        "n = p + 1": (
            np.array([0.0, 10.0, 20.0, 40.0, 80.0, 90.0]),
            np.array([1.0, 2.0, 5.0, 7.0, 8.0, 8.0]),
        ),
        "constant response": (spend, np.full(ROWS, 3.0)),
        "nothing at all": (spend, np.zeros(ROWS)),
        "falling response": (spend, 90.0 - response),
        "one 20-sigma outlier": (spend, response + np.where(row == 15, 20 * NOISE, 0.0)),
        "two identical replicates": (np.repeat(spend[::2], 2), np.repeat(response[::2], 2)),
        "response in 1e9": (spend, response * 1e9),
        "response in 1e-9": (spend, response * 1e-9),
        "spend in 1e9": (spend * 1e9, response),
        "spend in 1e-9": (spend * 1e-9, response),
        "a large level": (spend, response + 1e9),
        "two levels": (np.tile([10.0, 20.0], 15), np.tile([1.0, 2.0], 15)),
        "on and off": (np.tile([0.0, 20.0], 15), np.tile([1.0, 2.0], 15) + 0.01 * response),
        "one level": (np.full(ROWS, 10.0), response),
        "no noise": campaign(noise=0.0),
        "a straight line": (spend, 3.0 * spend),
        "a step": (spend, np.where(spend > 50.0, 1.0, 0.0)),
        "one huge spend": (np.where(row == ROWS - 1, 1e12, spend), response),
        "nothing but noise": (spend, response - curves["hill"](spend, **TRUTH) - BASELINE),
    }


HARD = hard_cases()
FOR_ROBUST = (
    "all but one zero", "n = p + 1", "constant response", "nothing at all", "falling response",
    "one 20-sigma outlier", "response in 1e9", "two levels", "no noise", "a step",
)  # fmt: skip
"""What a scale that is found beside the curve makes harder."""


def counted(name: str, family: str) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Return a hard case as counts, or as conversions out of 50 exposures."""
    spend, response = HARD[name]
    if family != "binomial":
        return spend, np.round(np.clip(response, 0.0, 1e6)), {}
    share = (response - response.min()) / max(np.ptp(response), 1e-300)
    return spend, np.round(50 * share), {"exposures": np.full(len(spend), 50)}


def assert_sound(fit: CurveFit, response: np.ndarray) -> None:
    """Check that every number is defined and that the parts add up."""
    assert fit.status in MESSAGES
    assert fit.message == MESSAGES[fit.status]
    arrays = (fit.draws, fit.resamples, fit.residual, fit.contributions, fit.carried, fit.current)
    numbers = [*fit.parameters.values(), fit.baseline, fit.rss, fit.deviance, fit.dispersion]
    assert all(np.isfinite(a).all() for a in arrays)
    assert np.isfinite(numbers).all()
    assert fit.loss == "huber" or np.isfinite(fit.log_likelihood)
    known = np.diag(fit.covariance)
    assert (known[~np.isnan(known)] >= 0).all()
    total = fit.baseline + fit.contributions[:, 0] + fit.residual
    assert total == pytest.approx(response, rel=1e-9, abs=1e-9 * max(np.abs(response).max(), 1e-30))
    for i in fit.intervals:
        assert np.isfinite(i.estimate), i.name
        assert i.low <= i.high, (i.name, i.method)
        assert np.isfinite([i.low, i.high]).all() or i.open_side or i.method == "delta", (i.name, i.method)
    for trace in fit.profiles:
        assert np.isfinite(trace.value).all()
        assert np.isfinite(trace.signed_root).all()
    again = CurveFit.from_dict(fit.to_dict())
    assert again.parameters == fit.parameters
    assert np.array_equal(again.covariance, fit.covariance, equal_nan=True)


@pytest.mark.parametrize("name", HARD)
def test_every_curve_has_a_status_and_no_nan(name: str) -> None:
    spend, response = HARD[name]
    for curve in curves:
        assert_sound(fit_curve(spend, response, curve=curve, **QUICK), response)


@pytest.mark.parametrize("name", HARD)
def test_so_it_has_without_baseline_and_in_any_direction(name: str) -> None:
    spend, response = HARD[name]
    for curve in ("hill", "exponential"):
        free = fit_curve(spend, response, curve=curve, baseline=False, non_decreasing=False, **QUICK)
        assert_sound(free, response)


@pytest.mark.parametrize("family", COUNTED)
@pytest.mark.parametrize("name", HARD)
def test_so_have_counts_and_shares(name: str, family: str) -> None:
    spend, response, exposed = counted(name, family)
    fit = fit_curve(spend, response, family=family, **exposed, **QUICK)
    assert_sound(fit, response / exposed.get("exposures", 1.0))


@pytest.mark.parametrize("loss", ROBUST)
@pytest.mark.parametrize("name", FOR_ROBUST)
def test_so_have_robust_losses(name: str, loss: str) -> None:
    spend, response = HARD[name]
    assert_sound(fit_curve(spend, response, loss=loss, **QUICK), response)


@pytest.mark.parametrize("name", HARD)
def test_so_have_intervals_by_every_method(name: str) -> None:
    spend, response = HARD[name]
    assert_sound(fit_curve(spend, response, resamples=5), response)


def test_the_check_would_catch_a_part_that_does_not_add_up() -> None:
    spend, response = campaign()
    fit = fit_curve(spend, response, **QUICK)
    with pytest.raises(AssertionError):
        assert_sound(fit, response + 1e-3)


def test_falling_is_no_response_unless_it_may_fall() -> None:
    spend, response = HARD["falling response"]
    held = fit_curve(spend, response, **QUICK)
    assert held.status == "no response"
    assert held.parameters["top"] == 0.0
    free = fit_curve(spend, response, non_decreasing=False, resamples=0)
    assert free.evidence[0].has("response_falls")
    top = free.interval("top")
    assert top is not None
    assert top.low < -TRUTH["top"] < top.high < 0


def test_many_campaigns_may_each_go_their_own_way() -> None:
    from mixcurve.response.fit.curve.many import fit_curves

    spend, rising = campaign()
    response = np.round(np.concatenate([rising, 90.0 - rising]))
    table = {"name": np.repeat(["up", "down"], ROWS), "spend": np.tile(spend, 2), "sales": response}
    fits = fit_curves(
        table, by="name", spend="spend", response="sales", family="poisson", non_decreasing=False
    )
    top = fits.parameters[:, fits.parameter_names.index("top")]
    assert np.sign(top).tolist() == [1.0, -1.0]


@pytest.mark.parametrize("loss", ROBUST)
def test_an_outlier_moves_squares_but_no_robust_loss(loss: str) -> None:
    spend, response = campaign(rows=60)
    pulled = response + np.where(np.arange(60) == 10, 20 * NOISE, 0.0)
    squares, robust = (fit_curve(spend, pulled, loss=one, resamples=0) for one in ("squares", loss))
    for name, true in TRUTH.items():
        found = robust.interval(name)
        assert found is not None
        assert found.low < true < found.high, name
    clean = fit_curve(spend, response, **QUICK).parameters
    moved, stayed = (abs(f.parameters["half"] - clean["half"]) for f in (squares, robust))
    assert moved > 3 * stayed
    assert squares.dispersion > 4 * robust.dispersion


def test_counts_at_the_ends_of_their_range() -> None:
    spend, _ = campaign()
    shown = np.full(ROWS, 7)
    for hits in (0, 7):
        fit = fit_curve(spend, np.full(ROWS, hits), family="binomial", exposures=shown, **QUICK)
        assert fit.status == "no response"
        assert fit.baseline == pytest.approx(hits / 7, abs=1e-6)
    everyone = fit_curve(
        spend[1:], shown[1:], family="binomial", exposures=shown[1:], baseline=False, **QUICK
    )
    assert everyone.parameters["top"] == pytest.approx(1.0, rel=1e-6)
    single = fit_curve(spend, (spend > 45).astype(int), family="binomial", exposures=np.ones(ROWS), **QUICK)
    assert_sound(single, (spend > 45).astype(float))


def test_counts_that_spread_beyond_all_numbers_are_resampled() -> None:
    # Without a baseline, many orders in a week without spend leave no finite dispersion.
    spend, counts = campaign(rows=40)[0], np.full(40, 1e6)
    fit = fit_curve(spend, counts, family="negative binomial", baseline=False, intervals=False, resamples=50)
    assert fit.status in MESSAGES
    assert np.isfinite(fit.resamples).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_weights_over_twelve_powers_of_ten(seed: int) -> None:
    spend, response = campaign()
    weights = 10.0 ** np.random.default_rng(seed).uniform(-6, 6, ROWS)
    fit = fit_curve(spend, response, weights=weights, resamples=5)
    assert_sound(fit, response)
    scaled = fit_curve(spend, response, weights=weights * 1e6, **QUICK)
    assert scaled.parameters == pytest.approx(fit.parameters, rel=1e-6)


KINDS = {
    "list": list,
    "float32": lambda v: v.astype(np.float32),
    "pandas": lambda v: pd.Series(v, index=np.arange(len(v)) + 5),
    "polars": pl.Series,
    "integer": lambda v: v.astype(np.int16),
    "pandas integer": lambda v: pd.Series(v.astype(int), dtype="Int64"),
    "unsigned": lambda v: v.astype(np.uint8),
}


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_may_come_in_any_container(kind: str) -> None:
    spend, response = (np.round(v) for v in campaign())
    expected = fit_curve(spend, response, **QUICK).parameters
    made = KINDS[kind]
    assert fit_curve(made(spend), made(response), **QUICK).parameters == expected


def with_bad(value: Any, place: int = 4) -> np.ndarray:
    spend, _ = campaign()
    out = spend.astype(object)
    out[place] = value
    return out


SPEND, RESPONSE = campaign()
COUNTS = np.round(RESPONSE)
BAD: list[tuple[dict[str, Any], str]] = [
    ({"spend": []}, "spend is empty. Give at least one value."),
    ({"spend": 5.0}, "spend must have 1 dimension(s), got shape ()."),
    ({"spend": SPEND[:, None]}, "spend must have 1 dimension(s), got shape (30, 1)."),
    ({"spend": ["much"] * ROWS}, "spend must be an array of numbers, got list."),
    ({"spend": {"a": 1}}, "spend must be an array of numbers, got dict."),
    ({"spend": SPEND + 0j}, "spend must be an array of numbers, got complex128."),
    (
        {"spend": pd.Series(pd.date_range("2024", periods=ROWS))},
        "spend must be an array of numbers, got datetime64",
    ),
    ({"spend": [10**400] * ROWS}, "spend must be an array of numbers, got list."),
    ({"spend": with_bad(np.nan)}, "the first is nan at position 4. Remove or repair these rows."),
    ({"spend": with_bad(None)}, "the first is nan at position 4. Remove or repair these rows."),
    ({"spend": with_bad(np.inf)}, "the first is inf at position 4. Remove or repair these rows."),
    ({"spend": with_bad(-2.0)}, "spend must not be negative; found -2 at position 4."),
    ({"spend": np.ma.masked_greater(SPEND, 99.0)}, "the first is nan at position 29."),
    ({"spend": with_bad(1e150)}, "got 1e+150 at position 4. Give it in another unit."),
    ({"response": RESPONSE * 1e-150}, "response must lie between 1e-100 and 1e+100 in size"),
    (
        {"response": np.where(SPEND > 50, np.nan, RESPONSE)},
        "response must be finite, but 15 of 30 values are not",
    ),
    ({"response": RESPONSE[:-1]}, "spend, response and weights must have one length, got 30, 29 and 30."),
    ({"spend": [1.0, 2.0], "response": [1.0, 2.0]}, "2 rows cannot carry 4 parameters."),
    (
        {"weights": np.where(SPEND > 50, 0.0, 1.0)},
        "weights must be positive, got 0 at position 15. Drop that row.",
    ),
    ({"family": "poisson"}, "response must hold whole counts of at least 0 for family='poisson'"),
    ({"family": "possion"}, "Did you mean 'poisson'?"),
    ({"response": COUNTS, "family": "binomial"}, "family='binomial' needs exposures"),
    (
        {"response": COUNTS, "family": "binomial", "exposures": np.full(ROWS, 60)},
        "conversions out of 60. Drop or repair that row.",
    ),
    ({"exposures": np.ones(ROWS)}, "exposures go with family='binomial'"),
    ({"response": COUNTS, "family": "poisson", "loss": "huber"}, "loss='huber' goes with family='gaussian'"),
    ({"baseline": "yes"}, "baseline must be True or False, got 'yes'."),
    ({"seed": "today"}, "seed must be a whole number of at least 0, or a Generator, got 'today'."),
    ({"fixed": {"hlf": 3.0}}, "Did you mean 'half'?"),
    ({"fixed": ["half"]}, "fixed must give values by the parameter's name, got list."),
    ({"fixed": {"half": -1.0}}, "'half' must be positive"),
    ({"fixed": {"baseline": 1.0}, "baseline": False}, "There is no parameter (fixed) called 'baseline'."),
    ({"fixed": {"top": -3.0}}, "Give non_decreasing=False."),
    ({"fixed": {"half": 3.0}, "bounds": {"half": (1.0, 4.0)}}, "'half' is both fixed and bounded."),
    ({"bounds": {"half": (3.0, 2.0)}}, "To hold a parameter at one value, use fixed."),
    ({"bounds": {"half": (None, 2.0)}}, "An open side is an infinity."),
    ({"bounds": {"half": (np.nan, 2.0)}}, "bounds['half'] must be (least, largest), got (nan, 2)."),
    (
        {"response": COUNTS, "family": "poisson", "bounds": {"baseline": (-5.0, -1.0)}},
        "with family='poisson' it lies between 0 and inf.",
    ),
    ({"start": {"half": -1.0, "slope": 2.0}}, "start['half'] must be in (0, inf], got -1."),
    ({"start": {"half": 1.0, "slope": 2.0, "top": 3.0}}, "start['top'] is not needed"),
]


@pytest.mark.parametrize(("given", "message"), BAD)
def test_bad_input_is_explained(given: dict[str, Any], message: str) -> None:
    rows = {"spend": SPEND, "response": RESPONSE}
    with pytest.raises(InputError) as raised:
        fit_curve(**(rows | given), **QUICK)
    assert message in str(raised.value)


def hill(x: np.ndarray, baseline: float, top: float, half: float, slope: float) -> np.ndarray:
    return baseline + top / (1 + (half / np.maximum(x, 1e-12)) ** slope)


HELD = [
    {"slope": 2.0},
    {"half": 33.3},
    {"top": 48.7},
    {"baseline": 19.1},
    {"half": 33.3, "slope": 1.7},
    {"top": 48.7, "baseline": 19.1},
    {"top": 48.7, "half": 33.3},
]


@pytest.mark.parametrize("held", HELD, ids=lambda h: " and ".join(h))
def test_what_is_free_is_as_if_the_rest_were_no_parameter(held: dict[str, float]) -> None:
    spend, response = campaign()
    fit = fit_curve(spend, response, fixed=held, **QUICK)
    free = [n for n in ("baseline", "top", "half", "slope") if n not in held]
    start = {"baseline": BASELINE} | TRUTH
    found, covariance = curve_fit(
        lambda x, *values: hill(x, **(held | dict(zip(free, values, strict=True)))), spend, response,
        [start[n] for n in free], xtol=1e-14, ftol=1e-14,
    )  # fmt: skip
    for name, value, error in zip(free, found, np.sqrt(np.diag(covariance)), strict=True):
        assert fit.parameters[name] == pytest.approx(value, rel=1e-6), name
        assert fit.standard_errors[name] == pytest.approx(error, rel=1e-4), name
    for name, value in held.items():
        assert fit.parameters[name] == value, name
        assert np.isnan(fit.standard_errors.get(name, np.nan))
    assert set(fit.held) == set(held)
    assert fit.degrees_of_freedom == ROWS - len(free)


@pytest.mark.parametrize("name", curves)
def test_holding_a_parameter_drops_its_derivative_and_no_other(name: str) -> None:
    curve, spend = curves[name], np.linspace(0.0, 2.0, 9)
    shape = [np.sqrt(p.typical.low * p.typical.high) if p.free else p.fixed for p in curve.parameters]
    _, every = unit_gradient(curve, spend, shape)
    free = [p.name for p in curve.parameters if p.free]
    for held in free:
        value = shape[curve.names.index(held) - 1]
        used = constrained(curve, {held: (value, value)}, 1.0)
        _, kept = unit_gradient(used, spend, shape)
        expected = [d for d, n in zip(every, free, strict=True) if n != held]
        assert len(kept) == len(expected)
        assert all(np.allclose(a, b, rtol=1e-12, atol=0) for a, b in zip(kept, expected, strict=True))


def test_a_held_parameter_counts() -> None:
    spend, response = campaign()
    assert fit_curve(spend, response, fixed={"slope": 5.0}, **QUICK).rss > 1.1 * fit_curve(
        spend, response, fixed={"slope": 2.0}, **QUICK
    ).rss  # fmt: skip


BOUNDED = [
    ("top", (0.1, 33.3), "high"),
    ("top", (61.7, 90.0), "low"),
    ("baseline", (0.0, 12.3), "high"),
    ("baseline", (25.7, 40.0), "low"),
    ("half", (0.3, 21.1), "high"),
    ("half", (40.7, 90.0), "low"),
    ("slope", (0.5, 1.3), "high"),
    ("slope", (3.7, 9.0), "low"),
]


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
@pytest.mark.parametrize(("name", "ends", "side"), BOUNDED)
def test_a_bound_that_binds_is_met_exactly(
    name: str, ends: tuple[float, float], side: str, family: str
) -> None:
    spend, response = campaign()
    response = np.round(response)
    fit = fit_curve(spend, response, family=family, bounds={name: ends}, resamples=5)
    end = ends[0] if side == "low" else ends[1]
    assert fit.parameters[name] == end
    assert fit.status == "at bound"
    held = fit_curve(spend, response, family=family, fixed={name: end}, **QUICK)
    for other, value in held.parameters.items():
        assert fit.parameters[other] == pytest.approx(value, rel=1e-4), other
    assert_sound(fit, response)


def test_a_bound_that_does_not_bind_changes_nothing() -> None:
    spend, response = campaign()
    plain = fit_curve(spend, response, **QUICK)
    for name, value in plain.parameters.items():
        for ends in ((0.5 * value, 2.0 * value), (0.5 * value, np.inf)):
            fit = fit_curve(spend, response, bounds={name: ends}, **QUICK)
            assert fit.status == "converged"
            for other, expected in plain.parameters.items():
                assert fit.parameters[other] == pytest.approx(expected, rel=1e-6)
                assert fit.standard_errors[other] == pytest.approx(plain.standard_errors[other], rel=1e-4)


def test_a_held_top_may_be_negative_where_response_may_fall() -> None:
    spend, response = HARD["falling response"]
    fit = fit_curve(spend, response, fixed={"top": -48.7}, non_decreasing=False, **QUICK)
    assert fit.parameters["top"] == -48.7
    assert fit.status == "converged"


@pytest.mark.parametrize("loss", ["squares", *ROBUST])
def test_a_start_is_taken_by_every_loss(loss: str) -> None:
    spend, response = campaign()
    plain = fit_curve(spend, response, loss=loss, **QUICK)
    far = fit_curve(spend, response, loss=loss, start={"half": 90.0, "slope": 0.6}, **QUICK)
    assert far.parameters == pytest.approx(plain.parameters, rel=1e-5)
