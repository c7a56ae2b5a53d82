"""Figures in the wrong unit: about a thousand times off the current plan or the budget, and so asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.groups import Members
from mixcurve.budget.constraints.words import Constraints
from mixcurve.foundations.errors import InputError, Problem

__all__ = ["ask_about_units"]

FloatArray = npt.NDArray[np.float64]

THOUSAND = 1000.0
"""Money is written in units or in thousands: this is the slip that is looked for."""
NEAREST, FARTHEST = 300.0, 3000.0
"""A factor in this range is a thousandfold slip of a figure that would be within about three times of the reference."""
REMEDY = "If it is meant, add check_units=False"


def ask_about_units(
    words: Constraints,
    channels: Sequence[str],
    total: float,
    current: FloatArray,
    groups: Sequence[Members],
    money: FloatArray,
) -> None:
    """Raise an `InputError` that asks what was meant, for every figure about a thousand times off.

    Where a channel has current spend, its bounds are compared with that; else with the budget, or, if all bounds are
    small, with an equal share of it.
    """
    if not words.check_units:
        return
    problems = list(_budget(total, float(money.sum())))
    problems += _bounds(words.bounds, channels, total, current)
    for group in groups:
        now = float(money[group.channels].sum())
        for word in ("least", "most"):
            asked = getattr(group.asked, word)
            if isinstance(asked, int | float):
                problems += _amount(
                    f"groups['{group.name}'].{word}", float(asked), now, "the group's current money", total
                )
    for i, channel in enumerate(channels):
        if channel in words.least_if_on:
            asked = float(words.least_if_on[channel])
            problems += _amount(f"least_if_on['{channel}']", asked, float(current[i]), "current spend", total)
    if problems:
        raise InputError(problems)


def _off(asked: float, reference: float) -> float:
    """Return 1000 if ``asked`` is about so many times too small, 1 / 1000 if too large, else 1."""
    if asked <= 0 or reference <= 0 or not np.isfinite(asked):
        return 1.0
    if NEAREST <= reference / asked <= FARTHEST:
        return THOUSAND
    return 1.0 / THOUSAND if NEAREST <= asked / reference <= FARTHEST else 1.0


def _asked(where: str, found: str, meant: str, reference: str) -> Problem:
    return Problem(
        f"this is about a thousand times off {reference}; did you mean {meant}?",
        REMEDY,
        where,
        value=found,
        code="unit",
    )


def _budget(total: float, now: float) -> Iterator[Problem]:
    times = _off(total, now)
    if times != 1.0:
        yield _asked(
            "budget", f"{total:,.6g}", f"{total * times:,.6g}", f"what the current plan costs, {now:,.6g}"
        )


def _amount(where: str, asked: float, now: float, reference: str, total: float) -> Iterator[Problem]:
    times = _off(asked, now)
    # More than now but within the budget may well be meant.
    if times > 1.0 or (times < 1.0 and asked > total):
        yield _asked(where, f"{asked:,.6g}", f"{asked * times:,.6g}", f"{reference} of {now:,.6g}")


def _bounds(
    bounds: Mapping[str, Any], channels: Sequence[str], total: float, current: FloatArray
) -> Iterator[Problem]:
    pairs = {c: (float(b[0]), float(b[1])) for c, b in bounds.items() if not isinstance(b, str)}
    now = dict(zip(channels, current.tolist(), strict=True))
    most = max((high for high in (p[1] for p in pairs.values()) if np.isfinite(high)), default=0.0)
    share = total / len(channels)
    all_small = _off(most, share) > 1.0
    for channel, (low, high) in pairs.items():
        known = now[channel] > 0
        reference, name = (now[channel], "current spend of") if known else (total, "the budget of")
        too_small = _off(high, reference) > 1.0 if known else all_small and high > 0
        too_large = (_off(low, reference) < 1.0 or _off(high, reference) < 1.0) and high > total
        if not known and too_small:
            reference, name = share, "an equal share of the budget,"
        if too_small or too_large:
            times = THOUSAND if too_small else 1.0 / THOUSAND
            meant = f"({low * times:,.6g}, {high * times:,.6g})"
            found = f"({low:,.6g}, {high:,.6g})"
            yield _asked(f"bounds['{channel}']", found, meant, f"{name} {reference:,.6g}")
