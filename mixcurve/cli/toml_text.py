"""TOML beside tomllib: where a key stands in a text, and values written as TOML."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["line_of", "nearest_line", "toml_key", "toml_value"]

_BARE_KEY = re.compile("[A-Za-z0-9_-]+")
_WIDEST_LIST = 88


def line_of(text: str, path: Sequence[str]) -> int | None:
    r"""Return the line (from 1) on which the key at ``path`` begins, or None if it is not there.

    The first lines of a file are a file too: the key begins right after the longest such beginning that parses
    without it. This needs no second parser, and is right for any way of writing a key.

    Examples
    --------
    >>> line_of('client = "x"\n[data]\n# which\nchannels = [\n "tv"]', ["data", "channels"])
    4
    """
    lines = text.split("\n")
    without = 0
    for count in range(1, len(lines) + 1):
        try:
            document = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        if _holds(document, path):
            return without + 1
        without = count
    return None


def nearest_line(text: str, path: Sequence[str]) -> int | None:
    r"""Return the line of the key at ``path``, or of the section or list around it; None where none is there.

    Examples
    --------
    >>> nearest_line("[budget]\ntied = [{ tv = 0 }]", ["budget", "tied", "tv"])
    2
    """
    lines = (line_of(text, path[:count]) for count in range(len(path), 0, -1))
    return next((line for line in lines if line is not None), None)


def toml_key(name: str) -> str:
    """Return a key as TOML writes it: bare where that is allowed, else in quotes.

    Examples
    --------
    >>> toml_key("tv"), toml_key("paid search")
    ('tv', '"paid search"')
    """
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def toml_value(value: Any) -> str:
    """Return text, numbers, true, lists and tables as TOML; a long list gets a line per item.

    Examples
    --------
    >>> toml_value(["tv", 3]), toml_value({"paid search": 0.5}), toml_value(True)
    ('["tv", 3]', '{ "paid search" = 0.5 }', 'true')
    """
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml_key(k)} = {toml_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, Sequence):
        items = [toml_value(item) for item in value]
        line = f"[{', '.join(items)}]"
        return (
            line if len(line) <= _WIDEST_LIST else "[\n" + "".join(f"    {item},\n" for item in items) + "]"
        )
    return json.dumps(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _holds(document: Any, path: Sequence[str]) -> bool:
    for key in path:
        if not isinstance(document, Mapping) or key not in document:
            return False
        document = document[key]
    return True
