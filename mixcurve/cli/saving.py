"""Files written whole or not at all, and refused with a sentence where they cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mixcurve.foundations.errors import InputError, Problem, ReportError

__all__ = ["refuse_other_ending", "refuse_unwritable", "save", "told"]


def save(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all.

    Raises
    ------
    ReportError
        If the disk refuses; the earlier file is as it was.
    """
    from mixcurve.foundations.results import write_whole

    with told(path):
        return write_whole(path, content)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the disk refuses while the block runs into a sentence."""
    try:
        yield
    except OSError as error:
        raise ReportError(
            f"{path} could not be written: {error.strerror or error}. Nothing was changed."
        ) from None


def refuse_other_ending(path: Path) -> None:
    """Raise if a report's file is not called a PDF, which it will be."""
    if path.suffix.lower() != ".pdf" and not path.is_dir():
        remedy = f"Write, for example, --output {path.stem or 'report'}.pdf"
        raise InputError(Problem("a report is a PDF", remedy, str(path), code="output-not-pdf"))


def refuse_unwritable(path: Path) -> None:
    """Raise before any work if a file could not be written there later."""
    if path.is_dir():
        raise InputError(
            Problem("this is a folder, not a file", "Name a file in it", str(path), code="output-is-folder")
        )
    folder = next(parent for parent in (path.parent, *path.parent.parents, Path()) if parent.exists())
    if not folder.is_dir():
        raise InputError(
            Problem(
                "a file stands where a folder is wanted",
                "Choose another folder",
                str(folder),
                code="output-folder",
            )
        )
