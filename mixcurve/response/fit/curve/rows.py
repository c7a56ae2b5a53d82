"""The rows of one campaign, checked: spend, response (or the share of exposures), weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, spend_array
from mixcurve.foundations.errors import InputError

__all__ = ["campaign_rows"]

FloatArray = npt.NDArray[np.float64]
LARGEST = 1e100
"""Largest size of a number whose squares, and their products with weights, stay within float64."""


def campaign_rows(
    spend: npt.ArrayLike,
    response: npt.ArrayLike,
    weights: npt.ArrayLike | None,
    exposures: npt.ArrayLike | None,
    family: str,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return spend, response and weights of one length; for a binomial family the share of exposures, and exposures."""
    x, y = spend_array("spend", spend, ndim=1), finite_array("response", response, ndim=1)
    weight = np.ones(len(x)) if weights is None else finite_array("weights", weights, ndim=1)
    if not len(x) == len(y) == len(weight):
        lengths = f"{len(x)}, {len(y)} and {len(weight)}"
        raise InputError(f"spend, response and weights must have one length, got {lengths}.")
    if (weight <= 0).any():
        raise InputError(
            f"weights must be positive, got {weight.min():g} at position {int(weight.argmin())}. Drop that row."
        )
    for name, values in (("spend", x), ("response", y), ("weights", weight)):
        _within_reach(name, values)
    if x.max() == 0:
        raise InputError(
            "spend is 0 in every row, so there is nothing to fit. Check that this is the right column."
        )
    if family in ("poisson", "negative binomial", "binomial"):
        _counts(y, family)
    if family == "binomial":
        return x, *_shares(y, weight, exposures)
    if exposures is not None:
        raise InputError(f"exposures go with family='binomial'; leave them out with family='{family}'.")
    return x, y, weight


def _within_reach(name: str, values: FloatArray) -> None:
    size = np.abs(values)
    bad = (size > LARGEST) | ((size < 1 / LARGEST) & (size > 0) & (size.max() < 1 / LARGEST))
    if bad.any():
        first = int(bad.argmax())
        raise InputError(
            f"{name} must lie between {1 / LARGEST:g} and {LARGEST:g} in size, so that squares can be computed; "
            f"got {values[first]:g} at position {first}. Give it in another unit."
        )


def _counts(y: FloatArray, family: str) -> None:
    bad = (y < 0) | (y != np.round(y))
    if bad.any():
        first = int(bad.argmax())
        raise InputError(
            f"response must hold whole counts of at least 0 for family='{family}', got {y[first]:g} at position "
            f"{first}. Use family='gaussian' for amounts and rates."
        )


def _shares(
    y: FloatArray, weight: FloatArray, exposures: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    if exposures is None:
        raise InputError("family='binomial' needs exposures: how many could convert in each row.")
    count = finite_array("exposures", exposures, ndim=1)
    if len(count) != len(y):
        raise InputError(f"exposures must have one value per row ({len(y)}), got {len(count)}.")
    bad = (count <= 0) | (count < y) | (count != np.round(count))
    if bad.any():
        i = int(bad.argmax())
        raise InputError(
            f"exposures must be whole numbers above 0 and at least the conversions; row {i} has {y[i]:g} conversions "
            f"out of {count[i]:g}. Drop or repair that row."
        )
    if (weight != 1.0).any():
        raise InputError("weights do not go with family='binomial': the exposures weigh each row.")
    return y / count, count
