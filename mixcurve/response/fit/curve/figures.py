"""The figures of a response curve that get an interval: its parameters, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fit.curve.campaigns import shape_values
from mixcurve.response.fit.curve.problem import BASE, SHAPE, TOP, CurveProblem

__all__ = ["BATCH_FIGURES", "CurveFigure", "Point", "curve_figures", "response_spread"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

DIFFERENCE = 1e-5
"""Step of a differenced slope, on the real line of each parameter."""
NO_BEND = 1e-6
"""Inflection over the largest spend that stands for none: the curve is concave from the start."""
BEND_BOX = (0.01, 3.0)
"""Inflections looked for, over the largest spend seen."""
SPEND_BOX = (1e-4, 1e3)
"""Other spends looked for, over the largest spend seen, as far as a domain reaches."""
RATE_BOX = (1e-7, 1e5)
"""Marginal and average responses looked for, in spreads of the response per largest spend."""
BASELINE_REACH = 100.0
"""How far from the mean a baseline is looked for, in spreads of the response."""
SATURATED = 0.9
"""Share of the ceiling that counts as saturation."""
HALF = "half"
"""A parameter of this name is the half-saturation itself."""
BATCH_FIGURES = ("half", "half_saturation", "inflection", "marginal_response")
"""What `fit_curves` profiles unless asked otherwise."""

Value = Callable[[FloatArray, IntArray], FloatArray]


@dataclass(frozen=True, eq=False)
class CurveFigure:
    """A figure of φ on its own scale.

    Parameters
    ----------
    name
        What it is called in tables and intervals.
    value
        ``value(phi (B × p), which (B,)) -> (B,)``: the figure, or its log where ``scale`` is ``"log"``.
    low, high
        Its box per problem (B,): a profile that is still below the threshold there is open.
    scale
        ``"log"`` for positive figures.
    spend_power, response_power
        The powers of the units of spend and of response in the unit of the figure.
    place
        Its place in φ if it is a parameter, else None.
    """

    name: str
    value: Value
    low: FloatArray
    high: FloatArray
    scale: Literal["log", "linear"] = "log"
    spend_power: float = 0.0
    response_power: float = 0.0
    place: int | None = None

    def slope(self, phi: FloatArray, which: IntArray) -> FloatArray:
        """Return the derivative by φ (B × p): exact for a parameter, by central differences otherwise."""
        size = phi.shape[1]
        if self.place is not None:
            return np.tile(np.eye(size)[self.place], (len(phi), 1))
        steps = DIFFERENCE * np.concatenate([np.eye(size), -np.eye(size)])
        moved = (phi[None] + steps[:, None, :]).reshape(-1, size)
        values = self.value(moved, np.tile(which, 2 * size)).reshape(2, size, len(phi))
        return np.asarray((values[0] - values[1]).T / (2 * DIFFERENCE))


@dataclass(frozen=True)
class Point:
    """Where the figures at a spend are taken, in units of the search: current spend, and the marginal to reach (B,)."""

    current: FloatArray
    target_marginal: FloatArray | None = None


def curve_figures(
    problem: CurveProblem, point: Point, names: tuple[str, ...] | None = None
) -> list[CurveFigure]:
    """Return the figures of a problem's curve, all or those named, in the order of `curve_figures` itself.

    They are ``baseline``, ``top``, the shape parameters, ``half_saturation`` (where no parameter is it), ``inflection``
    (S-curves), ``saturation``, ``marginal_response`` and ``average_response`` (per unit of spend) at current spend, and
    ``spend_at_target`` (the spend where the marginal response has fallen to the target).
    """
    all_of_them = [*_parameters(problem), *_derived(problem, point)]
    return [f for f in all_of_them if names is None or f.name in names]


def _parameters(problem: CurveProblem) -> list[CurveFigure]:
    centre, spread = response_spread(problem.y, problem.weight)
    low = np.maximum(problem.low[:, BASE], centre - BASELINE_REACH * spread)
    high = np.minimum(problem.high[:, BASE], centre + BASELINE_REACH * spread)
    free = [p for p in problem.curve.parameters if p.free]
    out = [
        CurveFigure("baseline", _place(BASE), low, high, "linear", 0.0, 1.0, BASE),
        CurveFigure("top", _place(TOP), problem.low[:, TOP], problem.high[:, TOP], "log", 0.0, 1.0, TOP),
    ]
    for j, p in enumerate(free, start=SHAPE):
        box = problem.low[:, j], problem.high[:, j]
        out.append(CurveFigure(p.name, _place(j), *box, p.scale, p.spend_power, 0.0, j))
    return [f for f in out if problem.free[:, f.place].any()]


def _place(j: int) -> Value:
    return lambda phi, which: phi[:, j]


def response_spread(y: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the weighted mean and standard deviation of each response (B,)."""
    total = np.maximum(weight.sum(axis=1), 1e-300)
    centre = (weight * y).sum(axis=1) / total
    return centre, np.sqrt((weight * (y - centre[:, None]) ** 2).sum(axis=1) / total)


Parameters = FloatArray
Derived = Callable[[Parameters, IntArray], FloatArray]


def _derived(problem: CurveProblem, point: Point) -> list[CurveFigure]:
    curve, ones = problem.curve, np.ones(len(problem.y))
    rate = np.maximum(response_spread(problem.y, problem.weight)[1], np.finfo(np.float64).tiny)
    out = []
    if curve.ceiling and not any(p.name == HALF for p in curve.parameters):
        half: Derived = lambda v, _: shape_of.half_saturation(curve, v)  # noqa: E731
        out.append(_logged(problem, "half_saturation", half, SPEND_BOX, ones, 1.0))
    if curve.form == "sigmoid":
        bend: Derived = lambda v, _: shape_of.inflection(curve, v)  # noqa: E731
        out.append(_logged(problem, "inflection", bend, BEND_BOX, ones, 1.0, floor=NO_BEND))
    if curve.ceiling:
        ceiling: Derived = lambda v, _: shape_of.saturation(curve, v, share=SATURATED)  # noqa: E731
        out.append(_logged(problem, "saturation", ceiling, SPEND_BOX, ones, 1.0))
    if (point.current > 0).all():
        slope: Derived = lambda v, w: shape_of.marginal(curve, point.current[w], v)  # noqa: E731
        mean: Derived = lambda v, w: shape_of.response(curve, point.current[w], v) / point.current[w]  # noqa: E731
        out.append(_logged(problem, "marginal_response", slope, RATE_BOX, rate, -1.0, 1.0))
        out.append(_logged(problem, "average_response", mean, RATE_BOX, rate, -1.0, 1.0))
    if point.target_marginal is not None:
        wanted = point.target_marginal
        reach: Derived = lambda v, w: shape_of.marginal_inverse(curve, wanted[w], v)  # noqa: E731
        out.append(_logged(problem, "spend_at_target", reach, SPEND_BOX, ones, 1.0))
    return out


def _logged(
    problem: CurveProblem, name: str, function: Derived, box: tuple[float, float], unit: FloatArray,
    spend: float, response: float = 0.0, floor: float = 1e-300,
) -> CurveFigure:  # fmt: skip
    """Return the log of a positive function of the parameters (``top`` by its size) as a figure."""

    def value(phi: FloatArray, which: IntArray) -> FloatArray:
        shape = shape_values(problem.curve, phi[:, SHAPE:])
        parameters = np.stack([np.exp(phi[:, TOP]), *shape], axis=-1)
        with np.errstate(over="ignore", under="ignore"):
            return np.log(np.maximum(function(parameters, which), floor))

    return CurveFigure(name, value, np.log(box[0] * unit), np.log(box[1] * unit), "log", spend, response)
