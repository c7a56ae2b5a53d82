"""What the model expects of an experiment, by an independent computation; the three languages; every refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.experiments.parts import experiment_parts
from mixcurve.response.bayes.mix import mix_model
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.result.recover import recover
from mixcurve.response.bayes.varying.effect import VaryingEffect
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.carryover import lagged, weights
from mixcurve.tables.experiments import CostTarget, LiftTest
from mixcurve.tables.table import SpendTable

DAY = np.timedelta64(1, "D")


def expected(model: MixModel, draws: Any, part: int = 0) -> Any:
    xp = DrawVectors()
    position = xp.position(np.atleast_2d(draws))
    return model.parts[part].expected(xp, model, position, model.channels(xp, position)).values  # type: ignore[attr-defined]


def contribution(model: MixModel, draw: Any, channel: str, spend: Any) -> Any:
    """Return what a channel brings in each row for its spend in money, from its natural parameters alone."""
    problem = model.problem
    c, groups, length = problem.channels.index(channel), len(problem.groups), problem.mix.basis.lags.shape[1]
    found = recover(model, draw[None], np.random.default_rng(0))
    curve, kernel = problem.options.curve[c], problem.options.kernel[c]
    share = weights(kernel, found.carryover[0, c, : len(kernel.parameters)].tolist(), length)
    out = np.empty(problem.rows)
    for g, b in enumerate(problem.linear.blocks):
        p = found.parameters[0, c * groups + g]
        shape = p[1 : 1 + len(curve.parameters)].tolist()
        if problem.options.order == "carryover first":
            out[b] = p[0] * curve.unit(lagged(spend[b], length) @ share, shape)
        else:
            out[b] = p[0] * (lagged(curve.unit(spend[b], shape), length) @ share)
    return out


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"order": "saturation first"},
        {"curve": {"tv": "logistic", "search": "hill"}, "carryover": {"tv": "weibull_pdf", "search": "none"}},
    ],
)
def test_a_lift_is_the_difference_of_two_markets(
    table: SpendTable, lift: Callable[..., LiftTest], with_experiments: Any, words: dict[str, Any]
) -> None:
    counted = lift(name="counted on", until=str(table.dates[30] + 6 * DAY))
    more = lift(name="more", share=None, spend_change=float(table.spend[20:26, 0].sum()))
    other = LiftTest("search", str(table.dates[60]), str(table.dates[61] + 6 * DAY), 900, 300, share="-40%")
    model = with_experiments(mix_model(table, season=0, **words), lift(), counted, more, other)
    draw = 0.4 * np.random.default_rng(5).standard_normal(model.space.dimensions)
    tv, search = table.spend.T
    window = (np.arange(table.n_rows) >= 20) & (np.arange(table.n_rows) <= 25)
    now, off = contribution(model, draw, "tv", tv), contribution(model, draw, "tv", np.where(window, 0.0, tv))
    twice = contribution(model, draw, "tv", np.where(window, 2.0 * tv, tv))
    late = (np.arange(table.n_rows) >= 60) & (np.arange(table.n_rows) <= 61)
    less = contribution(model, draw, "search", np.where(late, 0.6 * search, search))
    wanted = [
        (now - off)[20:26].sum(), (now - off)[20:31].sum(), (twice - now)[20:26].sum(),
        (contribution(model, draw, "search", search) - less)[60:62].sum(),
    ]  # fmt: skip
    assert expected(model, draw)[0] == pytest.approx(wanted, rel=1e-9)
    if model.problem.options.kernel[0].name != "none":
        assert wanted[1] > wanted[0]


def test_a_test_in_the_first_rows_stands_on_what_ran_before_them(
    grouped: SpendTable, with_experiments: Any
) -> None:
    """The same as in a table with those rows put in front of each group, in both worlds."""
    days = (str(grouped.dates[3]), str(grouped.dates[4] + 6 * DAY))
    early = [LiftTest("tv", *days, 3000, 900, share="-100%", groups=g) for g in ("north", "south")]
    steady, none = (
        with_experiments(mix_model(grouped, season=0, before=b), *early) for b in ("steady", "none")
    )
    draw = 0.3 * np.random.default_rng(5).standard_normal(steady.space.dimensions)
    length, tv = steady.problem.mix.basis.lags.shape[1], grouped.spend_of("tv")
    found = recover(steady, draw[None], np.random.default_rng(0))
    share = weights("geometric", found.carryover[0, 0].tolist(), length)
    for g, b in enumerate(steady.problem.linear.blocks):
        top, half, slope = found.parameters[0, g]
        ran = np.full(length, tv[b][: length // 3].mean())

        def brought(spend: Any, ran: Any = ran, cell: Any = (top, half, slope)) -> Any:
            carried = (lagged(np.concatenate([ran, spend]), length) @ share)[length:]
            return cell[0] / (1.0 + (cell[1] / carried) ** cell[2])

        off = np.where(np.isin(np.arange(len(tv[b])), [3, 4]), 0.0, tv[b])
        wanted = (brought(tv[b]) - brought(off))[3:5].sum()
        assert expected(steady, draw)[0, g] == pytest.approx(wanted, rel=1e-8)
        assert expected(none, draw)[0, g] != pytest.approx(wanted, rel=1e-3)


def test_groups_are_tested_one_by_one_or_together(grouped: SpendTable, with_experiments: Any) -> None:
    days = (str(grouped.dates[10]), str(grouped.dates[13] + 6 * DAY))
    tests = [
        LiftTest("tv", *days, 3000, 900, share="-50%", groups=g)
        for g in ("north", "south", ("north", "south"))
    ]
    whole = LiftTest("tv", *days, 3000, 900, share="-50%", name="all")
    model = with_experiments(mix_model(grouped, season=0), *tests, whole)
    draw = 0.3 * np.random.default_rng(5).standard_normal(model.space.dimensions)
    north, south, both, everywhere = expected(model, draw)[0]
    tv = grouped.spend_of("tv")
    inside = np.isin(grouped.dates, grouped.dates[10:14]) & (np.array(grouped.groups) == "south")
    gone = contribution(model, draw, "tv", np.where(inside, 0.5 * tv, tv))
    assert south == pytest.approx((contribution(model, draw, "tv", tv) - gone)[inside].sum(), rel=1e-9)
    assert north + south == pytest.approx(both, rel=1e-9)
    assert everywhere == both


def test_a_test_without_spend_in_the_table_is_spread_evenly(table: SpendTable, with_experiments: Any) -> None:
    spend = table.spend.copy()
    spend[40:44, 0] = 0.0
    dark = replace(table, spend=spend)
    test = LiftTest("tv", str(table.dates[40]), str(table.dates[43] + 6 * DAY), 2000, 500, spend_to=80_000)
    model = with_experiments(mix_model(dark, season=0), test)
    draw = np.zeros(model.space.dimensions)
    other = spend[:, 0].copy()
    other[40:44] = 20_000
    wanted = contribution(model, draw, "tv", other) - contribution(model, draw, "tv", spend[:, 0])
    assert expected(model, draw)[0, 0] == pytest.approx(wanted[40:44].sum(), rel=1e-9)


def test_a_week_that_is_tested_in_part_changes_in_part(
    table: SpendTable, lift: Callable[..., LiftTest], with_experiments: Any
) -> None:
    model = with_experiments(
        mix_model(table, season=0, carryover="none"),
        lift(start=str(table.dates[25]), end=str(table.dates[25] + 2 * DAY)),
    )
    draw = np.zeros(model.space.dimensions)
    tv = table.spend[:, 0]
    other = np.where(np.arange(table.n_rows) == 25, tv * (1 - 3 / 7), tv)
    wanted = contribution(model, draw, "tv", tv) - contribution(model, draw, "tv", other)
    assert expected(model, draw)[0, 0] == pytest.approx(wanted.sum(), rel=1e-9)


def test_an_effect_that_varies_scales_the_lift(
    table: SpendTable, lift: Callable[..., LiftTest], with_experiments: Any
) -> None:
    plain = with_experiments(mix_model(table, season=0, carryover="none"), lift())
    varying = replace(plain, parts=(VaryingEffect(), *plain.parts))
    draw = 0.5 * np.random.default_rng(2).standard_normal(varying.space.dimensions)
    tv = table.spend[:, 0]
    base = contribution(plain, draw[: plain.space.dimensions], "tv", tv)
    factor = VaryingEffect().factors(varying, draw[None])[0, 0]
    assert expected(varying, draw, 1)[0, 0] == pytest.approx((base * factor)[20:26].sum(), rel=1e-6)


def test_a_cost_is_spend_over_contribution(table: SpendTable, with_experiments: Any) -> None:
    days = (str(table.dates[10]), str(table.dates[29] + 6 * DAY))
    targets = (CostTarget("tv", 3, 1), CostTarget("search", 3, 1, start=days[0], end=days[1]))
    model = with_experiments(mix_model(table, season=0), *targets)
    draw = 0.3 * np.random.default_rng(5).standard_normal(model.space.dimensions)
    tv, search = (contribution(model, draw, c, table.spend_of(c)) for c in ("tv", "search"))
    wanted = [table.spend[:, 0].sum() / tv.sum(), table.spend[10:30, 1].sum() / search[10:30].sum()]
    assert np.exp(expected(model, draw)[0]) == pytest.approx(wanted)


@pytest.mark.parametrize("order", ["carryover first", "saturation first"])
def test_tape_numpy_and_pytensor_say_the_same_and_the_gradient_is_exact(
    table: SpendTable, lift: Callable[..., LiftTest], with_experiments: Any, density_of: Any, order: str
) -> None:
    import pytensor
    import pytensor.tensor as pt

    from mixcurve.response.bayes.vectors.symbolic import SymbolicVectors

    model = with_experiments(
        mix_model(table, season=0, order=order, carryover={"tv": "geometric", "search": "none"}),
        lift(),
        CostTarget("search", 3, 1),
    )
    density, size = density_of(model), model.space.dimensions
    x = 0.4 * np.random.default_rng(0).standard_normal(size)
    value, slope = density(x)
    value, slope = float(value), slope.copy()
    numeric = [(density(x + 1e-6 * e)[0] - density(x - 1e-6 * e)[0]) / 2e-6 for e in np.eye(size)]
    assert slope == pytest.approx(numeric, rel=1e-5, abs=1e-4)
    xp = DrawVectors()
    assert model.log_density(xp, xp.position(x)).values[0, 0] == pytest.approx(value, rel=1e-12)
    symbolic, z = SymbolicVectors(), pt.vector("z")
    graph = model.log_density(symbolic, symbolic.position(z, size)).variable
    assert pytensor.function([z], graph, mode="FAST_COMPILE")(x)[0] == pytest.approx(value, rel=1e-10)


def test_the_curvature_of_a_lift_adds_its_precision(
    model: MixModel, lift: Callable[..., LiftTest], with_experiments: Any, density_of: Any
) -> None:
    """At a point where test and model agree, Hessians differ by the outer product of the lift's slope over error²,
    so that by Sherman and Morrison the precision of the lift grows by exactly 1 / error²."""
    with_one = with_experiments(model, lift(response=1.0))
    x = 0.1 * np.random.default_rng(1).standard_normal(model.space.dimensions)
    test = lift(response=float(expected(with_one, x)[0, 0]))
    step = 1e-4 * np.eye(len(x))

    def curvature(one: MixModel) -> Any:
        density = density_of(one)
        rows = [(density(x + e)[1].copy() - density(x - e)[1].copy()) / 2e-4 for e in step]
        return -0.5 * (np.array(rows) + np.array(rows).T)

    slope = np.array([(expected(with_one, x + e) - expected(with_one, x - e))[0, 0] / 2e-4 for e in step])
    plain, tested = curvature(model), curvature(with_experiments(model, test))
    precision = [1.0 / (slope @ np.linalg.solve(h, slope)) for h in (plain, tested)]
    assert precision[1] - precision[0] == pytest.approx(1.0 / test.standard_error**2, rel=1e-4)
    wrong = curvature(with_experiments(model, lift(response=test.response, error=2.0 * test.standard_error)))
    assert 1.0 / (slope @ np.linalg.solve(wrong, slope)) - precision[0] != pytest.approx(
        1.0 / test.standard_error**2, rel=0.1
    )


def refusal(model: MixModel, *experiments: Any) -> str:
    with pytest.raises(InputError) as caught:
        experiment_parts(model.problem, experiments)
    return str(caught.value)


def test_what_does_not_fit_the_table_is_refused(
    table: SpendTable, grouped: SpendTable, model: MixModel, lift: Callable[..., LiftTest]
) -> None:
    last = str(table.dates[-1] + 30 * DAY)
    name = lift().name
    assert refusal(model, lift(channel="tvs")).endswith(
        "There is no channel called 'tvs'. Did you mean 'tv'? Known: tv, search."
    )
    assert f"the test runs from {lift().start} to {last}, but the table holds {table.dates[0]} to" in refusal(
        model, lift(end=last)
    )
    assert "the test names groups (north), but the table has none." in refusal(model, lift(groups="north"))
    assert "There is no group called 'nort'. Did you mean 'north'? Known: north, south." in refusal(
        mix_model(grouped, season=0),
        LiftTest("tv", "2023-03-06", "2023-03-12", 3000, 900, spend_to=0, groups="nort"),
    )
    spent = float(table.spend[20:26, 0].sum())
    assert (
        f"{name}: the other spend must not be negative, but a change of {-2 * spent:,.6g} beside"
        in refusal(model, lift(share=None, spend_change=-2 * spent))
    )
    assert "is what the table holds for these days, so nothing was tested." in refusal(
        model, lift(share=None, spend_to=spent)
    )
    assert "times the whole response in these days" in refusal(
        model, lift(response=1000 * lift().response, error=1000 * lift().error)
    )
    assert "which no test reaches. Give response and error in the unit of response in the table." in refusal(
        model, lift(response=lift().response / 1000, error=lift().error / 1000)
    )
    assert f"2 experiments are called '{name}'. Give each a name of its own" in refusal(model, lift(), lift())
    assert "experiments must be a list of LiftTest, CostTarget or PreviousPosterior, got 3." in refusal(
        model, 3
    )


def test_costs_that_do_not_fit_are_refused(table: SpendTable) -> None:
    spend = table.spend.copy()
    spend[40:44, 0] = 0.0
    model = mix_model(replace(table, spend=spend), season=0)
    days = {"start": str(table.dates[40]), "end": str(table.dates[43] + 6 * DAY)}
    assert "tv spent nothing in these days, so its outcomes have no cost there." in refusal(
        model, CostTarget("tv", 3, 1, **days)
    )
    assert "at 0.001 each, the" in refusal(model, CostTarget("tv", 0.001, 0.0001))
    assert "at 1e+06 each, the" in refusal(model, CostTarget("tv", 1e6, 1e5))
    assert "the target runs from 2001-01-01 to" in refusal(model, CostTarget("tv", 3, 1, start="2001-01-01"))
