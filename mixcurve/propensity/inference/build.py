"""`inference_table`: what may be said of the coefficients of a logistic regression."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from mixcurve.foundations.checks import finite_array, number, one_of
from mixcurve.foundations.errors import InputError
from mixcurve.propensity.fit import LogisticFit, columns_of
from mixcurve.propensity.inference.effects import average_effects, two_valued
from mixcurve.propensity.inference.errors import ERRORS, Errors, sandwich
from mixcurve.propensity.inference.profile import Profile, profile_limit, restricted_fall
from mixcurve.propensity.inference.refit import Refit, refit
from mixcurve.propensity.inference.table import InferenceTable, Intervals
from mixcurve.propensity.newton.curvature import inverse_of
from mixcurve.propensity.newton.sums import Rows, pass_over
from mixcurve.propensity.settings import used_weights

__all__ = ["inference_table"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
INTERVALS: tuple[Intervals, ...] = ("wald", "profile")
SHARED = 10.0
"""A variance inflation above this is told: nine tenths of the feature's variance are those of the others."""


def inference_table(
    model: Any,
    X: Any,
    y: npt.ArrayLike,
    *,
    sample_weight: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
    errors: Errors | None = None,
    clusters: npt.ArrayLike | None = None,
    intervals: Intervals = "wald",
    level: float = 0.95,
) -> InferenceTable:
    r"""Return coefficients, odds ratios and effects in percentage points, with errors, intervals and tests.

    Wald intervals are :math:`b \pm z\,\mathrm{se}(b)`. Profile intervals hold the values at which the log-likelihood,
    maximised over all other coefficients, is within half a quantile of chi-square of its maximum; they come with
    likelihood-ratio tests, and a side that the data leave open is infinite. Under a ridge or an absolute penalty all
    figures are of a refit without it, or by Firth's penalty where the classes are separated, and the table says so.

    Parameters
    ----------
    model
        A fitted `PropensityClassifier`, or its `LogisticFit`.
    X, y
        What it was fitted to: (n, p), and (n,) labels of the same two values.
    sample_weight, offset
        (n,), as in the fit.
    errors
        ``"model"``: the inverse of the information. ``"robust"``: the sandwich, right where the model is not.
        ``"clustered"``: the same with scores summed over ``clusters``. By default ``"clustered"`` if clusters are
        given, ``"robust"`` for survey weights, else ``"model"``.
    clusters
        (n,), a label per row: rows of one household or one client, say.
    intervals
        ``"wald"`` or ``"profile"``. Profile intervals are the model's, so they need ``errors="model"``.
    level
        Of all intervals.

    Raises
    ------
    InputError
        If an argument is outside its rule, or X and y are not those of the model.

    References
    ----------
    Hosmer, Lemeshow and Sturdivant (2013), Applied Logistic Regression. Venzon and Moolgavkar (1988). Heinze and
    Schemper (2002), Statistics in Medicine 21, 2409-2419.

    Examples
    --------
    >>> from mixcurve.propensity.classifier import PropensityClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 2))
    >>> y = rng.random(400) < 1 / (1 + np.exp(1 - X[:, 0]))
    >>> found = inference_table(PropensityClassifier(l2=0.0).fit(X, y), X, y)
    >>> found.ranking, bool(found.low[1] < 1.0 < found.high[1])
    (('x0', 'x1'), True)
    """
    fit = _fit_of(model)
    kind = _errors(errors, clusters, fit)
    one_of("intervals", intervals, INTERVALS)
    if not 0.0 < number("level", level) < 1.0:
        raise InputError(f"level must lie between 0 and 1, got {level:g}. Write 95% as 0.95.")
    if intervals == "profile" and kind != "model":
        raise InputError(
            f"Profile intervals are those of the model; with errors='{kind}' give intervals='wald'."
        )
    table = _features(X, fit)
    label = _labels(y, fit, table.shape[0])
    weights = used_weights(sample_weight, len(label), fit.weight_kind)
    shift = None if offset is None else finite_array("offset", offset, ndim=1)
    found = refit(fit, table, label, weights, shift)
    return _table(fit, found, kind, _codes(clusters, len(label)), intervals, level)


def _fit_of(model: Any) -> LogisticFit:
    fit = getattr(model, "fit_", model)
    if not isinstance(fit, LogisticFit):
        raise InputError(
            f"model must be a fitted PropensityClassifier or a LogisticFit, got {type(model).__name__}. Fit it first."
        )
    return fit


def _errors(errors: Errors | None, clusters: Any, fit: LogisticFit) -> Errors:
    if errors is None:
        return "clustered" if clusters is not None else "robust" if fit.weight_kind == "survey" else "model"
    one_of("errors", errors, ERRORS)
    if (errors == "clustered") != (clusters is not None):
        raise InputError("errors='clustered' and clusters go together: give both or neither.")
    return errors


def _features(X: Any, fit: LogisticFit) -> Any:
    table = columns_of(X, fit.feature_names)
    return table if hasattr(table, "toarray") or table.dtype.kind == "f" else table.astype(np.float64)


def _labels(y: npt.ArrayLike, fit: LogisticFit, rows: int) -> FloatArray:
    given = np.asarray(y)
    if given.shape != (rows,):
        raise InputError(f"y must be one per row of X, got shape {given.shape} for {rows} rows.")
    # A `CustomerTable` holds its label as 0 and 1, whatever the source called the classes.
    values = set(np.unique(given).tolist()) if given.dtype.kind in "fiub" else set()
    if values and values <= {0, 1} and not values <= set(fit.classes):
        return given.astype(np.float64)
    label = (given == fit.classes[1]).astype(np.float64)
    unknown = (label == 0) & (given != fit.classes[0])
    if unknown.any():
        first = int(np.argmax(unknown))
        raise InputError(
            f"y holds {given[first]!r} in row {first}; the model knows {fit.classes[0]!r} and {fit.classes[1]!r}."
        )
    return label


def _codes(clusters: npt.ArrayLike | None, rows: int) -> IntArray | None:
    if clusters is None:
        return None
    given = np.asarray(clusters)
    if given.shape != (rows,):
        raise InputError(f"clusters must be one label per row, got shape {given.shape} for {rows} rows.")
    groups, codes = np.unique(given.astype(str) if given.dtype == object else given, return_inverse=True)
    if len(groups) < 2:
        raise InputError("clusters holds one label only. Clustered errors need at least two clusters.")
    return codes.astype(np.intp)


def _table(
    fit: LogisticFit,
    found: Refit,
    kind: Errors,
    clusters: IntArray | None,
    intervals: Intervals,
    level: float,
) -> InferenceTable:
    own, profile = found.fit, found.profile
    rows, theta = profile.rows, profile.best.theta
    inside = profile.inverse
    if kind != "model":
        inside = sandwich(rows, theta, inside, counts=own.weight_kind == "frequency", clusters=clusters)
    error = _positive(np.sqrt(np.diag(rows.design.original_covariance(inside))))
    coefficient = np.append(own.intercept, own.coefficients)
    coefficient[[1 + j for j in found.left_out]] = np.nan
    z = float(stats.norm.ppf(0.5 + level / 2.0))
    if intervals == "wald":
        low, high = coefficient - z * error, coefficient + z * error
        statistic = coefficient / error
        p_value = 2.0 * stats.norm.sf(np.abs(statistic))
    else:
        low, high = _profiled(profile, own, 0.5 * z**2)
        statistic = _ratios(profile)
        p_value = stats.chi2.sf(statistic, 1)
    effect, turn = average_effects(rows, theta, two_valued(rows))
    effect[np.isnan(error[1:])] = np.nan  # nothing is known of a feature that is constant or a combination
    reach = z * np.sqrt(np.einsum("ij,jk,ik->i", turn, inside, turn))
    inflation = _inflation(rows)
    return InferenceTable(
        names=("intercept", *own.feature_names), coefficient=coefficient, standard_error=error, low=low, high=high,
        statistic=statistic, p_value=p_value, effect=_behind(100.0 * effect),
        effect_low=_behind(100.0 * (effect - reach)), effect_high=_behind(100.0 * (effect + reach)),
        per_deviation=_behind(coefficient[1:] * own.scale), variance_inflation=_behind(inflation),
        fitted=np.append(fit.intercept, fit.coefficients), level=level, errors=kind, intervals=intervals,
        basis=found.basis, rows=own.rows, positives=own.positives,
        notes=(*found.notes, *_notes(own, inflation, kind, clusters)),
    )  # fmt: skip


def _positive(error: FloatArray) -> FloatArray:
    """Return errors with NaN for constant features, of which nothing is known."""
    return np.where(error > 0, error, np.nan)


def _behind(values: FloatArray) -> FloatArray:
    """Return the values of features behind a NaN for the intercept."""
    return np.append(np.nan, values)


def _profiled(profile: Profile, fit: LogisticFit, fall: float) -> tuple[FloatArray, FloatArray]:
    """Return profile limits on the original scale, (p + 1,) each."""
    design = profile.rows.design
    inverse = np.divide(1.0, design.scale, out=np.zeros_like(design.scale), where=design.scale > 0)
    ends = np.full((2, design.columns), np.nan)
    for j in range(design.columns):
        a = np.zeros(design.columns)
        if j == 0:
            a[0], a[1:] = 1.0, -design.centre * inverse
        elif design.scale[j - 1] == 0:
            continue
        else:
            a[j] = inverse[j - 1]
        ends[:, j] = [profile_limit(profile, a, fall, side) for side in (-1, 1)]
    ends[:, 0] += fit.prior_shift
    return ends[0], ends[1]


def _ratios(profile: Profile) -> FloatArray:
    """Return likelihood-ratio statistics of the features, (p + 1,); NaN for the intercept and constant ones."""
    scale = profile.rows.design.scale
    falls = [restricted_fall(profile, j + 1) if scale[j] > 0 else np.nan for j in range(len(scale))]
    return _behind(2.0 * np.array(falls))


def _inflation(rows: Rows) -> FloatArray:
    """Return variance inflations, (p,), from the correlations of the features."""
    gram = pass_over(Rows(rows.design, rows.y, rows.weights), np.zeros(rows.design.columns)).hessian[1:, 1:]
    inverse = inverse_of(gram)
    if inverse is None:
        return np.full(len(gram), np.inf)
    found = np.diag(inverse) * np.diag(gram)
    return np.where(rows.design.scale > 0, np.maximum(found, 1.0), np.nan)


def _notes(fit: LogisticFit, inflation: FloatArray, kind: Errors, clusters: IntArray | None) -> list[str]:
    notes = []
    constant = [n for n, s in zip(fit.feature_names, fit.scale) if s == 0]
    if constant:
        notes.append(f"Constant, so nothing is known of: {', '.join(constant)}.")
    shared = [f"{n} ({v:.0f})" for n, v in zip(fit.feature_names, inflation) if v > SHARED]
    if shared:
        notes.append(
            f"Mostly combinations of the other features (variance inflation above {SHARED:.0f}): {', '.join(shared)}; "
            "their coefficients can hardly be told from those of the others."
        )
    if fit.weight_kind == "survey" and kind == "model":
        notes.append(
            "The weights are sampling weights, for which the model's errors are too small: use errors='robust'."
        )
    if clusters is not None and (groups := int(clusters.max()) + 1) < 30:
        notes.append(
            f"There are only {groups} clusters: clustered errors of so few are too small on average."
        )
    if fit.prior is not None:
        notes.append("The intercept is corrected to the population; effects are those in the sample.")
    return notes
