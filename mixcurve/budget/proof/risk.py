"""Objectives that weigh the draws anew for each plan: the value of a plan, and the weights that a proof may use.

CVaR and mean minus risk are the least of ``Σ_d w_d f_d(x)`` over weights w between a least and a most per draw that
add up to 1. Any one such w bounds the objective from above, for every plan at once. A quantile and the share of draws
that beat a plan are not of this kind: see `tails`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.objectives import BeatCurrent, CVaR, MeanMinusRisk, Quantile
from mixcurve.budget.proof.trees import BlockProof
from mixcurve.budget.solution import Solution

__all__ = ["Concave", "Risk", "check_risk", "objective_of", "reached_by", "weight_limits", "worst_mean"]

FloatArray = npt.NDArray[np.float64]
Concave = CVaR | MeanMinusRisk | None
"""None is the mean response under the model's own weights."""
Risk = Concave | Quantile | BeatCurrent

EDGE = 1e-12
"""By how much a weight may miss its limits, and a sum of weights 1 per draw: rounding."""


def objective_of(
    totals: FloatArray, weight: FloatArray, objective: Risk, target: FloatArray | None = None
) -> float:
    """Return the objective of totals by draw (D,); ``target`` is what the current plan brings in each (D,).

    Examples
    --------
    >>> totals, weight = np.array([4.0, 1.0, 3.0, 2.0]), np.full(4, 0.25)
    >>> (
    ...     objective_of(totals, weight, Quantile(0.25)),
    ...     objective_of(totals, weight, BeatCurrent(), np.full(4, 2.0)),
    ... )
    (2.0, 0.5)
    """
    if isinstance(objective, Quantile):
        return float(np.sort(totals)[len(totals) - reached_by(objective, len(totals))])
    if isinstance(objective, BeatCurrent):
        return float("nan") if target is None else float(weight[totals > target].sum())
    return worst_mean(totals, weight, objective)


def reached_by(objective: Quantile, draws: int) -> int:
    """Return how many draws, all alike in weight, must reach a quantile: a share ``1 - level``, one at least."""
    return max(ceil((1.0 - objective.level) * draws - EDGE * draws), 1)


def weight_limits(weight: FloatArray, objective: Concave) -> tuple[FloatArray, FloatArray]:
    """Return the least and the most weight of each draw (D,) that an objective may give it.

    Examples
    --------
    >>> weight_limits(np.full(4, 0.25), CVaR(0.5))[1].tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    if objective is None:
        return weight, weight
    risky = 1.0 if isinstance(objective, CVaR) else objective.aversion
    low = (1.0 - risky) * weight
    return low, low + risky * weight / objective.tail


def worst_mean(values: FloatArray, weight: FloatArray, objective: Concave) -> float:
    """Return what the objective makes of values by draw (D,): their least mean over the weights it allows.

    Examples
    --------
    >>> worst_mean(np.array([4.0, 1.0, 3.0, 2.0]), np.full(4, 0.25), CVaR(0.5))
    1.5
    """
    low, high = weight_limits(weight, objective)
    order = np.argsort(values, kind="stable")
    room = (high - low)[order]
    left = 1.0 - low.sum()
    before = np.concatenate([[0.0], np.cumsum(room)[:-1]])
    used = low[order] + np.clip(left - before, 0.0, room)
    return float(used @ values[order])


def check_risk(solution: Solution, model: Model, objective: Risk) -> Iterator[str]:
    """Yield the boxes of a proof whose weights of the draws the objective does not allow."""
    proof = solution.proof
    if isinstance(objective, Quantile | BeatCurrent):
        yield from _without_limits(solution, model, objective)
        return
    if isinstance(proof, BlockProof) or not proof.weight.size:
        return  # The model's own weights, which every objective here allows.
    low, high = weight_limits(model.weight, objective)
    leaves = np.flatnonzero((proof.tree.cell < 0) & (proof.tree.bound > -np.inf))
    weight = proof.weight[leaves]
    inside = np.all((weight >= low - EDGE) & (weight <= high + EDGE) & (weight >= 0.0), axis=1)
    adds_up = np.abs(weight.sum(axis=1) - 1.0) <= EDGE * weight.shape[1]
    for node in leaves[~(inside & adds_up)].tolist():
        allowed = "the model's own" if objective is None else f"those of {type(objective).__name__}"
        yield f"box {node} weighs the draws otherwise than {allowed} allow"
        return


def _without_limits(solution: Solution, model: Model, objective: Quantile | BeatCurrent) -> Iterator[str]:
    name = type(objective).__name__
    proof = solution.proof
    if isinstance(proof, BlockProof) or not proof.weight.size:
        yield f"a proof for {name} needs a tree of boxes with weights of the draws"
        return
    if isinstance(objective, Quantile) and not np.ptp(model.weight) <= EDGE:
        yield "a proof for Quantile needs draws of one weight"
    leaves = np.flatnonzero((proof.tree.cell < 0) & (proof.tree.bound > -np.inf))
    for node in leaves[
        ~np.all(np.isfinite(proof.weight[leaves]) & (proof.weight[leaves] >= 0), axis=1)
    ].tolist():
        yield f"box {node} weighs the draws otherwise than those of {name} allow"
        return
