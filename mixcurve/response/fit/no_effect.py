"""The share of resamples in which a channel does nothing.

An amplitude cannot be negative, so refits to resampled residuals always find some effect, even of a channel that has
none. The confidence distribution of an amplitude at its boundary has an atom at 0 whose mass is the p-value of no
effect (Schweder and Hjort 2016, Confidence, Likelihood, Probability, chapter 4): that share of the resamples, those
with the least effect, is given none. A 90% interval then reaches 0 exactly when the effect is not shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import Curve

__all__ = ["with_no_effect"]

FloatArray = npt.NDArray[np.float64]

LARGEST_ATOM = 0.5
"""Without any effect half of the samples have amplitude 0. A larger share would take away from the upper limit."""


def with_no_effect(
    curve: Sequence[Curve], resamples: FloatArray, spend: FloatArray, p_values: Sequence[float]
) -> FloatArray:
    """Return resamples (R × channels × parameters) with ``top`` 0 where a channel does nothing.

    Parameters
    ----------
    curve, resamples
        The curve of each channel, and its parameters in each resample, ``top`` first.
    spend
        Spend per channel at which effects are compared.
    p_values
        Of no effect, per channel.
    """
    out = resamples.copy()
    for c, (one, p) in enumerate(zip(curve, p_values, strict=True)):
        top, *shape = one.arrays(out[:, c, : len(one.names)])
        effect = top * one.unit(spend[c], shape)
        least = np.argsort(effect, kind="stable")[: round(min(float(p), LARGEST_ATOM) * len(out))]
        out[least, c, 0] = 0.0
    return out
