"""One ranking of people with the totals above every cut-off, and the cut-off that a policy takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.thresholds.cutoffs import Ranking, ranking_of
from mixcurve.thresholds.people import People
from mixcurve.thresholds.policies import ROUNDING, Limit, Policy, RankedBy, Sums
from mixcurve.thresholds.ties import Keys, by_hash
from mixcurve.thresholds.worth import Worth

__all__ = ["Sweep", "Ties", "sweep_of"]

FloatArray = npt.NDArray[np.float64]
Ties = Literal["hash", "include", "exclude"]


@dataclass(frozen=True)
class Sweep:
    """People ranked, and the place that a policy takes among the cut-offs.

    Parameters
    ----------
    ranking
        The rows in falling order; where a limit parts people who are equal, those chosen come first and are a group.
    sums
        Totals above each cut-off (m + 1).
    place
        The cut-off taken.
    tied
        How many rows share the value at the cut, and how many of them are chosen; (0, 0) if none are parted.
    realised
        What each row brings if contacted (n): its value if positive, less its cost.
    """

    ranking: Ranking
    sums: Sums
    place: int
    tied: tuple[int, int]
    realised: FloatArray

    @property
    def rows(self) -> npt.NDArray[np.intp]:
        """The rows that are chosen, highest first."""
        return self.ranking.order[: self.ranking.ends[self.place]]

    @property
    def following(self) -> int | None:
        """The row that would be next, or None if everybody is chosen."""
        taken = int(self.ranking.ends[self.place])
        return int(self.ranking.order[taken]) if taken < len(self.ranking.order) else None


def sweep_of(people: People, worth: Worth, policy: Policy, key: Keys | None, ties: Ties) -> Sweep:
    """Return the ranking, its totals and the cut-off that the policy takes."""
    values = measure(people, worth, policy.ranked_by)
    realised = people.outcome * worth.value - worth.cost
    ranking = ranking_of(values, people.score)
    sums = _sums(ranking, people, worth, realised)
    place = int(policy.place(sums))
    if not isinstance(policy, Limit) or place == len(sums.people) - 1 or ties == "exclude":
        return Sweep(ranking, sums, place, (0, 0), realised)
    return _split(Sweep(ranking, sums, place, (0, 0), realised), people, worth, policy, key, ties)


def measure(people: People, worth: Worth, ranked_by: RankedBy) -> FloatArray:
    """Return what ranks people (n); the probability itself where it gives the same order."""
    if ranked_by == "net worth":
        return worth.expected(people.probability)
    if ranked_by == "return on cost":
        return worth.return_on_cost(people.probability)
    return people.probability


def _sums(ranking: Ranking, people: People, worth: Worth, realised: FloatArray) -> Sums:
    w = people.weight
    cut = np.concatenate([[np.inf], ranking.value])
    parts = (w, w * people.outcome, w * realised, w * worth.cost)
    return Sums(cut, *(ranking.totals(part) for part in parts))


def _split(found: Sweep, people: People, worth: Worth, policy: Limit, key: Keys | None, ties: Ties) -> Sweep:
    """Return the sweep that takes of the next group as many as the limit has room for."""
    ranking, place = found.ranking, found.place
    if found.sums.cut[place + 1] < policy.least:
        return found
    first, last = ranking.ends[place : place + 2]
    group = by_hash(np.sort(ranking.order[first:last]), key if ties == "hash" else None)
    amount = people.weight * (1.0 if policy.of == "people" else worth.cost)
    used = (found.sums.people if policy.of == "people" else found.sums.spent)[place]
    room = policy.limit * (1.0 + ROUNDING) - used
    if ties == "include":
        # A limit that is met leaves no room that equals would have to share.
        more = last - first if room > 2.0 * ROUNDING * policy.limit else 0
    else:
        more = int(np.searchsorted(np.cumsum(amount[group]), room, "right"))
    if more in (0, last - first):
        return replace(found, place=place + (more > 0))
    order = ranking.order.copy()
    order[first:last] = group
    ends = np.insert(ranking.ends, place + 1, first + more)
    value = np.insert(ranking.value, place, ranking.value[place])
    parted = Ranking(order, ends, value)
    sums = _sums(parted, people, worth, found.realised)
    return Sweep(parted, sums, place + 1, (int(last - first), more), found.realised)
