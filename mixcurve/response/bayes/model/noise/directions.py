"""The linear part in orthonormal directions of its prior-scaled columns: there its coefficients are near-independent.

With coefficients β = scale Λ^(-1/2) b, b standard normal, the columns count as Z Λ^(-1/2) = U S V'. Along γ = V' b the
prior stays standard normal, and the data add the precision S² (over the noise's variance) to each γ by itself: in these
coordinates neither prior nor data tie the coefficients to one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.priors.resolved import ResolvedPriors

__all__ = [
    "BASELINE",
    "Directions",
    "baseline_rows",
    "baseline_space",
    "coefficient_scale",
    "coefficients",
    "directions",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

BASELINE = "baseline"
"""The block of the sampled coefficients."""
FAINT = 1e-4
"""A direction shorter than this says nothing: its coefficient of one prior standard deviation moves the response by a
ten-thousandth of one standard deviation of the noise."""


@dataclass(frozen=True, eq=False)
class Directions:
    """Of the linear columns that have values in some rows, and only there.

    Parameters
    ----------
    rows
        The rows (m of them).
    columns
        Which linear columns (z,).
    bases, core
        Of each group the rows, counted from the first of these, and an orthonormal basis of its part of the columns
        (m_g × k_g); what makes U of them (Σ k_g × r). With many groups this is far fewer numbers than U.
    size, right
        S (r,) and V' (r × z) of the columns over the roots of their precisions: they are U S V'.
    """

    rows: slice
    columns: IntArray
    bases: tuple[tuple[slice, FloatArray], ...]
    core: FloatArray
    size: FloatArray
    right: FloatArray

    @property
    def _own(self) -> tuple[FloatArray, ...]:
        """What of the core belongs to each group (k_g × r)."""
        ends = np.cumsum([basis.shape[1] for _, basis in self.bases])[:-1]
        return tuple(np.split(self.core, ends))

    @cached_property
    def left(self) -> FloatArray:
        """U (m × r)."""
        return np.concatenate([basis @ own for (_, basis), own in zip(self.bases, self._own, strict=True)])

    def along(self, xp: Any, values: Any) -> Any:
        """Return U' values (r,) for values (m,), in any vector language."""
        if len(self.bases) == 1:
            return xp.matvec(self.left.T, values)
        inner = xp.concatenate([xp.matvec(basis.T, values[rows]) for rows, basis in self.bases])
        return xp.matvec(self.core.T, inner)

    def across(self, xp: Any, scale: float, values: Any) -> Any:
        """Return scale U S values (m,) for values (r,), in any vector language."""
        if len(self.bases) == 1:
            return xp.matvec(scale * self.left * self.size, values)
        inner = [xp.matvec(scale * own * self.size, values) for own in self._own]
        return xp.concatenate(
            [xp.matvec(basis, part) for (_, basis), part in zip(self.bases, inner, strict=True)]
        )


def directions(problem: BayesProblem) -> tuple[Directions, ...]:
    """Return the directions group by group where no column has values in two groups, else of all rows together."""
    linear = problem.linear
    used = np.array([np.any(linear.columns[b] != 0, axis=0) for b in linear.blocks])
    apart = len(used) > 1 and bool((used.sum(axis=0) <= 1).all())
    if not apart:
        return (_directions(problem, slice(0, problem.rows), np.arange(linear.columns.shape[1])),)
    return tuple(
        _directions(problem, rows, np.flatnonzero(mine))
        for rows, mine in zip(linear.blocks, used, strict=True)
    )


def _directions(problem: BayesProblem, rows: slice, columns: IntArray) -> Directions:
    linear = problem.linear
    scaled = linear.columns[:, columns] / np.sqrt(linear.precision[columns])
    bases, triangles = [], []
    for block in linear.blocks:
        if not rows.start <= block.start < rows.stop:
            continue
        seen = np.any(scaled[block] != 0, axis=0)
        basis, triangle = np.linalg.qr(scaled[block][:, seen])
        bases.append((slice(block.start - rows.start, block.stop - rows.start), basis))
        triangles.append(np.zeros((len(triangle), len(columns))))
        triangles[-1][:, seen] = triangle
    core, size, right = np.linalg.svd(np.concatenate(triangles), full_matrices=False)
    kept = size > FAINT
    return Directions(rows, columns, tuple(bases), core[:, kept], size[kept], right[kept])


def coefficient_scale(priors: ResolvedPriors) -> float:
    """Return the noise's standard deviation that the pulls on sampled coefficients are measured in.

    It is the prior's median, not the noise of the moment: that would tie every coefficient to the noise, as a count has
    no such noise at all. The pulls are weak, or as strong as declared, so the difference is of no weight.
    """
    return float(np.exp(priors.noise.middle[0]))


def baseline_space(problem: BayesProblem, space: Space) -> Space:
    """Return the space with a coordinate for each direction."""
    count = sum(len(part.size) for part in directions(problem))
    return space.with_block(BASELINE, [f"direction {k}" for k in range(1, count + 1)])


def baseline_rows(xp: Any, problem: BayesProblem, space: Space, position: Any, scale: float) -> Any:
    """Return the linear part (n,), over the unit of the response, in any vector language."""
    u, taken, out = position[space.rows(BASELINE)], 0, []
    for part in directions(problem):
        count = len(part.size)
        out.append(part.across(xp, scale, u[taken : taken + count]))
        taken += count
    return out[0] if len(out) == 1 else xp.concatenate(out)


def coefficients(
    problem: BayesProblem, along: FloatArray, scale: float | FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return the coefficients (draws × z) of draws along all directions; the rest of them comes from the prior."""
    linear, taken = problem.linear, 0
    out = rng.standard_normal((len(along), linear.columns.shape[1]))
    for part in directions(problem):
        moved = along[:, taken : taken + len(part.size)] - out[:, part.columns] @ part.right.T
        out[:, part.columns] += moved @ part.right
        taken += len(part.size)
    return scale * out / np.sqrt(linear.precision)
