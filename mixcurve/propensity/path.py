"""`penalty_path`: how strong a penalty should be, by cross-validated log loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, number, one_of
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.propensity.drawn_folds import draw_folds
from mixcurve.propensity.labels import two_classes
from mixcurve.propensity.newton.blocks import Standardised, moments
from mixcurve.propensity.newton.descent import descend
from mixcurve.propensity.newton.folds import fold_losses
from mixcurve.propensity.newton.null import null_fit
from mixcurve.propensity.newton.penalty import Penalty, State, state_at
from mixcurve.propensity.newton.sums import Rows
from mixcurve.propensity.settings import used_weights
from mixcurve.propensity.tables import features_of

__all__ = ["PenaltyPath", "penalty_path"]

FloatArray = npt.NDArray[np.float64]
Kind = Literal["l2", "l1", "elastic net"]

KINDS = ("l2", "l1", "elastic net")
STRENGTHS = 25
"""Strengths of a path that nobody asked for in particular."""
L1_REACH = 1e-3
"""From the strength that leaves nothing down to this share of it, as far as glmnet goes (Friedman et al. 2010)."""
L2_ABOVE, L2_BELOW = 10.0, 1e-5
"""Multiples of the information in one scaled feature: a ridge of ten times it leaves a tenth of a coefficient, one of
a hundred-thousandth of it leaves all."""
STEP, MAX_STEPS = 1e-8, 100


@dataclass(frozen=True, eq=False)
class PenaltyPath(Result):
    """Cross-validated log loss along a path of penalties.

    Parameters
    ----------
    kind
        ``"l2"``, ``"l1"`` or ``"elastic net"``.
    l1_share
        The share of a strength that is l1: 0, 1, or that of the elastic net.
    strengths
        (s,), from strong to weak, each against the sum over all people (``penalty_scale="total"``).
    loss, loss_error
        (s,), log loss a person of people who were held out, in nats, and its standard error from fold to fold.
    fold_loss
        (s, k), the same for each fold.
    null_loss
        Log loss a person of the base rate alone, in nats.
    intercepts, coefficients
        (s,) and (s, p), fitted to all people, on the scale of the features as given.
    features
        (p,), their names.
    best, one_standard_error
        The strength of the least loss, and the strongest whose loss is within a standard error of it.
    folds, rows, passes
        How many folds, rows, and passes over the rows for the folds of all strengths together.
    """

    kind: Kind
    l1_share: float
    strengths: FloatArray
    loss: FloatArray
    loss_error: FloatArray
    fold_loss: FloatArray
    null_loss: float
    intercepts: FloatArray
    coefficients: FloatArray
    features: tuple[str, ...]
    best: float
    one_standard_error: float
    folds: int
    rows: int
    passes: int

    def settings(self, choice: Literal["best", "one_standard_error"] = "best") -> dict[str, float]:
        """Return ``l2`` and ``l1`` for `PropensityClassifier`."""
        one_of("choice", choice, ("best", "one_standard_error"))
        strength = self.best if choice == "best" else self.one_standard_error
        return {"l2": strength * (1.0 - self.l1_share), "l1": strength * self.l1_share}

    @property
    def table(self) -> Any:
        """A pandas frame, a row per strength: loss, its error, and how many features have a coefficient."""
        import pandas as pd

        columns = {"strength": self.strengths, "loss": self.loss, "standard error": self.loss_error}
        return pd.DataFrame(columns | {"features": np.count_nonzero(self.coefficients, axis=1)})

    @property
    def summary(self) -> str:
        """One sentence."""
        at = int(np.argmin(self.loss))
        edge = at in (0, len(self.strengths) - 1) and len(self.strengths) > 1
        more = " It is at the end of the path: give strengths beyond it." if edge else ""
        return (
            f"Of {len(self.strengths)} {self.kind} penalties {self.best:.4g} predicts people held out best: log loss "
            f"{self.loss[at]:.5f} ± {self.loss_error[at]:.5f}, {self.null_loss:.5f} by the base rate alone. "
            f"{self.one_standard_error:.4g} is the strongest within a standard error.{more}"
        )


def penalty_path(
    X: Any,
    y: Any,
    *,
    kind: Kind = "l2",
    folds: int | npt.ArrayLike = 5,
    strengths: npt.ArrayLike | None = None,
    l1_share: float = 0.5,
    weights: npt.ArrayLike | None = None,
    weight_kind: Literal["frequency", "survey"] = "frequency",
    offset: npt.ArrayLike | None = None,
    seed: int | np.random.Generator = 0,
) -> PenaltyPath:
    """Return the log loss of people held out, at each strength of a penalty.

    All folds of all strengths share their passes over the rows. Features are centred and scaled once, by all rows.

    Parameters
    ----------
    X
        (n, p), a table of numbers: frame, array or SciPy CSR array.
    y
        (n,), labels of any two values.
    kind
        ``"l2"`` (ridge), ``"l1"`` (absolute) or ``"elastic net"``.
    folds
        How many folds, drawn within each class; or (n,) labels, so that all rows of a group stay in one fold.
    strengths
        Each against the sum over all people. By default from one that leaves next to nothing to one that leaves all.
    l1_share
        Of the elastic net: a strength s is ``l1 = s × share`` and ``l2 = s × (1 - share)``.
    weights, weight_kind, offset
        As in `PropensityClassifier`.
    seed
        For the folds.

    Raises
    ------
    InputError
        When labels, weights, folds or strengths are not as said; it names the argument.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 3))
    >>> path = penalty_path(X, rng.random(400) < 0.3, strengths=[100.0, 10.0, 1.0])
    >>> path.best, path.loss.shape
    (100.0, (3,))
    """
    one_of("kind", kind, KINDS)
    share = {"l2": 0.0, "l1": 1.0, "elastic net": number("l1_share", l1_share, low=0.0, high=1.0)}[kind]
    table, names = features_of(X)
    codes, _ = two_classes(y)
    if len(codes) != table.shape[0]:
        raise InputError(f"y must have one label per row of X, got {len(codes)} for {table.shape[0]} rows.")
    w = used_weights(weights, len(codes), weight_kind)
    shift = None if offset is None else finite_array("offset", offset, ndim=1)
    if shift is not None and len(shift) != len(codes):
        raise InputError(f"offset must be one per row, got {len(shift)} for {len(codes)} rows.")
    about = moments(table, w, names)
    rows = Rows(Standardised(table, about.mean, about.deviation), codes, w, shift)
    fold = draw_folds(folds, codes, w, seed)
    start, null_loss = null_fit(codes, w, shift)
    theta = np.concatenate([[start], np.zeros(table.shape[1])])
    path = _strengths(strengths, state_at(rows, theta, Penalty()), share)
    penalties = tuple(Penalty(l2=s * (1.0 - share), l1=s * share) for s in path)
    states = _fits(rows, theta, penalties)
    found = fold_losses(rows, fold, states, penalties)
    return _as_path(kind, share, path, rows, fold, states, found.loss, found.passes, null_loss, names)


def _strengths(given: Any, null: State, share: float) -> FloatArray:
    """Return the strengths from strong to weak."""
    if given is not None:
        path = np.sort(np.atleast_1d(finite_array("strengths", given)))[::-1]
        if path.ndim != 1 or path[-1] <= 0:
            raise InputError(
                f"strengths must be above 0, got {path.min():g}. Without a penalty nothing is chosen."
            )
        return path
    if share > 0:
        # At the strength that just holds every coefficient at 0, the steepest slope equals the penalty's.
        strongest = float(np.abs(null.gradient[1:]).max(initial=0.0)) / share
        ends = (strongest, strongest * L1_REACH)
    else:
        information = float(np.diag(null.information)[1:].max(initial=0.0))
        ends = (information * L2_ABOVE, information * L2_BELOW)
    if not ends[0] > 0:
        raise InputError("X has no column that varies, so no penalty matters. Give features that differ.")
    return np.geomspace(*ends, STRENGTHS)


def _fits(rows: Rows, theta: FloatArray, penalties: Sequence[Penalty]) -> tuple[State, ...]:
    """Return the fit to all rows at each strength, each started from the one before."""
    states = []
    for penalty in penalties:
        ended = descend(rows, state_at(rows, theta, penalty), penalty, step=STEP, max_steps=MAX_STEPS)
        states.append(ended.state)
        theta = ended.state.theta
    return tuple(states)


def _as_path(
    kind: Kind,
    share: float,
    strengths: FloatArray,
    rows: Rows,
    fold: npt.NDArray[np.intp],
    states: tuple[State, ...],
    sums: FloatArray,
    passes: int,
    null_loss: float,
    names: tuple[str, ...],
) -> PenaltyPath:
    """Return the result: means over folds, their standard error as the folds differ, and the two choices."""
    sizes = np.bincount(fold, weights=rows.weights).astype(float)
    each, total = sums / sizes, float(sizes.sum())
    loss = sums.sum(axis=1) / total
    spread = ((each - loss[:, None]) ** 2 * sizes).sum(axis=1) / total
    error = np.sqrt(spread / (len(sizes) - 1))
    at = int(np.argmin(loss))
    within = int(np.argmax(loss <= loss[at] + error[at]))
    originals = [rows.design.original(state.theta) for state in states]
    return PenaltyPath(
        kind=kind,
        l1_share=share,
        strengths=strengths,
        loss=loss,
        loss_error=error,
        fold_loss=each,
        null_loss=null_loss / total,
        intercepts=np.array([intercept for intercept, _ in originals]),
        coefficients=np.array([coefficients for _, coefficients in originals]),
        features=names,
        best=float(strengths[at]),
        one_standard_error=float(strengths[within]),
        folds=len(sizes),
        rows=len(fold),
        passes=passes,
    )
