"""How far the work is: a call of the user's, or a bar on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mixcurve.foundations.progress import Progress, followed

__all__ = ["Progress", "Tell", "telling"]


class Tell:
    """Tells how many problems of a stage are solved."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._stage, self._done, self._total = "", 0, 0

    def begin(self, stage: str, total: int) -> None:
        """Begin a stage of so many problems."""
        self._stage, self._done, self._total = stage, 0, total
        self.solved(0)

    def solved(self, count: int) -> None:
        """Count problems that were solved."""
        self._done += count
        if self._progress is not None:
            self._progress(self._stage, self._done, self._total)


@contextmanager
def telling(progress: Progress | bool | None) -> Iterator[Tell]:
    """Tell ``progress``, or, if it is True and somebody watches, draw a bar on standard error while the block runs."""
    with followed(progress) as told:
        yield Tell(told)
