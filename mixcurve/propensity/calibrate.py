"""`calibrate`: any classifier, with a calibration map fitted to scores of people it had not seen."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, has_fit_parameter

from mixcurve.calibration.maps.base import CalibrationMap, Segments
from mixcurve.calibration.maps.cross import cross_fitted_score
from mixcurve.calibration.maps.fit import MAPS, MapMethod, fit_map
from mixcurve.foundations.checks import finite_array, known_name
from mixcurve.foundations.errors import InputError
from mixcurve.propensity.classifier import PropensityClassifier
from mixcurve.propensity.drawn_folds import draw_folds
from mixcurve.propensity.labels import two_classes
from mixcurve.propensity.raw_score import nearest_to_certain, prior_shift, raw_score
from mixcurve.sigmoid import expit, log_expit

__all__ = ["CalibratedClassifier", "calibrate"]

FloatArray = npt.NDArray[np.float64]
PREFIT = "prefit"
CHECK_FOLDS = 5
"""Folds of the check on a map when the model itself needs none."""


class CalibratedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose probabilities are calibrated by cross-fitting.

    Every person is scored by a copy of the model that was fitted without that person's fold; one map is fitted to all
    these scores; the model is then refitted to all people. So one model and one map state the probabilities: its
    coefficients stay readable, and it costs one fit more than there are folds. The refitted model knows a little more
    than the copies did, so its scores may spread slightly wider than the map expects.

    Parameters
    ----------
    estimator
        A scikit-learn classifier of two classes with ``decision_function`` or ``predict_proba``; a
        `PropensityClassifier` by default. Its scores are taken before a correction by ``prior``, which is put back.
    method
        The method of `fit_map`.
    folds
        How many random folds, of like shares of both classes, or ``"prefit"``: the estimator is fitted already and is
        kept as it is, and the people given are others than it was fitted to.
    platt_targets
        As in `fit_map`.
    seed
        For the folds.

    Attributes
    ----------
    estimator_
        The model fitted to all people.
    map_ : CalibrationMap
    out_of_fold_score_ : ndarray of shape (n,)
        The score of each person by a model that had not seen them.
    cross_fitted_score_ : ndarray of shape (n,)
        The same, calibrated by a map that had not seen them either: hand it to `calibration_report`.
    classes_ : ndarray of shape (2,)
    """

    def __init__(
        self,
        estimator: Any = None,
        method: MapMethod = "beta",
        folds: int | Literal["prefit"] = 5,
        platt_targets: bool = False,
        seed: int = 0,
    ) -> None:
        self.estimator = estimator
        self.method = method
        self.folds = folds
        self.platt_targets = platt_targets
        self.seed = seed

    def __sklearn_tags__(self) -> Any:
        """Take two classes, and what else the estimator takes."""
        from sklearn.utils import get_tags

        tags = super().__sklearn_tags__()
        inner = get_tags(self._model())
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = inner.input_tags.sparse
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        return tags

    def _model(self) -> Any:
        return PropensityClassifier() if self.estimator is None else self.estimator

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        segments: Segments | None = None,
        groups: npt.ArrayLike | None = None,
    ) -> Self:
        """Fit the model and the map.

        Parameters
        ----------
        X
            (n, p), what the model takes.
        y
            (n,), labels of any two values; the second in sorted order is the positive one.
        sample_weight
            (n,), for the model and for the map.
        segments
            (n,), a label per person, for a map by segment; see `fit_map`.
        groups
            (n,), labels of people that stay together in a fold, such as a household; instead of random folds.

        Raises
        ------
        InputError
            If the labels are not of two classes, the method is not known, the model takes no weights but some are
            given, or a fold leaves one class only.
        """
        known_name("method of calibration", self.method, MAPS)
        prefit = isinstance(self.folds, str)
        if prefit:
            known_name("way to make folds", str(self.folds), [PREFIT])
            check_is_fitted(self._model())
        X, y = indexable(X, _one_column(y))
        labels, classes = two_classes(y)
        weight = _per_person(sample_weight, len(labels))
        parts = groups if groups is not None else CHECK_FOLDS if prefit else self.folds
        fold = draw_folds(parts, labels, weight, self.seed)
        self.estimator_ = self._model() if prefit else self._fitted(X, y, weight)
        raw, stated = raw_score(self.estimator_, X) if prefit else self._held_out(X, y, weight, fold)
        self.certain_ = nearest_to_certain(raw) if stated else np.inf
        self.out_of_fold_score_ = np.clip(raw, -self.certain_, self.certain_)
        options: dict[str, Any] = {
            "weights": weight,
            "segments": segments,
            "platt_targets": self.platt_targets,
        }
        self.map_: CalibrationMap = fit_map(self.method, self.out_of_fold_score_, labels, **options)
        honest = cross_fitted_score(self.method, self.out_of_fold_score_, labels, folds=fold, **options)
        self.cross_fitted_score_ = honest + prior_shift(self.estimator_)
        self.classes_ = classes
        return self

    def _fitted(self, X: Any, y: Any, weight: FloatArray | None) -> Any:
        """Return a copy of the model fitted to these people."""
        model = clone(self._model())
        if weight is None:
            return model.fit(X, y)
        if not has_fit_parameter(model, "sample_weight"):
            raise InputError(
                f"sample_weight is given, but {type(model).__name__}.fit takes none. "
                "Leave it out, or give a model that takes weights."
            )
        return model.fit(X, y, sample_weight=weight)

    def _held_out(
        self, X: Any, y: Any, weight: FloatArray | None, fold: npt.NDArray[np.intp]
    ) -> tuple[FloatArray, bool]:
        """Return the score of each person by a model of the other folds, and whether it comes from probabilities."""
        scores, stated = np.empty(len(fold)), False
        for k in range(int(fold.max()) + 1):
            held, others = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
            share = None if weight is None else weight[others]
            model = self._fitted(_safe_indexing(X, others), _safe_indexing(y, others), share)
            scores[held], stated = raw_score(model, _safe_indexing(X, held))
        return scores, stated

    @property
    def n_features_in_(self) -> int:
        """How many features the model takes."""
        return int(self._of_model("n_features_in_"))

    @property
    def feature_names_in_(self) -> Any:
        """The names of the features, if there were any."""
        return self._of_model("feature_names_in_")

    def _of_model(self, name: str) -> Any:
        fitted = self.__dict__.get("estimator_")
        if fitted is None or not hasattr(fitted, name):
            raise AttributeError(
                f"{type(self).__name__} has no {name} before it is fitted to a table with such."
            )
        return getattr(fitted, name)

    def decision_function(self, X: Any, segments: Segments | None = None) -> FloatArray:
        """Return the calibrated log-odds of the second class, (n,)."""
        check_is_fitted(self, "map_")
        raw, _ = raw_score(self.estimator_, X)
        bounded = np.clip(raw, -self.certain_, self.certain_)
        return self.map_.score(bounded, segments) + prior_shift(self.estimator_)

    def predict_proba(self, X: Any, segments: Segments | None = None) -> FloatArray:
        """Return the calibrated probabilities of both classes, (n, 2)."""
        z = self.decision_function(X, segments)
        return np.column_stack([expit(-z), expit(z)])

    def predict_log_proba(self, X: Any, segments: Segments | None = None) -> FloatArray:
        """Return the logarithms of both probabilities, (n, 2), exact where the probabilities round to 0."""
        z = self.decision_function(X, segments)
        return np.column_stack([log_expit(-z), log_expit(z)])

    def predict(self, X: Any, segments: Segments | None = None) -> npt.NDArray[Any]:
        """Return the more probable class of each row; `choose_threshold` makes better decisions than this cut at ½."""
        z = self.decision_function(X, segments)
        return self.classes_[(z > 0).astype(np.intp)]


def _one_column(y: Any) -> Any:
    """Return labels as one column, or raise as scikit-learn's estimators do where they are missing or no classes."""
    if y is None:
        raise InputError("calibration requires y to be passed, but the target y is None. Give what happened.")
    labels = column_or_1d(y, warn=True)
    check_classification_targets(labels)
    return labels


def _per_person(weights: Any, people: int) -> FloatArray | None:
    """Return a weight per person, or None."""
    if weights is None:
        return None
    found = finite_array("sample_weight", weights)
    if found.ndim == 0:
        return np.full(people, float(found))
    if found.shape != (people,):
        raise InputError(f"sample_weight must be one per row, got shape {found.shape} for {people} rows.")
    if not found.any():
        raise InputError(
            "sample_weight is zero for everyone. Give at least one person of each class a weight."
        )
    return found


def calibrate(
    model: Any,
    X: Any,
    y: Any,
    *,
    method: MapMethod = "beta",
    folds: int | Literal["prefit"] = 5,
    segments: Segments | None = None,
    groups: npt.ArrayLike | None = None,
    sample_weight: Any = None,
    platt_targets: bool = False,
    seed: int = 0,
) -> CalibratedClassifier:
    """Return the model with a calibration map fitted to scores of people it had not seen; the model stays as it is.

    Parameters
    ----------
    model
        A scikit-learn classifier of two classes, fitted or not: copies of it are fitted. With ``folds="prefit"`` it is
        used as it is, and X and y must be others than it was fitted to.
    X, y, sample_weight, segments, groups
        As in `CalibratedClassifier.fit`.
    method, folds, platt_targets, seed
        As in `CalibratedClassifier`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(2000, 3))
    >>> y = rng.random(2000) < expit(X[:, 0])
    >>> from sklearn.naive_bayes import GaussianNB
    >>> twice = np.column_stack([X, X + 0.1 * rng.normal(size=X.shape)])  # what naive Bayes counts double
    >>> better = calibrate(GaussianNB(), twice, y, method="platt")
    >>> round(better.map_.slope, 1)
    0.5
    >>> from mixcurve.calibration.probability import calibration_report
    >>> calibration_report(y, score=better.cross_fitted_score_).summary
    'Probabilities mean what they say: ...'
    """
    calibrated = CalibratedClassifier(model, method, folds, platt_targets, seed)
    return calibrated.fit(X, y, sample_weight, segments=segments, groups=groups)
