"""Where to cut a box in two."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.budget.risk.bound import Box
from mixcurve.budget.risk.draws import Draws
from mixcurve.budget.risk.growth import SWITCH
from mixcurve.budget.risk.measures import Concave
from mixcurve.budget.risk.tables import Tables

__all__ = ["cell_to_cut"]

FloatArray = npt.NDArray[np.float64]

MARGIN = 0.2
"""A cut for width leaves each part at least this share of the nodes."""


def cell_to_cut(
    draws: Draws, tables: Tables, box: Box, share: FloatArray, concave: Concave, *, wide: bool
) -> tuple[int, float]:
    """Return the cell to cut and where; -1 where no cell has a node between its ends.

    Under the weights that are worst at the mean of the mixture, the cell whose mixture is worth most over a real amount
    is cut at its mean; if ``wide``, the cell over whose range the totals differ most.
    """
    model = draws.model
    mean = np.bincount(tables.cell, weights=share * tables.amount, minlength=model.cells)
    height = tables.value @ concave.cut(draws.totals(mean))[0]
    inside = box.nodes(tables)
    score, place = np.full(model.cells, -np.inf), np.zeros(model.cells)
    for i in range(model.cells):
        at = np.flatnonzero(inside & (tables.cell == i))
        inner = tables.amount[at[tables.on[at]][1:-1]]
        if len(at) < 2:
            continue
        if box.on[i] and box.off[i] and (model.setup[i] > 0 or model.lower[i] > 0 or not len(inner)):
            place[i] = SWITCH
        elif len(inner):
            skip = int(MARGIN * len(inner)) if wide else 0
            inner = inner[skip : len(inner) - skip]
            place[i] = float(inner[np.argmin(np.abs(inner - mean[i]))])
        else:
            continue
        real = float(np.interp(mean[i], tables.amount[at], height[at]))
        span = float(height[at[-1]] - height[at[0]])
        score[i] = float(share[at] @ height[at]) - real + (span if wide else 0.0)
    best = int(np.argmax(score))
    return (best, float(place[best])) if np.isfinite(score[best]) else (-1, 0.0)
