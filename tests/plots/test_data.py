"""The numbers behind the figures, against the curves they come from."""

from __future__ import annotations

import dataclasses
from types import ModuleType

import numpy as np
import pytest

from mixcurve import response_from
from mixcurve.foundations.errors import InputError
from mixcurve.plots.changes import changes_data
from mixcurve.plots.data import bend_of, curve_data
from mixcurve.plots.history import history_data
from mixcurve.plots.marginals import marginals_data
from mixcurve.response.evidence import Finding, graded
from mixcurve.response.fitted import response_draws


def test_curve_and_bands(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(3)
    data = curve_data(fit, "Paid social")
    spend = np.zeros((len(data.spend), 3))
    spend[:, 1] = data.spend
    assert np.allclose(data.estimate, response_draws(fit, spend)[0, :, 1], rtol=1e-12)
    draws = response_draws(fit, spend, fit.resamples)[:, :, 1]
    assert np.allclose(data.low[1], np.quantile(draws, 0.05, axis=0))
    assert np.allclose(data.high[0], np.quantile(draws, 0.75, axis=0))
    assert data.spend[0] == 0.0
    assert data.spend[-1] > fit.spend_range[1, 1]
    assert list(data.frame.columns) == ["spend", "estimate", "low 50%", "high 50%", "low 90%", "high 90%"]


def test_dots_are_contribution_plus_residual_at_carried_spend(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(2)
    data = curve_data(fit, "TV")
    left_out = len(fit.dates) - len(data.observed_spend)
    assert 0 < left_out < 6
    assert np.array_equal(data.observed_spend, fit.carried[left_out:, 0])
    assert np.array_equal(data.observed_response, (fit.contributions[:, 0] + fit.residual)[left_out:])
    assert len(data.observed) == len(data.observed_spend)


def test_dots_of_a_single_curve_are_its_rows(cases: ModuleType) -> None:
    table, fit = cases.one_channel()
    data = curve_data(fit, "advertising")
    assert np.allclose(data.observed_response + fit.baseline, table.response)
    assert np.array_equal(data.observed_spend, table.spend[:, 0])
    assert np.allclose(history_data(fit, table).observed, table.response)


def test_unknown_channel_names_the_nearest(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(2)
    with pytest.raises(InputError, match="Did you mean 'Paid social'"):
        curve_data(fit, "Paid socal")


def test_marks(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(2)
    plan = cases.plan_for(fit)
    data = curve_data(fit, "TV", plan=plan)
    assert [m.kind for m in data.marks] == ["current", "plan", "inflection"]
    assert data.mark("plan").spend == plan.spend["TV"]
    assert data.mark("plan").response == pytest.approx(plan.response["TV"])
    assert data.mark("inflection").low < data.mark("inflection").spend < data.mark("inflection").high


@pytest.mark.parametrize(
    "changed",
    [
        {"open_side": "high", "high": np.inf},
        {"open_side": "low", "low": -np.inf},
        {"low": 0.0},
        {"high": 1e9},
    ],
)
def test_a_bend_needs_a_closed_interval_within_the_spend_seen(
    cases: ModuleType, changed: dict[str, object]
) -> None:
    _, fit = cases.table_and_fit(1)
    assert bend_of(fit, 0)[0] is not None
    found = dataclasses.replace(fit.interval("TV", "inflection"), **changed)
    assert bend_of(dataclasses.replace(fit, intervals=(found,)), 0) == (None, None)


@pytest.mark.parametrize("code", ["bend_not_shown", "line_not_excluded", "effect_not_shown"])
def test_a_bend_is_not_shown_against_the_evidence(cases: ModuleType, code: str) -> None:
    _, fit = cases.table_and_fit(1)
    doubted = dataclasses.replace(fit, evidence=(graded("TV", (Finding(code, "No."),)),))
    assert bend_of(doubted, 0) == (None, None)


def test_a_concave_curve_has_no_bend_and_a_known_one_no_interval() -> None:
    concave = response_from({"tv": ("michaelis_menten", {"top": 9.0, "half": 4.0})})
    known = response_from({"tv": ("hill", {"top": 9.0, "half": 4.0, "slope": 2.0})})
    assert bend_of(concave, 0) == bend_of(known, 0) == (None, None)
    data = curve_data(known, "tv")
    assert len(data.low) == len(data.high) == len(data.observed_spend) == 0
    assert data.spend[-1] == pytest.approx(8.0)


def test_the_axis_counts_what_it_leaves_out(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(1)
    data = curve_data(fit, "TV")
    low, high = data.response_range
    assert data.beyond == ((data.observed_response < low) | (data.observed_response > high)).sum()
    assert data.beyond <= 0.05 * len(data.observed_response)
    assert low <= data.estimate.min()
    assert data.estimate.max() <= high


def test_changes_and_marginals(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(3)
    plan = cases.plan_for(fit)
    changes = changes_data(plan)
    assert changes.change.sum() == pytest.approx(0.0, abs=1e-6)
    assert changes.planned.tolist() == [plan.spend[c] for c in fit.channels]
    marginals = marginals_data(fit, plan)
    assert marginals.plan[:, 0].tolist() == pytest.approx([plan.marginal[c] for c in fit.channels])
    assert (marginals.plan[:, 1] < marginals.plan[:, 2]).all()


def test_history_adds_up_and_adds_groups(cases: ModuleType) -> None:
    table, fit = cases.table_and_fit(3)
    past = history_data(fit)
    assert np.allclose(past.observed, table.response)
    assert list(past.contributions.sum(axis=0)) == sorted(past.contributions.sum(axis=0), reverse=True)
    twice = {
        name: np.concatenate([getattr(fit, name)] * 2)
        for name in ("dates", "contributions", "baseline", "baseline_parts", "residual", "carried")
    }
    assert np.allclose(history_data(dataclasses.replace(fit, **twice)).observed, 2 * table.response)
    with pytest.raises(InputError, match="table must be given"):
        history_data(cases.one_channel()[1])
