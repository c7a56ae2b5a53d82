"""How good the policy's best cut-off is on people who did not choose it: cross-validation on sums of cells."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.thresholds.people import People
from mixcurve.thresholds.policies import Policy, Sums
from mixcurve.thresholds.sweep import Sweep

__all__ = ["optimism_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

FOLDS = 10
"""The usual number: cut-offs are then chosen by nine tenths of the people."""
MOST_REPEATS = 20
"""Random partitions into folds; their mean then varies far less than the data do."""
ROWS_LOOKED_AT = 1_000_000
"""Rows times partitions at which it stops: of very many people one partition says enough."""


def optimism_of(
    policy: Policy, people: People, sweep: Sweep, places: IntArray, rng: np.random.Generator
) -> float:
    """Return by how much what the policy maximises is expected to fall on new people.

    Each tenth of the people is judged by the cut-off that the others choose, and the tenths are added up; 0 for a
    policy that maximises nothing.

    Parameters
    ----------
    policy, people, sweep
        The decision.
    places
        Cut-offs that are looked at.
    rng
        Parts the people at random.
    """
    at = int(np.searchsorted(places, sweep.place))
    known = policy.score(_picked(sweep.sums, places))
    if known is None:
        return 0.0
    ends = sweep.ranking.ends[places]
    cell = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    parts = _parts(people, sweep)
    repeats = int(np.clip(ROWS_LOOKED_AT // len(cell), 1, MOST_REPEATS))
    fresh = [_fresh(policy, sweep.sums.cut[places], cell, parts, rng) for _ in range(repeats)]
    return float(known[at] - np.mean(fresh))


def _parts(people: People, sweep: Sweep) -> tuple[FloatArray, ...]:
    """Return people, positives and net worth of each row, in falling order."""
    order = sweep.ranking.order
    w = people.weight[order]
    return w, w * people.outcome[order], w * sweep.realised[order]


def _fresh(
    policy: Policy, cut: FloatArray, cell: IntArray, parts: tuple[FloatArray, ...], rng: np.random.Generator
) -> float:
    cells = len(cut) - 1
    place_of = rng.integers(0, FOLDS, len(cell)) * cells + cell
    counted = (np.bincount(place_of, weights=w, minlength=FOLDS * cells) for w in parts)
    held, hits, net = (_running(found.reshape(FOLDS, cells)) for found in counted)
    rest = [found.sum(axis=0) - found for found in (held, hits, net)]
    chosen = policy.place(Sums(cut, rest[0], rest[1], rest[2], spent=np.zeros_like(held)))
    each = np.arange(FOLDS)
    pooled = [np.array([found[each, chosen].sum(), found[:, -1].sum()]) for found in (held, hits, net)]
    score = policy.score(Sums(cut[[0, -1]], pooled[0], pooled[1], pooled[2], spent=np.zeros(2)))
    return float(score[0]) if score is not None else 0.0


def _picked(sums: Sums, places: IntArray) -> Sums:
    return Sums(
        sums.cut[places], *(getattr(sums, n)[places] for n in ("people", "positives", "net", "spent"))
    )


def _running(cells: FloatArray) -> FloatArray:
    return np.concatenate([np.zeros((len(cells), 1)), np.cumsum(cells, axis=1)], axis=1)
