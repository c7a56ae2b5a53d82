"""The estimator: scikit-learn's own checks, what it means, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.compose import make_column_transformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mixcurve.foundations.errors import FitError, InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.classifier import PropensityClassifier
from mixcurve.propensity.fit import fit_logistic
from mixcurve.propensity.settings import FitSettings
from mixcurve.sigmoid import cross_entropy_derivative, expit, logit

NAMES = ("visits", "tenure", "basket")


@pytest.fixture
def people() -> tuple[pd.DataFrame, np.ndarray]:
    """Return 800 people with three features of very different scales, and whether they bought."""
    rng = np.random.default_rng(1)
    raw = rng.normal(size=(800, 3))
    y = rng.random(800) < expit(raw @ [0.9, -0.6, 0.0] - 1.0)
    return pd.DataFrame(raw * [3.0, 4e5, 1e-4] + [10.0, 1e6, 0.0], columns=list(NAMES)), np.where(
        y, "yes", "no"
    )


CHECKS = """
import sys
from sklearn.utils.estimator_checks import check_estimator
from mixcurve.propensity.classifier import PropensityClassifier
settings = {"ridge": {}, "absolute": {"l1": 0.5}}
found = check_estimator(PropensityClassifier(**settings[sys.argv[1]]), on_skip=None, on_fail="raise")
assert {one["status"] for one in found} == {"passed"}, found
print(len(found))
"""


@pytest.mark.parametrize("kind", ["ridge", "absolute"])
def test_every_check_of_scikit_learn_passes_and_none_is_skipped(kind) -> None:
    # One check runs only where SciPy was told so before it was imported.
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}
    command = [sys.executable, "-W", "error::FutureWarning", "-c", CHECKS, kind]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) > 50


def test_a_result_needs_no_scikit_learn() -> None:
    code = "import mixcurve, mixcurve.propensity.fit, sys; mixcurve.LogisticFit; assert 'sklearn' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_ridge_is_that_of_the_formula(people) -> None:
    X, y = people
    model = PropensityClassifier(l2=7.0).fit(X, y)
    slope = cross_entropy_derivative((y == "yes").astype(float), model.decision_function(X))
    Z = ((X - X.mean()) / X.std(ddof=0)).to_numpy()
    assert slope.sum() == pytest.approx(0.0, abs=1e-7)
    assert Z.T @ slope + 7.0 * model.coef_[0] * X.std(ddof=0).to_numpy() == pytest.approx(
        np.zeros(3), abs=1e-7
    )


def test_per_sample_is_total_times_the_weights(people) -> None:
    X, y = people
    w = np.random.default_rng(0).uniform(0.5, 2, len(y))
    one = PropensityClassifier(l2=0.01, l1=0.02, penalty_scale="per_sample").fit(X, y, sample_weight=w)
    other = PropensityClassifier(l2=0.01 * w.sum(), l1=0.02 * w.sum()).fit(X, y, sample_weight=w)
    assert one.coef_ == pytest.approx(other.coef_, rel=1e-9)


def test_survey_weights_have_a_mean_of_one(people) -> None:
    X, y = people
    w = np.random.default_rng(0).uniform(0.5, 2, len(y))
    model = PropensityClassifier(weight_kind="survey").fit(X, y, sample_weight=1000 * w)
    again = PropensityClassifier().fit(X, y, sample_weight=w / w.mean())
    assert model.coef_ == pytest.approx(again.coef_, rel=1e-9)
    assert model.fit_.weight_sum == pytest.approx(800)
    counted = PropensityClassifier().fit(X, y, sample_weight=1000 * w)
    assert model.coef_ != pytest.approx(counted.coef_, rel=1e-6)


def test_prior_gives_the_population_back(people) -> None:
    """Controls drawn at a tenth: corrected probabilities are those of the whole population, within sampling error."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60_000, 2))
    p = expit(X @ [0.8, -0.5] - 3.0)
    y = rng.random(60_000) < p
    kept = y | (rng.random(60_000) < 0.1)
    model = PropensityClassifier(l2=0.0, prior=float(y.mean())).fit(X[kept], y[kept])
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), rel=0.03)
    assert PropensityClassifier(l2=0.0).fit(X[kept], y[kept]).predict_proba(X)[:, 1].mean() > 3 * y.mean()
    shift = logit(y.mean()) - logit(y[kept].mean())
    assert model.fit_.prior_shift == pytest.approx(shift)
    assert "corrected to" in model.fit_.summary


def test_offset_is_a_coefficient_of_one(people) -> None:
    X, y = people
    offset = 0.5 * np.random.default_rng(2).normal(size=len(y))
    model = PropensityClassifier(l2=0.0).fit(X, y, offset=offset)
    slope = cross_entropy_derivative((y == "yes").astype(float), model.decision_function(X, offset))
    assert ((X - X.mean()) / X.std()).to_numpy().T @ slope == pytest.approx(np.zeros(3), abs=1e-6)
    assert model.predict_proba(X, offset)[:, 1] == pytest.approx(expit(model.decision_function(X) + offset))


def test_probabilities_keep_their_digits_in_both_tails() -> None:
    X = np.array([[-1.0], [0.0], [1.0], [2.0]])
    model = PropensityClassifier(l2=0.1).fit(X, [0, 1, 0, 1])
    far = model.predict_proba([[1e4], [-1e4]])
    assert far.sum(axis=1) == pytest.approx(1.0)
    assert np.isfinite(model.predict_log_proba([[1e4], [-1e4]])).all()
    assert model.predict([[1e4], [-1e4]]).tolist() == [1, 0]


@pytest.mark.parametrize("labels", [(0, 1), (-1, 1), ("no", "yes"), (False, True), (2.0, 7.0)])
def test_labels_of_any_two_values(people, labels) -> None:
    X, y = people
    model = PropensityClassifier().fit(X, np.where(y == "yes", labels[1], labels[0]))
    assert model.classes_.tolist() == list(labels)
    assert model.fit_.classes == labels
    assert set(model.predict(X).tolist()) <= set(labels)


def test_pipeline_search_and_set_output(people) -> None:
    X, y = people
    table = X.assign(plan=np.random.default_rng(0).choice(["a", "b", "c"], len(X)))
    numbers = (StandardScaler(), list(NAMES))
    encoder = make_column_transformer(numbers, (OneHotEncoder(sparse_output=False), ["plan"]))
    pipe = make_pipeline(encoder.set_output(transform="pandas"), PropensityClassifier())
    search = GridSearchCV(pipe, {"propensityclassifier__l2": [0.1, 1.0, 10.0]}, cv=3, scoring="neg_log_loss")
    search.fit(table, y)
    assert search.best_estimator_[-1].feature_names_in_[0].endswith("visits")
    assert cross_val_score(pipe, table, y, cv=3, scoring="roc_auc").mean() > 0.7


def test_sparse_and_float32_tables(people) -> None:
    X, y = people
    X = ((X - X.mean()) / X.std()).to_numpy().astype(np.float32)
    dense = PropensityClassifier().fit(X.astype(float), y)
    assert PropensityClassifier().fit(csr_array(X), y).coef_ == pytest.approx(dense.coef_, rel=1e-9)
    assert PropensityClassifier().fit(X, y).coef_ == pytest.approx(dense.coef_, rel=1e-9)


def test_the_result_is_saved_and_scores_by_name(people, tmp_path) -> None:
    X, y = people
    model = PropensityClassifier(l2=2.0).fit(X, y)
    again = load_result(model.fit_.save(tmp_path / "fit.json"))
    other_order = X[["basket", "visits", "tenure"]].assign(more="text")
    assert again.score(other_order) == pytest.approx(model.decision_function(X), rel=1e-14)
    assert again.probability(X.to_numpy()) == pytest.approx(model.predict_proba(X)[:, 1], rel=1e-14)
    assert again.classes == ("no", "yes")
    assert "penalty l2 = 2 in total on scaled features" in again.summary
    with pytest.raises(InputError, match=r"X lacks the column\(s\) tenure"):
        again.score(X.drop(columns="tenure"))
    with pytest.raises(InputError, match="X must have 3 columns"):
        again.score(np.ones((2, 4)))


def test_columns_in_another_order_are_refused_by_the_estimator(people) -> None:
    X, y = people
    with pytest.raises(ValueError, match="order"):
        PropensityClassifier().fit(X, y).predict(X[["basket", "visits", "tenure"]])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"l2": -1}, r"l2 must be in \[0, inf\], got -1"),
        ({"l1": "strong"}, "l1 must be a number"),
        ({"penalty_scale": "mean"}, "no penalty_scale called 'mean'"),
        ({"weight_kind": "sampling"}, "no weight_kind called 'sampling'"),
        ({"firth": True}, "Give firth=True, l2=0"),
        ({"prior": 1.5}, "prior must lie between 0 and 1, got 1.5"),
        ({"max_steps": 2.5}, "max_steps must be a whole number"),
    ],
)
def test_a_wrong_setting_is_named(people, settings, message) -> None:
    with pytest.raises(InputError, match=message):
        PropensityClassifier(**settings).fit(*people)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X, np.resize(["a", "b", "c"], len(y))), "y has 3 values: 'a', 'b', 'c'"),
        (lambda X, y: (X, np.full(len(y), "yes")), r"got one class only \('yes'\)"),
        (lambda X, y: (X.set_axis(["a", "b", "a"], axis=1), y), "more than one column called 'a'"),
        (lambda X, y: (X.assign(tenure=np.nan), y), "column 'tenure' holds NaN in row 0"),
        (lambda X, y: (X.replace(X.iloc[5, 0], np.inf), y), "column 'visits' holds inf .* in row 5"),
    ],
)
def test_wrong_data_are_named(people, change, message) -> None:
    with pytest.raises(InputError, match=message):
        PropensityClassifier().fit(*change(*people))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (lambda y: -np.ones(len(y)), "weights must not be negative; found -1 at position 0"),
        (lambda y: np.zeros(len(y)), "weights are all zero"),
        (lambda y: (y == "yes").astype(float), "one class only"),
        (lambda y: np.ones(3), "sample_weight must be one per row, got 3 for 800"),
        (lambda y: np.full(len(y), np.nan), "sample_weight must be finite"),
    ],
)
def test_wrong_weights_are_named(people, weights, message) -> None:
    X, y = people
    with pytest.raises(InputError, match=message):
        PropensityClassifier().fit(X, y, sample_weight=weights(y))


def test_a_constant_column_is_left_out_and_marked(people) -> None:
    X, y = people
    model = PropensityClassifier(l2=0.0).fit(X.assign(country=1.0), y)
    assert model.coef_[0, 3] == 0.0 and model.fit_.scale[3] == 0.0


def test_separated_classes_are_refused_by_name(people) -> None:
    X, y = people
    X = X.assign(invoice=np.where(y == "yes", 1.0, 0.0))
    with pytest.raises(FitError, match=r"invoice.*firth=True"):
        PropensityClassifier(l2=0.0).fit(X, y)
    for settings in ({"l2": 1.0}, {"l2": 0.0, "firth": True}):
        assert PropensityClassifier(**settings).fit(X, y).fit_.converged


def test_suspicion_of_separation_is_not_yet_separation() -> None:
    rng = np.random.default_rng(2)
    x = np.append(rng.normal(size=300), 400.0)[:, None]
    y = np.append(rng.random(300) < expit(x[:-1, 0]), True)
    model = PropensityClassifier(l2=0.0).fit(x, y)
    assert model.fit_.converged and model.decision_function(x).max() > 100


def test_collinear_columns_are_refused_by_name(people) -> None:
    X, y = people
    X = X.assign(copy=2 * X["visits"] + 1)
    with pytest.raises(FitError, match="Column 'copy' is a combination of 'visits'"):
        PropensityClassifier(l2=0.0).fit(X, y)


def test_too_few_steps_warn(people) -> None:
    with pytest.warns(ConvergenceWarning, match=r"did not converge in 1 steps.*standard errors"):
        model = PropensityClassifier(max_steps=1).fit(*people)
    assert "did not converge" in model.fit_.summary


def test_an_ordinary_fit_warns_of_nothing(people) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert PropensityClassifier(l2=0.0).fit(*people).n_iter_ < 10


def test_fit_logistic_takes_a_start(people) -> None:
    X, y = people
    codes = (y == "yes").astype(float)
    cold = fit_logistic(X.to_numpy(), codes, settings=FitSettings(l2=1.0))
    warm = fit_logistic(
        X.to_numpy(),
        codes,
        settings=FitSettings(l2=1.0),
        start=np.append(cold.intercept, cold.coefficients),
    )
    assert warm.iterations < cold.iterations
