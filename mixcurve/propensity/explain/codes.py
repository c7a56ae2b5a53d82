"""`explain`: reason codes, the parts of each person's log-odds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.propensity.view import View, view_of
from mixcurve.thresholds.ties import whole_number

__all__ = ["ReasonCodes", "explain"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MOST_WORDED = 50_000
"""Beyond so many people no sentences are kept, for they would take more memory than the table."""
UNSEEN = 0.005
"""Log-odds below which a part is not told: it moves the odds by less than half a percent."""
LONGEST_VALUE = 40


@dataclass(frozen=True, eq=False)
class ReasonCodes(Result):
    """The parts of each person's score, in log-odds against the average person.

    Parameters
    ----------
    columns
        The columns of the table, (m,); the 0/1 features of one column are added up.
    contributions
        (n, m), how far each column moves the score from that of the average person; a row adds up to
        ``score - average`` exactly.
    score
        (n,), log-odds before any calibration.
    average
        The score of a person with the average of every feature of the fit.
    raising, lowering
        (n, k), places in ``columns`` of what raises and lowers the score most, the strongest first; -1 where there is
        no more.
    raising_words, lowering_words
        (n, k), the same as sentences; empty arrays for more than 50,000 people.
    """

    columns: tuple[str, ...]
    contributions: FloatArray
    score: FloatArray
    average: float
    raising: IntArray
    lowering: IntArray
    raising_words: npt.NDArray[Any] = field(repr=False)
    lowering_words: npt.NDArray[Any] = field(repr=False)

    @property
    def table(self) -> Any:
        """A pandas frame, a row a person: score, and what raises and lowers it."""
        import pandas as pd

        found: dict[str, Any] = {"score": self.score}
        for name, places, words in (
            ("raises", self.raising, self.raising_words), ("lowers", self.lowering, self.lowering_words),
        ):  # fmt: skip
            for k in range(places.shape[1]):
                said = np.array([*self.columns, ""], dtype=object)[places[:, k]]
                found[f"{name} {k + 1}"] = words[:, k] if words.shape[1] else said
        return pd.DataFrame(found)

    def of(self, person: int) -> str:
        """Return what raises and lowers one person's score, in words."""
        if not self.raising_words.shape[1]:
            raise InputError(
                f"No sentences are kept for more than {MOST_WORDED:,} people. Explain fewer at once."
            )
        parts = [w for w in (*self.raising_words[person], *self.lowering_words[person]) if w]
        return "; ".join(parts) or "as the average person"


def explain(model: Any, source: Any, *, top: int = 3) -> ReasonCodes:
    r"""Return why each person has the score that they have.

    The part of column c is :math:`\sum_{j \in c} b_j (x_{ij} - \bar x_j)`, with the means of the people that the model
    was fitted to. Parts are associations that the model has learnt, not causes.

    Parameters
    ----------
    model
        A `PropensityModel`, a fitted `PropensityClassifier` or its `LogisticFit`.
    source
        A table that the model can score.
    top
        How many reasons for and against each person.

    Examples
    --------
    >>> from mixcurve.propensity.fit import fit_logistic
    >>> X, y = (
    ...     np.array([[0.0], [1.0], [2.0], [3.0]] * 9),
    ...     np.array([0, 0, 1, 1] * 8 + [1, 0, 0, 1], dtype=float),
    ... )
    >>> codes = explain(fit_logistic(X, y, names=["visits"]), np.array([[3.0]]))
    >>> codes.of(0).split(":")[0]
    'visits is 3'
    """
    view = view_of(model, source)
    top = min(whole_number("top", top), len(view.columns))
    parts = view.summed((view.design - view.fit.centre) * view.fit.coefficients)
    average = view.fit.intercept + float(view.fit.centre @ view.fit.coefficients)
    raising, lowering = _strongest(parts, top), _strongest(-parts, top)
    worded = len(parts) <= MOST_WORDED
    return ReasonCodes(
        columns=view.columns, contributions=parts, score=average + parts.sum(axis=1), average=average,
        raising=raising, lowering=lowering,
        raising_words=_said(view, parts, raising) if worded else np.empty((len(parts), 0), dtype=object),
        lowering_words=_said(view, parts, lowering) if worded else np.empty((len(parts), 0), dtype=object),
    )  # fmt: skip


def _strongest(parts: FloatArray, top: int) -> IntArray:
    """Return the places of the largest positive parts of each row, (n, top), -1 where there is no more."""
    order = np.argsort(-parts, axis=1, kind="stable")[:, :top]
    return np.where(np.take_along_axis(parts, order, axis=1) > UNSEEN, order, -1)


def _said(view: View, parts: FloatArray, places: IntArray) -> npt.NDArray[Any]:
    """Return a sentence for each reason, (n, top)."""
    out = np.full(places.shape, "", dtype=object)
    for c, name in enumerate(view.columns):
        rows, ranks = np.nonzero(places == c)
        if len(rows):
            values = view.shown(name)[rows]
            for i, k, value in zip(rows, ranks, values):
                out[i, k] = f"{name} is {_value(value)}: {_factor(parts[i, c])}"
    return out


def _value(value: Any) -> str:
    missing = value is None or (isinstance(value, float) and np.isnan(value)) or str(value) in ("NaT", "<NA>")
    if missing:
        return "missing"
    text = f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _factor(part: float) -> str:
    """Return what a part of the log-odds does to the odds, in words.

    Examples
    --------
    >>> _factor(np.log(2.0)), _factor(-np.log(3.0))
    ('raises the odds 2 times', 'lowers the odds to 0.33 times')
    """
    factor = float(np.exp(part))
    return f"raises the odds {factor:.3g} times" if part > 0 else f"lowers the odds to {factor:.2g} times"
