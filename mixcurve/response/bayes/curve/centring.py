"""Coordinates in which campaigns that know their own curve, and campaigns that borrow it, are both easy to sample.

A quantity m + s e of a campaign whose data fix it makes e depend on m and s: better to sample the quantity itself. One
that the data leave open makes the quantity depend on s: better to sample e. In between x = (s / b)^c e + c m / b with
0 ≤ c ≤ 1, where c is the share of the prior variance that the data take away and b the usual spread (Papaspiliopoulos,
Roberts and Sköld 2007, Statistical Science 22, 59-73; Gorinova, Moore and Hoffman 2020). What a campaign's coordinates
have to do with one another, and with the shared ones, is taken out by the curvature in the bulk of the posterior,
campaign by campaign: no matrix over all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.curve.climb import DIFFERENCE, at_least, by_campaign, place_of
from mixcurve.response.bayes.curve.model import CampaignModel
from mixcurve.response.bayes.curve.quantities import AMONG
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.bayes.vectors.tape import Program, Recorder

__all__ = ["CentredModel", "centred", "from_pilot"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

LEAST_CURVATURE = 0.3
"""A direction is never taken to be wider than this allows: the prior alone has curvature 1."""
DRAWS_OF_DIAGONAL = 5.0
"""The diagonal counts as so many draws of a covariance."""
TINY = 1e-9
"""Added to variances, so that a root exists."""


@dataclass(frozen=True, eq=False)
class CentredModel:
    """A model in coordinates z; `position` turns draws of them into the model's own.

    Parameters
    ----------
    model
        The model.
    share
        The c of each quantity and campaign (G,), by the quantity's name.
    centre, shared_root, follow, roots
        x = ``centre`` (d,) + root z: for the shared coordinates one block (h × h); each campaign's follow them
        (G × q × h) and one another (G × q × q, lower triangular).
    """

    model: CampaignModel
    share: Mapping[str, FloatArray]
    centre: FloatArray
    shared_root: FloatArray
    follow: FloatArray
    roots: FloatArray

    @property
    def own_names(self) -> tuple[str, ...]:
        """The blocks with a coordinate for each campaign, in order."""
        return tuple(b.name for b in self.model.space.blocks[len(self.model.shared) :])

    def uncentred(self, xp: Any, z: Any) -> tuple[Any, Any]:
        """Return the model's position for coordinates z, and the log determinant of the map (1,) up to a constant."""
        model, count = self.model, len(self.model.shared)
        own, first = self.own(xp, z), None
        if count:
            first = self.centre[:count] + xp.matvec(self.shared_root, z[0:count])
        known = model.known
        shared: Any = first if known is None else known.centre + xp.matvec(known.root, first)
        parts, logs, at = ([first] if count else []), [xp.sum(0.0 * z)], 0
        for q in model.quantities:
            if not model.pooled:
                parts.append(own[q.name])
                continue
            c = self.share[q.name]
            middle = (q.common / q.among) * shared[at : at + 1]
            if q.tilt is not None:
                middle = middle + q.tilt * ((q.tilt_spread / q.among) * shared[at + 2 : at + 3])
            stretch = (-AMONG * c) * shared[at + 1 : at + 2]
            parts.append((own[q.name] - c * middle) * xp.exp(stretch))
            logs.append(xp.sum(stretch))
            at += len(q.population)
        if "level" in own:
            parts.append(own["level"])
        return xp.concatenate(parts), sum(logs[1:], logs[0])

    def own(self, xp: Any, z: Any) -> dict[str, Any]:
        """Return the campaigns' coordinates x (G,) by block."""
        space, names = self.model.space, self.own_names
        mine = [z[space.rows(name)] for name in names]
        out = {}
        for i, name in enumerate(names):
            value = self.centre[space.rows(name)] + xp.matvec(
                self.follow[:, i], z[0 : len(self.model.shared)]
            )
            for j in range(i + 1):
                value = value + self.roots[:, i, j] * mine[j]
            out[name] = value
        return out

    def position(self, draws: FloatArray) -> FloatArray:
        """Return the model's positions for draws (draws × d) of z."""
        xp = DrawVectors()
        return np.asarray(self.uncentred(xp, xp.position(draws))[0].values)

    def program(self) -> Program:
        """Return the density of z as a tape."""
        recorder = Recorder()
        position, stretch = self.uncentred(recorder, recorder.position(self.model.space.dimensions))
        return recorder.program(self.model.log_density(recorder, position) + stretch)


def centred(model: CampaignModel, rng: np.random.Generator) -> CentredModel:
    """Return the model in coordinates that suit what its data say of each campaign.

    Raises
    ------
    FitError
        If the density is finite nowhere near the middle of the prior.
    """
    size, count, groups = model.space.dimensions, len(model.shared), len(model.data.names)
    own = np.arange(count, size).reshape(-1, groups)
    names = [b.name for b in model.space.blocks[count:]]
    plain = CentredModel(
        model, {n: np.zeros(groups) for n in names}, np.zeros(size), np.eye(count),
        np.zeros((groups, len(names), count)), np.tile(np.eye(len(names)), (groups, 1, 1)),
    )  # fmt: skip
    place, taken = place_of(model, Density(plain.program()), rng)
    moved = replace(plain, share={n: taken[:, i] for i, n in enumerate(names)})
    x = _turned(moved, place)
    shared, follow, roots = _roots(Density(moved.program()), x, count, own)
    return replace(moved, centre=x, shared_root=shared, follow=follow, roots=roots)


def _turned(moved: CentredModel, position: FloatArray) -> FloatArray:
    """Return the coordinates x of a position, for the shares of a model whose roots are identities."""
    model, out = moved.model, position.copy()
    if not model.pooled:
        return out
    first = position[: len(model.shared)]
    shared = first if model.known is None else model.known.centre + model.known.root @ first
    at = 0
    for q in model.quantities:
        rows, c = model.space.rows(q.name), moved.share[q.name]
        middle = (q.common / q.among) * shared[at]
        if q.tilt is not None:
            middle = middle + q.tilt * (q.tilt_spread / q.among) * shared[at + 2]
        out[rows] = position[rows] * np.exp(AMONG * c * shared[at + 1]) + c * middle
        at += len(q.population)
    return out


def _roots(
    density: Density, place: FloatArray, count: int, own: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the roots of the normal approximation at a place, whose curvature has the shape of an arrow."""
    blocks = at_least(by_campaign(density, place, own), LEAST_CURVATURE)
    across, among = np.empty((own.shape[1], len(own), count)), np.empty((count, count))
    for i in range(count):
        step = np.zeros_like(place)
        step[i] = DIFFERENCE
        slope = (density(place - step)[1] - density(place + step)[1]) / (2.0 * DIFFERENCE)
        across[:, :, i], among[i] = slope[own].T, slope[:count]
    covariance = np.linalg.inv(blocks)
    follow = -covariance @ across
    left = among + np.einsum("gqi,gqj->ij", across, follow)
    shared = np.linalg.inv(at_least(0.5 * (left + left.T), LEAST_CURVATURE))
    root = np.linalg.cholesky(shared)
    return root, follow @ root, np.linalg.cholesky(covariance)


def from_pilot(moved: CentredModel, z: FloatArray) -> CentredModel:
    """Return the same coordinates x with the centre and the roots that draws (draws × d) of z show."""
    count, xp = len(moved.model.shared), DrawVectors()
    own = moved.own(xp, xp.position(z))
    mine = np.stack([own[name].values for name in moved.own_names], axis=-1)
    first = z[:, :count] @ moved.shared_root.T
    middle, centre = first.mean(axis=0), mine.mean(axis=0)
    root = np.linalg.cholesky(
        _shrunken(np.cov(first.T).reshape(count, count) if count else np.eye(0), len(z))
    )
    score = np.linalg.solve(root, (first - middle).T).T
    left = mine - centre
    follow = np.einsum("sh,sgq->gqh", score, left) / len(z)
    left = left - np.einsum("sh,gqh->sgq", score, follow)
    covariance = np.einsum("sgi,sgj->gij", left, left) / len(z)
    moved_to = np.concatenate([moved.centre[:count] + middle, centre.T.ravel()])
    return replace(
        moved, centre=moved_to, shared_root=root, follow=follow,
        roots=np.linalg.cholesky(_shrunken(covariance, len(z))),
    )  # fmt: skip


def _shrunken(covariance: FloatArray, count: int) -> FloatArray:
    """Return covariances (… × k × k) of so many draws, drawn a little towards their diagonals."""
    weight = count / (count + DRAWS_OF_DIAGONAL)
    diagonal = covariance * np.eye(covariance.shape[-1])
    return weight * covariance + (1.0 - weight) * diagonal + TINY * np.eye(covariance.shape[-1])
