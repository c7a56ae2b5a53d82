"""The schema of a job file, read from the file that ships with the package; every other module derives from it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from mixcurve.cli.toml_text import nearest_line, toml_key, toml_value
from mixcurve.foundations.errors import Problem

__all__ = [
    "PLACEHOLDER",
    "SECTIONS",
    "defaults",
    "example",
    "expected",
    "find_problems",
    "job_schema",
    "label",
]

SECTIONS = ("data", "fit", "budget", "report")
PLACEHOLDER = "CLIENT NAME"
"""What ``mixcurve init`` writes for the client; no report goes out with it."""

_LONGEST_VALUE = 60


@cache
def job_schema() -> dict[str, Any]:
    """Return the JSON Schema of a job file."""
    return json.loads(files("mixcurve.cli").joinpath("schema", "job.json").read_text(encoding="utf-8"))


def defaults(section: str) -> dict[str, Any]:
    """Return the value that each key of a section has when it is left out, None where there is none."""
    return {
        key: entry.get("default") for key, entry in job_schema()["properties"][section]["properties"].items()
    }


def label(path: Sequence[str | int]) -> str:
    """Return how a message calls a key.

    Examples
    --------
    >>> label(["data", "channels"]), label(["budget", "bounds", "tv"]), label(["client"]), label(["fit"])
    ('[data] channels', '[budget.bounds] tv', 'client', '[fit]')
    """
    names = [str(part) for part in path]
    if len(names) == 1:
        return f"[{names[0]}]" if names[0] in SECTIONS else names[0]
    return f"[{'.'.join(names[:-1])}] {names[-1]}"


def find_problems(document: Mapping[str, Any], text: str, source: str) -> list[Problem]:
    """Return everything in which a job file breaks the schema, each with its line, in the order of the lines."""
    from jsonschema import Draft202012Validator

    found = list(_not_finite(document, []))
    for error in Draft202012Validator(job_schema()).iter_errors(document):
        found += _explain(error)
    placed = [
        Problem(what, remedy, source, row=nearest_line(text, path), value=value, code=code)
        for path, what, remedy, value, code in found
    ]
    return sorted(dict.fromkeys(placed), key=lambda problem: (problem.row is None, problem.row or 0))


_Found = tuple[list[str], str, str, str | None, str]


def _explain(error: Any) -> list[_Found]:
    path = [str(part) for part in error.absolute_path if isinstance(part, str)]
    if error.validator == "required":
        return [_missing(path, name) for name in error.validator_value if name not in error.instance]
    if error.validator == "additionalProperties" and error.schema.get("additionalProperties") is False:
        known = error.schema["properties"]
        return [_unknown(path, name, known) for name in error.instance if name not in known]
    if error.validator == "uniqueItems":
        twice = next(item for item in error.instance if error.instance.count(item) > 1)
        return [
            (path, f"{label(path)} names '{twice}' more than once", "Name each once", None, "job-repeated")
        ]
    rule = error.schema.get("expected", "of another kind")
    whole = "each item of " if error.absolute_path and isinstance(error.absolute_path[-1], int) else ""
    value = _shown(error.instance)
    return [(path, f"{whole}{label(path)} must be {rule}", example(path), value, "job-wrong-value")]


def example(path: Sequence[str]) -> str:
    """Return a remedy that shows a right line for a key.

    Examples
    --------
    >>> example(["budget", "total"]), example(["budget", "bounds", "radio"])
    ('Write, for example, total = 248000', 'Write, for example, radio = [20000, 90000]')
    """
    entry = _entry(path)
    if entry is None:  # a key that is the name of a column or of a group
        shown = (_entry(path[:-1]) or {}).get("examples", [path[-1]])[0]
        if not isinstance(shown, Mapping):
            return f"Write, for example, {toml_key(path[-2])} = {toml_value(shown)}"
        return f"Write, for example, {toml_key(path[-1])} = {toml_value(next(iter(shown.values())))}"
    if entry.get("type") == "object":
        return f"Write [{'.'.join(path)}] on a line of its own, and its keys below"
    shown = entry["examples"][0] if "examples" in entry else entry["default"]
    return f"Write, for example, {toml_key(path[-1])} = {toml_value(shown)}"


def expected(path: Sequence[str]) -> str:
    """Return how the schema completes "must be ..." for a key, also one that is the name of a column.

    Examples
    --------
    >>> expected(["budget", "groups", "digital", "least"])[:20]
    'an amount per period'
    """
    entry = _entry(path)
    if entry is None:
        entry = (_entry(path[:-1]) or {}).get("additionalProperties") or {}
    return str(entry.get("expected", "of another kind"))


def _entry(path: Sequence[str]) -> dict[str, Any] | None:
    """Return what the schema says of a key, None for one that is the name of a column or a group."""
    entry = job_schema()
    for part in path:
        inside, named = entry.get("properties", {}), entry.get("additionalProperties")
        if part in inside:
            entry = inside[part]
        elif isinstance(named, dict) and "properties" in named and part != path[-1]:
            entry = named
        else:
            return None
    return entry


def _missing(path: list[str], name: str) -> _Found:
    key = [*path, name]
    entry = _entry(key) or {}
    if name in SECTIONS:
        return (
            path,
            f"the section [{name}] is missing",
            f"Write [{name}] on a line of its own",
            None,
            "job-missing",
        )
    line = f"{name} = {toml_value(entry['examples'][0])}"
    place = f" under [{'.'.join(path)}]" if path else " above the first section"
    return path, f"{label(key)} is missing", f"Write, for example, {line}{place}", None, "job-missing"


def _unknown(path: list[str], name: str, known: Mapping[str, Any]) -> _Found:
    from mixcurve.foundations.checks import nearest_name

    where = f"[{'.'.join(path)}]" if path else "the job"
    homes = [section for section in SECTIONS if name in job_schema()["properties"][section]["properties"]]
    if guess := nearest_name(name, known):
        remedy = f"Did you mean '{guess}'? If not, take it out"
    elif homes:
        remedy = f"It belongs under [{homes[0]}]"
    elif name in job_schema()["properties"]:
        remedy = "It belongs above the first section"
    else:
        remedy = f"Take it out. Known here: {', '.join(known)}"
    return [*path, name], f"there is no key '{name}' in {where}", remedy, None, "job-unknown-key"


def _not_finite(value: Any, path: list[str]) -> Iterator[_Found]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _not_finite(item, [*path, key])
    elif isinstance(value, list):
        for item in value:
            yield from _not_finite(item, path)
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, f"{label(path)} must be finite", "Give a number", str(value), "job-wrong-value"


def _shown(value: Any) -> str:
    text = (
        toml_value(value).replace("\n", " ")
        if not isinstance(value, float) or math.isfinite(value)
        else str(value)
    )
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
