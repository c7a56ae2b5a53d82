"""What the caller of `read_customers` asked for: which column plays which part, and how the text is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from mixcurve.foundations.checks import nearest_name
from mixcurve.foundations.errors import Problem
from mixcurve.tables.customer_table import WeightKind
from mixcurve.tables.customer_values import KINDS, Kind
from mixcurve.tables.locales import LOCALES, Locale

__all__ = ["CustomerRequest", "check_customer_request"]


@dataclass(frozen=True)
class CustomerRequest:
    """The arguments of `read_customers`, kept together."""

    label: str | None
    positive: Any
    key: str | None
    weights: str | None
    weight_kind: WeightKind
    date: str | None
    label_date: str | dt.date | None
    features: tuple[str, ...] | None
    exclude: tuple[str, ...]
    segments: tuple[str, ...]
    kinds: Mapping[str, Kind]
    locale_name: str
    encoding: str

    @property
    def locale(self) -> Locale:
        """How numbers and dates are written."""
        return LOCALES[self.locale_name]

    @property
    def parts(self) -> dict[str, str]:
        """The columns that play a part of their own, so that they are no features, and the part."""
        named = {"label": self.label, "key": self.key, "weights": self.weights, "date": self.date}
        words = {"label": "the label", "key": "the key", "weights": "the weights", "date": "the date"}
        return {name: words[argument] for argument, name in named.items() if isinstance(name, str)}

    @property
    def wanted(self) -> dict[str, str]:
        """The columns that must be there, and what each is wanted as."""
        wanted = dict(self.parts)
        for names, purpose in ((self.segments, "a segment"), (self.features or (), "a feature")):
            wanted |= {name: purpose for name in names if name not in wanted}
        return wanted | {
            name: f"a column of kind '{kind}'" for name, kind in self.kinds.items() if name not in wanted
        }


def check_customer_request(request: CustomerRequest) -> tuple[list[Problem], bool]:
    """Return the problems with the arguments, and whether the source can be read all the same."""
    blocking = [*_bad_names(request), *_unknown_values(request)]
    if blocking:
        return blocking, False
    found = _two_parts(request)
    if request.positive is not None and request.label is None:
        found.append(
            _argument(
                "positive",
                "says which label is 1, but no label is named",
                "Write label='…'",
                request.positive,
            )
        )
    return found, True


def _argument(name: str, rule: str, remedy: str, value: Any, code: str = "wrong-argument") -> Problem:
    return Problem(f"{name} {rule}", remedy, value=repr(value), code=code)


def _bad_names(request: CustomerRequest) -> list[Problem]:
    single = ("label", "key", "weights", "date")
    found = [
        _argument(name, "must be the name of a column", f"Write {name}='…'", getattr(request, name))
        for name in single
        if not isinstance(getattr(request, name), str | None)
    ]
    for name in ("features", "exclude", "segments"):
        values = getattr(request, name)
        if values is not None and not all(isinstance(value, str) for value in values):
            found.append(_argument(name, "must be a list of names", f"Write {name}=['…']", values))
    if not isinstance(request.kinds, Mapping):
        found.append(
            _argument("kinds", "must map columns to kinds", "Write kinds={'…': 'category'}", request.kinds)
        )
    if not isinstance(request.label_date, str | dt.date | None):
        remedy = "Write label_date='2024-01-31' or the name of a column of dates"
        found.append(_argument("label_date", "must be a column or a date", remedy, request.label_date))
    return found


def _unknown_values(request: CustomerRequest) -> list[Problem]:
    asked = [
        ("locale", request.locale_name, tuple(LOCALES)),
        ("weight_kind", request.weight_kind, get_args(WeightKind)),
    ]
    if isinstance(request.kinds, Mapping):
        asked += [(f"the kind of '{name}'", kind, KINDS) for name, kind in request.kinds.items()]
    found = []
    for name, value, options in asked:
        if value not in options:
            guess = nearest_name(str(value), options)
            remedy = f"Write '{guess}'" if guess else ""
            found.append(
                _argument(name, f"must be one of {', '.join(options)}", remedy, value, "unknown-argument")
            )
    try:
        "a".encode(request.encoding)
    except (LookupError, TypeError, ValueError):
        rule, remedy = "must be a text encoding Python knows", "Write 'utf-8', 'cp1252' or 'utf-16'"
        found.append(_argument("encoding", rule, remedy, request.encoding, "unknown-argument"))
    return found


def _two_parts(request: CustomerRequest) -> list[Problem]:
    """Return a problem for each column named in two parts that exclude each other."""
    columns: dict[str, list[str]] = {}
    for argument in ("label", "key", "weights", "date"):
        name = getattr(request, argument)
        if name is not None:
            columns.setdefault(name, []).append(argument)
    for argument in ("features", "exclude"):
        for name in dict.fromkeys(getattr(request, argument) or ()):
            columns.setdefault(name, []).append(argument)
    if isinstance(request.label_date, str) and request.label_date in columns:
        columns[request.label_date].append("label_date")
    remedy = "Give each column one part only"
    return [
        Problem(f"'{name}' is named as {' and as '.join(arguments)}", remedy, code="two-roles")
        for name, arguments in columns.items()
        if len(arguments) > 1
    ]
