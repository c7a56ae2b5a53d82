"""Parameters: where one may lie, where it usually lies, its unit, and its map to and from the real line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mixcurve.foundations.errors import InputError

__all__ = ["UNITS", "Interval", "Parameter", "Unit"]

Unit = Literal["", "spend", "1/spend", "spend^2"]
UNITS: dict[str, float] = {"": 0.0, "spend": 1.0, "1/spend": -1.0, "spend^2": 2.0}
"""The power of the spend unit in each unit that a parameter may have."""


@dataclass(frozen=True)
class Interval:
    """A closed range ``[low, high]`` of finite numbers.

    Examples
    --------
    >>> Interval(0.5, 8.0).contains(2.0)
    True
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low < self.high):
            raise InputError(f"An interval needs low < high, both finite, got [{self.low}, {self.high}].")

    def contains(self, value: Any) -> Any:
        """Return whether each value lies in the interval."""
        inside = (np.asarray(value) >= self.low) & (np.asarray(value) <= self.high)
        return bool(inside) if np.ndim(value) == 0 else inside

    def clip(self, value: Any) -> Any:
        """Return each value moved to the nearest point of the interval."""
        return np.clip(value, self.low, self.high)


@dataclass(frozen=True)
class Parameter:
    """One shape parameter of a curve or a carryover.

    Parameters
    ----------
    name
        The field's word for it.
    domain
        Where the parameter may lie. For a parameter with a unit, relative to the reference spend (the largest seen).
    typical
        Where it lies in most campaigns: starts, priors and simulations are drawn from here.
    unit
        ``""`` for a pure number, else a power of the unit of spend.
    scale
        ``"log"`` for positive parameters, searched on the log scale; ``"linear"`` otherwise.
    fixed
        A value (relative to the reference spend where there is a unit) that fits do not move, or None.
    description
        One line for tables and documentation.

    Examples
    --------
    >>> Parameter("half", unit="spend").to_real(1.0).item()
    0.0
    """

    name: str
    domain: Interval = Interval(1e-3, 1e3)
    typical: Interval = Interval(0.05, 3.0)
    unit: Unit = ""
    scale: Literal["log", "linear"] = "log"
    fixed: float | None = None
    description: str = ""

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise InputError(
                f"Parameter '{self.name}' has the unit '{self.unit}'. Known: {', '.join(map(repr, UNITS))}."
            )
        if self.scale == "log" and self.domain.low <= 0:
            raise InputError(
                f"Parameter '{self.name}' is searched on the log scale, so its domain must be positive."
            )
        if not (self.domain.contains(self.typical.low) and self.domain.contains(self.typical.high)):
            raise InputError(f"Parameter '{self.name}': the typical range must lie inside the domain.")

    @property
    def free(self) -> bool:
        """Whether fits may move the parameter."""
        return self.fixed is None

    @property
    def spend_power(self) -> float:
        """The power of the spend unit: a value relative to the reference spend r is ``r ** power`` times it."""
        return UNITS[self.unit]

    def to_real(self, value: Any) -> Any:
        """Return the value as the fits search it: its log, or itself."""
        return np.log(value) if self.scale == "log" else np.asarray(value, dtype=np.float64)

    def from_real(self, real: Any) -> Any:
        """Return the value that ``to_real`` was given."""
        return np.exp(real) if self.scale == "log" else np.asarray(real, dtype=np.float64)
