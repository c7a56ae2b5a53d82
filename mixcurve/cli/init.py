"""``mixcurve init``: a commented job file to fill in, or one begun from a data file."""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixcurve.cli.column_words import INITIALS
from mixcurve.cli.console import Console, printable
from mixcurve.cli.job_schema import PLACEHOLDER, job_schema
from mixcurve.cli.options import speaking
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.tables.locales import LOCALES

if TYPE_CHECKING:
    from mixcurve.cli.guess import Guess

__all__ = ["command"]

_REMARKS = {"client": "Put the name here: until then no report is made."}


OPTIONS = ("sheet", "encoding", "locale")
"""How to read the data, when the file does not say; what is given goes into the job."""


@click.command("init", short_help="Write a commented job file, begun from a data file.")
@click.argument("data", required=False, type=click.Path(path_type=Path))
@click.option("--sheet", help="The sheet of an Excel file, by its name.")
@click.option("--encoding", help="How a text file is encoded, such as cp1252.  [default: utf-8]")
@click.option("--locale", type=click.Choice(list(LOCALES)), help="How the file writes numbers and dates.")
@click.option(
    "-o",
    "--output",
    default="job.toml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The job file.",
)
@click.option("--force", is_flag=True, help="Replace the job file if it is there.")
@speaking
def command(console: Console, data: Path | None, output: Path, force: bool, **given: str | None) -> None:
    """Write a commented job file; with DATA (CSV, Parquet, Excel), guess what its columns are."""
    from mixcurve.cli.saving import save

    _refuse_wrong_names(data, output, force)
    said = {name: given[name] for name in OPTIONS if given[name] is not None}
    guess = _guess(data, said)
    text = _text(data, output, guess)
    save(output, text.encode())
    console.document(
        {"status": "ok", "file": str(output), "guessed": guess.values, "left_out": guess.left_out}
    )
    console.show(*_told(output, guess, data), f"Look through {output.name}, then: mixcurve check {output}")


def _guess(data: Path | None, said: dict[str, Any]) -> Guess:
    """Return the guess, with what the options said in it; messages speak of the options."""
    from mixcurve.cli.guess import Guess, guess_file
    from mixcurve.cli.job_words import as_options
    from mixcurve.tables.files import SHEET_TYPES

    if "encoding" in said:
        _refuse_unknown_encoding(said["encoding"])
    if data is None:
        return Guess(said)
    if "sheet" in said and data.suffix.lower() not in SHEET_TYPES:
        raise InputError(
            Problem("--sheet is only for Excel files", "Leave it out", data.name, code="argument")
        )
    try:
        guess = guess_file(data, **said)
    except InputError as error:
        raise InputError(as_options(error.problems, OPTIONS)) from None
    return replace(guess, values=guess.values | said)


def _refuse_unknown_encoding(name: str) -> None:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        remedy = "Write utf-8, cp1252 or utf-16"
        raise InputError(
            Problem("there is no such text encoding", remedy, "--encoding", value=repr(name), code="argument")
        ) from None


def _refuse_wrong_names(data: Path | None, output: Path, force: bool) -> None:
    if data is not None and data.suffix.lower() == ".toml":
        remedy = f"To choose the name of the job file, write: mixcurve init --output {data.name}"
        raise InputError(Problem("this is a job file, not data", remedy, data.name, code="not-data"))
    if output.suffix.lower() != ".toml":
        remedy = f"Write, for example, --output {output.stem or 'job'}.toml"
        raise InputError(Problem("a job file ends in .toml", remedy, output.name, code="not-a-job"))
    if output.exists() and not force:
        remedy = "Give another name with --output, or replace it with --force"
        raise InputError(Problem("the job file is there already", remedy, output.name, code="job-exists"))


def _text(data: Path | None, output: Path, guess: Guess) -> str:
    from mixcurve.cli.template import job_text

    entries = job_schema()["properties"]
    needed = {
        key: entries["data"]["properties"][key]["examples"][0]
        for key in ("file", "date", "response", "channels")
    }
    values = needed | {"locale": "en-GB", "every": "auto"} | guess.values
    if data is not None:
        values["file"] = _from_folder(data, output.parent)
    bounds: dict[str, Any] = dict.fromkeys(values["channels"], "±30%")
    labels = {
        name: _title(name) for name in [values["response"], *values["channels"], *values.get("controls", [])]
    }
    filled = {
        "": {"client": PLACEHOLDER},
        "data": values,
        "budget": {"bounds": bounds, **_examples(values["channels"])},
        "report": {"labels": labels},
    }
    return job_text(filled, {"": _REMARKS, "data": guess.remarks}, output.name)


def _examples(channels: Sequence[str]) -> dict[str, Any]:
    """Return the examples of [budget] with the channels of the table in the place of tv and so on."""
    entries = job_schema()["properties"]["budget"]["properties"]
    examples = {key: entry["examples"][0] for key, entry in entries.items() if "brief" in entry}
    names = dict(zip(("tv", "search", "social"), channels, strict=False))

    def named(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {names.get(key, key): named(item) for key, item in value.items()}
        if isinstance(value, list):
            return [named(item) for item in value]
        return names.get(value, value) if isinstance(value, str) else value

    return {key: named(value) for key, value in examples.items()}


def _title(name: str) -> str:
    """Return a column's name as a client would read it: out_of_home is Out of home.

    Examples
    --------
    >>> _title("out_of_home"), _title("tv_spend")
    ('Out of home', 'TV spend')
    """
    words = name.replace("_", " ").split() or [name]
    words = [word.upper() if word in INITIALS else word for word in words]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def _from_folder(data: Path, folder: Path) -> str:
    """Return the path of the data as the job file in ``folder`` names it."""
    try:
        name = Path(os.path.relpath(data, folder)).as_posix()
    except ValueError:  # on another drive
        name = data.absolute().as_posix()
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InputError(f"The name of the data file is no text: {name!r}. Rename it.") from None
    return name


def _told(output: Path, guess: Guess, data: Path | None) -> list[Any]:
    from rich.table import Table
    from rich.text import Text

    if data is None:
        return [Text(printable(f"Wrote {output}."))]
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for key, value in guess.values.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        grid.add_row(f"  {key}", Text(printable(text)))
    for name, reason in guess.left_out.items():
        grid.add_row("  left out", Text(printable(f"{name}: {reason}"), style="yellow"))
    return [Text(printable(f"Wrote {output}, guessed from {data.name}:")), grid]
