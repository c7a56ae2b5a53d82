"""`Decision`: who is contacted, what that is expected to bring, and what one more contact is worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.thresholds.policies import RankedBy

__all__ = ["Decision", "Expected", "PriceUnit"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
PriceUnit = Literal["money per contact", "positives per contact", "money per unit of money"]


@dataclass(frozen=True, eq=False)
class Expected(Result):
    """One expected figure with its interval; ``low`` and ``high`` are NaN where it has none."""

    value: float
    low: float
    high: float
    unit: str = ""


@dataclass(frozen=True, eq=False)
class Decision(Result):
    """Whom to contact under one policy, as `choose_threshold` found it.

    Parameters
    ----------
    policy, setting
        The policy's name, and what was asked of it.
    selected
        Who is chosen, in the order of the rows (n).
    threshold, score_threshold
        The least probability among those chosen, and its log-odds; infinite where nobody is chosen.
    threshold_low, threshold_high
        Interval of the threshold that the policy takes on people drawn anew; NaN without labels, and where the policy
        fixes the threshold.
    ranked_by, cut
        What ranks people, and its least value among those chosen.
    exact
        Whether "probability of at least the threshold" names the same people: not where ties are parted at the cut, nor
        where values or costs differ between people.
    count, people
        Rows that are chosen, and the people they stand for.
    all_people, base_rate
        People in all, and the share of positives among them (the mean probability where there are no labels).
    share_of_people, multiple_of_base_rate
        People chosen over all people, and the threshold over the base rate.
    expected
        Figures by name: ``positives``, ``precision``, ``recall``, ``lift``; ``value``, ``contact_cost`` and
        ``net_worth`` where money is known; and what the policy is about, such as ``cost_of_errors`` or ``f_beta``.
    level, resamples
        Of all intervals. With labels they are those of people drawn anew, of whom as many are contacted; without
        labels they are those of the outcomes of these very people, if the probabilities are right.
    optimism
        By how much what was maximised (net worth, the saving of the least cost, F-beta or Youden's) is expected to fall
        on new people, for having been the best on these; by 10-fold cross-validation. 0 where nothing was maximised,
        and without labels.
    shadow_price, shadow_price_unit
        What one more contact is worth, or one more unit of money: contact while ``p × value − cost`` is at least it, or
        while ``p × value − cost × (1 + it)`` is at least 0.
    upper_bound
        With a budget: by the probabilities, no choice of people is worth more than this net, even with a part of a
        person; NaN otherwise.
    tied, tied_selected
        Rows parted at the cut, and how many of them are chosen.
    ties
        What broke ties: ``"hash"`` of the key, ``"order"`` of rows, ``"include"`` or ``"exclude"``.
    labelled
        Whether outcomes were known.
    currency
        ISO 4217 code of money, or None.
    warnings
        Plain sentences that the reader of the list must know.
    summary
        One paragraph that states the rule both ways: as a share of people and as a threshold.
    """

    policy: str
    setting: dict[str, Any]
    selected: BoolArray
    threshold: float
    score_threshold: float
    threshold_low: float
    threshold_high: float
    ranked_by: RankedBy
    cut: float
    exact: bool
    count: int
    people: float
    all_people: float
    base_rate: float
    share_of_people: float
    multiple_of_base_rate: float
    expected: dict[str, Expected]
    level: float
    resamples: int
    optimism: float
    shadow_price: float
    shadow_price_unit: PriceUnit
    upper_bound: float
    tied: int
    tied_selected: int
    ties: str
    labelled: bool
    currency: str | None = None
    warnings: tuple[str, ...] = field(default_factory=tuple)
    summary: str = ""

    @property
    def table(self) -> Any:
        """A pandas frame with a row per expected figure: value, low, high, unit."""
        import pandas as pd

        rows = [(one.value, one.low, one.high, one.unit) for one in self.expected.values()]
        return pd.DataFrame(
            rows, columns=["value", "low", "high", "unit"], index=pd.Index(list(self.expected), name="figure")
        )

    def select(self, probability: npt.ArrayLike) -> BoolArray:
        """Return which of other people the threshold chooses (n): those with at least this probability.

        The share of people chosen is then no longer the one stated here. A list of exact length is chosen anew, by
        `select_top`.
        """
        p = finite_array("probability", probability, ndim=1)
        if self.ranked_by != "probability" and not self.exact:
            raise InputError(
                f"This decision ranks people by {self.ranked_by}, which differs between people of equal probability. "
                "Call choose_threshold with their values and costs, and price= or least_worth= for the same rule."
            )
        return p >= self.threshold
