"""`Verification`, what a check of a proof found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mixcurve.foundations.results import Result

__all__ = ["LOOSE", "SAME", "Verification", "differs", "refused", "relative_gap"]

TINY = float(np.finfo(np.float64).tiny)
SAME = 1e-9
"""Relative difference up to which a claimed figure counts as the one recomputed."""
LOOSE = 1e-8
"""Relative excess of a recomputed bound over the claimed one that the check's own precision allows."""


@dataclass(frozen=True, eq=False)
class Verification(Result):
    """What the check found: ``ok`` if nothing is wrong, else ``reasons``.

    ``value`` and ``bound`` are recomputed; ``gap`` is ``(bound - value) / |value|``. ``bound`` is infinite where the
    boxes do not cover every plan or a curve is not of its declared form, so that nothing is proven.
    """

    ok: bool
    value: float
    bound: float
    gap: float
    reasons: tuple[str, ...]


def relative_gap(value: float, bound: float) -> float:
    """Return ``(bound - value) / |value|``, at least 0; infinite where the value is 0 and the bound above it.

    Examples
    --------
    >>> relative_gap(100.0, 101.0)
    0.01
    """
    if abs(value) > TINY:
        return max((bound - value) / abs(value), 0.0)
    return 0.0 if bound <= value + TINY else float("inf")


def refused(reasons: Sequence[str]) -> Verification:
    """Return the finding that nothing is proven, for these reasons."""
    return Verification(False, float("nan"), float("inf"), float("inf"), tuple(reasons))


def differs(a: float, b: float, scale: float = 0.0) -> bool:
    """Return whether two figures differ by more than rounding, relative to the largest of them and ``scale``."""
    return not abs(a - b) <= SAME * max(abs(a), abs(b), scale)
