"""Intervals of amounts with the values of every curve at their ends and beyond: what `peaks` bounds and halves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.budget.proof.responses import DrawnResponses

if TYPE_CHECKING:
    from mixcurve.budget.proof.peaks import Tasks

__all__ = ["FIRST_CUTS", "Intervals", "first_intervals"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

FIRST_CUTS = np.concatenate([[0.0], np.geomspace(1e-4, 1.0, 9)])
"""The first intervals, as shares of the whole: fine near its lower end, where small channels bend."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """I intervals [a, b] of tasks, with their T terms: volumes and responses at a, b and a point q beyond b.

    ``task`` (I,), ``a``, ``b`` (I,); ``owner`` (T,) is the interval of each term and ``term`` (T,) its number among the
    tasks' terms; ``volume`` (3 × T) and ``response`` (3 × T × D) are at a, b and q.
    """

    task: IndexArray
    a: FloatArray
    b: FloatArray
    owner: IndexArray
    term: IndexArray
    volume: FloatArray
    response: FloatArray
    responses: DrawnResponses

    @property
    def per_interval(self) -> int:
        """How many values of curves an interval needs, about."""
        return int(max(1, len(self.owner) / max(len(self.task), 1)) * self.response.shape[2])

    def points(self, tasks: Tasks) -> FloatArray:
        """Return the sum at both ends (2 × I)."""
        gain, base = tasks.gain[self.term], tasks.base[self.term]
        ends = [
            gain * self._mean(tasks, self.response[k], own=False)
            + (base * self._mean(tasks, self.response[k], own=True) if base.any() else 0.0)
            for k in (0, 1)
        ]
        return np.stack([self._sum(tasks, x, end) for x, end in zip((self.a, self.b), ends, strict=True)])

    def above(self, tasks: Tasks) -> FloatArray:
        """Return what the sum does not exceed on each interval (I,)."""
        gain, base = tasks.gain[self.term], tasks.base[self.term]
        fall = self._fall(tasks)
        at_a, at_b = self._line(tasks, gain, fall, own=False)
        if base.any():
            more_a, more_b = self._line(tasks, base, fall, own=True)
            at_a, at_b = at_a + more_a, at_b + more_b
        return np.maximum(self._sum(tasks, self.a, at_a), self._sum(tasks, self.b, at_b))

    def _fall(self, tasks: Tasks) -> FloatArray:
        """Return how far the line of each term and draw falls from b to a (T × D)."""
        low, high, beyond = self.volume
        inner, outer = high - low, beyond - high
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            chord = (self.response[1] - self.response[0]) / inner[:, None]
            right = (self.response[2] - self.response[1]) / outer[:, None]
        slope = np.minimum(chord, right)
        slope[(inner <= 0) | (outer <= 0)] = 0.0  # the response at b alone is above it all
        channel = tasks.channel[self.term]
        share = self.responses.model.share[channel]
        width = (self.b - self.a)[self.owner] * share
        bought = width * self.responses.volume_slope(channel, self.b[self.owner] * share)
        return slope * np.minimum(bought, inner)[:, None]

    def _line(
        self, tasks: Tasks, counts: FloatArray, fall: FloatArray, *, own: bool
    ) -> tuple[FloatArray, FloatArray]:
        """Return what each term adds at a and at b (T,) to the line above the sum."""
        low, high = (self._mean(tasks, self.response[k], own=own) for k in (0, 1))
        against = counts < 0
        at_b = np.where(against, low, high)
        at_a = np.where(against, low, high - self._mean(tasks, fall, own=own))
        return counts * at_a, counts * at_b

    def _mean(self, tasks: Tasks, values: FloatArray, *, own: bool) -> FloatArray:
        """Return the mean over the draws (T,) of values (T × D), by the weights of the group or the model's own."""
        if own or not len(tasks.weight):
            return values @ self.responses.model.weight
        group = tasks.group[self.task[self.owner]]
        return np.einsum("td,td->t", values, tasks.weight[group])

    def _sum(self, tasks: Tasks, x: FloatArray, terms: FloatArray) -> FloatArray:
        total = np.bincount(self.owner, terms, len(self.task))
        return tasks.offset[self.task] + (total - tasks.price[self.task] * x)

    def only(self, kept: BoolArray) -> Intervals:
        """Return the intervals that are kept."""
        terms = np.flatnonzero(kept[self.owner])
        return Intervals(
            self.task[kept], self.a[kept], self.b[kept],
            (np.cumsum(kept) - 1)[self.owner[terms]], self.term[terms],
            self.volume[:, terms], self.response[:, terms], self.responses,
        )  # fmt: skip

    def halved(self, tasks: Tasks) -> Intervals:
        """Return both halves of every interval."""
        middle = 0.5 * (self.a + self.b)
        beyond = self.b + (self.b - middle)
        channel = tasks.channel[self.term]
        share = self.responses.model.share[channel][:, None]
        amounts = np.stack([middle, beyond], axis=1)[self.owner] * share
        volume = self.responses.volume(channel, amounts)
        response = self.responses.of_volume(channel, volume)
        (um, uq), (fm, fq) = volume.T, (response[:, 0], response[:, 1])
        (ua, ub, _), (fa, fb, _) = self.volume, self.response
        return Intervals(
            np.concatenate([self.task, self.task]),
            np.concatenate([self.a, middle]),
            np.concatenate([middle, self.b]),
            np.concatenate([self.owner, self.owner + len(self.task)]),
            np.concatenate([self.term, self.term]),
            np.stack([np.concatenate(pair) for pair in ((ua, um), (um, ub), (ub, uq))]),
            np.stack([np.concatenate(pair) for pair in ((fa, fm), (fm, fb), (fb, fq))]),
            self.responses,
        )


def first_intervals(
    responses: DrawnResponses, tasks: Tasks, wanted: IndexArray
) -> tuple[Intervals, FloatArray]:
    """Return the first intervals of the tasks that have any, and the size of each task's terms (M,)."""
    k = len(FIRST_CUTS) - 1
    low, high = tasks.low[wanted], tasks.high[wanted]
    x = low[:, None] + (high - low)[:, None] * FIRST_CUTS
    x[:, -1] = high
    x = np.concatenate([x, (2.0 * x[:, -1] - x[:, -2])[:, None]], axis=1)
    place = np.full(len(tasks.low), -1)
    place[wanted] = np.arange(len(wanted))
    term = np.flatnonzero(place[tasks.owner] >= 0)
    row, channel = place[tasks.owner[term]], tasks.channel[term]
    volume = responses.volume(channel, x[row] * responses.model.share[channel][:, None])
    f = responses.of_volume(channel, volume)
    size = np.abs(tasks.offset) + np.abs(tasks.price) * np.maximum(tasks.high, 0.0)
    most = f[:, k].max(axis=1, initial=0.0) * (np.abs(tasks.gain) + np.abs(tasks.base))[term]
    size += np.bincount(tasks.owner[term], most, len(size))
    intervals = Intervals(
        np.repeat(wanted, k),
        x[:, :k].ravel(),
        x[:, 1 : k + 1].ravel(),
        (row[:, None] * k + np.arange(k)).ravel(),
        np.repeat(term, k),
        np.stack([volume[:, i : k + i].ravel() for i in range(3)]),
        np.stack([f[:, i : k + i].reshape(len(term) * k, -1) for i in range(3)]),
        responses,
    )
    return intervals, size
