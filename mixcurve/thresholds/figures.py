"""What a decision is expected to bring, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.thresholds.decision import Expected
from mixcurve.thresholds.people import People
from mixcurve.thresholds.resample import Resampled
from mixcurve.thresholds.sweep import Sweep
from mixcurve.thresholds.worth import Worth

__all__ = ["Outcome", "drawn_outcomes", "expected_figures", "interval", "outcome_of", "resampled_outcomes"]

FloatArray = npt.NDArray[np.float64]
Figure = Callable[["Outcome"], Any]


@dataclass(frozen=True)
class Outcome:
    """What contacting the chosen people brings: numbers, or one value per draw (d).

    ``per_list`` turns totals above the cut-off into those of a list as long as the one that is chosen: on people drawn
    anew more or fewer lie above it, which shares such as recall are to show and the list is not.
    """

    people: Any
    all_people: Any
    positives: Any
    all_positives: Any
    net: Any
    spent: float
    per_list: Any = 1.0


def outcome_of(sweep: Sweep) -> Outcome:
    """Return the outcome on the people themselves: as it was, or as their probabilities lead one to expect."""
    sums, k = sweep.sums, sweep.place
    return Outcome(
        float(sums.people[k]), float(sums.people[-1]), float(sums.positives[k]), float(sums.positives[-1]),
        float(sums.net[k]), float(sums.spent[k]),
    )  # fmt: skip


def resampled_outcomes(found: Resampled, point: Outcome, of: Literal["people", "spent"] | None) -> Outcome:
    """Return outcomes on people drawn anew.

    ``of`` is what a limit holds fixed: the cut-off then moves with the people, so that as many are contacted or as much
    is spent; None where the cut-off itself is held.
    """
    sums, k = found.sums, found.chosen
    everybody, all_hits = sums.people[:, -1], sums.positives[:, -1]
    if of is None:
        people = sums.people[:, k]
        per_list = np.divide(point.people, people, out=np.zeros_like(people), where=people > 0)
        return Outcome(
            people, everybody, sums.positives[:, k], all_hits, sums.net[:, k], point.spent, per_list
        )
    limit = point.people if of == "people" else point.spent
    used = sums.people if of == "people" else sums.spent
    people, hits, net = (
        np.array([np.interp(limit, *one) for one in zip(used, total, strict=True)])
        for total in (sums.people, sums.positives, sums.net)
    )
    return Outcome(people, everybody, hits, all_hits, net, point.spent)


def drawn_outcomes(
    people: People, worth: Worth, sweep: Sweep, draws: int, rng: np.random.Generator
) -> Outcome:
    """Return outcomes of the very people whose probabilities are given, if these are right.

    The number of positives among independent people is nearly normal, with the variance ``Σ p (1 - p)``; so is their
    value, with ``Σ value² p (1 - p)``, and the two go together.
    """
    point = outcome_of(sweep)
    p = people.probability
    counted = people.weight if people.weight_kind == "frequency" else people.weight**2
    variance = counted * p * (1.0 - p)
    chosen = np.zeros(len(p), dtype=bool)
    chosen[sweep.rows] = True
    own, rest = float(variance[chosen].sum()), float(variance[~chosen].sum())
    joint = float(variance[chosen] @ worth.value[chosen])
    spread = float(variance[chosen] @ worth.value[chosen] ** 2)
    common, other, alone = rng.standard_normal((3, draws))
    slope = joint / np.sqrt(own) if own > 0 else 0.0
    hits = np.clip(point.positives + np.sqrt(own) * common, 0.0, point.people)
    missed_mean, outside = point.all_positives - point.positives, point.all_people - point.people
    missed = np.clip(missed_mean + np.sqrt(rest) * other, 0.0, max(outside, 0.0))
    net = point.net + slope * common + np.sqrt(max(spread - slope**2, 0.0)) * alone
    return Outcome(point.people, point.all_people, hits, hits + missed, net, point.spent)


def interval(draws: Any, level: float) -> tuple[float, float]:
    """Return the central interval of draws at a level; NaN if some are not known."""
    tail = (1.0 - level) / 2.0
    # Of draws that may be infinite, such as thresholds, a quantile is one of them.
    low, high = np.quantile(np.asarray(draws, dtype=np.float64), [tail, 1.0 - tail], method="inverted_cdf")
    return float(low), float(high)


def expected_figures(
    point: Outcome, draws: Outcome | None, level: float, figures: dict[str, tuple[Figure, str]]
) -> dict[str, Expected]:
    """Return each figure with its interval over the draws."""
    found = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, (figure, unit) in figures.items():
            value = float(figure(point))
            low, high = (np.nan, np.nan) if draws is None else interval(figure(draws), level)
            found[name] = Expected(value, low, high, unit)
    return found
