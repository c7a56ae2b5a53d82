"""How much of a row's limit a plan uses, and the size against which rounding in that sum is measured."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model

__all__ = ["rows_used"]

FloatArray = npt.NDArray[np.float64]
RESPONDING = ("roi", "cpa", "target")
"""Kinds of rows that read responses."""


def rows_used(model: Model, amount: FloatArray, response: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the left-hand side of every row (R), and the sum of the sizes of its terms with its limit (R).

    ``response`` is that of each channel (C) at ``amount`` (n).
    """
    money, on = model.money(amount), (amount > 0).astype(np.float64)
    used, size = np.zeros(len(model.rows)), np.zeros(len(model.rows))
    for k, row in enumerate(model.rows):
        parts = [row.money * money, row.on * on]
        if row.kind in RESPONDING:
            parts.append(row.response * response)
        used[k] = sum(float(p.sum()) for p in parts)
        size[k] = sum(float(np.abs(p).sum()) for p in parts) + abs(row.limit)
    return used, size
