"""`Tree`, the boxes a search leaves behind, and the chains of channels that are kept in order in them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.budget.channels import Channels

__all__ = ["Tree", "chains_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass
class Tree:
    """The boxes as a binary tree, grown by the search: the certificate's content.

    ``channel[k]`` and ``cut[k]`` say where box k was cut, ``low[k]`` and ``high[k]`` which boxes came of it; -1 marks a
    leaf, whose proof is its ``price[k]`` and ``bound[k]`` (minus infinity where the box admits no plan), by weak
    duality, or by a dynamic programme of ``steps[k]`` cells where that is positive.
    """

    channel: list[int] = field(default_factory=list)
    cut: list[float] = field(default_factory=list)
    low: list[int] = field(default_factory=list)
    high: list[int] = field(default_factory=list)
    price: list[float] = field(default_factory=list)
    bound: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    def add(self, price: float, bound: float, steps: int = 0) -> int:
        """Add a leaf and return its number."""
        self.channel.append(-1)
        self.cut.append(0.0)
        self.low.append(-1)
        self.high.append(-1)
        self.price.append(price)
        self.bound.append(bound)
        self.steps.append(steps)
        return len(self.bound) - 1

    @property
    def largest(self) -> float:
        """The largest bound of a leaf: that of the whole tree."""
        return max(bound for bound, low in zip(self.bound, self.low, strict=True) if low < 0)

    def split(self, box: int, channel: int, cut: float) -> None:
        """Record where a box was cut; its two parts are the next to be added."""
        self.channel[box], self.cut[box] = channel, cut


def chains_of(channels: Channels, lower: FloatArray, upper: FloatArray) -> list[list[int]]:
    """Return chains of channels of one shape in which each dominates the next.

    If two channels share curve and shape parameters, and the first has at least the top and both bounds of the second,
    then some best plan gives the first at least as much: exchanging the two amounts never loses, since the difference
    of the curves rises with spend.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, (curve, row) in enumerate(zip(channels.curve, channels.parameters.tolist(), strict=True)):
        groups.setdefault((curve, *row[1 : len(curve.names)]), []).append(i)
    chains = []
    for members in groups.values():
        ranked = sorted(members, key=lambda i: (-channels.parameters[i, 0], -lower[i], -upper[i], i))
        chain = [ranked[0]]
        for i in ranked[1:]:
            if lower[i] > lower[chain[-1]] or upper[i] > upper[chain[-1]]:
                chains.append(chain)
                chain = []
            chain.append(i)
        chains.append(chain)
    return [chain for chain in chains if len(chain) > 1]
