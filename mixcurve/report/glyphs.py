"""Whether the report's font can write a text: checked first, because a chart would drop a character in silence."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from mixcurve.foundations.errors import ReportError
from mixcurve.plots.style import FONT, FONT_FILES, FONT_PACKAGE, font_files

__all__ = ["check_glyphs", "printable", "report_font_files", "strings_of", "texts_of_svg"]


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


def _missing(text: str) -> list[str]:
    """Return the characters of a text that the font lacks, each once."""
    covered = _covered()
    characters = unicodedata.normalize("NFC", text)
    return list(dict.fromkeys(c for c in characters if c != "\n" and ord(c) not in covered))


def printable(text: str) -> str:
    r"""Return a text with what the font lacks as its code point, for names that are quoted and not chosen.

    Examples
    --------
    >>> print(printable("売上 in £"))
    \u58f2\u4e0a in £
    """
    if text.isascii() and text.isprintable():
        return text
    lacking = set(_missing(text))
    return "".join(_escaped(c) if c in lacking else c for c in unicodedata.normalize("NFC", text))


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def check_glyphs(texts: Iterable[str], *, names: Mapping[str, str] = MappingProxyType({})) -> None:
    """Raise if a text holds a character that the font cannot write.

    Parameters
    ----------
    texts
        Everything that is printed.
    names
        What a text is, such as ``{"東京": "channel"}``: these are named, and sentences that quote them are not.

    Raises
    ------
    ReportError
        Naming every text, what it is, its characters, and what to do.

    Examples
    --------
    >>> check_glyphs(["Müller & Søn, £13k → £15k"])
    """
    found = {text: lacking for text in (*names, *texts) if (lacking := _missing(text))}
    named = [text for text in found if text in names]
    quoted = {c for text in named for c in found[text]}
    other = [text for text in found if text not in names and not set(found[text]) <= quoted]
    if not found:
        return
    said = "; ".join(
        f"{', '.join(map(_character, found[text]))} in {names.get(text, '')} {text!r}".replace("  ", " ")
        for text in named + other
    )
    raise ReportError(
        f"The report's font {FONT} cannot write {said}. Give a column a name that it can write under "
        "[report.labels] in the job, and change the others where they are given; nothing was written."
    )


def _character(character: str) -> str:
    name = unicodedata.name(character, "a control character")
    return f"{character!r} (U+{ord(character):04X}, {name})"
