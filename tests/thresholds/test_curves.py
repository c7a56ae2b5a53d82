"""Cut-offs, gains, ROC, precision, profit and net benefit by their definitions; bands that cover; ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from mixcurve.foundations.errors import InputError
from mixcurve.thresholds.choose import choose_threshold
from mixcurve.thresholds.curves import RankingCurves, ranking_curves
from mixcurve.thresholds.cutoffs import all_cutoffs
from mixcurve.thresholds.net_benefit import NetBenefitCurve, net_benefit_curve
from mixcurve.thresholds.profit import ProfitCurve, profit_curve
from mixcurve.thresholds.ties import by_hash, select_top, stable_hash


def people(rows: int = 400, seed: int = 0, distinct: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Return calibrated probabilities with ties, and labels drawn from them."""
    rng = np.random.default_rng(seed)
    p = (rng.integers(1, distinct, rows) / distinct) ** 2
    return p, (rng.random(rows) < p).astype(float)


@given(st.integers(0, 2**32 - 1))
def test_all_cutoffs_count_what_lies_above(seed: int) -> None:
    rng = np.random.default_rng(seed)
    score, weight = rng.integers(0, 6, 30).astype(float), rng.integers(0, 4, 30).astype(float)
    y = np.concatenate([[0, 1], rng.integers(0, 2, 28)])
    weight[:2] = 1.0
    found = all_cutoffs(score, y, weight)
    assert found.threshold.tolist() == [np.inf, *sorted(set(score.tolist()), reverse=True)]
    for i, threshold in enumerate(found.threshold):
        above = score >= threshold
        assert found.true_positives[i] == weight[above & (y == 1)].sum()
        assert found.false_positives[i] == weight[above & (y == 0)].sum()
        assert found.false_negatives[i] == weight[~above & (y == 1)].sum()
        assert found.true_negatives[i] == weight[~above & (y == 0)].sum()
    assert found.share_of_people[-1] == 1.0
    assert found.multiple_of_base_rate[-1] == found.threshold[-1] / found.base_rate


def test_against_scikit_learn_and_scipy() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    p, y = people()
    found = ranking_curves(p, y, bootstrap=0)
    assert found.auc.auc == pytest.approx(metrics.roc_auc_score(y, p), abs=1e-12)
    assert found.average_precision == pytest.approx(metrics.average_precision_score(y, p), abs=1e-12)
    far, near, thresholds = metrics.roc_curve(y, p, drop_intermediate=False)
    assert found.cutoffs.false_positive_rate == pytest.approx(far, abs=1e-12)
    assert found.cutoffs.recall == pytest.approx(near, abs=1e-12)
    assert found.cutoffs.threshold[1:] == pytest.approx(thresholds[1:])
    assert found.kolmogorov_smirnov == pytest.approx(ks_2samp(p[y == 1], p[y == 0]).statistic, abs=1e-12)
    peak = found.cutoffs.threshold == found.kolmogorov_smirnov_threshold
    assert found.cutoffs.youden[peak] == pytest.approx(found.kolmogorov_smirnov)
    assert choose_threshold(p, y, youden=True, bootstrap=0).threshold == found.kolmogorov_smirnov_threshold


def test_gains_among_equals_are_those_of_chance() -> None:
    """With one distinct score every share of people holds that share of the positives."""
    y = np.arange(50) % 5 == 0
    found = ranking_curves(np.ones(50), y, bootstrap=0)
    assert found.gains == pytest.approx(found.share)
    assert found.lift[1:] == pytest.approx(1.0)
    assert found.precision == pytest.approx(0.2)
    assert found.auc.auc == 0.5
    # A score that knows everything holds all positives in the top fifth.
    best = ranking_curves(y.astype(float), y, bootstrap=0)
    assert best.gains[20:] == pytest.approx(1.0) and best.gains[10] == pytest.approx(0.5)
    assert best.lift[10] == pytest.approx(5.0)


def test_bands_cover_the_truth_as_often_as_they_say() -> None:
    """Gains at 30% of people, recall at a false positive rate of 20%, profit at half the people."""
    truth = ranking_curves(*people(200_000, seed=9), bootstrap=0)
    worth = {"value": 10.0, "contact_cost": 3.0}
    goal = profit_curve(*people(200_000, seed=9), bootstrap=0, **worth)
    per_person = np.interp(0.5, goal.share_of_people, goal.net_worth) / 200_000
    held = np.zeros(3)
    for seed in range(150):
        p, y = people(300, seed=seed)
        found = ranking_curves(p, y, bootstrap=100, level=0.9, seed=seed)
        held[0] += found.gains_low[30] <= truth.gains[30] <= found.gains_high[30]
        held[1] += found.roc_low[20] <= truth.roc[20] <= found.roc_high[20]
        profit = profit_curve(p, y, bootstrap=100, level=0.9, seed=seed, **worth)
        low, high = (np.interp(0.5, profit.share_of_people, side) / 300 for side in (profit.low, profit.high))
        held[2] += low <= per_person <= high
    # Four standard errors of a share of 90% in 150.
    assert (np.abs(held / 150 - 0.9) < 0.1).all(), held


def test_bands_of_decisions_cover_too() -> None:
    """Recall, precision and net worth at a threshold that is fixed, and the least-cost threshold."""
    p, y = people(400_000, seed=9)
    above = p >= 0.25
    goal = (y[above].sum() / y.sum(), y[above].mean())
    # The net benefit at 1/4 fixes the threshold; values count a positive 1.
    held = np.zeros(2)
    for seed in range(200):
        found = choose_threshold(
            *people(300, seed=seed), net_benefit_at=0.25, bootstrap=200, level=0.9, seed=seed
        )
        for k, (name, truth) in enumerate(zip(("recall", "precision"), goal, strict=True)):
            held[k] += found.expected[name].low <= truth <= found.expected[name].high
    assert (np.abs(held / 200 - 0.9) < 0.085).all(), held


def test_outcomes_without_labels_cover_what_happens() -> None:
    p, _ = people(500, seed=3)
    rng = np.random.default_rng(0)
    value = rng.uniform(5, 15, 500)
    found = choose_threshold(p, capacity=100, value=value, contact_cost=3.0, level=0.9, key=np.arange(500))
    chosen = found.selected
    happened = rng.random((2000, 500)) < p
    hits = happened[:, chosen].sum(axis=1)
    net = happened[:, chosen] @ value[chosen] - 300.0
    recall = hits / happened.sum(axis=1)
    for name, draws in (("positives", hits), ("net_worth", net), ("recall", recall)):
        one = found.expected[name]
        # A count falls on the limits themselves, which widens its interval by up to one.
        assert 0.87 <= np.mean((draws >= one.low) & (draws <= one.high)) <= 0.94, name


def test_optimism_is_what_new_people_take_away() -> None:
    """The best of many cut-offs looks better than it is; the estimate of by how much is right on average."""
    words = {"value": 3.0, "contact_cost": 1.0}
    fresh_p, fresh_y = people(300_000, seed=99, distinct=300)
    told, real = [], []
    for seed in range(150):
        p, y = people(120, seed=seed, distinct=300)
        found = choose_threshold(p, y, bootstrap=200, seed=seed, **words)
        net = np.where(found.select(fresh_p), 3.0 * fresh_y - 1.0, 0.0).mean()
        told.append(found.optimism / 120)
        real.append(found.expected["net_worth"].value / 120 - net)
    assert np.mean(real) > 0.005
    error = np.std(real) / np.sqrt(150)
    assert abs(np.mean(told) - np.mean(real)) < 3.0 * error


def test_resamples_of_survey_weights_are_wider_than_of_frequencies() -> None:
    p, y = people(300)
    width = {}
    for kind in ("frequency", "survey"):
        found = choose_threshold(p, y, weights=np.full(300, 4.0), weight_kind=kind, recall=0.7)  # type: ignore[arg-type]
        one = found.expected["precision"]
        width[kind] = one.high - one.low
    # A row that stands for four people tells as much as four: half the error.
    assert width["survey"] / width["frequency"] == pytest.approx(2.0, rel=0.15)


def test_coarse_cutoffs_of_many_rows_keep_the_curve() -> None:
    rng = np.random.default_rng(2)
    p = rng.random(30_000)
    y = rng.random(30_000) < p
    found = ranking_curves(p, y, bootstrap=50)
    assert 450 < len(found.cutoffs.threshold) < 520
    # For p uniform, recall of the top share s is 1 - (1 - s)².
    assert found.gains == pytest.approx(1.0 - (1.0 - found.share) ** 2, abs=0.01)
    assert found.average_precision_low < found.average_precision < found.average_precision_high
    assert (found.gains_low <= found.gains + 1e-9).all() and (found.gains <= found.gains_high + 1e-9).all()


def test_net_benefit_by_its_formula_and_its_error_by_resampling() -> None:
    p, y = people(500)
    found = net_benefit_curve(p, y, thresholds=[0.1, 0.3, 0.6], level=0.95)
    odds = found.threshold / (1.0 - found.threshold)
    above = p[:, None] >= found.threshold
    each = np.where(above, y[:, None] - (1.0 - y[:, None]) * odds, 0.0)
    assert found.net_benefit == pytest.approx(each.mean(axis=0), abs=1e-12)
    assert found.everybody == pytest.approx(y.mean() - (1.0 - y.mean()) * odds, abs=1e-12)
    error = each.std(axis=0, ddof=1) / np.sqrt(500)
    assert (found.high - found.low) / 2 / 1.959964 == pytest.approx(error, rel=1e-6)
    paired = (each - (y[:, None] - (1.0 - y[:, None]) * odds)).std(axis=0, ddof=1) / np.sqrt(500)
    assert (found.gain_high[0] - found.gain_low[0]) / 2 / 1.959964 == pytest.approx(paired[0], rel=1e-6)
    assert found.gain == pytest.approx(found.net_benefit - np.maximum(found.everybody, 0.0), abs=1e-12)
    assert found.share_of_people == pytest.approx(above.mean(axis=0))
    weighted = net_benefit_curve(p, y, thresholds=[0.3], weights=np.full(500, 3.0), weight_kind="survey")
    assert weighted.low[0] == pytest.approx(found.low[1], abs=1e-12)
    repeated = net_benefit_curve(np.repeat(p, 3), np.repeat(y, 3), thresholds=[0.3])
    frequency = net_benefit_curve(p, y, thresholds=[0.3], weights=np.full(500, 3.0))
    assert frequency.low[0] == pytest.approx(repeated.low[0], abs=1e-12)


def test_profit_curve_is_every_decision() -> None:
    p, y = people(300)
    found = profit_curve(p, y, value=10.0, contact_cost=3.0, points=None, bootstrap=0)
    brought = [np.sum(np.where(p >= t, 10.0 * y - 3.0, 0.0)) for t in found.threshold]
    assert found.net_worth == pytest.approx(brought)
    best = choose_threshold(p, y, value=10.0, contact_cost=3.0, bootstrap=0)
    assert found.threshold[found.best] == best.threshold
    assert found.net_worth.max() == best.expected["net_worth"].value
    assert "is worth the most" in found.summary
    assert profit_curve(p, value=1.0, contact_cost=2.0).summary == "No contact is worth its cost."


def test_hash_is_the_md5_of_the_text() -> None:
    """The digest that databases give for the texts '', 'a' and 'abc' (RFC 1321, appendix A.5)."""
    assert stable_hash("a") == "0cc175b9c0f1b6a831c399e269772661"
    assert stable_hash("abc") == "900150983cd24fb0d6963f7d28e17f72"
    rows = by_hash(np.arange(3), ["abc", "a", ""])
    assert rows.tolist() == [1, 0, 2]  # 0cc1…, 9001…, d41d…


def test_select_top_is_the_capacity_policy() -> None:
    rng = np.random.default_rng(8)
    p, score, key = rng.integers(0, 5, 200) / 5, rng.integers(0, 3, 200) / 3, [f"id{i}" for i in range(200)]
    for capacity in (0, 1, 37, 120, 200, 999):
        chosen = select_top(p, capacity, key, score=score)
        assert chosen.sum() == min(capacity, 200)
        if 0 < capacity <= 200:
            decision = choose_threshold(p, capacity=capacity, key=key, score=score, bootstrap=0)
            assert decision.selected.tolist() == chosen.tolist()
    with pytest.raises(InputError, match="key must have one value per person"):
        select_top(p, 3, ["a"])


@pytest.mark.parametrize("kind", [RankingCurves, ProfitCurve, NetBenefitCurve])
def test_curves_come_back_and_have_tables(kind: type) -> None:
    p, y = people(60)
    made = {
        RankingCurves: lambda: ranking_curves(p, y, bootstrap=20),
        ProfitCurve: lambda: profit_curve(p, y, value=4.0, contact_cost=1.0, bootstrap=20),
        NetBenefitCurve: lambda: net_benefit_curve(p, y),
    }[kind]()
    again = kind.from_dict(made.to_dict())
    assert again.summary == made.summary
    assert again.table.equals(made.table)
    assert len(made.table) > 10


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="thresholds must rise and lie between 0 and 1"):
        net_benefit_curve([0.1, 0.2], [0, 1], thresholds=[0.5, 0.2])
    with pytest.raises(InputError, match="no ranking called 'money'"):
        profit_curve([0.1, 0.2], value=1.0, ranked_by="money")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="y must have one value per person, got 1 for 2"):
        ranking_curves([0.1, 0.2], [1])
