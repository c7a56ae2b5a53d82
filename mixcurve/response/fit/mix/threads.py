"""Two threads for the work of one fit: NumPy leaves the interpreter free while it computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

__all__ = ["THREADS", "side_by_side"]

THREADS = 2
"""Parts into which work is split, whatever the machine, so that results do not depend on it."""


@cache
def _helper() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS - 1, thread_name_prefix="mixcurve")


def side_by_side[In, Out](work: Callable[[In], Out], parts: Sequence[In]) -> list[Out]:
    """Return ``work`` of each part, the first done here and the others by a helping thread meanwhile.

    Examples
    --------
    >>> side_by_side(abs, [-1, 2])
    [1, 2]
    """
    waiting = [_helper().submit(work, part) for part in parts[1:]]
    return [work(parts[0]), *(one.result() for one in waiting)]
