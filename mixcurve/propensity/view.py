"""A model and a table, seen alike whatever the model is: design, fit, and the column that each feature comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.propensity.fit import LogisticFit, columns_of
from mixcurve.propensity.model import PropensityModel
from mixcurve.tables.customer_table import CustomerTable

__all__ = ["View", "view_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """What a linear model sees of a table.

    Parameters
    ----------
    fit
        The coefficients.
    design
        (n, p), the features.
    columns
        The columns of the table that features come from, each once.
    place
        (p,), where in ``columns`` each feature's column is.
    frame
        The table as the reader knows it: a frame or an array.
    """

    fit: LogisticFit
    design: FloatArray
    columns: tuple[str, ...]
    place: npt.NDArray[np.intp]
    frame: Any

    def summed(self, by_feature: FloatArray) -> FloatArray:
        """Return figures per feature (…, p) added up per column (…, columns)."""
        out = np.zeros((*by_feature.shape[:-1], len(self.columns)))
        for j, k in enumerate(self.place):
            out[..., k] += by_feature[..., j]
        return out

    def shown(self, column: str) -> Any:
        """Return the values of a column as the reader knows them, (n,)."""
        if hasattr(self.frame, "columns"):
            return np.asarray(self.frame[column].astype(object))
        return self.design[:, self.columns.index(column)]


def view_of(model: Any, source: Any) -> View:
    """Return what a `PropensityModel`, a fitted `PropensityClassifier` or a `LogisticFit` sees of a table."""
    if isinstance(model, PropensityModel):
        frame = source.features if isinstance(source, CustomerTable) else source
        of = model.recipe.of_column
        columns = tuple(dict.fromkeys(of))
        return View(
            model.fit, model.recipe.design(source), columns, np.array([columns.index(c) for c in of]), frame
        )
    fit = getattr(model, "fit_", model)
    if not isinstance(fit, LogisticFit):
        raise InputError(
            "model must be a PropensityModel, a fitted PropensityClassifier or a LogisticFit, "
            f"got {type(model).__name__}."
        )
    design = np.asarray(columns_of(source, fit.feature_names), dtype=np.float64)
    return View(fit, design, fit.feature_names, np.arange(len(fit.feature_names)), source)
