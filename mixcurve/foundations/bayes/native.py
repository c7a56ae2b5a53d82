"""A compiled density as nutpie calls it, by its address, so that chains run side by side without Python."""

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

from mixcurve.foundations.bayes.compiled import CompiledDensity

__all__ = ["NativeModel", "native_model"]

IntArray = npt.NDArray[np.int64]
NUMBERS, WORDS = numba.types.CPointer(numba.types.float64), numba.types.CPointer(numba.types.int64)

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
class NativeModel(CompiledModel):  # type: ignore[misc]
    """What `nutpie.sample` takes: a compiled function at an address, and the block of memory that it is handed."""

    address: int
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
        memory, sizes = self.memory.ctypes.data, {"coordinate": self.size}
        return _lib.PyMcModel(
            _lib.LogpFunc(self.address, memory, self),
            _lib.ExpandFunc(self.size, self.size, _position().address, memory, self),
            _lib.PyVariable.new_variables(["z"], ["float64"], [(self.size,)], sizes, {"z": ("coordinate",)}),
            self.size, sizes, self.coords,
            lambda seed: np.random.default_rng(seed).uniform(-START_WIDTH, START_WIDTH, self.size),
            None,
        )  # fmt: skip

    def _make_sampler(self, settings: Any, init_mean: Any, cores: Any, *rest: Any) -> Any:
        return _lib.PySampler.from_pymc(settings, cores, self._make_model(init_mean), *rest)


def native_model(density: CompiledDensity) -> NativeModel:
    """Return a density as nutpie takes it."""
    return NativeModel(
        dims={"z": ("coordinate",)}, reparameterized_names=[], address=density.address, memory=density.block,
        size=density.size,
    )  # fmt: skip
