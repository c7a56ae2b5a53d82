"""What each campaign says by itself: its own fit, and the evidence that it gives without the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.curve.data import CampaignData
from mixcurve.response.curves import Curve
from mixcurve.response.evidence import ChannelEvidence, Finding, graded
from mixcurve.response.fit.curve.batch import fit_model
from mixcurve.response.fit.curve.figures import BATCH_FIGURES, curve_figures
from mixcurve.response.fit.curve.intervals import point_at, profile_intervals
from mixcurve.response.fit.curve.model import CurveModel, curve_model
from mixcurve.response.fit.curve.support import curve_evidence, with_second_names

__all__ = ["Own", "own_fits", "with_borrowing"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

BORROWED = 0.3
"""A campaign whose own data take away less than this share of every shape's variance borrows its curve."""
LIKELIHOODS = {"student-t": ("gaussian", "student_t")}
"""Family and loss of the fits, where they have other names."""


@dataclass(frozen=True, eq=False)
class Own:
    """Own fits: ``top`` and the free shape parameters (G × P), NaN where there is none, and the evidence of each."""

    parameters: FloatArray
    evidence: tuple[ChannelEvidence, ...]


def own_fits(
    data: CampaignData, curve: Curve, family: str, baseline: bool, present: FloatArray, every: str, level: float
) -> Own:  # fmt: skip
    """Return the own fit of every campaign that has more rows than parameters."""
    kind, loss = LIKELIHOODS.get(family, (family, "squares"))
    model = curve_model(curve, family=kind, loss=loss, baseline=baseline, non_decreasing=True)
    free = sum(p.free for p in curve.parameters)
    parameters = np.full((len(data.names), 1 + free), np.nan)
    evidence = [_too_few(name, int(rows)) for name, rows in zip(data.names, data.rows_of, strict=True)]
    able = np.flatnonzero(data.rows_of > int(baseline) + 1 + free)
    for rows, values, found in _solved(model, data, able, present, every, level):
        parameters[rows] = values[:, -1 - free :]
        for row, one in zip(rows, found, strict=True):
            evidence[row] = one
    return Own(parameters, tuple(evidence))


def _too_few(name: str, rows: int) -> ChannelEvidence:
    count = "a single row" if rows == 1 else f"{rows} rows"
    text = f"With {count} the data of this campaign alone show no curve."
    return graded(name, (Finding("few_rows", text, "not shown"),))


Solved = list[tuple[IntArray, FloatArray, list[ChannelEvidence]]]


def _solved(
    model: CurveModel, data: CampaignData, places: IntArray, present: FloatArray, every: str, level: float
) -> Solved:
    """Return fits of campaigns solved together; where that fails, of each alone, without those that fail."""
    if not len(places):
        return []
    x, y, weight = _padded(data, places)
    try:
        solved = fit_model(model, x, y, weight)
        figures = curve_figures(solved.problem, point_at(solved, present[places], None), BATCH_FIGURES)
        names = [data.names[i] for i in places]
        profiled, _ = profile_intervals(solved, figures, names, level)
        named = [with_second_names(one, 1.0, model.curve.ceiling) for one in profiled]
        found = [one for one, _ in curve_evidence(solved, names, every, named, level)]
        return [(places, solved.parameters, found)]
    except np.linalg.LinAlgError:
        if len(places) == 1:
            return []
        return [part for i in places for part in _solved(model, data, np.array([i]), present, every, level)]


def _padded(data: CampaignData, places: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return spend, response and weights in users' units (campaigns × longest), padding of weight 0."""
    some = data.take(places)
    count = some.rows_of.astype(np.intp)
    place = np.arange(len(some.campaign)) - np.repeat(np.cumsum(count) - count, count)
    values = (
        some.spend * some.spend_unit[some.campaign],
        some.response * some.response_unit[some.campaign],
        some.weight,
    )
    out = []
    for value in values:
        wide = np.zeros((len(count), int(count.max())))
        wide[some.campaign, place] = value
        out.append(wide)
    return out[0], out[1], out[2]


def with_borrowing(evidence: ChannelEvidence, learnt: FloatArray) -> ChannelEvidence:
    """Return the evidence with a finding where the campaign's curve is mostly that of the others.

    ``learnt`` are the shares of its shapes' variances that its own data took away.
    """
    if not len(learnt) or learnt.max() >= BORROWED:
        return evidence
    text = "Its curve is mostly that of the other campaigns: its own data narrow it little."
    finding = Finding("borrowed", text, "weak")
    return graded(evidence.channel, (*evidence.findings, finding), evidence.grade)
