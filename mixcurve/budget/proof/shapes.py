"""Whether the arrays of a model and of a solution fit each other, and hold what a budget problem can hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model, PriceTiers, Row
from mixcurve.budget.proof.trees import BlockProof, BoxTree
from mixcurve.budget.solution import Solution

__all__ = ["model_problems", "solution_problems"]

ROUNDING = 1e-9
"""By how much weights and shares that add up to 1 may miss it."""


def _sized(name: str, array: npt.NDArray, *shape: int) -> Iterator[str]:
    if array.shape != shape:
        yield f"{name} has the shape {array.shape}, the model asks for {shape}"


def _at_least_0(name: str, array: npt.NDArray) -> Iterator[str]:
    if not (np.all(np.isfinite(array)) and np.all(array >= 0)):
        yield f"{name} must be finite and at least 0"


def model_problems(model: Model) -> Iterator[str]:
    """Yield what is wrong with a model: sizes that do not fit, amounts that are no amounts, one sentence each."""
    channels, n, draws = len(model.channels), model.lower.size, model.weight.size
    wide = max((len(curve.names) for curve in model.curve), default=0)
    sizes = [
        *_sized("model.cell", model.cell, channels),
        *_sized("model.share", model.share, channels),
        *_sized("model.worth", model.worth, channels),
        *_sized("model.weight", model.weight, draws),
        *chain.from_iterable(
            _sized(f"model.{name}", getattr(model, name), n)
            for name in ("lower", "upper", "optional", "setup")
        ),
    ]
    if len(model.curve) != channels or not channels or len(set(model.channels)) != channels:
        sizes.append("model.channels and model.curve must name each channel once, with its curve")
    if model.draws.ndim != 3 or model.draws.shape[:2] != (draws, channels) or model.draws.shape[2] < wide:
        sizes.append(
            f"model.draws has the shape {model.draws.shape}, the model asks for {draws, channels, wide}"
        )
    for row in model.rows:
        sizes += _row_sizes(row, channels, n)
    yield from sizes
    if not sizes:
        yield from _amounts(model)


def _row_sizes(row: Row, channels: int, n: int) -> Iterator[str]:
    where = f"constraint '{row.name}'"
    yield from _sized(f"{where}: money", row.money, n)
    yield from _sized(f"{where}: on", row.on, n)
    yield from _sized(f"{where}: response", row.response, channels)
    if not (
        np.isfinite(row.limit) and all(np.all(np.isfinite(v)) for v in (row.money, row.on, row.response))
    ):
        yield f"{where} must be finite"


def _amounts(model: Model) -> Iterator[str]:
    n = model.cells
    for name in ("weight", "share", "worth", "lower", "upper", "setup"):
        yield from _at_least_0(f"model.{name}", getattr(model, name))
    if not np.all(model.lower <= model.upper):
        yield "model.lower is above model.upper"
    if not abs(model.weight.sum() - 1.0) <= ROUNDING:
        yield f"the weights of the draws add up to {model.weight.sum():.12g}, not to 1"
    if not np.all((model.cell >= 0) & (model.cell < n)):
        yield "model.cell names a cell that the model does not have"
    elif not np.all(np.abs(np.bincount(model.cell, model.share, n) - 1.0) <= ROUNDING):
        yield "the shares of the channels of some cell do not add up to 1"
    if not np.isfinite(model.money_cost):
        yield "model.money_cost must be finite"
    for c, (name, curve) in enumerate(zip(model.channels, model.curve, strict=True)):
        if not np.all(np.isfinite(model.draws[:, c, : len(curve.names)])):
            yield f"the curve of '{name}' has a parameter that is not finite"
    for name, tiers in model.prices.items():
        yield from _tier_problems(name, tiers, model.channels)


def _tier_problems(name: str, tiers: PriceTiers, channels: tuple[str, ...]) -> Iterator[str]:
    start, price = tiers.start, tiers.price
    if name not in channels:
        yield f"there are price tiers for '{name}', which is no channel"
    elif start.ndim != 1 or start.shape != price.shape or not start.size or start[0] != 0:
        yield f"the price tiers of '{name}' must have as many starts as prices, the first start 0"
    elif not (np.all(np.isfinite(start)) and np.all(np.diff(start) > 0)):
        yield f"the price tiers of '{name}' must start at rising amounts"
    elif not (np.all(np.isfinite(price)) and price[0] > 0 and np.all(np.diff(price) >= 0)):
        yield f"the prices of '{name}' must be positive and must not fall with spend"


def solution_problems(model: Model, solution: Solution, current: npt.NDArray | None) -> Iterator[str]:
    """Yield what of a solution, and of the current plan where there is one, does not fit its model in size."""
    if current is not None:
        yield from _sized("certificate.current", current, model.cells)
        yield from _at_least_0("certificate.current", current)
    yield from _sized("solution.amount", solution.amount, model.cells)
    if not np.all(np.isfinite(solution.amount)):
        yield "solution.amount must be finite"
    if not (np.isfinite(solution.value) and not np.isnan(solution.bound)):
        yield "solution.value and solution.bound must be numbers"
    proof = solution.proof
    if isinstance(proof, BlockProof):
        yield from _block_sizes(proof, model.cells)
        return
    nodes, rows, draws = proof.tree.bound.size, len(model.rows), model.weight.size
    yield from _tree_sizes("the proof", proof.tree, model.cells)
    yield from _sized("proof.multiplier", proof.multiplier, nodes, rows)
    if proof.weight.size:
        yield from _sized("proof.weight", proof.weight, nodes, draws)


def _tree_sizes(where: str, tree: BoxTree, n: int) -> Iterator[str]:
    nodes = tree.bound.size
    if not nodes:
        yield f"{where} has no boxes: they do not cover every plan"
    for name in ("cell", "cut", "low", "high", "bound"):
        yield from _sized(f"{where}: tree.{name}", getattr(tree, name), nodes)
    if not np.all(tree.cell < n):
        yield f"{where}: a box is cut at a cell that the model does not have"


def _block_sizes(proof: BlockProof, n: int) -> Iterator[str]:
    where = f"the proof of '{proof.name}'"
    yield from _tree_sizes(where, proof.tree, n)
    wide = proof.price.shape[1] if proof.price.ndim == 2 and proof.price.shape[1] else 1
    yield from _sized(f"{where}: price", proof.price, proof.tree.bound.size, wide)
    if proof.cells.ndim != 1 or not np.all((proof.cells >= 0) & (proof.cells < n)):
        yield f"{where} names a cell that the model does not have"
    for inner in proof.within:
        yield from _block_sizes(inner, n)
