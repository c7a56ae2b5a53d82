"""A map from standard normal coordinates made truer to a density, with its gradient: a few steps of variational fit.

Draws of a short pilot run hardly tell where a posterior ends. So positions are drawn by the map, and level and log
width of each coordinate (`transport`) are moved along the natural gradient of the divergence from what the map draws to
the density. The density that is sampled stays what it is: any map serves, a truer one better.

Sources: Hoffman, Sountsov, Dillon, Langmore, Tran and Vasudevan (2019), NeuTra-lizing bad geometry in Hamiltonian Monte
Carlo using neural transport; Amari (1998), Natural gradient works efficiently in learning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import linalg

from mixcurve.response.bayes.sample.transport import REACH, Sums, Transport
from mixcurve.response.bayes.vectors.rows import DrawVectors

__all__ = ["polished"]

FloatArray = npt.NDArray[np.float64]
Density = Callable[[FloatArray], tuple[float, FloatArray]]

ROUNDS, PER_ROUND = 8, 400
"""Of the fit; at 20 microseconds a gradient they take under a tenth of a second."""
WIDE = 1.1
"""Positions are drawn so much wider than the map says: divergences come from beyond where it is right."""
FIRST_STEP, LAST_STEP = 0.5, 0.2
"""Shares of the natural step, at first and in the end."""
LARGEST_EXCESS = 4.0
"""A slope of the log density counts as at most so much steeper than the map's own: a cliff would move everything."""
LARGEST_PULL = 6.0
HELD_LEVEL, HELD_WIDTH = 2.0, 5.0
"""Coefficients keep their values as if so many draws said so."""
NARROWEST, WIDEST = 0.3, 3.0
"""A slope of g counts as at least and at most so much where draws are weighed."""
DIFFERENCE = 1e-4
"""Of the central difference of the log slope of g."""


@dataclass(frozen=True, eq=False)
class _Looked:
    """What is known at positions drawn, (n × d) each.

    z, z bounded as in the sums, its products, log width, g, its slope, and by how much the slope of the log density
    exceeds that of the map's own density, for e = exp(log width) g.
    """

    z: FloatArray
    soft: FloatArray
    products: FloatArray
    log_width: FloatArray
    rise: FloatArray
    slope: FloatArray
    excess: FloatArray


def polished(density: Density, transport: Transport, rng: np.random.Generator) -> Transport:
    """Return a map truer to a density of the position, which returns its log and the gradient."""
    for share in np.linspace(FIRST_STEP, LAST_STEP, ROUNDS):
        found = _looked(density, transport, WIDE * rng.standard_normal((PER_ROUND, len(transport.centre))))
        level = _moved(transport.level, found, share, _level_step)
        transport = replace(
            transport, level=level, log_width=_moved(transport.log_width, found, share, _width_step)
        )
    return transport


def _looked(density: Density, transport: Transport, z: FloatArray) -> _Looked:
    xp = DrawVectors()

    def parts(z: FloatArray) -> list[FloatArray]:
        return [np.broadcast_to(part.values, z.shape) for part in transport.parts(xp, xp.position(z))]

    level, log_width, rise, slope = parts(z)
    width = np.exp(log_width)
    places = (level + width * rise) @ transport.root.T + transport.centre
    gradient = np.array([density(place)[1] for place in places]) @ transport.root
    bend = np.log(parts(z + DIFFERENCE)[3] / parts(z - DIFFERENCE)[3]) / (2.0 * DIFFERENCE)
    with np.errstate(all="ignore"):
        excess = width * gradient + (z + bend) / slope
    largest = LARGEST_EXCESS / slope
    excess = np.clip(np.where(np.isfinite(excess), excess, 0.0), -largest, largest)
    soft = REACH * np.tanh(z / REACH)
    products = soft[:, transport.pairs[:, 0]] * soft[:, transport.pairs[:, 1]]
    return _Looked(z, soft, products, log_width, rise, slope, excess)


def _moved(sums: Sums, found: _Looked, share: float, step: Callable[..., FloatArray]) -> Sums:
    """Return sums whose terms are moved: for each coordinate those that it has."""
    constant, linear, pairs = sums.constant.copy(), sums.linear.copy(), sums.pairs.copy()
    for j in range(len(constant)):
        first, second = np.flatnonzero(linear[j]), np.flatnonzero(pairs[j])
        moved = share * step(found, j, first, found.products[:, second])
        constant[j] += moved[0]
        linear[j, first] += moved[1 : 1 + len(first)]
        pairs[j, second] += moved[1 + len(first) :]
    return Sums(constant, linear, pairs)


def _level_step(found: _Looked, j: int, first: npt.NDArray[np.intp], products: FloatArray) -> FloatArray:
    columns = np.column_stack([np.ones(len(found.z)), found.soft[:, first], products])
    log_width = found.log_width[:, j]
    weight = np.exp(-2.0 * log_width) / np.clip(found.slope[:, j], NARROWEST, WIDEST) ** 2
    normal = (columns * weight[:, None]).T @ columns + HELD_LEVEL * weight.mean() * np.eye(columns.shape[1])
    pull = columns.T @ (found.excess[:, j] * np.exp(-log_width))
    out: FloatArray = linalg.solve(normal, pull, assume_a="pos")
    return out


def _width_step(found: _Looked, j: int, first: npt.NDArray[np.intp], products: FloatArray) -> FloatArray:
    columns = np.column_stack([np.ones(len(found.z)), found.soft[:, first], products])
    pull = np.clip(found.excess[:, j] * found.rise[:, j], -LARGEST_PULL, LARGEST_PULL)
    normal = 2.0 * columns.T @ columns + HELD_WIDTH * np.eye(columns.shape[1])
    out: FloatArray = linalg.solve(normal, columns.T @ pull, assume_a="pos")
    return out
