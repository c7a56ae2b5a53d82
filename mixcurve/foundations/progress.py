"""How far the work is: told to a function of the user's, or drawn as bars on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mixcurve.foundations.errors import InputError

__all__ = ["Progress", "followed"]

Progress = Callable[[str, int, int], None]


@contextmanager
def followed(progress: Progress | bool | None) -> Iterator[Progress | None]:
    """Yield what is to be called as ``(stage, done, total)`` while the block runs, or None if nobody is to be told.

    Parameters
    ----------
    progress
        A function; True for a bar per stage on standard error, if that is a terminal; None or False for nothing.

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> with followed(print) as tell:
    ...     tell("sampling", 1, 2)
    sampling 1 2
    >>> with followed(False) as tell:
    ...     tell is None
    True
    """
    if progress is not None and not isinstance(progress, bool) and not callable(progress):
        raise InputError(
            f"progress must be a function of (stage, done, total), True for a bar, or False, got {progress!r}."
        )
    if callable(progress):
        yield progress
    elif progress and sys.stderr.isatty():
        with _bars() as drawn:
            yield drawn
    else:
        yield None


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichBars

    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )  # fmt: skip
    with RichBars(*columns, console=Console(file=sys.stderr)) as bars:
        tasks = {}

        def drawn(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield drawn
