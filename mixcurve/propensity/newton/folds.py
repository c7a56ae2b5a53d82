"""Cross-validation of many penalties at once: every pass over the rows serves all strengths and all folds.

At each strength the folds' own estimates lie near that of all rows. One pass gives the gradient and the Hessian of each
fold there, hence a Newton step for each set of remaining rows. Later passes need gradients only, which for all models
together are two matrix products; the Hessians stay. A pair that does not settle so is fitted by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.linalg.blas import dsyrk

from mixcurve.propensity.newton.blocks import block_rows, spans
from mixcurve.propensity.newton.coordinate import absolute_minimum
from mixcurve.propensity.newton.curvature import inverse_of
from mixcurve.propensity.newton.descent import descend
from mixcurve.propensity.newton.penalty import Penalty, State, state_at
from mixcurve.propensity.newton.sums import Rows
from mixcurve.sigmoid import cross_entropy, cross_entropy_derivative, expit, expit_derivative

__all__ = ["FoldLosses", "fold_losses"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

SHORT = 1e-7
"""Folds settle when no step is longer than this many standard errors: their losses are then right to eight digits."""
MOST_PASSES = 8
"""Passes with Hessians that stay. What has not settled by then is better fitted by itself."""
EXACT_STEPS = 100


@dataclass(frozen=True)
class FoldLosses:
    """The log loss of each fold by the model of the others, (strengths, folds), summed over its people; and passes."""

    loss: FloatArray
    passes: int


def fold_losses(
    rows: Rows, fold: IntArray, states: tuple[State, ...], penalties: tuple[Penalty, ...]
) -> FoldLosses:
    """Return how each fold is predicted by the model of all other folds, at each strength.

    Parameters
    ----------
    rows
        All people.
    fold
        (n,), the fold of each, from 0.
    states, penalties
        The fit to all people at each strength, (s,).
    """
    count = int(fold.max()) + 1
    pairs = []
    for state, penalty in zip(states, penalties, strict=True):
        gradients, hessians = _sums_per_fold(rows, fold, count, state.theta)
        for k in range(count):
            # The sums of the others come from the same pass, so that a fold which is all of a column cancels exactly.
            others = np.arange(count) != k
            curvature = hessians[others].sum(axis=0) + state.curvature - state.information
            pairs.append(_Pair(k, penalty, state.theta, curvature))
            pairs[-1].move(gradients[others].sum(axis=0))
            pairs[-1].settled = False
    passes = 0
    while passes < MOST_PASSES and any(not pair.settled for pair in pairs):
        _one_pass(rows, fold, [pair for pair in pairs if not pair.settled])
        passes += 1
    for pair in pairs:
        if not pair.settled:
            pair.loss = _by_itself(rows, fold, pair)
    loss = np.array([pair.loss for pair in pairs]).reshape(len(states), count)
    return FoldLosses(loss, passes + len(states))


class _Pair:
    """The model of one strength without one fold, on its way to its own estimate."""

    def __init__(self, fold: int, penalty: Penalty, theta: FloatArray, curvature: FloatArray) -> None:
        self.fold, self.penalty, self.theta, self.curvature = fold, penalty, theta, curvature
        self.ridge = np.concatenate([[0.0], np.where(np.diag(curvature)[1:] > 0, penalty.l2, 0.0)])
        self.inverse = None if penalty.l1 else inverse_of(curvature)
        self.settled, self.loss = False, np.nan

    def move(self, gradient: FloatArray) -> None:
        """Take a step, given the gradient of the log loss of the other folds; a short one is the end."""
        slope = gradient + self.ridge * self.theta
        if self.penalty.l1:
            linear = slope - self.curvature @ self.theta
            step = absolute_minimum(self.theta, linear, self.curvature, self.penalty.l1) - self.theta
            size = np.abs(step) * np.sqrt(np.diag(self.curvature))
        elif self.inverse is not None:
            step, errors = -self.inverse @ slope, np.sqrt(np.diag(self.inverse))
            size = np.abs(step) / np.where(errors > 0, errors, 1.0)
        else:
            return
        self.settled = bool((size <= SHORT).all())
        if not self.settled:
            self.theta = self.theta + step


def _sums_per_fold(
    rows: Rows, fold: IntArray, count: int, theta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return gradient and Hessian of each fold's log loss, (folds, p + 1) and (folds, p + 1, p + 1), in one pass."""
    size = rows.design.columns
    gradients = np.zeros((count, size))
    uppers = [np.zeros((size, size), order="F") for _ in range(count)]
    for span, block in rows.design.blocks():
        z = rows.score(block, span, theta)
        residual = rows.weighted(cross_entropy_derivative(rows.y[span], z), span)
        root = np.sqrt(rows.weighted(expit_derivative(z), span))
        for k in range(count):
            here = np.flatnonzero(fold[span] == k)
            part = block[here]
            gradients[k] += residual[here] @ part
            part *= root[here, None]
            uppers[k] = dsyrk(1.0, part.T, beta=1.0, c=uppers[k], overwrite_c=True)
    return gradients, np.array([np.triu(upper) + np.triu(upper, 1).T for upper in uppers])


def _one_pass(rows: Rows, fold: IntArray, pairs: list[_Pair]) -> None:
    """Write down how each pair predicts its fold where it stands, and move it."""
    thetas = np.column_stack([pair.theta for pair in pairs])
    folds = np.array([pair.fold for pair in pairs])
    gradients, losses = np.zeros_like(thetas), np.zeros(len(pairs))
    length = block_rows(max(thetas.shape))
    for span, block in rows.design.blocks():
        for piece in spans(len(block), length):
            part, at = block[piece], slice(span.start + piece.start, span.start + piece.stop)
            y = rows.y[at][:, None]
            z = part @ thetas if rows.offset is None else part @ thetas + rows.offset[at][:, None]
            w = np.ones_like(y) if rows.weights is None else rows.weights[at][:, None]
            slopes = expit(z)
            slopes -= y
            slopes *= w
            for k in np.unique(folds):
                mine, held = np.flatnonzero(folds == k), np.flatnonzero(fold[at] == k)
                cells = np.ix_(held, mine)
                losses[mine] += (w[held] * cross_entropy(y[held], z[cells])).sum(axis=0)
                slopes[cells] = 0.0
            gradients += part.T @ slopes
    for j, pair in enumerate(pairs):
        pair.loss = float(losses[j])
        pair.move(gradients[:, j])


def _by_itself(rows: Rows, fold: IntArray, pair: _Pair) -> float:
    """Return the log loss of a fold by a model of the others that is fitted alone, with Hessians of its own."""
    weights = np.ones(len(fold)) if rows.weights is None else rows.weights
    others = replace(rows, weights=np.where(fold == pair.fold, 0.0, weights))
    state = state_at(others, np.zeros_like(pair.theta), pair.penalty)
    ended = descend(others, state, pair.penalty, step=SHORT, max_steps=EXACT_STEPS)
    held = replace(rows, weights=np.where(fold == pair.fold, weights, 0.0))
    return state_at(held, ended.state.theta, Penalty()).loss
