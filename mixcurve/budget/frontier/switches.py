"""The budgets where the best plan switches: a channel goes on or off, or a bound begins or ceases to hold it.

Between two certified plans of different states a switch is looked for where two outcomes cross, each continued from
its side, or where a channel's spend, continued, reaches 0 or its bound. Each guess is solved and certified, until the
switch lies between two certified budgets close enough. Half of the interval is taken where guesses serve badly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

import numpy as np
from scipy.optimize import brentq

from mixcurve.budget.frontier.plans import ON, Plans, Point
from mixcurve.foundations.results import Result

__all__ = ["Switch", "locate", "switches"]

GUESSES = 2
"""Guesses that may each leave more than half of the interval before it is halved instead."""
INSIDE = 0.9
"""Share of the width asked for at which a guess beside an end is placed, so that it may close the interval."""


@dataclass(frozen=True, eq=False)
class Switch(Result):
    """A budget at which a channel of the best plan changes its state.

    Parameters
    ----------
    channel
        The channel.
    change
        ``"on"`` or ``"off"``, ``"at upper bound"`` and the like where a bound begins to hold it, ``"leaves upper
        bound"`` where it ceases to.
    low, high
        Neighbouring certified budgets between which it happens.
    spend_low, spend_high
        The channel's spend in the two plans: far apart where the plan jumps.
    """

    channel: str
    change: str
    low: float
    high: float
    spend_low: float
    spend_high: float

    @property
    def budget(self) -> float:
        """The middle of the two certified budgets."""
        return 0.5 * (self.low + self.high)


def switches(points: list[Point]) -> tuple[Switch, ...]:
    """Return every change of state between neighbouring points."""
    return tuple(
        Switch(name, change, a.budget, b.budget, float(a.spend[i]), float(b.spend[i]))
        for a, b in pairwise(points)
        for i, name in enumerate(a.plan.channels)
        for change in _changes(a.state[i], b.state[i])
    )


def _changes(before: str, after: str) -> list[str]:
    if before == after:
        return []
    if after == "off":
        return ["off"]
    found = ["on"] if before == "off" else []
    if before not in ("off", ON):
        found.append(f"leaves {before}")
    return found if after == ON else [*found, f"at {after}"]


def locate(plans: Plans, width: float) -> None:
    """Solve further budgets until each change of state lies between two no further apart than ``width``."""
    pending = [(a, b, 0) for a, b in pairwise(plans.points) if a.state != b.state]
    while pending:
        a, b, tries = pending.pop()
        if b.budget - a.budget <= width or plans.exhausted:
            continue
        middle = 0.5 * (a.budget + b.budget)
        guess = (
            middle if tries >= GUESSES else _nudged(_guess(plans, a, b, middle), a.budget, b.budget, width)
        )
        c = plans.extra(guess)
        for low, high in ((a, c), (c, b)):
            if low.state != high.state:
                halved = high.budget - low.budget <= 0.5 * (b.budget - a.budget)
                pending.append((low, high, 0 if halved or tries >= GUESSES else tries + 1))


def _nudged(guess: float, low: float, high: float, width: float) -> float:
    """Return the guess, moved off an end that it nearly touches so far that it closes the interval if it is right."""
    step = min(INSIDE * width, 0.5 * (high - low))
    return float(np.clip(guess, low + step, high - step))


def _guess(plans: Plans, a: Point, b: Point, middle: float) -> float:
    """Return where the switch seems to be: where a channel's spend comes to rest, else where two outcomes cross."""
    changed = [i for i in range(len(a.spend)) if a.state[i] != b.state[i]]
    if (
        not changed
    ):  # the budgets lie on both sides of the present one, where bounds begin to move or cease to
        return fsum(a.plan.current.values())
    rests = [_rest(plans, a, b, i) for i in changed]
    known = [r for r in rests if r is not None and a.budget <= r <= b.budget]
    if len(known) == len(rests) == 1:
        return known[0]
    if a.slope < b.slope:
        left, right = _outcome(plans, a, -1), _outcome(plans, b, 1)
        ends = [right(at) - left(at) for at in (a.budget, b.budget)]
        if ends[0] < 0 < ends[1]:
            return float(brentq(lambda x: right(x) - left(x), a.budget, b.budget))
    return known[0] if known else middle


def _rest(plans: Plans, a: Point, b: Point, i: int) -> float | None:
    """Return the budget at which channel i, moving on one side, reaches its spend on the other, where it rests."""
    moving, still, side = (b, a, 1) if b.state[i] == ON else (a, b, -1)
    beside = _neighbour(plans, moving, side)
    if moving.state[i] != ON or still.state[i] == ON or beside is None:
        return None
    rate = (beside.spend[i] - moving.spend[i]) / (beside.budget - moving.budget)
    return float(moving.budget + (still.spend[i] - moving.spend[i]) / rate) if rate != 0 else None


def _outcome(plans: Plans, point: Point, side: int) -> Callable[[float], float]:
    """Return the outcome continued from a point: the cubic with its neighbour of the same state, else the tangent."""
    beside = _neighbour(plans, point, side)
    if beside is None:
        return lambda x: point.value + point.slope * (x - point.budget)
    width = beside.budget - point.budget
    rise = (beside.value - point.value) / width
    second = (3.0 * rise - 2.0 * point.slope - beside.slope) / width
    third = (point.slope + beside.slope - 2.0 * rise) / width**2

    def cubic(x: float) -> float:
        d = x - point.budget
        return point.value + d * (point.slope + d * (second + d * third))

    return cubic


def _neighbour(plans: Plans, point: Point, side: int) -> Point | None:
    """Return the next point to one side if it has the same state."""
    k = plans.place(point) + side
    beside = plans.points[k] if 0 <= k < len(plans.points) else None
    return beside if beside is not None and beside.state == point.state else None
