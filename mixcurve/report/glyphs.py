"""Whether the report's font can write a text: checked first, because a chart would drop a character in silence."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from mixcurve.foundations.errors import ReportError
from mixcurve.plots.style import FONT, FONT_FILES, FONT_PACKAGE, font_files

__all__ = ["check_glyphs", "report_font_files", "strings_of", "texts_of_svg"]


def report_font_files() -> dict[int, Any]:
    """Return the files of every weight that reports use, or raise naming what is missing."""
    found = font_files()
    missing = [
        name for weight, name in FONT_FILES.items() if weight not in found or not found[weight].is_file()
    ]
    if missing:
        raise ReportError(
            f"The font {FONT} lacks {', '.join(missing)}. Install the report extra: pip install 'mixcurve[report]' "
            f"(it brings {FONT_PACKAGE})."
        )
    return found


@cache
def _covered() -> frozenset[int]:
    """Return the characters that every weight has."""
    from fontTools.ttLib import TTFont

    sets = []
    for path in report_font_files().values():
        with TTFont(path, lazy=True) as font:
            sets.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*sets)


def strings_of(value: Any) -> Iterator[str]:
    """Return every string in plain values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings_of(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings_of(part)


def texts_of_svg(svg: bytes) -> Iterator[str]:
    """Return every text in a figure."""
    from xml.etree import ElementTree

    for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        yield "".join(node.itertext())


def check_glyphs(texts: Iterable[str]) -> None:
    """Raise if a text holds a character that the font cannot write.

    Raises
    ------
    ReportError
        Naming the text, the character and what to do.

    Examples
    --------
    >>> check_glyphs(["Müller & Søn, £13k → £15k"])
    """
    covered = _covered()
    for text in texts:
        for character in unicodedata.normalize("NFC", text):
            if character != "\n" and ord(character) not in covered:
                name = unicodedata.name(character, "a control character")
                raise ReportError(
                    f"The report's font {FONT} cannot write {character!r} (U+{ord(character):04X}, {name}) "
                    f"in {text!r}. Rename it in the data or in the arguments; nothing was written."
                )
