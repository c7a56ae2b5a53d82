"""`solve_general`: the best plan of any `Model`, with the proof of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.budget.general.rows import terms_of
from mixcurve.budget.general.search import Search
from mixcurve.budget.model import Model
from mixcurve.budget.solution import Solution

__all__ = ["solve_general"]

FloatArray = npt.NDArray[np.float64]


def solve_general(
    model: Model, *, tolerance: float, max_nodes: int, starts: Sequence[FloatArray] = ()
) -> Solution:
    """Return the best plan found and a proven bound."""
    search = Search(terms_of(model), tolerance)
    search.run(list(starts), max_nodes)
    plan = search.plan if search.plan is not None else np.full(model.cells, np.nan)
    bound = search.bound if search.plan is not None or search.bound >= search.lowest else -np.inf
    return Solution(plan, search.worth, bound, search.nodes, search.tree.proof())
