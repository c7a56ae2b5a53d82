"""A curve and a carryover that a part has for itself, and the size of what they bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.arrays import numpy_namespace
from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import LogMap, ParameterMap, Space
from mixcurve.response.bayes.priors.apart import kernel_apart
from mixcurve.response.bayes.priors.resolved import RANGE_SPREADS, parameter_map, range_map
from mixcurve.response.carryover import Carryover, carryovers
from mixcurve.response.curves import Curve, resolve_curve
from mixcurve.response.fit.mix.options import LONGEST_CARRYOVER

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["SHARE", "Shaped", "Size", "ordered", "shaped"]

FloatArray = npt.NDArray[np.float64]

SHARE = (0.002, 0.3)
"""Nine in ten contributions of a channel of another kind lie between these shares of the mean response a priori."""


@dataclass(frozen=True, eq=False)
class Shaped:
    """The curve and the kernel of one channel, with a prior for each free parameter.

    Parameters
    ----------
    name
        The channel's; its coordinates are ``"<name> <parameter>"``.
    unit
        What is 1 to the curve.
    length
        Lags of the carryover.
    maps
        Of each free parameter, relative to ``unit`` where it has one.
    """

    name: str
    curve: Curve
    kernel: Carryover
    unit: float
    length: int
    maps: dict[str, ParameterMap]

    def space(self, space: Space) -> Space:
        """Return the space with the free parameters."""
        for name in self.maps:
            space = space.with_block(f"{self.name} {name}")
        return space

    def value(self, xp: Any, space: Space, position: Any, name: str) -> Any:
        """Return a free parameter (1,)."""
        return self.maps[name](xp, position[space.rows(f"{self.name} {name}")])

    def shape(self, xp: Any, space: Space, position: Any) -> list[Any]:
        """Return the curve's parameters in the order its formula takes them."""
        return [self.value(xp, space, position, p.name) if p.free else p.fixed for p in self.curve.parameters]

    def carried(self, xp: Any, problem: BayesProblem, position: Any, space: Space, signal: Any) -> Any:
        """Return a signal (n,) after carryover, within each group."""
        lag = np.arange(self.length, dtype=np.float64)
        values = [
            self.value(xp, space, position, p.name) if p.free else p.fixed for p in self.kernel.parameters
        ]
        if any(p.free for p in self.kernel.parameters):
            raw = self.kernel.formula(lag, *values, xp=xp)
            return xp.convolve(signal, raw / xp.sum(raw), problem.bounds, 1)
        fixed = np.asarray(self.kernel.formula(lag, *values, xp=numpy_namespace))
        return xp.convolve(signal, fixed / fixed.sum(), problem.bounds, 1)

    def natural(self, xp: Any, space: Space, position: Any) -> dict[str, Any]:
        """Return the free parameters in their own units, by the names of their coordinates."""
        declared = {p.name: p for p in (*self.kernel.parameters, *self.curve.parameters)}
        return {
            f"{self.name} {name}": self.value(xp, space, position, name)
            * self.unit ** declared[name].spend_power
            for name in self.maps
        }


def shaped(
    table: SpendTable,
    name: str,
    curve: str | Curve,
    carryover: str | Carryover,
    unit: float,
    ranges: Mapping[str, tuple[float, float]],
) -> Shaped:
    """Return the curve and kernel of one channel; ``ranges`` hold nine in ten values of a parameter, in its own unit.

    Raises
    ------
    InputError
        For an unknown curve, carryover or parameter, and a range upside down or outside its parameter's domain.
    """
    chosen = resolve_curve(curve)
    kernel = kernel_apart(carryovers[carryover] if isinstance(carryover, str) else carryover, chosen)
    free = {p.name: p for p in (*kernel.parameters, *chosen.parameters) if p.free}
    for parameter in ranges:
        known_name(f"parameter of '{name}'", parameter, tuple(free))
    maps: dict[str, ParameterMap] = {}
    for parameter, declared in free.items():
        if parameter not in ranges:
            maps[parameter] = parameter_map(declared)
            continue
        scale, domain = unit**declared.spend_power, declared.domain
        low, high = ordered(f"the range of {parameter} of '{name}'", ranges[parameter])
        for end in (low, high):
            number(f"{parameter} of '{name}'", end, low=domain.low * scale, high=domain.high * scale)
        maps[parameter] = range_map(declared, low / scale, high / scale)
    alone = kernel.name == "none"
    length = 1 if alone else max(2, min(LONGEST_CARRYOVER[table.every], table.n_periods // 3))
    return Shaped(name, chosen, kernel, unit, length, maps)


@dataclass(frozen=True)
class Size:
    """What is known of a channel's contribution beforehand: a range that holds nine in ten.

    ``kind`` is ``"share"``, of the mean response (of its standard deviation where the mean is not positive), or
    ``"roi"``, response per unit of ``spend``, the mean per row relative to its group's size.
    """

    kind: str
    low: float
    high: float
    spend: float = 1.0

    def prior(self, problem: BayesProblem) -> LogMap:
        """Return the prior of the mean contribution per row, over the response's unit."""
        mean = float(problem.mix.y.mean())
        share_of = mean if mean > 0 else 1.0
        unit = share_of if self.kind == "share" else self.spend / problem.mix.response_unit
        low, high = np.log(self.low * unit), np.log(self.high * unit)
        return LogMap(np.array([0.5 * (low + high)]), np.array([(high - low) / RANGE_SPREADS]))


def ordered(name: str, pair: Any, *, positive: bool = False) -> tuple[float, float]:
    """Return a range as two numbers, or raise naming the argument."""
    try:
        first, second = pair
    except (TypeError, ValueError):
        raise InputError(f"{name} must be a pair (low, high), got {pair!r}.") from None
    least = 0.0 if positive else -np.inf
    a = number(f"the low end of {name}", first, low=least, open_low=positive)
    b = number(f"the high end of {name}", second, low=least, open_low=positive)
    if not a < b:
        raise InputError(f"{name} must be (low, high) with low < high, got ({a:g}, {b:g}).")
    return a, b
