"""What has moved is told, chance apart; groups are compared with their error."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.fit import fit_logistic
from mixcurve.propensity.model import fit_propensity
from mixcurve.propensity.simulate.churn import simulate_churn
from mixcurve.propensity.stability.fairness import fairness_slices
from mixcurve.propensity.stability.index import moved, stability_index
from mixcurve.propensity.stability.report import stability
from mixcurve.sigmoid import expit
from mixcurve.tables.customers import read_customers


def test_the_index_by_hand():
    index, _, _ = stability_index(np.array([1e9, 1e9]), np.array([0.6e9, 1.4e9]))
    assert index == pytest.approx((0.3 - 0.5) * np.log(0.3 / 0.5) + (0.7 - 0.5) * np.log(0.7 / 0.5), rel=1e-6)


def test_with_nothing_moved_alarms_come_as_rarely_as_stated():
    rng = np.random.default_rng(0)
    found = [moved("x", rng.normal(size=1500), rng.normal(size=1000)) for _ in range(400)]
    alarms = sum(one.verdict != "as before" for one in found) / 400
    assert alarms < 0.01 + 3 * np.sqrt(0.01 * 0.99 / 400)
    assert np.mean([one.index for one in found]) == pytest.approx(found[0].by_chance, rel=0.1)
    # The p-values are even: a fifth lie below 0.2.
    assert np.mean([one.p_value < 0.2 for one in found]) == pytest.approx(0.2, abs=0.065)


def test_levels_gaps_and_new_levels_count():
    before = np.array(["a"] * 500 + ["b"] * 500, dtype=object)
    after = np.array(["a"] * 400 + ["b"] * 300 + ["new"] * 200 + [None] * 100, dtype=object)
    found = moved("plan", before, after)
    assert found.bins[-1] == "other"
    assert found.after[-1] == pytest.approx(0.3)
    assert found.verdict == "moved much"
    gaps = moved("age", np.arange(1000.0), np.where(np.arange(1000) < 200, np.nan, np.arange(1000.0)))
    assert gaps.bins[-1] == "missing"


@pytest.fixture(scope="module")
def churn():
    table = simulate_churn(6, 40_000, drift=1.0).table
    words = {"label": "left", "key": "subscriber", "date": "date", "segments": ("region",)}
    left_out = {"exclude": ("joined", "period", "contacted")}
    before, after = (table[table["period"] == period] for period in ("before", "after"))
    return (read_customers(part.reset_index(drop=True), **words, **left_out) for part in (before, after))


def test_a_drift_is_found_named_and_added_up(churn):
    before, after = churn
    model = fit_propensity(before)
    report = stability(model, before, after)
    assert {one.name for one in report.features[:2]} == {"usage_hours", "support_calls"}
    assert report.features[0].verdict in ("moved", "moved much")
    change = report.mean_score[1] - report.mean_score[0]
    assert sum(report.drift.values()) == pytest.approx(change, abs=1e-9)
    assert any("mostly by" in alert for alert in report.alerts)
    # The truth has not changed, so calibration and ranking still hold.
    assert not any("fit again" in alert for alert in report.alerts)
    # Over twelve seeds slopes are 0.977 ± 0.007 (of the true log-odds 0.993 ± 0.006), and 0.023 from one to the next.
    assert report.calibration["slope"][0] == pytest.approx(0.98, abs=0.08)
    assert len(report.months) == 12
    assert {s.segment.split(": ")[0] for s in report.segments} == {"region"}
    assert report.table.iloc[0]["column"] == "score"


def test_nothing_moved_asks_for_nothing():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(6000, 3))
    y = (rng.random(6000) < expit(X[:, 0] - 1)).astype(float)
    fit = fit_logistic(X[:3000], y[:3000])
    report = stability(fit, X[:3000], X[3000:], y[:3000], y[3000:], level=0.99)
    assert report.alerts == ()
    assert "Nothing asks for action" in report.summary


def test_a_model_that_has_gone_wrong_is_told(tmp_path):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(6000, 3))
    y = (rng.random(6000) < expit(1.5 * X[:, 0] - 1)).astype(float)
    late = (rng.random(3000) < expit(0.3 * X[3000:, 0])).astype(float)
    report = stability(fit_logistic(X[:3000], y[:3000]), X[:3000], X[3000:], y[:3000], late)
    assert "calibrate again" in report.alerts[0]
    assert "fit again" in report.alerts[1]
    again = load_result(report.save(tmp_path / "stability.json"))
    assert again.alerts == report.alerts


def test_labels_of_one_side_only_are_refused():
    X = np.random.default_rng(0).normal(size=(100, 1))
    fit = fit_logistic(X, (np.arange(100) % 3 == 0).astype(float))
    with pytest.raises(InputError, match="one table only"):
        stability(fit, X, X, np.arange(100) % 2)


def grouped(seed=0, n=6000):
    rng = np.random.default_rng(seed)
    group = rng.choice(["north", "south", "islands"], n, p=[0.5, 0.4, 0.1])
    p = rng.beta(2, 5, n)
    return p, (rng.random(n) < p).astype(int), group


def test_shares_are_counted_right():
    p, y, group = grouped()
    report = fairness_slices(p, y, group, threshold=0.4)
    one = next(s for s in report.slices if s.group == "south")
    member, chosen = group == "south", p >= 0.4
    assert one.selected.value == chosen[member].mean()
    assert one.recall.value == chosen[member & (y == 1)].mean()
    assert one.precision.value == y[member & chosen].mean()
    assert one.base_rate.difference == pytest.approx(y[member].mean() - y[~member].mean())
    assert report.table["share"].iloc[0] == report.slices[0].base_rate.value


def test_alike_groups_are_told_apart_as_rarely_as_stated():
    runs, wrong = 150, 0
    for seed in range(runs):
        report = fairness_slices(*grouped(seed, 1500), threshold=0.4)
        wrong += any(s.selected.differs for s in report.slices)
    assert wrong / runs < 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


def test_a_group_that_differs_and_one_too_small_are_told():
    p, y, group = grouped()
    p = np.where(group == "south", 0.5 * p, p)
    group[:20] = "tiny"
    report = fairness_slices(p, y, group, threshold=0.4)
    assert "south: selected" in report.summary
    assert "tiny" in report.summary.split("Too few people to judge: ")[1]


def test_words_outside_their_rule_are_refused():
    p, y, group = grouped(n=100)
    for words, told in (({}, "selected or threshold"), ({"threshold": 2}, "threshold")):
        with pytest.raises(InputError, match=told):
            fairness_slices(p, y, group, **words)
    with pytest.raises(InputError, match="one group only"):
        fairness_slices(p, y, np.repeat("all", 100), threshold=0.5)
