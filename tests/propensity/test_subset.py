"""The rule of k features: the screen against every subset fitted exactly, its loss against its definition."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.fit import fit_logistic
from mixcurve.propensity.subset.build import best_subset
from mixcurve.propensity.subset.screen import most_promising
from mixcurve.sigmoid import expit


def sample(seed=0, n=1500, p=8):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) @ (np.eye(p) + 0.3 * rng.normal(size=(p, p)))
    z = X @ rng.normal(size=p) * 0.3 - 1.0
    return X * 10.0 ** rng.integers(-3, 4, size=p), (rng.random(n) < expit(z)).astype(float)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_the_screen_is_the_quadratic_of_every_subset(k):
    rng = np.random.default_rng(k)
    root = rng.normal(size=(7, 7))
    inner, right = root @ root.T, rng.normal(size=7)
    subsets, gains, count = most_promising(inner, right, k, 1000)
    every = list(combinations(range(7), k))
    assert count == len(every) == len({tuple(s) for s in subsets.tolist()})
    for s, gain in zip(subsets, gains):
        assert gain == pytest.approx(right[s] @ np.linalg.solve(inner[np.ix_(s, s)], right[s]))
    assert (np.diff(gains) <= 0).all()


@pytest.mark.parametrize("seed", range(6))
def test_the_choice_is_that_of_all_exact_fits(seed):
    X, y = sample(seed)
    found = best_subset(X, y, 3, folds=0)
    exact = {s: fit_logistic(X[:, s], y).log_likelihood for s in combinations(range(8), 3)}
    best = max(exact, key=exact.__getitem__)
    assert set(found.names) == {f"x{j}" for j in best}
    assert found.fit.log_likelihood == pytest.approx(exact[best], rel=1e-6)


def test_repeated_and_constant_columns_do_not_stop_the_search():
    X, y = sample()
    more = np.column_stack([X, X[:, 0], np.ones(len(X))])
    found = best_subset(more, y, 3, folds=0)
    assert len(set(found.names)) == 3
    assert "x9" not in found.names


def test_the_loss_is_told_on_people_held_out():
    X, y = sample(n=4000)
    inside, outside = best_subset(X, y, 2, folds=0), best_subset(X, y, 2, folds=5)
    assert inside.names == outside.names
    assert outside.auc.first.auc < inside.auc.first.auc
    assert outside.auc.difference == pytest.approx(outside.auc.first.auc - outside.auc.second.auc)
    assert "out of 5 folds" in outside.summary
    assert "not a proof" in outside.summary


def test_with_noise_only_nothing_is_found_out_of_fold():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(1500, 30)), (rng.random(1500) < 0.3).astype(float)
    inside, outside = best_subset(X, y, 3, folds=0).auc.second, best_subset(X, y, 3).auc.second
    # On its own rows the best of 4,060 subsets looks better than chance; held out it does not.
    assert inside.low > 0.5 > outside.low


def test_people_reached_are_those_of_the_highest_scores():
    X, y = sample(n=4000)
    found = best_subset(X, y, 2, folds=0, capacity=500)
    full = np.argsort(-found.full.score(X))[:500]
    rule = np.argsort(-found.score(pd.DataFrame(X, columns=[f"x{j}" for j in range(8)])))[:500]
    assert (found.reached.full, found.reached.rule) == (y[full].sum(), y[rule].sum())
    assert found.reached.low < found.reached.lost < found.reached.high
    assert "500 contacts of 4,000 people" in found.summary


def test_the_interval_of_people_lost_covers():
    runs, held = 120, 0
    coefficients = np.array([0.8, 0.6, 0.4, 0.4])
    rng = np.random.default_rng(5)
    X = rng.normal(size=(200_000, 4))
    p = expit(X @ coefficients - 1.5)
    wide = [np.argsort(-(X @ c)) for c in (coefficients, coefficients * [1, 1, 0, 0])]
    # The share of the whole population that each score's upper quarter reaches.
    truth = (p[wide[0][:50_000]].sum() - p[wide[1][:50_000]].sum()) / 200_000
    from mixcurve.propensity.subset.build import people_reached

    for _ in range(runs):
        some = rng.integers(0, 200_000, 2000)
        y = (rng.random(2000) < p[some]).astype(float)
        scores = X[some] @ coefficients, X[some] @ (coefficients * [1, 1, 0, 0])
        found = people_reached(*scores, y, None, 500, 0.9)
        held += int(found.low <= truth * 2000 <= found.high)
    assert abs(held / runs - 0.9) < 3 * np.sqrt(0.09 / runs)


def test_a_rule_is_kept(tmp_path):
    X, y = sample()
    found = best_subset(X, y, 2, folds=0, capacity=100)
    again = load_result(found.save(tmp_path / "rule.json"))
    assert again.names == found.names
    assert again.fit.score(X[:, [0, 1]]) == pytest.approx(found.fit.score(X[:, [0, 1]]))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"k": 0}, "k must lie between 1 and 8"),
        ({"k": 9}, "k must lie between 1 and 8"),
        ({"capacity": 0}, "capacity"),
        ({"folds": 1}, "folds"),
        ({"names": ["a"]}, "names must be one per column"),
    ],
)
def test_words_outside_their_rule_are_refused(words, told):
    X, y = sample(n=200)
    with pytest.raises(InputError, match=told):
        best_subset(X, y, **words)


def test_too_many_subsets_are_refused():
    with pytest.raises(InputError, match="smaller k"):
        most_promising(np.eye(120), np.ones(120), 5, 20)
