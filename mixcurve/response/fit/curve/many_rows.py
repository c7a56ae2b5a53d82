"""The rows of many campaigns as padded arrays, with what is wrong with each campaign."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError

__all__ = ["padded"]

FloatArray = npt.NDArray[np.float64]


def padded(
    columns: list[npt.NDArray[Any]], parameters: int, family: str = "gaussian"
) -> tuple[tuple[str, ...], FloatArray, FloatArray, FloatArray, list[str]]:
    """Return names, then spend, response and weights as (campaigns × longest), padding of weight 0, and problems.

    A cell that is no number is missing, so its campaign has a problem and the others have none.
    """
    labels, *numbers = columns
    if len({len(c) for c in columns}) != 1 or not len(labels):
        raise InputError(f"The columns must have one length above 0, got {[len(c) for c in columns]}.")
    unique, first, which = np.unique(_as_labels(labels), return_index=True, return_inverse=True)
    rank = np.empty(len(unique), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(unique))
    campaign = rank[which]
    order = np.argsort(campaign, kind="stable")
    size = np.bincount(campaign, minlength=len(unique))
    place = np.arange(len(labels)) - np.repeat(np.cumsum(size) - size, size)
    filled = [np.zeros((len(unique), size.max())) for _ in range(3)]
    values = [_as_numbers(c) for c in numbers] + ([] if len(numbers) > 2 else [np.ones(len(labels))])
    for out, value in zip(filled, values, strict=True):
        out[campaign[order], place] = value[order]
    x, y, weight = filled
    return (
        tuple(map(str, unique[np.argsort(first)].tolist())),
        x,
        y,
        weight,
        _problems(x, y, weight, size, parameters, family),
    )


def _as_labels(column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return labels that can be sorted; one that is missing belongs to no campaign."""
    if column.dtype.kind not in "fO":
        return column
    import pandas as pd

    missing = np.asarray(pd.isna(column))
    if missing.any():
        raise InputError(
            f"The column of campaigns has no name in row {int(missing.argmax())}. Name every row, or drop it."
        )
    return column.astype(str) if column.dtype.kind == "O" else column


def _as_numbers(column: npt.NDArray[Any]) -> FloatArray:
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.array([_as_number(cell) for cell in column])
    if np.isnan(numbers).all():
        raise InputError(
            "A spend, response or weight column holds text. Read it with read_spend, or convert it."
        )
    return numbers


def _as_number(cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError):
        return float("nan")


def _problems(
    x: FloatArray, y: FloatArray, weight: FloatArray, size: npt.NDArray[np.intp], parameters: int, family: str
) -> list[str]:
    """Return for each campaign why it cannot be fitted, or an empty text."""
    finite = np.isfinite(x).all(1) & np.isfinite(y).all(1) & np.isfinite(weight).all(1)
    used = np.arange(x.shape[1]) < size[:, None]
    weighs = "exposures" if family == "binomial" else "a weight"
    rules = [
        (~finite, "has a missing or infinite value"),
        ((x < 0).any(1), "has negative spend"),
        ((used & (weight <= 0)).any(1), f"has {weighs} of 0 or less"),
        (x.max(1) == 0, "has no spend"),
        (size <= parameters, f"has no more rows than the {parameters} parameters"),
    ]
    with np.errstate(invalid="ignore"):
        if family != "gaussian":
            whole = (y == np.round(y)).all(1) & (y >= 0).all(1)
            rules.append((~whole & finite, "has a response that is no whole count of at least 0"))
        if family == "binomial":
            rules.append(
                ((weight != np.round(weight)).any(1) & finite, "has exposures that are no whole number")
            )
            rules.append(((y > weight).any(1), "has more conversions than exposures"))
    return ["; ".join(text for bad, text in rules if bad[i]) for i in range(len(x))]
