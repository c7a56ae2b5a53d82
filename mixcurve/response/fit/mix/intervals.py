"""Profile intervals of a mix: every searched parameter, and the inflection of every S-shaped curve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.mix.basis import MixBasis
from mixcurve.response.fit.mix.figures import ProfiledFigure, inflection_figure, profiled_inflection
from mixcurve.response.fit.mix.profiles import Figure, Start, coordinate, profiles
from mixcurve.response.fit.mix.search import Searched, linearised

__all__ = ["mix_profiles"]

FloatArray = npt.NDArray[np.float64]


def mix_profiles(
    basis: MixBasis, target: FloatArray, found: Searched, level: float, estimate: FloatArray
) -> list[ProfiledFigure]:
    """Return the profiled figures, each with its value at ``estimate`` (k,), which its interval holds.

    While a figure is profiled, no pull towards typical values acts on its own parameters.
    """
    low, high = basis.bounds
    dof = found.degrees_of_freedom
    funded = [j for j, p in enumerate(basis.places) if found.amplitude[p.channel] > 0]
    bent = [c for c, curve in enumerate(basis.curve) if curve.form == "sigmoid" and found.amplitude[c] > 0]
    figures = [coordinate(j, len(low), low[j], high[j]) for j in funded] + [
        _inflection_of(basis, c) for c in bent
    ]
    if not figures or dof < 1:
        return []
    variance = _theta_variance(basis, found, dof)
    slopes = np.concatenate([f.slope(found.theta[None]) for f in figures])
    errors = np.sqrt(np.maximum(np.einsum("fi,ij,fj->f", slopes, variance, slopes), 0.0))
    ridged = float((found.pull.ridge * found.amplitude**2).sum())
    start = Start(found.theta, found.objective, variance, found.pull, found.pull.ridge, ridged)
    done = profiles(basis, target, start, (low, high), figures, errors, dof, level)
    out = []
    for j, one in zip(funded, done, strict=False):
        p = basis.places[j].parameter
        limits = min(one.low, estimate[j]), max(one.high, estimate[j])
        out.append(
            ProfiledFigure(basis.places[j].channel, p.name, p.scale, p.spend_power, estimate[j], *limits)
        )
    for c, figure, one in zip(bent, figures[len(funded) :], done[len(funded) :], strict=True):
        bend = profiled_inflection(c, figure, estimate, one)
        out.append(replace(bend, low=min(bend.low, bend.estimate), high=max(bend.high, bend.estimate)))
    return out


def _theta_variance(basis: MixBasis, found: Searched, dof: float) -> FloatArray:
    jacobian, free = linearised(basis, found.theta, found.amplitude)
    size = np.maximum(np.linalg.norm(jacobian, axis=0), 1e-100)
    gram = (jacobian / size)[:, free].T @ (jacobian / size)[:, free]
    out = np.zeros((len(free), len(free)))
    out[np.ix_(free, free)] = np.linalg.pinv(gram, rcond=1e-10) * found.objective / dof
    amplitudes = len(found.amplitude)
    return (out / np.outer(size, size))[amplitudes:, amplitudes:]


def _inflection_of(basis: MixBasis, channel: int) -> Figure:
    mine = [j for j in basis.of_channel(channel) if not basis.places[j].carryover]
    return inflection_figure(basis.curve[channel], mine, lambda theta: basis.values(theta, channel)[1])
