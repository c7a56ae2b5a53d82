"""`best_subset`: the best model of k features, and what it loses against all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.propensity.drawn_folds import draw_folds
from mixcurve.propensity.fit import LogisticFit, fit_logistic
from mixcurve.propensity.labels import plain_value, two_classes
from mixcurve.propensity.newton.blocks import Standardised
from mixcurve.propensity.newton.sums import Rows, pass_over
from mixcurve.propensity.settings import FitSettings, used_weights
from mixcurve.propensity.subset.rule import Reached, SubsetRule
from mixcurve.propensity.subset.screen import most_promising, profiled
from mixcurve.propensity.tables import features_of
from mixcurve.thresholds.auc import compare_auc
from mixcurve.thresholds.ties import select_top, whole_number

__all__ = ["best_subset", "people_reached"]

FloatArray = npt.NDArray[np.float64]
RIDGE = 1e-3
"""In total, of the model of all features and of the refits: keeps separated or repeated columns from ending the search,
and moves no coefficient that the data know of."""


def best_subset(
    X: Any,
    y: npt.ArrayLike,
    k: int = 3,
    *,
    sample_weight: npt.ArrayLike | None = None,
    candidates: int = 20,
    folds: int = 5,
    capacity: int | None = None,
    level: float = 0.95,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> SubsetRule:
    r"""Return the model of the k features that together say most, and what it loses against all features.

    All subsets are ranked by the log-likelihood's quadratic approximation at the fit of all features, from one matrix;
    the best ``candidates`` are refitted exactly, and the one of the highest log-likelihood is chosen. Areas under the
    ROC curve are compared on people held out, the whole choice made anew without each fold.

    Parameters
    ----------
    X
        (n, p), array, frame or sparse table of numbers.
    y
        (n,), labels of two values, the second in sorted order being the positive one.
    k
        How many features.
    sample_weight
        (n,), frequencies.
    candidates
        Subsets refitted exactly.
    folds
        Folds of the comparison; 0 compares on the rows of the fit, which is faster and flatters both.
    capacity
        How many of the n people can be contacted: what the loss means is then told in people reached.
    level
        Of the intervals.
    names
        (p,), where X has no names.
    seed
        Of the folds.

    Raises
    ------
    InputError
        If k or capacity is out of range, or there are too many subsets.

    References
    ----------
    Hosmer, Jovanovic and Lemeshow (1989), Biometrics 45, 1265-1270. DeLong, DeLong and Clarke-Pearson (1988),
    Biometrics 44, 837-845.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(2000, 8))
    >>> y = rng.random(2000) < 1 / (1 + np.exp(-X[:, 2] - X[:, 5]))
    >>> best_subset(X, y, k=2, folds=0).names
    ('x2', 'x5')
    """
    table, given = features_of(X)
    known = given if names is None else tuple(map(str, names))
    if len(known) != table.shape[1]:
        raise InputError(f"names must be one per column, got {len(known)} for {table.shape[1]}.")
    label, values = two_classes(y)
    classes = (plain_value(values[0]), plain_value(values[1]))
    weights = used_weights(sample_weight, len(label), "frequency")
    k, candidates = whole_number("k", k), max(1, whole_number("candidates", candidates))
    found = _chosen(table, label, weights, known, classes, k, candidates)
    scores = (found.full.score(table), found.score(table[:, _places(found.names, known)]))
    if folds:
        scores = _held_out(
            table, label, weights, known, k, candidates, draw_folds(folds, label, weights, seed)
        )
    auc = compare_auc(*scores, label, level, weights=weights)
    reached = (
        None
        if capacity is None
        else people_reached(*scores, label, weights, whole_number("capacity", capacity), level)
    )
    return replace(found, auc=auc, folds=whole_number("folds", folds), reached=reached)


def _places(names: Sequence[str], known: Sequence[str]) -> list[int]:
    return [list(known).index(name) for name in names]


def _fitted(
    table: Any, label: FloatArray, weights: FloatArray | None, names: Any, classes: Any
) -> LogisticFit:
    settings = FitSettings(l2=RIDGE)
    return fit_logistic(table, label, settings=settings, weights=weights, names=names, classes=classes)


def _chosen(
    table: Any,
    label: FloatArray,
    weights: FloatArray | None,
    known: tuple[str, ...],
    classes: Any,
    k: int,
    keep: int,
) -> SubsetRule:
    """Return the rule that all rows choose, without a comparison yet."""
    full = _fitted(table, label, weights, known, classes)
    rows = Rows(Standardised(table, full.centre, full.scale), label, weights)
    theta = rows.design.standard(full.intercept, full.coefficients)
    inner, right = profiled(pass_over(rows, theta).hessian, theta)
    subsets, _, count = most_promising(inner, right, k, keep)
    fits = [_fitted(table[:, s], label, weights, tuple(known[j] for j in s), classes) for s in subsets]
    order = np.argsort([-fit.log_likelihood for fit in fits], kind="stable")
    best = fits[order[0]]
    return SubsetRule(
        names=best.feature_names, fit=best, full=full, subsets=count,
        candidates=tuple(fits[i].feature_names for i in order),
        log_likelihoods=np.array([fits[i].log_likelihood for i in order]),
        auc=compare_auc(label, label, label), folds=0,
    )  # fmt: skip


def _held_out(
    table: Any,
    label: FloatArray,
    weights: FloatArray | None,
    known: tuple[str, ...],
    k: int,
    keep: int,
    fold: Any,
) -> tuple[FloatArray, FloatArray]:
    """Return scores of the full model and of the rule, each person's by the models of the other folds."""
    full, rule = np.empty(len(label)), np.empty(len(label))
    for one in range(int(fold.max()) + 1):
        out, rest = np.flatnonzero(fold == one), np.flatnonzero(fold != one)
        own = None if weights is None else weights[rest]
        found = _chosen(table[rest], label[rest], own, known, (0, 1), k, keep)
        full[out] = found.full.score(table[out])
        rule[out] = found.fit.score(table[out][:, _places(found.names, known)])
    return full, rule


def people_reached(
    full: FloatArray,
    rule: FloatArray,
    label: FloatArray,
    weights: FloatArray | None,
    capacity: int,
    level: float,
) -> Reached:
    """Return how many of the second class the highest scores of each reach; who both reach cancels."""
    from scipy.special import ndtri

    if not 0 < capacity <= len(label):
        raise InputError(
            f"capacity must lie between 1 and {len(label)}, the people in the table, got {capacity}."
        )
    by_full, by_rule = select_top(full, capacity), select_top(rule, capacity)
    of = label if weights is None else label * weights
    lost = float(of @ by_full - of @ by_rule)
    error = float(np.sqrt((of**2)[by_full != by_rule].sum()))
    z = float(ndtri(0.5 + level / 2.0))
    return Reached(
        capacity,
        len(label),
        float(of @ by_full),
        float(of @ by_rule),
        lost,
        lost - z * error,
        lost + z * error,
        level,
    )
