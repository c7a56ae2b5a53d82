"""`verify_flight`: whether a schedule keeps its bounds, is worth what it claims, and has a proven upper bound.

It shares no code with the solver: kernels are built anew, the value is simulated period by period, and the bound is
proven again at the stated prices by another dynamic programme. That one uses values of the curves and that they rise:
a cell of states brings no more than its upper end, and costs no less than its cheaper end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.certificate import Verification
from mixcurve.budget.flighting.cells import best_over_cells, cell_edges
from mixcurve.budget.flighting.plan import FlightPlan
from mixcurve.budget.flighting.problem import FlightProblem
from mixcurve.foundations.checks import number
from mixcurve.response.carryover import weights
from mixcurve.response.fit.mix.basis import ORDERS
from mixcurve.response.fitted import Fitted

__all__ = ["verify_flight"]

FloatArray = npt.NDArray[np.float64]

SAME = 1e-9
"""Relative difference up to which a claimed figure counts as the one recomputed."""
SPENT = 1e-9
"""Share of the budget by which sums of spend may exceed a limit: their rounding."""
CELLS = 40_000
"""Cells of states, for curves of one draw."""
VALUES = 8_000_000
"""Values of curves per channel at most: with many draws there are fewer cells."""
FEWEST = 4_000
LOOSE = 2.0
"""Widths of a cell, relative to its state, by which the check's own bound may exceed the claim."""
AT_ONCE = 2_000_000
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, eq=False)
class _Judge:
    """A problem with its kernels (C × length) and the formulas of its curves."""

    problem: FlightProblem
    fitted: Fitted
    lags: FloatArray

    @property
    def first(self) -> bool:
        """Whether the carryover goes before the curve."""
        return self.problem.order == ORDERS[0]

    def response(self, channel: int, x: FloatArray) -> FloatArray:
        """Return the mean response at spend of shape (m,)."""
        curve = self.fitted.curve[channel]
        draws = np.asarray(self.fitted.draws, dtype=np.float64)[:, channel, : len(curve.names)]
        total, step = np.zeros(x.shape), max(1, AT_ONCE // max(len(x), 1))
        for start in range(0, len(draws), step):
            top, *shape = draws[start : start + step].T[:, :, None]
            with np.errstate(over="ignore", under="ignore"):
                total += (top * curve.unit(x[None], shape)).sum(axis=0)
        return total / len(draws)

    def carried(self, channel: int, series: FloatArray) -> FloatArray:
        """Return what a series of the earlier periods and the horizon carries into each period of the horizon."""
        kernel, count = self.lags[channel], self.problem.periods
        full = np.convolve(series, kernel)[: len(series)]
        return full[len(series) - count :]

    def left(self, channel: int) -> FloatArray:
        """Return the share of each period's weights that lies after the horizon."""
        count, kernel = self.problem.periods, self.lags[channel]
        return np.array([fsum(kernel[count - t :]) for t in range(count)])


def verify_flight(plan: FlightPlan, fitted: Fitted) -> Verification:
    """Check that a schedule keeps its bounds, is worth what it claims, and that its upper bound is proven.

    Parameters
    ----------
    plan
        From `flight`. Kernels, season, prices and bounds are those that its ``problem`` states.
    fitted
        The curves it was made for.

    Returns
    -------
    Verification
        ``bound`` is proven anew on cells whose width adds some hundredths of a percent to it; ``reasons`` list what is
        wrong: a claimed bound counts as confirmed within that width.

    Examples
    --------
    >>> from mixcurve import response_from
    >>> from mixcurve.budget.flighting.flight import flight
    >>> known = response_from({"tv": ("hill", {"top": 100, "half": 50, "slope": 4})})
    >>> plan = flight(known, 600, periods=26, carryover=("geometric", {"decay": 0.3}))
    >>> verify_flight(plan, known).ok
    True
    """
    problem = plan.problem
    if tuple(fitted.channels) != problem.channels:
        reason = (
            f"the schedule is for {', '.join(problem.channels)}, the curves for {', '.join(fitted.channels)}"
        )
        return Verification(False, float("nan"), float("inf"), float("inf"), (reason,))
    if plan.spend.shape != problem.season.shape or not np.all(np.isfinite(plan.spend)):
        reason = (
            f"the schedule must be finite, of {problem.periods} periods and {len(problem.channels)} channels"
        )
        return Verification(False, float("nan"), float("inf"), float("inf"), (reason,))
    kernels = [
        weights(name, row[np.isfinite(row)].tolist(), problem.length)
        for name, row in zip(problem.kernel, problem.kernel_parameters, strict=True)
    ]
    judge = _Judge(problem, fitted, np.stack(kernels))
    value = _worth(judge, plan.spend)
    reasons = [*_broken(problem, plan.spend), *_claims(judge, plan, value)]
    bound, width, wrong = _proven(judge, plan)
    reasons += wrong
    # The width of cells tells on the response, of which a profit may be a small part.
    size = abs(bound) + problem.money_cost * float(plan.spend.sum()) if np.isfinite(bound) else 0.0
    slack = (LOOSE * width + SAME) * size
    if not bound <= plan.upper_bound + slack:
        reasons.append(f"the upper bound is {bound:.9g}, the schedule claims {plan.upper_bound:.9g}")
    gap = (bound - value) / value if value > TINY else (0.0 if bound <= value + TINY else float("inf"))
    return Verification(not reasons, value, bound, max(gap, 0.0), tuple(reasons))


def _worth(judge: _Judge, spend: FloatArray) -> float:
    """Return the objective, simulated."""
    problem, parts = judge.problem, []
    for c in range(len(problem.channels)):
        volume = spend[:, c] / problem.prices[:, c]
        series = np.concatenate([problem.history[:, c], volume])
        if judge.first:
            response = judge.response(c, judge.carried(c, series))
            left = volume
        else:
            each = judge.response(c, series)
            response, left = judge.carried(c, each), each[len(problem.history) :]
        parts += (problem.worth[c] * problem.season[:, c] * response).tolist()
        parts += (problem.credit[c] * judge.left(c) * left).tolist()
    return fsum(parts) - problem.money_cost * fsum(spend.ravel())


def _broken(problem: FlightProblem, spend: FloatArray) -> Iterator[str]:
    """Yield the bounds that a schedule breaks."""
    slack = SPENT * problem.budget
    for sums, limit, what in (
        (spend.sum(), problem.budget, "the budget"),
        (spend.sum(axis=1), problem.period_budgets, "the budget of a period"),
        (spend.sum(axis=0), problem.upper, "the most of a channel"),
        (spend, problem.period_upper, "the most of a channel in a period"),
        (-spend.sum(axis=0), -problem.lower, "the least of a channel"),
        (-spend, -problem.period_lower, "the least of a channel in a period"),
    ):
        over = float(np.max(np.asarray(sums) - limit))
        if over > slack:
            yield f"the schedule breaks {what} by {over:,.6g}"


def _claims(judge: _Judge, plan: FlightPlan, value: float) -> Iterator[str]:
    """Yield the figures that are not those recomputed."""
    periods = judge.problem.periods
    figures = [("value", plan.value, value)]
    figures.append(("value without spend", plan.history_value, _worth(judge, np.zeros_like(plan.spend))))
    if len(plan.even_spend):
        even = _worth(judge, np.tile(plan.even_spend, (periods, 1)))
        figures.append(("value of the even spread", plan.even_value, even))
    if plan.value > TINY:
        figures.append(("gap", 1.0 + plan.gap, plan.upper_bound / plan.value))
    for name, claimed, found in figures:
        if not abs(claimed - found) <= SAME * max(abs(found), abs(claimed)):
            yield f"the {name} is {found:.12g}, the schedule claims {claimed:.12g}"
    if plan.status == "optimal" and plan.gap > number("tolerance", plan.tolerance):
        yield f"the status is optimal, but the gap of {plan.gap:.3g} exceeds {plan.tolerance:g}"


def _proven(judge: _Judge, plan: FlightPlan) -> tuple[float, float, list[str]]:
    """Return the bound at the stated prices, the relative width of cells, and what is wrong with the proof."""
    problem, proof = judge.problem, plan.proof
    prices = [np.array([proof.budget_price]), proof.period_price, proof.most_price, proof.least_price]
    if not all(np.all(np.isfinite(p)) and np.all(p >= 0) for p in prices):
        return float("inf"), 0.0, ["the proof has a price that is no number of at least 0"]
    capped = np.isfinite(problem.period_budgets)
    if np.any(proof.period_price[~capped] > 0):
        return float("inf"), 0.0, ["the proof prices the budget of a period that has none"]
    total = proof.budget_price * problem.budget
    total += fsum(proof.period_price[capped] * problem.period_budgets[capped])
    total += fsum(proof.most_price * problem.upper) - fsum(proof.least_price * problem.lower)
    by_channel = proof.most_price - proof.least_price
    parts, widths = [total], [0.0]
    for c, name in enumerate(problem.channels):
        money = problem.money_cost + proof.budget_price + proof.period_price + by_channel[c]
        bound, width = _channel(judge, plan, c, money * problem.prices[:, c])
        if not np.isfinite(bound):
            return float("inf"), 0.0, [f"the kernel that stands for the carryover of '{name}' lies below it"]
        parts.append(bound)
        widths.append(width)
    return fsum(parts), max(widths), []


@dataclass(frozen=True, eq=False)
class _Alone:
    """One channel as ``constant + Σ scale F(before + kernel v) - cost v``, least <= v <= most (T,), ``room`` in all."""

    constant: float
    scale: FloatArray
    cost: FloatArray
    before: FloatArray
    kernel: FloatArray
    least: FloatArray
    most: FloatArray
    room: float


def _alone(judge: _Judge, c: int, cost: FloatArray) -> _Alone:
    """Return a channel at a cost per unit of spend at today's prices (T,)."""
    problem, count = judge.problem, judge.problem.periods
    scale = problem.worth[c] * problem.season[:, c]
    kernel = np.concatenate([judge.lags[c], np.zeros(count)])[:count]
    left = problem.credit[c] * judge.left(c)
    least, most = (b[:, c] / problem.prices[:, c] for b in (problem.period_lower, problem.period_upper))
    money = min(problem.upper[c], problem.budget, fsum(problem.period_upper[:, c]))
    room = float(money / problem.prices[:, c].min())
    ahead = np.zeros(count)
    if judge.first:
        before = judge.carried(c, np.concatenate([problem.history[:, c], ahead]))
        return _Alone(0.0, scale, cost - left, before, kernel, least, most, room)
    # A unit of response of one period counts in each later one: the periods then stand alone.
    earlier = judge.carried(c, np.concatenate([judge.response(c, problem.history[:, c]), ahead]))
    counted = np.array([fsum(kernel[: count - t] * scale[t:]) for t in range(count)]) + left
    return _Alone(fsum(scale * earlier), counted, cost, ahead, np.eye(1, count)[0], least, most, room)


def _own_most(judge: _Judge, c: int, one: _Alone) -> FloatArray:
    """Return the most of each period where it is a bound of its own; infinite where a budget or total says as much."""
    problem = judge.problem
    others = np.minimum(np.minimum(problem.period_budgets, problem.upper[c]), problem.budget)
    return np.where(problem.period_upper[:, c] < others, one.most, np.inf)


def _channel(judge: _Judge, plan: FlightPlan, c: int, money: FloatArray) -> tuple[float, float]:
    """Return a bound on one channel's objective at a cost per unit of spend (T,), and the width of cells."""
    one, cells = _alone(judge, c, money), max(FEWEST, min(CELLS, VALUES // len(judge.fitted.draws)))
    count = len(one.scale)
    decay, gain = plan.proof.cover[c].tolist()
    if np.isfinite(decay):
        lag = np.arange(count)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            start = float(np.max(np.where(one.before > 0, one.before / decay ** (lag + 1.0), 0.0)))
        if not (np.all(gain * decay**lag >= one.kernel * (1.0 - SAME)) and np.isfinite(start)):
            return float("inf"), 0.0
        edges = cell_edges(start + gain * one.room, cells)
        response = judge.response(c, edges)
        state = (decay, gain, start)
        best = best_over_cells(
            edges, response, one.scale, one.cost, state, (one.least, _own_most(judge, c, one))
        )
    else:
        slopes = plan.proof.slopes[:, c]
        if not (np.all(np.isfinite(slopes)) and np.all(slopes >= 0)):
            return float("inf"), 0.0
        edges = cell_edges(float(one.before.max()) + float(one.kernel.max()) * one.room, cells)
        response = judge.response(c, edges)
        inner = (one.scale[:, None] * response[1:] - slopes[:, None] * edges[:-1]).max(axis=1)
        net = np.array([fsum(slopes[t:] * one.kernel[: count - t]) for t in range(count)]) - one.cost
        best = fsum(inner) + fsum(slopes * one.before) + fsum(np.maximum(net * one.least, net * one.most))
    return one.constant + best, float(edges[-1] / edges[-2] - 1.0)
