"""Whether a result holds what its class declares: a file can hold anything in any place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result

__all__ = ["field_problems"]

DEEPEST = 40
"""Results within results; groups within groups in a proof are far fewer."""
KINDS = {"f": "fiu", "i": "iu", "b": "b"}
"""The kinds of NumPy arrays that may stand for an array of numbers, of whole numbers, of yes and no."""
WORDS = {"f": "numbers", "i": "whole numbers", "b": "yes or no"}
PLAIN: dict[type, tuple[str, tuple[type, ...]]] = {
    float: ("a number", (int, float)),
    int: ("a whole number", (int,)),
    str: ("a text", (str,)),
    bool: ("yes or no", (bool,)),
    type(None): ("nothing", (type(None),)),
}


def field_problems(result: Result, where: str = "") -> Iterator[str]:
    """Yield what a result holds in a place that its class declares otherwise, one sentence each.

    Parameters
    ----------
    result
        Any result; results within it are looked at too.
    where
        What to call it.

    Examples
    --------
    >>> from mixcurve.budget.model import PriceTiers
    >>> list(field_problems(PriceTiers(np.zeros(1), "cheap"), "prices"))
    ["prices.price must hold an array of numbers, got 'cheap'"]
    """
    yield from _of_result(result, where or type(result).__name__, 0)


def _of_result(result: Result, where: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        yield f"{where} lies more than {DEEPEST} results deep"
        return
    hints = get_type_hints(type(result))
    for field in fields(result):
        yield from _of(getattr(result, field.name), hints[field.name], f"{where}.{field.name}", depth)


def _of(value: Any, hint: Any, where: str, depth: int) -> Iterator[str]:
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return
    if origin in (Union, UnionType):
        if all(any(_of(value, option, where, depth)) for option in inner):
            # A result of a class that is allowed here is wrong inside: that is what to tell.
            fitting = [kind for kind in inner if isinstance(kind, type) and isinstance(value, kind)]
            yield from _of(value, fitting[0], where, depth) if fitting else _wrong(where, _named(hint), value)
    elif origin is Literal:
        if value not in inner:
            yield from _wrong(where, " or ".join(map(repr, inner)), value)
    elif origin in (np.ndarray, npt.NDArray):
        # An alias up to NumPy 2.4, a name of its own after.
        scalar = get_args(inner[1])[0] if origin is np.ndarray else inner[0]
        yield from _of_array(value, np.dtype(scalar).kind, where)
    elif origin is tuple:
        yield from _of_tuple(value, inner, where, depth)
    elif origin is dict:
        yield from _of_mapping(value, inner[1], where, depth)
    elif isinstance(hint, type) and issubclass(hint, Result) and isinstance(value, hint):
        yield from _of_result(value, where, depth + 1)
    elif hint in PLAIN:
        wanted, kinds = PLAIN[hint]
        if not isinstance(value, kinds) or (isinstance(value, bool) and hint is not bool):
            yield from _wrong(where, wanted, value)
    elif not isinstance(value, hint):
        yield from _wrong(where, _named(hint), value)


def _of_array(value: Any, kind: str, where: str) -> Iterator[str]:
    if not isinstance(value, np.ndarray) or (value.dtype.kind not in KINDS[kind] and value.size):
        yield from _wrong(where, f"an array of {WORDS[kind]}", value)


def _of_tuple(value: Any, inner: tuple[Any, ...], where: str, depth: int) -> Iterator[str]:
    if not isinstance(value, tuple):
        yield from _wrong(where, "a list", value)
        return
    kinds = (inner[0],) * len(value) if inner[-1] is Ellipsis else inner
    if len(kinds) != len(value):
        yield f"{where} must hold {len(kinds)} values, got {len(value)}"
        return
    for k, (part, hint) in enumerate(zip(value, kinds, strict=True)):
        yield from _of(part, hint, f"{where}[{k}]", depth)


def _of_mapping(value: Any, inner: Any, where: str, depth: int) -> Iterator[str]:
    if not isinstance(value, dict):
        yield from _wrong(where, "a value by name", value)
        return
    for name, part in value.items():
        yield from _of(part, inner, f"{where}['{name}']", depth)


def _named(hint: Any) -> str:
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(map(_named, get_args(hint)))
    if hint in PLAIN:
        return PLAIN[hint][0]
    return f"a {hint.__name__}" if isinstance(hint, type) else str(hint)


def _wrong(where: str, wanted: str, value: Any) -> Iterator[str]:
    shown = f"'{value[:40]}'" if isinstance(value, str) else f"{type(value).__name__}"
    yield f"{where} must hold {wanted}, got {shown}"
