"""`Cuts`: what holds a concave objective from above, on the nodes of the tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.budget.risk.tables import Tables

__all__ = ["Cuts"]

FloatArray = npt.NDArray[np.float64]


class Cuts:
    """Cuts ``w · totals + b`` by number; their heights on nodes are computed when first asked for."""

    def __init__(self) -> None:
        self._weight = list[FloatArray]()
        self._constant = list[float]()
        self._heights = dict[int, FloatArray]()
        self._tables: Tables | None = None

    def add(self, weight: FloatArray, constant: float) -> int:
        """Add a cut and return its number."""
        self._weight.append(weight)
        self._constant.append(constant)
        return len(self._weight) - 1

    def weights(self, numbers: list[int]) -> FloatArray:
        """Return the weights (K × D)."""
        return np.stack([self._weight[k] for k in numbers])

    def heights(self, numbers: list[int], tables: Tables) -> tuple[FloatArray, FloatArray]:
        """Return ``w · value`` per node (K × N), and the constants (K,)."""
        if tables is not self._tables:
            self._tables, self._heights = tables, {}
        missing = [k for k in numbers if k not in self._heights]
        if missing:
            fresh = self.weights(missing) @ tables.value.T
            self._heights.update(zip(missing, fresh, strict=True))
        heights = np.stack([self._heights[k] for k in numbers])
        return heights, np.array([self._constant[k] for k in numbers])
