"""The bounds of a `TreeProof`, proven again: weak duality on each leaf, at its multipliers and weights of the draws.

A response in a row is the mean under the model's own weights, whatever weights a leaf gives the draws in the objective:
a leaf with multipliers π and weights w proves

    Σ_r π_r limit_r + Σ_i max [Σ_c (worth_c F_c under w) - (Σ_r π_r response_rc) F_c - (money_cost + Σ_r π_r money_ri)
    money_i - (Σ_r π_r on_ri) [t_i > 0]].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.proof.boxes import Boxes, Leaf
from mixcurve.budget.proof.peaks import Tasks, proven_peaks
from mixcurve.budget.proof.responses import DrawnResponses
from mixcurve.budget.proof.trees import TreeProof

__all__ = ["ROUNDING", "Lagrangian", "bounds_by_duality", "cell_terms", "rounding"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

EPS = float(np.finfo(np.float64).eps)
ROUNDING = 1e-12
"""Rounding of a sum of weighted responses relative to the sizes added up, many times over."""
SPANS = 400_000
"""Spans of cells per pass, which holds memory down."""


@dataclass(frozen=True, eq=False)
class Lagrangian:
    """What L leaves ask of each cell: (L × C) or (L × n) arrays, a constant (L,), and weights (L × D) or (0 × 0)."""

    gain: FloatArray
    base: FloatArray
    price: FloatArray
    when_on: FloatArray
    constant: FloatArray
    constant_size: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, model: Model, proof: TreeProof, nodes: list[int], *, objective: bool = True) -> Lagrangian:
        """Return the Lagrangian of leaves; without the objective it shows that the rows admit no plan."""
        many = proof.multiplier[nodes]
        money, response, on = (
            np.array([getattr(row, part) for row in model.rows]).reshape(len(model.rows), size)
            for part, size in (("money", model.cells), ("response", len(model.channels)), ("on", model.cells))
        )
        limit = np.array([row.limit for row in model.rows])
        worth = model.worth if objective else np.zeros_like(model.worth)
        price = (model.money_cost if objective else 0.0) + many @ money
        against = -(many @ response)
        weight = proof.weight[nodes] if proof.weight.size and objective else np.empty((0, 0))
        own = not weight.size
        if not own:
            price = (many @ money) + model.money_cost * weight.sum(axis=1, keepdims=True)
        gain = worth + against if own else np.tile(worth, (len(nodes), 1))
        return cls(
            gain,
            np.zeros_like(against) if own else against,
            price,
            price * model.setup + many @ on,
            many @ limit,
            many @ np.abs(limit),
            weight,
        )


def cell_terms(model: Model, cells: IndexArray) -> tuple[IndexArray, IndexArray]:
    """Return the channels of some cells, cell by cell: the place of its cell in ``cells``, rising, and its number."""
    place = np.full(max(model.cells, int(model.cell.max()) + 1), -1, dtype=np.intp)
    place[cells] = np.arange(len(cells))
    channel = np.flatnonzero(place[model.cell] >= 0)
    owner = place[model.cell[channel]]
    order = np.argsort(owner, kind="stable")
    return owner[order], channel[order]


def rounding(cells: int) -> float:
    """Return the rounding of a sum over so many cells, relative to the sizes added up."""
    return (64 + cells) * EPS


def bounds_by_duality(
    responses: DrawnResponses,
    proof: TreeProof,
    leaves: list[Leaf],
    slack: float,
    claims: FloatArray | None = None,
    *,
    objective: bool = True,
) -> FloatArray:
    """Return the proven bound of each leaf, rounded up: minus infinity where a cell has no amount left.

    ``slack`` is by how much a bound may exceed what the leaf claims (or ``claims``, one per leaf); where it would, it
    is proven to that precision. Under weights w of the draws the money costs ``Σ w`` times what the objective says.
    """
    model = responses.model
    bound = np.full(len(leaves), -np.inf)
    step = max(1, SPANS // model.cells)
    for first in range(0, len(leaves), step):
        boxes = Boxes.of(model, np.arange(model.cells), leaves[first : first + step])
        held = np.flatnonzero(boxes.held)
        nodes = [leaves[first + k].node for k in held.tolist()]
        asked = Lagrangian.of(model, proof, nodes, objective=objective)
        claimed = proof.tree.bound[nodes] if claims is None else claims[first + held]
        bound[first + held] = _bounds(responses, asked, boxes, held, claimed, slack)
    return bound


def _bounds(
    responses: DrawnResponses,
    asked: Lagrangian,
    boxes: Boxes,
    held: IndexArray,
    claims: FloatArray,
    slack: float,
) -> FloatArray:
    model, many = responses.model, len(held)
    n = model.cells
    owner, channel = cell_terms(model, np.arange(n))
    on = boxes.on[held]
    tasks = Tasks(
        group=np.repeat(np.arange(many), n),
        low=boxes.low[held].ravel(),
        high=np.where(on, boxes.high[held], -1.0).ravel(),
        price=asked.price.ravel(),
        offset=-asked.when_on.ravel(),
        floor=np.where(boxes.zero[held], 0.0, -np.inf).ravel(),
        owner=(np.arange(many)[:, None] * n + owner).ravel(),
        channel=np.tile(channel, many),
        gain=asked.gain[:, channel].ravel(),
        base=asked.base[:, channel].ravel(),
        weight=asked.weight,
    )
    enough = claims + 0.5 * slack - asked.constant
    peaks = proven_peaks(responses, tasks, slack / (8.0 * n), enough)
    best, size = (np.bincount(tasks.group, part, many) for part in (peaks.bound, peaks.size))
    return asked.constant + best + rounding(n) * (size + asked.constant_size)
