"""`PropensityClassifier`: logistic regression as a scikit-learn estimator."""

from __future__ import annotations

import warnings
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.propensity.fit import LogisticFit, fit_logistic
from mixcurve.propensity.labels import plain_value, two_classes
from mixcurve.propensity.settings import MAX_STEPS, FitSettings
from mixcurve.propensity.tables import refuse_repeated
from mixcurve.sigmoid import expit, log_expit

__all__ = ["PropensityClassifier"]

FloatArray = npt.NDArray[np.float64]
FLOATS = (np.float64, np.float32)


class PropensityClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression by Newton's method, to the last digit on features of any scale.

    Minimises ``Σ w (softplus(z) - y z) + l2 / 2 Σ b² + l1 Σ |b|`` with ``z = a + Σ b (x - mean) / deviation + offset``.
    Penalties act on coefficients of features scaled to unit variance, never on the intercept; ``coef_`` and
    ``intercept_`` are those of the features as given.

    Parameters
    ----------
    l2
        Strength of the ridge. The default 1 is a normal prior of standard deviation 1 on each scaled coefficient.
    l1
        Strength of the absolute penalty; with ``l2`` an elastic net.
    penalty_scale
        ``"total"``: strengths stand against the sum over all people, as in the formula. ``"per_sample"``: against their
        mean, so they are multiplied by the sum of the weights.
    firth
        Firth's penalty, which takes the first-order bias away and gives finite coefficients for separated classes
        (Firth 1993; Heinze and Schemper 2002). It needs ``l2=0``.
    weight_kind
        ``"frequency"``: a weight of 2 is the row twice. ``"survey"``: sampling weights, brought to a mean of 1.
    prior
        The share of positives in the population, if the sample was drawn by class: shifts the intercept by
        ``logit(prior) - logit(share in the sample)`` (King and Zeng 2001).
    max_steps
        Newton steps at most. The fit has converged when the next step moves no coefficient by more than 1e-8 of its
        standard error.

    Attributes
    ----------
    fit_ : LogisticFit
        Everything that was found, in plain numbers.
    coef_ : ndarray of shape (1, p)
    intercept_ : ndarray of shape (1,)
    classes_ : ndarray of shape (2,)
    n_iter_ : int
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (p,)
        Only when ``X`` had names.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 2))
    >>> y = rng.random(500) < expit(X[:, 0] - 1.0)
    >>> model = PropensityClassifier(l2=1.0).fit(X, y)
    >>> model.predict_proba([[0.0, 0.0], [2.0, 0.0]])[:, 1].round(1).tolist()
    [0.3, 0.7]
    """

    def __init__(
        self,
        l2: float = 1.0,
        l1: float = 0.0,
        penalty_scale: Literal["total", "per_sample"] = "total",
        firth: bool = False,
        weight_kind: Literal["frequency", "survey"] = "frequency",
        prior: float | None = None,
        max_steps: int = MAX_STEPS,
    ) -> None:
        self.l2 = l2
        self.l1 = l1
        self.penalty_scale = penalty_scale
        self.firth = firth
        self.weight_kind = weight_kind
        self.prior = prior
        self.max_steps = max_steps

    def __sklearn_tags__(self) -> Any:
        """Say what kinds of input are taken: two classes; sparse tables too."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.sparse = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None, offset: Any = None) -> Self:
        """Fit to features and labels.

        Parameters
        ----------
        X
            (n, p), array, frame or sparse table of numbers; read in blocks, never copied if it is float64 or float32.
        y
            (n,), labels of any two values; the second in sorted order is the positive one.
        sample_weight
            (n,), see ``weight_kind``; 1 by default.
        offset
            (n,), added to the log-odds with a coefficient of 1.

        Raises
        ------
        InputError
            A `ValueError`: a value that is not finite, labels of one class or of three, a setting outside its rule.
        FitError
            Without a penalty, when a column is a combination of others or the classes are separated.
        """
        settings = FitSettings(**self.get_params())
        refuse_repeated(getattr(X, "columns", ()))
        more: dict[str, Any] = {"accept_sparse": "csr", "dtype": FLOATS, "ensure_all_finite": False}
        X, y = validate_data(self, X, y, **more)
        check_classification_targets(y)
        labels, classes = two_classes(y)
        names = getattr(self, "feature_names_in_", None)
        fit = fit_logistic(
            X,
            labels,
            settings=settings,
            weights=_one_per_row("sample_weight", sample_weight, len(labels)),
            offset=_one_per_row("offset", offset, len(labels)),
            names=None if names is None else tuple(str(name) for name in names),
            classes=(plain_value(classes[0]), plain_value(classes[1])),
        )
        if not fit.converged:
            warnings.warn(
                f"The fit did not converge in {fit.iterations} steps: the last one moved a coefficient by "
                f"{fit.step_in_standard_errors:.2g} standard errors. Raise max_steps, or give l2 above 0.",
                ConvergenceWarning,
                stacklevel=2,
            )
        self.classes_ = classes
        self._take(fit)
        return self

    def _take(self, fit: LogisticFit) -> None:
        self.fit_ = fit
        self.coef_ = fit.coefficients[None, :].copy()
        self.intercept_ = np.array([fit.intercept])
        self.n_iter_ = fit.iterations

    def decision_function(self, X: Any, offset: Any = None) -> FloatArray:
        """Return the score of each row: the log-odds of the second class, (n,)."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=FLOATS, reset=False)
        return self.fit_.score(X, _one_per_row("offset", offset, X.shape[0]))

    def predict_proba(self, X: Any, offset: Any = None) -> FloatArray:
        """Return the probabilities of both classes, (n, 2)."""
        z = self.decision_function(X, offset)
        return np.column_stack([expit(-z), expit(z)])

    def predict_log_proba(self, X: Any, offset: Any = None) -> FloatArray:
        """Return the logarithms of both probabilities, (n, 2), exact where the probabilities round to 0."""
        z = self.decision_function(X, offset)
        return np.column_stack([log_expit(-z), log_expit(z)])

    def predict(self, X: Any, offset: Any = None) -> npt.NDArray[Any]:
        """Return the more probable class of each row; `choose_threshold` makes better decisions than this cut at ½."""
        z = self.decision_function(X, offset)
        return self.classes_[(z > 0).astype(np.intp)]


def _one_per_row(name: str, values: Any, rows: int) -> FloatArray | None:
    """Return a number per row, or None, or raise naming the argument."""
    if values is None:
        return None
    array = finite_array(name, values)
    if array.ndim == 0:
        return np.full(rows, float(array))
    if array.ndim > 1:
        # scikit-learn's own words, which its check of estimators looks for.
        raise InputError(f"{name} must be 1D array or scalar, got shape {array.shape}.")
    if len(array) != rows:
        raise InputError(f"{name} must be one per row, got {len(array)} for {rows} rows.")
    return array
