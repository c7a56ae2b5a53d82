"""`allocate`: the best plan for one total budget, with the proof of it."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.answer import answer
from mixcurve.budget.certificate import Certificate
from mixcurve.budget.channels import Channels, channels_from
from mixcurve.budget.polish import polished, without_waste
from mixcurve.budget.problem import Allocation, Budget, stated_budget
from mixcurve.budget.search import Search, search
from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.response.fitted import Fitted, by_channel

__all__ = ["TOLERANCE", "allocate"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

TOLERANCE = 1e-6
"""Relative gap at which a plan counts as proven optimal."""
MOST_NODES, FEWEST_NODES = 4_000, 50
"""Boxes the search solves unless told otherwise; usual problems need fewer than 20."""
CHANNEL_NODES = 2_000_000
"""Boxes times channels at which it stops by itself: some seconds."""


def allocate(
    fitted: Fitted,
    budget: float,
    *,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    current: Mapping[str, float] | None = None,
    tolerance: float = TOLERANCE,
    max_nodes: int | None = None,
    level: float = 0.9,
) -> Allocation:
    """Return the plan that maximises the total response within a budget, and the proof that no plan does better.

    Maximises ``Σ f_i(x_i)`` subject to ``Σ x_i <= budget`` and ``lower_i <= x_i <= upper_i``, where each ``f_i`` is
    convex first and concave after, or concave. All of the budget is spent unless every channel is at its upper bound or
    the response no longer rises in its last digit; then ``unspent`` and ``message`` say so.

    Parameters
    ----------
    fitted
        The curves, with one draw of their parameters.
    budget
        The most that may be spent per period, in the unit of spend.
    bounds
        Least and largest spend per period, by channel; (0, budget) where not given.
    current
        Spend per period of the present plan, by channel (0 where not given); ``fitted.current`` if None. The plan
        returned is never worse than this one where it keeps the bounds; if it overspends it is scaled to the budget.
    tolerance
        Relative gap at which the search ends with the status ``"optimal"``.
    max_nodes
        The search ends with the status ``"gap"`` when it has solved this many boxes; its bound is valid all the same.
        By default 4,000, and fewer with more than 500 channels.
    level
        Level of the intervals, which come from ``fitted.resamples``.

    Raises
    ------
    InputError
        If the budget or a bound makes no sense, if the bounds contradict the budget (there is no plan then, so no
        allocation with the status ``"infeasible"`` is returned), if a channel is unknown, or for several draws.

    References
    ----------
    Udell, M. and Boyd, S. (2013), "Maximizing a sum of sigmoids".

    Examples
    --------
    >>> from mixcurve import response_from
    >>> twins = {name: ("hill", {"top": 100, "half": 50, "slope": 4}) for name in ("tv", "radio")}
    >>> plan = allocate(response_from(twins), 60)
    >>> (
    ...     sorted(plan.spend.values()),
    ...     round(plan.value, 1),
    ...     plan.status,
    ... )  # all on one of the two, not half on each
    ([0.0, 60.0], 67.5, 'optimal')
    """
    asked = stated_budget(fitted.channels, budget, bounds)
    number("tolerance", tolerance, low=0.0, open_low=True)
    if max_nodes is not None:
        number("max_nodes", max_nodes, low=1)
    number("level", level, low=0.0, high=1.0, open_low=True)
    now = np.asarray(
        fitted.current if current is None else by_channel("current", current, fitted.channels, 0.0)
    )
    order, channels = _canonical(fitted, asked)
    lower, upper = asked.lower[order], _reachable(asked)[order]
    found = search(
        channels,
        lower,
        upper,
        asked.total,
        _starts(now, asked, order),
        tolerance=tolerance,
        max_nodes=_most_nodes(max_nodes, channels.size),
    )
    spend = np.empty(channels.size)
    best = without_waste(channels, polished(channels, found.spend, lower, upper), lower, asked.total)
    spend[order] = _settled(best, lower, asked.total)
    now_and_plan = np.stack([now, spend])
    response, marginal = (part[:, np.argsort(order)] for part in channels.marginal(now_and_plan[:, order]))
    certificate = _certificate(asked, spend, fsum(response[1]), found, order)
    return answer(
        fitted, asked, certificate, now, response, marginal[1], found.nodes, tolerance=tolerance, level=level
    )


def _most_nodes(asked: int | None, channels: int) -> int:
    return min(MOST_NODES, max(FEWEST_NODES, CHANNEL_NODES // channels)) if asked is None else int(asked)


def _canonical(fitted: Fitted, asked: Budget) -> tuple[IndexArray, Channels]:
    """Return the channels sorted by curve, parameters, bounds, name, so that their order given changes nothing."""
    if len(fitted.draws) != 1:
        raise InputError(
            f"allocate needs curves with one draw of their parameters, got {len(fitted.draws)} draws: a mean of "
            "S-curves is not an S-curve. Pass a point fit, or curves with the estimate as their one draw."
        )
    parameters = np.asarray(fitted.draws[0], dtype=np.float64)
    keys = [np.array(fitted.channels), asked.upper, asked.lower]
    keys += list(np.nan_to_num(parameters, nan=np.inf).T[::-1])
    order = np.lexsort([*keys, np.array([c.name for c in fitted.curve])])
    curve = [fitted.curve[i] for i in order.tolist()]
    return order, channels_from([fitted.channels[i] for i in order.tolist()], curve, parameters[order])


def _reachable(asked: Budget) -> FloatArray:
    """Return the upper bounds, no higher than what is left when every other channel gets its least."""
    return np.minimum(asked.upper, np.maximum(asked.lower + (asked.total - fsum(asked.lower)), asked.lower))


def _starts(now: FloatArray, asked: Budget, order: IndexArray) -> list[FloatArray]:
    """Return the current plan, scaled to the budget where it overspends, if it keeps the bounds."""
    spent = fsum(now)
    plan = now * (asked.total / spent) if spent > asked.total else now
    kept = np.all((plan >= asked.lower) & (plan <= asked.upper))
    return [plan[order]] if kept else []


def _settled(spend: FloatArray, lower: FloatArray, total: float) -> FloatArray:
    """Return the plan with its exact sum at most the total: the last excess goes from the largest room."""
    out = spend.copy()
    for _ in range(4):
        over = fsum(out) - total
        if over <= 0:
            break
        i = int(np.argmax(out - lower))
        out[i] = max(np.nextafter(out[i] - over, 0.0), lower[i])
    return out


def _certificate(
    asked: Budget, spend: FloatArray, value: float, found: Search, order: IndexArray
) -> Certificate:
    tree = found.tree
    return Certificate(
        channels=asked.channels,
        total=asked.total,
        lower=asked.lower,
        upper=_reachable(asked),
        spend=spend,
        value=value,
        upper_bound=found.bound,
        chains=tuple(tuple(order[chain].tolist()) for chain in found.chains),
        split=np.array([order[j] if j >= 0 else -1 for j in tree.channel], dtype=np.intp),
        cut=np.array(tree.cut),
        low=np.array(tree.low, dtype=np.intp),
        high=np.array(tree.high, dtype=np.intp),
        price=np.array(tree.price),
        bound=np.array(tree.bound),
        steps=np.array(tree.steps, dtype=np.intp),
    )
