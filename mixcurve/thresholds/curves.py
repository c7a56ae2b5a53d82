"""How well a score ranks: gains, lift, ROC, precision and recall, each with its band, from one sort."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, generator, known_name
from mixcurve.foundations.numbers import Numbers
from mixcurve.foundations.results import Result
from mixcurve.thresholds.auc import AucInterval, auc_interval
from mixcurve.thresholds.cutoffs import Cutoffs
from mixcurve.thresholds.figures import interval
from mixcurve.thresholds.people import WEIGHT_KINDS, People, WeightKind, labels_of, open_share, weights_of
from mixcurve.thresholds.policies import AtLeast, Sums, Youden
from mixcurve.thresholds.resample import coarse_places, resampled
from mixcurve.thresholds.sweep import Sweep, sweep_of
from mixcurve.thresholds.ties import whole_number
from mixcurve.thresholds.worth import worth_of

__all__ = ["RankingCurves", "ranking_curves"]

FloatArray = npt.NDArray[np.float64]

POINTS = 101
"""Places at which bands are given: every percent."""
DRAWN = 500
"""Resamples: the limits of a band at 95% then vary by about a seventh of a standard error."""


@dataclass(frozen=True, eq=False)
class RankingCurves(Result):
    """How well a score ranks people, with bands at ``level``, each point by itself.

    Parameters
    ----------
    auc
        The area under the ROC curve with DeLong's interval.
    kolmogorov_smirnov, kolmogorov_smirnov_low, kolmogorov_smirnov_high
        The largest recall less false positive rate, and its interval at that cut-off.
    kolmogorov_smirnov_threshold
        The score at which it is reached.
    average_precision, average_precision_low, average_precision_high
        Mean precision over the positives, each at its own cut-off.
    cutoffs
        Cut-offs, all of them or about 500 that part people evenly.
    share
        0, 1%, ... 100%: the shares of people, false positive rates or recalls at which the curves are given (101).
        Among people who are equal a part is taken at random.
    gains, gains_low, gains_high
        Recall when the top share of people is contacted.
    roc, roc_low, roc_high
        Recall at each false positive rate.
    precision, precision_low, precision_high
        Precision at each recall; that at recall 0 is that of the highest cut-off.
    base_rate, level, resamples
        The share of positives; the level of all intervals; what bands are made of.
    """

    auc: AucInterval
    kolmogorov_smirnov: float
    kolmogorov_smirnov_low: float
    kolmogorov_smirnov_high: float
    kolmogorov_smirnov_threshold: float
    average_precision: float
    average_precision_low: float
    average_precision_high: float
    cutoffs: Cutoffs
    share: FloatArray
    gains: FloatArray
    gains_low: FloatArray
    gains_high: FloatArray
    roc: FloatArray
    roc_low: FloatArray
    roc_high: FloatArray
    precision: FloatArray
    precision_low: FloatArray
    precision_high: FloatArray
    base_rate: float
    level: float
    resamples: int

    @property
    def lift(self) -> FloatArray:
        """Precision among the top share of people over the base rate; NaN at share 0."""
        return np.divide(self.gains, self.share, out=np.full(len(self.share), np.nan), where=self.share > 0)

    @property
    def gini(self) -> float:
        """Twice the area less 1, also called Somers' D."""
        return 2.0 * self.auc.auc - 1.0

    @property
    def summary(self) -> str:
        """One plain sentence: what the top tenth and the top quarter hold, and the area."""
        numbers = Numbers()
        tenth, quarter = (float(np.interp(s, self.share, self.gains)) for s in (0.1, 0.25))
        return (
            f"The top 10% of people hold {numbers.share(tenth)} of the positives, the top 25% hold "
            f"{numbers.share(quarter)}; {self.auc.summary}"
        )

    @property
    def table(self) -> Any:
        """A pandas frame with a row per percent: gains, lift and their bands, ROC, precision at that recall."""
        import pandas as pd

        part = np.where(self.share > 0, self.share, np.nan)
        names = ("gains", "gains_low", "gains_high")
        lifts = {f"lift{name[5:]}": getattr(self, name) / part for name in names}
        others = ("roc", "roc_low", "roc_high", "precision", "precision_low", "precision_high")
        return pd.DataFrame(
            {"share": self.share, **{n: getattr(self, n) for n in names}, **lifts}
            | {n: getattr(self, n) for n in others}
        )


def ranking_curves(
    score: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    level: float = 0.95,
    bootstrap: int = DRAWN,
    seed: int | np.random.Generator | None = 0,
) -> RankingCurves:
    """Return gains, lift, ROC, precision and recall of a score, with the area under the ROC curve by DeLong.

    Parameters
    ----------
    score
        (n,), finite: probabilities or log-odds.
    y
        (n,), 0 or 1, both present.
    weights, weight_kind
        (n,), as for `choose_threshold`.
    level, bootstrap, seed
        Level of intervals, the resamples of people that bands are made of (0 for none), and their seed.

    Raises
    ------
    InputError
        If lengths differ, a value is not finite, a label is neither 0 nor 1, or no weight is above 0.

    References
    ----------
    Davis and Goadrich (2006), ICML, 233-240: between two cut-offs precision does not lie on a straight line over
    recall, but the counts do.

    Examples
    --------
    >>> found = ranking_curves([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], bootstrap=100)
    >>> found.auc.auc, found.gains[[0, 25, 50, 75, 100]].tolist()
    (0.75, [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    values = finite_array("score", score, ndim=1)
    known_name("weight_kind", weight_kind, WEIGHT_KINDS)
    people = People(
        values, None, labels_of(y, len(values)), True, weights_of(weights, len(values)), weight_kind
    )
    confidence, draws = open_share("level", level, "Write 95% as 0.95."), whole_number("bootstrap", bootstrap)
    area = auc_interval(values, people.outcome, people.weight, confidence, weight_kind=weight_kind)
    worth = worth_of(None, None, len(values))
    sweep = sweep_of(people, worth, AtLeast(-np.inf, "all", "probability"), None, "hash")
    peak = int(Youden().place(sweep.sums))
    sweep = replace(sweep, place=peak)
    drawn = resampled(people, worth, sweep, draws, generator(seed)) if draws else None
    lines = _lines(sweep.sums)
    again = drawn.sums if drawn is not None else None
    bands = _bands(again, confidence)
    peaks = Youden().score(again)[:, drawn.chosen] if drawn is not None and again is not None else np.nan
    precisions = _average(sweep.sums), _average_band(sweep.sums, drawn, confidence)
    return RankingCurves(
        area, float(Youden().score(sweep.sums)[peak]), *interval(np.atleast_1d(peaks), confidence),
        float(sweep.sums.cut[peak]), precisions[0], *precisions[1], _cutoffs(sweep), np.linspace(0.0, 1.0, POINTS),
        lines[0], *bands[0], lines[1], *bands[1], lines[2], *bands[2], people.base_rate, confidence, draws,
    )  # fmt: skip


def _cutoffs(sweep: Sweep) -> Cutoffs:
    places = coarse_places(sweep.sums.people, (sweep.place,))
    hits, people = sweep.sums.positives[places], sweep.sums.people[places]
    return Cutoffs(sweep.sums.cut[places], hits, people - hits, float(hits[-1]), float(people[-1]))


def _lines(sums: Sums) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return gains, ROC and precision at every percent, for the totals of one sample."""
    grid = np.linspace(0.0, 1.0, POINTS)
    people, hits = sums.people, sums.positives
    others = people - hits
    gains = np.interp(grid, people / people[-1], hits / hits[-1])
    roc = np.interp(grid, others / others[-1], hits / hits[-1])
    # At a recall without a positive of its own the fewest people who reach it count.
    needed = np.interp(grid[1:], hits / hits[-1], people)
    precision = np.divide(grid[1:] * hits[-1], needed, out=np.ones(POINTS - 1), where=needed > 0)
    top = int(np.argmax(people > 0))
    return gains, roc, np.concatenate([[hits[top] / people[top]], precision])


def _bands(again: Sums | None, level: float) -> list[tuple[FloatArray, FloatArray]]:
    if again is None:
        nothing = np.full(POINTS, np.nan)
        return [(nothing, nothing)] * 3
    rows = [
        _lines(replace(again, people=p, positives=h))
        for p, h in zip(again.people, again.positives, strict=True)
    ]
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    found = (np.quantile(np.stack(lines), tails, axis=0) for lines in zip(*rows, strict=True))
    return [(low, high) for low, high in found]


def _average(sums: Sums) -> Any:
    """Return average precision of each row of totals."""
    hits, people = sums.positives, sums.people
    precision = np.divide(hits, people, out=np.zeros_like(hits), where=people > 0)
    gained = np.diff(hits, axis=-1) * precision[..., 1:]
    return gained.sum(axis=-1) / hits[..., -1]


def _average_band(sums: Sums, drawn: Any, level: float) -> tuple[float, float]:
    if drawn is None:
        return np.nan, np.nan
    # Resamples know fewer cut-offs than the data; what that changes in the data is taken off.
    away = float(_average(sums) - _average(drawn.original))
    low, high = interval(_average(drawn.sums), level)
    return low + away, high + away
