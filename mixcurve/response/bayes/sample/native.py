"""A tape as nutpie calls it: a compiled function at an address, so that chains run side by side without Python.

The function is compiled once for all models and kept in Numba's cache; a model is one block of memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd
from nutpie import _lib
from nutpie.sample import CompiledModel

from mixcurve.response.bayes.vectors.run import backward, forward
from mixcurve.response.bayes.vectors.tape import COLUMNS, Program

__all__ = ["TapeModel", "tape_model"]

IntArray = npt.NDArray[np.int64]

HEADER = 8
"""Numbers before the data: operations, integers, matrix entries, memory, where the position and the value lie."""
START_WIDTH = 1.0
"""Chains start uniformly within so many standard deviations of the centre, on each coordinate."""
NOT_FINITE = 4
"""What tells nutpie that a point has no density, which ends a trajectory and not the run."""

_double, _count = numba.types.CPointer(numba.types.double), numba.types.uint64


@numba.cfunc(
    numba.types.int64(_count, _double, _double, _double, numba.types.voidptr), cache=True, error_model="numpy"
)
def _log_density(dimensions, position, gradient, value, data):  # type: ignore[no-untyped-def]
    head = numba.carray(data, (HEADER,), np.int64)
    operations, integers, matrices, memory = head[0], head[1], head[2], head[3]
    whole = numba.carray(data, (HEADER + operations * COLUMNS + integers + matrices + memory,), np.int64)
    first = HEADER + operations * COLUMNS
    rows = whole[HEADER:first].reshape((operations, COLUMNS))
    second, third = first + integers, first + integers + matrices
    numbers = whole[second:third].view(np.float64)
    v = whole[third : third + memory].view(np.float64).copy()
    d = np.zeros(memory)
    z = numba.carray(position, (dimensions,), np.float64)
    v[head[4] : head[4] + dimensions] = z
    forward(rows, whole[first:second], numbers, v)
    d[head[5]] = 1.0
    backward(rows, whole[first:second], numbers, v, d)
    out, result = numba.carray(gradient, (dimensions,), np.float64), numba.carray(value, (1,), np.float64)
    finite = np.isfinite(v[head[5]])
    for i in range(dimensions):
        out[i] = d[head[4] + i]
        finite = finite and np.isfinite(out[i])
    result[0] = v[head[5]]
    return 0 if finite else NOT_FINITE


@numba.cfunc(numba.types.int64(_count, _count, _double, _double, numba.types.voidptr), cache=True)
def _position(dimensions, size, position, out, data):  # type: ignore[no-untyped-def]
    z, copy = numba.carray(position, (dimensions,), np.float64), numba.carray(out, (size,), np.float64)
    for i in range(size):
        copy[i] = z[i]
    return 0


@dataclass(frozen=True)
class TapeModel(CompiledModel):  # type: ignore[misc]
    """What `nutpie.sample` takes; ``memory`` is the block that the compiled function is handed."""

    memory: IntArray
    size: int

    @property
    def n_dim(self) -> int:  # noqa: D102
        return self.size

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:  # noqa: D102
        return {"z": (self.size,)}

    @property
    def coords(self) -> dict[str, Any]:  # noqa: D102
        return {"coordinate": pd.RangeIndex(self.size)}

    def _make_model(self, init_mean: Any) -> Any:
        address, sizes = self.memory.ctypes.data, {"coordinate": self.size}
        return _lib.PyMcModel(
            _lib.LogpFunc(_log_density.address, address, self),
            _lib.ExpandFunc(self.size, self.size, _position.address, address, self),
            _lib.PyVariable.new_variables(["z"], ["float64"], [(self.size,)], sizes, {"z": ("coordinate",)}),
            self.size, sizes, self.coords,
            lambda seed: np.random.default_rng(seed).uniform(-START_WIDTH, START_WIDTH, self.size),
            None,
        )  # fmt: skip

    def _make_sampler(self, settings: Any, init_mean: Any, cores: Any, *rest: Any) -> Any:
        return _lib.PySampler.from_pymc(settings, cores, self._make_model(init_mean), *rest)


def tape_model(program: Program) -> TapeModel:
    """Return a program as nutpie takes it."""
    operations, integers = program.operations, program.integers
    head = [
        len(operations),
        len(integers),
        len(program.matrices),
        len(program.initial),
        program.position,
        program.value,
    ]
    memory = np.concatenate(
        [
            np.array([*head, *[0] * (HEADER - len(head))], dtype=np.int64), operations.ravel(), integers,
            program.matrices.view(np.int64), program.initial.view(np.int64),
        ]
    )  # fmt: skip
    return TapeModel(
        dims={"z": ("coordinate",)}, reparameterized_names=[], memory=memory, size=program.dimensions
    )
