"""What it takes to make the report again: data, configuration, versions, seed, command. File names, never folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mixcurve.report.glyphs import printable
from mixcurve.report.payload import FORMAT, VERSION, Fact, Reproduction
from mixcurve.tables.table import SpendTable

__all__ = ["file_names_only", "reproduction_page"]

PACKAGES = ("numpy", "scipy", "pandas", "matplotlib", "typst")
FILE_KEYS = frozenset({"file", "json"})
"""Keys of a configuration whose values are files, and are cut to their names; all other text is literal."""
_PATH = re.compile(r"(?<![\w./\\~:-])(?:[A-Za-z]:[\\/]|~|\.{0,2}[\\/]|[\w.-]+[\\/])[^\s'\"]*[\\/]?")


def file_names_only(text: str) -> str:
    """Return the text with each path cut to its last part, so that no folder of a machine reaches a client.

    Examples
    --------
    >>> file_names_only("mixcurve report jobs/2026/acme.toml --out=../out/acme.pdf")
    'mixcurve report acme.toml --out=acme.pdf'
    """
    return _PATH.sub(lambda match: re.split(r"[\\/]", match.group().rstrip("/\\"))[-1], text)


def reproduction_page(
    table: SpendTable,
    *,
    config: Mapping[str, Any] | None,
    command: str | None,
    seed: int | None,
    level: float,
) -> Reproduction:
    """Return the last page."""
    facts = [
        Fact("Data", printable(table.source)),
        Fact("SHA-256 of the data", table.sha256 or "not recorded"),
    ]
    facts += [Fact("Command", printable(file_names_only(command)))] if command else []
    facts += [Fact("Seed", str(seed))] if seed is not None else []
    facts += [
        Fact("Versions", ", ".join(_versions())),
        Fact("Format of the numbers", f"{FORMAT}, version {VERSION}"),
    ]
    return Reproduction(
        title="How to make this report again",
        text="The same data, configuration, seed and versions give the same report, byte for byte.",
        facts=tuple(facts),
        configuration_title="Configuration",
        configuration=tuple(_lines(config or {})),
    )


def _versions() -> Iterator[str]:
    from mixcurve import __version__

    yield f"mixcurve {__version__}"
    for package in PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            continue


def _lines(config: Mapping[str, Any], prefix: str = "") -> Iterator[Fact]:
    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _lines(value, f"{prefix}{key}.")
        else:
            yield Fact(printable(f"{prefix}{key}"), printable(_written(value, is_file=key in FILE_KEYS)))


def _written(value: Any, *, is_file: bool) -> str:
    if isinstance(value, (list, tuple)):
        parts = [_written(v, is_file=is_file) for v in value]
        nested = any(isinstance(v, (list, tuple)) for v in value)
        return (" / " if nested else ", ").join(parts) or "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_written(v, is_file=is_file)}" for key, v in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_file or isinstance(value, os.PathLike):
        return re.split(r"[\\/]", str(value).rstrip("/\\"))[-1] if value is not None else "not set"
    return str(value) if value is not None else "not set"
