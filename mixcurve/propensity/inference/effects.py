"""What a feature does to the probability, on average over the people in the table, in percentage points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.propensity.newton.sums import Rows
from mixcurve.sigmoid import expit, expit_derivative, expit_second_derivative

__all__ = ["average_effects", "two_valued"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def two_valued(rows: Rows) -> BoolArray:
    """Return which features hold nothing but 0 and 1, (p,)."""
    found = np.ones(rows.design.columns - 1, dtype=bool)
    ends = [(value - rows.design.centre) for value in (0.0, 1.0)]
    scale = np.where(rows.design.scale > 0, rows.design.scale, 1.0)
    for _, block in rows.design.blocks():
        raw = block[:, 1:] * scale
        near = [np.abs(raw - end) <= 1e-9 * (1.0 + np.abs(rows.design.centre)) for end in ends]
        found &= (near[0] | near[1]).all(axis=0)
    return found & (rows.design.scale > 0)


def average_effects(rows: Rows, theta: FloatArray, binary: BoolArray) -> tuple[FloatArray, FloatArray]:
    r"""Return average effects on the probability (p,) and their derivatives in the standardised coefficients.

    Of a feature with coefficient b: the mean of :math:`b\,p_i(1-p_i)`, the change of the probability per unit; of a
    feature of 0 and 1: the mean difference between the probability with 1 and with 0, all else as it is.

    The derivatives are (p, p + 1).

    Source: Bartus (2005), Stata Journal 5, 309-329.
    """
    scale, size = rows.design.scale, rows.design.columns
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    total, slope, bend = 0.0, 0.0, np.zeros(size)
    difference, turns = np.zeros(size - 1), np.zeros((size - 1, size))
    for span, block in rows.design.blocks():
        z = rows.score(block, span, theta)
        w = np.ones(len(z)) if rows.weights is None else rows.weights[span]
        total += float(w.sum())
        slope += float(w @ expit_derivative(z))
        bend += (w * expit_second_derivative(z)) @ block
        for j in np.flatnonzero(binary):
            step = inverse[j]
            low, high = (value * step - rows.design.centre[j] * step for value in (0.0, 1.0))
            here = block[:, j + 1]
            up, down = z + theta[j + 1] * (high - here), z + theta[j + 1] * (low - here)
            difference[j] += float(w @ (expit(up) - expit(down)))
            rise, fall = w * expit_derivative(up), w * expit_derivative(down)
            turns[j] += (rise - fall) @ block
            turns[j, j + 1] += float(rise @ (high - here) - fall @ (low - here))
    coefficient = theta[1:] * inverse
    per_unit = np.outer(coefficient, bend)
    per_unit[np.arange(size - 1), np.arange(1, size)] += slope * inverse
    effect = np.where(binary, difference, coefficient * slope) / total
    return effect, np.where(binary[:, None], turns, per_unit) / total
