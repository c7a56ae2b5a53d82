"""Why money is left over and what holds each channel, in words that name the caps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.question import Question
from mixcurve.budget.constraints.words import counted

__all__ = ["full_channels", "held_by", "unspent_reasons"]

FloatArray = npt.NDArray[np.float64]

AT_BOUND = 1e-9
"""Distance, relative to the budget, within which a channel counts as at its bound."""
NEAR_LIMIT = 1e-7
"""Relative distance within which a group or a floor counts as at its limit."""


def full_channels(question: Question, spend: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which channels (C) are at their upper bounds."""
    return np.asarray(spend >= question.bounds.upper - AT_BOUND * question.asked.total)


def unspent_reasons(question: Question, spend: FloatArray, response: FloatArray) -> tuple[str, ...]:
    """Return every cap that holds at a plan (C), and what holds the channels that no cap holds."""
    asked = question.asked
    full = full_channels(question, spend)
    reasons = [_full(question, i) for i in np.flatnonzero(full).tolist()]
    stopped = full.copy()
    for places, text in _joint(question, spend, response):
        stopped[places] = True
        reasons.append(text)
    free = [name for name, held in zip(asked.channels, stopped, strict=True) if not held]
    if free:
        why = {
            "profit": "more spend would cost more than it brings",
            "custom": "no better plan was found with more spend",
        }.get(question.goal.kind, "more spend no longer raises the response in its last digit")
        reasons.append(f"{', '.join(free)}: {why}")
    return tuple(reasons)


def _full(question: Question, i: int) -> str:
    asked, name = question.asked, question.asked.channels[i]
    most = float(question.bounds.upper[i])
    if asked.source[i] == "locked":
        return f"{name} is locked at {most:,.6g}"
    if name in question.evident.held and most < asked.upper[i]:
        return f"{name} is held at {most:,.6g} at most for lack of evidence"
    if most == question.evident.capped.get(name):
        return f"{name} is at the largest spend seen, {most:,.6g}"
    return f"{name} is at its upper bound of {most:,.6g}"


def _joint(
    question: Question, spend: FloatArray, response: FloatArray
) -> Iterator[tuple[npt.NDArray[np.intp], str]]:
    """Yield the channels that each joint constraint stops from rising, and why."""
    asked = question.asked
    money, on = asked.money(spend), spend > 0
    for group in asked.groups:
        if np.isfinite(group.most) and money[group.channels].sum() >= group.most * (1.0 - NEAR_LIMIT):
            yield group.channels, f"{group.name} is at its most of {group.most:,.6g}"
        if group.most_on is not None and on[group.channels].sum() >= group.most_on:
            text = f"no more than {counted(group.most_on)} of {group.name} may be on"
            yield group.channels[~on[group.channels]], text
    if asked.most_on is not None and on.sum() >= asked.most_on:
        yield np.flatnonzero(~on), f"no more than {counted(asked.most_on)} may be on"
    for floor in asked.floors:
        mine = floor.channels
        need = floor.cost * float(money[mine].sum())
        if need > 0 and float(floor.rate @ response[mine]) <= need * (1.0 + NEAR_LIMIT):
            yield mine, f"{floor.words} allows no more"
    for places, _ in asked.ties:
        if full_channels(question, spend)[places].any():
            yield places, f"{', '.join(asked.channels[i] for i in places.tolist())} are tied"
    for i in _at_marginal_floor(question, spend):
        yield np.array([i]), f"the floor on marginal ROI of {asked.channels[i]} allows no more"


def _at_marginal_floor(question: Question, spend: FloatArray) -> Iterator[int]:
    """Yield the channels whose floor on marginal ROI holds at the upper end of what it allows."""
    model, asked = question.model, question.asked
    if model is None:
        return
    for i in np.flatnonzero(asked.least_marginal).tolist():
        k = model.channels.index(asked.channels[i])
        most = float(model.upper[model.cell[k]] * model.share[k])
        if most < question.bounds.upper[i] and spend[i] >= most * (1.0 - AT_BOUND):
            yield i


def held_by(question: Question, spend: FloatArray, response: FloatArray, names: Sequence[str]) -> list[str]:
    """Return by channel (C) what holds it: the bound in ``names`` if there is one, else a group or a floor."""
    out = list(names)
    asked, money = question.asked, question.asked.money(spend)
    for group in asked.groups:
        spent = float(money[group.channels].sum())
        for limit, word in ((group.most, "most"), (group.least, "least")):
            if 0 < limit < np.inf and abs(spent - limit) <= NEAR_LIMIT * limit:
                _name(out, group.channels, spend, f"{word} of {group.name}")
    for floor in asked.floors:
        need = floor.cost * float(money[floor.channels].sum())
        have = float(floor.rate @ response[floor.channels])
        if need > 0 and abs(have - need) <= NEAR_LIMIT * need:
            _name(
                out,
                floor.channels,
                spend,
                f"{floor.kind.upper()} of {'the plan' if floor.name == 'total' else floor.name}",
            )
    for i in _at_marginal_floor(question, spend):
        _name(out, np.array([i]), spend, "marginal ROI")
    return out


def _name(out: list[str], places: npt.NDArray[np.intp], spend: FloatArray, text: str) -> None:
    for i in places.tolist():
        if not out[i] and spend[i] > 0:
            out[i] = text
