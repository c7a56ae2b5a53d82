"""What the data say of a channel's size beyond what they say of the other channels.

Sizes are drawn towards one another, and share the response with the baseline. So the prior to compare with is that of a
channel's size *given everything else*: if the data do not depend on it, the draws' places in that prior are uniform.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.priors.sizes_drawn import cell_sizes, log_room

__all__ = ["OwnSizes", "own_sizes"]

FloatArray = npt.NDArray[np.float64]

REACH, POINTS = 7.0, 281
"""Standard deviations, and points between them, over which a conditional prior is added up."""
ROOM_REACH, ROOM_POINTS = 3.0, 3001
"""Sums of the channels, over the mean response, at which the room is tabulated; further out it is nothing."""


@dataclass(frozen=True, eq=False)
class OwnSizes:
    """Of C channels at D positions.

    Parameters
    ----------
    size
        (D × C): log sizes as the prior of the sizes has them.
    scores
        (D × C): the place of each in its prior given all else, as a normal score.
    variance
        (C,): the mean variance of those priors.
    """

    size: FloatArray
    scores: FloatArray
    variance: FloatArray

    def apart(self, c: int) -> FloatArray:
        """Return the scores of a channel without what goes with the other channels' sizes, linearly (D,).

        The score of a size that the data fix varies with the others, through its prior given them; that is no freedom
        of its own.
        """
        others = np.delete(self.size, c, axis=1)
        design = np.column_stack([np.ones(len(others)), others])
        scores = self.scores[:, c]
        return np.asarray(scores - design @ np.linalg.lstsq(design, scores, rcond=None)[0] + scores.mean())


def own_sizes(model: MixModel, positions: FloatArray) -> OwnSizes:
    """Return what `OwnSizes` says, for positions (D × d)."""
    sizes, problem = model.sizes, model.problem
    groups = len(problem.groups)
    size = sizes.middle + positions[:, model.space.rows("size")] @ sizes.root.T
    precision = np.linalg.inv(sizes.root @ sizes.root.T)
    spread = 1.0 / np.sqrt(np.diag(precision))
    middle = size - ((size - sizes.middle) @ precision) * spread**2
    weight = np.bincount(problem.group_of_row) / problem.rows
    brought = np.exp(cell_sizes(model, positions)).reshape(len(positions), -1, groups) @ weight
    rest = brought.sum(axis=1, keepdims=True) - brought
    # What a channel brings is exp(size) times a factor of everything else.
    factor = np.log(np.maximum(brought, 1e-300)) - size
    table = _room_table(model)
    scores, variance = np.empty_like(size), np.empty(size.shape[1])
    for c in range(size.shape[1]):
        prior = middle[:, c], spread[c]
        scores[:, c], variance[c] = _placed(size[:, c], prior, factor[:, c], rest[:, c], table)
    return OwnSizes(size, scores, variance)


def _placed(
    size: FloatArray, prior: tuple[FloatArray, float], factor: FloatArray, rest: FloatArray,
    table: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, float]:  # fmt: skip
    """Return scores (D,) and the mean variance of the conditional priors."""
    middle, spread = prior
    t = np.linspace(-REACH, REACH, POINTS)
    total = rest[:, None] + np.exp(np.minimum(middle[:, None] + spread * t + factor[:, None], 700.0))
    density = np.exp(np.interp(total, *table) - 0.5 * t**2)
    step = t[1] - t[0]
    reached = np.cumsum(0.5 * (density[:, 1:] + density[:, :-1]), axis=1)
    reached = np.concatenate([np.zeros((len(size), 1)), reached], axis=1) / reached[:, -1:]
    at = np.clip(((size - middle) / spread + REACH) / step, 0.0, POINTS - 1 - 1e-9)
    low = at.astype(int)
    rows = np.arange(len(size))
    share = reached[rows, low] + (at - low) * (reached[rows, low + 1] - reached[rows, low])
    mass = density / density.sum(axis=1, keepdims=True)
    mean = mass @ t
    variance = (mass @ t**2 - mean**2) * spread**2
    return np.asarray(special.ndtri(np.clip(share, 1e-12, 1.0 - 1e-12))), float(variance.mean())


def _room_table(model: MixModel) -> tuple[FloatArray, FloatArray]:
    """Return sums of the channels (over the unit), and the log room at each."""
    room, groups = model.sizes.room, len(model.problem.groups)
    if not np.isfinite(room):
        return np.array([0.0, 1.0]), np.zeros(2)
    total = np.linspace(0.0, ROOM_REACH, ROOM_POINTS) * room
    alone = np.full((ROOM_POINTS, len(model.problem.channels) * groups), -np.inf)
    with np.errstate(divide="ignore"):
        alone[:, :groups] = np.log(total)[:, None]
    return total, log_room(model, alone)
