"""What a posterior keeps to forecast later rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.model import MixModel, Part
from mixcurve.response.bayes.model.signed import SignedControls
from mixcurve.response.bayes.result.order import channel_order
from mixcurve.response.bayes.result.recover import Recovered
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.design.description import DesignSpec
from mixcurve.response.fit.mix.state import MixState

__all__ = ["posterior_state"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def posterior_state(
    model: MixModel,
    design: DesignSpec,
    found: Recovered,
    sampled: Sampled,
    kept: IntArray,
    residual: FloatArray,
) -> MixState | None:
    """Return the state of a mix of one group with Gaussian noise, else None: its forecast is not of this form."""
    problem = model.problem
    others = [
        p
        for p in model.parts
        if not isinstance(p, SignedControls) and p.space(problem, model.space) != model.space
    ]
    if len(problem.groups) > 1 or model.likelihood.name != "gaussian" or others:
        return None
    order, unit = channel_order(problem), problem.mix.response_unit
    coefficients = found.coefficients[kept] * unit
    coefficients[:, [n == "level" for n in problem.mix.names]] += problem.offset * unit
    u = sampled.flat[kept][:, model.space.rows("noise")]
    deviation = np.exp(model.priors.noise.middle + model.priors.noise.spread * u)[:, 0] * unit
    signed = _signed(model, sampled.flat[kept]) * unit
    lags = problem.mix.basis.lags.shape[1] - 1
    recent = np.zeros((1, lags, len(order)))
    last = problem.mix.table.spend[len(residual) - min(lags, len(residual)) :][:, order]
    recent[0, lags - len(last) :] = last
    return MixState(
        design=design, channels=tuple(problem.channels[c] for c in order), sizes=problem.sizes,
        parameters=_with_centre(found.parameters[kept][:, order]),
        carryover=_with_centre(found.carryover[kept][:, order]),
        coefficients=_with_centre(coefficients), signed=_with_centre(signed), recent=recent,
        deviation=_with_centre(deviation), poisson=False, rho=0.0, last_residual=residual[-1:],
        last_expected=(problem.mix.table.response - residual)[-1:],
    )  # fmt: skip


def _has_rows(model: MixModel, part: Part) -> bool:
    """Return whether a part has coordinates, and so something that a forecast would need."""
    return part.space(model.problem, model.space) != model.space


def _signed(model: MixModel, draws: FloatArray) -> FloatArray:
    xp = DrawVectors()
    for part in model.parts:
        if isinstance(part, SignedControls):
            return part.coefficients(xp, model.space, xp.position(draws)).values
    return np.empty((len(draws), 0))


def _with_centre(draws: FloatArray) -> FloatArray:
    return np.concatenate([draws.mean(axis=0, keepdims=True), draws])
