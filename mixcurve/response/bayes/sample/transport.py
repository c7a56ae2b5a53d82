"""Coordinates in which the posterior is nearly a standard normal one: each given the earlier ones, learned from draws.

position = centre + root u,  u_j = level_j(z) + exp(log_width_j(z)) g_j(z_j): level and log width are sums of earlier
z_i and of products of two of them, g_j rises (`rises`). So a ridge that bends, or narrows on one side, is straightened:
the slope of a curve first, then its half-saturation, which a steep curve ties and a flat one does not. The map has an
inverse whatever its numbers are, and the log of its volume is Σ_j (log_width_j + log g_j').

Sources: Parno and Marzouk (2018), Transport map accelerated Markov chain Monte Carlo, SIAM/ASA Journal on Uncertainty
Quantification 6, 645-682; Marzouk, Moselhy, Parno and Spantini (2016), Sampling via measure transport.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg

from mixcurve.response.bayes.model.media import block_name
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.conditional import Conditional, Terms, conditional
from mixcurve.response.bayes.sample.rises import rise_and_slope, rises_from, unrisen
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.tape import Program

__all__ = ["REACH", "Sums", "Transport", "order_of", "transport_from_draws"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

REACH = 8.0
"""Level and log width bend with tanh(z / REACH) REACH, and so stay bounded for a chain that strays."""
SHRINK = 5.0
"""The covariance is drawn towards its diagonal as if so many more draws had none."""
MOST_DRAWS = 1500
"""Of so many draws, evenly spaced, a map is learned; more tell little and take longer."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Constant (d,), coefficients of earlier coordinates (d × d, zero from the diagonal on) and of pairs (d × P)."""

    constant: FloatArray
    linear: FloatArray
    pairs: FloatArray

    @classmethod
    def of(cls, terms: Sequence[Terms], places: dict[tuple[int, int], int]) -> Sums:
        """Return the sums of one `Terms` for each coordinate, in the order of the coordinates."""
        size = len(terms)
        linear, pairs = np.zeros((size, size)), np.zeros((size, len(places)))
        for j, own in enumerate(terms):
            for (i, k), value in zip(own.pairs, own.values, strict=True):
                if k == j:  # the place after the last of the earlier ones stands for 1
                    linear[j, i] = value
                else:
                    pairs[j, places[i, k]] = value
        return cls(np.array([own.constant for own in terms]), linear, pairs)


@dataclass(frozen=True, eq=False)
class Transport:
    """The map from z to the position.

    Parameters
    ----------
    centre, root
        (d,) and (d × d).
    level, log_width
        As in the module's formula.
    pairs
        (P × 2): the coordinates whose products the sums are of.
    slopes, offset
        (d × K + 1) and (d,), of `mixcurve.response.bayes.sample.rises`.
    """

    centre: FloatArray
    root: FloatArray
    level: Sums
    log_width: Sums
    pairs: IntArray
    slopes: FloatArray
    offset: FloatArray

    def parts(self, xp: Any, z: Any) -> tuple[Any, Any, Any, Any]:
        """Return level, log width, g and its slope, each (d,), in a vector language."""
        t = REACH * xp.tanh(z * (1.0 / REACH))
        level = xp.matvec(self.level.linear, t) + self.level.constant
        log_width = xp.matvec(self.log_width.linear, t) + self.log_width.constant
        if len(self.pairs):
            products = xp.gather(t, self.pairs[:, 0]) * xp.gather(t, self.pairs[:, 1])
            level = level + xp.matvec(self.level.pairs, products)
            log_width = log_width + xp.matvec(self.log_width.pairs, products)
        return level, log_width, *rise_and_slope(xp, z, self.slopes, self.offset)

    def coordinates(self, xp: Any, z: Any) -> tuple[Any, Any]:
        """Return the position (d,) and the log of its volume per volume of z (1,), up to a constant."""
        level, log_width, rise, slope = self.parts(xp, z)
        position = xp.matvec(self.root, level + xp.exp(log_width) * rise) + self.centre
        return position, xp.sum(log_width + xp.log(slope))

    def __call__(self, z: FloatArray) -> FloatArray:
        """Return positions (… × d) for z (… × d)."""
        xp = DrawVectors()
        found = self.coordinates(xp, xp.position(z.reshape(-1, z.shape[-1])))[0].values
        return found.reshape(z.shape)

    def program(self, model: MixModel) -> Program:
        """Return the model's density of z."""
        return model.program_of(self.coordinates)


def order_of(model: MixModel) -> IntArray:
    """Return the coordinates in the order in which each is taken given the earlier ones.

    First sizes, slopes, noise and what else there is, then carryover, last what a curve has in units of spend: how much
    the data tell of where a curve bends goes with how steep it is and how long the effect lasts, not the other way.
    """
    rank = np.zeros(model.space.dimensions, dtype=int)
    # A density that is no mix has no channels, and its own order serves.
    families = model.problem.families if isinstance(model, MixModel) else ()
    for place, family in enumerate(families):
        late = {p.name: 1 for p in family.kernel.parameters if p.free}
        late |= {p.name: 2 for p in family.curve.parameters if p.free and p.spend_power == 1.0}
        for name, value in late.items():
            block = block_name(model.problem, place, name)
            for each in (block, f"{block} spread", f"{block} by group"):
                if model.space.has(each):
                    rank[model.space.rows(each)] = value
    return np.argsort(rank, kind="stable")


def transport_from_draws(draws: FloatArray, order: IntArray, counted: float) -> Transport:
    """Return the map under which draws (draws × d) look standard normal.

    ``counted`` is the number of independent draws that these are worth.
    """
    draws = draws[:: -(-len(draws) // MOST_DRAWS)]
    count, size = draws.shape
    counted = min(counted, float(count))
    centre, factor = draws.mean(axis=0), linalg.cholesky(_covariance(draws[:, order]), lower=True)
    u = linalg.solve_triangular(factor, (draws - centre)[:, order].T, lower=True).T
    z, found = np.empty((count, size)), []
    slopes, offset = [], []
    for j in range(size):
        t = REACH * np.tanh(z[:, :j] / REACH)
        own: Conditional = conditional(u[:, j], t, counted)
        slope, start = rises_from(own.rest, counted)
        z[:, j] = unrisen(own.rest, slope, start)
        found.append(own)
        slopes.append(slope)
        offset.append(start)
    root = np.empty((size, size))
    root[order] = factor
    pairs = sorted(
        {p for j, own in enumerate(found) for p in (*own.level.pairs, *own.log_width.pairs) if p[1] != j}
    )
    places = {pair: k for k, pair in enumerate(pairs)}
    level, log_width = (
        Sums.of([getattr(own, name) for own in found], places) for name in ("level", "log_width")
    )
    return Transport(
        centre,
        root,
        level,
        log_width,
        np.array(pairs, dtype=int).reshape(-1, 2),
        np.array(slopes),
        np.array(offset),
    )


def _covariance(draws: FloatArray) -> FloatArray:
    count, size = draws.shape
    covariance, weight = np.cov(draws.T).reshape(size, size), count / (count + SHRINK)
    return weight * covariance + (1.0 - weight) * np.diag(np.diag(covariance)) + 1e-9 * np.eye(size)
