"""From a certified plan to an `Allocation`: what binds, what one more unit brings, intervals, and sentences."""

from __future__ import annotations

from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.certificate import Certificate
from mixcurve.budget.problem import Allocation, AllocationStatus, Budget
from mixcurve.response.fitted import Fitted, response_draws

__all__ = ["answer"]

FloatArray = npt.NDArray[np.float64]

AT_BOUND = 1e-9
"""Distance, relative to the budget, within which a channel counts as at its bound."""
TINY = float(np.finfo(np.float64).tiny)
BEYOND = 1e-9
"""Relative excess over the largest spend seen from which a plan counts as beyond it."""


def answer(
    fitted: Fitted,
    asked: Budget,
    certificate: Certificate,
    current: FloatArray,
    responses: FloatArray,
    marginal: FloatArray,
    nodes: int,
    *,
    tolerance: float,
    level: float,
) -> Allocation:
    """Return the allocation that a certificate proves, with the current plan beside it.

    ``responses`` (2 × channels) are those of the current plan and of the new one, ``marginal`` is of the new one.
    """
    names = certificate.channels
    spend = certificate.spend
    present, response = responses
    value, bound = certificate.value, certificate.upper_bound
    gap = _gap(value, bound)
    status: AllocationStatus = "optimal" if gap <= tolerance else "gap"
    unspent = max(asked.total - fsum(spend), 0.0)
    unspent = unspent if unspent > AT_BOUND * asked.total else 0.0
    price = 0.0 if unspent else _shadow_price(asked, certificate, marginal)
    value_interval, gain_interval, better = _intervals(fitted, spend, current, level)
    return Allocation(
        channels=names,
        budget=asked,
        spend=dict(zip(names, spend.tolist(), strict=True)),
        response=dict(zip(names, response.tolist(), strict=True)),
        marginal=dict(zip(names, marginal.tolist(), strict=True)),
        value=value,
        upper_bound=bound,
        gap=gap,
        status=status,
        shadow_price=price,
        binding=dict(zip(names, _binding(asked, certificate, marginal, price), strict=True)),
        unspent=unspent,
        current=dict(zip(names, current.tolist(), strict=True)),
        current_response=dict(zip(names, present.tolist(), strict=True)),
        current_value=fsum(present),
        value_interval=value_interval,
        gain_interval=gain_interval,
        better_share=better,
        level=level,
        beyond_seen=_beyond(fitted, spend),
        certificate=certificate,
        nodes=nodes,
        message=_message(asked, spend, current, gap, status, unspent, nodes),
        every=fitted.every,
        currency=fitted.currency,
        response_name=fitted.response_name,
    )


def _gap(value: float, bound: float) -> float:
    if bound <= value or bound <= TINY:
        return 0.0
    return (bound - value) / value if value > 0 else float("inf")


def _shadow_price(asked: Budget, certificate: Certificate, marginal: FloatArray) -> float:
    """Return the marginal response that channels inside their bounds share, or the best of those with room to rise."""
    spend, lower = certificate.spend, certificate.lower
    near = AT_BOUND * certificate.total
    # An upper bound that is only the budget itself would rise with it.
    upper = np.where(asked.upper < asked.total - near, asked.upper, np.inf)
    inside = (spend > lower + near) & (spend < upper - near)
    if inside.any():
        return float(np.mean(marginal[inside]))
    rising = spend < upper - near
    return (
        float(marginal[rising].max())
        if rising.any()
        else float(marginal.max(initial=0.0, where=spend > lower))
    )


def _binding(asked: Budget, certificate: Certificate, marginal: FloatArray, price: float) -> list[str]:
    """Return which bound holds each channel; spend of 0 without a lower bound, or all the budget, is held by none."""
    near = AT_BOUND * max(asked.total, 1e-300)
    low = (certificate.spend <= asked.lower + near) & (asked.lower > 0)
    high = (certificate.spend >= asked.upper - near) & (asked.upper < asked.total - near)
    both = low & high
    low, high = low & ~(both & (marginal > price)), high & ~(both & (marginal <= price))
    return np.where(low, "lower bound", np.where(high, "upper bound", "")).tolist()


def _intervals(
    fitted: Fitted, spend: FloatArray, current: FloatArray, level: float
) -> tuple[tuple[float, float] | None, tuple[float, float] | None, float | None]:
    if not len(fitted.resamples):
        return None, None, None
    values = response_draws(fitted, np.stack([spend, current]), fitted.resamples).sum(axis=-1)
    gain = values[:, 0] - values[:, 1]
    ends = [0.5 - 0.5 * level, 0.5 + 0.5 * level]
    value_ends, gain_ends = np.quantile(values[:, 0], ends), np.quantile(gain, ends)
    return (
        (float(value_ends[0]), float(value_ends[1])),
        (float(gain_ends[0]), float(gain_ends[1])),
        float(np.mean(gain > 0)),
    )


def _beyond(fitted: Fitted, spend: FloatArray) -> tuple[str, ...]:
    most = np.asarray(fitted.spend_range)[:, 1]
    return tuple(np.array(fitted.channels)[spend > most * (1.0 + BEYOND)].tolist())


def _message(
    asked: Budget,
    spend: FloatArray,
    current: FloatArray,
    gap: float,
    status: AllocationStatus,
    unspent: float,
    nodes: int,
) -> str:
    share = "less than 0.0001%" if gap < 1e-6 else f"{100 * gap:.2g}%"
    proven = (
        f"No other plan within these bounds brings more than {share} more on these curves; this is proven."
    )
    if status == "gap":
        proven = (
            f"The search stopped after {nodes:,} boxes. A better plan may exist, but it is proven that none brings "
            f"more than {share} more on these curves. Raise max_nodes to close the gap."
        )
    parts = [proven]
    if unspent:
        full = bool(np.all(spend >= asked.upper - AT_BOUND * asked.total))
        reason = (
            "every channel is at its upper bound"
            if full
            else "more spend no longer raises the response in its last digit"
        )
        parts.append(f"{unspent:,.6g} of the budget of {asked.total:,.6g} is unspent, since {reason}.")
    now = fsum(current)
    if now > asked.total * (1.0 + AT_BOUND):
        parts.append(f"The current plan spends {now:,.6g}, more than the budget of {asked.total:,.6g}.")
    return " ".join(parts)
