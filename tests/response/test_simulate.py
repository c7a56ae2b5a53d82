"""A simulated market holds what its truth says, whatever is asked of it."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.response.grid_plan import grid_plan
from mixcurve.response.market import Market, MarketChannel
from mixcurve.response.simulate_demand import holiday_days, period_dates, season_shares, trend_shares

QUIET = {"trend": 0.0, "season": 0.0, "noise": 0.0}


def hill_by_hand(spend, top, half, slope):
    return top * spend**slope / (half**slope + spend**slope)


def geometric_by_hand(spend, decay, lags=26):
    weights = decay ** np.arange(lags)
    return np.convolve(spend, weights / weights.sum())[: len(spend)]


def known_tv(**changed) -> MarketChannel:
    return MarketChannel(
        curve=("hill", {"top": 900.0, "half": 40_000.0, "slope": 2.2}), carryover=("geometric", {"decay": 0.6}),
        mean_spend=30_000.0, **changed,
    )  # fmt: skip


def test_contributions_are_the_curve_of_spend_after_carryover():
    market = mc.simulate_market({"tv": known_tv(zero_weeks=0.3)}, seed=1)
    working = geometric_by_hand(market.table.spend[:, 0], 0.6)
    np.testing.assert_allclose(
        market.truth.contributions[:, 0], hill_by_hand(working, 900, 40_000, 2.2), rtol=1e-12, atol=1e-12
    )
    wrong = hill_by_hand(geometric_by_hand(market.table.spend[:, 0], 0.5), 900, 40_000, 2.2)
    assert not np.allclose(market.truth.contributions[:, 0], wrong, rtol=1e-2)


@pytest.mark.parametrize("curve", list(mc.curves))
@pytest.mark.parametrize("carryover", list(mc.carryovers))
def test_any_curve_with_any_carryover(curve, carryover):
    market = mc.simulate_market(2, curve=curve, carryover=carryover, periods=60, zero_weeks=0.2, seed=2)
    truth, table = market.truth, market.table
    parts = truth.baseline + truth.contributions.sum(axis=1) + truth.noise
    np.testing.assert_allclose(table.response, parts, rtol=1e-12)
    assert np.all(np.isfinite(truth.contributions)) and np.all(truth.contributions >= 0)
    assert truth.contributions.sum() / truth.baseline_parts["level"].sum() == pytest.approx(0.4, rel=1e-9)
    assert truth.optimal_value >= truth.current_value * (1 - 0.01)


def test_the_same_seed_gives_the_same_market_and_another_seed_another():
    first, again, other = (mc.simulate_market(3, groups=2, price=-1.0, seed=s) for s in (5, 5, 6))
    assert first.to_dict() == again.to_dict()
    assert first.table.sha256 == again.table.sha256 != other.table.sha256


def test_a_market_survives_a_file(tmp_path):
    market = mc.simulate_market(2, periods=20, holidays=["2023-01-02"], seed=1)
    assert Market.from_dict(market.to_dict()).to_dict() == market.to_dict()
    assert market.save(tmp_path / "market.json").is_file()
    assert list(market.frame()) == ["date", "response", "tv", "search", "holidays"]
    assert list(market.truth.table.index) == ["tv", "search"]


def test_trend_season_and_their_average():
    assert trend_shares(0.2, 157)[[0, -1]] == pytest.approx([-0.1, 0.1])
    assert np.diff(trend_shares({10: 0.0, 20: 0.5}, 40))[[0, 15, 39 - 5]] == pytest.approx([0.0, 0.05, 0.0])
    dates = period_dates("2023-01-01", 365 * 3, "day")
    wave = season_shares(0.1, dates)
    assert str(dates[np.argmax(wave)])[5:] == "12-07" and wave.max() == pytest.approx(0.1, abs=1e-4)
    two = season_shares([(0.0, 0.1), (0.05, 0.0)], dates)
    angle = 2 * np.pi * 45 / 365.2425
    assert two[45] == pytest.approx(0.1 * np.sin(angle) + 0.05 * np.cos(2 * angle))


def test_without_media_and_noise_the_response_is_the_baseline():
    market = mc.simulate_market(
        1, media=0.0, noise=0.0, trend={0: 0.0, 155: 0.3}, season=0.05, baseline=500.0
    )
    np.testing.assert_allclose(market.table.response, market.truth.baseline, rtol=1e-12)
    assert set(market.truth.baseline_parts) == {"level", "trend", "season"}
    assert market.truth.gain == 0.0


def test_price_and_holidays_act_as_the_truth_says():
    days = ["2023-04-07", "2023-12-25", "2024-12-25"]
    market = mc.simulate_market(
        1, media=0.0, price=-1.5, holidays=days, holiday_effect=0.2, baseline=1_000.0, **QUIET
    )
    table, effects = market.table, market.truth.control_effects
    design = np.column_stack([np.ones(table.n_rows), table.controls])
    found = np.linalg.lstsq(design, table.response, rcond=None)[0][1:]
    np.testing.assert_allclose(found, [effects[name] for name in table.control_names], rtol=1e-9)
    assert effects["holidays"] == pytest.approx(200.0)
    assert effects["price"] == pytest.approx(-1.5 * 1_000 / table.control("price").mean())


def test_holidays_fall_in_their_period_with_their_weight():
    weeks = period_dates("2023-12-18", 3, "week")
    assert holiday_days(
        {"2023-12-24": 1.0, "2023-12-25": 2.5, "2024-01-08": 9.0}, weeks, "week"
    ).tolist() == [1.0, 2.5, 0.0]
    months = period_dates("2023-11-01", 2, "month")
    assert holiday_days(["2023-11-30", "2023-12-31", "2024-01-01"], months, "month").tolist() == [1.0, 1.0]


def test_public_holidays_come_by_country():
    pytest.importorskip("holidays", reason="the package holidays is not installed")
    weeks = period_dates("2023-12-18", 3, "week")
    assert holiday_days("GB", weeks, "week").tolist()[1] >= 2.0
    with pytest.raises(InputError, match=r"holidays must be a country code such as 'GB'.*'Atlantis'"):
        holiday_days("Atlantis", weeks, "week")


def log_correlation(a, b):
    return np.corrcoef(np.log(a), np.log(b))[0, 1]


def test_spend_is_as_correlated_and_as_confounded_as_asked():
    alike = mc.simulate_market(2, periods=4_000, every="day", correlation=0.6, seed=1).table.spend
    assert log_correlation(alike[:, 0], alike[:, 1]) == pytest.approx(0.6, abs=0.06)
    alone = mc.simulate_market(2, periods=4_000, every="day", seed=1).table.spend
    assert log_correlation(alone[:, 0], alone[:, 1]) == pytest.approx(0.0, abs=0.06)
    led = mc.simulate_market(
        2, periods=4_000, every="day", confounding={"tv": 0.7}, season=0.2, media=0.1, seed=1
    )
    spend = led.table.spend
    assert log_correlation(spend[:, 0], led.truth.baseline) == pytest.approx(0.7, abs=0.06)
    assert log_correlation(spend[:, 1], led.truth.baseline) == pytest.approx(0.0, abs=0.08)


def test_zero_weeks_come_exactly_as_often_as_asked_and_in_flights():
    flights = {
        length: mc.simulate_market(
            {"tv": known_tv(zero_weeks=0.4, flight_length=length)}, periods=1_000, every="day", seed=3
        )
        for length in (1.0, 10.0)
    }
    off = {length: market.table.spend[:, 0] == 0 for length, market in flights.items()}
    assert all(o.sum() == 400 for o in off.values())
    assert np.abs(np.diff(off[10.0])).sum() < 0.5 * np.abs(np.diff(off[1.0])).sum()
    assert flights[10.0].table.spend.mean() == pytest.approx(30_000.0, rel=1e-6)


def test_a_narrow_channel_never_leaves_a_narrow_range():
    spend = mc.simulate_market(["tv", "posters"], narrow=["posters"], seed=4).table.spend
    spread = spend.max(axis=0) / spend.min(axis=0)
    assert spread[1] < 1.2 < spread[0]


def test_groups_are_the_market_to_scale():
    market = mc.simulate_market(2, groups={"north": 1.0, "south": 3.0}, periods=80, baseline=400.0, seed=5)
    table, truth = market.table, market.truth
    assert table.group_names == ("north", "south") and table.n_rows == 160
    assert truth.group_shares == {"north": 0.25, "south": 0.75}
    assert truth.baseline_parts["level"][[0, -1]] == pytest.approx([100.0, 300.0])
    assert table.spend.reshape(2, 80, 2).mean(axis=1)[0] * 3 == pytest.approx(
        table.spend.reshape(2, 80, 2).mean(axis=1)[1], rel=1e-4
    )
    rows = np.array(table.groups) == "south"
    for i, channel in enumerate(table.channels):
        _, half, slope = (truth.curves_of("south").draws[0, i, k] for k in range(3))
        top = truth.curves_of("south").draws[0, i, 0]
        working = geometric_by_hand(table.spend[rows, i], truth.carryover_parameters[i]["decay"])
        np.testing.assert_allclose(
            truth.contributions[rows, i], hill_by_hand(working, top, half, slope), rtol=1e-10
        )
        assert half == pytest.approx(0.75 * truth.curve_parameters(channel)["half"])
    with pytest.raises(InputError, match=r"no group called 'noth'. Did you mean 'north'"):
        truth.curves_of("noth")


def test_noise_is_a_share_of_the_mean_response_and_never_makes_it_negative():
    quiet = mc.simulate_market(2, periods=3_000, every="day", noise=0.1, seed=6)
    assert quiet.truth.noise.std() / quiet.table.response.mean() == pytest.approx(0.1, rel=0.06)
    loud = mc.simulate_market(2, noise=2.0, seed=6)
    assert loud.table.response.min() == 0.0


def test_the_truth_follows_from_the_curves():
    market = mc.simulate_market(
        {"tv": known_tv(), "radio": MarketChannel(curve="exponential", mean_spend=8_000)}, seed=7
    )
    truth, spend = market.truth, market.table.spend
    assert truth.half_saturation[0] == pytest.approx(40_000, rel=1e-9)
    assert truth.inflection[0] == pytest.approx(40_000 * (1.2 / 3.2) ** (1 / 2.2), rel=1e-12)
    assert truth.inflection[1] == 0.0
    step = 1e-3
    slope = (
        hill_by_hand(30_000 + step, 900, 40_000, 2.2) - hill_by_hand(30_000 - step, 900, 40_000, 2.2)
    ) / (2 * step)
    assert truth.marginal[0] == pytest.approx(slope, rel=1e-6)
    assert truth.roi == pytest.approx(truth.contributions.sum(axis=0) / spend.sum(axis=0))
    assert truth.curves.current == pytest.approx(spend.mean(axis=0))
    assert truth.curves.spend_range == pytest.approx(np.stack([spend.min(axis=0), spend.max(axis=0)], axis=1))


def test_contribution_and_top_say_the_same_thing_once():
    market = mc.simulate_market({"tv": MarketChannel(contribution=0.25)}, baseline=800.0, seed=1)
    assert market.truth.contributions.mean() == pytest.approx(200.0, rel=1e-9)
    with pytest.raises(InputError, match="Channel 'tv' has both a top and a contribution"):
        mc.simulate_market({"tv": known_tv(contribution=0.2)})


def test_the_grid_plan_is_the_best_of_all_plans_on_its_grid():
    known = mc.response_from(
        {"a": ("hill", {"top": 10, "half": 4, "slope": 3}), "b": ("hill", {"top": 6, "half": 2, "slope": 2}),
         "c": ("michaelis_menten", {"top": 3, "half": 1})}
    )  # fmt: skip
    steps, budget = 24, 9.0
    plan, value = grid_plan(known, budget, steps=steps)
    unit = budget / steps
    every = [
        (i * unit, j * unit, k * unit) for i in range(25) for j in range(25 - i) for k in range(25 - i - j)
    ]
    a, b, c = np.array(every).T
    worth = hill_by_hand(a, 10, 4, 3) + hill_by_hand(b, 6, 2, 2) + hill_by_hand(c, 3, 1, 1)
    assert value == pytest.approx(worth.max(), rel=1e-12)
    assert plan.tolist() == pytest.approx(list(every[int(np.argmax(worth))]))
    assert grid_plan(known, budget, steps=steps - 1)[1] < worth.max()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"channels": ["tv", "tv"]}, "channels must be one or more different names"),
        ({"channels": 0}, r"channels must be in \[1"),
        ({"curve": "hil"}, "no curve called 'hil'. Did you mean 'hill'"),
        (
            {"curve": ("hill", {"half": 3, "slop": 2})},
            "parameter of the curve hill called 'slop'. Did you mean 'slope'",
        ),
        ({"carryover": "geometrc"}, "no carryover called 'geometrc'"),
        ({"carryover": ("geometric", {"dcay": 0.2})}, "parameter of the carryover geometric called 'dcay'"),
        ({"zero_weeks": {"tvv": 0.2}}, r"channel \(zero_weeks\) called 'tvv'. Did you mean 'tv'"),
        ({"zero_weeks": 1.0}, r"zero_weeks of 'tv' must be in \[0, 0.99\], got 1"),
        ({"narrow": ["radio"]}, r"channel \(narrow\) called 'radio'"),
        ({"confounding": 0.5, "trend": 0.0, "season": 0.0}, "confounding needs a demand that changes"),
        ({"correlation": -0.2}, r"correlation must be in \[0, 0.999\]"),
        ({"start": "soon"}, "start must be a date like '2023-01-02', got 'soon'"),
        ({"holidays": ["Easter"]}, "holidays must be dates like '2023-12-25', got 'Easter'"),
        ({"every": "fortnight"}, "no period called 'fortnight'"),
        ({"baseline": 0.0}, "baseline must be in"),
        ({"groups": {}}, "groups must name at least one group"),
        ({"trend": {}}, "trend needs at least one corner"),
    ],
)
def test_a_wrong_argument_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        mc.simulate_market(**({"channels": 2} | arguments))


@pytest.mark.parametrize("seed", range(6))
def test_the_truths_plan_and_the_proven_optimum_agree_to_the_grid(seed):
    truth = mc.simulate_market(5, seed=seed).truth
    plan = mc.allocate(truth.curves, budget=float(truth.curves.current.sum()))
    assert plan.status == "optimal"
    assert truth.optimal_value <= plan.upper_bound * (1 + 1e-12)
    assert truth.optimal_value == pytest.approx(plan.value, rel=2e-3)
