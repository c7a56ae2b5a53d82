"""A tape as nutpie calls it: a compiled function at an address, so that chains run side by side without Python.

The function is compiled once for all models and kept in Numba's cache; a model is one block of memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd
from nutpie import _lib
from nutpie.sample import CompiledModel

from mixcurve.response.bayes.vectors.kernel import block, kernel
from mixcurve.response.bayes.vectors.pointers import NUMBERS, WORDS
from mixcurve.response.bayes.vectors.tape import Program

__all__ = ["TapeModel", "tape_model"]

IntArray = npt.NDArray[np.int64]

START_WIDTH = 1.0
"""Chains start uniformly within so many standard deviations of the centre, on each coordinate."""


@cache
def _position() -> Any:
    """Return the C function that copies a position: (coordinates, size, position, out, block) -> 0."""

    @numba.cfunc(
        numba.types.int64(numba.types.uint64, numba.types.uint64, NUMBERS, NUMBERS, WORDS), cache=True
    )
    def copied(coordinates, size, position, out, words):  # type: ignore[no-untyped-def]
        for i in range(np.int64(size)):
            out[i] = position[i]
        return 0

    return copied


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
            _lib.LogpFunc(kernel().address, address, self),
            _lib.ExpandFunc(self.size, self.size, _position().address, address, self),
            _lib.PyVariable.new_variables(["z"], ["float64"], [(self.size,)], sizes, {"z": ("coordinate",)}),
            self.size, sizes, self.coords,
            lambda seed: np.random.default_rng(seed).uniform(-START_WIDTH, START_WIDTH, self.size),
            None,
        )  # fmt: skip

    def _make_sampler(self, settings: Any, init_mean: Any, cores: Any, *rest: Any) -> Any:
        return _lib.PySampler.from_pymc(settings, cores, self._make_model(init_mean), *rest)


def tape_model(program: Program) -> TapeModel:
    """Return a program as nutpie takes it."""
    return TapeModel(
        dims={"z": ("coordinate",)}, reparameterized_names=[], memory=block(program), size=program.dimensions
    )
