"""The best plans by measures of risk, against grids, random plans, closed cases and the verifier."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mixcurve.budget.model import PriceTiers, Row
from mixcurve.budget.objectives import BeatCurrent, CVaR, MeanMinusRisk, Quantile
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.proof.check import verify_model
from mixcurve.budget.risk.solve import solve_risk
from mixcurve.budget.solver import solve_model
from mixcurve.foundations.results import from_plain, to_plain

TOLERANCE = 1e-3
MEASURES = (CVaR(0.2), MeanMinusRisk(0.5, 0.2), Quantile(0.2), BeatCurrent())
TOTAL = 3.0


def judged(objective, totals, target, tail):
    """Return the objective of totals (plans × D)."""
    if isinstance(objective, CVaR):
        return tail(totals, objective.tail)
    if isinstance(objective, MeanMinusRisk):
        mean = totals.mean(axis=1)
        return mean - objective.aversion * (mean - tail(totals, objective.tail))
    if isinstance(objective, Quantile):
        reached = int(np.ceil((1.0 - objective.level) * totals.shape[1] - 1e-9))
        return np.sort(totals, axis=1)[:, -reached]
    return np.mean(totals > target, axis=1)


@pytest.mark.parametrize("objective", MEASURES, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize(("channels", "steps"), [(2, 150), (3, 40)])
def test_no_plan_of_a_grid_is_better(objective, channels, steps, model, drawn, totals, tail, grid):
    problem = model(drawn(np.random.default_rng(channels), 20, channels), total=TOTAL)
    current = np.full(channels, TOTAL / channels)
    found = solve_risk(problem, objective, current=current, tolerance=TOLERANCE, max_nodes=60)
    target = totals(problem, current)
    best = judged(objective, totals(problem, grid(TOTAL, channels, steps)), target, tail).max()
    own = judged(objective, totals(problem, found.amount), target, tail)[0]
    assert found.value == pytest.approx(own, rel=1e-12)
    assert found.amount.sum() <= TOTAL * (1 + 1e-12)
    assert best <= found.bound * (1 + 1e-12)
    assert found.value >= best * (1 - TOLERANCE)
    if isinstance(objective, CVaR | MeanMinusRisk):
        assert found.bound <= found.value * (1 + TOLERANCE)


@pytest.mark.parametrize("objective", MEASURES, ids=lambda m: type(m).__name__)
def test_bound_holds_wherever_the_search_stops(objective, model, drawn, totals, tail):
    rng = np.random.default_rng(5)
    problem = model(drawn(rng, 15, 4, spread=0.5), total=TOTAL)
    current = np.full(4, TOTAL / 4)
    plans = TOTAL * rng.dirichlet(np.full(4, 0.5), 20_000)
    best = judged(objective, totals(problem, plans), totals(problem, current), tail).max()
    for nodes in (1, 8):
        found = solve_risk(problem, objective, current=current, tolerance=1e-5, max_nodes=nodes)
        assert found.nodes <= nodes
        assert max(best, found.value) <= found.bound * (1 + 1e-12)
        verified = verify_model(ModelCertificate(problem, found, objective, current))
        assert verified.ok, verified.reasons


@pytest.mark.parametrize("objective", MEASURES, ids=lambda m: type(m).__name__)
def test_a_bound_that_claims_more_than_is_proven_is_caught(objective, model, drawn):
    problem = model(drawn(np.random.default_rng(6), 15, 3, spread=0.6), total=TOTAL)
    current = np.full(3, TOTAL / 3)
    found = solve_risk(problem, objective, current=current, max_nodes=3)
    forged = replace(found, bound=0.5 * found.value)
    assert not verify_model(ModelCertificate(problem, forged, objective, current)).ok
    if isinstance(objective, CVaR | MeanMinusRisk):
        other = replace(found, proof=replace(found.proof, weight=0.9 * found.proof.weight))
        assert not verify_model(ModelCertificate(problem, other, objective, current)).ok


def test_one_draw_is_the_plain_problem(model, drawn):
    problem = model(drawn(np.random.default_rng(7), 1, 4), total=TOTAL)
    plain = solve_model(problem, tolerance=1e-8, max_nodes=1_000)
    for objective in (CVaR(0.1), MeanMinusRisk(0.7), Quantile(0.3)):
        found = solve_risk(problem, objective, current=np.zeros(4), tolerance=1e-5)
        assert found.value == pytest.approx(plain.value, rel=2e-5)
        assert found.bound >= plain.value * (1 - 1e-12)


def test_the_whole_tail_is_the_mean(model, drawn):
    problem = model(drawn(np.random.default_rng(8), 30, 4), total=TOTAL)
    plain = solve_model(problem, tolerance=1e-8, max_nodes=1_000)
    for objective in (CVaR(1.0), MeanMinusRisk(0.0, 0.1)):
        found = solve_risk(problem, objective, current=np.zeros(4), tolerance=1e-5)
        assert found.value == pytest.approx(plain.value, rel=2e-5)
        assert found.bound >= plain.value * (1 - 1e-12)


def test_identical_draws_carry_no_risk(model, drawn):
    one = drawn(np.random.default_rng(9), 1, 3)
    problem = model(np.repeat(one, 12, axis=0), total=TOTAL)
    plain = solve_model(model(one, total=TOTAL), tolerance=1e-8, max_nodes=1_000)
    for objective in (CVaR(0.1), MeanMinusRisk(0.5), Quantile(0.25)):
        found = solve_risk(problem, objective, current=np.zeros(3), tolerance=1e-4, max_nodes=20)
        assert found.value == pytest.approx(plain.value, rel=1e-4)


def test_cvar_spreads_money_where_draws_disagree(model):
    """Either channel may be dead: the mean does not mind, the tail buys both. By symmetry the halves are alike."""
    draws = np.zeros((10, 2, 2))
    draws[:, :, 1] = 1.0
    draws[:5, 0, 0] = draws[5:, 1, 0] = 1.0
    draws[:5, 0, 0] = 1.2
    problem = model(draws, curve="michaelis_menten", total=2.0)
    mean = solve_risk(problem, CVaR(1.0), current=np.zeros(2), tolerance=1e-6)
    tail = solve_risk(problem, CVaR(0.1), current=np.zeros(2), tolerance=1e-6)
    # Each draw brings 1.2 x / (1 + x) or y / (1 + y): the worst of the two is best where they meet.
    split = np.linspace(0.0, 2.0, 200_001)
    best = np.minimum(1.2 * split / (1 + split), (2 - split) / (3 - split)).max()
    assert tail.value == pytest.approx(best, rel=1e-5)
    assert mean.amount[0] > tail.amount[0]
    assert tail.value > np.minimum(
        1.2 * mean.amount[0] / (1 + mean.amount[0]), mean.amount[1] / (1 + mean.amount[1])
    ) * (1 + 1e-3)


def test_a_channel_that_fails_together_with_the_rest_is_not_bought_for_the_tail(model):
    """The mean puts all on the risky channel; the worst draws never see it pay, so the tail leaves it alone."""
    draws = np.empty((20, 2, 3))
    draws[:, 0] = 2.0, 1.0, 3.0
    draws[:8, 0, 0] = 0.01
    draws[:, 1] = 1.0, 1.0, 3.0
    problem = model(draws, total=1.5)
    mean = solve_risk(problem, CVaR(1.0), current=np.zeros(2), tolerance=1e-6)
    tail = solve_risk(problem, CVaR(0.3), current=np.zeros(2), tolerance=1e-6)
    assert mean.amount[0] == pytest.approx(1.5, abs=1e-6)
    assert tail.amount[1] == pytest.approx(1.5, rel=1e-2)
    assert tail.value == pytest.approx(1.5**3 / (1 + 1.5**3), rel=1e-3)


@pytest.mark.parametrize("objective", [CVaR(0.2), Quantile(0.2)], ids=lambda m: type(m).__name__)
def test_order_of_channels_and_draws_does_not_matter(objective, model, drawn):
    rng = np.random.default_rng(11)
    draws = drawn(rng, 20, 3)
    other = draws[rng.permutation(20)][:, ::-1]
    values = [
        solve_risk(model(d, total=TOTAL), objective, current=np.zeros(3), tolerance=1e-4, max_nodes=150)
        for d in (draws, other)
    ]
    assert values[0].value == pytest.approx(values[1].value, rel=2e-4)
    assert values[0].bound >= values[1].value * (1 - 1e-12)
    assert values[1].bound >= values[0].value * (1 - 1e-12)


def test_starts_are_never_lost(model, drawn, totals, tail):
    rng = np.random.default_rng(12)
    problem = model(drawn(rng, 20, 4, spread=0.5), total=TOTAL)
    start = TOTAL * rng.dirichlet(np.ones(4))
    found = solve_risk(problem, CVaR(0.2), current=start, max_nodes=1, starts=[start])
    assert found.value >= tail(totals(problem, start), 0.2)[0]


def test_all_draws_beaten_is_proven_at_once(model, drawn):
    problem = model(drawn(np.random.default_rng(13), 20, 3), total=TOTAL)
    found = solve_risk(problem, BeatCurrent(), current=np.full(3, 0.01))
    assert (found.value, found.bound) == (1.0, 1.0)


def test_a_plan_that_no_draw_can_beat(model):
    """One channel and a current plan that spends more than the budget: no plan brings more, in any draw."""
    draws = np.tile(np.array([1.0, 1.0, 2.0]), (5, 1, 1))
    problem = model(draws, total=1.0)
    found = solve_risk(problem, BeatCurrent(), current=np.array([2.0]))
    assert (found.value, found.bound) == (0.0, 0.0)


def constrained(model, drawn, seed):
    """Return a model with a group, a least amount where on, set-up costs, a tie, and prices that rise."""
    rng = np.random.default_rng(seed)
    draws = drawn(rng, 20, 4)
    zeros, total = np.zeros(3), np.ones(3)
    rows = (
        Row("total", "total", total, np.zeros(4), zeros, TOTAL),
        Row("group", "most", np.array([1.0, 1.0, 0.0]), np.zeros(4), zeros, 1.8),
        Row("group", "least", np.array([-1.0, -1.0, 0.0]), np.zeros(4), zeros, -0.5),
        Row("channel 2", "roi", np.zeros(3), np.array([0.0, 0.0, -1.0, -1.0]), zeros, -0.1),
    )
    return model(
        draws,
        cell=np.array([0, 1, 2, 2]),
        share=np.array([1.0, 1.0, 0.4, 0.6]),
        lower=np.array([0.4, 0.0, 0.0]),
        upper=np.full(3, TOTAL),
        optional=np.array([True, False, False]),
        setup=np.array([0.0, 0.2, 0.0]),
        rows=rows,
        prices={"channel 0": PriceTiers(np.array([0.0, 1.0]), np.array([1.0, 1.5]))},
    )


@pytest.mark.parametrize("objective", [CVaR(0.2), Quantile(0.2)], ids=lambda m: type(m).__name__)
def test_rows_setup_ties_and_tiers(objective, model, drawn):
    problem = constrained(model, drawn, 14)
    found = solve_risk(problem, objective, current=np.zeros(4), max_nodes=60)
    assert found.value > 0
    verified = verify_model(ModelCertificate(problem, found, objective, np.zeros(3)))
    assert verified.ok, verified.reasons
    amounts = grid_of_cells(problem)
    mine = problem.money(amounts)
    spend = problem.spend(amounts)
    volume = spend.copy()
    volume[:, 0] = problem.prices["channel 0"].volume(spend[:, 0])
    by_draw = np.zeros((len(amounts), 20, 4))
    for c, curve in enumerate(problem.curve):
        top, half, slope = problem.draws[:, c].T
        with np.errstate(divide="ignore"):
            by_draw[:, :, c] = top * curve.unit(volume[:, c, None], (half, slope))
    mean = by_draw.mean(axis=1)
    kept = np.all([mine @ r.money + mean @ r.response <= r.limit + 1e-12 for r in problem.rows], axis=0)
    ordered = np.sort(by_draw.sum(axis=2)[kept], axis=1)
    best = (ordered[:, :4].mean(axis=1) if isinstance(objective, CVaR) else ordered[:, 4]).max()
    assert best <= found.bound * (1 + 1e-12)
    assert found.value >= best * (1 - 2e-3)


def grid_of_cells(problem):
    """Return amounts on a grid that keep the bounds of the cells."""
    axes = [
        np.concatenate([[0.0], np.linspace(low, high, 40)])
        for low, high in zip(problem.lower.tolist(), problem.upper.tolist(), strict=True)
    ]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, problem.cells)


def test_money_is_charged_where_the_model_does(model, drawn, totals, tail, grid):
    problem = model(drawn(np.random.default_rng(15), 20, 2), total=TOTAL, money_cost=0.25)
    found = solve_risk(problem, CVaR(0.2), current=np.zeros(2))
    best = tail(totals(problem, grid(TOTAL, 2, 200)), 0.2).max()
    assert best <= found.bound
    assert found.value >= best * (1 - TOLERANCE)


def test_rows_that_leave_no_plan_are_told(model, drawn):
    zeros = np.zeros(2)
    rows = (
        Row("total", "total", np.ones(2), zeros, zeros, 1.0),
        Row("group", "least", np.array([-1.0, -1.0]), zeros, zeros, -2.0),
    )
    problem = model(drawn(np.random.default_rng(16), 10, 2), rows=rows)
    found = solve_risk(problem, CVaR(0.2), current=zeros, max_nodes=5)
    assert np.isnan(found.amount).all()
    assert found.value == -np.inf


def test_result_goes_through_json(model, drawn):
    problem = model(drawn(np.random.default_rng(17), 10, 2), total=TOTAL)
    found = solve_risk(problem, CVaR(0.2), current=np.zeros(2))
    again = from_plain(to_plain(found))
    assert again.bound == found.bound
    assert np.array_equal(again.proof.weight, found.proof.weight)


def awkward(model, drawn, case):
    """Return a model at an edge of what is allowed."""
    draws = drawn(np.random.default_rng(18), 12, 3)
    if case == "no budget":
        return model(draws, total=0.0)
    if case == "no response":
        return model(draws * np.array([0.0, 1.0, 1.0]), total=2.0)
    if case == "all locked":
        return model(draws, total=2.0, lower=np.full(3, 0.5), upper=np.full(3, 0.5))
    if case == "large units":
        return model(draws * np.array([1e6, 1e5, 1.0]), total=2e5)
    if case == "nothing pays":
        return model(draws, total=2.0, money_cost=9.0)
    zeros = np.zeros(3)
    rows = (
        Row("total", "total", np.ones(3), zeros, zeros, 2.0),
        Row("all", "count", zeros, zeros, np.ones(3), 1.0),
    )
    return model(draws, rows=rows, upper=np.full(3, 2.0))


@pytest.mark.parametrize(
    "case", ["no budget", "no response", "all locked", "large units", "nothing pays", "count"]
)
def test_edges(case, model, drawn):
    problem = awkward(model, drawn, case)
    for objective in MEASURES:
        current = problem.upper / 3
        found = solve_risk(problem, objective, current=current, max_nodes=15)
        assert np.all((found.amount >= problem.lower) & (found.amount <= problem.upper))
        assert -np.inf < found.value <= found.bound < np.inf
        if case == "count":
            assert np.count_nonzero(found.amount) <= 1
        if case == "nothing pays" and not isinstance(objective, BeatCurrent):
            assert found.value == pytest.approx(0.0, abs=1e-12)
