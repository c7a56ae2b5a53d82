"""Priors of a campaign in a planner's words: ranges that hold nine in ten values, checked before sampling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.curve.data import CampaignData
from mixcurve.response.curves import Curve

__all__ = ["Ranges", "curve_ranges"]

FloatArray = npt.NDArray[np.float64]
Ranges = Mapping[str, tuple[float, float]]

ROI = "roi"
BEYOND = 1000.0
"""A range of spend that lies this many times beyond or below all spend seen is in another unit."""
MOST_OF_RESPONSE, LEAST_OF_RESPONSE = 100.0, 1e-4
"""A contribution that is over 100 times the mean response, or under a ten-thousandth of it, is in another unit."""


def curve_ranges(
    priors: Ranges | None, curve: Curve, data: CampaignData, value: float
) -> dict[str, tuple[float, float]]:
    """Return ranges by name, ROI in response per unit of spend.

    Raises
    ------
    InputError
        For a word that is not known, a range that is no two positive numbers in order, one outside the parameter's
        domain, or one that is plainly in another unit.
    """
    if priors is None:
        return {}
    if not isinstance(priors, Mapping):
        raise InputError(f"priors must give ranges by name, got {type(priors).__name__}.")
    free = {p.name: p for p in curve.parameters if p.free}
    out = {}
    for name, given in priors.items():
        known_name(f"prior of the curve {curve.name}", name, [ROI, *free])
        low, high = _range(name, given)
        if name == ROI:
            out[name] = (low / value, high / value)
            _check_roi(out[name], given, data)
        elif free[name].spend_power:
            _check_spend(name, (low, high), free[name].spend_power, data)
            out[name] = (low, high)
        else:
            domain = free[name].domain
            if not (domain.contains(low) and domain.contains(high)):
                raise InputError(
                    f"priors['{name}'] must lie between {domain.low:g} and {domain.high:g}, got ({low:g}, {high:g})."
                )
            out[name] = (low, high)
    return out


def _range(name: str, given: Any) -> tuple[float, float]:
    remedy = "Give two numbers between which nine in ten values lie: (low, high)."
    try:
        low, high = (float(v) for v in given)
    except (TypeError, ValueError):
        raise InputError(f"priors['{name}'] must be two numbers, got {given!r}. {remedy}") from None
    if not (np.isfinite(low) and np.isfinite(high) and 0 < low < high):
        raise InputError(
            f"priors['{name}'] must be two positive finite numbers, the lower first, got ({low:g}, {high:g}). {remedy}"
        )
    return low, high


def _check_spend(name: str, ends: tuple[float, float], power: float, data: CampaignData) -> None:
    low, high = (np.log(end) / power for end in ends)
    low, high = min(low, high), max(low, high)
    most, least = np.log(data.spend_unit.max()), np.log(data.spend_unit.min())
    if low > most + np.log(BEYOND) or high < least - np.log(BEYOND):
        raise InputError(
            f"priors['{name}'] is ({ends[0]:g}, {ends[1]:g}), over {BEYOND:g} times away from the largest spend seen, "
            f"{data.spend_unit.max():g}. Give it in the unit of the spend column."
        )


def _check_roi(ends: tuple[float, float], given: Any, data: CampaignData) -> None:
    response = np.abs(data.centre) * data.response_unit
    share = data.mean_spend / np.where(response > 0, response, np.inf)
    low, high = ends[0] * float(np.median(share)), ends[1] * float(np.median(share))
    if low > MOST_OF_RESPONSE or 0 < high < LEAST_OF_RESPONSE:
        raise InputError(
            f"priors['roi'] is ({given[0]:g}, {given[1]:g}), which makes the spend's response {low:.3g} to {high:.3g} "
            "times all response seen. Give response per unit of spend, or money per money with response_value."
        )
