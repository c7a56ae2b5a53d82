"""Posterior intervals of every curve's parameters, its inflection, and its carryover."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.result.order import channel_order, in_cells
from mixcurve.response.bayes.result.recover import Recovered
from mixcurve.response.curves import Curve
from mixcurve.response.curves.shape import inflection
from mixcurve.response.fit.estimates import EstimateInterval

__all__ = ["posterior_intervals"]

FloatArray = npt.NDArray[np.float64]


def posterior_intervals(
    model: MixModel, parameters: FloatArray, found: Recovered, level: float
) -> tuple[EstimateInterval, ...]:
    """Return equal-tailed posterior intervals for parameters (draws × cells × parameters) in the users' order.

    Where more than the lower tail of the draws have no inflection at all, that side is open: the data may have none.
    """
    named = in_cells(model.problem)
    count = len(model.problem.channels)
    out: list[EstimateInterval] = []
    for i, (name, curve) in enumerate(zip(named.names, named.curve, strict=True)):
        own = parameters[:, i, : len(curve.names)]
        out += [
            _interval(name, n, own[:, j], level)
            for j, n in enumerate(curve.names)
            if j == 0 or _free(curve, n)
        ]
        if curve.form == "sigmoid":
            out.append(_inflection(name, np.asarray(inflection(curve, own), dtype=np.float64), level))
        channel = int(channel_order(model.problem)[i % count])
        kernel = model.problem.options.kernel[channel]
        out += [
            _interval(name, p.name, found.carryover[:, channel, j], level)
            for j, p in enumerate(kernel.parameters)
            if p.free
        ]
    return tuple(out)


def _free(curve: Curve, name: str) -> bool:
    return any(p.name == name and p.free for p in curve.parameters)


def _interval(channel: str, name: str, draws: FloatArray, level: float) -> EstimateInterval:
    tail = 0.5 * (1.0 - level)
    low, middle, high = np.quantile(draws, [tail, 0.5, 1.0 - tail])
    return EstimateInterval(channel, name, float(middle), float(low), float(high), level, "", "posterior")


def _inflection(channel: str, draws: FloatArray, level: float) -> EstimateInterval:
    plain = _interval(channel, "inflection", draws, level)
    if plain.low > 0:
        return plain
    return EstimateInterval(channel, "inflection", plain.estimate, 0.0, plain.high, level, "low", "posterior")
