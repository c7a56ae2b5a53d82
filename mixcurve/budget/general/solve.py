"""`solve_general`: the best plan of any `Model`, with the proof of it.

The search is branch and bound (see `search`) on the Dantzig-Wolfe relaxation by cells: a linear programme mixes known
points of every cell (`master`), its prices on the rows leave one problem in one variable per cell, whose maximum is
bounded rigorously (`lagrange`) and adds points (`relax`). Plans are found by rounding (`dive`) and finished by Newton's
method (`polish`).
"""

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
    """Return the best plan of a model with any rows, and a bound that is proven by a tree of boxes.

    Parameters
    ----------
    model
        The problem. Rows may share cells in any way; their coefficients of response are at most 0.
    tolerance
        The search ends when the bound is within this share of the plan's absolute value.
    max_nodes
        It ends when it has solved this many boxes; the bound holds wherever it ends.
    starts
        Plans (n,) to begin with, in money per cell; one that breaks a bound or a row is brought back if it can be.

    Returns
    -------
    Solution
        Without a plan, ``amount`` is NaN and ``value`` minus infinity; ``bound`` is then minus infinity too if it is
        proven that there is none. The leaves of that proof have bounds below the worth of any plan.

    Raises
    ------
    InputError
        If a row limits response from above.

    References
    ----------
    Dantzig, G. B. and Wolfe, P. (1960), "Decomposition principle for linear programs"; Udell, M. and Boyd, S. (2013),
    "Maximizing a sum of sigmoids".

    Examples
    --------
    Of two alike channels, each with a fixed cost of 5 for being on, one gets all of the budget of 60.

    >>> from mixcurve.budget.model import Row
    >>> from mixcurve.response.curves import curves
    >>> total = Row("total", "total", money=np.ones(2), response=np.zeros(2), on=np.zeros(2), limit=60.0)
    >>> model = Model(
    ...     channels=("tv", "radio"),
    ...     curve=(curves["hill"],) * 2,
    ...     draws=np.array([[[100.0, 50.0, 4.0]] * 2]),
    ...     weight=np.ones(1),
    ...     cell=np.arange(2),
    ...     share=np.ones(2),
    ...     worth=np.ones(2),
    ...     money_cost=0.0,
    ...     lower=np.zeros(2),
    ...     upper=np.full(2, 60.0),
    ...     optional=np.zeros(2, dtype=bool),
    ...     setup=np.full(2, 5.0),
    ...     rows=(total,),
    ...     prices={},
    ... )
    >>> found = solve_general(model, tolerance=1e-6, max_nodes=100)
    >>> sorted(found.amount.round(9).tolist()), bool(found.bound <= found.value * (1 + 1e-6))
    ([0.0, 55.0], True)
    """
    search = Search(terms_of(model), tolerance)
    search.run(list(starts), max_nodes)
    plan = search.plan if search.plan is not None else np.full(model.cells, np.nan)
    impossible = search.plan is None and search.bound < search.lowest
    bound = -np.inf if impossible else search.bound
    return Solution(plan, search.worth, bound, search.nodes, search.tree.proof(search.worth))
