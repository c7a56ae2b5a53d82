"""The bound of a `BlockProof`, proven again: trees of groups within groups, each leaf with a price of its own.

The bounds that leaves of inner groups claim are not read, since they depend on the price that the group around asks;
only that no plan lies in those at minus infinity is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.proof.boxes import Boxes, Leaf
from mixcurve.budget.proof.duality import SPANS, cell_terms, rounding
from mixcurve.budget.proof.groups import Group
from mixcurve.budget.proof.peaks import Tasks, proven_peaks
from mixcurve.budget.proof.responses import DrawnResponses

__all__ = ["block_bound"]

FloatArray = npt.NDArray[np.float64]
Key = tuple[int, int, int]
"""A group, by its place, and one of its leaves, by its number."""
Sum = tuple[float, float]
"""A sum of proven maxima, and the size of what was added up, to which rounding is relative."""
NOTHING: Sum = (-np.inf, 0.0)
UNPROVEN: Sum = (np.inf, 0.0)


def block_bound(responses: DrawnResponses, root: Group, slack: float) -> tuple[float, list[str]]:
    """Return the bound that the nested trees prove, rounded up, and what contradicts the claims."""
    model = responses.model
    groups = list(root.all())
    place = {id(group): g for g, group in enumerate(groups)}
    sums = _own_sums(responses, groups, slack / (8.0 * model.cells))
    reasons = []
    for g, group in enumerate(groups):
        claims = group.proof.tree.bound
        for leaf in group.leaves:
            keys = [(g, leaf.node, k) for k in range(group.proof.price.shape[1])]
            for key in keys:
                sums[key] = _with_groups(group, sums, key, place)
            least = min(sums[key][0] for key in keys)
            if group is not root and claims[leaf.node] == -np.inf and least > -np.inf:
                reasons.append(f"box {leaf.node} of '{group.proof.name}' is said to admit no plan, but may")
    found = _leaf_bounds(root, sums, len(groups) - 1, model.money_cost)
    claims = root.proof.tree.bound
    reasons += [
        f"box {node} claims the bound {claims[node]:.12g}, but {bound:.12g} is all that its price proves"
        for node, bound in found.items()
        if not (bound < np.inf and bound <= claims[node] + slack)
    ]
    return max(found.values(), default=-np.inf), reasons


def _with_groups(group: Group, sums: dict[Key, Sum], key: Key, place: dict[int, int]) -> Sum:
    """Return the sum of a leaf with the bounds of the groups within at the leaf's price."""
    best, size = sums[key]
    price = float(group.proof.price[key[1], key[2]])
    if not np.isfinite(best):
        return sums[key]
    parts = [
        max(_leaf_bounds(inner, sums, place[id(inner)], price).values(), default=-np.inf)
        for inner in group.within
    ]
    if -np.inf in parts:
        return NOTHING
    return (fsum([best, *parts]), fsum([size, *map(abs, parts)])) if np.inf not in parts else UNPROVEN


def _leaf_bounds(group: Group, sums: dict[Key, Sum], g: int, asked: float) -> dict[int, float]:
    """Return the bound of each leaf where the group around asks this price per unit of money, rounded up."""
    bounds: dict[int, float] = {}
    for leaf in group.leaves:
        bounds[leaf.node] = np.inf
        for k, price in enumerate(group.proof.price[leaf.node].tolist()):
            best, size = sums[g, leaf.node, k]
            if np.isfinite(best):
                up = price > asked
                moved = _times(price - asked, group.most) if up else -_times(asked - price, group.least)
                best += moved + rounding(len(group.cells)) * (size + abs(moved))
            bounds[leaf.node] = min(bounds[leaf.node], best)
    return bounds


def _times(price: float, money: float) -> float:
    """Return the product, 0 where the price is 0 however much the money."""
    return price * money if price else 0.0


def _own_sums(responses: DrawnResponses, groups: list[Group], precision: float) -> dict[Key, Sum]:
    """Return for each group, leaf and price of the leaf the sum of the group's own cells' maxima.

    It is minus infinity where the leaf's cells and the groups within cannot hold the group's money.
    """
    sums: dict[Key, Sum] = {}
    waiting: list[tuple[Key, Group, Boxes]] = []
    for g, group in enumerate(groups):
        for leaf, box in _boxes(responses.model, group):
            held = group.may_hold(responses.model, box)
            for k, price in enumerate(group.proof.price[leaf.node].tolist()):
                if held and np.isfinite(price):
                    waiting.append(((g, leaf.node, k), group, box))
                else:
                    sums[g, leaf.node, k] = UNPROVEN if held else NOTHING
    first = 0
    while first < len(waiting):
        end, cells = first, 0
        while end < len(waiting) and cells < SPANS:
            cells += len(waiting[end][1].proof.cells)
            end += 1
        part = waiting[first:end]
        sums |= zip([key for key, _, _ in part], _sums(responses, part, precision), strict=True)
        first = end
    return sums


def _boxes(model: Model, group: Group) -> Iterator[tuple[Leaf, Boxes]]:
    step = max(1, SPANS // max(len(group.proof.cells), 1))
    for first in range(0, len(group.leaves), step):
        part = group.leaves[first : first + step]
        boxes = Boxes.of(model, group.proof.cells, part)
        yield from ((leaf, boxes.row(k)) for k, leaf in enumerate(part))


def _sums(responses: DrawnResponses, part: list[tuple[Key, Group, Boxes]], precision: float) -> list[Sum]:
    model = responses.model
    cells = [group.proof.cells for _, group, _ in part]
    counts = [len(own) for own in cells]
    leaf = np.repeat(np.arange(len(part)), counts)
    price = np.array([group.proof.price[node, k] for (_, node, k), group, _ in part])[leaf]
    terms = [cell_terms(model, own) for own in cells]
    starts = np.cumsum([0, *counts[:-1]]).tolist()
    channel = np.concatenate([channels for _, channels in terms])
    low, high, zero, on = (
        np.concatenate([getattr(box, name)[0] for _, _, box in part])
        for name in ("low", "high", "zero", "on")
    )
    tasks = Tasks(
        group=leaf,
        low=low,
        high=np.where(on, high, -1.0),
        price=price,
        offset=-price * model.setup[np.concatenate(cells)],
        floor=np.where(zero, 0.0, -np.inf),
        owner=np.concatenate([owner + start for (owner, _), start in zip(terms, starts, strict=True)]),
        channel=channel,
        gain=model.worth[channel],
        base=np.zeros(len(channel)),
        weight=np.empty((0, 0)),
    )
    peaks = proven_peaks(responses, tasks, precision)
    sums, sizes = (np.bincount(leaf, values, len(part)) for values in (peaks.bound, peaks.size))
    return list(zip(sums.tolist(), sizes.tolist(), strict=True))
