"""`fit_curves`: a curve for each of thousands of campaigns, in batches on several threads, each failing alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import Curve, resolve_curve
from mixcurve.response.fit.curve.batch import Batch, fit_model
from mixcurve.response.fit.curve.figures import BATCH_FIGURES, curve_figures
from mixcurve.response.fit.curve.intervals import point_at, profile_intervals
from mixcurve.response.fit.curve.many_results import CurveFits
from mixcurve.response.fit.curve.many_rows import padded
from mixcurve.response.fit.curve.model import CurveModel, curve_model
from mixcurve.response.fit.curve.support import curve_evidence, with_second_names
from mixcurve.response.fit.estimates import EstimateInterval

__all__ = ["fit_curves"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Progress = Callable[[str, int, int], None]

CHUNK, CHUNK_WITH_INTERVALS = 256, 768
"""Campaigns solved side by side: as many as stay in the processor's cache; more where few of them are still running."""
MOST_WORKERS = 4
"""Threads beyond this wait for one another."""
FIGURES = ("half_saturation", "inflection", "mroi")
"""The figures that get an interval, in this order."""
NUMERICAL = "could not be solved: its numbers are too large, too small or too alike"


def fit_curves(
    table: Any,
    *,
    by: str,
    spend: str,
    response: str,
    curve: str | Curve = "hill",
    family: str = "gaussian",
    loss: str = "squares",
    baseline: bool = True,
    non_decreasing: bool = True,
    weights: str | None = None,
    exposures: str | None = None,
    intervals: bool = False,
    level: float = 0.9,
    current: Mapping[str, float] | None = None,
    response_value: float = 1.0,
    every: str = "week",
    workers: int | None = None,
    progress: Progress | None = None,
) -> CurveFits:
    """Fit one curve to each of many campaigns, thousands a second.

    Parameters
    ----------
    table
        A pandas or polars frame, or a mapping of columns, with a row per campaign and period, in any order.
    by, spend, response, weights, exposures
        Names of its columns.
    curve, family, loss, baseline, non_decreasing, response_value, every
        As in `fit_curve`.
    intervals
        Whether to add profile intervals of half-saturation, inflection and mROI at current spend, and the grade of the
        evidence; about a thousand campaigns a second and core.
    level
        Of the intervals.
    current
        Spend of the present plan by campaign; the mean of its spend where not given.
    workers
        Threads; as many as there are cores, at most 4, if not given.
    progress
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    CurveFits
        A row per campaign, in order of first appearance. A campaign that cannot be fitted (negative spend, values
        missing, too few rows) has the status ``"failed"`` and says why; the others are not touched by it.

    Raises
    ------
    InputError
        For a column, curve, family or campaign that is not known, or columns of different lengths.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve import curves, fit_curves
    >>> spend = np.tile(np.linspace(0, 9, 12), 2)
    >>> name = np.repeat(["a", "b"], 12)
    >>> top = np.where(name == "a", 3.0, 5.0)
    >>> fits = fit_curves(
    ...     {"name": name, "spend": spend, "sales": curves["hill"](spend, top=top, half=4.0, slope=2.0)},
    ...     by="name",
    ...     spend="spend",
    ...     response="sales",
    ... )
    >>> fits.campaigns, fits.parameters[:, 1].round(6).tolist()
    (('a', 'b'), [3.0, 5.0])
    """
    chosen = resolve_curve(curve)
    model = curve_model(chosen, family=family, loss=loss, baseline=baseline, non_decreasing=non_decreasing)
    number("level", level, low=0.5, high=0.999)
    if (family == "binomial") != (exposures is not None):
        raise InputError(
            "exposures and family='binomial' go together: name the column of exposures, or leave both out."
        )
    weighing = exposures or weights
    columns = [_column(table, name) for name in (by, spend, response, *([weighing] if weighing else []))]
    needed = int(baseline) + 1 + sum(p.free for p in chosen.parameters)
    names, x, y, weight, problems = padded(columns, needed, family)
    if family == "binomial":
        y = y / np.maximum(weight, 1.0)
    present = _present(current or {}, names, x, weight)
    work = _Work(model, names, x, y, weight, present, intervals, level, response_value, every)
    good = np.flatnonzero([not p for p in problems])
    size = CHUNK_WITH_INTERVALS if intervals else CHUNK
    chunks = [good[i : i + size] for i in range(0, len(good), size)]
    done = _all_done(work, chunks, workers, len(good), progress)
    return _gathered(work, problems, [part for parts in done for part in parts])


def _column(table: Any, name: str) -> npt.NDArray[Any]:
    known_name("column", name, [str(c) for c in (table if isinstance(table, Mapping) else table.columns)])
    return np.asarray(table[name])


def _present(
    current: Mapping[str, float], names: tuple[str, ...], x: FloatArray, weight: FloatArray
) -> FloatArray:
    rows = np.maximum((weight > 0).sum(axis=1), 1)
    with np.errstate(invalid="ignore"):
        present = np.where(weight > 0, x, 0.0).sum(axis=1) / rows
    for name, value in current.items():
        known_name("campaign (current)", name, names)
        present[names.index(name)] = number(f"current['{name}']", value, low=0.0)
    return present


@dataclass(frozen=True, eq=False)
class _Work:
    """All campaigns, and what is wanted of them."""

    model: CurveModel
    names: tuple[str, ...]
    x: FloatArray
    y: FloatArray
    weight: FloatArray
    present: FloatArray
    intervals: bool
    level: float
    value: float
    every: str

    def __call__(self, rows: IntArray) -> list[_Part]:
        """Return the fits of these campaigns; where they cannot be solved together, each alone."""
        try:
            return [self.solve(rows)]
        except np.linalg.LinAlgError:
            if len(rows) == 1:
                return [_Part(rows, None, [], [])]
            return [part for row in rows for part in self(np.array([row]))]

    def solve(self, rows: IntArray) -> _Part:
        longest = int((self.weight[rows] > 0).sum(axis=1).max())
        x, y, weight = (a[rows, :longest] for a in (self.x, self.y, self.weight))
        solved = fit_model(self.model, x, y, weight)
        if not self.intervals:
            return _Part(rows, solved, [], [])
        point = point_at(solved, self.present[rows], None)
        channels = [self.names[i] for i in rows]
        figures = curve_figures(solved.problem, point, BATCH_FIGURES)
        profiled, _ = profile_intervals(solved, figures, channels, self.level)
        ceiling = self.model.curve.ceiling
        named = [with_second_names(one, self.value, ceiling) for one in profiled]
        evidence = curve_evidence(solved, channels, self.every, named, self.level)
        return _Part(rows, solved, named, [found for found, _ in evidence])


@dataclass(frozen=True, eq=False)
class _Part:
    """Some campaigns solved; ``solved`` is None where that failed."""

    rows: IntArray
    solved: Batch | None
    intervals: list[list[EstimateInterval]]
    evidence: list[Any]


def _all_done(
    work: _Work, chunks: list[IntArray], workers: int | None, total: int, progress: Progress | None
) -> list[list[_Part]]:
    """Return every chunk's parts, solved on several threads; progress is told from this one."""
    asked = (
        min(os.cpu_count() or 1, MOST_WORKERS) if workers is None else int(number("workers", workers, low=1))
    )
    count = min(asked, len(chunks))
    if count <= 1:
        return _told(map(work, chunks), chunks, total, progress)
    with ThreadPoolExecutor(count) as pool:
        return _told(pool.map(work, chunks), chunks, total, progress)


def _told(
    parts: Iterable[list[_Part]], chunks: list[IntArray], total: int, progress: Progress | None
) -> list[list[_Part]]:
    out, done = [], 0
    for part, chunk in zip(parts, chunks, strict=True):
        out.append(part)
        done += len(chunk)
        if progress:
            progress("fitting", done, total)
    return out


def _gathered(work: _Work, problems: list[str], parts: list[_Part]) -> CurveFits:
    model, count = work.model, len(work.names)
    free = [p.name for p in model.curve.parameters if p.free]
    labels = (*(("baseline",) if model.baseline else ()), "top", *free)
    figures = FIGURES if work.intervals else ()
    parameters, errors = (np.full((count, len(labels)), np.nan) for _ in range(2))
    rss, likelihood = np.full(count, np.nan), np.full(count, np.nan)
    estimates, low, high = (np.full((count, len(figures)), np.nan) for _ in range(3))
    dof = np.zeros(count, dtype=np.intp)
    status, message = ["failed"] * count, list(problems)
    sides, grades, findings = [("",) * len(figures)] * count, ["not shown"] * count, [()] * count
    for part in parts:
        if part.solved is None:
            message[int(part.rows[0])] = NUMERICAL
            continue
        solved, rows = part.solved, part.rows
        parameters[rows], rss[rows], dof[rows] = solved.parameters, solved.rss, solved.degrees_of_freedom
        errors[rows] = np.sqrt(np.einsum("bii->bi", solved.covariance))
        likelihood[rows] = solved.log_likelihood
        for i, one in zip(rows, solved.status, strict=True):
            status[i] = one
        for i, intervals, found in zip(rows, part.intervals, part.evidence, strict=bool(figures)):
            named = {one.name: one for one in intervals}
            kept = [named.get(f) for f in figures]
            if status[i] != "no response":
                estimates[i], low[i], high[i] = (_ends(kept, end) for end in ("estimate", "low", "high"))
                sides[i] = tuple(k.open_side if k else "" for k in kept)
            grades[i], findings[i] = found.grade, tuple(f.code for f in found.findings)
    return CurveFits(
        work.names, model.curve, labels, parameters, errors, rss, dof, tuple(status), tuple(message), likelihood,
        figures, estimates, low, high, tuple(sides), tuple(grades) if figures else (),
        tuple(findings) if figures else (), work.level, model.family, model.loss,
    )  # fmt: skip


def _ends(intervals: list[EstimateInterval | None], end: str) -> list[float]:
    return [getattr(i, end) if i is not None else np.nan for i in intervals]
