"""Curvature of a density with many groups: coordinates of different groups are tied by the shared ones only.

Ordered by groups, the shared coordinates last, minus the matrix of second derivatives then has blocks along the
diagonal, a border, and zeros elsewhere (an arrow). All groups are looked at with the same steps, and its factor takes
work in proportion to the number of groups. What ties groups directly (a season they share) is left out: the factor only
gives coordinates to sample in. Source: Björck (1996), Numerical Methods for Least Squares Problems, section 6.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Arrow", "ArrowRoot", "Layout", "arrow", "arrow_root"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Density = Callable[[FloatArray], tuple[float, FloatArray]]

DIFFERENCE = 1e-4
"""Of the central differences of the exact gradient, in prior standard deviations."""
LEAST_CURVATURE = 0.3
"""A direction is never taken to be wider than this allows: the prior alone has curvature 1."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Which coordinates are shared (S,), and which belong to each group (G × k)."""

    shared: IntArray
    groups: IntArray

    @property
    def order(self) -> IntArray:
        """All coordinates, the shared ones first, then group by group (d,)."""
        return np.concatenate([self.shared, self.groups.ravel()])

    @property
    def ordered(self) -> Layout:
        """The layout of coordinates that are in this order."""
        count = len(self.shared)
        return Layout(np.arange(count), count + np.arange(self.groups.size).reshape(self.groups.shape))


@dataclass(frozen=True, eq=False)
class Arrow:
    """Minus the second derivatives: of the shared (S × S), of groups and shared (G × k × S), within (G × k × k)."""

    shared: FloatArray
    between: FloatArray
    within: FloatArray


@dataclass(frozen=True, eq=False)
class ArrowRoot:
    """A root of the inverse: shared = ``shared`` z_s, group g = ``tilt[g]`` z_s + ``within[g]`` z_g."""

    shared: FloatArray
    tilt: FloatArray
    within: FloatArray


def arrow(density: Density, place: FloatArray, layout: Layout, rng: np.random.Generator) -> Arrow:
    """Return the arrow at a place (d,), by central differences of the exact gradient.

    A step goes along one coordinate of every group at once, with random signs, so that what groups do to one another
    does not add up.
    """

    def slopes(step: FloatArray) -> FloatArray:
        return (density(place - step)[1] - density(place + step)[1]) / (2.0 * DIFFERENCE)

    groups, size = layout.groups.shape
    shared = np.empty((len(layout.shared), len(layout.shared)))
    between = np.empty((groups, size, len(layout.shared)))
    within = np.empty((groups, size, size))
    for i, j in enumerate(layout.shared):
        step = np.zeros_like(place)
        step[j] = DIFFERENCE
        found = slopes(step)
        shared[i], between[:, :, i] = found[layout.shared], found[layout.groups]
    for j in range(size):
        signs: FloatArray = np.asarray(rng.choice([-1.0, 1.0], groups))
        step = np.zeros_like(place)
        step[layout.groups[:, j]] = DIFFERENCE * signs
        within[:, :, j] = signs[:, None] * slopes(step)[layout.groups]
    return Arrow(0.5 * (shared + shared.T), between, 0.5 * (within + within.transpose(0, 2, 1)))


def arrow_root(found: Arrow) -> ArrowRoot:
    """Return a root of the inverse of an arrow."""
    inner = _root(found.within)
    seen = inner.transpose(0, 2, 1) @ found.between
    outer = _root(found.shared - np.einsum("gki,gkj->ij", seen, seen))
    return ArrowRoot(outer, -inner @ seen @ outer, inner)


def _root(curvature: FloatArray) -> FloatArray:
    """Return R with R R' the inverse (… × k × k), no direction wider than the least curvature allows."""
    values, vectors = np.linalg.eigh(np.nan_to_num(curvature))
    root: FloatArray = vectors / np.sqrt(np.maximum(values, LEAST_CURVATURE))[..., None, :]
    return root
