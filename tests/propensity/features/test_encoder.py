"""The encoder is a scikit-learn transformer like any other."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator

from mixcurve.foundations.errors import InputError
from mixcurve.propensity.features.encoder import FeatureEncoder
from mixcurve.tables.customers import read_customers

# This one asks for arrays of other libraries, and skips itself where SCIPY_ARRAY_API is not set; tables are pandas'.
ARRAY_API = "check_array_api_input"


def checks() -> list:
    return [
        pytest.param(estimator, check, id=check.func.__name__)
        for estimator, check in estimator_checks_generator(FeatureEncoder())
        if check.func.__name__ != ARRAY_API or os.environ.get("SCIPY_ARRAY_API")
    ]


@pytest.mark.parametrize(("estimator", "check"), checks())
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "plan": rng.choice(["a", "b", "c"], 200),
            "income": np.where(rng.random(200) < 0.1, np.nan, rng.normal(size=200)),
            "vip": rng.random(200) < 0.4,
        }
    )


def test_output_of_pandas_and_polars(frame):
    encoder = FeatureEncoder().fit(frame)
    made = clone(encoder).set_output(transform="pandas").fit(frame).transform(frame)
    assert list(made.columns) == list(encoder.get_feature_names_out())
    np.testing.assert_array_equal(made.to_numpy(), encoder.transform(frame))
    assert made.index.equals(frame.index)
    made = clone(encoder).set_output(transform="polars").fit_transform(pl.from_pandas(frame))
    assert isinstance(made, pl.DataFrame) and made.columns == list(encoder.get_feature_names_out())


def test_pipeline_and_grid_search(frame):
    y = (frame["plan"] == "a").astype(int).to_numpy() ^ (np.arange(200) % 7 == 0)
    pipeline = make_pipeline(FeatureEncoder(), LogisticRegression())
    search = GridSearchCV(pipeline, {"featureencoder__rare_share": [0.01, 0.5]}, cv=3).fit(frame, y)
    assert search.best_params_ == {"featureencoder__rare_share": 0.01}


def test_customer_table_goes_in(frame):
    table = read_customers(frame)
    encoder = FeatureEncoder(reference={"plan": "c"}).fit(table)
    assert (
        encoder.get_feature_names_out().tolist()[:2] == ["plan: a", "plan: b"]
        or encoder.recipe_.columns[0].reference == "c"
    )
    np.testing.assert_array_equal(encoder.transform(table), encoder.transform(frame))


def test_another_order_is_refused_as_scikit_learn_asks(frame):
    encoder = FeatureEncoder().fit(frame)
    with pytest.raises(ValueError, match="feature names should match"):
        encoder.transform(frame[["vip", "plan", "income"]])
    np.testing.assert_array_equal(
        encoder.recipe_.design(frame[["vip", "plan", "income"]]), encoder.transform(frame)
    )


def test_matrix_of_text():
    X = np.array([["a", 1.0], ["b", 2.0], ["a", None], ["b", 5.0]], dtype=object)
    encoder = FeatureEncoder().fit(X)
    assert encoder.get_feature_names_out().tolist() == ["x0: b", "x1", "x1 missing"]
    np.testing.assert_array_equal(encoder.transform(X)[2], [0, 2, 1])
    with pytest.raises(InputError, match="input_features is not equal to feature_names_in_"):
        encoder.get_feature_names_out(["a", "b"])


def test_kinds_of_codes():
    frame = pd.DataFrame({"region": [1, 1, 2, 2, 3, 3]})
    assert FeatureEncoder(kinds={"region": "category"}).fit(frame).get_feature_names_out().tolist() == [
        "region: 2",
        "region: 3",
    ]
    assert FeatureEncoder().fit(frame).get_feature_names_out().tolist() == ["region"]
