"""How far a job is: bars on a terminal, nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

__all__ = ["Progress", "Silent", "drawn", "progress_on"]


class Progress(Protocol):
    """What a job tells while it runs."""

    def stage(self, text: str) -> None:
        """Begin a stage; the one before is done."""
        ...

    def step(self, text: str, done: int, total: int) -> None:
        """Say how much of the present stage is done."""
        ...


class Silent:
    """Tells nothing."""

    def stage(self, text: str) -> None:  # noqa: D102
        return

    def step(self, text: str, done: int, total: int) -> None:  # noqa: D102
        return


class _Bars:
    """A bar per stage."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._task: Any = None

    def stage(self, text: str) -> None:
        self.finish()
        self._task = self._bars.add_task(text, total=None, doing="")

    def step(self, text: str, done: int, total: int) -> None:
        self._bars.update(self._task, completed=done, total=total, doing=text)

    def finish(self) -> None:
        if self._task is not None:
            self._bars.update(self._task, completed=1, total=1, doing="")


@contextmanager
def drawn() -> Iterator[Progress]:
    """Draw progress on standard error while the block runs."""
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichBars

    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("{task.fields[doing]}", style="dim", markup=False),
    )
    with RichBars(*columns, console=Console(file=sys.stderr)) as rich_bars:
        bars = _Bars(rich_bars)
        yield bars
        bars.finish()


@contextmanager
def progress_on(animated: bool) -> Iterator[Progress]:
    """Draw progress if somebody is watching."""
    if not animated:
        yield Silent()
        return
    with drawn() as bars:
        yield bars
