"""Labels of two values, as 0 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError

__all__ = ["plain_value", "two_classes"]

FloatArray = npt.NDArray[np.float64]
MOST_NAMED = 6


def plain_value(value: Any) -> Any:
    """Return a NumPy value as a plain Python one."""
    return value.item() if hasattr(value, "item") else value


def two_classes(y: Any) -> tuple[FloatArray, npt.NDArray[Any]]:
    """Return labels as 0 and 1, (n,), and the two values they stand for, the second in sorted order being 1.

    Raises
    ------
    InputError
        With one value, or three.

    Examples
    --------
    >>> codes, classes = two_classes(["no", "yes", "no"])
    >>> codes.tolist(), classes.tolist()
    ([0.0, 1.0, 0.0], ['no', 'yes'])
    """
    labels = np.asarray(y)
    if labels.ndim != 1:
        raise InputError(f"y must have one label per row, got shape {labels.shape}.")
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) > 2:
        told = ", ".join(repr(plain_value(one)) for one in classes[:MOST_NAMED])
        more = ", …" if len(classes) > MOST_NAMED else ""
        # The first sentence is the one that scikit-learn's check of estimators looks for.
        raise InputError(
            f"Only binary classification is supported. y has {len(classes)} values: {told}{more}. "
            "Choose which of them is positive."
        )
    if len(classes) < 2:
        only = f" ({plain_value(classes[0])!r})" if len(classes) else ""
        raise InputError(
            f"y must have both classes, got one class only{only}. "
            "Give rows of people who did and of people who did not."
        )
    return codes.astype(np.float64), classes
