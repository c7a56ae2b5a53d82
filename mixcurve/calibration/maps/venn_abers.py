"""The Venn-Abers map: isotonic calibration that says for each score how little the cases know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cells import cell_means, cell_starts
from mixcurve.calibration.labels import LabelledScores
from mixcurve.calibration.maps.base import scores_of
from mixcurve.calibration.maps.steps import StepMap
from mixcurve.sigmoid import logit

__all__ = ["VennAbersMap", "fit_venn_abers", "with_positive"]

FloatArray = npt.NDArray[np.float64]
MOST_CELLS = 50_000
"""Scores are grouped beyond so many distinct ones: p1 - p0 is then about 0.001 wide, wider than a cell's own span."""


@dataclass(frozen=True, eq=False)
class VennAbersMap(StepMap):
    r"""Two isotonic fits per score: with a case of this score added as negative (p0), and as positive (p1).

    One of the two is calibrated, whatever the distribution, if cases are exchangeable; ``bounds`` gives both. The map
    itself states the one probability whose log loss is least in the worst case, :math:`p_1 / (1 - p_0 + p_1)`. The
    added case weighs as much as a case does on average.

    ``knots`` (k,) are the scores where either changes, ``lower`` (k + 1,) is p0 from each on (first: below all),
    ``upper`` (k + 1,) p1 up to each (last: above all).

    Source: Vovk and Petej (2014), UAI 30, 829-838; Vovk, Petej and Fedorova (2015), NIPS 28, 892-900, for O(n).
    """

    method: ClassVar[str] = "venn-abers"

    knots: FloatArray
    lower: FloatArray
    upper: FloatArray

    def bounds(self, score: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return p0 and p1 of each score, each in the shape given."""
        z = scores_of(score)
        low = self.lower[np.searchsorted(self.knots, z, side="right")]
        high = self.upper[np.searchsorted(self.knots, z, side="left")]
        return low, high


def fit_venn_abers(cases: LabelledScores, platt_targets: bool) -> VennAbersMap:
    """Fit both isotonic regressions for every score at once; targets play no part."""
    order = np.argsort(cases.score)
    z, weight, label = cases.score[order], cases.weight[order], cases.label[order]
    starts = cell_starts(z, MOST_CELLS)
    knots, share = cell_means(z, weight, starts), cell_means(label, weight, starts)
    counts = np.add.reduceat(weight, starts)
    upper = np.append(with_positive(share, counts), 1.0)
    lower = np.append(0.0, 1.0 - with_positive(1.0 - share[::-1], counts[::-1])[::-1])
    low, high = lower[1:], upper[:-1]
    level = logit(high / (1.0 - low + high))
    first = np.flatnonzero(np.append(True, np.diff(level) > 0))
    last = np.append(first[1:], len(knots)) - 1
    steps = knots[first], knots[last], np.asarray(level[first])
    told = (np.diff(lower) != 0) | (np.diff(upper) != 0)
    kept = np.append(True, told)
    return VennAbersMap(len(z), cases.effective, "", *steps, knots[told], lower[kept], upper[kept])


def with_positive(share: FloatArray, weight: FloatArray, added: float = 1.0) -> FloatArray:
    """Return the isotonic fit at each place after a positive case of weight ``added`` joins that place, (k,).

    Place i's fit is the slope, up to point i, of the greatest convex minorant of the points P_0 ... P_k of cumulative
    weight and positives, those before i moved back by (added, added). From i to i + 1 only P_i moves, along a slope of
    1 that no slope exceeds, so the left end and the right end of the edge in question only ever move right: O(k) in
    all.

    Parameters
    ----------
    share, weight
        (k,), share of positives and weight at each place, in rising order of score.
    added
        The weight of the added case.

    Examples
    --------
    >>> with_positive(np.array([0.0, 1.0]), np.array([1.0, 1.0])).tolist()
    [0.5, 1.0]
    """
    x = np.append(0.0, np.cumsum(weight)).tolist()
    y = np.append(0.0, np.cumsum(weight * share)).tolist()
    after = _hull(x, y)
    out: list[float] = []
    left_x, left_y, right = -added, -added, 1
    for i in range(1, len(x)):
        if i > 1:
            moved_x, moved_y = x[i - 1] - added, y[i - 1] - added
            # At or below the edge the moved point is its new left end.
            if right < i or (moved_y - left_y) * (x[right] - left_x) <= (y[right] - left_y) * (
                moved_x - left_x
            ):
                left_x, left_y, right = moved_x, moved_y, max(right, i)
        slope = (y[right] - left_y) / (x[right] - left_x)
        while (following := after[right]) and (
            steeper := (y[following] - left_y) / (x[following] - left_x)
        ) <= slope:
            right, slope = following, steeper
        out.append(slope)
    return np.maximum.accumulate(np.array(out))


def _hull(x: list[float], y: list[float]) -> list[int]:
    """Return for each point the next corner of the lower convex hull of it and all points after it; 0 at the end."""
    after = [0] * len(x)
    for i in range(len(x) - 2, -1, -1):
        corner = i + 1
        while after[corner]:
            following = after[corner]
            rises = (y[following] - y[i]) * (x[corner] - x[i]) <= (y[corner] - y[i]) * (x[following] - x[i])
            if not rises:
                break
            corner = following
        after[i] = corner
    return after
