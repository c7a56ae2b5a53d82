"""What one unit of the search is in the planner's units: spend a period, ROI, and share of the response."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.problem import BayesProblem

__all__ = ["contribution_shares", "roi_units", "spend_units"]

FloatArray = npt.NDArray[np.float64]


def spend_units(problem: BayesProblem) -> FloatArray:
    """Return the spend a period, over all groups together, for each unit of a channel's spend in the search (C,)."""
    return problem.mix.spend_unit * float(problem.sizes.sum())


def roi_units(problem: BayesProblem, value: float = 1.0) -> FloatArray:
    """Return the ROI of a channel whose mean contribution is one unit of the search, in every group (C,).

    ROI is response over spend, over all rows, times ``value``.
    """
    return value * _whole(problem) / problem.mix.table.spend.sum(axis=0)


def contribution_shares(problem: BayesProblem) -> float:
    """Return the share of all response that a channel of one unit brings; NaN where the response is not positive."""
    total = float(problem.mix.table.response.sum())
    return _whole(problem) / total if total > 0 else float("nan")


def _whole(problem: BayesProblem) -> float:
    return problem.mix.response_unit * float(problem.mix.row_size.sum())
