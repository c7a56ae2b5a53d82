"""A posterior adds up, covers the truth, is taken as any fit is, and comes back from its files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.response.bayes.build import mix_model
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.carryover import apply_carryover, carryover
from mixcurve.response.fitted import Fitted
from mixcurve.response.market import Market
from mixcurve.tables.table import SpendTable

QUICK: dict[str, Any] = {"season": 1, "quick": True, "draws": 300, "checks": False, "seed": 1}


def flat(posterior: MixPosterior, name: str) -> np.ndarray:
    values = posterior.variables[name]
    return values.reshape(-1, *values.shape[2:])


def test_it_is_a_fit_of_a_mix(posterior: MixPosterior) -> None:
    assert isinstance(posterior, mc.MixFit)
    assert isinstance(posterior, Fitted)
    assert posterior.channels == ("tv", "search")
    assert posterior.pareto_k < 0.7
    assert posterior.gates


def test_contributions_baseline_and_residual_are_the_response(
    posterior: MixPosterior, market: Market
) -> None:
    total = posterior.contributions.sum(axis=1) + posterior.baseline + posterior.residual
    np.testing.assert_allclose(total, market.table.response, rtol=1e-12)
    np.testing.assert_allclose(posterior.baseline_parts.sum(axis=1), posterior.baseline, rtol=1e-12)
    drawn = flat(posterior, "contribution").mean(axis=0)
    np.testing.assert_allclose(posterior.contributions.sum(axis=0), drawn, rtol=1e-6)


def test_roi_is_contribution_over_spend_and_covers_the_truth(posterior: MixPosterior, market: Market) -> None:
    roi = flat(posterior, "roi")
    spent = market.table.spend.sum(axis=0)
    np.testing.assert_allclose(roi, flat(posterior, "contribution") / spent, rtol=1e-12)
    low, high = np.quantile(roi, [0.01, 0.99], axis=0)
    truth = market.truth.contributions.sum(axis=0) / spent
    assert ((low < truth) & (truth < high)).all()
    assert not ((low < 4.0 * truth) & (4.0 * truth < high)).any()


def test_each_draw_of_the_curve_makes_its_contribution(posterior: MixPosterior, market: Market) -> None:
    length = posterior.carryover_length
    for draw in (0, 150, 299):
        decay = flat(posterior, "decay")[draw]
        for c in range(2):
            carried = apply_carryover(market.table.spend[:, c], "geometric", [decay[c]], length=length)
            top, half, slope = (flat(posterior, n)[draw, c] for n in ("top", "half", "slope"))
            response = mc.curves["hill"](carried, top=top, half=half, slope=slope)
            assert response.sum() == pytest.approx(flat(posterior, "contribution")[draw, c], rel=1e-6)


def test_budgets_and_plots_take_it_unchanged(posterior: MixPosterior) -> None:
    budget = float(posterior.current.sum())
    plan = mc.allocate(posterior, budget)
    assert sum(plan.spend.values()) == pytest.approx(budget, rel=1e-6)
    axes = mc.plot_curve(posterior, "tv", plan=plan)
    assert axes.lines
    import matplotlib.pyplot as plt

    plt.close(axes.figure)


def test_the_report_takes_it_unchanged(posterior: MixPosterior, market: Market) -> None:
    pytest.importorskip("typst")
    assert mc.spend_report(market.table, posterior, client="Example") is not None


@pytest.mark.parametrize("ending", [".nc", ".zarr", ".json"])
def test_it_comes_back_from_its_file(posterior: MixPosterior, tmp_path: Path, ending: str) -> None:
    if ending == ".nc":
        pytest.importorskip("h5netcdf")
    if ending == ".zarr":
        pytest.importorskip("zarr")
    path = posterior.save(tmp_path / f"posterior{ending}")
    again = load_result(path) if ending == ".json" else mc.load_posterior(path)
    assert isinstance(again, MixPosterior)
    np.testing.assert_array_equal(again.positions, posterior.positions)
    np.testing.assert_array_equal(again.log_likelihood, posterior.log_likelihood)
    assert again.variables.keys() == posterior.variables.keys()
    for name, values in posterior.variables.items():
        np.testing.assert_array_equal(again.variables[name], values)
    assert again.to_dict() == posterior.to_dict()


def rows_of(table: SpendTable, rows: Any) -> SpendTable:
    return replace(
        table, dates=table.dates[rows], spend=table.spend[rows], response=table.response[rows],
        controls=table.controls[rows], groups=None if table.groups is None else tuple(np.array(table.groups)[rows]),
    )  # fmt: skip


def test_forecasts_are_of_the_posterior(market: Market) -> None:
    first, last = (rows_of(market.table, rows) for rows in (slice(0, 92), slice(92, 104)))
    found = mc.sample_mix(first, **QUICK)
    mean, draws = mc.predict_mix(found, last)
    assert draws.shape[1] == 12
    low, high = np.quantile(draws, [0.005, 0.995], axis=0)
    assert ((low < last.response) & (last.response < high)).mean() > 0.8
    np.testing.assert_allclose(mean, draws.mean(axis=0), rtol=0.1)


def test_forecasts_of_groups_are_of_each_groups_curve() -> None:
    """What spend adds to the forecast is what each group's curve says of spend carried over from the last rows."""
    table = mc.simulate_market(
        ["tv", "search"], periods=80, groups={"north": 1.6, "south": 0.4}, noise=0.03, seed=4
    ).table
    early = table.dates < np.unique(table.dates)[70]
    first, last = rows_of(table, early), rows_of(table, ~early)
    found = mc.sample_mix(first, **QUICK)
    mean, draws = mc.predict_mix(found, last)
    assert draws.shape == (len(found.draws), 20)
    low, high = np.quantile(draws, [0.005, 0.995], axis=0)
    assert ((low < last.response) & (last.response < high)).mean() > 0.8
    np.testing.assert_allclose(mean, draws.mean(axis=0), rtol=0.1)
    without = mc.predict_mix(found, replace(last, spend=0.0 * last.spend))[1]
    decay = found.state.carryover[1:, :, 0]
    for g, group in enumerate(("north", "south")):
        before, after = (t.spend[np.array(t.groups) == group] for t in (first, last))
        for r in (0, 100):
            added = np.zeros(10)
            for c in range(2):
                for spend, sign in ((after, 1.0), (0.0 * after, -1.0)):
                    whole = np.concatenate([before[:, c], spend[:, c]])
                    carried = apply_carryover(
                        whole, "geometric", [decay[r, c]], length=found.carryover_length
                    )
                    added += sign * mc.curves["hill"](
                        carried[-10:],
                        **dict(zip(("top", "half", "slope"), found.draws[r, 2 * g + c], strict=True)),
                    )
            rows = np.array(last.groups) == group
            np.testing.assert_allclose((draws - without)[r, rows], added, rtol=1e-6)


def test_what_cannot_be_forecast_is_refused() -> None:
    table = mc.simulate_market(["tv"], periods=50, seed=3).table
    first, last = (rows_of(table, rows) for rows in (slice(0, 48), slice(48, 50)))
    found = mc.sample_mix(first, noise="student-t", **(QUICK | {"season": 0}))
    with pytest.raises(
        InputError, match=r"holds no state to forecast from\. A posterior has one with independent"
    ):
        mc.predict_mix(found, last)


@pytest.mark.parametrize("factor", [1e6, 7.3])
def test_other_units_change_nothing_but_the_units(
    market: Market, posterior: MixPosterior, factor: float
) -> None:
    table = replace(market.table, spend=market.table.spend * factor, response=market.table.response * factor)
    found = mc.sample_mix(table, **QUICK)
    np.testing.assert_array_equal(found.positions, posterior.positions)
    for name, scale in (("roi", 1.0), ("half", factor), ("contribution", factor), ("noise", factor)):
        np.testing.assert_allclose(flat(found, name), scale * flat(posterior, name), rtol=1e-12)
    assert not np.allclose(flat(found, "half"), flat(posterior, "half"), rtol=1e-12)


def test_channels_in_another_order_are_the_same_channels(market: Market, posterior: MixPosterior) -> None:
    table: SpendTable = replace(
        market.table, spend=market.table.spend[:, ::-1].copy(), channels=market.table.channels[::-1]
    )
    found = mc.sample_mix(table, **QUICK)
    assert found.channels == ("search", "tv")
    ours, theirs = flat(posterior, "roi"), flat(found, "roi")[:, ::-1]
    # Draws by importance are repeated, so that three hundred count for fewer; a hundred for sure.
    error = ours.std(axis=0) / np.sqrt(100)
    assert (np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 4 * error * np.sqrt(2)).all()
    assert (np.abs(ours.mean(axis=0) - flat(found, "roi").mean(axis=0)) > 4 * error).any()
    named = mc.sample_mix(market.table, curve={"tv": "logistic", "search": "hill"}, carryover="none", **QUICK)
    assert [c.name for c in named.curve] == ["logistic", "hill"]


def test_a_strong_lift_test_shrinks_the_interval(market: Market, posterior: MixPosterior) -> None:
    table, rows = market.table, slice(40, 52)
    truth = float(market.truth.contributions[rows, 1].sum())
    test = mc.LiftTest(
        "search", str(table.dates[40]), str(table.dates[51] + np.timedelta64(6, "D")), share="-100%",
        response=truth, error=0.02 * truth,
    )  # fmt: skip
    found = mc.sample_mix(table, experiments=test, **QUICK)
    before, after = (np.ptp(np.quantile(flat(p, "roi")[:, 1], [0.05, 0.95])) for p in (posterior, found))
    assert after < 0.7 * before
    assert found.experiments is not None


def test_groups_have_cells_that_add_up() -> None:
    market = mc.simulate_market(["tv"], periods=60, groups={"north": 1.5, "south": 0.5}, noise=0.03, seed=4)
    found = mc.sample_mix(market.table, **QUICK)
    assert found.channels == ("tv (north)", "tv (south)")
    total = found.contributions.sum(axis=1) + found.baseline + found.residual
    np.testing.assert_allclose(total, market.table.response, rtol=1e-12)
    for i, name in enumerate(found.channels):
        assert not found.contributions[~found.rows_of(name), i].any()
        assert found.contributions[found.rows_of(name), i].sum() > 0
    names, summed = found.summed()
    assert names == ("tv",)
    np.testing.assert_allclose(summed.sum(axis=1), found.contributions.sum(axis=1))


def test_a_curve_of_the_user_is_sampled(market: Market) -> None:
    def formula(x: Any, half: Any, xp: Any) -> Any:
        return x * xp.exp(-0.5 * xp.log(x**2 + half**2))

    own = mc.curve([mc.Parameter("half", unit="spend")], form="concave", name="root")(formula)
    found = mc.sample_mix(market.table, curve=own, **QUICK)
    assert np.isfinite(found.draws).all()
    low, high = np.quantile(flat(found, "half"), [0.05, 0.95], axis=0)
    assert (low > 0).all() and (high < 1e3 * market.table.spend.max()).all()


@carryover([replace(p, name=f"lag_{p.name}") for p in mc.carryovers["weibull_pdf"].parameters])
def renamed(lag: Any, lag_scale: Any, lag_shape: Any, xp: Any) -> Any:
    return mc.carryovers["weibull_pdf"].formula(lag, lag_scale, lag_shape, xp=xp)


def test_a_curve_and_a_carryover_may_call_a_parameter_the_same(market: Market) -> None:
    """With the name of one of them changed the model is the same; each scale has a coordinate and a prior."""
    both = {"curve": {"tv": "logarithm", "search": "hill"}, "carryover": "weibull_pdf"}
    words = {"tv": {"carryover scale": (1.0, 3.0), "scale": (2e4, 9e4)}}
    ours = mix_model(market.table, season=1, priors=words, **both)
    names = {"tv": {"lag_scale": (1.0, 3.0), "scale": (2e4, 9e4)}}
    theirs = mix_model(market.table, season=1, priors=names, **(both | {"carryover": renamed}))
    assert [label for label in ours.space.labels if "scale" in label] == [
        "carryover scale[tv]", "scale[tv]", "scale 2[search]"
    ]  # fmt: skip
    for z in np.random.default_rng(0).standard_normal((3, ours.space.dimensions)):
        assert Density(ours.program())(z)[0] == pytest.approx(Density(theirs.program())(z)[0], rel=1e-12)
    moved = np.zeros(ours.space.dimensions)
    moved[ours.space.labels.index("carryover scale[tv]")] = 1.0
    assert Density(ours.program())(moved)[0] != pytest.approx(Density(ours.program())(0 * moved)[0], rel=1e-6)


def test_both_scales_come_back_under_their_names(market: Market) -> None:
    found = mc.sample_mix(
        market.table, curve={"tv": "logarithm", "search": "hill"}, carryover="weibull_pdf", **QUICK
    )
    lag = flat(found, "carryover scale")
    np.testing.assert_allclose(lag.mean(axis=0), found.carryover_parameters[:, 0], rtol=1e-6)
    longest = mc.carryovers["weibull_pdf"].parameters[0].domain.high
    assert lag.max() < longest < flat(found, "scale")[:, 0].min()
    assert np.isnan(flat(found, "scale")[:, 1]).all()
    assert found.interval("tv", "carryover scale").high < longest < found.interval("tv", "scale").low
    previous = mc.previous_posterior(found)
    assert {("tv", "scale"), ("tv", "carryover scale"), ("search", "scale")} <= set(previous.quantities)


def test_of_a_channel_of_constant_spend_the_prior_is_all_that_is_known(market: Market) -> None:
    spend = market.table.spend.copy()
    spend[:, 1] = spend[:, 1].mean()
    found = mc.sample_mix(
        replace(market.table, spend=spend), season=1, quick=True, seed=1,
        priors={"search": {"contribution": (0.01, 0.05)}},
    )  # fmt: skip
    assert "prior only" in found.learned.of("search", "roi").verdict
    assert found.learned.of("tv", "roi").verdict == "data"
    assert found.evidence[1].grade == "not shown"
    assert "repeats_prior" in [f.code for f in found.evidence[1].findings]


@pytest.mark.slow
@pytest.mark.parametrize("progress", [False, True])
def test_nobody_needs_to_be_told(market: Market, progress: bool) -> None:
    found = mc.sample_mix(
        market.table, season=1, chains=2, draws=50, tune=50, checks=False, progress=progress
    )
    assert found.positions.shape[:2] == (2, 50)


@pytest.mark.slow
def test_the_sampler_and_the_quick_mode_agree(market: Market, posterior: MixPosterior) -> None:
    found = mc.sample_mix(market.table, season=1, chains=2, draws=300, checks=False, seed=2)
    assert found.status == "converged"
    assert found.positions.shape[:2] == (2, 300)
    ours, theirs = flat(posterior, "roi"), flat(found, "roi")
    assert np.abs(ours.mean(axis=0) - theirs.mean(axis=0)).max() < 0.6 * theirs.std(axis=0).max()
    np.testing.assert_allclose(ours.std(axis=0), theirs.std(axis=0), rtol=0.35)
    tree = found.inference
    assert tree["posterior"]["roi"].dims == ("chain", "draw", "channel")
    assert {"sample_stats", "log_likelihood", "observed_data"} <= set(tree.children)
