"""How far the work is: a call of the user's, or a bar on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mixcurve.foundations.errors import InputError

__all__ = ["Progress", "Tell", "telling"]

Progress = Callable[[str, int, int], None]


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
    if progress is not None and not isinstance(progress, bool) and not callable(progress):
        raise InputError(
            f"progress must be a function of (stage, done, total), or True for a bar, got {progress!r}."
        )
    if callable(progress):
        yield Tell(progress)
    elif progress and sys.stderr.isatty():
        with _bars() as drawn:
            yield Tell(drawn)
    else:
        yield Tell(None)


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichBars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with RichBars(*columns, console=Console(file=sys.stderr)) as bars:
        tasks = {}

        def drawn(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield drawn
