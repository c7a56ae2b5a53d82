"""A commented job file, written from the schema: every key with what it means, the useful ones filled in."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from mixcurve.cli.job_schema import SECTIONS, job_schema
from mixcurve.cli.toml_text import toml_key, toml_value

__all__ = ["job_text"]

_WIDTH = 96
_WIDEST_EXAMPLE = 44
"""Characters of an example up to which what it says stands in one column."""
_FURTHER = "Further wishes, an example of each; all money is per period."
_HEAD = """\
# A mixcurve job. Fill it in, then:
#   mixcurve check {name}      lists every problem in the data
#   mixcurve report {name}     writes the PDF
# A line that begins with '# key =' shows a default or an example; take the '# ' away to use it.
"""


def job_text(
    filled: Mapping[str, Mapping[str, Any]], remarks: Mapping[str, Mapping[str, str]], name: str
) -> str:
    """Return the text of a job file.

    Parameters
    ----------
    filled
        By section (``""`` for the keys above the first section), the keys that get a value.
    remarks
        By section and key, a remark to stand beside the key: what was guessed and from what.
    name
        The file's name, for the commands in its head.
    """
    entries = job_schema()["properties"]
    parts = [_HEAD.format(name=name)]
    tops = {key: entry for key, entry in entries.items() if key not in SECTIONS}
    parts.append("\n".join(_keys("", tops, filled.get("", {}), remarks.get("", {}))))
    for section in SECTIONS:
        lines = [*_comment(entries[section]["description"]), f"[{section}]"]
        lines += _keys(
            section, entries[section]["properties"], filled.get(section, {}), remarks.get(section, {})
        )
        parts.append("\n".join(lines))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _keys(
    section: str, entries: Mapping[str, Any], filled: Mapping[str, Any], remarks: Mapping[str, str]
) -> Iterator[str]:
    told = False
    for key, entry in entries.items():
        if "brief" in entry:
            if not told:
                yield from ("", *_comment(_FURTHER))
                yield from _briefly({k: e for k, e in entries.items() if "brief" in e}, filled)
            told = True
            continue
        yield ""
        yield from _comment(entry["description"])
        yield from _comment(remarks.get(key, ""))
        if entry.get("type") == "object":
            yield from _subsection(section, key, filled.get(key), entry)
        elif key in filled:
            yield f"{toml_key(key)} = {toml_value(filled[key])}"
        else:
            shown = entry["default"] if entry.get("default") not in (None, []) else entry["examples"][0]
            yield from _commented(f"{toml_key(key)} = {toml_value(shown)}")


def _briefly(entries: Mapping[str, Any], filled: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line per key that few jobs need: an example, and what it says."""
    lines = {}
    for key, entry in entries.items():
        value = filled.get(key, entry["examples"][0])
        if "properties" in (entry.get("additionalProperties") or {}):
            name, value = next(iter(value.items()))
            key = f"{key}.{toml_key(name)}"
        lines[f"# {key} = {toml_value(value)}"] = entry["brief"]
    width = min(max(map(len, lines)), _WIDEST_EXAMPLE)
    yield from (f"{line.ljust(width)}  # {brief}" for line, brief in lines.items())


def _subsection(section: str, key: str, values: Any, entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is said by column, all as comments: a bound that nobody asked for would shape the plan."""
    yield f"[{section}.{key}]"
    for column, value in (values or entry["examples"][0]).items():
        yield from _commented(f"{toml_key(column)} = {toml_value(value)}")


def _comment(text: str) -> list[str]:
    return [f"# {line}" for part in text.split("\n") for line in textwrap.wrap(part, _WIDTH)]


def _commented(text: str) -> list[str]:
    return [f"# {line}" for line in text.split("\n")]
