"""Cross-fitted calibration of classifiers: honest, of any scorer, true to corrections, scikit-learn's checks."""

from __future__ import annotations

from unittest import SkipTest

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import estimator_checks_generator

from mixcurve.calibration.maps.fit import MAPS
from mixcurve.calibration.probability import calibration_report
from mixcurve.foundations.errors import InputError
from mixcurve.propensity.calibrate import CalibratedClassifier, calibrate
from mixcurve.propensity.classifier import PropensityClassifier
from mixcurve.propensity.raw_score import nearest_to_certain, raw_score
from mixcurve.sigmoid import expit, logit


def people(rows=3000, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4))
    z = X @ [1.0, -0.7, 0.3, 0.0] - 0.8
    return X, (rng.random(rows) < expit(z)).astype(int), z


def doubled(X):
    """Return features that naive Bayes counts twice, which makes it too sure."""
    return np.column_stack([X, X + 0.05 * np.random.default_rng(1).normal(size=X.shape)])


class TestHonesty:
    def test_mends_a_model_that_is_too_sure(self):
        X, y, _ = people()
        more, new, _ = people(4000, 1)
        raw = GaussianNB().fit(doubled(X), y)
        before = calibration_report(new, raw.predict_proba(doubled(more))[:, 1])
        assert before.estimates["slope"][2] < 0.8 and "too extreme" in before.summary
        for method in ("platt", "beta", "spline", "isotonic", "venn-abers"):
            mended = calibrate(raw, doubled(X), y, method=method)
            after = calibration_report(new, mended.predict_proba(doubled(more))[:, 1], level=0.999)
            assert after.estimates["slope"][1] < 1.0 < after.estimates["slope"][2]
            assert after.scores["log loss"] < before.scores["log loss"]

    def test_cross_fitted_scores_show_what_new_people_will(self):
        """A forest grown to the last leaf knows its people by heart; the report must not be fooled."""
        X, y, _ = people(1500)
        forest = RandomForestClassifier(60, random_state=0)
        mended = calibrate(forest, X, y, method="platt")
        known = calibration_report(y, forest.fit(X, y).predict_proba(X)[:, 1])
        honest = calibration_report(y, score=mended.cross_fitted_score_)
        new_X, new_y, _ = people(4000, 2)
        new = calibration_report(new_y, mended.predict_proba(new_X)[:, 1])
        assert known.scores["brier"] < 0.1 < honest.scores["brier"]
        assert honest.scores["brier"] == pytest.approx(new.scores["brier"], abs=0.02)

    def test_no_person_is_scored_by_a_model_that_knew_them(self):
        """One neighbour: its own label if known. Held out, the score says less than the label."""
        X, y, _ = people(600)
        mended = calibrate(KNeighborsClassifier(1), X, y, method="platt")
        assert np.mean((mended.out_of_fold_score_ > 0) == y) < 0.9
        assert (
            calibrate(KNeighborsClassifier(1).fit(X, y), X, y, folds="prefit", method="platt").map_.slope > 0
        )

    def test_groups_stay_together(self):
        """Each household is three copies: split apart, a neighbour gives the answer away."""
        X, y, _ = people(300)
        X, y, home = np.repeat(X, 3, axis=0), np.repeat(y, 3), np.repeat(np.arange(300) % 10, 3)
        apart = calibrate(KNeighborsClassifier(1), X, y, method="platt")
        together = calibrate(KNeighborsClassifier(1), X, y, method="platt", groups=home)
        hits = [np.mean((m.out_of_fold_score_ > 0) == y) for m in (apart, together)]
        assert hits[0] > 0.9 > hits[1]


class TestScores:
    def test_margins_and_probabilities(self):
        X, y, _ = people(800)
        for model in (LinearSVC(), LogisticRegression(), make_pipeline(StandardScaler(), GaussianNB())):
            mended = calibrate(model, X, y, method="platt")
            assert (
                calibration_report(y, score=mended.cross_fitted_score_, level=0.999).estimates["slope"][2] > 1
            )
            ranks = np.argsort(raw_score(mended.estimator_, X)[0])
            assert (np.diff(mended.decision_function(X)[ranks]) >= 0).all()

    def test_probabilities_of_0_and_1_are_half_as_far_as_the_nearest_seen(self):
        assert expit(-nearest_to_certain(logit(np.array([0.0, 0.02, 0.9, 1.0])))) == pytest.approx(0.01)
        X, y, _ = people(600)
        mended = calibrate(RandomForestClassifier(20, random_state=0), X, y)
        assert expit(-mended.certain_) == pytest.approx(0.025)
        assert np.isfinite(mended.decision_function(X)).all()

    def test_correction_by_prior_is_kept(self):
        """People drawn by class: calibration to the sample must not undo the correction to the population."""
        X, y, z = people(20_000, 3)
        rng = np.random.default_rng(4)
        kept = (y == 1) | (rng.random(len(y)) < 0.2)
        base = y.mean()
        mended = calibrate(PropensityClassifier(prior=float(base)), X[kept], y[kept], method="platt")
        assert mended.predict_proba(X)[:, 1].mean() == pytest.approx(base, abs=0.02)
        assert np.abs(mended.decision_function(X) - z).mean() < 0.15
        assert expit(mended.cross_fitted_score_).mean() < 0.9 * y[kept].mean()
        piped = make_pipeline(StandardScaler(), PropensityClassifier(prior=float(base)))
        again = calibrate(piped, X[kept], y[kept], method="platt")
        np.testing.assert_allclose(again.decision_function(X), mended.decision_function(X), atol=1e-3)

    def test_segments(self):
        X, y, _ = people(4000)
        where = np.where(np.arange(4000) % 2, "a", "b")
        y = np.where((where == "a") & (np.random.default_rng(5).random(4000) < 0.4), 0, y)
        mended = calibrate(PropensityClassifier(), X, y, method="platt", segments=where)
        p = mended.predict_proba(X, segments=where)[:, 1]
        rows = calibration_report(y, p, segments=where).segments
        assert {row.verdict for row in rows} == {"as stated"}
        with pytest.raises(InputError, match="segments must be given"):
            mended.predict_proba(X)


class TestEstimator:
    @pytest.mark.parametrize("method", sorted(MAPS))
    def test_words_stay_words_and_frames_frames(self, method):
        X, y, _ = people(500)
        frame, answer = pd.DataFrame(X, columns=list("abcd")), np.where(y == 1, "yes", "no")
        mended = calibrate(PropensityClassifier(), frame, answer, method=method)
        assert mended.classes_.tolist() == ["no", "yes"] and set(mended.predict(frame)) == {"no", "yes"}
        assert mended.feature_names_in_.tolist() == list("abcd") and mended.n_features_in_ == 4
        both = mended.predict_proba(frame)
        np.testing.assert_allclose(both.sum(axis=1), 1.0)
        np.testing.assert_allclose(np.exp(mended.predict_log_proba(frame)), both)
        plain = calibrate(PropensityClassifier(), X, y, method=method)
        np.testing.assert_allclose(plain.decision_function(X), mended.decision_function(frame))

    def test_leaves_the_model_given_as_it_is(self):
        X, y, _ = people(400)
        model = PropensityClassifier().fit(X[:200], y[:200])
        before = model.coef_.copy()
        calibrate(model, X, y)
        np.testing.assert_array_equal(model.coef_, before)
        fixed = calibrate(model, X[200:], y[200:], folds="prefit", method="platt")
        assert fixed.estimator_ is model

    def test_weights_reach_model_and_map(self):
        X, y, _ = people(2000)
        weights = np.where(y == 1, 3.0, 1.0)
        mended = calibrate(PropensityClassifier(), X, y, sample_weight=weights, method="platt")
        p = mended.predict_proba(X)[:, 1]
        assert np.average(p, weights=weights) == pytest.approx(np.average(y, weights=weights), abs=0.01)
        assert p.mean() > y.mean() + 0.1

    def test_same_seed_same_result(self):
        X, y, _ = people(500)
        one, two, other = (
            calibrate(PropensityClassifier(), X, y, seed=s).decision_function(X) for s in (1, 1, 2)
        )
        np.testing.assert_array_equal(one, two)
        assert (one != other).any()

    def test_clones_and_goes_into_pipelines(self):
        X, y, _ = people(300)
        model = clone(CalibratedClassifier(PropensityClassifier(l2=2.0), method="platt", folds=3))
        assert model.get_params()["estimator__l2"] == 2.0
        assert make_pipeline(StandardScaler(), model).fit(X, y).predict(X).shape == (300,)

    @pytest.mark.filterwarnings("ignore")
    def test_scikit_learns_checks(self):
        """All but two: random folds do not know that a weight of 2 is a row twice (nor do scikit-learn's own)."""
        failed = {}
        for one, check in estimator_checks_generator(CalibratedClassifier(method="platt", folds=2)):
            try:
                check(one)
            except SkipTest:
                continue
            except (AssertionError, InputError) as error:
                failed[check.func.__name__] = str(error)
        weights = "check_sample_weight_equivalence_on"
        assert set(failed) <= {f"{weights}_dense_data", f"{weights}_sparse_data"}, failed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "platts"}, "no method of calibration called 'platts'"),
        ({"folds": "prefitted"}, "no way to make folds called 'prefitted'"),
        ({"folds": 1}, "folds"),
        ({"groups": np.zeros(200)}, "at least 2 different labels"),
        ({"sample_weight": np.ones(3)}, "sample_weight must be one per row"),
        ({"segments": ["a"] * 7}, "one label per case"),
    ],
)
def test_wrong_settings_are_named(change, message):
    X, y, _ = people(200)
    with pytest.raises(InputError, match=message):
        calibrate(PropensityClassifier(), X, y, **change)


@pytest.mark.parametrize(
    ("labels", "message"),
    [(np.arange(200) % 3, "binary"), (np.ones(200), "both classes")],
)
def test_wrong_labels_are_named(labels, message):
    with pytest.raises(InputError, match=message):
        calibrate(PropensityClassifier(), people(200)[0], labels)


def test_models_that_cannot_be_calibrated_are_named():
    X, y, _ = people(200)
    with pytest.raises(InputError, match="has neither"):
        calibrate(StandardScaler(), X, y)
    with pytest.raises(InputError, match=r"KNeighborsClassifier\.fit takes none"):
        calibrate(KNeighborsClassifier(), X, y, sample_weight=np.ones(200))


def test_telco_churn_means_what_it_says(shared_data):
    """Probabilities of customers held out in five folds: slope near 1, and the Brier score the issue asks for."""
    table = pd.read_csv(shared_data / "telco_churn" / "wa_churn.csv")
    y = table["churn"].astype(str).str.lower().isin(["yes", "1", "true"]).to_numpy()
    X = pd.get_dummies(table.drop(columns=["churn", "rownames"]), drop_first=True).astype(float).fillna(0.0)
    mended = calibrate(PropensityClassifier(), X, y)
    for score in (mended.out_of_fold_score_, mended.cross_fitted_score_):
        report = calibration_report(y, score=score)
        assert 0.95 <= report.slope <= 1.05
        assert report.scores["brier"] <= 0.1356
        assert report.summary.startswith("Probabilities mean what they say")
