"""What is found about the calibration of intervals, of predictive distributions and of probabilities: one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = ["CalibrationReport", "CalibrationTest", "Coverage", "ReportKind"]

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
class CalibrationReport(Result):
    """Whether what was stated came true as often as stated.

    Made by `interval_report` (kind ``"intervals"``) and `predictive_report` (``"predictive"``); the kind
    ``"probabilities"`` is that of a classifier's probabilities. Arrays that a kind does not fill are empty.

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
        Probabilities: the isotonic reliability curve.
    bin_edges, bin_counts, bin_low, bin_high
        A histogram. Predictive: PIT values, with a band that holds all bars of a calibrated forecast with the
        confidence. Probabilities: the stated probabilities. Counts add up to the effective cases.
    tests
        Predictive: uniformity of the PIT values. Probabilities: Spiegelhalter's z.
    slope, intercept
        Probabilities: of the outcome's log-odds on the stated log-odds.
    scores
        Probabilities: scores by name, such as the Brier score and its parts; lower is better.
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
        return pd.DataFrame(columns | {"low": self.bin_low, "high": self.bin_high})
