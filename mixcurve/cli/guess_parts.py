"""When dates repeat: the column that says which region, brand or channel a row is about; and what guesses rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mixcurve.cli.column_words import CHANNEL, GROUP, has_word
from mixcurve.tables.amounts import is_missing

__all__ = ["parts_of", "remarks_of"]

_MOST_CHOICES = 12
_REPEATS = 1.5  # rows per date from which on dates repeat by design; below, a date is there twice by mistake
_NEARLY_ALL = 0.9  # the share of rows that a label must stand in

_REMARKS = {
    "date": "Guessed: its cells are dates.",
    "response": "Guessed from its name. Check that it is what spend should move.",
    "channels": "Guessed from names and numbers. Check that each is spend in money.",
    "controls": "Guessed from their names. Take out what does not move the response.",
    "currency": "Guessed from the mark beside the amounts.",
    "locale": "Guessed: the file's numbers and dates are read in full this way.",
    "layout": "Guessed: each date has one row per channel.",
    "spend": "Guessed from its name. Check that it is money.",
    "group": "Guessed: each date has one row for each of its values.",
}
_UNKNOWN = "No column looks like it: put the name of yours here."


def parts_of(cells: Mapping[str, list[Any]], date: str, texts: Sequence[str]) -> dict[str, Any]:
    """Return what to say in [data] when dates repeat: a group and a market, or the long layout; else nothing.

    Examples
    --------
    >>> weeks = {"week": ["2024-W01", "2024-W02"] * 2, "region": ["north", "north", "south", "south"]}
    >>> parts_of(weeks, "week", ["region"])
    {'group': 'region', 'market': 'north', 'choices': ['north', 'south']}
    """
    dates = [str(cell) for cell in cells[date] if not is_missing(cell)]
    if len(dates) < _REPEATS * len(set(dates)):
        return {}
    named = [name for name in cells if name != date and (name in texts or has_word(name, GROUP))]
    telling = [name for name in named if _tells_apart(cells[date], cells[name])]
    if not telling:
        return {}
    column = next((name for name in telling if has_word(name, GROUP + CHANNEL)), telling[0])
    choices = list(dict.fromkeys(_label(cell) for cell in cells[column] if not is_missing(cell)))
    if has_word(column, CHANNEL):
        return {"layout": "long", "channel": column, "channels": choices}
    return {"group": column, "market": choices[0], "choices": choices}


def _tells_apart(dates: Sequence[Any], labels: Sequence[Any]) -> bool:
    """Return whether nearly all rows have a label, labels come back, and no date has one twice."""
    rows = zip(map(str, dates), labels)
    pairs = [(date, _label(label)) for date, label in rows if not is_missing(label)]
    often = len({label for _, label in pairs}) * 2 <= len(pairs)
    return len(pairs) >= _NEARLY_ALL * len(dates) and often and len(set(pairs)) == len(pairs)


def _label(cell: Any) -> str:
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if whole else str(cell).strip()


def remarks_of(
    values: Mapping[str, Any], parts: Mapping[str, Any], left_out: Mapping[str, str]
) -> dict[str, str]:
    """Return by key what its guess rests on, what else it could be, and which columns were left out and why."""
    told = {key: remark for key, remark in _REMARKS.items() if key in values}
    for key in ("date", "response", "channels"):
        told.setdefault(key, _UNKNOWN)
    if choices := parts.get("choices"):
        more = ", …" if len(choices) > _MOST_CHOICES else ""
        shown = ", ".join(f'"{choice}"' for choice in choices[:_MOST_CHOICES])
        told["market"] = f"One job reads one of them, and the first was taken. Choices: {shown}{more}"
    if left_out:
        lines = [f"Left out: {name} ({reason})." for name, reason in left_out.items()]
        told["channels"] = "\n".join([told["channels"], *lines])
    return told
