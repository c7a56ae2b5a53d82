"""Laws of the best plan."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc

S_SHAPED = ("hill", "logistic", "gompertz", "weibull", "richards")
ANY_SHAPE = (*S_SHAPED, "michaelis_menten", "exponential", "tanh", "power", "logarithm")
PROVEN = 1e-6


def hills(rows, **words):
    return mc.response_from(
        {f"channel {i}": ("hill", dict(zip(("top", "half", "slope"), row))) for i, row in enumerate(rows)},
        **words,
    )


@pytest.mark.parametrize("families", [("hill",), *[(f,) for f in S_SHAPED[1:]], ANY_SHAPE], ids="-".join)
def test_never_below_the_grid_optimum(families, portfolio, grid_value):
    rng = np.random.default_rng(1)
    for _ in range(12):
        fitted = portfolio(rng, int(rng.integers(2, 7)), families)
        budget = float(rng.uniform(0.3, 0.8)) * 5
        plan = mc.allocate(fitted, budget)
        best = grid_value(fitted, budget)
        assert plan.status == "optimal"
        assert plan.value >= best * (1 - PROVEN)
        assert plan.upper_bound >= best
        assert plan.value <= best * 1.02, "the grid is fine enough that far above it means an overspent plan"


def test_never_below_the_grid_optimum_within_bounds(portfolio, grid_value):
    rng = np.random.default_rng(2)
    for _ in range(12):
        fitted = portfolio(rng, 5, ANY_SHAPE)
        budget, cells = 4.0, 400
        lower = np.floor(rng.uniform(0, 0.15, 5) * cells) / cells * budget
        upper = lower + np.ceil(rng.uniform(0.05, 0.5, 5) * cells) / cells * budget
        bounds = {c: (lo, up) for c, lo, up in zip(fitted.channels, lower, upper)}
        plan = mc.allocate(fitted, budget, bounds=bounds)
        best = grid_value(fitted, budget, cells, lower - 1e-12, upper + 1e-12)
        assert plan.value >= best * (1 - PROVEN)
        assert all(bounds[c][0] - 1e-12 <= x <= bounds[c][1] + 1e-12 for c, x in plan.spend.items())


def test_the_grid_optimum_catches_an_equal_split(portfolio, grid_value, value_of):
    fitted = hills([(1.0, 1.0, 5.0)] * 4)
    assert value_of(fitted, np.full(4, 0.5)) < 0.2 * grid_value(fitted, 2.0)


def test_power_curves_follow_the_closed_form(plan_array):
    top, exponent = np.array([3.0, 1.0, 0.2, 8.0]), 0.6
    fitted = mc.response_from(
        {f"c{i}": ("power", {"top": t, "exponent": exponent}) for i, t in enumerate(top)}
    )
    weight = top ** (1 / (1 - exponent))
    np.testing.assert_allclose(
        plan_array(mc.allocate(fitted, 50.0)), 50.0 * weight / weight.sum(), rtol=1e-10
    )


@pytest.mark.parametrize("budget", [0.3, 2.0, 40.0])
def test_logarithms_follow_the_closed_form(budget, plan_array):
    top, scale = np.array([3.0, 1.0, 0.5, 2.0]), np.array([1.0, 2.0, 0.3, 5.0])
    fitted = mc.response_from(
        {f"c{i}": ("logarithm", {"top": t, "scale": s}) for i, (t, s) in enumerate(zip(top, scale))}
    )
    steepest = np.argsort(-top / scale)
    for count in range(1, 5):  # water-filling: top / price - scale on the funded channels
        funded = steepest[:count]
        price = top[funded].sum() / (budget + scale[funded].sum())
        if count == 4 or top[steepest[count]] / scale[steepest[count]] <= price:
            break
    plan = mc.allocate(fitted, budget)
    np.testing.assert_allclose(plan_array(plan), np.maximum(top / price - scale, 0.0), atol=1e-10 * budget)
    assert plan.shadow_price == pytest.approx(price, rel=1e-10)


def test_exponentials_follow_the_closed_form(plan_array):
    top, half, budget = np.array([3.0, 1.0, 0.5]), np.array([1.0, 2.0, 0.3]), 12.0
    fitted = mc.response_from(
        {f"c{i}": ("exponential", {"top": t, "half": h}) for i, (t, h) in enumerate(zip(top, half))}
    )
    tau = half / np.log(2)
    log_price = ((tau * np.log(top / tau)).sum() - budget) / tau.sum()
    np.testing.assert_allclose(
        plan_array(mc.allocate(fitted, budget)), tau * (np.log(top / tau) - log_price), rtol=1e-10
    )


@pytest.mark.parametrize(("budget", "funded"), [(1.0, 1), (2.0, 2), (3.9, 3), (6.0, 5)])
def test_alike_steep_channels_are_funded_one_by_one(budget, funded, plan_array):
    plan = mc.allocate(hills([(1.0, 1.0, 6.0)] * 7), budget)
    spend = np.sort(plan_array(plan))[::-1]
    by_count = {m: m * (budget / m) ** 6 / (1 + (budget / m) ** 6) for m in range(1, 8)}
    assert plan.status == "optimal"
    assert max(by_count, key=by_count.get) == funded
    np.testing.assert_allclose(spend, [budget / funded] * funded + [0.0] * (7 - funded), atol=1e-9)
    assert plan.value == pytest.approx(by_count[funded], rel=1e-12)


@pytest.mark.parametrize("count", [16, 30])
@pytest.mark.parametrize("share", [0.15, 0.27, 0.4])
@pytest.mark.parametrize("spread", [0.0, 1e-3])
def test_many_alike_channels_are_closed(count, share, spread):
    rng = np.random.default_rng(count)
    tops = 1 + spread * rng.uniform(-1, 1, count)
    fitted = hills([(t, 1.0, 5.0) for t in tops])
    plan = mc.allocate(fitted, share * 2 * count)
    assert plan.status == "optimal"
    assert plan.gap <= PROVEN
    assert mc.verify(plan, fitted).ok
    assert (
        mc.allocate(fitted, share * 2 * count, bounds=dict.fromkeys(fitted.channels, (0.05, 1.8))).gap
        <= PROVEN
    )


def test_value_never_falls_with_budget(portfolio):
    rng = np.random.default_rng(3)
    fitted = portfolio(rng, 6, ANY_SHAPE)
    values = [mc.allocate(fitted, b).value for b in np.geomspace(0.01, 1e4, 60)]
    assert np.all(np.diff(values) >= -PROVEN * np.array(values[1:]))


def test_tighter_bounds_never_help(portfolio):
    rng = np.random.default_rng(4)
    for _ in range(10):
        fitted = portfolio(rng, 6, S_SHAPED)
        wide = {
            c: (lo, lo + w)
            for c, lo, w in zip(fitted.channels, rng.uniform(0, 0.4, 6), rng.uniform(0.3, 3, 6))
        }
        tight = {c: (lo + 0.1 * (up - lo), up - 0.3 * (up - lo)) for c, (lo, up) in wide.items()}
        assert (
            mc.allocate(fitted, 5.0, bounds=tight).value <= mc.allocate(fitted, 5.0, bounds=wide).upper_bound
        )


def test_the_order_of_channels_changes_nothing(portfolio):
    rng = np.random.default_rng(5)
    for _ in range(8):
        fitted = portfolio(rng, 7, ANY_SHAPE)
        turned = {
            c: (fitted.curve[i], dict(zip(fitted.curve[i].names, fitted.draws[0, i])))
            for i, c in reversed(list(enumerate(fitted.channels)))
        }
        one, other = mc.allocate(fitted, 3.0), mc.allocate(mc.response_from(turned), 3.0)
        assert one.spend == pytest.approx(other.spend, abs=1e-8 * 3)
        assert one.value == pytest.approx(other.value, rel=1e-12)


def test_units_change_only_units(portfolio):
    rng = np.random.default_rng(6)
    for _ in range(8):
        fitted = portfolio(rng, 7, ANY_SHAPE)
        scaled = {}
        for i, c in enumerate(fitted.channels):
            curve = fitted.curve[i]
            values = dict(zip(curve.names, fitted.draws[0, i]))
            for p in curve.parameters:
                values[p.name] *= 1e6**p.spend_power
            scaled[c] = (curve, values | {"top": values["top"] * 1e-6})
        bounds = {"channel 2": (0.2, 1.0)}
        one = mc.allocate(fitted, 4.0, bounds=bounds)
        other = mc.allocate(mc.response_from(scaled), 4e6, bounds={"channel 2": (0.2e6, 1e6)})
        assert {c: x * 1e-6 for c, x in other.spend.items()} == pytest.approx(one.spend, abs=4e-8)
        assert other.value * 1e6 == pytest.approx(one.value, rel=1e-8)
        assert other.shadow_price * 1e12 == pytest.approx(one.shadow_price, rel=1e-8)


def test_no_random_plan_exceeds_the_bound(portfolio, value_of):
    rng = np.random.default_rng(7)
    fitted = portfolio(rng, 6, ANY_SHAPE)
    plan = mc.allocate(fitted, 4.0)
    shares = rng.dirichlet(np.full(6, 0.4), 10_000) * rng.beta(5, 0.3, (10_000, 1))
    assert value_of(fitted, 4.0 * shares).max() <= plan.upper_bound


@pytest.mark.parametrize("max_nodes", [1, 2, 3, 4, 7, 20])
def test_the_bound_holds_wherever_the_search_stops(max_nodes, portfolio):
    rng = np.random.default_rng(8)
    stopped = 0
    for _ in range(15):
        fitted = portfolio(rng, 7)
        best, early = mc.allocate(fitted, 4.0), mc.allocate(fitted, 4.0, max_nodes=max_nodes)
        assert early.upper_bound >= best.value
        assert early.nodes <= max(max_nodes, 1) + 1
        assert mc.verify(early, fitted).ok
        assert early.status == ("optimal" if early.gap <= PROVEN else "gap")
        stopped += early.status == "gap"
    assert stopped or max_nodes >= 4
    if early.status == "gap":
        assert "search stopped" in early.message


def test_never_worse_than_a_feasible_current_plan(portfolio, value_of):
    rng = np.random.default_rng(9)
    for _ in range(10):
        fitted = portfolio(rng, 6)
        best = mc.allocate(fitted, 4.0)
        nudged = {c: 0.999 * x for c, x in best.spend.items()}
        plan = mc.allocate(fitted, 4.0, current=nudged, max_nodes=1)
        assert plan.value >= plan.current_value
        assert plan.current_value == pytest.approx(
            value_of(fitted, [nudged[c] for c in fitted.channels]), rel=1e-12
        )
        assert plan.gain == plan.value - plan.current_value


def test_an_overspending_current_plan_is_scaled_and_said(portfolio):
    fitted = hills([(1.0, 1.0, 3.0), (2.0, 2.0, 3.0)], current={"channel 0": 6.0, "channel 1": 6.0})
    plan = mc.allocate(fitted, 2.0)
    assert plan.current == {"channel 0": 6.0, "channel 1": 6.0}
    assert plan.current_value > plan.value
    assert "The current plan spends 12, more than the budget of 2" in plan.message


def test_all_money_is_spent_unless_every_channel_is_full(portfolio):
    rng = np.random.default_rng(10)
    for _ in range(10):
        plan = mc.allocate(portfolio(rng, 6, ANY_SHAPE), 5.0)
        assert sum(plan.spend.values()) == pytest.approx(5.0, rel=1e-12)
        assert plan.unspent == 0.0
    full = mc.allocate(hills([(1.0, 1.0, 3.0)] * 2), 10.0, bounds={"channel 0": (0, 2), "channel 1": (1, 3)})
    assert full.spend == {"channel 0": 2.0, "channel 1": 3.0}
    assert full.unspent == 5.0
    assert full.shadow_price == 0.0
    assert full.binding == {"channel 0": "upper bound", "channel 1": "upper bound"}
    assert "every channel is at its upper bound" in full.message


def test_money_without_response_is_left_unspent_and_said():
    plan = mc.allocate(mc.response_from({"tv": ("exponential", {"top": 1.0, "half": 1.0})}), 1e6)
    assert plan.unspent > 9e5
    assert plan.value == 1.0
    assert plan.shadow_price == 0.0
    assert "no longer raises the response" in plan.message


def test_a_channel_without_effect_gets_no_more_than_its_lower_bound():
    fitted = mc.response_from(
        {
            "tv": ("hill", {"top": 1, "half": 1, "slope": 2}),
            "none": ("hill", {"top": 0, "half": 1, "slope": 2}),
        }
    )
    assert mc.allocate(fitted, 3.0).spend == {"tv": 3.0, "none": 0.0}
    held = mc.allocate(fitted, 3.0, bounds={"none": (1.0, 2.0)})
    assert held.spend == {"tv": 2.0, "none": 1.0}
    assert held.binding == {"tv": "", "none": "lower bound"}
    nothing = mc.allocate(mc.response_from({"none": ("hill", {"top": 0, "half": 1, "slope": 2})}), 3.0)
    assert (nothing.value, nothing.upper_bound, nothing.gap, nothing.status) == (0.0, 0.0, 0.0, "optimal")


@pytest.mark.parametrize("budget", [0.0, 1e-9, 1e12])
def test_extreme_budgets(budget, portfolio):
    rng = np.random.default_rng(11)
    fitted = portfolio(rng, 5, ANY_SHAPE)
    plan = mc.allocate(fitted, budget)
    assert plan.status == "optimal"
    assert sum(plan.spend.values()) <= budget
    assert mc.verify(plan, fitted).ok


def test_the_shadow_price_is_the_slope_of_the_best_value(portfolio):
    rng = np.random.default_rng(12)
    for _ in range(8):
        fitted = portfolio(rng, 6, ANY_SHAPE)
        plan, more, less = (mc.allocate(fitted, 4.0 * f) for f in (1, 1 + 1e-4, 1 - 1e-4))
        assert less.shadow_price * 1.001 >= plan.shadow_price or plan.nodes > 1
        slope = (more.value - less.value) / 8e-4
        assert plan.shadow_price == pytest.approx(slope, rel=1e-2)


def test_straight_lines_fill_in_order_of_slope():
    lines = {f"c{i}": ("power", {"top": t, "exponent": 1.0}) for i, t in enumerate([1.0, 3.0, 2.0])}
    plan = mc.allocate(mc.response_from(lines), 5.0, bounds={"c1": (0, 2), "c2": (0, 2.5)})
    assert plan.spend == pytest.approx({"c0": 0.5, "c1": 2.0, "c2": 2.5}, abs=1e-12)
    assert plan.shadow_price == pytest.approx(1.0)


def test_a_curve_of_the_users_own():
    @mc.curve([mc.Parameter("half", unit="spend")])
    def squared_share(x, half, xp):
        """x² / (half² + x²)."""
        return x * x / (half * half + x * x)

    own = mc.response_from({f"c{i}": (squared_share, {"top": 1.0 + 0.1 * i, "half": 1.0}) for i in range(3)})
    same = mc.response_from(
        {f"c{i}": ("hill", {"top": 1.0 + 0.1 * i, "half": 1.0, "slope": 2.0}) for i in range(3)}
    )
    one, other = mc.allocate(own, 2.5), mc.allocate(same, 2.5)
    assert one.spend == pytest.approx(other.spend, abs=1e-8)
    assert mc.verify(one, own).ok


def test_intervals_come_from_resamples(portfolio):
    rng = np.random.default_rng(13)
    point = np.array([[[1.0, 1.0, 3.0], [2.0, 1.5, 2.0]]])
    many = point * np.exp(0.1 * rng.normal(size=(400, 2, 3)))
    fitted = mc.response_from(
        {
            "tv": ("hill", {"top": 1.0, "half": 1.0, "slope": 3.0}),
            "radio": ("hill", {"top": 2.0, "half": 1.5, "slope": 2.0}),
        },
        current={"tv": 1.0, "radio": 0.2},
        spend_range={"tv": (0.0, 1.1), "radio": (0.0, 50.0)},
    )
    with_resamples = type(fitted)(**{**vars(fitted), "resamples": many})
    plan = mc.allocate(with_resamples, 4.0, level=0.8, beyond_seen=True)
    spend, now = np.array([plan.spend["tv"], plan.spend["radio"]]), np.array([1.0, 0.2])
    values = (many[..., 0] / (1 + (many[..., 1] / spend) ** many[..., 2])).sum(axis=1)
    before = (many[..., 0] / (1 + (many[..., 1] / now) ** many[..., 2])).sum(axis=1)
    assert plan.value_interval == pytest.approx(tuple(np.quantile(values, [0.1, 0.9])))
    assert plan.gain_interval == pytest.approx(tuple(np.quantile(values - before, [0.1, 0.9])))
    assert plan.better_share == pytest.approx(np.mean(values > before))
    assert plan.level == 0.8
    assert plan.beyond_seen == ("tv",)
    alone = mc.allocate(fitted, 4.0)
    assert (alone.value_interval, alone.gain_interval, alone.better_share) == (None, None, None)


def test_thousands_of_channels(portfolio):
    rng = np.random.default_rng(14)
    rows = np.stack([np.exp(0.35 * rng.normal(size=3000)), np.ones(3000), rng.uniform(1.5, 5, 3000)], axis=1)
    plan = mc.allocate(hills(rows), 1500.0)
    assert plan.status == "optimal"
    assert sum(plan.spend.values()) == pytest.approx(1500.0, rel=1e-12)


def test_an_allocation_survives_a_file(tmp_path, portfolio):
    from mixcurve.foundations.results import load_result

    fitted = portfolio(np.random.default_rng(15), 5, ANY_SHAPE, current={"channel 0": 1.0})
    plan = mc.allocate(fitted, 4.0)
    back = load_result(plan.save(tmp_path / "plan.json"))
    assert back.to_dict() == plan.to_dict()
    assert mc.verify(back, fitted).ok
    assert list(plan.table.columns)[:3] == ["current", "plan", "change"]
