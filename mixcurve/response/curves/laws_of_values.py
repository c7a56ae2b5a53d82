"""Laws of a curve's values and derivatives: each takes a curve and raises `CurveLawError` where it is broken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mixcurve.foundations.arrays import SMALLEST
from mixcurve.response.curves.base import Curve
from mixcurve.response.curves.derivatives import unit_full_gradient, unit_gradient, unit_marginal, unit_second
from mixcurve.response.curves.law_cases import Case, complex_marginal, complex_slope, law_cases, require

__all__ = [
    "closed_gradient",
    "finite_everywhere",
    "nothing_from_nothing",
    "rising",
    "same_in_any_unit",
    "tends_to_its_ceiling",
    "true_gradient",
    "true_marginal",
    "true_second_derivative",
]

EDGES = np.array([0.0, 1e-12, 1e-6, 1e-3, 0.1, 1.0, 10.0, 1e3, 1e6, 1e9])
"""Multiples of the reference spend at which everything must be finite."""
GRID = np.geomspace(1e-4, 1e4, 65)
FAR = 1e100
"""A spend beyond any money, at which a curve with a ceiling must have reached it."""
NOTHING = 1e-9
"""The floor of the logarithm leaves slow curves a response at spend 0; it must be below this share of top."""
ROUNDING = 1e-12
"""What sums of a few float64 numbers near 1 may be off by."""
DERIVATIVE_DIGITS = 1e-8
"""Relative error allowed to a derivative."""
LOST_DIGITS = 1e-13
"""Error allowed to a derivative as a share of response: near a ceiling the terms of a formula nearly cancel."""
DIFFERENCE = 1e-4
"""Relative step of central differences."""


def nothing_from_nothing(curve: Curve) -> None:
    """Response is 0 at spend 0."""
    for case in law_cases(curve):
        value = curve.unit(np.zeros((1, 1)), case.shape)
        require(
            case,
            "nothing from nothing",
            np.abs(value) <= NOTHING,
            "response at spend 0 must be 0",
            0.0,
            response=value,
        )


def finite_everywhere(curve: Curve) -> None:
    """Response and all its derivatives are finite from spend 0 to a billion times the reference."""
    law = "finite everywhere"
    for case in law_cases(curve):
        x = case.spends(EDGES)[None, :]
        _, slopes = unit_gradient(curve, x, case.shape)
        value, first, second = unit_second(curve, x, case.shape)
        parts = {"response": value, "marginal": first, "second derivative": second}
        parts |= {
            f"derivative by {curve.parameters[i].name}": s for i, s in zip(_free(curve), slopes, strict=True)
        }
        for name, part in parts.items():
            require(case, law, np.isfinite(part), f"the {name} must be finite", x, found=part)


def rising(curve: Curve) -> None:
    """More spend never brings less response."""
    for case in law_cases(curve):
        x = case.spends(np.concatenate([[0.0], GRID]))[None, :]
        with np.errstate(over="ignore", under="ignore"):
            value = curve.unit(x, case.shape)
        fall = value[:, :-1] - value[:, 1:]
        good = fall <= ROUNDING * np.maximum(1.0, np.abs(value[:, 1:]))
        require(
            case, "rising", good, "response must not fall with more spend", x[:, :-1],
            response=value[:, :-1], next_response=value[:, 1:],
        )  # fmt: skip


def tends_to_its_ceiling(curve: Curve) -> None:
    """With a ceiling the unit curve tends to 1 and never passes it; without one it passes 1."""
    law = "tends to its ceiling"
    for case in law_cases(curve):
        with np.errstate(over="ignore", under="ignore"):
            far = curve.unit(np.full((1, 1), FAR), case.shape)
            near = curve.unit(case.spends(GRID)[None, :], case.shape)
        if not curve.ceiling:
            require(
                case, law, far > 1.0, "a curve without a ceiling must pass 1 in the end", FAR, response=far
            )
            continue
        require(case, law, np.abs(far - 1.0) <= 1e-9, "the unit curve must tend to 1", FAR, response=far)
        require(
            case,
            law,
            near <= 1.0 + ROUNDING,
            "the unit curve must stay below 1",
            case.spends(GRID),
            response=near,
        )


def _free(curve: Curve) -> list[int]:
    return [i for i, p in enumerate(curve.parameters) if p.free]


def _alike(found: Any, wanted: Any, by: Any, value: Any, digits: float = DERIVATIVE_DIGITS) -> Any:
    """Return where two derivatives by ``by`` agree, to ``digits`` or to a rounding error of the response itself."""
    return (
        np.abs((found - wanted) * by) <= digits * np.abs(wanted * by) + LOST_DIGITS * np.abs(value) + SMALLEST
    )


def true_marginal(curve: Curve) -> None:
    """The marginal response is the derivative of response by spend."""
    sentence = "the marginal must be the derivative of response by spend"
    for case in law_cases(curve):
        x = case.spends(GRID)[None, :]
        (value, found), wanted = unit_marginal(curve, x, case.shape), complex_marginal(curve, x, case.shape)
        good = _alike(found, wanted, x, value)
        require(case, "true marginal", good, sentence, x, marginal=found, complex_step=wanted)


def true_second_derivative(curve: Curve) -> None:
    """The second derivative is the derivative of the marginal, by central differences of complex steps."""
    sentence = "the second derivative must be the derivative of the marginal"
    for case in law_cases(curve):
        x = case.spends(GRID)[None, :]
        value, first, found = unit_second(curve, x, case.shape)
        near, far = (
            (
                complex_marginal(curve, x * (1 + h), case.shape)
                - complex_marginal(curve, x * (1 - h), case.shape)
            )
            / (2 * h * x)
            for h in (DIFFERENCE, 2 * DIFFERENCE)
        )
        wanted = (4 * near - far) / 3  # Richardson: the error falls with the fourth power of the step
        allowed = 1e-6 * x**2 * np.abs(wanted) + 1e-8 * (x * np.abs(first) + np.abs(value)) + SMALLEST
        good = np.abs(found - wanted) * x**2 <= allowed
        require(case, "true second derivative", good, sentence, x, second_derivative=found, difference=wanted)


def true_gradient(curve: Curve) -> None:
    """The derivatives by each parameter that fits may move, and by spend in the same pass, are right."""
    for case in law_cases(curve):
        x = case.spends(GRID)[None, :]
        value, by_spend, slopes = unit_full_gradient(curve, x, case.shape)
        pairs = [("spend", x, by_spend, complex_marginal(curve, x, case.shape))]
        for i, slope in zip(_free(curve), slopes, strict=True):
            pairs.append(
                (curve.parameters[i].name, case.shape[i], slope, complex_slope(curve, x, case.shape, i))
            )
        for name, by, found, wanted in pairs:
            sentence = f"the derivative by {name} must be right"
            good = _alike(found, wanted, by, value)
            require(case, "true gradient", good, sentence, x, found=found, complex_step=wanted)


def closed_gradient(curve: Curve) -> None:
    """A gradient declared in closed form equals that of dual numbers, at spend 0 too."""
    if curve.gradient is None:
        return
    law, plain, free = "closed gradient", replace(curve, gradient=None), _free(curve)
    for case in law_cases(curve):
        x = case.spends(np.concatenate([[0.0], GRID]))[None, :]
        (value, slopes), (same, wanted) = (unit_gradient(c, x, case.shape) for c in (curve, plain))
        good = np.abs(value - same) <= ROUNDING * np.abs(same)
        require(case, law, good, "the declared value must be the formula's", x, found=value, formula=same)
        good = np.array(len(slopes) == len(free))
        require(
            case,
            law,
            good,
            f"it must give one derivative per free parameter ({len(free)})",
            found=float(len(slopes)),
        )
        for i, found, right in zip(free, slopes, wanted, strict=True):
            sentence = f"the declared derivative by {curve.parameters[i].name} must be the formula's"
            require(
                case, law, _alike(found, right, case.shape[i], same), sentence, x, found=found, formula=right
            )


def same_in_any_unit(curve: Curve) -> None:
    """Spend and parameters in another unit of money give the same response."""
    for case in law_cases(curve):
        x = case.spends(GRID)[None, :]
        for factor in (1e6, 1e-6, 1.17):
            moved = tuple(
                s * factor**p.spend_power for s, p in zip(case.shape, curve.parameters, strict=True)
            )
            other = Case(curve, moved, case.reference * factor)
            with np.errstate(over="ignore", under="ignore"):
                value, scaled = curve.unit(x, case.shape), curve.unit(x * factor, moved)
            good = np.abs(value - scaled) <= 1e-10 * np.abs(value) + 1e-15
            sentence = f"spend and parameters times {factor:g} must give the same response"
            require(other, "same in any unit", good, sentence, x * factor, response=scaled, before=value)
