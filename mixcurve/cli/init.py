"""``mixcurve init``: a commented job file to fill in, or one begun from a data file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixcurve.cli.column_words import INITIALS
from mixcurve.cli.console import Console
from mixcurve.cli.options import speaking
from mixcurve.foundations.errors import InputError, Problem

if TYPE_CHECKING:
    from mixcurve.cli.guess import Guess

__all__ = ["command"]


@click.command("init", short_help="Write a commented job file, begun from a data file.")
@click.argument("data", required=False, type=click.Path(path_type=Path))
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
def command(console: Console, data: Path | None, output: Path, force: bool) -> None:
    """Write a commented job file; with DATA (CSV, Parquet, Excel), guess what its columns are."""
    from mixcurve.cli.guess import Guess, guess_file
    from mixcurve.cli.saving import save

    _refuse_wrong_names(data, output, force)
    guess = Guess() if data is None else guess_file(data)
    text = _text(data, output, guess)
    save(output, text.encode())
    console.document(
        {"status": "ok", "file": str(output), "guessed": guess.values, "left_out": list(guess.left_out)}
    )
    console.show(_told(output, guess, data), f"Look through {output.name}, then: mixcurve check {output}")


def _refuse_wrong_names(data: Path | None, output: Path, force: bool) -> None:
    if data is not None and data.suffix.lower() == ".toml":
        remedy = f"To choose the name of the job file, write: mixcurve init --output {data.name}"
        raise InputError(Problem("this is a job file, not data", remedy, data.name, code="not-data"))
    if output.exists() and not force:
        remedy = "Give another name with --output, or replace it with --force"
        raise InputError(Problem("the job file is there already", remedy, output.name, code="job-exists"))


def _text(data: Path | None, output: Path, guess: Guess) -> str:
    from mixcurve.cli.job_schema import job_schema
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
        "": {"client": entries["client"]["examples"][0]},
        "data": values,
        "budget": {"bounds": bounds},
        "report": {"labels": labels},
    }
    return job_text(filled, {"data": guess.remarks}, output.name)


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


def _told(output: Path, guess: Guess, data: Path | None) -> str:
    if data is None:
        return f"Wrote {output}."
    lines = [f"Wrote {output}, guessed from {data.name}:"]
    for key, value in guess.values.items():
        lines.append(f"  {key:<10} {', '.join(value) if isinstance(value, list) else value}")
    if guess.left_out:
        lines.append(f"  {'left out':<10} {', '.join(guess.left_out)}")
    return "\n".join(lines)
