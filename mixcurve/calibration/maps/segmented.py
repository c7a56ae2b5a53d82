"""A map per segment where a segment has enough cases, the map of all cases elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cases import groups_of
from mixcurve.calibration.labels import LabelledScores
from mixcurve.calibration.maps.base import CalibrationMap, Segments, scores_of
from mixcurve.calibration.maps.targets import told
from mixcurve.foundations.errors import InputError

__all__ = ["LEAST_CASES", "SegmentedMap", "fit_segments"]

FloatArray = npt.NDArray[np.float64]
LEAST_CASES = 100
"""Positive and negative cases, each, that a map of a segment needs: with fewer, the calibration found is mostly noise.

Source: Vergouwe, Steyerberg, Eijkemans and Habbema (2005), Journal of Clinical Epidemiology 58, 475-483.
"""


@dataclass(frozen=True, eq=False)
class SegmentedMap(CalibrationMap):
    """Maps by segment: ``maps`` of segments with enough cases, and ``pooled``, the map of all cases, for the others.

    A segment that was not seen is mapped by ``pooled`` too. ``unmapped`` names the segments seen that had too few cases
    for a map of their own.
    """

    method: ClassVar[str] = "by segment"

    pooled: CalibrationMap
    maps: dict[str, CalibrationMap]
    unmapped: tuple[str, ...]

    def score(self, score: npt.ArrayLike, segments: Segments | None = None) -> FloatArray:
        """Return the calibrated log-odds of each score by the map of its segment.

        Parameters
        ----------
        score
            Scores as the model gives them, (n,), without NaN.
        segments
            A label per score.

        Raises
        ------
        InputError
            If a score is NaN, or there is not one label per score.
        """
        z = scores_of(score)
        if segments is None:
            raise InputError(
                "segments must be given, for this map was fitted by segment. Give a label per score."
            )
        if not z.size and not len(segments):
            return z
        out = self.pooled.score(z)
        for label, member in groups_of(segments, np.ones(len(z))).items():
            if label in self.maps:
                out[member] = self.maps[label].score(z[member])
        return out

    def _at(self, z: FloatArray) -> FloatArray:
        return self.pooled.score(z)

    @property
    def formula(self) -> str:
        """The maps, one after the other."""
        parts = [f"{label}: {one.formula}" for label, one in self.maps.items()]
        return "; ".join([*parts, f"elsewhere: {self.pooled.formula}"])


def fit_segments(
    fit: Callable[[LabelledScores], CalibrationMap],
    cases: LabelledScores,
    segments: Segments,
    least_cases: float,
) -> SegmentedMap:
    """Fit the pooled map and those of segments that have ``least_cases`` effective cases of each class."""
    groups = groups_of(segments, cases.counted.astype(np.float64))
    pooled, maps, unmapped = fit(cases), {}, []
    for label, member in list(groups.items())[1:]:
        own = cases.of(member[cases.counted])
        if min(own.positives, own.effective - own.positives) >= least_cases:
            maps[label] = fit(own)
        else:
            unmapped.append(label)
    few = (
        f"Too few cases for a map of their own, so mapped with all cases: {', '.join(unmapped)}."
        if unmapped
        else ""
    )
    notes = told(pooled.note, few, *(f"{label}: {one.note}" for label, one in maps.items() if one.note))
    return SegmentedMap(len(cases.score), cases.effective, notes, pooled, maps, tuple(unmapped))
