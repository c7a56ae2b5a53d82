"""`flight`: when to spend a budget over a horizon, with the proof that no schedule does much better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.flighting.answer import flight_plan
from mixcurve.budget.flighting.course import course_of, mean_curves
from mixcurve.budget.flighting.even import best_even
from mixcurve.budget.flighting.inputs import (
    ByPeriod,
    KernelChoice,
    by_period,
    kernels_of,
    money_bounds,
    period_limits,
    possible,
    series,
    spend_before,
    whole_number,
)
from mixcurve.budget.flighting.plan import FlightPlan
from mixcurve.budget.flighting.problem import FlightProblem
from mixcurve.budget.flighting.rows import Rows, nearest_schedule, rows_of
from mixcurve.budget.flighting.solve import solve_flight
from mixcurve.budget.solve import allocate
from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.fitted import Fitted, KnownCurves, by_channel

__all__ = ["flight"]

FloatArray = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]

TOLERANCE = 0.01
"""Relative gap at which a schedule counts as proven optimal."""
STAGES = 5
OBJECTIVES = ("response", "profit")


def flight(
    fitted: Fitted,
    budget: float,
    periods: int = 52,
    *,
    period_budgets: ByPeriod | None = None,
    bounds: Mapping[str, tuple[float, float] | str] | None = None,
    period_bounds: Mapping[str, tuple[ByPeriod, ByPeriod]] | None = None,
    season: ByPeriod | Mapping[str, ByPeriod] | None = None,
    prices: ByPeriod | Mapping[str, ByPeriod] | None = None,
    carryover: KernelChoice | Mapping[str, KernelChoice] | None = None,
    length: int | None = None,
    history: Any = None,
    terminal: str | float | Mapping[str, float] = "none",
    objective: Literal["response", "profit"] = "response",
    value: float | Mapping[str, float] | None = None,
    current: Mapping[str, float] | None = None,
    tolerance: float = TOLERANCE,
    level: float = 0.9,
    progress: Progress | None = None,
) -> FlightPlan:
    """Return the best schedule of a budget over periods and channels, and a proven bound on every other schedule's.

    Carryover makes periods depend on each other: spend of one still works in the next. The response of a period is
    ``season f(spend after carryover)`` at the mean of the fit's draws, with spend bought at the period's prices; a fit
    in the order "saturation first" carries its response over in place of its spend. The bound is proven for any kernel.
    It is tight for geometric ones (a state of one number, a dynamic programme per channel) and where the order is
    "saturation first"; other kernels are held from above, by a geometric one or by the concave envelope of each period,
    and their gap may be wide.

    Parameters
    ----------
    fitted
        The curves, per period.
    budget
        Money over the whole horizon.
    periods
        T, the length of the horizon, in the periods of the curves.
    period_budgets
        The most money of a period: one figure, or one for each (T,).
    bounds
        By channel the least and the most money over the horizon, or a change of the current plan such as ``"±30%"``.
    period_bounds
        By channel the least and the most money of a period, each one figure or one per period.
    season
        What multiplies the response of each period, for all channels or by channel; 1 where not given.
    prices
        What a unit of media costs in each period, in today's prices, for all channels or by channel; 1 where not given.
    carryover
        A kernel for all channels or by channel: ``("geometric", {"decay": 0.6})``. By default the fit's own; curves
        that come without have none.
    length
        Lags of the kernels; the fit's by default, and else 208 or the horizon.
    history
        Spend before the horizon, at today's prices: by default the current plan in every earlier period; 0 for nothing;
        by channel one figure or a series; or an array (earlier periods × channels), nothing before its first.
    terminal
        What spend counts that still works after the last period. ``"none"``: nothing. A number, or one by channel: each
        unit of spend times the share of its weights that lies after the horizon counts so much, in units of the
        objective. ``"full"``: that number is what a unit of budget brings at the margin of the best steady plan, the
        shadow price of ``allocate(fitted, budget / periods)`` for the value of the response (at least 1 for profit), so
        that a schedule does not run dry at its end. In the order "saturation first" ``"full"`` counts the response
        that falls after the horizon itself, and no number can be given.
    objective
        ``"response"``, or ``"profit"``: the value of the response minus spend.
    value
        What a unit of response is worth, for all channels or by channel; 1 by default.
    current
        Spend per period of the present plan, by channel; the fit's by default. The schedule is never worse than this
        plan scaled to the budget, where that keeps the bounds.
    tolerance
        The search stops when the proven gap is within this; status ``"optimal"``.
    level
        Level of the intervals, which come from ``fitted.resamples``.
    progress
        Called as ``progress(stage, done, total)``.

    Raises
    ------
    InputError
        Naming the argument that makes no sense.
    InfeasibleError
        Where no schedule keeps all bounds.

    References
    ----------
    Bertsekas, D. P. (1999), Nonlinear Programming, 2nd edition, section 5.1.6 (the duality gap of separable problems).

    Examples
    --------
    >>> from mixcurve import response_from
    >>> known = response_from({"tv": ("hill", {"top": 100, "half": 50, "slope": 4})})
    >>> plan = flight(known, 600, periods=26, carryover=("geometric", {"decay": 0.3}), tolerance=0.03)
    >>> plan.pattern, plan.status, plan.value > 2 * plan.even_bound
    ({'tv': 'pulse'}, 'optimal', True)
    """
    tell: Progress = progress or (lambda *_: None)
    number("tolerance", tolerance, low=0.0, open_low=True)
    number("level", level, low=0.0, high=1.0, open_low=True)
    now = np.asarray(
        fitted.current if current is None else by_channel("current", current, fitted.channels, 0.0)
    )
    problem = _problem(
        fitted, budget, periods, period_budgets, bounds, period_bounds, season, prices, carryover, length, history,
        objective, value, now,
    )  # fmt: skip
    problem = replace(problem, credit=_credit(fitted, problem, terminal))
    course, rows = course_of(problem, mean_curves(fitted)), rows_of(problem)
    tell("best even spread", 0, STAGES)
    even = best_even(course)
    scaled = _scaled(problem, now)
    starts = _starts(
        problem, rows, [None if even is None else np.tile(even.spend, (problem.periods, 1)), scaled]
    )
    found = solve_flight(
        course, rows, starts, tolerance=tolerance, tell=lambda done: tell("schedule", done, STAGES)
    )
    plan = flight_plan(fitted, course, rows, found, even, scaled, tolerance=tolerance, level=level)
    tell("schedule", STAGES, STAGES)
    return plan


def _problem(
    fitted: Fitted,
    budget: float,
    periods: int,
    period_budgets: Any,
    bounds: Any,
    period_bounds: Any,
    season: Any,
    prices: Any,
    carryover: Any,
    length: int | None,
    history: Any,
    objective: str,
    value: Any,
    now: FloatArray,
) -> FlightProblem:
    channels = fitted.channels
    total = number("budget", budget, low=0.0, remedy="Give the money over the whole horizon.")
    count = whole_number("periods", periods)
    caps = (
        np.full(count, np.inf) if period_budgets is None else series("period_budgets", period_budgets, count)
    )
    lower, upper = money_bounds(bounds, channels, total, now * count)
    low, high = period_limits(period_bounds, channels, np.minimum(caps, total), upper)
    possible(channels, total, caps, (lower, upper), (low, high))
    kernel, parameters, lags, order = kernels_of(fitted, carryover, length, count)
    return FlightProblem(
        channels=tuple(channels),
        budget=total,
        period_budgets=caps,
        lower=lower,
        upper=upper,
        period_lower=low,
        period_upper=high,
        season=by_period("season", season, channels, count, 1.0),
        prices=by_period("prices", prices, channels, count, 1.0, open_low=True),
        worth=_worth(value, channels),
        money_cost=1.0 if known_name("objective", objective, OBJECTIVES) == "profit" else 0.0,
        kernel=kernel,
        kernel_parameters=parameters,
        length=lags,
        order=order,
        history=spend_before(history, channels, now, lags - 1),
        credit=np.zeros(len(channels)),
    )


def _worth(value: Any, channels: tuple[str, ...]) -> FloatArray:
    if isinstance(value, Mapping):
        return by_channel("value", value, channels, 1.0)
    return np.full(len(channels), 1.0 if value is None else number("value", value, low=0.0))


def _credit(fitted: Fitted, problem: FlightProblem, terminal: Any) -> FloatArray:
    """Return what a unit of what is left after the horizon counts, by channel (C,)."""
    count = len(problem.channels)
    if isinstance(terminal, str):
        if known_name("terminal", terminal, ("none", "full")) == "none":
            return np.zeros(count)
        if not problem.carryover_first:
            return np.array(problem.worth)
        return np.full(count, max(_steady_price(fitted, problem), problem.money_cost))
    if not problem.carryover_first:
        raise InputError(
            "terminal must be 'none' or 'full' for a fit in the order 'saturation first', whose response is what is "
            f"left after the horizon; got {terminal!r}."
        )
    if isinstance(terminal, Mapping):
        return by_channel("terminal", terminal, problem.channels, 0.0)
    return np.full(count, number("terminal", terminal, low=0.0, remedy="Or write 'none' or 'full'."))


def _steady_price(fitted: Fitted, problem: FlightProblem) -> float:
    """Return the shadow price of the best steady plan: what one more unit of budget brings per period."""
    draws = np.array(fitted.draws)
    draws[:, :, 0] *= problem.worth
    valued = KnownCurves(
        tuple(fitted.channels), tuple(fitted.curve), draws, draws[:0], np.array(fitted.spend_range),
        np.zeros(len(problem.channels)),
    )  # fmt: skip
    share = 1.0 / problem.periods
    limits = zip((problem.lower * share).tolist(), (problem.upper * share).tolist(), strict=True)
    bounds = dict(zip(problem.channels, limits, strict=True))
    return allocate(valued, problem.budget * share, bounds=bounds, beyond_seen=True).shadow_price


def _scaled(problem: FlightProblem, now: FloatArray) -> FloatArray | None:
    """Return the current plan in every period, scaled to the budget (T × C), or None without one."""
    spent = float(now.sum()) * problem.periods
    return np.tile(now * (problem.budget / spent), (problem.periods, 1)) if spent > 0 else None


def _starts(problem: FlightProblem, rows: Rows, wishes: list[FloatArray | None]) -> list[FloatArray]:
    """Return schedules within all bounds to start from: at least one, the nearest to no spend if need be."""
    out = []
    for wish in [*wishes, np.array(problem.period_lower)]:
        start = None if wish is None else nearest_schedule(problem, rows, wish)
        if start is not None:
            out.append(start)
    if not out:
        what = ("the bounds of channels over the horizon", "the budgets of periods", "the bounds of periods")
        raise InfeasibleError(
            "No schedule exists: the bounds of channels over the horizon, the budgets of the periods and the bounds of "
            "the periods contradict each other. Widen one of them.",
            what,
            smallest=False,
        )
    return out
