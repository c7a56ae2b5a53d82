"""The penalty path against models that are each fitted alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.classifier import PropensityClassifier
from mixcurve.propensity.drawn_folds import draw_folds
from mixcurve.propensity.newton.blocks import Standardised, moments
from mixcurve.propensity.newton.descent import descend
from mixcurve.propensity.newton.penalty import Penalty, state_at
from mixcurve.propensity.newton.sums import Rows
from mixcurve.propensity.path import penalty_path
from mixcurve.sigmoid import cross_entropy, expit

SHARES = {"l2": 0.0, "l1": 1.0, "elastic net": 0.3}


@pytest.fixture
def people() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    X = rng.normal(size=(300, 8)) * 10.0 ** rng.integers(-3, 4, 8)
    return X, rng.random(300) < expit(1.5 * X[:, 0] / X[:, 0].std() - 0.5)


def one_by_one(X, y, fold, strengths, share, w, offset):
    """Return the loss of each fold by a model of the others, each fitted from nothing."""
    about = moments(X, w)
    rows = Rows(Standardised(X, about.mean, about.deviation), y.astype(float), w, offset)
    losses = np.empty((len(strengths), fold.max() + 1))
    for s, strength in enumerate(strengths):
        penalty = Penalty(l2=strength * (1 - share), l1=strength * share)
        for k in range(fold.max() + 1):
            others = replace(rows, weights=np.where(fold == k, 0.0, w))
            state = state_at(others, np.zeros(X.shape[1] + 1), penalty)
            found = descend(others, state, penalty, step=1e-10, max_steps=200).state
            intercept, coefficients = rows.design.original(found.theta)
            held = fold == k
            z = intercept + X[held] @ coefficients + offset[held]
            losses[s, k] = np.average(cross_entropy(y[held].astype(float), z), weights=w[held])
    return losses


@pytest.mark.parametrize("kind", SHARES)
@pytest.mark.parametrize("rows", [40, 300])
def test_all_folds_at_once_are_each_fold_alone(people, kind, rows) -> None:
    X, y = people[0][:rows], people[1][:rows]
    rng = np.random.default_rng(1)
    w, offset = rng.uniform(0.5, 2.0, rows), rng.normal(size=rows)
    path = penalty_path(X, y, kind=kind, folds=4, l1_share=0.3, weights=w, offset=offset, seed=5)
    fold = draw_folds(4, y.astype(float), w, 5)
    alone = one_by_one(X, y, fold, path.strengths, SHARES[kind], w, offset)
    assert path.fold_loss == pytest.approx(alone, rel=1e-6)
    assert path.loss == pytest.approx(
        np.average(alone, axis=1, weights=np.bincount(fold, weights=w)), rel=1e-6
    )


def test_the_comparison_can_fail(people) -> None:
    X, y = people
    path = penalty_path(X, y, folds=4, seed=5)
    fold = draw_folds(4, y.astype(float), None, 6)
    assert path.fold_loss != pytest.approx(
        one_by_one(X, y, fold, path.strengths, 0.0, np.ones(len(y)), np.zeros(len(y))), rel=1e-3
    )


@pytest.mark.parametrize("kind", SHARES)
def test_coefficients_are_those_of_the_classifier(people, kind) -> None:
    X, y = people
    path = penalty_path(X, y, kind=kind)
    model = PropensityClassifier(**path.settings("best")).fit(X, y)
    at = int(np.flatnonzero(path.strengths == path.best)[0])
    assert path.coefficients[at] == pytest.approx(model.coef_[0], rel=1e-6, abs=1e-12)
    assert path.intercepts[at] == pytest.approx(model.intercept_[0], rel=1e-6)


def test_choices(people) -> None:
    path = penalty_path(*people, kind="l1")
    at = int(np.argmin(path.loss))
    assert path.best == path.strengths[at] <= path.one_standard_error
    assert path.loss[path.strengths == path.one_standard_error][0] <= path.loss[at] + path.loss_error[at]
    assert path.table["features"].is_monotonic_increasing or path.table["features"].iloc[0] == 0
    assert path.table["features"].iloc[0] <= 1
    assert path.loss[0] == pytest.approx(path.null_loss, rel=0.02)
    assert path.settings("one_standard_error") == {"l2": 0.0, "l1": path.one_standard_error}
    assert path.summary.startswith("Of 25 l1 penalties")


def test_noise_wants_the_strongest_penalty() -> None:
    rng = np.random.default_rng(0)
    path = penalty_path(rng.normal(size=(200, 5)), rng.random(200) < 0.3)
    assert path.one_standard_error == path.strengths[0]


def test_the_end_of_the_path_is_said(people) -> None:
    assert "give strengths beyond it" in penalty_path(*people, strengths=[1e6, 1e5]).summary


def test_passes_are_few(people) -> None:
    """One pass per strength for the Hessians of all folds, and at most eight more for all together."""
    path = penalty_path(*people, folds=10, strengths=np.geomspace(300, 3, 6))
    assert path.passes <= 6 + 8


def test_separated_people_have_a_path() -> None:
    x = np.linspace(-1, 1, 60)[:, None]
    path = penalty_path(x, x[:, 0] > 0)
    assert np.isfinite(path.loss).all()


def test_a_level_that_only_one_fold_has(people) -> None:
    X, y = people
    rare = np.zeros(len(y))
    rare[3] = 1.0
    table = np.column_stack([X, rare])
    path = penalty_path(table, y, folds=4, seed=5, strengths=[10.0, 1.0, 1e-3])
    fold = draw_folds(4, y.astype(float), None, 5)
    alone = one_by_one(table, y, fold, path.strengths, 0.0, np.ones(len(y)), np.zeros(len(y)))
    assert path.fold_loss == pytest.approx(alone, rel=1e-6)


def test_groups_stay_together_and_seeds_matter(people) -> None:
    X, y = people
    groups = np.arange(len(y)) // 30
    assert penalty_path(X, y, folds=groups).folds == 10
    draws = [penalty_path(X, y, seed=seed).loss for seed in (0, 0, 1)]
    assert np.array_equal(draws[0], draws[1]) and not np.array_equal(draws[0], draws[2])


def test_folds_are_even_in_both_classes(people) -> None:
    y = people[1].astype(float)
    fold = draw_folds(7, y)
    for label in (0, 1):
        counts = np.bincount(fold[y == label])
        assert counts.max() - counts.min() <= 1
    assert np.ptp(np.bincount(fold)) <= 1


def test_frames_sparse_tables_and_files(people, tmp_path) -> None:
    X, y = people
    whole = penalty_path(X, y, strengths=[1.0])
    assert penalty_path(csr_array(X), y, strengths=[1.0]).loss == pytest.approx(whole.loss, rel=1e-9)
    named = penalty_path(pd.DataFrame(X, columns=list("abcdefgh")), np.where(y, "b", "a"), strengths=[1.0])
    assert named.features == tuple("abcdefgh") and named.loss == pytest.approx(whole.loss, rel=1e-12)
    assert load_result(named.save(tmp_path / "path.json")).summary == named.summary


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "ridge"}, "no kind called 'ridge'"),
        ({"folds": 1}, r"folds must be in \[2"),
        ({"folds": np.zeros(300)}, "at least 2 different labels"),
        ({"folds": np.zeros(3)}, "one label per row"),
        ({"strengths": [1.0, 0.0]}, "strengths must be above 0, got 0"),
        ({"weights": -np.ones(300)}, "weights must not be negative"),
        ({"l1_share": 2, "kind": "elastic net"}, "l1_share must be in"),
    ],
)
def test_wrong_settings_are_named(people, settings, message) -> None:
    with pytest.raises(InputError, match=message):
        penalty_path(*people, **settings)


def test_wrong_tables_are_named(people) -> None:
    X, y = people
    with pytest.raises(InputError, match="more than one column called 'a'"):
        penalty_path(pd.DataFrame(X[:, :2], columns=["a", "a"]), y)
    with pytest.raises(InputError, match="a column that is not"):
        penalty_path(pd.DataFrame({"a": ["x"] * 300}), y)
    with pytest.raises(InputError, match="no column that varies"):
        penalty_path(np.ones((300, 2)), y)
    with pytest.raises(InputError, match="300 rows"):
        penalty_path(X, y[:10])
    one = np.zeros(300)
    one[0] = 1
    with pytest.raises(InputError, match="only one class is left"):
        penalty_path(X, one)
