"""What `fit_mix` can be asked for beyond its defaults: kernels, order, baseline, noise, and the table of returns."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.carryover import carryovers
from mixcurve.response.curves import curves, shape
from mixcurve.response.fit.mix.basis import ORDERS
from mixcurve.response.fit.mix.fit import fit_mix
from mixcurve.response.fit.mix.result import MixFit
from mixcurve.response.market import Market, MarketChannel
from mixcurve.response.simulate import simulate_market
from mixcurve.tables.table import SpendTable

QUICK = {"starts": 4, "resamples": 40}


@cache
def market() -> Market:
    channels = {
        "tv": MarketChannel(curve=("hill", {"slope": 1.5}), carryover=("geometric", {"decay": 0.6}),
                            zero_weeks=0.4, contribution=0.3),
        "search": MarketChannel(carryover="none", contribution=0.2, variation=0.8),
    }  # fmt: skip
    return simulate_market(channels, periods=130, noise=0.0, price=-1.5, seed=5)


def expected() -> np.ndarray:
    return market().table.response - market().truth.noise


def table_of(response: np.ndarray) -> SpendTable:
    return replace(market().table, response=response)


def noisy(share: float = 0.02, seed: int = 0) -> SpendTable:
    noise = share * expected().mean() * np.random.default_rng(seed).standard_normal(130)
    return table_of(expected() + noise)


def adds_up(fit: MixFit, table: SpendTable) -> None:
    assert fit.contribution_table["response"].to_numpy() == pytest.approx(table.response, rel=1e-12)
    assert fit.baseline_parts.sum(axis=1) == pytest.approx(fit.baseline, rel=1e-12)
    assert (fit.contributions >= 0).all()


@pytest.mark.parametrize(("kernel", "order"), list(zip(carryovers, ORDERS * len(carryovers), strict=False)))
def test_every_kernel_adds_up_and_is_saved_in_one_order_or_the_other(kernel: str, order: str) -> None:
    fit = fit_mix(noisy(), carryover=kernel, order=order, **QUICK)
    adds_up(fit, noisy())
    assert (fit.carryover, fit.order) == (kernel, order)
    assert fit.kernel_of("tv")[0] == kernel
    assert len(fit.kernel_of("tv")[1]) == len(carryovers[kernel].parameters)
    again = MixFit.from_dict(fit.to_dict())
    assert again.draws == pytest.approx(fit.draws, nan_ok=True)
    assert again.state is not None
    assert fit.state is not None
    assert np.array_equal(again.state.recent, fit.state.recent)


def test_saturation_first_is_the_carryover_of_each_periods_response() -> None:
    fit = fit_mix(noisy(), order="saturation first", **QUICK)
    spend, name = noisy().spend_of("tv"), fit.channels.index("tv")
    at_once = shape.response("hill", spend, fit.draws[0, name])
    weight = fit.carryover_parameters[name, 0] ** np.arange(fit.carryover_length)
    by_hand = np.convolve(at_once, weight / weight.sum())[: len(spend)]
    assert fit.contributions[:, name] == pytest.approx(by_hand, rel=1e-8, abs=1e-8)
    other = fit_mix(noisy(), **QUICK)
    assert np.abs(other.contributions[:, name] - by_hand).max() > 0.01 * by_hand.max()


def test_a_kernel_for_each_channel() -> None:
    fit = fit_mix(noisy(), carryover={"tv": "geometric", "search": "none"}, **QUICK)
    assert fit.carryover == "by channel"
    assert fit.kernel_of("search") == ("none", [])
    assert fit.kernel_of("tv")[1][0] == pytest.approx(0.6, abs=0.15)
    with pytest.raises(InputError, match=r"carryover names no carryover for tv\. Give one for every channel"):
        fit_mix(noisy(), carryover={"search": "none"})


def test_controls_of_known_sign_cannot_have_the_other_one() -> None:
    right = fit_mix(noisy(), control_signs={"price": "negative"}, **QUICK)
    wrong = fit_mix(noisy(), control_signs={"price": "positive"}, **QUICK)
    free = fit_mix(noisy(), **QUICK)
    price = [f.baseline_parts[:, f.baseline_names.index("price")] for f in (right, wrong, free)]
    truth = market().truth.baseline_parts["price"]
    assert price[0] - price[0].mean() == pytest.approx(truth - truth.mean(), abs=0.4 * truth.std())
    assert price[2] == pytest.approx(price[0], abs=0.3 * truth.std())
    assert price[1].std() < 0.2 * truth.std()
    for fit in (right, wrong):
        adds_up(fit, noisy())


def test_holidays_and_events_are_parts_of_the_baseline() -> None:
    fit = fit_mix(noisy(), holidays="GB", events={"strike": ("2024-03-04", "2024-03-17")}, season=1, **QUICK)
    assert {"holidays", "event strike", "season", "price"} < set(fit.baseline_names)
    adds_up(fit, noisy())


def test_a_wandering_level_is_followed_and_its_ratio_chosen() -> None:
    rng = np.random.default_rng(3)
    size = 0.02 * expected().mean()
    walk = np.cumsum(rng.standard_normal(130)) * 0.4 * size
    table = table_of(expected() + walk + size * rng.standard_normal(130))
    straight = fit_mix(table, season=1, **QUICK)
    wandering = fit_mix(table, trend="local level", season=1, **QUICK)
    assert wandering.state is not None
    assert 0.02 < wandering.state.design.level_ratio < 1.3  # 0.16 is true
    level = market().truth.baseline + walk
    miss = [np.std(f.baseline - level) for f in (wandering, straight)]
    assert miss[0] < 0.8 * miss[1]
    given = fit_mix(table, trend="local level", level_ratio=0.3, season=1, **QUICK)
    assert given.state is not None
    assert given.state.design.level_ratio == 0.3
    calm = fit_mix(noisy(), trend="local level", season=1, **QUICK)
    assert calm.state is not None
    assert calm.state.design.level_ratio < wandering.state.design.level_ratio


def test_autocorrelated_errors_are_found_and_widen_the_intervals() -> None:
    rng = np.random.default_rng(8)
    size, rho, errors = 0.03 * expected().mean(), 0.7, np.zeros(130)
    errors[0] = rng.standard_normal() / np.sqrt(1 - rho**2)
    for t in range(1, 130):
        errors[t] = rho * errors[t - 1] + rng.standard_normal()
    table = table_of(expected() + size * errors)
    fit = fit_mix(table, errors="autocorrelated", **QUICK)
    assert fit.autocorrelation is not None
    assert fit.autocorrelation.low < rho < fit.autocorrelation.high
    assert fit.autocorrelation.level == 0.9
    adds_up(fit, table)
    white = fit_mix(noisy(), errors="autocorrelated", **QUICK)
    assert white.autocorrelation is not None
    assert white.autocorrelation.low < 0.0 < white.autocorrelation.high
    assert fit_mix(noisy(), **QUICK).autocorrelation is None


def test_counts_have_a_variance_in_proportion_to_their_mean() -> None:
    counted = table_of(np.random.default_rng(2).poisson(expected() / 50.0) * 50.0)
    fit = fit_mix(counted, noise="poisson", **QUICK)
    assert fit.dispersion == pytest.approx(50.0, rel=0.3)
    assert np.isnan(fit_mix(counted, **QUICK).dispersion)
    adds_up(fit, counted)


def test_returns_are_contributions_over_spend() -> None:
    fit = fit_mix(noisy(seed=1), starts=8, resamples=200)
    frame = fit.roi_table()
    truth = market().truth
    assert frame["ROI"].to_numpy() == pytest.approx(fit.contributions.sum(axis=0) / fit.total_spend)
    assert (frame["ROI low"] <= frame["ROI"]).all()
    assert (frame["ROI"] <= frame["ROI high"]).all()
    assert ((frame["ROI low"] < truth.roi) & (truth.roi < frame["ROI high"])).all()
    more = frame["mROI"]["tv"]
    assert more == pytest.approx(float(shape.marginal("hill", fit.current[0], fit.draws[0, 0])))
    assert fit.roi_table(value=2.5)["ROI high"].to_numpy() == pytest.approx(
        2.5 * frame["ROI high"].to_numpy()
    )
    assert set(frame["level"]) == {0.9}
    assert fit_mix(noisy(), starts=8, resamples=0).roi_table()["ROI low"].isna().all()
    with pytest.raises(InputError, match="value must be in"):
        fit.roi_table(value=-1)


def test_hostile_tables_have_a_clear_end() -> None:
    table = noisy()
    idle = replace(table, spend=table.spend * [1.0, 0.0])
    with pytest.raises(InputError, match="There is no spend in search"):
        fit_mix(idle)
    flat = fit_mix(table_of(np.full(130, 7.0)), **QUICK)
    assert flat.status == "no response"
    falling = table_of(1e9 - 3.0 * market().table.spend_of("tv"))
    assert np.isfinite(fit_mix(falling, **QUICK).contributions).all()
    with pytest.raises(InputError, match=r"There is no noise called 'poison'\. Did you mean 'poisson'"):
        fit_mix(table, noise="poison")
    with pytest.raises(InputError, match="There is no order called 'first'"):
        fit_mix(table, order="first")
    with pytest.raises(InputError, match="resamples must be in"):
        fit_mix(table, resamples=10_000)


def test_evidence_names_channels_that_move_together() -> None:
    table = noisy()
    twin = table.spend_of("tv") * (1 + 0.02 * np.random.default_rng(1).standard_normal(130))
    three = replace(table, spend=np.column_stack([table.spend, twin]), channels=("tv", "search", "copy"))
    fit = fit_mix(three, **QUICK)
    by_name = dict(zip(fit.channels, fit.evidence, strict=True))
    assert by_name["copy"].has("confounded")
    assert not by_name["search"].has("confounded")
    assert list(curves["hill"].names) == ["top", "half", "slope"]
