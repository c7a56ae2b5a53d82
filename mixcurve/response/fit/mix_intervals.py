"""Profile intervals of a mix: every searched parameter, and the inflection of every S-shaped curve."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.figures import ProfiledFigure, inflection_figure, profiled_inflection
from mixcurve.response.fit.intervals import Figure, Start, coordinate, profiles
from mixcurve.response.fit.mix_basis import MixBasis
from mixcurve.response.fit.mix_search import Searched, degrees_of_freedom, linearised

__all__ = ["mix_profiles"]

FloatArray = npt.NDArray[np.float64]


def mix_profiles(basis: MixBasis, target: FloatArray, found: Searched, level: float) -> list[ProfiledFigure]:
    """Return the profiled figures. While one is profiled, no pull towards typical values acts on its own parameters."""
    low, high = basis.bounds
    dof = degrees_of_freedom(basis, found)
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
    ridged = found.pull.ridge * float((found.amplitude**2).sum())
    start = Start(found.theta, found.objective, variance, found.pull, found.pull.ridge, ridged)
    done = profiles(basis, target, start, (low, high), figures, errors, dof, level)
    out = []
    for j, one in zip(funded, done, strict=False):
        p = basis.places[j].parameter
        out.append(
            ProfiledFigure(
                basis.places[j].channel, p.name, p.scale, p.spend_power, found.theta[j], one.low, one.high
            )
        )
    for c, figure, one in zip(bent, figures[len(funded) :], done[len(funded) :], strict=True):
        out.append(profiled_inflection(c, figure, found.theta, one))
    return out


def _theta_variance(basis: MixBasis, found: Searched, dof: int) -> FloatArray:
    jacobian, free = linearised(basis, found)
    size = np.maximum(np.linalg.norm(jacobian, axis=0), 1e-100)
    gram = (jacobian / size)[:, free].T @ (jacobian / size)[:, free]
    out = np.zeros((len(free), len(free)))
    out[np.ix_(free, free)] = np.linalg.pinv(gram, rcond=1e-10) * found.objective / dof
    channels = len(basis.curve)
    return (out / np.outer(size, size))[channels:, channels:]


def _inflection_of(basis: MixBasis, channel: int) -> Figure:
    mine = [j for j in basis.of_channel(channel) if not basis.places[j].carryover]
    return inflection_figure(basis.curve[channel], mine, lambda theta: basis.values(theta, channel)[1])
