"""`Case`: one budget problem in whole steps of money, its value at a plan, and how far a plan breaks its rules."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

import mixcurve as mc

ON = 0.0
"""A channel is on where its spend exceeds this."""


@dataclass(frozen=True)
class Club:
    """A group of channels; limits in steps, ``most_on`` a number of channels, ``roi`` return over money."""

    name: str
    channels: tuple[int, ...]
    least: int = 0
    most: int | None = None
    most_on: int | None = None
    roi: float | None = None


@dataclass(frozen=True)
class Case:
    """Maximise the return, less the money where ``profit``, over plans that keep every rule.

    Money is ``step`` times a whole number of steps.
    ``curves`` are (family, parameters) in money. ``lower``, ``upper``, ``least_if_on`` and ``setup`` are steps per
    channel. ``tied`` holds (channels, proportions). ``tiers`` maps a channel to ((start in steps, price), ...).
    ``clubs`` are nested or apart. ``worth`` is the money that a unit of response brings, by channel.
    """

    kind: str
    seed: tuple[int, ...]
    curves: tuple[tuple[str, dict[str, float]], ...]
    steps: int
    step: float
    lower: np.ndarray
    upper: np.ndarray
    least_if_on: np.ndarray
    setup: np.ndarray
    tied: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()
    tiers: dict[int, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    clubs: tuple[Club, ...] = ()
    most_on: int | None = None
    roi: float | None = None
    worth: np.ndarray | None = None
    profit: bool = False
    current: np.ndarray | None = None

    @property
    def n(self) -> int:
        return len(self.curves)

    @property
    def total(self) -> float:
        return self.steps * self.step

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"channel {i}" for i in range(self.n))

    @property
    def cells(self) -> tuple[tuple[tuple[int, ...], np.ndarray], ...]:
        """What is decided: (channels, shares), tied channels first."""
        tied = tuple((c, np.array(p) / sum(p)) for c, p in self.tied)
        taken = {i for c, _ in tied for i in c}
        return tied + tuple(((i,), np.ones(1)) for i in range(self.n) if i not in taken)


def volume(case: Case, i: int, spend: np.ndarray) -> np.ndarray:
    """Return the spend at today's prices that spend buys in channel i."""
    if i not in case.tiers:
        return spend
    starts = np.array([s for s, _ in case.tiers[i]]) * case.step
    ends = np.append(starts[1:], np.inf)
    parts = [np.clip(spend, a, b) - a for a, b in zip(starts, ends)]
    return sum(part / price for part, (_, price) in zip(parts, case.tiers[i]))


def returns(case: Case, i: int, spend: np.ndarray) -> np.ndarray:
    """Return what spend (any shape) in channel i brings: its worth times its response."""
    family, parameters = case.curves[i]
    top, *shape = parameters.values()
    worth = 1.0 if case.worth is None else case.worth[i]
    return worth * top * mc.curves[family].unit(volume(case, i, np.asarray(spend, dtype=float)), shape)


def money(case: Case, spend: np.ndarray) -> np.ndarray:
    """Return the money per channel (..., C), set-up costs included."""
    return spend + np.where(spend > ON, case.setup * case.step, 0.0)


def total_return(case: Case, spend: np.ndarray) -> np.ndarray:
    """Return the summed returns at plans (..., C)."""
    return np.sum([returns(case, i, spend[..., i]) for i in range(case.n)], axis=0)


def value(case: Case, spend: np.ndarray) -> np.ndarray:
    """Return what is maximised at plans (..., C)."""
    spend = np.asarray(spend, dtype=float)
    cost = money(case, spend).sum(axis=-1) if case.profit else 0.0
    return total_return(case, spend) - cost


def violation(case: Case, spend: np.ndarray) -> np.ndarray:
    """Return the largest breach of any rule at plans (..., C): in shares of the total money, or of the return."""
    spend = np.asarray(spend, dtype=float)
    unit, paid, on = 1.0 / case.total, money(case, spend), spend > ON
    returned = np.stack([returns(case, i, spend[..., i]) for i in range(case.n)], axis=-1)
    scale = 1.0 / np.maximum(np.abs(returned).sum(axis=-1), 1e-300)
    floor = np.maximum(case.lower, np.where(on, case.least_if_on, 0)) * case.step
    parts = [
        unit * (floor - spend).max(axis=-1),
        unit * (spend - case.upper * case.step).max(axis=-1),
        unit * (paid.sum(axis=-1) - case.total),
    ]
    whole = Club("total", tuple(range(case.n)), most_on=case.most_on, roi=case.roi)
    for club in (*case.clubs, whole):
        inside = list(club.channels)
        spent = paid[..., inside].sum(axis=-1)
        parts.append(unit * (club.least * case.step - spent))
        if club.most is not None:
            parts.append(unit * (spent - club.most * case.step))
        if club.most_on is not None:
            parts.append((on[..., inside].sum(axis=-1) - club.most_on).astype(float))
        if club.roi is not None:
            parts.append(scale * (club.roi * spent - returned[..., inside].sum(axis=-1)))
    for channels, proportions in case.tied:
        each = spend[..., list(channels)] / np.array(proportions)
        parts.append(unit * (each.max(axis=-1) - each.min(axis=-1)))
    return np.maximum(np.max(parts, axis=0), 0.0)
