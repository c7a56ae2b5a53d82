"""A curve and a kernel with a parameter of one name, told apart: each needs a prior and a coordinate of its own."""

from __future__ import annotations

from dataclasses import replace

from mixcurve.response.carryover import Carryover
from mixcurve.response.curves import Curve

__all__ = ["all_apart", "kernel_apart", "kernel_name"]

OF_CARRYOVER = "carryover "


def kernel_apart(kernel: Carryover, curve: Curve) -> Carryover:
    """Return the kernel with ``"carryover …"`` before the names that its parameters share with the curve's.

    Examples
    --------
    >>> from mixcurve import carryovers, curves
    >>> [p.name for p in kernel_apart(carryovers["weibull_pdf"], curves["logarithm"]).parameters]
    ['carryover scale', 'shape']
    >>> kernel_apart(carryovers["weibull_pdf"], curves["hill"]) is carryovers["weibull_pdf"]
    True
    """
    taken = {p.name for p in curve.parameters}
    if taken.isdisjoint(p.name for p in kernel.parameters):
        return kernel
    own = (replace(p, name=OF_CARRYOVER + p.name) if p.name in taken else p for p in kernel.parameters)
    return replace(kernel, parameters=tuple(own))


def all_apart(kernels: tuple[Carryover, ...], curves: tuple[Curve, ...]) -> tuple[Carryover, ...]:
    """Return `kernel_apart` of every channel; channels of one kernel and one curve keep one kernel."""
    pairs = list(zip(kernels, curves, strict=True))
    made = {pair: kernel_apart(*pair) for pair in dict.fromkeys(pairs)}
    return tuple(made[pair] for pair in pairs)


def kernel_name(name: str, of_curves: set[str]) -> str:
    """Return how a parameter of a kernel is called beside curves with parameters of these names.

    Examples
    --------
    >>> (
    ...     kernel_name("scale", {"scale"}),
    ...     kernel_name("carryover scale", {"scale"}),
    ...     kernel_name("decay", {"half"}),
    ... )
    ('carryover scale', 'carryover scale', 'decay')
    """
    plain = name.removeprefix(OF_CARRYOVER)
    return OF_CARRYOVER + plain if plain in of_curves else name
