"""The plain sentences of calibration reports."""

from __future__ import annotations

import math

from mixcurve.calibration.report import CalibrationReport, CalibrationTest, Coverage
from mixcurve.foundations.numbers import Numbers

__all__ = [
    "case_count",
    "coverage_sentence",
    "levels_sentence",
    "percent",
    "probability_faults",
    "probability_sentence",
    "segments_sentence",
    "span",
    "spread_sentence",
]

_WRITTEN = Numbers("en-GB")


def percent(level: float) -> str:
    """Return a stated level as percent, such as ``90%`` or ``97.5%``."""
    return f"{round(100.0 * level, 2):g}%"


def case_count(cases: int) -> str:
    """Return the number of cases with its word."""
    return f"{_WRITTEN.written(cases)} case{'s' * (cases != 1)}"


def span(low: float, high: float, confidence: float) -> str:
    """Return the interval of a share with its confidence."""
    return f"{_WRITTEN.share(low)} to {_WRITTEN.share(high)} at {percent(confidence)} confidence"


def coverage_sentence(one: Coverage, confidence: float) -> str:
    """Return how often intervals held the truth, and whether that is as often as stated.

    Examples
    --------
    >>> nan = float("nan")
    >>> one = Coverage(0.9, "", 312, 312.0, 0.8686, 0.827, 0.902, 0.06, 0.07, 0.0, nan, nan)
    >>> coverage_sentence(one, 0.95)
    '90% intervals held the truth in 87% of 312 cases (83% to 90% at 95% confidence).'
    """
    held = f"{percent(one.level)} intervals held the truth in {_WRITTEN.share(one.held)} of {case_count(one.cases)}"
    judged = "" if one.verdict == "as stated" else f", {one.verdict} than stated"
    opened = f"; {_WRITTEN.share(one.open)} of them have an open side, which cannot miss" if one.open else ""
    return f"{held} ({span(one.low, one.high, confidence)}){judged}{opened}."


def levels_sentence(report: CalibrationReport) -> str:
    """Return the report's summary, or for several levels at how many of them the truth was held as often as stated."""
    rows = [one for one in report.coverage if one.group == ""]
    if len(rows) < 2:
        return report.summary.removesuffix(".")
    verdicts = [one.verdict for one in rows]
    counted = (
        (verdict, verdicts.count(verdict)) for verdict in ("less often", "more often") if verdict in verdicts
    )
    parts = [f"{verdict} than stated at {count} of {len(rows)} levels" for verdict, count in counted]
    found = " and ".join(parts) or f"as often as stated at all {len(rows)} levels"
    return f"Intervals held the truth {found} in {case_count(report.cases)}"


def spread_sentence(report: CalibrationReport) -> str:
    """Return whether the PIT values are spread evenly, and if not, what that says of the predictive distributions.

    Uneven means that one of the report's tests rejects at a share of ``1 - confidence`` (Bonferroni: divided by the
    number of tests).
    """
    limit = (1.0 - report.confidence) / max(len(report.tests), 1)
    found = {t.name: t for t in report.tests}
    if all(t.p_value >= limit for t in report.tests):
        return f"PIT values of {case_count(report.cases)} are spread as evenly as chance allows"
    reasons = [_reason(t) for name, t in found.items() if t.p_value < limit and name in ("mean", "spread")]
    return "PIT values are uneven: " + (
        " and ".join(reasons) or "the predictive distributions have the wrong shape"
    )


def _reason(test: CalibrationTest) -> str:
    if test.name == "mean":
        return f"the truth lies {'higher' if test.statistic > 0 else 'lower'} than predicted"
    return f"the predictive distributions are too {'narrow' if test.statistic > 0 else 'wide'}"


def probability_sentence(report: CalibrationReport) -> str:
    """Return whether stated probabilities mean what they say, and if not, in what way they do not.

    They do not when one of the report's tests rejects at a share of ``1 - confidence``, divided by the number of tests
    (Bonferroni).
    """
    observed = report.estimates["observed"][0]
    stated = observed / report.estimates["observed over stated"][0]
    level = f"{_WRITTEN.share(stated, 1)} stated on average, {_WRITTEN.share(observed, 1)} came true"
    slope, low, high = report.estimates["slope"]
    line = (
        f"slope {_short(slope)} ({_short(low)} to {_short(high)} at {percent(report.confidence)} confidence)"
        if math.isfinite(slope)
        else "no slope, for " + ("they separate the outcomes" if math.isinf(slope) else "all are the same")
    )
    faults = probability_faults(report)
    verdict = f"Probabilities are {' and '.join(faults)}" if faults else "Probabilities mean what they say"
    return f"{verdict}: {level}, {line}, in {case_count(report.cases)}."


def _short(slope: float) -> str:
    """Return a slope with two decimals, a small one with two digits that are not 0."""
    return f"{slope:.2f}" if abs(slope) >= 0.1 else f"{slope:.2g}"


def probability_faults(report: CalibrationReport) -> list[str]:
    """Return in what ways stated probabilities are wrong, none if chance explains what is found."""
    told = [t for t in report.tests if not math.isnan(t.p_value)]
    found = {t.name: t.statistic for t in told if t.p_value < (1.0 - report.confidence) / max(len(told), 1)}
    faults = []
    if "slope" in found:
        faults.append("too extreme" if found["slope"] < 0 else "not extreme enough")
    if "in the large" in found:
        faults.append("too low on average" if found["in the large"] > 0 else "too high on average")
    return faults or ["off in places"] * bool(found)


def segments_sentence(report: CalibrationReport) -> str:
    """Return in how many segments probabilities came true less or more often than stated."""
    verdicts = [one.verdict for one in report.segments]
    counted = ((verdict, verdicts.count(verdict)) for verdict in ("less often", "more often"))
    parts = [
        f"{verdict} than stated in {count} of {len(verdicts)} segments" for verdict, count in counted if count
    ]
    found = " and ".join(parts) or f"as often as stated in all {len(verdicts)} segments"
    return f"What was predicted came true {found}"
