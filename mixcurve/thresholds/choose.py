"""`choose_threshold`: whom to contact, under one policy, with what that brings and what one more contact is worth."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator, known_name
from mixcurve.foundations.errors import InputError
from mixcurve.sigmoid import logit
from mixcurve.thresholds.asked import Asked, PolicyWords, asked_of
from mixcurve.thresholds.decision import Decision, PriceUnit
from mixcurve.thresholds.figures import (
    Outcome,
    drawn_outcomes,
    expected_figures,
    interval,
    outcome_of,
    resampled_outcomes,
)  # fmt: skip
from mixcurve.thresholds.held_out import optimism_of
from mixcurve.thresholds.people import People, WeightKind, open_share, people_of
from mixcurve.thresholds.policies import AtLeast, Limit
from mixcurve.thresholds.resample import Resampled, resampled
from mixcurve.thresholds.sweep import Sweep, Ties, sweep_of
from mixcurve.thresholds.ties import Keys, whole_number
from mixcurve.thresholds.words import decision_summary

__all__ = ["choose_threshold"]

FloatArray = npt.NDArray[np.float64]

TIES: tuple[Ties, ...] = ("hash", "include", "exclude")
RESAMPLES = 1000
"""Draws of an interval: its limits at 95% then vary by about a tenth of a standard error."""
UNPRICED = ("profit", "cost", "net_benefit_at")
"""Policies without a limit: at their best one more contact adds nothing."""


def choose_threshold(
    probability: npt.ArrayLike,
    y: npt.ArrayLike | None = None,
    *,
    value: npt.ArrayLike | None = None,
    contact_cost: npt.ArrayLike | None = None,
    key: Keys | None = None,
    score: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    ties: Ties = "hash",
    level: float = 0.95,
    bootstrap: int = RESAMPLES,
    seed: int | np.random.Generator | None = 0,
    currency: str | None = None,
    **policy: Unpack[PolicyWords],
) -> Decision:
    r"""Return whom to contact under one policy, with its threshold, what it brings and the price of one more contact.

    A contact is worth :math:`p_i v_i - c_i`; without ``value`` a positive counts 1 and a contact costs nothing. Every
    cut-off is looked at, from one sort. Of equally good ones the highest is taken, which contacts the fewest.

    Parameters
    ----------
    probability
        (n,), in [0, 1], calibrated if figures are to be believed without ``y``.
    y
        (n,), 0 or 1: what became of these people. Without it the probabilities say what to expect.
    value, contact_cost
        Worth of a positive who is contacted, and cost of a contact: a number for all or one per person, in money.
    key
        (n,), text or whole numbers that differ: break ties at a limit by `stable_hash`, whatever the order of rows.
    score
        (n,), ranks people of equal probability, such as the log-odds under an isotonic map.
    weights, weight_kind
        (n,), how many people a row stands for (``"frequency"``) or how much a sampled person counts (``"survey"``).
    ties
        Of people who are equal at a limit: ``"hash"`` takes exactly as many as it allows, ``"include"`` all,
        ``"exclude"`` none.
    level, bootstrap, seed
        Level of the intervals, the draws they are made of (0 for none), and the seed of these.
    currency
        ISO 4217 code of the money, for the sentences.
    **policy
        One of: ``cost=(false positive, false negative)`` or the whole matrix; ``capacity=`` exactly so many people;
        ``share=`` of people; ``budget=`` money for contacts, best returns first; ``price=`` λ per unit of money:
        contact while :math:`p v - c (1 + λ) ≥ 0`; ``least_worth=`` λ per contact: while :math:`p v - c ≥ λ`;
        ``recall=`` and ``precision=`` floors, with the fewest and the most people that keep them; ``f_beta=``;
        ``youden=True``; ``net_benefit_at=`` the probability at which a contact breaks even. None: the best profit.

    Raises
    ------
    InputError
        If an argument makes no sense, policies contradict each other, or no cut-off has the precision asked for.

    References
    ----------
    Elkan (2001), IJCAI, 973-978, for costs; Vickers and Elkin (2006), Medical Decision Making 26, 565-574, for net
    benefit; Rubin (1981), Annals of Statistics 9, 130-134, for the resampling.

    Examples
    --------
    >>> found = choose_threshold([0.9, 0.5, 0.5, 0.2], capacity=2, key=["ann", "bob", "cy", "dee"])
    >>> found.selected.tolist(), found.threshold, found.shadow_price
    ([True, False, True, False], 0.5, 0.5)
    >>> choose_threshold([0.9, 0.5, 0.5, 0.2], value=10.0, contact_cost=4.0).selected.tolist()
    [True, True, True, False]
    """
    people = people_of(probability, y, score=score, weights=weights, weight_kind=weight_kind)
    known_name("way with ties", ties, TIES)
    if key is not None and len(key) != len(people.probability):
        raise InputError(f"key must have one value per person, got {len(key)} for {len(people.probability)}.")
    share, draws = open_share("level", level, "Write 95% as 0.95."), whole_number("bootstrap", bootstrap)
    asked = asked_of(policy, people, value, contact_cost, currency)
    sweep = sweep_of(people, asked.worth, asked.policy, key, ties)
    if asked.policy.name == "precision" and sweep.place == 0:
        raise _unreachable(asked, sweep)
    how = "order" if ties == "hash" and key is None else ties
    decision = _decided(people, asked, sweep, share, currency, how)
    decision = _with_figures(decision, people, asked, sweep, draws, generator(seed))
    decision = replace(decision, warnings=_warnings(decision, people, asked, sweep))
    return replace(decision, summary=decision_summary(decision))


def _unreachable(asked: Asked, sweep: Sweep) -> InputError:
    reached = sweep.sums.positives[1:] / sweep.sums.people[1:]
    best = int(np.argmax(reached))
    return InputError(
        f"precision of {asked.setting['precision']:g} is reached by no cut-off; the highest is {reached[best]:.4g}, "
        f"among the {sweep.sums.people[best + 1]:g} people with a probability of at least "
        f"{sweep.sums.cut[best + 1]:.4g}. Ask for less."
    )


def _decided(
    people: People, asked: Asked, sweep: Sweep, level: float, currency: str | None, ties: str
) -> Decision:
    """Return the decision without what it is expected to bring."""
    rows, sums, p = sweep.rows, sweep.sums, people.probability
    selected = np.zeros(len(p), dtype=bool)
    selected[rows] = True
    threshold = float(p[rows].min()) if len(rows) else np.inf
    exact = int(np.count_nonzero(p >= threshold)) == len(rows)
    price, unit = _shadow_price(people, asked, sweep)
    chosen, everybody = float(sums.people[sweep.place]), float(sums.people[-1])
    return Decision(
        asked.policy.name, asked.setting, selected, threshold, float(logit(threshold)) if len(rows) else np.inf,
        np.nan, np.nan, asked.policy.ranked_by, float(sums.cut[sweep.place]), exact, len(rows), chosen, everybody,
        people.base_rate, chosen / everybody, threshold / people.base_rate if people.base_rate else np.nan, {}, level,
        0, 0.0, price, unit, _upper_bound(people, asked, sweep), *sweep.tied, ties, people.labelled, currency,
    )  # fmt: skip


def _shadow_price(people: People, asked: Asked, sweep: Sweep) -> tuple[float, PriceUnit]:
    name, following = asked.policy.name, sweep.following
    unit: PriceUnit = "money per contact" if asked.worth.money else "positives per contact"
    if name in ("budget", "price"):
        unit = "money per unit of money"
    if name in ("price", "least_worth"):
        return float(asked.setting[name]), unit
    if name in UNPRICED or following is None:
        return 0.0, unit
    if name == "budget":
        return max(float(asked.worth.return_on_cost(people.probability)[following]) - 1.0, 0.0), unit
    return float(asked.worth.expected(people.probability)[following]), unit


def _upper_bound(people: People, asked: Asked, sweep: Sweep) -> float:
    """Return the expected net worth of a budget that may end on a part of a person (Dantzig 1957)."""
    if asked.policy.name != "budget":
        return np.nan
    rows = sweep.rows
    net = float(people.weight[rows] @ asked.worth.expected(people.probability)[rows])
    left = asked.setting["budget"] - float(sweep.sums.spent[sweep.place])
    return net + max(left, 0.0) * _shadow_price(people, asked, sweep)[0]


def _with_figures(
    decision: Decision, people: People, asked: Asked, sweep: Sweep, draws: int, rng: np.random.Generator
) -> Decision:
    point = outcome_of(sweep)
    drawn: Outcome | None = None
    low = high = np.nan
    optimism = 0.0
    if draws and people.labelled:
        again = resampled(people, asked.worth, sweep, draws, rng)
        limit = asked.policy.of if isinstance(asked.policy, Limit) else None
        drawn = resampled_outcomes(again, point, limit)
        low, high = _chosen_anew(decision, people, asked, sweep, again)
        optimism = optimism_of(asked.policy, people, sweep, again.places, rng)
    elif draws:
        drawn = drawn_outcomes(people, asked.worth, sweep, draws, rng)
    figures = expected_figures(point, drawn, decision.level, asked.figures)
    return replace(
        decision, expected=figures, threshold_low=low, threshold_high=high, resamples=draws, optimism=optimism
    )


def _chosen_anew(
    decision: Decision, people: People, asked: Asked, sweep: Sweep, again: Resampled
) -> tuple[float, float]:
    """Return the interval of the threshold when the policy chooses anew in each resample."""
    if isinstance(asked.policy, AtLeast):
        return np.nan, np.nan
    running = np.minimum.accumulate(people.probability[sweep.ranking.order])
    least = np.concatenate([[np.inf], running[sweep.ranking.ends[1:] - 1]])
    return interval(least[again.places[asked.policy.place(again.sums)]], decision.level)


def _warnings(decision: Decision, people: People, asked: Asked, sweep: Sweep) -> tuple[str, ...]:
    found = []
    if decision.tied and decision.ties == "order":
        found.append(
            "Ties at the cut are broken by the order of rows, since no key is given: in another order other people "
            "are chosen."
        )
    name = asked.policy.name
    if name == "capacity" and asked.setting["capacity"] > decision.all_people:
        found.append(f"The capacity exceeds the {decision.all_people:g} people there are: all are chosen.")
    if asked.worth.money and name not in ("profit", "least_worth"):
        loss = int(np.count_nonzero(asked.worth.expected(people.probability)[sweep.rows] < 0))
        if loss:
            found.append(f"{loss} of the people chosen are each expected to cost more than they bring.")
    return tuple(found)
