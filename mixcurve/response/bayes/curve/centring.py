"""Coordinates in which campaigns that know their own curve, and campaigns that borrow it, are both easy to sample.

A quantity m + s e of a campaign whose data fix it makes e depend on m and s: better to sample the quantity itself. One
that the data leave open makes the quantity depend on s: better to sample e. In between x = (s / b)^c e + c m / b with
0 ≤ c ≤ 1, where c is the share of the prior variance that the data take away and b the usual spread (Papaspiliopoulos,
Roberts and Sköld 2007, Statistical Science 22, 59-73; Gorinova, Moore and Hoffman 2020).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.curve.model import CampaignModel
from mixcurve.response.bayes.curve.quantities import AMONG
from mixcurve.response.bayes.sample.whiten import modes
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.bayes.vectors.tape import Program, Recorder

__all__ = ["CentredModel", "centred"]

FloatArray = npt.NDArray[np.float64]

DIFFERENCE = 1e-4
"""Of the central differences of the exact gradient, in prior standard deviations."""


class CentredModel:
    """A pooled model in the coordinates x; `position` turns draws of them into the model's own."""

    def __init__(self, model: CampaignModel, share: Mapping[str, FloatArray]) -> None:
        self.model, self.share = model, dict(share)
        self.space = model.space

    def uncentred(self, xp: Any, x: Any) -> tuple[Any, Any]:
        """Return the model's position for coordinates x, and the log determinant of the map (1,)."""
        model, count = self.model, len(self.model.shared)
        shared = model.shared_at(xp, x)
        parts, logs, at = [x[0:count]], [], 0
        for q in model.quantities:
            c, own = self.share[q.name], x[model.space.rows(q.name)]
            middle = (q.common / q.among) * shared[at : at + 1]
            if q.tilt is not None:
                middle = middle + q.tilt * ((q.tilt_spread / q.among) * shared[at + 2 : at + 3])
            stretch = (-AMONG * c) * shared[at + 1 : at + 2]
            parts.append((own - c * middle) * xp.exp(stretch))
            logs.append(xp.sum(stretch))
            at += len(q.population)
        if model.space.has("level"):
            parts.append(x[model.space.rows("level")])
        return xp.concatenate(parts), sum(logs[1:], logs[0])

    def position(self, draws: FloatArray) -> FloatArray:
        """Return the model's positions for draws (draws × d) of x."""
        xp = DrawVectors()
        return np.asarray(self.uncentred(xp, xp.position(draws))[0].values)

    def program(self) -> Program:
        """Return the density of z as a tape, where x = ``centre + root z``."""
        recorder, size = Recorder(), self.space.dimensions
        z = recorder.position(size)
        x = recorder.matvec(np.eye(size), z, "root") + recorder.matvec(np.zeros((size, 1)), 1.0, "centre")
        position, log_stretch = self.uncentred(recorder, x)
        return recorder.program(self.model.log_density(recorder, position) + log_stretch)


def centred(model: CampaignModel, rng: np.random.Generator) -> CentredModel:
    """Return the model in coordinates that suit what its data say of each campaign, judged at the mode."""
    density = Density(model.program())
    place = modes(density, model.space.dimensions, rng)[0][0]
    names = [b.name for b in model.space.blocks if len(b.labels) == len(model.data.names)]
    rows = np.array([np.arange(model.space.dimensions)[model.space.rows(name)] for name in names])
    information = _by_campaign(density, place, rows)
    taken = 1.0 - np.einsum("gii->gi", np.linalg.inv(information))
    return CentredModel(model, {name: np.clip(taken[:, i], 0.0, 1.0) for i, name in enumerate(names)})


def _by_campaign(density: Density, place: FloatArray, rows: npt.NDArray[np.intp]) -> FloatArray:
    """Return minus the second derivative by each campaign's own coordinates (G × q × q).

    Given what they share, campaigns are independent: one difference serves all of them.
    """
    out = np.empty((rows.shape[1], len(rows), len(rows)))
    for i, mine in enumerate(rows):
        up, down = place.copy(), place.copy()
        up[mine] += DIFFERENCE
        down[mine] -= DIFFERENCE
        out[:, i] = ((density(down)[1] - density(up)[1])[rows] / (2.0 * DIFFERENCE)).T
    symmetric = 0.5 * (out + out.transpose(0, 2, 1))
    values, vectors = np.linalg.eigh(symmetric)
    return np.asarray((vectors * np.maximum(values, 1.0)[:, None]) @ vectors.transpose(0, 2, 1))
