"""From the searches of nested groups to the bound they prove together, and the `BlockProof`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.boxes import Asked
from mixcurve.budget.blocks.relaxed import Segments
from mixcurve.budget.blocks.search import Found
from mixcurve.budget.proof.trees import BlockProof

__all__ = ["Block", "leading_price", "money_of", "proof_of"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

PRICES = np.append(0.0, np.geomspace(1e-3, 1e9, 400))
"""Prices, as multiples of the one asked, among which a box without a plan beside these groups gets its own."""


@dataclass(frozen=True, eq=False)
class Block:
    """A group that was searched: its own cells, its limits, the groups within, what was asked of it, what was found.

    ``group`` is its number. ``asked`` counts the money of the groups within as fixed; ``least`` and ``most`` are
    those of the whole group.
    """

    group: int
    name: str
    cells: IndexArray
    least: float
    most: float
    within: tuple[Block, ...]
    asked: Asked
    found: Found


def leading_price(block: Block) -> float:
    """Return the price of the leaf of largest bound."""
    own, price, _ = _leaves(block)
    return float(price[np.argmax(own + _moved(block, price, np.full(1, block.asked.price)))])


def proof_of(block: Block, price: float) -> tuple[float, BlockProof]:
    """Return the bound on a group's plans where the group around asks this price, and its proof."""
    return _bounds(block, np.array([price]))[0].item(), _proof(block, price)


def _bounds(block: Block, price: FloatArray) -> FloatArray:
    """Return the bound on the group's plans at each price asked (m,)."""
    own, leaf_price, _ = _leaves(block)
    if not len(own):
        return np.full(len(price), -np.inf)
    return (own + _moved(block, leaf_price, price[:, None])).max(axis=1)


def _moved(block: Block, own: FloatArray, asked: FloatArray) -> FloatArray:
    """Return what the group's limits add where its leaves' own prices differ from that asked."""
    up, down = np.maximum(own - asked, 0.0), np.maximum(asked - own, 0.0)
    most = block.most if np.isfinite(block.most) else 0.0
    return np.where(up > 0, up * most, 0.0) - down * block.least


def _leaves(block: Block) -> tuple[FloatArray, FloatArray, IndexArray]:
    """Return per leaf that may hold a plan the Lagrangian's maximum, the groups within included, price, and number."""
    tree, asked = block.found.tree, block.asked
    number = np.flatnonzero((tree.cell < 0) & np.isfinite(tree.bound))
    price = block.found.price[number]
    up, down = np.maximum(price - asked.price, 0.0), np.maximum(asked.price - price, 0.0)
    most = asked.most if np.isfinite(asked.most) else 0.0
    own = tree.bound[number] - up * most + down * asked.least
    if not block.within:
        return own, price, number
    lost = [_priced(block, segments) for _, segments in block.found.lost]
    own = np.append(own, [value for value, _ in lost])
    price = np.append(price, [level for _, level in lost])
    number = np.append(number, np.array([at for at, _ in block.found.lost], dtype=np.intp))
    for inner in block.within:
        own = own + _bounds(inner, price)
    return own, price, number


def _priced(block: Block, segments: Segments) -> tuple[float, float]:
    """Return the own cells' maximum, and the price, for a box without a plan beside the groups within as they are."""
    size = max(block.asked.price, float(np.max(segments.slope, initial=0.0)), 1e-300)
    price = size * PRICES
    gain = np.maximum(segments.slope - price[:, None], 0.0) @ segments.width
    own = float(segments.base_v.sum()) - price * float(segments.base_x.sum()) + gain
    whole = own + _moved(block, price, np.full(1, block.asked.price))
    for inner in block.within:
        whole = whole + _bounds(inner, price)
    best = int(np.argmin(whole))
    return float(own[best]), float(price[best])


def _proof(block: Block, asked: float) -> BlockProof:
    own, price, number = _leaves(block)
    tree = block.found.tree
    bound, prices = np.full(len(tree.bound), -np.inf), block.found.price.copy()
    bound[number] = own + _moved(block, price, np.array([asked]))
    prices[number] = price
    cell = np.append(block.cells, -1)[tree.cell]
    proven = replace(tree, cell=cell, bound=bound)
    # Leaves of groups within are read at prices of their own, not at these; see `BlockProof`.
    within = tuple(_proof(inner, inner.asked.price) for inner in block.within)
    return BlockProof(block.name, block.cells, block.least, block.most, proven, prices, within)


def money_of(blocks: Sequence[Block], setup: FloatArray) -> float:
    """Return what the plans of these groups cost, groups within included."""
    total = 0.0
    for block in blocks:
        amount = block.found.amount
        if amount is not None:
            total += float((amount + np.where(amount > 0, setup[block.cells], 0.0)).sum())
        total += money_of(block.within, setup)
    return total
