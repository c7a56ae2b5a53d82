"""What a posterior keeps to forecast later rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.signed import SignedControls
from mixcurve.response.bayes.result.order import cell_order, channel_order
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
    """Return the state of a mix with independent Gaussian noise, else None: its forecast is not of this form."""
    problem = model.problem
    others = [
        p
        for p in model.parts
        if not isinstance(p, SignedControls) and p.space(problem, model.space) != model.space
    ]
    if model.likelihood.name != "gaussian" or others:
        return None
    order, unit = channel_order(problem), problem.mix.response_unit
    coefficients = found.coefficients[kept] * unit
    coefficients[:, [n == "level" for n in problem.mix.names]] += problem.offset * unit
    u = sampled.flat[kept][:, model.space.rows("noise")]
    deviation = np.exp(model.priors.noise.middle + model.priors.noise.spread * u)[:, 0] * unit
    signed = _signed(model, sampled.flat[kept]) * unit
    ends = [b.stop - 1 for b in problem.linear.blocks]
    return MixState(
        design=design, channels=tuple(problem.channels[c] for c in order), sizes=problem.sizes,
        parameters=_with_centre(found.parameters[kept][:, cell_order(problem)]),
        carryover=_with_centre(found.carryover[kept][:, order]),
        coefficients=_with_centre(coefficients), signed=_with_centre(signed), recent=_recent(problem),
        deviation=_with_centre(deviation), poisson=False, rho=0.0, last_residual=residual[ends],
        last_expected=(problem.mix.table.response - residual)[ends],
    )  # fmt: skip


def _recent(problem: BayesProblem) -> FloatArray:
    """Return the last spend of each group (G × (L - 1) × C), 0 before the first row."""
    order, lags = channel_order(problem), problem.mix.basis.lags.shape[1] - 1
    out = np.zeros((len(problem.groups), lags, len(order)))
    for g, b in enumerate(problem.linear.blocks):
        last = problem.mix.table.spend[b][max(0, b.stop - b.start - lags) :][:, order]
        out[g, lags - len(last) :] = last
    return out


def _signed(model: MixModel, draws: FloatArray) -> FloatArray:
    xp = DrawVectors()
    for part in model.parts:
        if isinstance(part, SignedControls):
            return part.coefficients(xp, model.space, xp.position(draws)).values
    return np.empty((len(draws), 0))


def _with_centre(draws: FloatArray) -> FloatArray:
    return np.concatenate([draws.mean(axis=0, keepdims=True), draws])
