"""What is found about the calibration of intervals, of predictive distributions and of probabilities: one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = ["CalibrationReport", "CalibrationTest", "Coverage", "ReportKind", "SegmentCalibration"]

FloatArray = npt.NDArray[np.float64]
ReportKind = Literal["intervals", "predictive", "probabilities"]


@dataclass(frozen=True, eq=False)
class CalibrationTest(Result):
    """A test of calibration: its name, its statistic and the probability of one as extreme under calibration."""

    name: str
    statistic: float
    p_value: float


@dataclass(frozen=True, eq=False)
class Coverage(Result):
    """How often intervals of one stated level held the truth, over all cases or within one group.

    Parameters
    ----------
    level
        What the intervals state.
    group
        The group's label; ``""`` for all cases.
    cases, effective_cases
        How many cases there are, and how many equally weighted ones say as much.
    held, low, high
        The share of intervals that held the truth, and its interval at the report's confidence. It takes cases to be
        independent: cases that hit and miss together, such as the channels of one market, say less than it claims.
    below, above
        The shares of cases whose truth lay below, and above, the interval.
    open
        The share of intervals with a side that did not close. An open side cannot miss.
    mean_width, interval_score
        Means over the intervals closed on both sides; NaN if there is none or limits are not known. Methods that leave
        different intervals open are compared on those that both close.
    """

    level: float
    group: str
    cases: int
    effective_cases: float
    held: float
    low: float
    high: float
    below: float
    above: float
    open: float
    mean_width: float
    interval_score: float

    @property
    def verdict(self) -> Literal["as stated", "less often", "more often"]:
        """Whether the truth was held as often as stated, as far as the interval of the share can tell."""
        return (
            "less often" if self.high < self.level else "more often" if self.low > self.level else "as stated"
        )


@dataclass(frozen=True, eq=False)
class SegmentCalibration(Result):
    """Whether the probabilities stated within one segment came true.

    Parameters
    ----------
    segment
        The segment's label.
    cases, effective_cases
        How many cases there are, and how many equally weighted ones say as much.
    stated
        The mean of the stated probabilities.
    observed, low, high
        The share that came true, and its interval at the report's confidence (Wilson).
    slope, slope_low, slope_high
        Of the outcome's log-odds on the stated log-odds; NaN if the segment has one class only.
    brier
        The Brier score.
    """

    segment: str
    cases: int
    effective_cases: float
    stated: float
    observed: float
    low: float
    high: float
    slope: float
    slope_low: float
    slope_high: float
    brier: float

    @property
    def verdict(self) -> Literal["as stated", "less often", "more often"]:
        """Whether as many came true as stated on average, as far as the interval of the share can tell."""
        return (
            "less often"
            if self.high < self.stated
            else "more often"
            if self.low > self.stated
            else "as stated"
        )


@dataclass(frozen=True, eq=False)
class CalibrationReport(Result):
    """Whether what was stated came true as often as stated.

    Made by `interval_report` (kind ``"intervals"``), `predictive_report` (``"predictive"``) and `calibration_report`
    (``"probabilities"``: those of a classifier). Arrays that a kind does not fill are empty.

    Parameters
    ----------
    kind
        What was judged.
    summary
        One plain sentence.
    cases, effective_cases
        How many cases there are, and how many equally weighted ones say as much.
    confidence
        The level of every interval and band that the report itself gives.
    coverage
        Intervals and predictive: one entry per level and group, levels as given, all cases before the groups.
    stated, observed, observed_low, observed_high
        The curve of what came true against what was stated, with its band at each point by itself. Intervals: the
        share that held the truth, at each level given. Predictive: the same for central intervals, at each percent.
        Probabilities: the isotonic reliability curve, straight between these points; the band is that of calibrated
        probabilities (consistency band).
    bin_edges, bin_counts, bin_low, bin_high
        A histogram. Predictive: PIT values, with a band that holds all bars of a calibrated forecast with the
        confidence. Probabilities: the stated probabilities. Counts add up to the effective cases.
    tests
        Predictive: uniformity of the PIT values. Probabilities: Spiegelhalter's z, slope, level and miscalibration.
    slope, intercept
        Probabilities: of the outcome's log-odds on the stated log-odds.
    scores
        Probabilities: scores by name, such as the Brier score and its parts; lower is better, but for discrimination
        and skill.
    estimates
        Probabilities: value, lower and upper limit at the report's confidence, by name: ``"slope"``, ``"intercept"``,
        ``"in the large"`` (the shift of log-odds that brings the mean to the share observed), ``"observed"`` (the share
        that came true) and ``"observed over stated"`` (as a multiple of the mean stated).
    segments
        Probabilities: one entry per segment, as they first appear.
    """

    kind: ReportKind
    summary: str
    cases: int
    effective_cases: float
    confidence: float
    coverage: tuple[Coverage, ...]
    stated: FloatArray
    observed: FloatArray
    observed_low: FloatArray
    observed_high: FloatArray
    bin_edges: FloatArray = field(default_factory=lambda: np.empty(0))
    bin_counts: FloatArray = field(default_factory=lambda: np.empty(0))
    bin_low: FloatArray = field(default_factory=lambda: np.empty(0))
    bin_high: FloatArray = field(default_factory=lambda: np.empty(0))
    tests: tuple[CalibrationTest, ...] = ()
    slope: float | None = None
    intercept: float | None = None
    scores: dict[str, float] = field(default_factory=dict)
    estimates: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    segments: tuple[SegmentCalibration, ...] = ()

    def at(self, level: float, group: str = "") -> Coverage:
        """Return the coverage at a level, of all cases or of one group."""
        for one in self.coverage:
            if one.level == level and one.group == group:
                return one
        known = ", ".join(f"{one.level:g} {one.group}".strip() for one in self.coverage)
        raise InputError(
            f"The report has no coverage at level {level:g} of group '{group}'. It has: {known}."
        )

    def test(self, name: str) -> CalibrationTest:
        """Return the test of this name."""
        for one in self.tests:
            if one.name == name:
                return one
        raise InputError(
            f"The report has no test '{name}'. It has: {', '.join(t.name for t in self.tests) or 'none'}."
        )

    @property
    def table(self) -> Any:
        """The coverage as a pandas frame, one row per level and group."""
        import pandas as pd

        return pd.DataFrame([vars(one) | {"verdict": one.verdict} for one in self.coverage])

    @property
    def segment_table(self) -> Any:
        """The segments as a pandas frame, one row each."""
        import pandas as pd

        return pd.DataFrame([vars(one) | {"verdict": one.verdict} for one in self.segments])

    @property
    def curve(self) -> Any:
        """What came true against what was stated, as a pandas frame."""
        import pandas as pd

        columns = {"stated": self.stated, "observed": self.observed}
        return pd.DataFrame(columns | {"low": self.observed_low, "high": self.observed_high})

    @property
    def histogram(self) -> Any:
        """The histogram as a pandas frame, one row per bin."""
        import pandas as pd

        columns = {"left": self.bin_edges[:-1], "right": self.bin_edges[1:], "count": self.bin_counts}
        band = {"low": self.bin_low, "high": self.bin_high}
        return pd.DataFrame(columns | {name: edge for name, edge in band.items() if len(edge)})
