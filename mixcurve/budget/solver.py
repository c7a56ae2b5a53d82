"""`solve_model`: the solver of any `Model`, chosen by its rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.forest import forest_of
from mixcurve.budget.blocks.solve import solve_blocks
from mixcurve.budget.general.solve import solve_general
from mixcurve.budget.model import Model
from mixcurve.budget.solution import Solution

__all__ = ["solve_model"]

FloatArray = npt.NDArray[np.float64]


def solve_model(
    model: Model, *, tolerance: float, max_nodes: int, starts: Sequence[FloatArray] = ()
) -> Solution:
    """Return the best plan of a model and a proven bound on every plan.

    Rows that are nested groups with a least and a most of money go to `blocks`, all others to `general`.

    Parameters
    ----------
    tolerance
        Relative gap at which the search ends.
    max_nodes
        It ends in any case when it has solved this many boxes; the bound holds wherever it ends.
    starts
        Plans to start from, amounts per cell (n,). Those that the model does not allow are left out.

    Returns
    -------
    Solution
        Its amounts are NaN and its value minus infinity where no plan was found.
    """
    forest = forest_of(model)
    if forest is None:
        return solve_general(model, tolerance=tolerance, max_nodes=max_nodes, starts=starts)
    return solve_blocks(model, forest, tolerance=tolerance, max_nodes=max_nodes, starts=starts)
