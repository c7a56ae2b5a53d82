"""The array namespaces that a curve's one formula can be written against.

A formula such as ``xp.expit(slope * (xp.log(x) - xp.log(half)))`` runs on NumPy arrays, on PyTensor variables, and on
dual numbers, which carry exact derivatives (``foundations/dual``). ``xp.log`` is floored, so that spend 0 is ordinary.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

import numpy as np

from mixcurve import sigmoid

__all__ = ["SMALLEST", "Namespace", "NumpyNamespace", "numpy_namespace", "pytensor_namespace"]

SMALLEST = 1e-100
"""Floor of ``xp.log``: small enough to be 0 for a curve, large enough that its square is above the least float64."""

SMALLEST_SINGLE = 1e-30
"""The same floor for float32, in which a grid of starts is judged."""


class Namespace(Protocol):
    """What a formula may use beside ``+ - * / **`` and comparison-free constants; every function is elementwise."""

    def exp(self, z: Any, /) -> Any: ...  # noqa: D102
    def expm1(self, z: Any, /) -> Any: ...  # noqa: D102
    def log(self, z: Any, /) -> Any: ...  # noqa: D102
    def log1p(self, z: Any, /) -> Any: ...  # noqa: D102
    def tanh(self, z: Any, /) -> Any: ...  # noqa: D102
    def expit(self, z: Any, /) -> Any: ...  # noqa: D102
    def softplus(self, z: Any, /) -> Any: ...  # noqa: D102
    def floor(self, z: Any, /) -> Any: ...  # noqa: D102


class NumpyNamespace:
    """Formulas on NumPy arrays."""

    exp = staticmethod(np.exp)
    expm1 = staticmethod(np.expm1)
    log1p = staticmethod(np.log1p)
    tanh = staticmethod(np.tanh)
    expit = staticmethod(sigmoid.expit)
    softplus = staticmethod(sigmoid.softplus)

    @staticmethod
    def floor(z: Any, /) -> Any:
        """Return ``max(z, SMALLEST)``; in single precision the floor is one that it can hold."""
        return np.maximum(z, SMALLEST_SINGLE if getattr(z, "dtype", None) == np.float32 else SMALLEST)

    @staticmethod
    def log(z: Any, /) -> Any:
        """Return ``log(max(z, SMALLEST))``: -230 in place of minus infinity."""
        return np.log(NumpyNamespace.floor(z))


numpy_namespace = NumpyNamespace()


@cache
def pytensor_namespace() -> Namespace:
    """Return the namespace of PyTensor, imported when first asked for.

    The floor keeps gradients with respect to the parameters finite at spend 0.
    """
    import pytensor.tensor as pt

    class PytensorNamespace:
        exp = staticmethod(pt.exp)
        expm1 = staticmethod(pt.expm1)
        log1p = staticmethod(pt.log1p)
        tanh = staticmethod(pt.tanh)
        expit = staticmethod(pt.sigmoid)
        softplus = staticmethod(pt.softplus)

        @staticmethod
        def floor(z: Any, /) -> Any:
            return pt.maximum(z, SMALLEST)

        @staticmethod
        def log(z: Any, /) -> Any:
            return pt.log(pt.maximum(z, SMALLEST))

    return PytensorNamespace()
