"""Vectors as pointers in Numba, which compile several times faster than arrays and their slices.

A pointer knows no length and no bounds, so a loop over it becomes a plain loop over memory, which LLVM turns into
parallel lanes. Places and lengths are checked where a tape is recorded (`mixcurve.response.bayes.vectors.tape`).
"""

from __future__ import annotations

from typing import Any

import numba
from numba.extending import intrinsic

__all__ = ["NUMBERS", "RULES", "WORDS", "Pointer", "as_numbers", "at", "compiled", "inlined", "start_of"]

Pointer = Any
"""A pointer to numbers (float64) or words (int64); on plain Python, an array."""
NUMBERS, WORDS = numba.types.CPointer(numba.types.float64), numba.types.CPointer(numba.types.int64)

RULES: dict[str, Any] = {"fastmath": {"reassoc", "contract", "nsz"}, "error_model": "numpy"}
"""Sums may be taken in any order, so that they run in parallel lanes; not-finite numbers keep their meaning."""
_INNER: dict[str, Any] = {**RULES, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""Of functions that compiled code alone calls: a way in from Python would be compiled for each as well."""
compiled = numba.njit(**_INNER)
"""For functions that compiled code calls; LLVM compiles one again in every function that calls it, at any depth."""
inlined = numba.njit(inline="always", **_INNER)
"""For those that are short or called once: they are compiled with their caller only."""


@intrinsic
def at(typing: Any, pointer: Any, places: Any) -> Any:
    """Return the pointer so many places on."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return pointer(pointer, numba.types.int64), build


@intrinsic
def as_numbers(typing: Any, words: Any) -> Any:
    """Return a pointer to words as one to the numbers that lie there."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(NUMBERS))

    return NUMBERS(words), build


@intrinsic
def start_of(typing: Any, array: Any) -> Any:
    """Return a pointer to the first number of an array, which must be read once more after the pointer's last use.

    Numba frees an array after the last line that names it.
    """

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(array)(context, builder, arguments[0]).data

    return NUMBERS(array), build
