"""What a user asks of a threshold, read into one policy with the worth of a contact under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import nearest_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.thresholds.figures import Figure, Outcome
from mixcurve.thresholds.people import People, open_share
from mixcurve.thresholds.policies import (
    AtLeast,
    Best,
    FBeta,
    Limit,
    Policy,
    PrecisionFloor,
    RankedBy,
    RecallFloor,
    Youden,
)  # fmt: skip
from mixcurve.thresholds.ties import whole_number
from mixcurve.thresholds.worth import Worth, cost_matrix, worth_of

__all__ = ["Asked", "PolicyWords", "asked_of"]

OWN_WORTH = ("cost", "net_benefit_at")
"""Policies that say themselves what a contact is worth."""
NEEDS_VALUE = ("budget", "price", "least_worth")


class PolicyWords(TypedDict, total=False):
    """The policies; one is given, or none for the best profit."""

    cost: npt.ArrayLike
    capacity: int
    share: float
    budget: float
    price: float
    least_worth: float
    recall: float
    precision: float
    f_beta: float
    youden: bool
    net_benefit_at: float


@dataclass(frozen=True)
class Asked:
    """One policy, what a contact is worth under it, the words it was asked in, and the figures it is about."""

    policy: Policy
    worth: Worth
    setting: dict[str, Any]
    figures: dict[str, tuple[Figure, str]]


def asked_of(
    words: PolicyWords,
    people: People,
    value: npt.ArrayLike | None,
    contact_cost: npt.ArrayLike | None,
    currency: str | None,
) -> Asked:
    """Return the policy that the words ask for, or raise saying which words contradict or miss one another."""
    name = _one_policy(words, value)
    money = currency or "money"
    figures = _common_figures()
    if name in OWN_WORTH:
        if value is not None or contact_cost is not None:
            raise InputError(f"{name} says itself what a contact is worth. Leave out value and contact_cost.")
        worth, setting, figure = (_cost if name == "cost" else _net_benefit)(
            words, len(people.probability), money
        )
        policy: Policy = (
            Best("cost", "probability")
            if name == "cost"
            else AtLeast(setting["net_benefit_at"], name, "probability")
        )
        return Asked(policy, worth, setting, figures | figure)
    if name in NEEDS_VALUE and value is None:
        raise InputError(f"{name} needs value, what a positive is worth in money. Give value too.")
    worth = worth_of(value, contact_cost, len(people.probability))
    policy, setting, figure = _policy(name, words, people, worth)
    return Asked(policy, worth, setting, figures | (_money_figures(money) if worth.money else {}) | figure)


def _one_policy(words: PolicyWords, value: npt.ArrayLike | None) -> str:
    known = list(PolicyWords.__annotations__)
    for name in words:
        if name not in known:
            guess = nearest_name(name, known)
            hint = f" Did you mean {guess}?" if guess else ""
            raise InputError(f"There is no policy called '{name}'.{hint} Known: {', '.join(known)}.")
    given = [name for name, asked in words.items() if asked is not None]
    if len(given) > 1:
        raise InputError(f"Give one policy, got {' and '.join(given)}. Make one decision for each.")
    if not given and value is None:
        raise InputError(
            f"Give a policy, one of {', '.join(known)}; or value, what a positive is worth, for the best profit."
        )
    return given[0] if given else "profit"


def _cost(
    words: PolicyWords, rows: int, money: str
) -> tuple[Worth, dict[str, Any], dict[str, tuple[Figure, str]]]:
    right_0, wrong_0, wrong_1, right_1 = cost_matrix(words["cost"])
    contact, missed = wrong_0 - right_0, wrong_1 - right_1
    worth = Worth(np.full(rows, contact + missed), np.full(rows, contact), False, True)
    setting = {
        "false_positive": wrong_0, "false_negative": wrong_1, "true_negative": right_0, "true_positive": right_1,
        "threshold_if_calibrated": contact / (contact + missed),
    }  # fmt: skip

    def total(o: Any) -> Any:
        others = o.all_people - o.all_positives
        return right_0 * others + wrong_1 * o.all_positives - o.net

    return worth, setting, {"cost_of_errors": (total, money)}


def _net_benefit(
    words: PolicyWords, rows: int, money: str
) -> tuple[Worth, dict[str, Any], dict[str, tuple[Figure, str]]]:
    at = open_share("net_benefit_at", words["net_benefit_at"])
    odds = at / (1.0 - at)
    worth = Worth(np.full(rows, 1.0 + odds), np.full(rows, odds), False, True)
    return (
        worth,
        {"net_benefit_at": at},
        {"net_benefit": (lambda o: o.net / o.all_people, "positives per person")},
    )


def _policy(
    name: str, words: PolicyWords, people: People, worth: Worth
) -> tuple[Policy, dict[str, Any], dict[str, tuple[Figure, str]]]:
    ranked: RankedBy = "probability" if worth.even else "net worth"
    if name == "profit":
        return Best("profit", ranked), {}, {}
    if name == "youden":
        if words["youden"] is not True:
            raise InputError(
                f"youden must be True, got {words['youden']!r}. Leave it out for another policy."
            )
        return Youden(), {}, {"youden": (_youden, "")}
    if name == "f_beta":
        beta = number("f_beta", words["f_beta"], low=0.0, open_low=True)
        b2 = beta**2

        def f_beta(o: Outcome) -> Any:
            return (1.0 + b2) * o.positives / (o.people + b2 * o.all_positives)

        return FBeta(beta), {"f_beta": beta}, {"f_beta": (f_beta, "")}
    given, policy = _limited(name, words, people, worth, ranked)
    return policy, {name: given}, {}


def _limited(
    name: str, words: PolicyWords, people: People, worth: Worth, ranked: RankedBy
) -> tuple[float, Policy]:
    if name == "capacity":
        most = whole_number("capacity", words["capacity"])
        if most == 0:
            raise InputError("capacity must be at least 1 person, got 0.")
        return most, Limit(float(most), name, ranked)
    if name in ("recall", "precision", "share"):
        asked = number(name, words[name], low=0.0, high=1.0, open_low=True)  # type: ignore[literal-required]
        floors: dict[str, Policy] = {
            "recall": RecallFloor(asked),
            "precision": PrecisionFloor(asked),
            "share": Limit(asked * float(people.weight.sum()), name, ranked),
        }
        return asked, floors[name]
    if name == "budget":
        money = number("budget", words["budget"], low=0.0, open_low=True)
        if not (worth.cost > 0).any():
            raise InputError("budget needs contact_cost, what one contact costs. Give contact_cost above 0.")
        return money, Limit(money, name, "return on cost", "spent", 1.0)
    if name == "price":
        price = number("price", words["price"], low=0.0)
        return price, AtLeast(1.0 + price, name, "return on cost")
    least = number("least_worth", words["least_worth"])
    return least, AtLeast(least, name, "net worth")


def _youden(o: Outcome) -> Any:
    return o.positives / o.all_positives - (o.people - o.positives) / (o.all_people - o.all_positives)


def _common_figures() -> dict[str, tuple[Figure, str]]:
    return {
        "positives": (lambda o: o.positives * o.per_list, "people"),
        "precision": (lambda o: np.divide(o.positives, o.people), ""),
        "recall": (lambda o: np.divide(o.positives, o.all_positives), ""),
        "lift": (lambda o: np.divide(o.positives, o.people) / np.divide(o.all_positives, o.all_people), ""),
    }


def _money_figures(money: str) -> dict[str, tuple[Figure, str]]:
    return {
        "value": (lambda o: o.net * o.per_list + o.spent, money),
        "contact_cost": (lambda o: o.spent, money),
        "net_worth": (lambda o: o.net * o.per_list, money),
    }
