"""`Certificate`, the proof of a plan; `verify` checks it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result

__all__ = ["Certificate"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Certificate(Result):
    """Why no plan beats ``upper_bound``: boxes of spend that cover every plan, with a price that bounds each box.

    The boxes form a binary tree. Box 0 is the whole problem: spend between ``lower`` and ``upper``, at most ``total``.
    Box k is cut at ``cut[k]`` of channel ``split[k]`` into box ``low[k]``, with at most that spend, and ``high[k]``, with
    at least that. A leaf has -1 in ``low`` and ``high``; its proof is weak duality: for any price λ >= 0 no plan in the box
    is worth more than ``λ total + Σ max (f_i(x) - λ x)``, which is ``bound[k]`` at λ = ``price[k]``; minus infinity
    where the box admits no plan. ``chains`` lists channels of one shape, each of which dominates the next: plans are
    counted in which spend does not rise along a chain, and a cut moves the bounds of its chain accordingly.

    All numbers of channels refer to ``channels``.
    """

    channels: tuple[str, ...]
    total: float
    lower: FloatArray
    upper: FloatArray
    spend: FloatArray
    value: float
    upper_bound: float
    chains: tuple[tuple[int, ...], ...]
    split: IndexArray
    cut: FloatArray
    low: IndexArray
    high: IndexArray
    price: FloatArray
    bound: FloatArray
