"""Fits of a whole mix: what must add up, what must not matter, and what simulated markets give back."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.carryover import carryovers
from mixcurve.response.curves import curves
from mixcurve.response.fit.mix.basis import ORDERS, mix_basis
from mixcurve.response.fit.mix.fit import fit_mix
from mixcurve.response.fit.mix.linear import linear_part
from mixcurve.response.fit.results import MixFit
from mixcurve.response.market import Market, MarketChannel
from mixcurve.response.simulate import simulate_market
from mixcurve.tables.spend import read_spend
from mixcurve.tables.table import SpendTable

UNITS_AGREE = 1e-8


@cache
def market() -> Market:
    channels = {
        "tv": MarketChannel(curve=("hill", {"half": 30_000.0, "slope": 2.5}), carryover=("geometric", {"decay": 0.5}),
                            mean_spend=25_000, zero_weeks=0.4, contribution=0.25),
        "search": MarketChannel(curve=("hill", {"half": 12_000.0, "slope": 1.5}),
                                carryover=("geometric", {"decay": 0.1}), mean_spend=15_000, contribution=0.25),
        "sponsor": MarketChannel(mean_spend=10_000, variation=0.01, contribution=0.05),
    }  # fmt: skip
    return simulate_market(channels, periods=156, noise=0.03, price=-1.0, season=0.1, seed=11)


@cache
def fit() -> MixFit:
    return fit_mix(market().table, seed=3)


def table_with(table: SpendTable, **changed: Any) -> SpendTable:
    from dataclasses import replace

    return replace(table, **changed)


def test_contributions_baseline_and_residual_add_up_to_the_response() -> None:
    frame = fit().contribution_table
    assert frame["response"].to_numpy() == pytest.approx(market().table.response, rel=1e-12)
    assert fit().baseline_parts.sum(axis=1) == pytest.approx(fit().baseline, rel=1e-12)
    assert (fit().contributions >= 0).all()


def test_a_simulated_market_is_recovered() -> None:
    truth = market().truth
    found = fit().contributions.sum(axis=0)
    low, high = np.quantile(fit().contribution_draws, [0.05, 0.95], axis=0)
    for i, channel in enumerate(("tv", "search")):
        total = truth.contributions[:, i].sum()
        assert found[i] == pytest.approx(total, rel=0.25), channel
        assert low[i] < total < high[i], channel
        half = fit().interval(channel, "half")
        assert half is not None
        assert half.low <= {"tv": 30_000.0, "search": 12_000.0}[channel] <= half.high
    assert fit().carryover_parameters[0, 0] == pytest.approx(0.5, abs=0.15)
    assert fit().r_squared > 0.9
    assert fit().status == "converged"


def test_a_steady_channel_is_not_shown_and_does_not_take_the_baseline() -> None:
    evidence = dict(zip(fit().channels, fit().evidence, strict=True))
    assert evidence["sponsor"].grade == "not shown"
    assert evidence["sponsor"].has("spend_steady")
    assert evidence["tv"].grade == "supported"
    total = market().table.response.sum()
    assert fit().contributions[:, 2].sum() < 0.4 * total


def test_units_change_nothing_but_units() -> None:
    table = market().table
    scaled = fit_mix(table_with(table, spend=table.spend * 1e6, response=table.response * 1e-6), seed=3)
    assert scaled.contributions * 1e6 == pytest.approx(fit().contributions, rel=UNITS_AGREE, abs=1e-9)
    rate = np.array([1e-6, 1e6, 1.0])
    assert scaled.draws[0] == pytest.approx(fit().draws[0] * rate, rel=UNITS_AGREE)
    assert scaled.resamples == pytest.approx(fit().resamples * rate, rel=UNITS_AGREE)
    for mine, other in zip(fit().intervals, scaled.intervals, strict=True):
        unit = 1.0 if mine.name in ("slope", "decay") else 1e6
        assert (other.low, other.high) == pytest.approx((mine.low * unit, mine.high * unit), rel=UNITS_AGREE)


def test_the_order_of_channels_does_not_matter() -> None:
    table = market().table
    order = [2, 0, 1]
    turned = fit_mix(
        table_with(table, spend=table.spend[:, order], channels=tuple(table.channels[i] for i in order)),
        seed=3,
    )
    assert turned.draws[0] == pytest.approx(fit().draws[0, order], rel=UNITS_AGREE)
    assert turned.contributions == pytest.approx(fit().contributions[:, order], rel=UNITS_AGREE, abs=1e-6)
    assert [e.grade for e in turned.evidence] == [fit().evidence[i].grade for i in order]


def test_the_seed_decides_the_resamples_only() -> None:
    again, other = fit_mix(market().table, seed=3), fit_mix(market().table, seed=4)
    assert np.array_equal(again.resamples, fit().resamples)
    assert not np.array_equal(other.resamples, fit().resamples)
    assert other.draws == pytest.approx(fit().draws, rel=UNITS_AGREE)


def test_intervals_hold_their_estimates_and_open_sides_are_infinite() -> None:
    for interval in fit().intervals:
        assert interval.low <= interval.estimate <= interval.high
        assert np.isinf(interval.high) == (interval.open_side in ("high", "both"))
        assert interval.level == 0.9


def test_no_effect_is_not_called_one() -> None:
    rng = np.random.default_rng(0)
    table = market().table
    quiet = fit_mix(
        table_with(table, response=10_000 + 100 * rng.standard_normal(len(table.response))), resamples=20
    )
    assert [e.grade for e in quiet.evidence] == ["not shown"] * 3


def test_an_interval_reaches_no_effect_exactly_when_none_is_shown() -> None:
    found = fit()
    bringing = (found.resamples[:, :, 0] > 0).mean(axis=0)
    for share, evidence in zip(bringing, found.evidence, strict=True):
        assert (share < 0.95) == evidence.has("effect_not_shown"), evidence.channel
    assert 0.0 < bringing[2] < 0.95


def test_concave_truth_is_not_given_a_bend() -> None:
    channels = {
        name: MarketChannel(
            curve=("michaelis_menten", {"half": 15_000.0}), mean_spend=15_000, contribution=0.3
        )
        for name in ("a", "b")
    }
    concave = fit_mix(simulate_market(channels, noise=0.05, seed=5).table, resamples=20)
    assert not any(e.has("bend_shown") for e in concave.evidence)


@pytest.mark.parametrize(
    ("curve", "carryover"),
    [("logistic", "geometric"), ("weibull", "none"), ("michaelis_menten", "geometric"), ("power", "none")],
)
def test_other_curves_and_no_carryover(curve: str, carryover: str) -> None:
    other = fit_mix(market().table, curve=curve, carryover=carryover, starts=4, resamples=10)
    assert np.isfinite(other.contributions).all()
    assert other.curve[0].name == curve
    assert other.carryover_parameters.shape == (3, len(carryovers[carryover].parameters))
    assert MixFit.from_dict(other.to_dict()).draws == pytest.approx(other.draws, nan_ok=True)


def test_a_curve_for_each_channel() -> None:
    choice = {"tv": "hill", "search": "power", "sponsor": "exponential"}
    mixed = fit_mix(market().table, curve=choice, starts=4, resamples=10)
    assert [c.name for c in mixed.curve] == list(choice.values())
    assert np.isnan(mixed.draws[0, 2, 2])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kernel", list(carryovers))
@pytest.mark.parametrize("curve", list(curves))
def test_the_basis_has_the_derivatives_it_says(curve: str, kernel: str, order: str) -> None:
    rng = np.random.default_rng(0)
    spend = rng.gamma(2.0, 0.2, (50, 2)) * (rng.random((50, 2)) > 0.3)
    linear = linear_part(np.ones((50, 1)), blocks=(slice(0, 23), slice(23, 50)))
    chosen, carried = [curves[curve], curves["hill"]], [carryovers[kernel], carryovers["geometric"]]
    basis = mix_basis(spend, linear, chosen, carried, 8, order=order)
    low, high = basis.bounds
    theta = low + (high - low) * rng.uniform(0.3, 0.7, (3, len(low)))
    columns, derivatives = basis.raw(theta)
    assert columns == pytest.approx(basis.columns(theta), abs=1e-12)
    for j, channel in enumerate(basis.owner):
        up, down = theta.copy(), theta.copy()
        up[:, j] += 1e-6
        down[:, j] -= 1e-6
        numeric = (basis.columns(up) - basis.columns(down))[:, channel] / 2e-6
        assert derivatives[:, j] == pytest.approx(numeric, abs=2e-8), basis.places[j].parameter.name
        assert np.abs(1.01 * derivatives[:, j] - numeric).max() > 2e-8


def test_lydia_pinkham_shows_no_bend(shared_data: Path) -> None:
    table = read_spend(
        shared_data / "lydia_pinkham" / "lydia_pinkham_annual.csv",
        date="year", response="sales_kusd", channels=["advertising_kusd"], every="year", currency="USD",
    )  # fmt: skip
    found = fit_mix(table, season=0, resamples=50)
    assert found.evidence[0].has("bend_not_shown")
    assert found.evidence[0].grade in ("weak", "not shown")
    # What the years share with one another is autocorrelation or carryover; told apart, both are found.
    apart = fit_mix(table, season=0, resamples=50, errors="autocorrelated")
    decay = apart.interval("advertising_kusd", "decay")
    assert decay is not None
    assert decay.low > 0.0  # some of the effect is left after a whole year
    assert apart.autocorrelation is not None
    assert apart.autocorrelation.low > 0.5
    assert apart.evidence[0].has("bend_not_shown")


def test_mmm_example_is_recovered_and_not_called_an_s(shared_data: Path) -> None:
    table = read_spend(
        shared_data / "pymc_marketing" / "mmm_example.csv",
        date="date_week", response="y", channels=["x1", "x2"], controls=["event_1", "event_2"],
    )  # fmt: skip
    found = fit_mix(table)
    assert not any(e.has("bend_shown") for e in found.evidence)
    low, high = np.quantile(found.contribution_draws, [0.05, 0.95], axis=0)
    for i, (decay, rate, top) in enumerate([(0.4, 4.0, 3000.0), (0.2, 3.0, 2000.0)]):
        interval = found.interval(f"x{i + 1}", "decay")
        assert interval is not None
        assert interval.low <= decay <= interval.high
        # SOURCE.txt: eight normalised geometric lags, then (1 - exp(-rate x)) / (1 + exp(-rate x)).
        weight = decay ** np.arange(8)
        x = np.convolve(table.spend[:, i], weight / weight.sum())[: table.n_rows]
        total = (top * np.tanh(rate * x / 2)).sum()
        assert low[i] <= total <= high[i], f"x{i + 1}"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"curve": "hil"}, "Did you mean 'hill'?"),
        ({"curve": {"tv": "hill"}}, "curve names no curve for search, sponsor."),
        ({"curve": {"tvv": "hill"}}, "There is no channel called 'tvv'. Did you mean 'tv'?"),
        ({"carryover": "geometrik"}, "There is no carryover called 'geometrik'. Did you mean 'geometric'?"),
        ({"trend": "linnear"}, "There is no trend called 'linnear'. Did you mean 'linear'?"),
        ({"level": 90}, "level must be in [0.5, 0.999], got 90."),
        ({"current": {"radio": 3.0}}, "There is no channel called 'radio'."),
    ],
)
def test_bad_settings_are_explained(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as raised:
        fit_mix(market().table, **settings)
    assert message in str(raised.value)


def test_too_few_rows_are_refused() -> None:
    table = market().table
    cut = {f: getattr(table, f)[:14] for f in ("dates", "spend", "response", "controls")}
    with pytest.raises(InputError, match="14 rows, but this model has"):
        fit_mix(table_with(table, **cut))


def test_progress_is_told() -> None:
    seen: list[str] = []
    fit_mix(market().table, starts=4, resamples=5, progress=lambda stage, done, total: seen.append(stage))
    assert seen == [
        "searching the shapes", "resampling", "profiling the intervals", "weighing the evidence", "done",
    ]  # fmt: skip


def test_residuals_that_go_together_are_told_and_independent_ones_are_not() -> None:
    rng = np.random.default_rng(4)
    table = market().table
    noise = rng.standard_normal(len(table.response))
    together = np.zeros_like(noise)
    for t in range(1, len(noise)):
        together[t] = 0.7 * together[t - 1] + noise[t]
    steady = table.response - fit().residual
    told = fit_mix(table_with(table, response=steady + 300 * together), resamples=0)
    assert any("go together" in note and "autocorrelated errors" in note for note in told.notes)
    assert not fit_mix(table_with(table, response=steady + 300 * noise), resamples=0).notes
    assert not fit_mix(
        table_with(table, response=steady + 300 * together), errors="autocorrelated", resamples=0
    ).notes


def test_warnings_of_the_baseline_reach_the_fit() -> None:
    table = market().table
    rng = np.random.default_rng(5)
    copy = table.controls[:, :1] + 1e-3 * table.controls[:, :1].std() * rng.standard_normal(
        (len(table.controls), 1)
    )
    doubled = table_with(
        table, controls=np.hstack([table.controls, copy]), control_names=(*table.control_names, "again")
    )
    assert any("again" in note for note in fit_mix(doubled, resamples=0).notes)
