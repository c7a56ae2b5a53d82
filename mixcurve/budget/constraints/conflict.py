"""The smallest set of constraints that no plan keeps together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

__all__ = ["irreducible", "smallest_conflict"]

FEW = 60
"""Constraints up to which the smallest conflict is looked for; beyond, one that cannot be reduced."""
ROUNDS = 200
"""Rounds of that search, each of which takes a check per constraint."""

Feasible = Callable[[Collection[str]], bool]


def smallest_conflict(words: Sequence[str], feasible: Feasible) -> tuple[tuple[str, ...], bool]:
    """Return a conflict with as few constraints as possible, and whether that is proven.

    Every conflict meets each *correction*: constraints whose removal leaves a plan. So the smallest set that meets all
    corrections known is no larger than the smallest conflict, and if it is in conflict it is one; else it is grown to a
    largest set that has a plan, and what is left out is a new correction (Ignatiev et al. 2015, "Smallest MUS
    extraction with minimal hitting set dualization").

    Parameters
    ----------
    words
        The constraints; all of them together must be in conflict.
    feasible
        Whether some plan keeps a set of them.

    Examples
    --------
    >>> smallest_conflict(["a", "b", "c"], lambda kept: not {"a", "c"} <= set(kept))
    (('a', 'c'), True)
    """
    if len(words) > FEW:
        return irreducible(words, feasible), False
    corrections: list[set[int]] = []
    for _ in range(ROUNDS):
        chosen = _hitting(len(words), corrections)
        if not feasible({words[i] for i in chosen}):
            return tuple(words[i] for i in sorted(chosen)), True
        kept = set(chosen)
        for i in range(len(words)):
            if i not in kept and feasible({words[j] for j in kept | {i}}):
                kept.add(i)
        corrections.append(set(range(len(words))) - kept)
    return irreducible(words, feasible), False


def _hitting(count: int, corrections: Sequence[set[int]]) -> set[int]:
    """Return a smallest set of places that meets every correction."""
    if not corrections:
        return set()
    from scipy.optimize import Bounds, LinearConstraint, milp

    rows = np.array([[float(i in c) for i in range(count)] for c in corrections])
    found = milp(
        np.ones(count),
        integrality=np.ones(count, dtype=int),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, 1.0),
    )
    return set(np.flatnonzero(np.asarray(found.x) > 0.5).tolist())


def irreducible(words: Sequence[str], feasible: Feasible) -> tuple[str, ...]:
    """Return a conflict from which no constraint can be left out (Junker 2004, QuickXplain).

    Examples
    --------
    >>> irreducible(["a", "b", "c"], lambda kept: not {"a", "c"} <= set(kept))
    ('a', 'c')
    """
    found = set(_explained(frozenset(), False, tuple(words), feasible))
    return tuple(word for word in words if word in found)


def _explained(
    kept: frozenset[str], grown: bool, words: tuple[str, ...], feasible: Feasible
) -> tuple[str, ...]:
    if grown and not feasible(kept):
        return ()
    if len(words) <= 1:
        return words
    half = len(words) // 2
    first, second = words[:half], words[half:]
    later = _explained(kept | set(first), bool(first), second, feasible)
    earlier = _explained(kept | set(later), bool(later), first, feasible)
    return (*earlier, *later)
