"""The plain class: one curve per channel, one budget, bounds. It has an engine of its own (see `search`)."""

from __future__ import annotations

from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.answer import AT_BOUND, Found
from mixcurve.budget.certificate import Certificate
from mixcurve.budget.channels import Channels, channels_from
from mixcurve.budget.constraints.question import Question
from mixcurve.budget.polish import polished, without_waste
from mixcurve.budget.problem import Budget
from mixcurve.budget.search import Search, search
from mixcurve.response.fitted import Fitted

__all__ = ["solve_plain"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]


def solve_plain(question: Question, *, tolerance: float, max_nodes: int) -> Found:
    """Return the best plan for a budget with bounds, and its certificate."""
    fitted, now = question.fitted, question.asked.current
    asked = Budget(
        question.asked.channels, question.asked.total, question.bounds.lower, question.bounds.upper
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
        max_nodes=max_nodes,
    )
    spend = np.empty(channels.size)
    best = without_waste(channels, polished(channels, found.spend, lower, upper), lower, asked.total)
    spend[order] = _settled(best, lower, asked.total)
    response, marginal = (
        part[:, np.argsort(order)] for part in channels.marginal(np.stack([now, spend])[:, order])
    )
    value = fsum(response[1])
    return Found(
        spend=spend,
        response=response,
        marginal=marginal[1],
        value=value,
        current_value=fsum(response[0]),
        bound=found.bound,
        price=_shadow_price(asked, spend, marginal[1]),
        nodes=found.nodes,
        certificate=_certificate(fitted, asked, spend, value, found, order),
    )


def _shadow_price(asked: Budget, spend: FloatArray, marginal: FloatArray) -> float:
    """Return the marginal response that channels inside their bounds share, or the best of those with room to rise."""
    near = AT_BOUND * asked.total
    # An upper bound that is only the budget itself would rise with it.
    upper = np.where(asked.upper < asked.total - near, asked.upper, np.inf)
    inside = (spend > asked.lower + near) & (spend < upper - near)
    if inside.any():
        return float(np.mean(marginal[inside]))
    rising = spend < upper - near
    return (
        float(marginal[rising].max())
        if rising.any()
        else float(marginal.max(initial=0.0, where=spend > asked.lower))
    )


def _canonical(fitted: Fitted, asked: Budget) -> tuple[IndexArray, Channels]:
    """Return the channels sorted by curve, parameters, bounds, name, so that their order given changes nothing."""
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
    fitted: Fitted, asked: Budget, spend: FloatArray, value: float, found: Search, order: IndexArray
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
        curve=tuple(fitted.curve),
        parameters=np.asarray(fitted.draws[0], dtype=np.float64),
    )
