"""Draws of the figures of a campaign's curve, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import shape as shape_of

if TYPE_CHECKING:
    from mixcurve.response.bayes.curve.posterior import CurvePosterior

__all__ = ["FIGURES", "figure_draws"]

FloatArray = npt.NDArray[np.float64]


def _marginal(post: CurvePosterior, place: int) -> FloatArray:
    curve = post.curve[place]
    return shape_of.marginal(curve, post.current[place], post.draws[:, place, : len(curve.names)])


def _half(post: CurvePosterior, place: int) -> FloatArray:
    curve = post.curve[place]
    values = post.draws[:, place, : len(curve.names)]
    return shape_of.half_saturation(curve, values) if curve.ceiling else np.full(len(values), np.inf)


def _saturation(post: CurvePosterior, place: int) -> FloatArray:
    curve = post.curve[place]
    values = post.draws[:, place, : len(curve.names)]
    return shape_of.saturation(curve, values) if curve.ceiling else np.full(len(values), np.inf)


FIGURES: dict[str, Callable[[CurvePosterior, int], FloatArray]] = {
    "baseline": lambda post, place: post.baseline[:, place],
    "noise": lambda post, place: post.noise[:, place],
    "half_saturation": _half,
    "inflection": lambda post, place: shape_of.inflection(
        post.curve[place], post.draws[:, place, : len(post.curve[place].names)]
    ),
    "saturation": _saturation,
    "contribution": lambda post, place: post.contribution[:, place],
    "roi": lambda post, place: post.contribution[:, place] * post.response_value / post.mean_spend[place],
    "marginal_response": _marginal,
    "mroi": lambda post, place: _marginal(post, place) * post.response_value,
}
"""What follows from a campaign's draws."""


def figure_draws(post: CurvePosterior, place: int, name: str) -> FloatArray:
    """Return the draws (S,) of a figure or parameter of the campaign at ``place``."""
    names = post.curve[place].names
    if name in names:
        return np.asarray(post.draws[:, place, names.index(name)])
    return np.asarray(FIGURES[name](post, place))
