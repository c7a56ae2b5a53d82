"""What contacting more and more people brings: net worth against people, and against the money contacts cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, generator, known_name, number
from mixcurve.foundations.numbers import NBSP, Numbers
from mixcurve.foundations.results import Result
from mixcurve.thresholds.people import People, WeightKind, open_share, people_of
from mixcurve.thresholds.policies import Best
from mixcurve.thresholds.resample import coarse_places, resampled
from mixcurve.thresholds.sweep import Sweep, sweep_of
from mixcurve.thresholds.ties import whole_number
from mixcurve.thresholds.worth import Worth, worth_of

__all__ = ["ProfitCurve", "profit_curve"]

FloatArray = npt.NDArray[np.float64]

POINTS = 500
"""Cut-offs of the curve, unless told otherwise: finer than a printed page resolves."""
DRAWN = 500
"""Resamples: the limits of a band at 95% then vary by about a seventh of a standard error."""


@dataclass(frozen=True, eq=False)
class ProfitCurve(Result):
    """Net worth of contacting the best people first: nobody at the start, everybody at the end (k).

    Parameters
    ----------
    ranked_by
        ``"net worth"`` of a contact, or ``"return on cost"``: value per unit of money, which makes a concave curve of
        the money spent.
    people, share_of_people
        People contacted, and their share.
    spent, value, net_worth
        Cost of the contacts, value of the positives among them, and the one less the other.
    low, high
        Band of the net worth at ``level``, each point by itself; NaN without labels or resamples.
    threshold
        The least probability among those contacted.
    best
        Place of the highest net worth.
    """

    ranked_by: Literal["net worth", "return on cost"]
    people: FloatArray
    share_of_people: FloatArray
    spent: FloatArray
    value: FloatArray
    net_worth: FloatArray
    low: FloatArray
    high: FloatArray
    threshold: FloatArray
    best: int
    base_rate: float
    labelled: bool
    level: float
    currency: str | None = None

    @property
    def multiple_of_base_rate(self) -> FloatArray:
        """The threshold over the base rate."""
        return self.threshold / self.base_rate

    @property
    def summary(self) -> str:
        """One plain sentence."""
        numbers, k = Numbers("en-GB", self.currency), self.best
        if k == 0:
            return "No contact is worth its cost."
        most = numbers.money(float(self.net_worth[k]), 3)
        if np.isfinite(self.low[k]):
            low, high = numbers.money(float(self.low[k]), 3), numbers.money(float(self.high[k]), 3)
            most += f" ({low} to{NBSP}{high} at {numbers.share(self.level)})"
        everybody = numbers.money(float(self.net_worth[-1]), 3)
        share = numbers.share(float(self.share_of_people[k]))
        return f"Contacting the best {share} of people is worth the most, {most}; everybody, {everybody}."

    def net_at(self, budget: npt.ArrayLike) -> FloatArray:
        """Return the net worth that contacts bring for so much money, on straight lines between the points.

        Money beyond the best point stays unspent.
        """
        money = finite_array("budget", budget)
        return np.interp(money, self.spent[: self.best + 1], self.net_worth[: self.best + 1])

    @property
    def table(self) -> Any:
        """A pandas frame with a row per point."""
        import pandas as pd

        names = (
            "people", "share_of_people", "threshold", "multiple_of_base_rate", "spent", "value", "net_worth", "low",
            "high",
        )  # fmt: skip
        return pd.DataFrame({name: getattr(self, name) for name in names})


def profit_curve(
    probability: npt.ArrayLike,
    y: npt.ArrayLike | None = None,
    *,
    value: npt.ArrayLike,
    contact_cost: npt.ArrayLike = 0.0,
    ranked_by: Literal["net worth", "return on cost"] = "net worth",
    weights: npt.ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    points: int | None = POINTS,
    level: float = 0.95,
    bootstrap: int = DRAWN,
    seed: int | np.random.Generator | None = 0,
    currency: str | None = None,
) -> ProfitCurve:
    """Return net worth against people contacted and money spent, the best first.

    Parameters
    ----------
    probability, y, weights, weight_kind
        (n,), as for `choose_threshold`; without ``y`` the probabilities say what to expect.
    value, contact_cost
        Worth of a positive who is contacted, and cost of a contact, in money: a number for all or one per person.
    ranked_by
        ``"net worth"``, or ``"return on cost"`` where the money for contacts is short.
    points
        About how many cut-offs the curve has; None for all.
    level, bootstrap, seed
        Level of the band, the resamples it is made of (0 for none), and their seed.
    currency
        ISO 4217 code of the money.

    Raises
    ------
    InputError
        As `choose_threshold`.

    Examples
    --------
    >>> found = profit_curve([0.9, 0.5, 0.1], value=10.0, contact_cost=2.0, currency="GBP")
    >>> found.net_worth.tolist(), found.spent.tolist()
    ([0.0, 7.0, 10.0, 9.0], [0.0, 2.0, 4.0, 6.0])
    >>> found.summary
    'Contacting the best 67% of people is worth the most, £10; everybody, £9.'
    """
    people = people_of(probability, y, weights=weights, weight_kind=weight_kind)
    worth = worth_of(value, contact_cost, len(people.probability))
    known_name("ranking", ranked_by, ("net worth", "return on cost"))
    confidence, draws = open_share("level", level, "Write 95% as 0.95."), whole_number("bootstrap", bootstrap)
    sweep = sweep_of(people, worth, Best("profit", ranked_by), None, "hash")
    most = len(sweep.sums.people) if points is None else int(number("points", points, low=2.0))
    places = coarse_places(sweep.sums.people, (sweep.place,), most)
    low = high = np.full(len(places), np.nan)
    if draws and people.labelled:
        low, high = _band(people, worth, sweep, places, confidence, draws, generator(seed))
    sums = sweep.sums
    net, spent = sums.net[places], sums.spent[places]
    return ProfitCurve(
        ranked_by, sums.people[places], sums.people[places] / sums.people[-1], spent, net + spent, net, low, high,
        _least(people, sweep)[places], int(np.searchsorted(places, sweep.place)), people.base_rate, people.labelled,
        confidence, currency,
    )  # fmt: skip


def _least(people: People, sweep: Sweep) -> FloatArray:
    """Return the least probability above each cut-off."""
    running = np.minimum.accumulate(people.probability[sweep.ranking.order])
    return np.concatenate([[np.inf], running[sweep.ranking.ends[1:] - 1]])


def _band(
    people: People, worth: Worth, sweep: Sweep, places: npt.NDArray[np.intp], level: float, draws: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Return the band of net worth at the places, when as many people drawn anew are contacted."""
    again = resampled(people, worth, sweep, draws, rng)
    share = sweep.sums.people[places] / sweep.sums.people[-1]
    rows = zip(again.sums.people, again.sums.net, strict=True)
    drawn = np.stack([np.interp(share, above / above[-1], net) for above, net in rows])
    low, high = np.quantile(drawn, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0)
    return low, high
