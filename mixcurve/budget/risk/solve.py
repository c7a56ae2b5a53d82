"""The best plan by a measure of risk, with a proven bound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.objectives import BeatCurrent, CVaR, MeanMinusRisk, Quantile
from mixcurve.budget.risk.beating import Against, BeatingMeasure
from mixcurve.budget.risk.draws import Draws, draws_of
from mixcurve.budget.risk.growth import corners, whole
from mixcurve.budget.risk.measures import Measure
from mixcurve.budget.risk.quantile import QuantileMeasure, reached_by
from mixcurve.budget.risk.search import search
from mixcurve.budget.risk.weights import weights_of
from mixcurve.budget.solution import Solution

__all__ = ["Objective", "measure_of", "solve_risk"]

FloatArray = npt.NDArray[np.float64]

Objective = CVaR | MeanMinusRisk | Quantile | BeatCurrent

MOST_BOXES, MOST_WIDE_BOXES = 400, 100
"""Boxes at most where the caller names no number: for concave measures, and for the others, whose boxes take longer."""
START_BOXES, START_TOLERANCE = 15, 1e-2
"""What the search for starts by a concave measure may take, and how good it need be."""
QUANTILE_TAILS = (0.5, 1.0, 2.0)
"""Tails, in levels, whose mean a start for a quantile maximises: the mean of a tail lies below its quantile."""
GAIN_TAILS = (1.0, 0.25)
"""Tails of the gain whose mean a start for beating the current plan maximises."""


def measure_of(draws: Draws, objective: Objective, current: FloatArray) -> Measure:
    """Return the objective as a function of the draws' totals; ``current`` is spend per channel (C,)."""
    weight = draws.model.weight
    if isinstance(objective, CVaR | MeanMinusRisk):
        return weights_of(objective, weight)
    if isinstance(objective, Quantile):
        return QuantileMeasure(reached_by(objective.level, draws.size))
    return BeatingMeasure(weight, draws.totals_of_spend(current))


def solve_risk(
    model: Model,
    objective: Objective,
    *,
    current: FloatArray,
    tolerance: float = 1e-3,
    max_nodes: int | None = None,
    starts: Sequence[FloatArray] = (),
) -> Solution:
    """Return the plan that is best by a measure of risk, and a bound that no plan exceeds.

    With y_d(x) the model's objective at plan x in draw d:

    - `CVaR` and `MeanMinusRisk` are the least of ``Σ w_d y_d(x)`` over the weights they allow. Each leaf of the proof
      has such weights, and bounds the sum of curves that they make.
    - `Quantile` is the largest t that at least a share ``1 - level`` of the draws reach, each draw counting the same.
      Each leaf has weights with sum 1; `mixcurve.budget.risk.quantile` says how they bound t on a box.
    - `BeatCurrent` is the share of the draws in which y_d(x) exceeds y_d(current); `mixcurve.budget.risk.beating`
      says how each leaf's weights bound that.

    The first two close to any tolerance. The other two are bounded box by box, and often end with a gap.

    Parameters
    ----------
    model
        Its draws carry the risk.
    objective
        What is maximised.
    current
        Spend of the current plan per channel (C,), which `BeatCurrent` is measured against; it need not keep the rows.
    tolerance
        The search ends when the bound is within this relative distance of the value.
    max_nodes
        The search ends when this many boxes were solved, 400 if not given (100 for `Quantile` and
        `BeatCurrent`, whose boxes take longer); the bound holds wherever it ends.
    starts
        Plans (n,) to begin with.

    Returns
    -------
    Solution
        Value and bound in the unit of the objective: response, or a share of the draws for `BeatCurrent`. Amounts are
        NaN and the value is minus infinity if no plan that keeps every row was found.
    """
    draws = draws_of(model)
    now = np.bincount(model.cell, weights=current, minlength=model.cells)
    begin = [*starts, _even(model), np.clip(now, model.lower, model.upper)]
    size = max(float(np.abs(draws.totals(amount)).mean()) for amount in begin)
    size = size if size > 0 else 1.0
    begin = [*_better(draws, objective, current, begin, size), *begin]
    measure = measure_of(draws, objective, current)
    counted = isinstance(objective, BeatCurrent)
    most = (MOST_BOXES if measure.concave else MOST_WIDE_BOXES) if max_nodes is None else max_nodes
    found = search(draws, measure, begin, size=1.0 if counted else size, tolerance=tolerance, max_nodes=most)
    amount = np.full(model.cells, np.nan) if found.amount is None else found.amount
    return Solution(amount, found.value, max(found.bound, found.value), found.nodes, found.tree.proof())


def _even(model: Model) -> FloatArray:
    """Return the plan that goes the same part of the way from the least to the most of each cell, within the money."""
    low, high = corners(model, whole(model))
    low = np.maximum(low, np.where(model.optional, 0.0, model.lower))
    part = 1.0
    for row in model.rows:
        if np.all(row.money >= 0) and np.all(row.response == 0):
            least, more = (
                float(row.money @ model.money(low)),
                float(row.money @ (model.money(high) - model.money(low))),
            )
            part = min(part, max((row.limit - least) / more, 0.0)) if more > 0 else part
    return low + part * (high - low)


def _better(
    draws: Draws, objective: Objective, current: FloatArray, begin: list[FloatArray], size: float
) -> list[FloatArray]:
    """Return starts for an objective that is not concave: the best plans by concave ones like it."""
    weight, measures = draws.model.weight, list[Measure]()
    if isinstance(objective, Quantile):
        tails = sorted({min(max(t * objective.level, 1.0 / draws.size), 1.0) for t in QUANTILE_TAILS})
        measures = [weights_of(CVaR(t), weight) for t in tails]
    if isinstance(objective, BeatCurrent):
        target = draws.totals_of_spend(current)
        measures = [Against(weights_of(CVaR(t), weight), target) for t in GAIN_TAILS]
    found = [
        search(draws, m, begin, size=size, tolerance=START_TOLERANCE, max_nodes=START_BOXES).amount
        for m in measures
    ]
    return [amount for amount in found if amount is not None]
