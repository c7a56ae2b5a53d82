"""The challenger wins where the truth is bent, and not where it is straight."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.challenger import challenger
from mixcurve.sigmoid import expit
from mixcurve.tables.customers import read_customers


def people(bent, seed=0, n=2000):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    z = 2.0 * X[:, 0] * X[:, 1] if bent else X[:, 0] - 0.5 * X[:, 1]
    return X, (rng.random(n) < expit(z)).astype(int)


def test_what_simplicity_costs_is_told_where_it_costs():
    report = challenger(*people(bent=True), folds=3, capacity=500)
    assert report.verdict == "better"
    assert report.losses[0].high < 0
    assert report.reached.lost > 0
    assert "instead of" in report.summary


def test_where_the_truth_is_straight_it_costs_nothing(tmp_path):
    report = challenger(*people(bent=False), folds=3)
    assert report.verdict in ("worse", "not told apart")
    assert report.losses[1].difference > 0
    assert report.slopes[0] == pytest.approx(1.0, abs=0.15)
    again = load_result(report.save(tmp_path / "challenger.json"))
    assert again.table.equals(report.table)


def test_customers_are_compared_as_they_are(shared_data):
    frame = pd.read_csv(shared_data / "telco_churn" / "wa_churn.csv").drop(
        columns=["rownames"], errors="ignore"
    )
    report = challenger(read_customers(frame, label="churn"), folds=3)
    assert report.auc.second.auc > 0.84


def test_labels_must_come_once():
    X, y = people(bent=False, n=200)
    with pytest.raises(InputError, match="y is missing"):
        challenger(X)
    with pytest.raises(InputError, match="one per row"):
        challenger(X, y[:-1])
