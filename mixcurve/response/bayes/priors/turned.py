"""Half-life, half-saturation and inflection turned into the parameter of a kernel or a curve that they speak of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy import optimize

from mixcurve.foundations.parameters import Parameter
from mixcurve.response.carryover import Carryover, half_life
from mixcurve.response.curves import Curve
from mixcurve.response.curves import shape as shape_of

__all__ = [
    "decay_of_half_life",
    "half_life_reach",
    "half_life_target",
    "spend_ratio",
    "spend_target",
    "steady",
]

FloatArray = npt.NDArray[np.float64]

PROBES = 65
"""Values of a parameter, over its domain, at which a half-life must keep rising."""
FLAT = 1e-9
"""Half-lives (in periods) and ratios that differ by less are the same."""
FIGURES: dict[str, Callable[..., FloatArray]] = {
    "half_saturation": shape_of.half_saturation,
    "inflection": shape_of.inflection,
}


def half_life_target(kernel: Carryover) -> str | None:
    """Return the parameter that a half-life sets: the kernel's first free one; None where there is none.

    Examples
    --------
    >>> from mixcurve.response.carryover import carryovers
    >>> half_life_target(carryovers["weibull_pdf"]), half_life_target(carryovers["none"])
    ('scale', None)
    """
    return next((p.name for p in kernel.parameters if p.free), None)


def _half_life(kernel: Carryover, name: str, value: float, others: Mapping[str, float], length: int) -> float:
    values = [
        value if p.name == name else p.fixed if p.fixed is not None else others[p.name]
        for p in kernel.parameters
    ]
    return half_life(kernel, values, length=length)


def half_life_reach(
    kernel: Carryover, name: str, others: Mapping[str, float], length: int
) -> tuple[float, float] | None:
    """Return the shortest and the longest half-life over a parameter's domain; None if it does not rise with it.

    Parameters
    ----------
    name
        The parameter; ``others`` are the values of the other free ones.
    length
        The number of lags kept.

    Examples
    --------
    >>> from mixcurve.response.carryover import carryovers
    >>> [round(h, 2) for h in half_life_reach(carryovers["geometric"], "decay", {}, 26)]
    [0.5, 8.95]
    """
    domain = _parameter(kernel.parameters, name).domain
    lives = [
        _half_life(kernel, name, v, others, length) for v in np.linspace(domain.low, domain.high, PROBES)
    ]
    if (np.diff(lives) < -FLAT).any() or lives[-1] - lives[0] < FLAT:
        return None
    return lives[0], lives[-1]


def decay_of_half_life(
    kernel: Carryover, name: str, life: float, others: Mapping[str, float], length: int
) -> float:
    """Return the value of a parameter at which half of the effect has happened after ``life`` periods.

    Examples
    --------
    >>> from mixcurve.response.carryover import carryovers
    >>> round(decay_of_half_life(carryovers["geometric"], "decay", 1.0, {}, 260), 9)
    0.5
    """
    domain = _parameter(kernel.parameters, name).domain
    ends = [_half_life(kernel, name, v, others, length) - life for v in (domain.low, domain.high)]
    if ends[0] >= 0:
        return domain.low
    if ends[1] <= 0:
        return domain.high
    return float(
        optimize.brentq(
            lambda v: _half_life(kernel, name, v, others, length) - life, domain.low, domain.high, xtol=1e-12
        )
    )


def spend_target(curve: Curve, figure: str) -> str | None:
    """Return the parameter that ``"half_saturation"`` or ``"inflection"`` sets: the only free one in a unit of spend.

    None where the curve has no such figure, or more than one parameter moves it in proportion.

    Examples
    --------
    >>> from mixcurve.response.curves import curves
    >>> spend_target(curves["logistic"], "half_saturation"), spend_target(curves["power"], "half_saturation")
    ('midpoint', None)
    """
    scales = [p.name for p in curve.parameters if p.spend_power]
    free = [p.name for p in curve.parameters if p.free and p.spend_power]
    there = curve.ceiling if figure == "half_saturation" else curve.form == "sigmoid"
    return free[0] if there and len(scales) == 1 and free else None


def spend_ratio(curve: Curve, figure: str, others: Mapping[str, float]) -> float:
    """Return the figure (a spend) where the curve's parameter in a unit of spend is 1.

    Multiplying spend and that parameter, to its power, changes nothing, so the figure is this times the parameter.

    Examples
    --------
    >>> from mixcurve.response.curves import curves
    >>> round(spend_ratio(curves["hill"], "inflection", {"slope": 2.0}), 6)
    0.57735
    """
    values = {p.name: p.fixed if p.fixed is not None else others.get(p.name, 1.0) for p in curve.parameters}
    return float(FIGURES[figure](curve, values))


def steady(curve: Curve, figure: str, others: Sequence[Mapping[str, float]]) -> bool:
    """Return whether the ratio is the same at several values of the other parameters: the turn is then exact."""
    ratios = [spend_ratio(curve, figure, values) for values in others]
    return bool(np.ptp(ratios) < FLAT * abs(ratios[0]))


def _parameter(parameters: Sequence[Parameter], name: str) -> Parameter:
    return next(p for p in parameters if p.name == name)
