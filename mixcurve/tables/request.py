"""What the caller asked for: which column plays which part, and how the text is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from mixcurve.foundations.checks import nearest_name
from mixcurve.foundations.errors import Problem
from mixcurve.tables.locales import LOCALES, Locale
from mixcurve.tables.periods import Every

__all__ = ["LAYOUTS", "Request", "check_request"]

LAYOUTS = ("wide", "long")


@dataclass(frozen=True)
class Request:
    """The arguments of `read_spend`, kept together."""

    date: str
    response: str
    channels: tuple[str, ...]
    controls: tuple[str, ...]
    group: str | None
    layout: str
    channel: str | None
    spend: str | None
    every: str
    locale_name: str
    encoding: str
    currency: str | None
    parameters: int | None

    @property
    def locale(self) -> Locale:
        """How numbers and dates are written."""
        return LOCALES[self.locale_name]

    @property
    def long(self) -> bool:
        """Whether each row is one date and one channel."""
        return self.layout == "long"

    @property
    def wanted(self) -> dict[str, str]:
        """The columns to look for, and what each is wanted as."""
        names = [(self.date, "the date"), (self.response, "the response")]
        if self.group is not None:
            names.append((self.group, "the group"))
        if self.long:
            names += [(str(self.channel), "the channel's name"), (str(self.spend), "the spend")]
        else:
            names += [(name, "a channel") for name in self.channels]
        names += [(name, "a control") for name in self.controls]
        wanted: dict[str, str] = {}
        for name, purpose in names:
            wanted.setdefault(name, purpose)
        return wanted


def check_request(request: Request) -> tuple[list[Problem], bool]:
    """Return the problems with the arguments, and whether the file can be read all the same."""
    blocking = [*_unknown_values(request), *_bad_names(request), *_layout_names(request)]
    found = list(blocking)
    if not blocking:
        found += _two_roles(request)
    if request.currency is not None and not re.fullmatch("[A-Z]{3}", str(request.currency)):
        rule = "must be an ISO 4217 code of three capitals"
        found.append(_argument("currency", rule, "Write, for example, currency='GBP'", request.currency))
    if request.parameters is not None and (not isinstance(request.parameters, int) or request.parameters < 1):
        rule, remedy = (
            "must be a whole number above 0",
            "Give the number of parameters of the model, or leave it out",
        )
        found.append(_argument("parameters", rule, remedy, request.parameters))
    return found, not blocking


def _argument(name: str, rule: str, remedy: str, value: Any, code: str = "wrong-argument") -> Problem:
    return Problem(f"{name} {rule}", remedy, value=repr(value), code=code)


def _unknown_values(request: Request) -> list[Problem]:
    found = []
    for name, value, options in (
        ("locale", request.locale_name, tuple(LOCALES)),
        ("every", request.every, get_args(Every)),
        ("layout", request.layout, LAYOUTS),
    ):
        if value not in options:
            rule = f"must be one of {', '.join(options)}"
            guess = nearest_name(str(value), options)
            remedy = f"Write {name}='{guess}'" if guess else ""
            found.append(_argument(name, rule, remedy, value, "unknown-argument"))
    try:
        "a".encode(request.encoding)
    except (LookupError, TypeError, ValueError):
        rule, remedy = "must be a text encoding Python knows", "Write 'utf-8', 'cp1252' or 'utf-16'"
        found.append(_argument("encoding", rule, remedy, request.encoding, "unknown-argument"))
    return found


def _bad_names(request: Request) -> list[Problem]:
    found = [
        _argument(name, "must be the name of a column", f"Write {name}='…'", value)
        for name, value in (("date", request.date), ("response", request.response))
        if not isinstance(value, str)
    ]
    for name, values in (("channels", request.channels), ("controls", request.controls)):
        if not all(isinstance(value, str) for value in values):
            found.append(_argument(name, "must be a list of names", f"Write {name}=['…']", values))
    if not request.channels:
        found.append(_argument("channels", "must name at least one channel", "Write channels=['…']", ()))
    return found


def _layout_names(request: Request) -> list[Problem]:
    found = []
    for name, value in (("channel", request.channel), ("spend", request.spend)):
        if request.layout == "long" and not isinstance(value, str):
            found.append(_argument(name, "must name a column when layout='long'", f"Write {name}='…'", value))
        if request.layout == "wide" and value is not None:
            remedy = "Leave it out, or write layout='long' if each row is one channel"
            found.append(_argument(name, "is only for layout='long'", remedy, value))
    return found


def _two_roles(request: Request) -> list[Problem]:
    """Return a problem for each name listed twice, or in two parts."""
    found = []
    for argument, names in (("channels", request.channels), ("controls", request.controls)):
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            what = f"{argument} names '{name}' {names.count(name)} times"
            found.append(Problem(what, "Name each once", code="repeated-argument"))
    roles: list[tuple[str, Sequence[str]]] = [
        ("the date", [request.date]),
        ("the response", [request.response]),
        ("the group", [request.group] if request.group is not None else []),
        ("a control", request.controls),
    ]
    if request.long:
        roles += [("the channel's name", [str(request.channel)]), ("the spend", [str(request.spend)])]
    roles.append(("a channel", request.channels))
    parts: dict[str, list[str]] = {}
    for role, played in roles:
        for name in dict.fromkeys(played):
            parts.setdefault(name, []).append(role)
    for name, all_roles in parts.items():
        if len(all_roles) > 1:
            what = f"'{name}' is named as {' and as '.join(reversed(all_roles))}"
            found.append(Problem(what, "Give each column one part only", code="two-roles"))
    return found
