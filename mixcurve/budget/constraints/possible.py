"""Whether any plan exists, before anything is solved: bounds from evidence give way, the user's are refused by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.asked import Asked
from mixcurve.budget.constraints.conflict import smallest_conflict
from mixcurve.budget.constraints.evidence import Evident
from mixcurve.budget.constraints.floors import Floor
from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.limits import Limit, System

__all__ = ["Settled", "refuse", "settled", "settled_simple"]

FloatArray = npt.NDArray[np.float64]

ROUNDING = 1e-12
"""Relative excess of the lower bounds over the budget that counts as the rounding of a sum."""
TOLERANCE = 1e-6
"""Share of the largest spend by which a bound that gives way is moved beyond what is needed: the solver's tolerance."""
HALVINGS = 40
"""Of the bracket in which the best attainable ROI is looked for."""


@dataclass(frozen=True, eq=False)
class Settled:
    """Bounds on spend (C) under which a plan may exist, and sentences on the bounds from evidence that gave way."""

    lower: FloatArray
    upper: FloatArray
    notes: tuple[str, ...] = ()


def settled_simple(asked: Asked, evident: Evident) -> Settled:
    """Return the bounds for a budget with bounds only.

    Raises
    ------
    InfeasibleError
        If the user's lower bounds exceed the budget.
    """
    least = fsum(asked.lower)
    if least > asked.total * (1.0 + ROUNDING):
        raise _too_much_asked(asked, least)
    excess = fsum(evident.lower) - max(asked.total, least)
    if excess <= ROUNDING * asked.total:
        return Settled(evident.lower, evident.upper)
    extra = evident.lower - asked.lower
    lower = asked.lower + extra * max(0.0, 1.0 - excess / fsum(extra))
    return Settled(lower, evident.upper, (_gave_way([c for c in asked.channels if c in evident.held]),))


def _too_much_asked(asked: Asked, least: float) -> InfeasibleError:
    named = ", ".join(f"{c} {v:,.6g}" for c, v in zip(asked.channels, asked.lower, strict=True) if v > 0)
    order = np.argsort(-asked.lower, kind="stable")
    count = int(np.searchsorted(np.cumsum(asked.lower[order]), asked.total, side="right")) + 1
    words = [
        f"{asked.channels[i]} {'locked at' if asked.source[i] == 'locked' else 'at least'} {asked.lower[i]:,.6g}"
        for i in order[:count].tolist()
    ]
    return InfeasibleError(
        f"No plan exists: the lower bounds add up to {least:,.6g}, more than the budget of {asked.total:,.6g} "
        f"({named}). Raise the budget by {least - asked.total:,.6g} or lower these bounds.",
        (*words, f"budget of {asked.total:,.6g}"),
        smallest=True,
    )


def settled(asked: Asked, evident: Evident, system: System) -> Settled:
    """Return the bounds under which a plan may exist; those from evidence are widened as little as is needed.

    Raises
    ------
    InfeasibleError
        If the user's own constraints leave no plan.
    """
    stated = list(system.limits)
    low = np.flatnonzero(evident.lower > asked.lower)
    high = np.flatnonzero(evident.upper < asked.upper)
    soft = [Limit("", (np.array([i]), np.ones(1)), least=float(evident.lower[i])) for i in low.tolist()]
    soft += [Limit("", (np.array([i]), np.ones(1)), most=float(evident.upper[i])) for i in high.tolist()]
    if system.solved([*stated, *soft]) is not None:
        return Settled(evident.lower, evident.upper)
    if not soft or system.solved(stated) is None:
        refuse(asked, system)
    slack = _least_slack(system, stated, soft)
    spare = TOLERANCE * system.scale
    lower, upper = evident.lower.copy(), evident.upper.copy()
    moved = slack > spare
    for k, i in enumerate([*low.tolist(), *high.tolist()]):
        if moved[k] and k < len(low):
            lower[i] = max(lower[i] - slack[k] - spare, asked.lower[i])
        elif moved[k]:
            upper[i] = min(upper[i] + slack[k] + spare, asked.upper[i])
    names = [asked.channels[i] for k, i in enumerate([*low.tolist(), *high.tolist()]) if moved[k]]
    return Settled(lower, upper, (_gave_way(list(dict.fromkeys(names))),))


def _least_slack(system: System, stated: list[Limit], soft: list[Limit]) -> FloatArray:
    """Return by how much each soft limit must move, relative moves together as small as possible."""
    n, count = system.channels, len(soft)
    loose = []
    for k, limit in enumerate(soft):
        sign = 1.0 if np.isfinite(limit.least) else -1.0
        loose.append(replace(limit, response=(np.array([n + k]), np.array([sign]))))
    size = np.array([limit.least if np.isfinite(limit.least) else limit.most for limit in soft])
    cost = np.concatenate([np.zeros(3 * n), 1.0 / np.maximum(size / system.scale, TOLERANCE)])
    found = system.solved([*stated, *loose], cost, count)
    return np.full(count, np.inf) if found is None else found[3 * n :] * system.scale


def _gave_way(channels: list[str]) -> str:
    return (
        f"The bounds that the evidence asks for left no plan, so they were widened for {', '.join(channels)}: "
        "these may move further than the data support."
    )


def refuse(asked: Asked, system: System) -> None:
    """Raise the `InfeasibleError` that names the smallest conflict."""
    conflict, smallest = smallest_conflict(system.words, system.feasible)
    parts = [f"No plan exists: {_listed(conflict)} cannot be kept together."]
    parts += _remedies(asked, system, conflict)
    if asked.setup.any():
        parts.append("Set-up costs count as money.")
    size = "is the smallest set of constraints in conflict" if smallest else "cannot be reduced"
    parts.append(f"This {size}: change one of them.")
    raise InfeasibleError(" ".join(parts), conflict, smallest=smallest)


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _remedies(asked: Asked, system: System, conflict: tuple[str, ...]) -> list[str]:
    budget = f"budget of {asked.total:,.6g}"
    out = []
    if budget in conflict:
        others = [limit for limit in system.limits if limit.words in conflict and limit.words != budget]
        total = next(limit for limit in system.limits if limit.words == budget)
        n = system.channels
        cost = np.zeros(3 * n)
        cost[total.spend[0]] = total.spend[1]
        cost[total.on[0] + n] = total.on[1] / system.scale
        # The budget without its limit still says who pays set-up costs.
        found = system.solved([*others, replace(total, most=np.inf)], cost)
        if found is not None:
            least = float(cost @ found) * system.scale
            out.append(f"The others need {least:,.6g}: raise the budget by {least - asked.total:,.6g}.")
    for floor in asked.floors:
        if floor.words in conflict and len(floor.channels) > 1 and floor.kind == "roi":
            best = best_attainable(system, floor)
            out.append(f"The other constraints allow it an ROI of {best:.3g} at most.")
    return out


def best_attainable(system: System, floor: Floor) -> float:
    """Return an ROI that the channels of a floor cannot exceed under the other constraints."""
    others = [limit for limit in system.limits if limit.words != floor.words]
    mine = next(limit for limit in system.limits if limit.words == floor.words)
    low, high = 0.0, floor.limit
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        share = middle / floor.limit
        eased = replace(
            mine, spend=(mine.spend[0], mine.spend[1] * share), on=(mine.on[0], mine.on[1] * share)
        )
        low, high = (middle, high) if system.solved([*others, eased]) is not None else (low, middle)
    return high
