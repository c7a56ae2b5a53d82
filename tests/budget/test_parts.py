"""The parts of the solver, each against an independent account of the same thing."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.channels import channels_from
from mixcurve.budget.envelope import boxes_from, tangents
from mixcurve.budget.polish import polished, without_waste
from mixcurve.budget.prices import price_table
from mixcurve.budget.relaxation import relax
from mixcurve.budget.tree import chains_of
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fitted import marginal_draws, response_draws

ALL = tuple(sorted(mc.curves))
S_SHAPED = ("hill", "logistic", "gompertz", "weibull", "richards")


def sorted_channels(fitted):
    order = np.argsort([c.name for c in fitted.curve], kind="stable")
    names = [fitted.channels[i] for i in order]
    return order, channels_from(names, [fitted.curve[i] for i in order], fitted.draws[0][order])


def test_channels_agree_with_the_curves_one_by_one(portfolio):
    rng = np.random.default_rng(0)
    fitted = portfolio(rng, 15, ALL)
    order, channels = sorted_channels(fitted)
    spend = rng.uniform(0, 4, (3, 15)) * rng.integers(0, 2, (3, 15))
    value, slope = channels.marginal(spend[:, order])
    np.testing.assert_allclose(value, response_draws(fitted, spend)[0][:, order], rtol=1e-13, atol=1e-300)
    np.testing.assert_allclose(slope, marginal_draws(fitted, spend)[0][:, order], rtol=1e-13)
    np.testing.assert_array_equal(channels.value(spend), channels.second(spend)[0])
    places = np.array([0, 0, 4, 7, 7, 14])
    np.testing.assert_allclose(channels.at(places).value(spend[:, places]), channels.value(spend)[:, places])


def test_a_straight_line_counts_as_convex():
    line, bent = ((mc.curves["power"], e) for e in (1.0, 0.5))
    channels = channels_from(["a", "b"], [line[0], bent[0]], np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.5]]))
    assert channels.bend.tolist() == [np.inf, 0.0]


@pytest.mark.parametrize("family", S_SHAPED)
def test_tangents_agree_with_the_slow_ones(family, portfolio):
    rng = np.random.default_rng(1)
    fitted = portfolio(rng, 30, (family,))
    _, channels = sorted_channels(fitted)
    for share in (0.0, 0.3, 0.9, 1.5):
        lower = share * channels.bend
        slow = shape_of.tangent(family, lower, fitted.draws[0][:, : len(mc.curves[family].names)])
        np.testing.assert_allclose(
            tangents(channels, lower, np.full(30, 1e4)), np.minimum(slow, 1e4), rtol=1e-9
        )
    short = 1.05 * channels.bend + 1e-9
    assert np.all(tangents(channels, np.zeros(30), short) <= short)


@pytest.mark.parametrize("family", ALL)
def test_an_envelope_is_concave_and_nowhere_below_its_curve(family, portfolio):
    rng = np.random.default_rng(2)
    _, channels = sorted_channels(portfolio(rng, 20, (family,)))
    lower = rng.uniform(0, 1, 20) * rng.integers(0, 2, 20)
    upper = lower + np.exp(rng.uniform(-2, 3, 20))
    boxes = boxes_from(channels, lower[None], upper[None], tangents(channels, lower, upper)[None])
    x = lower + (upper - lower) * np.linspace(0, 1, 2001)[:, None]
    line = boxes.at_lower + np.where(np.isfinite(boxes.switch), boxes.switch, 0.0) * (x - lower)
    envelope = np.where(x < boxes.touch, line, channels.value(x))
    scale = channels.value(upper[None])
    assert np.all(envelope >= channels.value(x) - 1e-12 * scale)
    assert np.all(np.diff(envelope, n=2, axis=0) <= 1e-9 * scale)


def test_the_price_table_spends_more_at_lower_prices(portfolio):
    rng = np.random.default_rng(3)
    _, channels = sorted_channels(portfolio(rng, 12, ALL))
    table = price_table(channels, np.zeros(12), np.full(12, 6.0), 6.0)
    spend = table.spend(np.linspace(table.log_price[0] + 1, table.log_price[-1] - 1, 500))
    assert np.all(np.diff(spend, axis=0) >= -1e-12)
    assert np.all((spend > 0) & (spend <= 6.0 + 1e-12))


@pytest.mark.parametrize("total", [0.5, 3.0, 20.0])
def test_no_plan_in_a_box_exceeds_its_relaxation(total, portfolio):
    rng = np.random.default_rng(4)
    for _ in range(6):
        _, channels = sorted_channels(portfolio(rng, 6, ALL))
        lower = rng.uniform(0, total / 10, (5, 6))
        upper = lower + rng.uniform(0.1, 1.0, (5, 6)) * total
        table = price_table(channels, lower[0], upper[0], total)
        boxes = boxes_from(
            channels, lower, upper, np.array([tangents(channels, lo, np.full(6, 99.0)) for lo in lower])
        )
        found = relax(channels, table, boxes, total)
        assert np.all(found.bound >= found.value)
        assert np.all(found.spend.sum(axis=1) <= total * (1 + 1e-9))
        free = total - lower.sum(axis=1)
        for k in range(5):
            plans = np.minimum(lower[k] + free[k] * rng.dirichlet(np.full(6, 0.4), 2000), upper[k])
            assert channels.value(plans).sum(axis=1).max() <= found.bound[k]


def test_a_relaxation_of_concave_curves_is_exact(portfolio):
    rng = np.random.default_rng(5)
    for _ in range(10):
        _, channels = sorted_channels(
            portfolio(rng, 8, ("michaelis_menten", "exponential", "tanh", "logarithm"))
        )
        lower, upper = np.zeros((1, 8)), np.full((1, 8), 4.0)
        boxes = boxes_from(channels, lower, upper, lower)
        found = relax(channels, price_table(channels, lower[0], upper[0], 4.0), boxes, 4.0)
        assert found.bound[0] == pytest.approx(found.value[0], rel=1e-11)
        assert found.violation.max() == 0.0


def test_polishing_never_loses_and_ends_at_equal_slopes(portfolio):
    rng = np.random.default_rng(6)
    for _ in range(20):
        _, channels = sorted_channels(portfolio(rng, 6, ("michaelis_menten", "logarithm")))
        lower, upper = np.zeros(6), np.full(6, 4.0)
        start = 4.0 * rng.dirichlet(np.full(6, 5.0))
        end = polished(channels, start, lower, upper)
        assert end.sum() == pytest.approx(4.0, rel=1e-13)
        assert channels.value(end).sum() >= channels.value(start).sum() * (1 - 1e-15)
        slopes = channels.marginal(end)[1][(end > 0) & (end < 4.0)]
        assert np.ptp(slopes) <= 1e-10 * slopes.max()


def test_waste_is_what_changes_no_digit(portfolio):
    channels = channels_from(["tv"], [mc.curves["exponential"]], np.array([[5.0, 2.0]]))
    spend = np.array([1e5])
    kept = without_waste(channels, spend, np.zeros(1), 1e5)
    assert kept[0] < 200.0
    assert channels.value(kept)[0] == pytest.approx(channels.value(spend)[0], rel=1e-15)
    assert without_waste(channels, np.array([3.0]), np.zeros(1), 3.0)[0] == 3.0


def test_chains_hold_dominating_channels_of_one_shape():
    hill, weibull = mc.curves["hill"], mc.curves["weibull"]
    rows = np.array([[1.0, 1.0, 3.0], [2.0, 1.0, 3.0], [2.0, 1.0, 3.0], [3.0, 1.1, 3.0], [1.0, 1.0, 3.0]])
    channels = channels_from(list("abcde"), [hill] * 4 + [weibull], rows)
    lower, upper = np.zeros(5), np.full(5, 2.0)
    assert chains_of(channels, lower, upper) == [[1, 2, 0]]
    upper[0] = 3.0  # the weaker channel may spend what the stronger may not: no exchange
    assert chains_of(channels, lower, upper) == [[1, 2]]
