"""A job: what one TOML file asks for, read, checked against the schema and filled with its defaults."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixcurve.cli.job_schema import defaults, find_problems, job_schema
from mixcurve.foundations.errors import InputError, Problem

__all__ = ["Job", "read_job"]

_PLACE = re.compile(r" \(at (?:line (?P<line>[0-9]+), column [0-9]+|end of document)\)$")


@dataclass(frozen=True)
class Job:
    """What a job file asks for; every section holds its defaults where the file says nothing.

    Parameters
    ----------
    path
        The job file.
    text
        The text of the job file, so that later problems can name a line.
    client, agency
        As they stand on the report.
    data, fit, report
        The keys of these sections; None where a key is left out and has no default.
    budget
        The same, or None for a report without a plan.
    """

    path: Path
    text: str
    client: str
    agency: str
    data: Mapping[str, Any]
    fit: Mapping[str, Any]
    budget: Mapping[str, Any] | None
    report: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The job file's name without its folder."""
        return self.path.name

    def beside(self, name: str) -> Path:
        """Return a path that starts at the folder of the job file."""
        return self.path.parent / name

    @property
    def data_file(self) -> Path:
        """Where the data are."""
        return self.beside(self.data["file"])

    def shown(self, column: str) -> str:
        """Return what the report calls a column."""
        return self.report["labels"].get(column, column)

    def column(self, name: str) -> str:
        """Return the column that the report calls so; a name that is no label stays as it is."""
        labels: Mapping[str, str] = self.report["labels"]
        return next((column for column, shown in labels.items() if shown == name), name)

    @property
    def response_is_money(self) -> bool:
        """Whether the response is money: what the job says, else what its name says."""
        from mixcurve.report.money_names import names_money

        said: bool | None = self.data["response_is_money"]
        return names_money(self.shown(self.data["response"])) if said is None else said

    @property
    def report_file(self) -> Path:
        """Where the PDF goes."""
        named = self.report["file"]
        return self.beside(named) if named else self.path.with_suffix(".pdf")

    @property
    def configuration(self) -> dict[str, Any]:
        """The whole job with its defaults filled in and without the folders of this machine, for the report."""
        paths = {("data", "file"), ("report", "file"), ("report", "json")}
        whole: dict[str, Any] = {"client": self.client, "agency": self.agency}
        for section in ("data", "fit", "budget", "report"):
            values = getattr(self, section)
            whole[section] = (
                None
                if values is None
                else {
                    key: _without_folder(value) if (section, key) in paths else value
                    for key, value in values.items()
                    if value is not None
                }
            )
        return whole


def read_job(path: str | Path) -> Job:
    """Return the job that a TOML file describes.

    Parameters
    ----------
    path
        The job file; the paths it names start at its folder.

    Raises
    ------
    InputError
        Listing everything wrong with the file: unknown keys with the nearest name, missing keys, wrong values,
        each with its line.
    """
    file = Path(path)
    text = _text_of(file)
    document = _parsed(text, file.name)
    problems = find_problems(document, text, file.name)
    if problems:
        raise InputError(problems)
    job = _filled(document, text, file)
    from mixcurve.cli.job_rules import contradictions

    if problems := contradictions(job):
        raise InputError(problems)
    return job


def _filled(document: dict[str, Any], text: str, file: Path) -> Job:
    sections = {
        name: defaults(name) | _whole_numbers(name, document.get(name, {}))
        for name in ("data", "fit", "report")
    }
    budget = defaults("budget") | document["budget"] if "budget" in document else None
    agency = document.get("agency", job_schema()["properties"]["agency"]["default"])
    return Job(file, text, document["client"], agency, budget=budget, **sections)


def _whole_numbers(section: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with 2.0 as 2 where the schema asks for a whole number."""
    entries = job_schema()["properties"][section]["properties"]
    return {
        key: int(value) if entries[key].get("type") == "integer" else value for key, value in values.items()
    }


def _text_of(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (FileNotFoundError, NotADirectoryError):
        problem = _no_such_job(file)
    except IsADirectoryError:
        problem = Problem(
            "this is a folder, not a job file", "Name the TOML file in it", file.name, code="job-unreadable"
        )
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = Problem(
            "the job file is not UTF-8", "Save it as UTF-8", file.name, row=line, code="job-encoding"
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        remedy = "Check the path and who may read it"
        problem = Problem(
            "the job file cannot be opened", remedy, file.name, value=reason, code="job-unreadable"
        )
    raise InputError(problem)


def _no_such_job(file: Path) -> Problem:
    from mixcurve.foundations.checks import nearest_name

    folder = file.parent
    jobs = (
        sorted(other.name for other in folder.iterdir() if other.suffix == ".toml") if folder.is_dir() else []
    )
    guess = nearest_name(file.name, jobs)
    hint = f"Did you mean '{guess}'? " if guess else ""
    remedy = f"{hint}Looked in the folder '{folder}'; 'mixcurve init' writes a job file"
    return Problem("there is no such job file", remedy, file.name, code="job-not-found")


def _parsed(text: str, source: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        line = (int(found["line"]) if found["line"] else text.count("\n") + 1) if found else None
        what = (
            f"the file is not TOML: {_PLACE.sub('', str(error))[:1].lower()}{_PLACE.sub('', str(error))[1:]}"
        )
        shown = text.split("\n")[line - 1].strip() if line else None
        raise InputError(
            Problem(what, _toml_remedy(str(error)), source, row=line, value=shown, code="job-not-toml")
        ) from None
    return {key: _plain(value) for key, value in document.items()}


def _toml_remedy(message: str) -> str:
    if "Unescaped" in message or "Invalid hex" in message:
        return "Write the folders of a path with / instead of \\"
    if "Cannot overwrite" in message or "Cannot declare" in message:
        return "Write each key and each section once"
    return 'Put text in quotes (client = "Northwind Foods"), lists in brackets, and each key on a line of its own'


def _plain(value: Any) -> Any:
    """Return the value with TOML's dates as text."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else value


def _without_folder(path: str) -> str:
    return Path(path).name if Path(path).is_absolute() else path
