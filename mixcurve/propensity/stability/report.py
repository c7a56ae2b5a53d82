"""`stability`: whether a model is still right for the people it now scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.binomial import share_interval
from mixcurve.calibration.probability import calibration_report
from mixcurve.calibration.report import SegmentCalibration
from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.propensity.labels import two_classes
from mixcurve.propensity.model import PropensityModel
from mixcurve.propensity.stability.index import LARGE, Moved, moved
from mixcurve.propensity.view import view_of
from mixcurve.sigmoid import expit
from mixcurve.tables.customer_table import CustomerTable
from mixcurve.thresholds.auc import AucInterval, auc_interval

__all__ = ["Month", "StabilityReport", "stability"]

FloatArray = npt.NDArray[np.float64]
FEWEST = 30
"""A month or segment of fewer people is not judged."""


@dataclass(frozen=True, eq=False)
class Month(Result):
    """A month of people: how many, the mean probability stated, the share that came true and its interval."""

    month: str
    people: int
    stated: float
    observed: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Whether as many came true as stated."""
        return (
            "less often"
            if self.high < self.stated
            else "more often"
            if self.low > self.stated
            else "as stated"
        )


@dataclass(frozen=True, eq=False)
class StabilityReport(Result):
    """People, scores and outcomes after against before.

    Parameters
    ----------
    score
        How far the scores have moved.
    features
        How far each column of the table has moved, the most first.
    drift
        By column, what its movement adds to the mean score (log-odds); they add up to ``mean_score`` after less before.
    mean_score
        Before and after, log-odds before any calibration.
    auc
        Before and after; None where there are no labels.
    calibration
        After: slope, intercept and level by name, with intervals (`CalibrationReport.estimates`); empty without labels.
    segments
        After: calibration of each segment, by ``"column: segment"``.
    months
        After (and before, if dated): calibration by month.
    alerts
        What asks for action, each a sentence with a remedy; the gravest first.
    level
        Of the intervals.
    """

    score: Moved
    features: tuple[Moved, ...]
    drift: dict[str, float]
    mean_score: tuple[float, float]
    auc: tuple[AucInterval, AucInterval] | None
    calibration: dict[str, tuple[float, float, float]]
    segments: tuple[SegmentCalibration, ...]
    months: tuple[Month, ...]
    alerts: tuple[str, ...]
    level: float

    @property
    def summary(self) -> str:
        """Plain sentences."""
        change = self.mean_score[1] - self.mean_score[0]
        told = (
            f"Scores: {self.score.verdict} (index {self.score.index:.3f}, {self.score.by_chance:.3f} by chance), "
            f"{change:+.3f} in mean log-odds."
        )
        return " ".join([told, *(self.alerts or ("Nothing asks for action.",))])

    @property
    def table(self) -> Any:
        """A pandas frame, a row a column of the table, and the score first."""
        import pandas as pd

        change = self.mean_score[1] - self.mean_score[0]
        rows = [
            (one.name, one.index, one.by_chance, one.p_value, one.verdict, self.drift.get(one.name, np.nan))
            for one in self.features
        ]
        first = (
            self.score.name,
            self.score.index,
            self.score.by_chance,
            self.score.p_value,
            self.score.verdict,
            change,
        )
        names = ["column", "stability index", "by chance", "p", "verdict", "change of mean score"]
        return pd.DataFrame([first, *rows], columns=names)


def stability(
    model: Any,
    before: Any,
    after: Any,
    y_before: npt.ArrayLike | None = None,
    y_after: npt.ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> StabilityReport:
    """Return whether a model is still right for the people it now scores.

    Parameters
    ----------
    model
        A `PropensityModel`, a fitted `PropensityClassifier` or its `LogisticFit`.
    before, after
        Tables that the model can score: those of the fit, or an earlier period, and the present. With `CustomerTable`,
        labels, dates and segments come with them.
    y_before, y_after
        Labels, if the tables carry none; both or neither.
    level
        Of the intervals.

    Examples
    --------
    >>> from mixcurve.propensity.fit import fit_logistic
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(4000, 2))
    >>> fit = fit_logistic(X, (rng.random(4000) < expit(X[:, 0])).astype(float), names=["usage", "age"])
    >>> stability(fit, X[:2000], X[2000:] + [0.8, 0.0]).features[0].verdict
    'moved much'
    """
    number("level", level, low=0.5, high=0.9999)
    views = view_of(model, before), view_of(model, after)
    scores = tuple(v.fit.score(v.design) for v in views)
    labels = _labels(before, y_before), _labels(after, y_after)
    if (labels[0] is None) != (labels[1] is None):
        raise InputError("Labels are known of one table only. Give y_before and y_after, or neither.")
    found = moved("score", scores[0], scores[1])
    features = sorted(
        (moved(name, views[0].shown(name), views[1].shown(name)) for name in views[0].columns),
        key=lambda m: -m.index,
    )
    drift = views[0].summed(
        views[0].fit.coefficients * (views[1].design.mean(axis=0) - views[0].design.mean(axis=0))
    )
    auc, estimates = None, dict[str, tuple[float, float, float]]()
    segments, months = tuple[SegmentCalibration, ...](), tuple[Month, ...]()
    if labels[0] is not None and labels[1] is not None:
        auc = (
            auc_interval(scores[0], labels[0], level=level),
            auc_interval(scores[1], labels[1], level=level),
        )
        stated = tuple(
            model.score(t) if isinstance(model, PropensityModel) else z
            for t, z in zip((before, after), scores)
        )
        estimates = calibration_report(labels[1], score=stated[1], level=level).estimates
        segments = _segments(after, labels[1], stated[1], level)
        months = (*_months(before, labels[0], stated[0], level), *_months(after, labels[1], stated[1], level))
    by_name = dict(zip(views[0].columns, drift.tolist()))
    alerts = _alerts(found, features, by_name, auc, estimates, segments)
    means = float(scores[0].mean()), float(scores[1].mean())
    return StabilityReport(
        found, tuple(features), by_name, means, auc, estimates, segments, months, alerts, level
    )


def _labels(table: Any, y: npt.ArrayLike | None) -> FloatArray | None:
    if y is not None:
        return two_classes(y)[0]
    return table.label if isinstance(table, CustomerTable) else None


def _segments(
    table: Any, label: FloatArray, score: FloatArray, level: float
) -> tuple[SegmentCalibration, ...]:
    if not isinstance(table, CustomerTable):
        return ()
    found = []
    for column, values in table.segments.items():
        for one in calibration_report(label, score=score, segments=values, level=level).segments:
            found.append(replace(one, segment=f"{column}: {one.segment}"))
    return tuple(found)


def _months(table: Any, label: FloatArray, score: FloatArray, level: float) -> tuple[Month, ...]:
    if not isinstance(table, CustomerTable) or table.date is None:
        return ()
    months, codes = np.unique(table.date.astype("datetime64[M]"), return_inverse=True)
    people = np.bincount(codes)
    hits = np.bincount(codes, weights=label)
    stated = np.bincount(codes, weights=expit(score)) / people
    low, high = (np.asarray(end) for end in share_interval(hits, people, level))
    return tuple(
        Month(str(m), int(n), float(s), float(h / n), float(lo), float(hi))
        for m, n, s, h, lo, hi in zip(months, people, stated, hits, low, high)
    )


def _alerts(
    score: Moved,
    features: list[Moved],
    drift: dict[str, float],
    auc: tuple[AucInterval, AucInterval] | None,
    estimates: dict[str, tuple[float, float, float]],
    segments: tuple[SegmentCalibration, ...],
) -> tuple[str, ...]:
    """Return what asks for action."""
    found = []
    if "slope" in estimates:
        slope, large = estimates["slope"], estimates["in the large"]
        if slope[2] < 1.0 or slope[1] > 1.0 or large[1] > 0.0 or large[2] < 0.0:
            found.append(
                f"Probabilities are off (slope {slope[0]:.2f}, {slope[1]:.2f} to {slope[2]:.2f}; level {large[0]:+.2f} "
                f"in log-odds, {large[1]:+.2f} to {large[2]:+.2f}): calibrate again on recent people."
            )
    if auc is not None and auc[1].high < auc[0].low:
        found.append(f"The ranking has become worse (AUC {auc[0].auc:.3f} to {auc[1].auc:.3f}): fit again.")
    if score.verdict in ("moved", "moved much"):
        most = max(drift, key=lambda name: abs(drift[name]))
        found.append(
            f"Scores have {score.verdict}, mostly by '{most}': look at where these people come from."
        )
    for one in features:
        if one.verdict == "moved much":
            found.append(
                f"'{one.name}' has moved much (index {one.index:.2f}, {LARGE:g} is large): check its source."
            )
    off = [s for s in segments if s.cases >= FEWEST and s.verdict != "as stated"]
    if off and len(off) > max(1, round(0.1 * len(segments))):
        named = ", ".join(f"{s.segment} ({s.observed:.1%} of {s.stated:.1%} stated)" for s in off[:4])
        found.append(f"Segments whose probabilities are off: {named}. Calibrate per segment.")
    return tuple(found)
