"""From a solved flighting to a `FlightPlan`: patterns, intervals, and sentences."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.budget.flighting.course import Course
from mixcurve.budget.flighting.even import EvenSpread
from mixcurve.budget.flighting.grid import kernel_covers
from mixcurve.budget.flighting.plan import SAME, FlightPlan, FlightProof, Pattern
from mixcurve.budget.flighting.problem import FlightProblem
from mixcurve.budget.flighting.rows import Rows
from mixcurve.budget.flighting.solve import Flighted
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fitted import Fitted

__all__ = ["flight_plan"]

FloatArray = npt.NDArray[np.float64]

NO_SPEND = 1e-9
"""Share of the budget below which a channel, or of its largest spend below which a period, counts as without spend."""
SPREAD = 0.75
"""Share of the periods that must have spend, without a break, to call a channel spread: near its end a horizon that
credits nothing later needs none."""
NOTHING = 1e-6
"""Share of a schedule's value below which an even spread counts as worth nothing."""
LEAST_TOLD = 1e-4
"""Shares below this are told as less than this."""
UNSPENT = 1e-9
"""Share of the budget from which money left is reported."""
TINY = float(np.finfo(np.float64).tiny)


def flight_plan(
    fitted: Fitted,
    course: Course,
    rows: Rows,
    found: Flighted,
    even: EvenSpread | None,
    current: FloatArray | None,
    *,
    tolerance: float,
    level: float,
) -> FlightPlan:
    """Return the plan with everything that is told of it."""
    problem = course.problem
    spend = _without_dust(course, found)
    value = course.value(spend)
    bound = max(found.bound, value)
    gap = (bound - value) / value if value > TINY else (0.0 if bound - value <= TINY else float("inf"))
    status: Literal["optimal", "gap"] = "optimal" if gap <= tolerance else "gap"
    intervals = _intervals(fitted, course, spend, even, level)
    unspent = problem.budget - float(spend.sum())
    unspent = unspent if unspent > UNSPENT * problem.budget else 0.0
    return FlightPlan(
        problem=problem,
        spend=spend,
        response=course.response(spend),
        value=value,
        upper_bound=bound,
        gap=gap,
        tolerance=tolerance,
        status=status,
        proof=_proof(course, rows, found),
        credit=_credit(course, spend),
        history_value=course.value(np.zeros_like(spend)),
        unspent=unspent,
        even_spend=np.empty(0) if even is None else even.spend,
        even_value=float("nan") if even is None else even.value,
        even_bound=float("nan") if even is None else even.bound,
        even_totals_value=course.value(np.tile(spend.mean(axis=0), (problem.periods, 1))),
        current_value=float("nan") if current is None else course.value(current),
        pattern=dict(zip(problem.channels, patterns(problem, spend), strict=True)),
        verdict=_verdict(value, bound, even),
        message=_message(problem, fitted.every, gap, status, unspent),
        value_interval=intervals[0],
        gain_interval=intervals[1],
        better_share=intervals[2],
        level=level,
        evaluations=found.evaluations,
        every=fitted.every,
        currency=fitted.currency,
        response_name=fitted.response_name,
    )


def _without_dust(course: Course, found: Flighted) -> FloatArray:
    """Return the schedule without specks of spend that a polish left, where that loses nothing that counts."""
    problem = course.problem
    speck = (
        found.spend <= NO_SPEND * np.maximum(found.spend.max(axis=0), problem.budget / problem.periods)
    ) & (problem.period_lower <= 0)
    clean = np.where(speck, 0.0, found.spend)
    kept = np.all(clean.sum(axis=0) >= problem.lower)
    return clean if kept and course.value(clean) >= found.value * (1.0 - NO_SPEND) else found.spend


def _proof(course: Course, rows: Rows, found: Flighted) -> FlightProof:
    problem = course.problem
    by_kind = {"period": np.zeros(problem.periods)}
    by_kind |= {kind: np.zeros(len(problem.channels)) for kind in ("most", "least")}
    for kind, place, price in zip(rows.kind[1:], rows.place[1:], found.price[1:], strict=True):
        by_kind[kind][place] = price
    cover = np.array(kernel_covers(course))
    cover[np.isfinite(found.slopes[0])] = np.nan
    return FlightProof(
        float(found.price[0]), by_kind["period"], by_kind["most"], by_kind["least"], cover, found.slopes
    )


def _credit(course: Course, spend: FloatArray) -> float:
    """Return what of the value is credit for what is left after the horizon."""
    problem = course.problem
    if problem.carryover_first:
        return float(np.sum(course.linear * spend / problem.prices))
    left = problem.share_left() * problem.credit
    volume = spend / problem.prices
    return sum(float(left[:, c] @ course.curves.value(c, volume[:, c])) for c in range(len(problem.channels)))


def patterns(problem: FlightProblem, spend: FloatArray) -> list[Pattern]:
    """Return each channel's pattern: pulse, spread or off."""
    out: list[Pattern] = []
    for column in spend.T:
        if column.sum() <= NO_SPEND * max(problem.budget, TINY):
            out.append("off")
            continue
        on = np.flatnonzero(column > NO_SPEND * column.max())
        broken = on[-1] - on[0] + 1 > len(on)
        out.append("pulse" if broken or len(on) < SPREAD * len(column) else "spread")
    return out


def _intervals(
    fitted: Fitted, course: Course, spend: FloatArray, even: EvenSpread | None, level: float
) -> tuple[tuple[float, float] | None, tuple[float, float] | None, float | None]:
    if not len(fitted.resamples):
        return None, None, None
    ends = [0.5 - 0.5 * level, 0.5 + 0.5 * level]
    values = _by_draw(fitted, course, spend)
    low, high = np.quantile(values, ends)
    if even is None:
        return (float(low), float(high)), None, None
    gain = values - _by_draw(fitted, course, np.tile(even.spend, (len(spend), 1)))
    less, more = np.quantile(gain, ends)
    return (float(low), float(high)), (float(less), float(more)), float(np.mean(gain > 0))


def _by_draw(fitted: Fitted, course: Course, spend: FloatArray) -> FloatArray:
    """Return the objective in each resample (R,)."""
    problem = course.problem
    state = course.state(spend)
    total = np.full(len(fitted.resamples), float(np.sum(course.linear * spend / problem.prices)))
    total -= problem.money_cost * float(spend.sum())
    earlier = None
    if not problem.carryover_first:
        # What a unit of response of each earlier period still brings within the horizon.
        impulse = np.eye(len(problem.history))[:, :, None] * np.ones(len(problem.channels))
        scale = problem.worth * problem.season
        earlier = np.stack(
            [(scale * problem.carried_in(one)).sum(axis=0) for one in impulse.transpose(1, 0, 2)]
        )
    for c, curve in enumerate(fitted.curve):
        draws = fitted.resamples[:, c, : len(curve.names)][:, None, :]
        total += shape_of.response(curve, state[:, c], draws) @ course.scale[:, c]
        if earlier is not None:
            total += shape_of.response(curve, problem.history[:, c], draws) @ earlier[:, c]
    return total


def percent(share: float) -> str:
    """Return a share in words that never round it down to nothing."""
    if share < LEAST_TOLD:
        return f"less than {100 * LEAST_TOLD:g}%"
    return f"{100 * share:.2g}%" if share < 1.0 else f"{100 * share:,.0f}%"


def at_most(share: float) -> str:
    """Return a share in words that never round it down, for sentences that say "no more than".

    >>> at_most(2e-7), at_most(0.01234)
    ('0.01%', '1.3%')
    """
    if share <= LEAST_TOLD:
        return f"{100 * LEAST_TOLD:g}%"
    digits = 10.0 ** (math.floor(math.log10(share)) - 1)
    return percent(math.ceil(share / digits - 1e-9) * digits)


def _verdict(value: float, bound: float, even: EvenSpread | None) -> str:
    if even is None:
        return "The bounds allow no even spread to compare with."
    if even.value <= NOTHING * value:
        proven = ", and that no even spread does much is proven" if even.bound < 0.5 * value else ""
        return f"Spending unevenly pays: an even spread brings next to nothing{proven}."
    most = max(bound / even.value - 1.0, 0.0)
    ceiling = f"that no schedule brings more than {at_most(most)} more than the best even spread is proven"
    gain = value / even.value - 1.0
    if value > even.bound + SAME * abs(value):
        return (
            f"Spending unevenly pays: the schedule brings {percent(gain)} more than the best even spread, and that no "
            f"even spread brings as much is proven; {ceiling}."
        )
    return f"An even spread is as good, or nearly: the schedule adds {percent(gain)}; {ceiling}."


def _message(problem: FlightProblem, every: str, gap: float, status: str, unspent: float) -> str:
    share = at_most(gap)
    none = f"none brings more than {share} more on these curves"
    proven = f"Of all other schedules within these bounds {none}; this is proven."
    if status == "gap":
        proven = f"A better schedule may exist, but it is proven that {none}."
    parts = [proven]
    if unspent:
        parts.append(
            f"{unspent:,.6g} of the budget of {problem.budget:,.6g} is unspent, since caps hold or no more spend pays "
            f"within {problem.periods} {every}s."
        )
    return " ".join(parts)
