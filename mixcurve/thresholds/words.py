"""The plain sentences of a decision."""

from __future__ import annotations

import math

from mixcurve.foundations.numbers import NBSP, Numbers
from mixcurve.thresholds.decision import Decision, Expected

__all__ = ["decision_summary", "probability_text"]

_POLICIES = {
    "profit": "the highest net worth",
    "cost": "the least cost of errors",
    "youden": "the largest recall less false positive rate",
}


def probability_text(value: float) -> str:
    """Return a probability with three digits after the first that is not 0, such as ``0.352`` or ``0.00121``."""
    if not 0.0 < value < 1.0:
        return f"{value:g}"
    return f"{value:.{min(max(3, 2 - math.floor(math.log10(value))), 12)}f}"


def decision_summary(found: Decision) -> str:
    """Return what is decided, both as a share of people and as a threshold; what it brings; what one more is worth."""
    numbers = Numbers("en-GB", found.currency)
    if found.count == 0:
        return f"Contact nobody: no contact is worth it for {_aim(found, numbers)}."
    parts = [
        _rule(found, numbers),
        _both_ways(found, numbers),
        _brings(found, numbers),
        _price(found, numbers),
    ]
    return " ".join(part for part in parts if part)


def _aim(found: Decision, numbers: Numbers) -> str:
    (word, asked), *_ = [*found.setting.items(), ("", None)]
    if found.policy in ("recall", "precision"):
        return f"a {word} of at least {numbers.share(asked, 1)}"
    aims = {
        "capacity": lambda: f"a capacity of {numbers.written(asked)}",
        "share": lambda: f"the top {numbers.share(asked, 1)} of people",
        "budget": lambda: f"a budget of {numbers.money(asked)}",
        "price": lambda: f"a return of {1.0 + asked:.3g} per unit of money",
        "least_worth": lambda: f"a net worth of at least {numbers.money(asked)} a contact",
        "f_beta": lambda: f"the highest F-beta with beta {asked:g}",
        "net_benefit_at": lambda: f"the net benefit at a probability of {asked:g}",
    }
    return aims[found.policy]() if found.policy in aims else _POLICIES[found.policy]


def _rule(found: Decision, numbers: Numbers) -> str:
    people, everybody = numbers.written(found.people), numbers.written(found.all_people)
    return f"For {_aim(found, numbers)}, contact {people} of {everybody} people."


def _both_ways(found: Decision, numbers: Numbers) -> str:
    share = f"the top {numbers.share(found.share_of_people, 1)} of people"
    least = f"a probability of at least {probability_text(found.threshold)}"
    multiple = f"{found.multiple_of_base_rate:.2g} times the base rate of {numbers.share(found.base_rate, 1)}"
    if found.exact:
        return f"Here {share} are those with {least}, {multiple}; on other people the two rules differ."
    if found.tied:
        chosen = f"{numbers.written(found.tied_selected)} of the {numbers.written(found.tied)}"
        how = "the hash of their key" if found.ties == "hash" else "the order of rows"
        return f"They are {share}; all have {least}, {multiple}, and {how} picks {chosen} who share it."
    return f"They are {share} by {found.ranked_by}; all have {least}, {multiple}, but not all who have it are chosen."


def _brings(found: Decision, numbers: Numbers) -> str:
    def told(one: Expected, text: str, low: str, high: str) -> str:
        if math.isnan(one.low):
            return text
        return f"{text} ({low} to{NBSP}{high} at {numbers.share(found.level)})"

    hits, recall = found.expected["positives"], found.expected["recall"]
    count = told(hits, *(numbers.count(v) for v in (hits.value, hits.low, hits.high)))
    text = f"{count} of them are expected to be positives, {numbers.share(recall.value, 1)} of all"
    if "net_worth" in found.expected:
        net = found.expected["net_worth"]
        amounts = [numbers.money(v, 3) for v in (net.value, net.low, net.high)]
        text += f", for a net worth of {told(net, *amounts)}"
    return f"{text}."


def _price(found: Decision, numbers: Numbers) -> str:
    if found.policy in ("profit", "cost", "net_benefit_at", "least_worth", "price"):
        return ""
    if found.shadow_price_unit == "positives per contact":
        return f"One more contact would bring {probability_text(found.shadow_price)} positives."
    if found.shadow_price_unit == "money per contact":
        return f"One more contact is worth {numbers.money(found.shadow_price)}."
    unit = numbers.with_currency("1") if found.currency else "1 of money"
    return f"One more {unit} of budget is worth {numbers.money(found.shadow_price)} more than it costs."
