"""Coordinates for many groups: each group's own, given the shared ones, and partly freed from their spreads.

A group's deviation is spread times its coordinate u, u standard normal under the prior. Where the data of a group say
much about the deviation, it stays where it is while the spread moves, so u must move along; where they say little, u
stays. So what is sampled is u · spread^k, k the share of what is known of u that the data told (Papaspiliopoulos,
Roberts and Sköld 2007, Statistical Science 22, 59-73, for partly centred hierarchies).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.media import DEVIATION, hierarchies
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.arrow import Arrow, ArrowRoot, Layout, arrow, arrow_root
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.bayes.vectors.tape import Program

__all__ = ["Cells", "cells_at", "cells_from_draws"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

LOOKS = 20
"""Draws at which the curvature is averaged."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The map from z (the shared coordinates, then group by group) to the position.

    y = centre + root z; the position is y for shared coordinates, y · exp(-bend · y of its spread) for a group's.

    Parameters
    ----------
    layout
        Which coordinates are whose.
    spreads
        For each of a group's coordinates the place of its spread among the shared ones (k,).
    centre
        (d,), in the order of the position.
    bend
        (G × k): k · log spread per unit of the spread's coordinate.
    """

    layout: Layout
    spreads: IntArray
    centre: FloatArray
    root: ArrowRoot
    bend: FloatArray

    def coordinates(self, xp: Any, z: Any) -> tuple[Any, Any]:
        """Return the position (d,) and the log of its volume per volume of z (1,), up to a constant."""
        groups, size = self.layout.groups.shape
        count = len(self.layout.shared)
        first = z[0:count]
        shared = xp.matvec(self.root.shared, first) + self.centre[self.layout.shared]
        own = [
            xp.matvec(self.root.within[g], z[count + g * size : count + (g + 1) * size])
            for g in range(groups)
        ]
        tilt = xp.matvec(self.root.tilt.reshape(groups * size, count), first)
        y = tilt + xp.concatenate(own) + self.centre[self.layout.groups]
        moved = xp.gather(shared, np.tile(self.spreads, groups)) * self.bend
        found = xp.concatenate([shared, y * xp.exp(-1.0 * moved)])
        return xp.gather(found, np.argsort(self.layout.order)), -1.0 * xp.sum(moved)

    def unbent(self, positions: FloatArray) -> FloatArray:
        """Return y (… × d), in the order of the position."""
        out = positions.copy()
        spread = positions[..., self.layout.shared[self.spreads]]
        out[..., self.layout.groups] *= np.exp(self.bend * spread[..., None, :])
        return out

    def __call__(self, z: FloatArray) -> FloatArray:
        """Return positions (… × d) for z (… × d)."""
        xp = DrawVectors()
        found = self.coordinates(xp, xp.position(z.reshape(-1, z.shape[-1])))[0].values
        return found.reshape(z.shape)

    def program(self, model: MixModel) -> Program:
        """Return the model's density of z."""
        return model.program_of(self.coordinates)


def cells_at(model: MixModel, place: FloatArray, rng: np.random.Generator) -> Cells:
    """Return coordinates from the curvature at a place (d,); nothing is freed from the spreads."""
    plain = _plain(model)
    found = _averaged(plain, model, place[None], rng)
    return replace(plain, centre=place, root=arrow_root(found))


def cells_from_draws(model: MixModel, draws: FloatArray, rng: np.random.Generator) -> Cells:
    """Return coordinates from the curvature averaged over some of the draws (draws × d)."""
    plain = _plain(model)
    looked = draws[rng.choice(len(draws), LOOKS, replace=len(draws) < LOOKS)]
    known = np.einsum("gkk->gk", _averaged(plain, model, looked, rng).within)
    # Each coordinate's curvature is 1 from the prior, and the rest from the data.
    bent = replace(plain, bend=DEVIATION.spread * (1.0 - 1.0 / np.maximum(known, 1.0)))
    root = arrow_root(_averaged(bent, model, bent.unbent(looked), rng))
    return replace(bent, centre=bent.unbent(draws).mean(axis=0), root=root)


def _averaged(cells: Cells, model: MixModel, places: FloatArray, rng: np.random.Generator) -> Arrow:
    """Return the mean curvature in y at places (count × d) of it, for coordinates whose root is the identity."""
    density, layout = Density(cells.program(model)), cells.layout
    found = [arrow(density, place[layout.order], layout.ordered, rng) for place in places]
    return Arrow(
        *(np.mean([getattr(f, name) for f in found], axis=0) for name in ("shared", "between", "within"))
    )


def _plain(model: MixModel) -> Cells:
    """Return the identity."""
    found = hierarchies(model.problem, model.space)
    cells = np.concatenate([h.cells for h in found])
    size = model.space.dimensions
    shared = np.setdiff1d(np.arange(size), cells)
    layout = Layout(shared, cells.T)
    groups, count = layout.groups.shape
    root = ArrowRoot(
        np.eye(len(shared)), np.zeros((groups, count, len(shared))), np.tile(np.eye(count), (groups, 1, 1))
    )
    spreads = np.searchsorted(shared, np.concatenate([h.spreads for h in found]))
    return Cells(layout, spreads, np.zeros(size), root, np.zeros((groups, count)))
