"""The one compiled routine: a model laid out as one block of words in, its log density and gradient out.

It is compiled once for all models and kept in Numba's cache on disk, so that neither another model nor another run
compiles again; samplers written in Rust or C call it at its address.
Source: Griewank and Walther (2008), Evaluating Derivatives, chapter 3, for the reverse sweep.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache
from importlib import resources
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from mixcurve.foundations.bayes.compiled import NOT_FINITE
from mixcurve.response.bayes.vectors import codes
from mixcurve.response.bayes.vectors.elementwise import binary_forward, unary_backward, unary_forward
from mixcurve.response.bayes.vectors.moves import (
    convolve_backward,
    convolve_forward,
    move_backward,
    move_forward,
)
from mixcurve.response.bayes.vectors.pointers import (
    NUMBERS,
    RULES,
    WORDS,
    Pointer,
    as_numbers,
    at,
    inlined,
    start_of,
)
from mixcurve.response.bayes.vectors.slopes import binary_backward
from mixcurve.response.bayes.vectors.tape import COLUMNS, Program

__all__ = ["block", "kernel"]

IntArray = npt.NDArray[np.int64]
DIVIDE, LOG_GAMMA, CONVOLVE = codes.DIVIDE, codes.LOG_GAMMA, codes.CONVOLVE

HEADER = 6
"""Words before the data: operations, integers, matrix entries, memory, where the position and the value lie."""
DIGITS = 12
"""Hexadecimal ones by which two versions of the sources are told apart; they fit a word."""


def block(program: Program) -> IntArray:
    """Return a program as `kernel` takes it."""
    operations, integers, matrices, initial = (
        program.operations, program.integers, program.matrices, program.initial,
    )  # fmt: skip
    head = [len(operations), len(integers), len(matrices), len(initial), program.position, program.value]
    words = [operations.ravel(), integers, matrices.view(np.int64), initial.view(np.int64)]
    return np.concatenate([np.array(head, dtype=np.int64), *words])


@inlined
def _forward(count: int, rows: Pointer, integers: Pointer, matrices: Pointer, v: Pointer) -> None:
    """Fill the memory v with the value of every operation."""
    for k in range(count):
        row = at(rows, k * COLUMNS)
        code, n, la, lb, place = row[0], row[2], row[4], row[6], row[7]
        o, a, b = at(v, row[1]), at(v, row[3]), at(v, row[5])
        if code <= DIVIDE:
            binary_forward(code, n, o, la, a, lb, b)
        elif code <= LOG_GAMMA:
            unary_forward(code, n, o, a)
        elif code == CONVOLVE:
            convolve_forward(n, o, a, lb, b, at(integers, place))
        else:
            move_forward(code, n, o, la, a, at(integers, place), at(matrices, place))


@inlined
def _backward(
    count: int, rows: Pointer, integers: Pointer, matrices: Pointer, v: Pointer, d: Pointer
) -> None:
    """Add to the slopes d what that of the last operation means for all before it."""
    for k in range(count - 1, -1, -1):
        row = at(rows, k * COLUMNS)
        code, n, la, lb, place, varies = row[0], row[2], row[4], row[6], row[7], row[9]
        o, a, b = at(v, row[1]), at(v, row[3]), at(v, row[5])
        g, da, db = at(d, row[1]), at(d, row[3]), at(d, row[5])
        if varies == 0:
            continue
        if code <= DIVIDE:
            binary_backward(code, varies, n, g, o, la, a, da, lb, b, db)
        elif code <= LOG_GAMMA:
            unary_backward(code, n, g, o, a, da)
        elif code == CONVOLVE:
            convolve_backward(varies, n, g, a, da, lb, b, db, at(integers, place))
        else:
            move_backward(code, n, g, la, da, at(integers, place), at(matrices, place))


@cache
def kernel() -> Any:
    """Return the C function (count, position, gradient, value, block) -> 0 or `NOT_FINITE`.

    Its arguments are the number of coordinates and pointers to the position, to where gradient and log density go, and
    to the `block`, which is only read: threads may share it.
    """
    version = _version()

    @numba.cfunc(numba.types.int64(numba.types.uint64, NUMBERS, NUMBERS, NUMBERS, WORDS), cache=True, **RULES)
    def log_density(count, position, gradient, value, words):  # type: ignore[no-untyped-def]
        operations, size, last = words[0], words[3], words[5]
        rows = at(words, HEADER)
        integers = at(rows, operations * COLUMNS)
        matrices = as_numbers(at(integers, words[1]))
        initial = at(matrices, words[2])
        memory = np.empty(2 * size)
        v = start_of(memory)
        d = at(v, size)
        for t in range(size):
            v[t] = initial[t]
        for t in range(size):
            d[t] = 0.0
        z, slopes = at(v, words[4]), at(d, words[4])
        for t in range(np.int64(count)):
            z[t] = position[t]
        _forward(operations, rows, integers, matrices, v)
        d[last] = 1.0
        _backward(operations, rows, integers, matrices, v, d)
        finite = math.isfinite(v[last]) and version >= 0  # always: named here for Numba's cache to go by
        for t in range(np.int64(count)):
            gradient[t] = slopes[t]
            finite = finite and math.isfinite(slopes[t])
        value[0] = memory[last]
        return 0 if finite else NOT_FINITE

    return log_density


def _version() -> int:
    """Return a number that changes with the sources of this package.

    Numba looks whether the file of a function has changed, not those of the functions it calls; but it also goes by the
    values from outside that a function uses.
    """
    sources = [file for file in resources.files(__package__).iterdir() if file.name.endswith(".py")]
    digest = hashlib.sha256()
    for file in sorted(sources, key=lambda file: file.name):
        digest.update(file.read_bytes())
    return int(digest.hexdigest()[:DIGITS], 16)
