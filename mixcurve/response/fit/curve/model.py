"""What one campaign's fit assumes: curve, family of the response, loss, baseline, what is fixed and what is bounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.parameters import Interval, Parameter
from mixcurve.response.curves import Curve
from mixcurve.response.fit.curve.losses import FAMILIES, LOSSES, Family, LossName

__all__ = ["NO_RANGE", "CurveModel", "constrained", "curve_model"]

FloatArray = npt.NDArray[np.float64]
Range = tuple[float, float]
NO_RANGE: Range = (-np.inf, np.inf)
ROUNDING = 16 * float(np.finfo(np.float64).eps)
"""What a change of units and a logarithm there and back may do to a value."""
POSSIBLE: dict[str, Range] = {
    "poisson": (0.0, np.inf), "negative binomial": (0.0, np.inf), "binomial": (0.0, 1.0)
}  # fmt: skip
"""Where the baseline of counts and shares can lie."""


@dataclass(frozen=True, eq=False)
class CurveModel:
    """The assumptions of a fit.

    Parameters
    ----------
    curve
        The curve as declared.
    used
        The same with what is fixed or bounded more tightly written into its parameters.
    family, loss
        See `losses`; a robust loss goes with the Gaussian family.
    baseline, non_decreasing
        Whether there is a response without spend; whether response may not fall as spend rises.
    baseline_range, top_range
        Bounds in the unit of the response; equal ends fix.
    ranges
        All that was fixed or bounded, by name, as it was given.
    """

    curve: Curve
    used: Curve
    family: Family = "gaussian"
    loss: LossName = "squares"
    baseline: bool = True
    non_decreasing: bool = True
    baseline_range: Range = NO_RANGE
    top_range: Range = NO_RANGE
    ranges: Mapping[str, Range] = field(default_factory=dict)

    @property
    def held(self) -> tuple[str, ...]:
        """The names of what a user fixed."""
        return tuple(name for name, (low, high) in self.ranges.items() if low == high)

    def within(self, name: str, value: FloatArray) -> FloatArray:
        """Return values in users' units moved into what was given, and to its ends where only rounding parts them."""
        for end in self.ranges.get(name, ()):
            near = np.isfinite(end) & (np.abs(value - end) <= ROUNDING * abs(end))
            value = np.where(near, end, value)
        return np.clip(value, *self.ranges.get(name, NO_RANGE))

    @property
    def projected(self) -> bool:
        """Whether baseline and top are free and the loss is squares, so that both can be eliminated in closed form."""
        free = self.baseline_range == NO_RANGE and self.top_range == NO_RANGE
        return free and self.family == "gaussian" and self.loss == "squares"

    @property
    def signs(self) -> tuple[float, ...]:
        """The directions that may be: 1 where response rises with spend, -1 where it falls."""
        low, high = self.top_range
        if self.non_decreasing or low >= 0:
            return (1.0,)
        return (-1.0,) if high <= 0 else (1.0, -1.0)

    @property
    def counts(self) -> bool:
        """Whether the response is a count or a share of exposures."""
        return self.family != "gaussian"


def curve_model(
    curve: Curve,
    *,
    family: str = "gaussian",
    loss: str = "squares",
    baseline: bool = True,
    non_decreasing: bool = True,
    fixed: Mapping[str, float] | None = None,
    bounds: Mapping[str, Range] | None = None,
    reference: float = 1.0,
) -> CurveModel:
    """Return the assumptions of a fit, checked; ``reference`` is the spend that the curve's domains are relative to."""
    known_name("family", family, FAMILIES)
    for name, answer in (("baseline", baseline), ("non_decreasing", non_decreasing)):
        if not isinstance(answer, bool | np.bool_):
            raise InputError(f"{name} must be True or False, got {answer!r}.")
    known_name("loss", loss, LOSSES)
    if loss != "squares" and family != "gaussian":
        raise InputError(f"loss='{loss}' goes with family='gaussian'; leave it out with family='{family}'.")
    names = (*(("baseline",) if baseline else ()), "top", *(p.name for p in curve.parameters))
    given = _ranges(fixed or {}, bounds or {}, names)
    ends = {name: given.get(name, NO_RANGE) for name in ("baseline", "top")}
    _possible(ends["baseline"], family)
    if non_decreasing and ends["top"][1] <= 0:
        raise InputError(
            f"top is held to at most {ends['top'][1]:g}, but the response is declared not to fall with spend. "
            "Give non_decreasing=False."
        )
    return CurveModel(
        curve, constrained(curve, given, reference), family, loss, baseline, non_decreasing,  # type: ignore[arg-type]
        ends["baseline"], ends["top"], given,
    )  # fmt: skip


def _possible(baseline: Range, family: str) -> None:
    low, high = POSSIBLE.get(family, NO_RANGE)
    if baseline[1] < low or baseline[0] > high:
        raise InputError(
            f"baseline is held to ({baseline[0]:g}, {baseline[1]:g}), but with family='{family}' it lies between "
            f"{low:g} and {high:g}. Give values in that range."
        )


def _ranges(
    fixed: Mapping[str, float], bounds: Mapping[str, Range], names: tuple[str, ...]
) -> dict[str, Range]:
    out: dict[str, Range] = {}
    for argument, given in (("fixed", fixed), ("bounds", bounds)):
        if not isinstance(given, Mapping):
            raise InputError(
                f"{argument} must give values by the parameter's name, got {type(given).__name__}."
            )
    for name, value in fixed.items():
        known_name("parameter (fixed)", name, names)
        out[name] = (number(f"fixed['{name}']", value),) * 2
    for name, ends in bounds.items():
        known_name("parameter (bounds)", name, names)
        if name in out:
            raise InputError(f"'{name}' is both fixed and bounded. Keep one of the two.")
        low, high = _two_numbers(name, ends)
        if not low < high:
            raise InputError(
                f"bounds['{name}'] must be (least, largest), got ({low:g}, {high:g}). "
                "To hold a parameter at one value, use fixed."
            )
        out[name] = (low, high)
    return out


def _two_numbers(name: str, ends: Any) -> Range:
    try:
        low, high = (float(e) for e in ends)
    except (TypeError, ValueError):
        raise InputError(
            f"bounds['{name}'] must be (least, largest), got {ends!r}. An open side is an infinity."
        ) from None
    return low, high


def constrained(curve: Curve, ranges: Mapping[str, Range], reference: float) -> Curve:
    """Return the curve with its parameters held or bounded as ``ranges`` says, in the units of spend.

    The domain of a parameter with a unit is relative to ``reference``, the largest spend seen.
    """
    changed = [_narrowed(p, ranges, reference) for p in curve.parameters]
    if all(new is old for new, old in zip(changed, curve.parameters, strict=True)):
        return curve
    declared_free = [p.free for p in curve.parameters]
    kept = [new.free for new, was in zip(changed, declared_free, strict=True) if was]
    closed = curve.gradient

    def gradient(x: Any, *shape: Any) -> tuple[Any, ...]:
        assert closed is not None
        value, *slopes = closed(x, *shape)
        return (value, *(s for s, keep in zip(slopes, kept, strict=True) if keep))

    return replace(curve, parameters=tuple(changed), gradient=gradient if closed is not None else None)


def _narrowed(parameter: Parameter, ranges: Mapping[str, Range], reference: float) -> Parameter:
    if parameter.name not in ranges:
        return parameter
    ends = [e / reference**parameter.spend_power for e in ranges[parameter.name]]
    if parameter.scale == "log" and ends[1] <= 0:
        low, high = ranges[parameter.name]
        raise InputError(f"'{parameter.name}' must be positive, got ({low:g}, {high:g}).")
    if ends[0] == ends[1]:
        return replace(parameter, fixed=ends[0])
    low = max(ends[0], parameter.domain.low) if not np.isfinite(ends[0]) or ends[0] <= 0 else ends[0]
    high = ends[1] if np.isfinite(ends[1]) else max(parameter.domain.high, 2 * low)
    inside = np.clip([parameter.typical.low, parameter.typical.high], low, high)
    typical = Interval(*inside) if inside[0] < inside[1] else Interval(low, high)
    return replace(parameter, domain=Interval(low, high), typical=typical)
