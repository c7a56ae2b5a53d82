"""`fairness_slices`: what a model and a decision do to groups of people, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.binomial import share_interval
from mixcurve.foundations.checks import finite_array, number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.propensity.impact import rate_difference
from mixcurve.propensity.labels import two_classes
from mixcurve.thresholds.auc import auc_interval

__all__ = ["FairnessReport", "Share", "Slice", "fairness_slices"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
FEWEST = 30
"""Of people a share is of; fewer say too little, and it is marked."""


@dataclass(frozen=True, eq=False)
class Share(Result):
    """A share of people with its interval, and how it differs from that of all others, with an interval.

    The interval of the difference is adjusted for the number of groups (Bonferroni). ``people``: of how many.
    """

    value: float
    low: float
    high: float
    people: int
    difference: float
    difference_low: float
    difference_high: float

    @property
    def differs(self) -> bool:
        """Whether it differs from that of all others beyond chance."""
        return self.difference_low > 0.0 or self.difference_high < 0.0


@dataclass(frozen=True, eq=False)
class Slice(Result):
    """One group.

    Parameters
    ----------
    group, people, positives
        Its name, how many people, and how many of the second class.
    base_rate, selected, recall, precision
        Shares: of the second class; selected; selected of the second class; of the second class among those selected.
    stated
        The mean probability; against ``base_rate`` it tells of calibration.
    auc, auc_low, auc_high
        NaN with one class only.
    small
        Whether a share is of fewer than 30 people.
    """

    group: str
    people: int
    positives: int
    base_rate: Share
    selected: Share
    recall: Share
    precision: Share
    stated: float
    auc: float
    auc_low: float
    auc_high: float

    @property
    def small(self) -> bool:
        """Whether one of its shares is of too few people to be judged."""
        return min(self.people, self.recall.people, self.precision.people) < FEWEST


@dataclass(frozen=True, eq=False)
class FairnessReport(Result):
    """Groups side by side. What differs is told; whether it should is for people to judge."""

    slices: tuple[Slice, ...]
    level: float

    @property
    def table(self) -> Any:
        """A pandas frame, a row a group and figure."""
        import pandas as pd

        rows = []
        for one in self.slices:
            for name in ("base_rate", "selected", "recall", "precision"):
                s: Share = getattr(one, name)
                rows.append(
                    (one.group, name.replace("_", " "), s.people, s.value, s.low, s.high, s.difference,
                     s.difference_low, s.difference_high, s.differs)
                )  # fmt: skip
        names = ["group", "figure", "people", "share", "low", "high", "against others", "difference low",
                 "difference high", "differs"]  # fmt: skip
        return pd.DataFrame(rows, columns=names)

    @property
    def summary(self) -> str:
        """Plain sentences."""
        told = []
        for one in self.slices:
            off = [
                f"{name.replace('_', ' ')} {s.value:.1%} ({100.0 * s.difference:+.1f} percentage points against others)"
                for name in ("base_rate", "selected", "recall", "precision")
                if (s := getattr(one, name)).differs
            ]
            if off:
                told.append(f"{one.group}: {', '.join(off)}")
        small = [one.group for one in self.slices if one.small]
        many = f" Too few people to judge: {', '.join(small)}." if small else ""
        said = "; ".join(told) if told else "no group differs from the others beyond chance"
        return f"At {100 * self.level:g}%, adjusted for {len(self.slices)} groups: {said}.{many}"


def fairness_slices(
    probability: npt.ArrayLike,
    y: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    selected: Any = None,
    threshold: float | None = None,
    level: float = 0.95,
) -> FairnessReport:
    """Return base rates, selection, recall, precision and ranking in each group, with intervals.

    Parameters
    ----------
    probability, y, groups
        (n,) each: probabilities, labels of two values, and what group each person belongs to.
    selected
        A `Decision`, or (n,) who is selected.
    threshold
        Instead: the probability from which on people are selected.
    level
        Of the intervals; those of differences are adjusted for the number of groups.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.uniform(size=2000)
    >>> report = fairness_slices(p, rng.random(2000) < p, np.repeat(["north", "south"], 1000), threshold=0.5)
    >>> [one.group for one in report.slices]
    ['north', 'south']
    """
    p = finite_array("probability", probability, ndim=1)
    label, _ = two_classes(y)
    names, codes = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    number("level", level, low=0.5, high=0.9999)
    chosen = _selected(p, selected, threshold)
    if not len(p) == len(label) == len(codes) == len(chosen):
        raise InputError("probability, y, groups and selected must have one value per person each.")
    if len(names) < 2:
        raise InputError(f"groups holds one group only ({names[0]!r}). Give at least two.")
    strict = 1.0 - (1.0 - level) / len(names)
    slices = [_slice(str(n), codes == k, p, label, chosen, (level, strict)) for k, n in enumerate(names)]
    return FairnessReport(tuple(slices), level)


def _selected(p: FloatArray, selected: Any, threshold: float | None) -> BoolArray:
    if (selected is None) == (threshold is None):
        raise InputError("Give selected or threshold: one of the two says who is selected.")
    if threshold is not None:
        return p >= number("threshold", threshold, low=0.0, high=1.0)
    return np.asarray(getattr(selected, "selected", selected)).astype(bool)


def _slice(
    name: str,
    member: BoolArray,
    p: FloatArray,
    label: FloatArray,
    chosen: BoolArray,
    levels: tuple[float, float],
) -> Slice:
    everyone, positive = np.ones(len(p), dtype=bool), label > 0
    parts = {
        "base_rate": (positive, everyone), "selected": (chosen, everyone), "recall": (chosen, positive),
        "precision": (positive, chosen),
    }  # fmt: skip
    shares = {key: _share(hit, of, member, levels) for key, (hit, of) in parts.items()}
    both = 0 < label[member].sum() < member.sum()
    auc = auc_interval(p[member], label[member], level=levels[0]) if both else None
    figures = (np.nan, np.nan, np.nan) if auc is None else (auc.auc, auc.low, auc.high)
    return Slice(
        name,
        int(member.sum()),
        int(label[member].sum()),
        **shares,
        stated=float(p[member].mean()),
        auc=figures[0],
        auc_low=figures[1],
        auc_high=figures[2],
    )


def _share(hit: BoolArray, of: BoolArray, member: BoolArray, levels: tuple[float, float]) -> Share:
    """Return the share of hits among some people of a group, and its difference to all others."""
    cases = np.array([(of & ~member).sum(), (of & member).sum()], dtype=float)
    hits = np.array([(hit & of & ~member).sum(), (hit & of & member).sum()], dtype=float)
    if not cases[1]:
        return Share(np.nan, np.nan, np.nan, 0, np.nan, np.nan, np.nan)
    low, high = (float(end) for end in share_interval(hits[1], cases[1], levels[0]))
    apart = rate_difference(hits, cases, levels[1]) if cases[0] else (np.nan, np.nan, np.nan)
    return Share(float(hits[1] / cases[1]), low, high, int(cases[1]), *apart)
