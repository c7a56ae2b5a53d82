"""Priors of a channel's size: ROI, marginal ROI, or share of the response, and whether it can be what was meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.priors.asked import SIZE, Asked
from mixcurve.response.bayes.priors.resolved import RANGE_SPREADS, SizeRule
from mixcurve.response.bayes.priors.units import contribution_shares, roi_units, spend_units

__all__ = ["size_rules", "size_words"]

FloatArray = npt.NDArray[np.float64]

TOO_LITTLE = 1e-3
"""An ROI prior is in another unit if even its high end gives a channel less than this times its share of the spend."""
SLACK = {"roi": 1.0, "mroi": 10.0}
"""How far marginal ROI may be from ROI before it says the same of the unit: an S-curve is up to a few times steeper
than its mean where it bends, and far flatter where it is saturated."""


def size_rules(
    problem: BayesProblem,
    asked: Sequence[Mapping[str, Asked]],
    value: float,
    present: FloatArray,
) -> tuple[SizeRule, ...]:
    """Return the rule of each channel's size: what was asked, or towards the other channels.

    Parameters
    ----------
    value
        What one unit of response is worth.
    present
        The present plan a period (C,), at which marginal ROI is meant.
    """
    rules = []
    for c, mine in enumerate(asked):
        said = mine.get(SIZE)
        rules.append(SizeRule() if said is None else _rule(problem, c, said, value, float(present[c])))
    _together(problem, rules)
    return tuple(rules)


def size_words(problem: BayesProblem, said: Asked | None, value: float) -> str:
    """Return a size's prior in words."""
    response = problem.mix.table.response_name.replace("_", " ")
    if said is None:
        return "size drawn towards the other channels, for want of a prior of its own"
    span = f"{said.low:.4g} to {said.high:.4g}"
    if said.word == "contribution":
        return f"contribution {100 * said.low:.3g}% to {100 * said.high:.3g}% of all {response}, as asked"
    name = "ROI" if said.word == "roi" else "mROI"
    unit = (
        f"{response} per unit of spend" if value == 1.0 else f"at a worth of {value:g} for one of {response}"
    )
    return f"{name} {span} ({unit}), as asked"


def _rule(problem: BayesProblem, c: int, said: Asked, value: float, present: float) -> SizeRule:
    middle = 0.5 * (np.log(said.low) + np.log(said.high))
    spread = (np.log(said.high) - np.log(said.low)) / RANGE_SPREADS
    if said.word == "contribution":
        _check_share(said)
        unit = contribution_shares(problem)
        if not np.isfinite(unit):
            raise said.refused(
                "the response adds up to nothing, so there are no shares of it. Give roi instead."
            )
        return SizeRule("size", float(middle - np.log(unit)), float(spread))
    _check_unit(problem, c, said, value)
    if said.word == "roi":
        return SizeRule("size", float(middle - np.log(roi_units(problem, value)[c])), float(spread))
    if present <= 0:
        raise said.refused(
            "the present plan spends nothing there, where marginal ROI would be. "
            f"Give current={{'{said.channel}': ...}}, or roi."
        )
    slope = value * problem.mix.response_unit / problem.mix.spend_unit[c]
    at = present / float(spend_units(problem)[c])
    return SizeRule("mroi", float(middle - np.log(slope)), float(spread), at)


def _check_share(said: Asked) -> None:
    if said.high < 1.0:
        return
    percent = said.low >= 1.0 and said.high <= 100.0
    hint = f" Did you mean percent? Write contribution=({said.low / 100:g}, {said.high / 100:g})." * percent
    raise said.refused(f"a share of the response lies between 0 and 1.{hint or ' Give shares below 1.'}")


def _check_unit(problem: BayesProblem, c: int, said: Asked, value: float) -> None:
    """Refuse an ROI that would make the channel bring more than all response, or next to nothing for its spend."""
    table, slack = problem.mix.table, SLACK[said.word]
    total = float(table.response.sum())
    if total <= 0:
        return
    spent = float(table.spend[:, c].sum())
    low, high = (end * spent / value / total for end in (said.low, said.high))
    of_spend = spent / float(table.spend.sum())
    response = table.response_name.replace("_", " ")
    if low > slack:
        raise said.refused(
            f"at its spend that is {low:.3g} to {high:.3g} times all {response}. "
            f"{_unit_hint(said.word, response, value)}"
        )
    if high < TOO_LITTLE / slack * of_spend:
        raise said.refused(
            f"that is at most {high:.1e} of all {response} for {of_spend:.0%} of all spend. "
            f"{_unit_hint(said.word, response, value)}"
        )


def _unit_hint(word: str, response: str, value: float) -> str:
    if value == 1.0:
        return (
            f"Did you mean money per unit of spend? {word} is {response} per unit of spend unless value= says "
            f"what one of {response} is worth."
        )
    return (
        f"Did you mean {response} per unit of spend? With value={value:g} {word} is money per unit of spend; "
        "leave value out for the former."
    )


def _together(problem: BayesProblem, rules: Sequence[SizeRule]) -> None:
    """Refuse sizes whose low ends together are more than the mean response: no draw could hold all of them."""
    mean = float(problem.mix.y.mean())
    names = [n for n, r in zip(problem.channels, rules, strict=True) if r.kind == "size"]
    least = sum(np.exp(r.middle - 0.5 * RANGE_SPREADS * r.spread) for r in rules if r.kind == "size")
    if mean > 0 and least > mean:
        raise InputError(
            f"Together the low ends of the priors of {', '.join(names)} are {least / mean:.0%} of the mean response, "
            "and the baseline has a share too. Lower some of them."
        )
