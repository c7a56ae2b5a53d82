"""The spline map: a smooth rising curve on log-odds, as wiggly as the cases can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cells import cell_means, cell_starts
from mixcurve.calibration.labels import LabelledScores
from mixcurve.calibration.maps.base import CalibrationMap
from mixcurve.calibration.maps.newton import MapSolution, solve_map
from mixcurve.calibration.maps.targets import FLAT, UNFINISHED, targets_of, told

__all__ = ["SplineMap", "fit_spline", "rise"]

FloatArray = npt.NDArray[np.float64]
KNOTS = 8
"""Knots: the penalty, not their number, sets how much the curve bends (Ruppert 2002), and more are seldom needed."""
OUTER = 0.025
"""The share of cases beyond each outer knot, where the curve is straight (Harrell 2015, section 2.4.6, for many
knots)."""
MOST_CELLS = 2000
"""Cases are grouped into so many cells: scores within one differ by far less than the distance of two knots."""
STRENGTHS = np.logspace(-6.0, 0.0, 7)
"""Penalties tried, per case and on scores scaled to the knots: from hardly any to almost straight."""


@dataclass(frozen=True, eq=False)
class SplineMap(CalibrationMap):
    """A quadratic spline whose slope is straight between knots, not negative, and constant beyond the outer knots.

    A slope that is straight between knots is nowhere negative if and only if it is not negative at the knots, so the
    bounds give every rising curve of this kind and no other. ``knots`` (k,) are scores, ``slopes`` (k,) the slope
    there, ``intercept`` the height at the first knot. The roughness, the integral of the squared second derivative, is
    penalised with the strength that Akaike's criterion chooses.

    Source: after Lucena (2018), arXiv:1809.07751; basis of Ramsay (1988), Statistical Science 3, 425-441.
    """

    method: ClassVar[str] = "spline"

    knots: FloatArray
    slopes: FloatArray
    intercept: float

    def _at(self, z: FloatArray) -> FloatArray:
        return self.intercept + rise(z, self.knots, self.slopes)

    @property
    def formula(self) -> str:
        """The map in words."""
        least, most = self.slopes.min(), self.slopes.max()
        return f"a spline with slopes on log-odds from {least:.3g} to {most:.3g}"


def rise(z: FloatArray, knots: FloatArray, slopes: FloatArray) -> FloatArray:
    """Return the integral of the slope from the first knot to z: the slope is straight between knots, constant beyond.

    Examples
    --------
    >>> rise(np.array([-1.0, 0.0, 1.0, 2.0]), np.array([0.0, 1.0]), np.array([1.0, 3.0])).tolist()
    [-1.0, 0.0, 2.0, 5.0]
    """
    width = np.diff(knots)
    heights = np.append(0.0, np.cumsum(width * (slopes[:-1] + slopes[1:]) / 2.0))
    bend = np.append(np.diff(slopes) / width, 0.0)
    at = np.maximum(np.searchsorted(knots, z, side="right") - 1, 0)
    past = z - knots[at]
    return heights[at] + past * (slopes[at] + 0.5 * np.where(past > 0, bend[at], 0.0) * np.maximum(past, 0.0))


def fit_spline(cases: LabelledScores, platt_targets: bool) -> SplineMap:
    """Fit the slopes by penalised maximum likelihood, the penalty by Akaike's criterion."""
    target, note = targets_of(cases, platt_targets, cases.separated)
    order = np.argsort(cases.score)
    z, weight = cases.score[order], cases.weight[order]
    starts = cell_starts(z, MOST_CELLS)
    at, aim = cell_means(z, weight, starts), cell_means(target[order], weight, starts)
    counts = np.add.reduceat(weight, starts)
    knots = _knots(at, counts)
    found = _best(at, aim, counts, knots)
    notes = told(note, FLAT * (not found.coefficients.any()), UNFINISHED * (not found.converged))
    width = np.ptp(knots)
    return SplineMap(
        len(cases.score), cases.effective, notes, knots, found.coefficients / width, found.intercept
    )


def _knots(at: FloatArray, counts: FloatArray) -> FloatArray:
    """Return knots at even shares of the cases; two, for a straight line, if scores are too few."""
    share = (np.cumsum(counts) - 0.5 * counts) / counts.sum()
    knots = np.unique(np.interp(np.linspace(OUTER, 1.0 - OUTER, KNOTS), share, at))
    if len(knots) < 2 or np.ptp(knots) == 0.0:
        return np.array([at[0], at[-1]]) if at[-1] > at[0] else np.array([at[0], at[0] + 1.0])
    return knots


def _best(at: FloatArray, aim: FloatArray, counts: FloatArray, knots: FloatArray) -> MapSolution:
    """Return the fit whose loss plus used freedom is least."""
    # On scores that the knots span from 0 to 1, so that neither the strengths nor rounding know the score's unit.
    place, scaled = (at - knots[0]) / np.ptp(knots), (knots - knots[0]) / np.ptp(knots)
    columns = np.column_stack([rise(place, scaled, unit) for unit in np.eye(len(knots))])
    change = np.diff(np.eye(len(knots)), axis=0) / np.sqrt(np.diff(scaled))[:, None]
    rough = counts.sum() * (change.T @ change)
    fits = [solve_map(columns, aim, counts, strength * rough) for strength in STRENGTHS]
    return min(fits, key=lambda fit: fit.loss + fit.freedom)
