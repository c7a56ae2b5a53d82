"""Simulated people have the truth that they are said to have."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mixcurve.foundations.errors import InputError
from mixcurve.propensity.fit import fit_logistic
from mixcurve.propensity.simulate.churn import simulate_churn
from mixcurve.propensity.simulate.leads import simulate_leads
from mixcurve.propensity.simulate.lookalike import _design, simulate_lookalike
from mixcurve.propensity.simulate.trials import simulate_trials
from mixcurve.propensity.subset.screen import most_promising
from mixcurve.sigmoid import expit
from mixcurve.thresholds.auc import auc_interval


def test_trials_have_the_figures_they_were_made_for():
    people = simulate_trials(seed=3, users=200_000)
    p, y = expit(people.log_odds), people.y
    assert y.mean() == pytest.approx(0.186, abs=0.003)
    assert auc_interval(people.log_odds, y).auc == pytest.approx(0.79, abs=0.005)
    assert ((p - y) ** 2).mean() == pytest.approx(0.116, abs=0.001)
    assert (p >= 0.35).mean() == pytest.approx(0.25, abs=0.003)


def test_trials_are_linear_in_their_24_features():
    people = simulate_trials(seed=3, users=5000)
    X = people.X.to_numpy()
    assert X.shape[1] == 24
    sums = people.intercept + X @ np.array([people.coefficients[name] for name in people.features])
    assert sums == pytest.approx(people.log_odds, abs=1e-10)
    centred = (X - X.mean(axis=0)) / X.std(axis=0)
    assert np.linalg.cond(centred) < 20
    assert np.abs(centred).max() < 8
    singles = [auc_interval(column, people.y).auc for column in X.T]
    assert max(singles) < 0.75


def test_a_fit_of_trials_finds_what_was_planted():
    people = simulate_trials(seed=5)
    fit = fit_logistic(people.X.to_numpy(), people.y.astype(float), names=people.features)
    planted = np.array([people.coefficients[name] for name in people.features])
    z = (fit.coefficients - planted) / np.sqrt(np.diag(fit.covariance))[1:]
    # 24 squared standard normals, up to the correlation of the errors.
    inner = np.linalg.inv(fit.covariance[1:, 1:])
    error = fit.coefficients - planted
    assert stats.chi2.sf(error @ inner @ error, 24) > 1e-3
    assert np.abs(z).max() < 4


def test_seeds_and_universe_can_be_told_apart_as_well_as_said():
    sample = simulate_lookalike(seed=2, universe=150_000)
    assert auc_interval(sample.log_odds, sample.y).auc == pytest.approx(0.74, abs=0.005)
    found = fit_logistic(sample.X, sample.y.astype(float))
    assert found.coefficients == pytest.approx(sample.coefficients, abs=0.06)
    three = [sample.names.index(name) for name in sample.leading]
    score = fit_logistic(sample.X[:, three], sample.y.astype(float)).score(sample.X[:, three])
    assert auc_interval(score, sample.y).auc == pytest.approx(0.71, abs=0.005)


def test_no_other_three_features_tell_more():
    loadings, mean, _ = _design()
    covariance = loadings @ loadings.T
    covariance[np.diag_indices(85)] = 1.0
    subsets, gains, _ = most_promising(covariance, mean, 3, 2)
    assert sorted(subsets[0].tolist()) == [11, 42, 73]
    assert np.sqrt(gains[0]) == pytest.approx(np.sqrt(2) * stats.norm.ppf(0.71))
    assert gains[1] < gains[0]


def test_hidden_seeds_are_of_the_universe_and_like_seeds():
    sample = simulate_lookalike(seed=2, universe=20_000, seeds=5000, hidden_share=0.2, dtype="float32")
    assert sample.X.dtype == np.float32
    assert not sample.hidden[:5000].any()
    assert sample.hidden[5000:].mean() == pytest.approx(0.2, abs=0.01)
    away = sample.X[sample.hidden].mean(axis=0) - sample.X[:5000].mean(axis=0)
    assert np.abs(away).max() < 0.12


def design_of(people, levels):
    columns = [
        people.table[name.split(": ")[0]].eq(name.split(": ")[1]).to_numpy(float) if ": " in name
        else people.table[name].to_numpy(float)
        for name in levels
    ]  # fmt: skip
    return np.column_stack(columns)


@pytest.mark.parametrize(
    "people", [simulate_leads(4, 60_000, missing=0.0), simulate_churn(4, 60_000, drift=0.5)]
)
def test_leads_and_subscribers_follow_their_coefficients(people):
    X = design_of(people, people.coefficients)
    planted = np.array(list(people.coefficients.values()))
    assert people.intercept + X @ planted == pytest.approx(people.log_odds, abs=1e-9)
    fit = fit_logistic(X, people.y.astype(float))
    error = fit.coefficients - planted
    assert stats.chi2.sf(error @ np.linalg.inv(fit.covariance[1:, 1:]) @ error, len(planted)) > 1e-3


def test_leads_have_gaps_values_and_costs():
    table = simulate_leads(4, 20_000).table
    assert table["log_employees"].isna().mean() == pytest.approx(0.12, abs=0.01)
    assert (table["value"] > 0).all()
    assert set(table["call_cost"]) == {25.0, 60.0}


def test_subscribers_drift_and_are_contacted_by_rule_then_score():
    table = simulate_churn(4, 20_000, drift=1.0).table
    before, after = (table[table["period"] == period] for period in ("before", "after"))
    assert after["usage_hours"].mean() < 0.8 * before["usage_hours"].mean()
    assert before["date"].max() < after["date"].min()
    assert (table["joined"] < table["date"]).all()
    assert after[after["contacted"]]["left"].mean() > before[before["contacted"]]["left"].mean()


@pytest.mark.parametrize("make", [simulate_trials, simulate_leads, simulate_churn])
def test_a_seed_decides(make):
    assert make(1, 500).table.equals(make(1, 500).table)
    assert not make(1, 500).table.equals(make(2, 500).table)


def test_counts_must_be_counts():
    with pytest.raises(InputError, match="users"):
        simulate_trials(users=10.5)
    with pytest.raises(InputError, match="hidden_share"):
        simulate_lookalike(hidden_share=2)
