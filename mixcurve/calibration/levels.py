"""Level maps: the level to ask for, so that the truth is held as often as wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.words import case_count, percent
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = ["LevelMap", "MapOf"]

FloatArray = npt.NDArray[np.float64]
MapOf = Literal["intervals", "quantiles"]

USUAL_LEVEL = 0.9
"""The level that the summary speaks about, or the nearest that the map reaches."""
EDGE = 1e-12
"""How near to 0 and 1 levels are told apart on the normal scale."""


@dataclass(frozen=True, eq=False)
class LevelMap(Result):
    """What level to ask for so that the truth is held as often as wanted: an isotonic map of stated to real levels.

    Between its knots the map is straight on the scale of normal quantiles, where distributions that are only too narrow
    or too wide (and for quantiles only shifted) give a straight line. Made by `recalibrate_intervals` and
    `recalibrate_predictive`.

    Parameters
    ----------
    of
        ``"intervals"``, or ``"quantiles"``: then a level is the probability of at most that quantile.
    asked, held
        Knots (k): the level asked for, rising, and the share that was held there, not falling.
    low, high
        The interval of each share, shape (k), each point by itself.
    cases, effective_cases
        What the map rests on.
    confidence
        The level of ``low`` and ``high``.

    Examples
    --------
    >>> asked, held = np.array([0.5, 0.8, 0.95]), np.array([0.4, 0.7, 0.9])
    >>> levels = LevelMap("intervals", asked, held, held - 0.05, held + 0.05, 200, 200.0, 0.95)
    >>> float(levels.recalibrated(0.8).round(3)), float(levels.real(0.8).round(3))
    (0.88, 0.7)
    """

    of: MapOf
    asked: FloatArray
    held: FloatArray
    low: FloatArray
    high: FloatArray
    cases: int
    effective_cases: float
    confidence: float

    def recalibrated(self, level: npt.ArrayLike) -> Any:
        """Return the level to ask for: the least at which the truth was held as often as ``level``.

        Raises
        ------
        InputError
            If the cases do not show levels so far out; nothing is extrapolated.
        """
        wanted = self._within("level", level, self.held, "show real levels")
        return self._least(wanted, self.held)[()]

    def real(self, asked: npt.ArrayLike) -> Any:
        """Return how often the truth is held when ``asked`` is asked for."""
        wanted = self._within("asked", asked, self.asked, "were judged at stated levels")
        place = np.interp(self._normal(wanted, EDGE), self._normal(self.asked, EDGE), self._normal(self.held))
        return self._level(place)[()]

    def recalibrated_range(self, level: float) -> tuple[float, float]:
        """Return between which levels the one to ask for may lie, at the map's confidence.

        A limit of 0 or 1 means that the cases do not limit that side.
        """
        wanted = self._within("level", level, self.held, "show real levels")
        limits = (np.maximum.accumulate(edge) for edge in (self.high, self.low))
        low, high = (
            0.0 if wanted < edge[0] else 1.0 if wanted > edge[-1] else float(self._least(wanted, edge))
            for edge in limits
        )
        return low, high

    @property
    def summary(self) -> str:
        """What to ask for, and how sure that is, as one plain sentence."""
        level = float(np.clip(USUAL_LEVEL, self.held[0], self.held[-1]))
        low, high = (percent(round(limit, 3)) for limit in self.recalibrated_range(level))
        return (
            f"For {self.of} of a real {percent(round(level, 3))}, ask for "
            f"{percent(round(float(self.recalibrated(level)), 3))} "
            f"({low} to {high} at {percent(self.confidence)} confidence, from {case_count(self.cases)})."
        )

    @property
    def curve(self) -> Any:
        """The knots with their intervals, as a pandas frame."""
        import pandas as pd

        columns = {"stated": self.asked, "observed": self.held, "low": self.low, "high": self.high}
        return pd.DataFrame(columns)

    def _within(self, name: str, value: npt.ArrayLike, knots: FloatArray, verb: str) -> FloatArray:
        wanted = np.asarray(value, dtype=np.float64)
        beyond = ~((wanted >= knots[0]) & (wanted <= knots[-1]))
        if beyond.any():
            raise InputError(
                f"{name} must lie within [{knots[0]:.4g}, {knots[-1]:.4g}], got {float(wanted[beyond][0]):g}: "
                f"{case_count(self.cases)} {verb} no further. Use more cases or judge wider levels."
            )
        return wanted

    def _least(self, wanted: FloatArray, reached: FloatArray) -> FloatArray:
        """Return the least level at which ``reached``, given at the knots, is ``wanted``."""
        at, knots = self._normal(wanted), self._normal(reached)
        between = self._level(np.interp(at, knots, self._normal(self.asked, EDGE)))
        first = np.minimum(np.searchsorted(knots, at), len(knots) - 1)
        return np.where(knots[first] == at, self.asked[first], between)

    def _normal(self, level: FloatArray, edge: float | None = None) -> FloatArray:
        """Return levels as normal quantiles; shares are held as far from 0 and 1 as so many cases can tell."""
        from scipy.special import ndtri

        nearest = 1.0 / (self.effective_cases + 1.0) if edge is None else edge
        if self.of == "intervals":
            return np.asarray(ndtri((1.0 + np.clip(level, 0.0, 1.0 - nearest)) / 2.0))
        return np.asarray(ndtri(np.clip(level, nearest, 1.0 - nearest)))

    def _level(self, normal: FloatArray) -> FloatArray:
        """Return normal quantiles as levels."""
        from scipy.special import ndtr

        return np.asarray(2.0 * ndtr(normal) - 1.0 if self.of == "intervals" else ndtr(normal))
