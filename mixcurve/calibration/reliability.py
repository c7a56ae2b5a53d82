"""The reliability curve: the share that came true as a rising function of what was stated, with consistency bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cells import cell_means, cell_starts
from mixcurve.calibration.isotonic import pool_adjacent_violators
from mixcurve.calibration.stated import Stated

__all__ = ["Reliability", "Resampled", "points_of", "reliability", "resampled"]

FloatArray = npt.NDArray[np.float64]
MOST_CELLS = 1000
"""Cells that a resample is drawn in: an isotonic fit pools about n^(2/3) cases, so that cells of n / 1000 are small
beside what it pools from a thousand cases to a thousand million."""
BAND_POINTS = 100
"""Points beside the corners of the curve at which the band is stated."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """The isotonic fit: ``share`` (k,) of each distinct stated value, with its ``weight``; and the curve's corners.

    ``corner`` (c,) holds stated probabilities at the ends of each step, ``height`` (c,) the shares there.
    """

    share: FloatArray
    weight: FloatArray
    corner: FloatArray
    height: FloatArray


def reliability(cases: Stated) -> Reliability:
    """Return the curve that CORP draws: consistent, optimally binned, reproducible, by pooling adjacent violators.

    Source: Dimitriadis, Gneiting and Jordan (2021), PNAS 118, e2016191118.
    """
    weight = np.add.reduceat(cases.weight, cases.starts)
    share = pool_adjacent_violators(cell_means(cases.label, cases.weight, cases.starts), weight)
    stated = cases.probability[cases.starts]
    change = np.diff(share) > 0
    corners = np.append(True, change) | np.append(change, True)
    return Reliability(share, weight, stated[corners], share[corners])


@dataclass(frozen=True, eq=False)
class Resampled:
    """What calibrated probabilities would show: ``low`` and ``high`` (c,) at ``stated`` (c,), and the p-value."""

    stated: FloatArray
    low: FloatArray
    high: FloatArray
    miscalibration: float
    p_value: float


def resampled(cases: Stated, level: float, resamples: int, rng: np.random.Generator) -> Resampled:
    """Draw labels from the stated probabilities again and again, and fit each draw as the labels were fitted.

    The band holds the curve of calibrated probabilities at each point with probability ``level``. Cases are grouped in
    cells, single ones at both ends; a cell draws its positives from a binomial distribution of its effective cases. The
    p-value is that of the Brier score's miscalibration.
    """
    starts = cell_starts(cases.key, MOST_CELLS)
    weight = np.add.reduceat(cases.weight, starts)
    stated, came = (cell_means(a, cases.weight, starts) for a in (cases.probability, cases.label))
    count = np.maximum(np.rint(weight**2 / np.add.reduceat(cases.weight**2, starts)), 1.0).astype(np.int64)
    drawn = rng.binomial(count, np.clip(stated, 0.0, 1.0), size=(resamples, len(starts))) / count
    # All draws in one pass: 2 apart, none is pooled with another.
    apart = 2.0 * np.arange(resamples)[:, None]
    fitted = pool_adjacent_violators((drawn + apart).ravel(), np.tile(weight, resamples))
    fitted = np.clip(fitted.reshape(drawn.shape) - apart, 0.0, 1.0)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(fitted, [tail, 1.0 - tail], axis=0)
    chance = ((drawn - stated) ** 2 - (drawn - fitted) ** 2) @ weight
    own = weight @ ((came - stated) ** 2 - (came - pool_adjacent_violators(came, weight)) ** 2)
    as_far = int(np.count_nonzero(chance >= own))
    return Resampled(stated, low, high, float(own / weight.sum()), (1.0 + as_far) / (1.0 + resamples))


def points_of(curve: Reliability, band: Resampled) -> FloatArray:
    """Return the stated probabilities at which curve and band are told, rising: the curve's corners, and some between.

    The curve is straight between its corners, so nothing of it is lost.
    """
    some = np.linspace(0, len(band.stated) - 1, min(BAND_POINTS, len(band.stated))).astype(np.intp)
    within = np.clip(band.stated[some], curve.corner[0], curve.corner[-1])
    return np.unique(np.concatenate([curve.corner, within]))
