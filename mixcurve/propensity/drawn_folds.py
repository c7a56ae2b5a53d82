"""Which fold each person is held out in."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator, number
from mixcurve.foundations.errors import InputError

__all__ = ["draw_folds"]

FloatArray = npt.NDArray[np.float64]


def draw_folds(
    folds: Any, y: FloatArray, weights: FloatArray | None = None, seed: int | np.random.Generator = 0
) -> npt.NDArray[np.intp]:
    """Return the fold of each row, from 0.

    Parameters
    ----------
    folds
        How many, drawn at random within each class; or (n,) labels of groups that stay together.
    y
        (n,), 0 or 1.
    weights
        (n,), or None.
    seed
        For the draw.

    Raises
    ------
    InputError
        When there are fewer than two folds, or without one of them only one class is left.

    Examples
    --------
    >>> draw_folds(["a", "b", "a", "b"], np.array([0.0, 0, 1, 1])).tolist()
    [0, 1, 0, 1]
    """
    if np.ndim(folds) == 0:
        count = number("folds", folds, low=2, high=len(y))
        if count != int(count):
            raise InputError(f"folds must be a whole number of at least 2, got {folds!r}.")
        draw = generator(seed)
        fold = np.empty(len(y), dtype=np.intp)
        for label in (0.0, 1.0):
            mine = draw.permutation(np.flatnonzero(y == label))
            # The second class goes on where the first ended, so that folds differ by one person at most.
            fold[mine] = (np.arange(len(mine)) + (label > 0) * np.count_nonzero(y == 0)) % int(count)
    else:
        labels = np.asarray(folds)
        if labels.shape != y.shape:
            raise InputError(f"folds must be a number or one label per row, got shape {labels.shape}.")
        fold = np.unique(labels, return_inverse=True)[1].astype(np.intp)
        if fold.max() == 0:
            raise InputError("folds must have at least 2 different labels, got 1.")
    counts = np.ones(len(y)) if weights is None else weights
    for k in range(int(fold.max()) + 1):
        others = np.bincount(y[fold != k].astype(int), weights=counts[fold != k], minlength=2)
        if not (others > 0).all() or not counts[fold == k].any():
            raise InputError(
                f"folds: without fold {k} only one class is left, or nobody is in it. Give fewer folds or more rows."
            )
    return fold
