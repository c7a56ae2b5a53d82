"""Messages of the rooms below speak of Python arguments; here they are turned into lines of a job, or into options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from mixcurve.cli.job_schema import SECTIONS, job_schema
from mixcurve.foundations.errors import Problem

__all__ = ["as_job_lines", "as_options"]

_VALUE = r"('[^']*'|\"[^\"]*\"|\[[^\]]*\]|-?[0-9]+(?:\.[0-9]+)?|true|false)"
_NAMED_LOCALES = re.compile(r"\blocale ('[^']+'(?:(?:, | or )'[^']+')*)")


@cache
def _homes() -> dict[str, str]:
    """Return the section of every key of a job; the first where two have it."""
    homes: dict[str, str] = {}
    for section in SECTIONS:
        for key in job_schema()["properties"][section]["properties"]:
            homes.setdefault(key, section)
    return homes


@cache
def _argument() -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(_homes())})={_VALUE}")


def as_job_lines(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems with arguments written as lines of a job; what is written so already stays.

    Examples
    --------
    >>> problem = Problem("the file has 2 sheets", "Say which with sheet='Weekly'")
    >>> as_job_lines([problem])[0].remedy
    'Say which with [data] sheet = "Weekly"'
    """
    return tuple(
        replace(problem, what=_in_job(problem.what), remedy=_in_job(problem.remedy)) for problem in problems
    )


def _in_job(text: str) -> str:
    text = _NAMED_LOCALES.sub(lambda found: f"[data] locale = {_quoted(found[1])}", text)
    return _argument().sub(lambda found: f"[{_homes()[found[1]]}] {found[1]} = {_quoted(found[2])}", text)


def _quoted(value: str) -> str:
    return value.replace("'", '"')


def as_options(problems: Iterable[Problem], options: Iterable[str]) -> tuple[Problem, ...]:
    """Return the problems with the arguments that a command has as options written so.

    Examples
    --------
    >>> as_options([Problem("the file has 2 sheets", "Say which with sheet='Week 1'")], ["sheet"])[0].remedy
    "Say which with --sheet 'Week 1'"
    """
    named = re.compile(rf"\b({'|'.join(options)})={_VALUE}")

    def option(text: str) -> str:
        return named.sub(lambda found: f"--{found[1]} {shlex.quote(found[2].strip('"\''))}", text)

    return tuple(
        replace(problem, what=option(problem.what), remedy=option(problem.remedy)) for problem in problems
    )
