"""From the searches of nested groups to the bound they prove together, and the `BlockProof`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.blocks.boxes import Asked
from mixcurve.budget.blocks.relaxed import SLACK, Segments
from mixcurve.budget.blocks.search import Found, leaf_bounds
from mixcurve.budget.proof.trees import BlockProof

__all__ = ["Block", "Proven", "leading_price", "money_of", "proof_of", "proven"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]

PRICES_WITHIN = 16
"""Prices at which a group answers at most: those of the leading leaves of the group around it."""
AROUND = 3
"""Leading prices around which others are tried."""
TRIED = np.linspace(0.96, 1.04, 9)
"""The prices tried, as multiples of a leading one."""
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


@dataclass(frozen=True, eq=False)
class Proven:
    """What is proven of a group: per leaf that may hold a plan (L), at each of its J prices, the Lagrangian's maximum.

    ``own`` (L × J) holds the group's own cells and the groups within, before the group's limits are added.
    """

    block: Block
    number: IndexArray
    own: FloatArray
    price: FloatArray
    within: tuple[Proven, ...]

    def leaves(self, asked: FloatArray) -> FloatArray:
        """Return each leaf's bound at each price asked (m,): (L × m)."""
        moved = _moved(self.block, self.price[:, :, None], asked)
        return np.min(self.own[:, :, None] + moved, axis=1)

    def bounds(self, asked: FloatArray) -> FloatArray:
        """Return the bound on the group's plans at each price asked (m,)."""
        return self.leaves(asked).max(axis=0) if len(self.number) else np.full(len(asked), -np.inf)


def proven(block: Block, asked: FloatArray) -> Proven:
    """Return what is proven of a group that may be asked these prices (J,), and of the groups within.

    A leaf's own price was found with the money of the groups within held fixed. Where there are such groups, prices
    around the leading ones are tried as well: the least of the bounds they prove is a bound.
    """
    number, own, price, bound = _own(block, asked)
    leading = _leading(bound, price)
    if not block.within:
        return Proven(block, number, own, price, ())
    tried = np.unique(np.concatenate([leading, np.ravel(leading[:AROUND, None] * TRIED)]))
    inner = [proven(part, tried) for part in block.within]
    own, price = _with_prices(block, number, own, price, tried)
    whole = own + sum(part.bounds(price.ravel()).reshape(price.shape) for part in inner)
    best = np.argmin(whole[:, :, None] + _moved(block, price[:, :, None], asked), axis=1)
    own, price, whole = (np.take_along_axis(part, best, 1) for part in (own, price, whole))
    within = tuple(
        proven(part, _leading(whole + _moved(block, price, asked), price)) for part in block.within
    )
    lost = [_priced(block, segments, within, asked[0]) for _, segments in block.found.lost]
    shape = (len(lost), len(asked))
    own = np.concatenate([own, np.broadcast_to([[v] for v, _ in lost] or np.empty((0, 1)), shape)])
    price = np.concatenate([price, np.broadcast_to([[p] for _, p in lost] or np.empty((0, 1)), shape)])
    number = np.append(number, np.array([at for at, _ in block.found.lost], dtype=np.intp))
    for part in within:
        own = own + part.bounds(price.ravel()).reshape(price.shape)
    return Proven(block, number, own, price, within)


def _own(block: Block, asked: FloatArray) -> tuple[IndexArray, FloatArray, FloatArray, FloatArray]:
    """Return per leaf that may hold a plan its number, and at each price asked the own cells' maximum, price, bound."""
    tree = block.found.tree
    if block.found.leaves:
        number, bound, price = leaf_bounds(block.asked, block.found, asked)
        kept = np.all(np.isfinite(bound), axis=1)
        number, bound, price = number[kept], bound[kept], price[kept]
    else:
        number = np.flatnonzero((tree.cell < 0) & np.isfinite(tree.bound))
        bound = np.repeat(tree.bound[number][:, None], len(asked), axis=1)
        price = np.repeat(block.found.price[number][:, None], len(asked), axis=1)
        asked = np.full(len(asked), block.asked.price)
    return number, bound - _added(block.asked.least, block.asked.most, price, asked), price, bound


def _with_prices(
    block: Block, number: IndexArray, own: FloatArray, price: FloatArray, tried: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return own maxima and prices (L × J) with further prices tried in every leaf whose segments are known."""
    leaves = dict(block.found.leaves)
    if not leaves:
        return own, price
    more = np.full((len(number), len(tried)), np.inf)
    for row, at in enumerate(number.tolist()):
        if at in leaves:
            more[row] = _maximum(leaves[at], tried)
    wide = np.broadcast_to(tried, more.shape)
    return np.concatenate([own, more], axis=1), np.concatenate([price, wide], axis=1)


def _maximum(segments: Segments, price: FloatArray) -> FloatArray:
    """Return the cells' maximum at each price (m,): of the majorants less what their money costs."""
    gain = np.array([np.maximum(segments.slope - p, 0.0) @ segments.width for p in price.tolist()])
    base = float(segments.base_v.sum())
    size = (
        base + np.abs(price) * float(segments.base_x.sum()) + float(np.abs(segments.slope) @ segments.width)
    )
    return base - price * float(segments.base_x.sum()) + gain + SLACK * size


def leading_price(part: Proven, asked: float) -> float:
    """Return the price of the leaf of largest bound."""
    bound = part.own + _moved(part.block, part.price, np.array(asked))
    return float(part.price.ravel()[np.argmax(bound)])


def proof_of(part: Proven, asked: float) -> BlockProof:
    """Return the proof; leaves claim their bounds at the price asked, of the groups within at their own."""
    block, tree = part.block, part.block.found.tree
    bound, prices = np.full(len(tree.bound), -np.inf), np.zeros((len(tree.bound), part.price.shape[1]))
    bound[part.number], prices[part.number] = part.leaves(np.array([asked]))[:, 0], part.price
    whole = replace(tree, cell=np.append(block.cells, -1)[tree.cell], bound=bound)
    within = tuple(proof_of(inner, inner.block.asked.price) for inner in part.within)
    return BlockProof(block.name, block.cells, block.least, block.most, whole, prices, within)


def _leading(bound: FloatArray, price: FloatArray) -> FloatArray:
    """Return the prices of the leaves of largest bounds: what groups within will be asked."""
    if not bound.size:
        return np.zeros(1)
    order = np.argsort(-bound, axis=None)
    _, first = np.unique(price.ravel()[order], return_index=True)
    return price.ravel()[order][np.sort(first)[:PRICES_WITHIN]]


def _added(least: float, most: float, own: FloatArray, asked: FloatArray) -> FloatArray:
    """Return what limits of money add to a bound where the own price differs from that asked.

    Without a most, a price above that asked proves nothing.
    """
    up, down = np.maximum(own - asked, 0.0), np.maximum(asked - own, 0.0)
    with np.errstate(invalid="ignore"):
        return np.where(up > 0, up * most, 0.0) - down * least


def _moved(block: Block, own: FloatArray, asked: FloatArray) -> FloatArray:
    return _added(block.least, block.most, own, asked)


def _priced(
    block: Block, segments: Segments, within: tuple[Proven, ...], asked: float
) -> tuple[float, float]:
    """Return the own cells' maximum, and the price, for a box without a plan beside the groups within as they are."""
    size = max(asked, float(np.max(segments.slope, initial=0.0)), 1e-300)
    price = size * PRICES
    own = _maximum(segments, price)
    whole = own + _moved(block, price, np.array(asked))
    for inner in within:
        whole = whole + inner.bounds(price)
    best = int(np.argmin(whole))
    return float(own[best]), float(price[best])


def money_of(blocks: Sequence[Block], setup: FloatArray) -> float:
    """Return what the plans of these groups cost, groups within included."""
    total = 0.0
    for block in blocks:
        amount = block.found.amount
        if amount is not None:
            total += float((amount + np.where(amount > 0, setup[block.cells], 0.0)).sum())
        total += money_of(block.within, setup)
    return total
