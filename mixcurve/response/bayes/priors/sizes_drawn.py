"""Sizes of the channels at many positions, without working out their rows, and prior draws by them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.model.media import DEVIATION, Media
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.vectors.rows import DrawVectors

__all__ = ["cell_sizes", "log_room", "prior_positions"]

FloatArray = npt.NDArray[np.float64]

TOGETHER = 500
"""Draws worked on side by side, which holds memory down where a marginal response needs every row."""
MOST_TRIED = 2000
"""Draws tried for each wanted before the priors are taken to leave no room to the baseline."""


def cell_sizes(model: MixModel, positions: FloatArray) -> FloatArray:
    """Return the log mean contribution per row of each channel in each group (draws × C · G), over the unit."""
    parts = [_sizes(model, positions[k : k + TOGETHER]) for k in range(0, len(positions), TOGETHER)]
    return np.concatenate(parts)


def _sizes(model: MixModel, positions: FloatArray) -> FloatArray:
    xp, space = DrawVectors(), model.space
    position = xp.position(positions)
    size = model.sizes.values(xp, model, position)
    if len(model.problem.groups) > 1:
        spread = DEVIATION(xp, position[space.rows("size spread")])
        size = size + spread * position[space.rows("size by group")]
    return np.asarray(size.values)


def log_room(model: MixModel, sizes: FloatArray) -> FloatArray:
    """Return the log of the share of the mean response that sizes (draws × C · G) leave to the baseline (draws,)."""
    xp = DrawVectors()
    channels = Media(xp.position(sizes), {}, {}, None, None, None)
    return np.asarray(model.sizes.log_room(xp, model.problem, channels).values)[:, 0]


def prior_positions(model: MixModel, count: int, rng: np.random.Generator) -> FloatArray:
    """Return positions (count × dimensions) drawn exactly from the prior: normal ones, kept with the room they leave.

    Raises
    ------
    InputError
        If hardly any draw leaves the baseline a share of the response.
    """
    found: list[FloatArray] = []
    missing, tried = count, 0
    while missing > 0:
        drawn = rng.standard_normal((2 * missing + 8, model.space.dimensions))
        kept = drawn[np.log(rng.random(len(drawn))) < log_room(model, cell_sizes(model, drawn))]
        found.append(kept)
        missing -= len(kept)
        tried += len(drawn)
        if tried > MOST_TRIED * (count - max(missing, 0) + 1):
            raise InputError(
                "Under these priors the channels nearly always bring more than the whole response, so the baseline "
                "has no share. Lower the ranges of ROI, mROI or contribution."
            )
    return np.concatenate(found)[:count]
