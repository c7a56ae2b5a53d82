"""Separated classes are found and named, and overlapping ones never are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mixcurve.foundations.errors import FitError, InputError
from mixcurve.propensity.fit import fit_logistic
from mixcurve.propensity.separation.find import find_separation
from mixcurve.sigmoid import expit

SETS = 200


def separable(X, y):
    """Decide by one whole linear programme over all rows, on standardised columns: another way to the same answer."""
    spread = X.std(axis=0)
    z = np.column_stack([np.ones(len(X)), (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)])
    signed = (2.0 * y - 1.0)[:, None] * z
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(z)), bounds=(-1, 1), method="highs")
    return -found.fun > 1e-6


def table(seed):
    """Return features of any scale, a 0/1 column among them, and labels that follow them loosely."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(30, 400)), int(rng.integers(3, 9))
    X = rng.normal(size=(n, p))
    X[:, 0] = rng.random(n) < 0.3
    z = (X - X.mean(axis=0)) @ rng.normal(size=p) * 0.4
    X *= 10.0 ** rng.integers(-4, 5, size=p)
    y = (rng.random(n) < expit(z)).astype(float)
    y[:2] = 0.0, 1.0
    return X, y, rng


def planted(seed):
    """Return a table with a separation planted in it, and the columns that make it."""
    X, y, rng = table(seed)
    n, p = X.shape
    j = int(rng.integers(1, p))
    if seed % 3 == 0:
        X[:, j] = 1e3 + np.where(y > 0, 1, -1) * rng.uniform(0.1, 1, n)
        return X, y, {j}, "complete"
    if seed % 3 == 1:
        X[:, j] = (y > 0) & (rng.random(n) < 0.3)
        X[np.argmax(y), j] = 1.0
        return X, y, {j}, "quasi-complete"
    i = 1 + j % (p - 1)
    X[:, i] = rng.normal(size=n)
    X[:, j] = X[:, i] + np.where(y > 0, 1, -1) * rng.uniform(0.05, 0.5, n)
    return X, y, {i, j}, "complete"


def test_200_planted_separations_are_all_named():
    for seed in range(SETS):
        X, y, columns, kind = planted(seed)
        found = find_separation(X, y)
        assert {f"x{j}" for j in columns} <= set(found.columns), (seed, found.summary)
        assert kind in (found.kind, "quasi-complete")
        assert separable(X, y)


def test_no_false_alarm_on_200_overlapping_sets():
    overlapping = 0
    for seed in range(1000, 1400):
        X, y, _ = table(seed)
        if separable(X, y):
            continue
        overlapping += 1
        assert find_separation(X, y).kind == "none", seed
    assert overlapping >= SETS


def test_what_is_named_is_needed_and_enough():
    for seed in range(40):
        X, y, _, _ = planted(seed)
        found = find_separation(X, y)
        for names in found.sets:
            own = [int(name[1:]) for name in names]
            assert separable(X[:, own], y)
            assert not any(separable(X[:, [k for k in own if k != j]], y) for j in own if len(own) > 1)
        left = [j for j in range(X.shape[1]) if f"x{j}" not in found.columns]
        assert not separable(X[:, left], y)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_small_tables_of_few_values_agree_with_the_whole_programme(seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 3, size=(int(rng.integers(4, 14)), int(rng.integers(1, 4)))).astype(float)
    y = (rng.random(len(X)) < 0.5).astype(float)
    y[:2] = 0.0, 1.0
    assert (find_separation(X, y).kind != "none") == separable(X, y)


def test_rows_told_apart_are_counted_and_the_kind_is_right():
    y = np.array([0.0, 0, 0, 1, 1, 1])
    whole = find_separation(np.arange(6.0)[:, None], y, names=["age"])
    assert (whole.kind, whole.sets, whole.directions, whole.rows) == ("complete", (("age",),), ((1,),), (6,))
    part = find_separation(np.array([[1.0], [1], [0], [0], [0], [0]]), y, names=["visits"])
    assert (part.kind, part.directions, part.rows) == ("quasi-complete", ((-1,),), (2,))
    touching = find_separation(np.array([0.0, 1, 2, 2, 3, 4])[:, None], y)
    assert (touching.kind, touching.rows) == ("quasi-complete", (4,))


def test_rows_of_weight_0_do_not_count():
    X, y = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]]), np.array([0.0, 0.0, 1.0, 1.0, 0.0])
    assert find_separation(X, y).kind == "none"
    assert find_separation(X, y, weights=[1, 1, 1, 1, 0]).kind == "complete"


def test_columns_that_repeat_others_and_constant_ones_change_nothing():
    X, y, _, _ = planted(0)
    more = np.column_stack([X, np.ones(len(X)), 2.0 * X[:, 1] + 1.0])
    assert find_separation(more, y).sets == find_separation(X, y).sets


def test_a_fit_without_penalty_names_the_column():
    X, y, _, _ = planted(1)
    with pytest.raises(FitError, match=r"separated \(quasi-complete\).*firth=True"):
        fit_logistic(X, y)


@pytest.mark.parametrize("y", [[0, 1, 2, 1], [0, 0, 0, 0], [0, 1, 1]])
def test_labels_that_are_no_two_classes_are_refused(y):
    with pytest.raises(InputError, match="y must"):
        find_separation(np.eye(4), y)
