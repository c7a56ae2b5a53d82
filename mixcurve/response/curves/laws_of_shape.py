"""Laws of what follows from a curve: inflection, inverse, saturation, elasticity, tangent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mixcurve.response.curves import shape as shape_of
from mixcurve.response.curves.base import Curve
from mixcurve.response.curves.derivatives import unit_second
from mixcurve.response.curves.law_cases import Case, complex_marginal, law_cases, require

__all__ = [
    "bends_as_declared",
    "elasticity_is_a_ratio",
    "half_saturation_is_half",
    "inflection_is_where_it_is_steepest",
    "inverse_undoes_response",
    "marginal_inverse_undoes_marginal",
    "same_inflection_by_search",
    "tangent_touches_from_above",
]

GRID = np.geomspace(1e-4, 1e4, 321)
"""Multiples of the curve's own spend scale."""
STEEP_ENOUGH = 1e-4
"""Least elasticity (of response, or of the marginal) at which float64 still knows the spend to nine digits or so."""
SMALL = 1e-280
"""Below this, float64 numbers lose digits."""
SEARCH_REACH = 6.0
"""The search for an inflection finds it within this many natural logarithms of the curve's spend scale."""


def _grid(case: Case) -> np.ndarray:
    """Return spends (sets, points) around the spend scale of each set."""
    return shape_of.spend_scale(case.curve, case.shape) * GRID


def inflection_is_where_it_is_steepest(curve: Curve) -> None:
    """No spend has a larger marginal than the inflection; a curve without one is steepest at its start."""
    law = "inflection is where it is steepest"
    for case in law_cases(curve):
        x, bend = _grid(case), shape_of.inflection(curve, case.parameters)
        slopes = complex_marginal(curve, x, case.shape)
        start = np.maximum(bend, 1e-3 * x[:, :1])
        steepest = complex_marginal(curve, start, case.shape)
        good = slopes <= steepest * (1 + 1e-9)
        require(
            case, law, good | (bend == np.inf), "no spend may be steeper", x, marginal=slopes, inflection=bend
        )
        require(case, law, bend >= 0, "the inflection must not be negative", inflection=bend)


def same_inflection_by_search(curve: Curve) -> None:
    """The closed form of the inflection agrees with a search."""
    if curve.form == "concave" or curve.inflection is None:
        return
    plain = replace(curve, inflection=None)
    for case in law_cases(curve):
        closed, searched = (shape_of.inflection(c, case.parameters) for c in (curve, plain))
        reach = shape_of.spend_scale(curve, case.shape) * np.exp(-SEARCH_REACH)
        good = (np.abs(closed - searched) <= 1e-6 * searched) | ((closed < reach) & (searched < reach))
        sentence = "the declared inflection must be where the second derivative turns"
        require(case, "same inflection by search", good, sentence, inflection=closed, searched=searched)


def bends_as_declared(curve: Curve) -> None:
    """Concave everywhere, or convex up to the inflection and concave from it."""
    for case in law_cases(curve):
        x, bend = _grid(case), shape_of.inflection(curve, case.parameters)
        _, first, second = unit_second(curve, x, case.shape)
        bending = x * second
        rounding = 1e-9 * np.abs(first) + SMALL
        good = np.where(x > bend, bending <= rounding, bending >= -rounding)
        sentence = (
            "the curve must be convex below its inflection and concave above (concave from 0 if declared so)"
        )
        require(case, "bends as declared", good, sentence, x, second_derivative=second, inflection=bend)


def inverse_undoes_response(curve: Curve) -> None:
    """The spend that reaches the response of a spend is that spend."""
    for case in law_cases(curve):
        x = _grid(case)[:, 80:241:8]
        level = shape_of.response(curve, x, case.parameters)
        known = (shape_of.elasticity(curve, x, case.parameters) > STEEP_ENOUGH) & (level > SMALL)
        found = shape_of.inverse(curve, level, case.parameters)
        good = np.abs(found - x) <= 1e-9 * x
        require(
            case, "inverse undoes response", good | ~known, "the inverse of response must be the spend", x,
            response=level, inverse=found,
        )  # fmt: skip


def half_saturation_is_half(curve: Curve) -> None:
    """At the half-saturation response is half of the ceiling; a curve without a ceiling has none."""
    law = "half saturation is half"
    for case in law_cases(curve):
        for share in (0.5, 0.9):
            spend = shape_of.saturation(curve, case.parameters, share=share)
            if not curve.ceiling:
                require(case, law, spend == np.inf, "without a ceiling it must be infinite", saturation=spend)
                continue
            value = shape_of.response(curve, np.where(np.isfinite(spend), spend, 0.0), case.parameters)
            good = np.abs(value - share) <= 1e-9
            require(case, law, good, f"response must be {share:g} of the ceiling", spend, response=value)


def elasticity_is_a_ratio(curve: Curve) -> None:
    """Elasticity is the slope of log response over log spend."""
    for case in law_cases(curve):
        x = _grid(case)
        with np.errstate(under="ignore", over="ignore"):
            value = curve.unit(x, case.shape)
        wanted = x * complex_marginal(curve, x, case.shape) / np.maximum(value, SMALL)
        found = shape_of.elasticity(curve, x, case.parameters)
        good = (np.abs(found - wanted) <= 1e-7 * np.abs(wanted) + 1e-12) | (value <= SMALL)
        sentence = "elasticity must be spend times marginal over response"
        require(case, "elasticity is a ratio", good, sentence, x, elasticity=found, complex_step=wanted)


def marginal_inverse_undoes_marginal(curve: Curve) -> None:
    """Beyond the inflection, the spend that has the marginal of a spend is that spend."""
    law = "marginal inverse undoes marginal"
    for case in law_cases(curve):
        bend = shape_of.inflection(curve, case.parameters)
        x = np.maximum(bend * 1.001, _grid(case)[:, 80:241:8])
        _, level, second = unit_second(curve, x, case.shape)
        known = (-x * second > STEEP_ENOUGH * level) & (level * x > SMALL)
        found = shape_of.marginal_inverse(curve, level, case.parameters)
        good = np.abs(found - x) <= 1e-8 * x
        sentence = "the spend of this marginal must be found again on the concave branch"
        require(case, law, good | ~known, sentence, x, marginal=level, found=found, inflection=bend)
        never = shape_of.marginal_inverse(curve, np.zeros_like(bend), case.parameters)
        require(
            case,
            law,
            never == np.inf,
            "marginal response 0 must only be reached at infinite spend",
            found=never,
        )


def tangent_touches_from_above(curve: Curve) -> None:
    """The tangent from a lower bound touches the curve and is nowhere below; on the concave part it is the point."""
    law = "tangent touches from above"
    for case in law_cases(curve):
        bend = shape_of.inflection(curve, case.parameters)
        for share in (0.0, 0.3, 0.9, 1.0, 2.5):
            lower = share * bend
            touch = shape_of.tangent(curve, lower, case.parameters)
            require(
                case,
                law,
                touch >= np.maximum(lower, bend),
                "it must touch at or after the inflection",
                lower,
                touch=touch,
            )
            if share >= 1.0 or curve.form == "concave":
                require(
                    case,
                    law,
                    touch == lower,
                    "on the concave part it must be the point itself",
                    lower,
                    touch=touch,
                )
                continue
            _touches(case, law, lower, touch)


def _touches(case: Case, law: str, lower: np.ndarray, touch: np.ndarray) -> None:
    curve = case.curve
    with np.errstate(under="ignore", over="ignore"):
        base, top = (curve.unit(z, case.shape) for z in (lower, touch))
        slope = complex_marginal(curve, np.maximum(touch, SMALL), case.shape)
        x = np.maximum(_grid(case), lower)
        curve_there = curve.unit(x, case.shape)
        # Beyond the point of touch the envelope is the curve itself.
        line = base + slope * (np.minimum(x, touch) - lower)
    bent = touch > lower
    good = np.abs(base + slope * (touch - lower) - top) <= 1e-8 * np.abs(top) + 1e-14
    require(
        case, law, good | ~bent, "the tangent must pass through both points", lower, touch=touch, at_touch=top
    )
    above = (curve_there <= line + 1e-9 * np.abs(line) + 1e-14) | (x > touch) | ~bent
    require(
        case,
        law,
        above,
        "the tangent must not lie below the curve",
        x,
        response=curve_there,
        line=line,
        touch=touch,
    )
