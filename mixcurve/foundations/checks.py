"""Arguments in, clean arrays or a full sentence out."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError

__all__ = [
    "finite_array",
    "generator",
    "known_name",
    "nearest_name",
    "number",
    "one_of",
    "row_weights",
    "spend_array",
]

FloatArray = npt.NDArray[np.float64]
NO_NUMBERS = "cMm"
"""NumPy's kinds of complex numbers, dates and durations, which a cast to float64 would take silently."""


def nearest_name(name: str, options: Iterable[str]) -> str | None:
    """Return the option most like ``name``, or None if none is close.

    Examples
    --------
    >>> nearest_name("serch", ["tv", "search", "social"])
    'search'
    """
    by_folded = {option.casefold(): option for option in options}
    close = difflib.get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def known_name(kind: str, name: str, options: Collection[str]) -> str:
    """Return ``name`` if it is one of ``options``; else raise, naming the nearest and all options.

    Examples
    --------
    >>> known_name("curve", "hil", ["hill", "logistic"])
    Traceback (most recent call last):
        ...
    mixcurve.foundations.errors.InputError: There is no curve called 'hil'. Did you mean 'hill'? Known: hill, logistic.
    """
    if name in options:
        return name
    guess = nearest_name(str(name), options)
    hint = f" Did you mean '{guess}'?" if guess else ""
    raise InputError(f"There is no {kind} called '{name}'.{hint} Known: {', '.join(options)}.")


one_of = known_name


def number(
    name: str,
    value: Any,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    open_low: bool = False,
    remedy: str = "",
) -> float:
    """Return ``value`` as a finite float within ``[low, high]``, or raise naming the argument and the rule."""
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be a number, got {value!r}. {remedy}".strip()) from None
    if not np.isfinite(result):
        raise InputError(f"{name} must be finite, got {value!r}. {remedy}".strip())
    if result < low or result > high or (open_low and result == low):
        lower = "(" if open_low else "["
        raise InputError(f"{name} must be in {lower}{low:g}, {high:g}], got {result:g}. {remedy}".strip())
    return result


def finite_array(name: str, value: Any, *, ndim: int | None = None) -> FloatArray:
    """Return ``value`` as a new float64 array without NaN or infinity, or raise naming the first bad position."""
    if getattr(getattr(value, "dtype", None), "kind", "f") in NO_NUMBERS:
        raise InputError(f"{name} must be an array of numbers, got {value.dtype}. Convert it first.")
    try:
        # What is masked is missing, not the number under the mask.
        array = (
            np.array(np.ma.filled(np.ma.asarray(value, dtype=np.float64), np.nan))
            if np.ma.isMA(value)
            else (np.array(value, dtype=np.float64))
        )
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} must be an array of numbers, got {type(value).__name__}.") from None
    if ndim is not None and array.ndim != ndim:
        raise InputError(f"{name} must have {ndim} dimension(s), got shape {array.shape}.")
    if array.size == 0:
        raise InputError(f"{name} is empty. Give at least one value.")
    bad = ~np.isfinite(array)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        place = first[0] if len(first) == 1 else first
        raise InputError(
            f"{name} must be finite, but {int(bad.sum())} of {array.size} values are not; "
            f"the first is {array[first]} at position {place}. Remove or repair these rows."
        )
    return array


def spend_array(name: str, value: Any, *, ndim: int | None = None) -> FloatArray:
    """Return ``value`` as finite, non-negative spend, or raise naming the first negative position."""
    array = finite_array(name, value, ndim=ndim)
    if (array < 0).any():
        first = tuple(int(i) for i in np.argwhere(array < 0)[0])
        place = first[0] if len(first) == 1 else first
        raise InputError(
            f"{name} must not be negative; found {array[first]:g} at position {place}. "
            "Book refunds in the period of the spend they refund."
        )
    return array


def row_weights(weights: Any, rows: int, what: str = "row") -> FloatArray:
    """Return one finite weight per row (rows,), none negative and not all 0, or raise naming what is wrong.

    Examples
    --------
    >>> row_weights([1, -2], 2)
    Traceback (most recent call last):
        ...
    mixcurve.foundations.errors.InputError: weights must not be negative; found -2 at position 1. Leave such rows out.
    """
    found = finite_array("weights", weights, ndim=1)
    if len(found) != rows:
        raise InputError(f"weights must have one value per {what}, got {len(found)} for {rows} {what}s.")
    if (found < 0).any():
        first = int(np.argmax(found < 0))
        raise InputError(
            f"weights must not be negative; found {found[first]:g} at position {first}. Leave such rows out."
        )
    if not found.any():
        raise InputError("weights are all zero, so no row counts. Give at least one row a weight above 0.")
    return found


def generator(seed: int | np.random.Generator | None) -> np.random.Generator:
    """Return a random generator from a seed or a generator."""
    if isinstance(seed, np.random.Generator):
        return seed
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise InputError(
            f"seed must be a whole number of at least 0, or a Generator, got {seed!r}."
        ) from None
