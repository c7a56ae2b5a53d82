"""`Solution`: what a solver says of a `Model`: the best plan found, a proven bound, and the proof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.proof.trees import BlockProof, TreeProof
from mixcurve.foundations.results import Result

__all__ = ["Solution"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solution(Result):
    """The best plan found and the bound that is proven.

    Parameters
    ----------
    amount
        t per cell (n,); the plan keeps every bound and row of the model.
    value, bound
        The model's objective there, and what no plan exceeds.
    nodes
        How many boxes were solved.
    proof
        What proves the bound.
    """

    amount: FloatArray
    value: float
    bound: float
    nodes: int
    proof: BlockProof | TreeProof
