"""The recipe as a scikit-learn transformer, for pipelines, grid searches and cross-validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from mixcurve.foundations.errors import InputError
from mixcurve.propensity.features.learn import learn_recipe
from mixcurve.propensity.features.recipe import FeatureRecipe
from mixcurve.tables.customer_table import CustomerTable
from mixcurve.tables.customer_values import Kind, frame_of

__all__ = ["FeatureEncoder"]


class FeatureEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn numbers, categories, booleans and dates, with missing values, into a design of float64.

    All that is learnt is one `FeatureRecipe`, which applies without scikit-learn and saves to JSON. Its result is that
    of scikit-learn's ``OneHotEncoder(min_frequency=…, handle_unknown="infrequent_if_exist")`` and
    ``SimpleImputer(strategy="median", add_indicator=True)`` on the columns that these take, in a fraction of the time:
    a column of text is coded once.

    Parameters
    ----------
    rare_share
        A level on less than this share of all rows, or on one row only, is rare. Rare levels are pooled.
    kinds
        The kind of some columns: ``"number"``, ``"category"``, ``"boolean"`` or ``"date"``. The others' follow from
        their types: text is a category.
    reference
        The level of some categories with which the others are compared; else the most frequent one.

    Attributes
    ----------
    recipe_
        The `FeatureRecipe` that was learnt.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn. A frame must come back with the same columns in the same order, as scikit-learn
        asks of every estimator; ``recipe_.design`` finds columns by name in any order.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"plan": ["a", "b", "a", "b", "a"], "income": [1.0, 2.0, 9.0, None, 4.0]})
    >>> encoder = FeatureEncoder().fit(frame)
    >>> encoder.get_feature_names_out().tolist()
    ['plan: b', 'income', 'income missing']
    >>> encoder.transform(frame[3:4])
    array([[1., 3., 1.]])
    """

    recipe_: FeatureRecipe

    def __init__(
        self,
        rare_share: float = 0.01,
        kinds: Mapping[str, Kind] | None = None,
        reference: Mapping[str, str] | None = None,
    ) -> None:
        self.rare_share = rare_share
        self.kinds = kinds
        self.reference = reference

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the recipe.

        Parameters
        ----------
        X
            A frame or matrix with one row per customer.
        y
            Not used.

        Raises
        ------
        InputError
            If there are no rows or columns, a value is infinite or of another kind, or an argument names what is not
            there.
        """
        frame = self._frame(X, reset=True)
        self.recipe_ = learn_recipe(
            frame, rare_share=self.rare_share, kinds=self.kinds, reference=self.reference
        )
        return self

    def transform(self, X: Any) -> npt.NDArray[np.float64]:
        """Return the design, shape (n, p).

        Parameters
        ----------
        X
            A frame or matrix with the columns that were fitted. New levels and missing values where there were none
            have the treatment that `FeatureRecipe` states.
        """
        check_is_fitted(self, "recipe_")
        return self.recipe_.design(self._frame(X, reset=False))

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """Return the names of the columns of the design, shape (p,), as objects.

        Parameters
        ----------
        input_features
            Must be the names of the columns that were fitted, if given; they are not used else.
        """
        check_is_fitted(self, "recipe_")
        if input_features is not None and list(map(str, input_features)) != list(self.recipe_.column_names):
            raise InputError(
                f"input_features is not equal to feature_names_in_: it must be {list(self.recipe_.column_names)}, "
                f"got {list(input_features)}."
            )
        return np.array(self.recipe_.names, dtype=object)

    def _frame(self, X: Any, *, reset: bool) -> Any:
        """Return what came in as a frame, after scikit-learn's checks of names and shape."""
        X = X.features if isinstance(X, CustomerTable) else X
        if hasattr(X, "columns") or hasattr(X, "column_names"):
            frame = frame_of(X)
            validate_data(self, frame, reset=reset, skip_check_array=True)
            if 0 in frame.shape:
                raise InputError(
                    f"0 sample(s) or 0 feature(s) (shape={frame.shape}) while a minimum of 1 is required."
                )
            return frame
        matrix = validate_data(self, X, reset=reset, dtype=None, ensure_all_finite=False)
        names = None if reset else self.recipe_.column_names
        return frame_of(matrix, names)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
