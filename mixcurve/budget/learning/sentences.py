"""What `next_test` found, in words."""

from __future__ import annotations

from mixcurve.budget.learning.drawing import SCENARIOS
from mixcurve.budget.learning.results import ChannelKnowledge, InformationValue, SuggestedTest
from mixcurve.budget.learning.stability_result import Stability
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.response.fitted import Fitted

__all__ = ["message", "stability_message", "test_sentence", "written_units"]

NEARLY_NOTHING = 1e-4
"""A gain below this share of the plan's value is called no gain."""
FEW_DRAWS = 20.0
"""Effective draws below which an interval of 90% is hardly told by its draws."""


def written_units(fitted: Fitted, plain: bool) -> Units:
    """Return how spend and response are written; where responses count differently, that is money."""
    name = fitted.response_name if plain else f"value of {fitted.response_name}"
    return Units(Numbers("en-GB", fitted.currency), fitted.every, name, response_is_money=not plain)


def test_sentence(test: SuggestedTest, units: Units) -> str:
    """Return a test, what it brings and what it costs, in words."""
    year = test.horizon * test.value.estimate
    time = f"{test.periods:g} {units.every}{'' if test.periods == 1 else 's'}"
    gain = units.response(test.value.estimate, named=True)
    parts = [
        f"{test.channel}: {_levels(test, units)} for {time} in {_market(test.share, units)}.",
        f"{_shrinkage(test, units)}, and is expected to add {gain} {units.a_period} to the plan,",
        f"{units.response(year)} over {test.horizon:g} {units.every}s.",
        _cost(test, units),
    ]
    if test.beyond_seen:
        parts.append("It tries more spend than was ever seen.")
    if test.effective_draws < FEW_DRAWS:
        parts.append("So precise a test leaves few of the draws, so that these figures are rough.")
    return " ".join(parts)


test_sentence.__test__ = False  # type: ignore[attr-defined]


def _levels(test: SuggestedTest, units: Units) -> str:
    planned = f"the planned {units.spend(test.planned)}" if test.planned > 0 else "nothing"
    each = ["nothing" if level == 0 else units.spend(level) for level in test.levels]
    return f"spend {' and, in another part, '.join(each)} {units.a_period} instead of {planned}"


def _market(share: float, units: Units) -> str:
    if share >= 1.0:
        return "the whole market, beside as long a time before"
    return f"{units.numbers.share(share)} of the market, beside the rest"


def _shrinkage(test: SuggestedTest, units: Units) -> str:
    roi, marginal = (_narrower(ratio, units) for ratio in (test.roi_shrinkage, test.marginal_shrinkage))
    return f"It makes the interval of the response per unit of spend {roi} and that of the marginal response {marginal}"


def _narrower(ratio: float, units: Units) -> str:
    if ratio < 1.0:
        return f"{units.numbers.share(1.0 - ratio)} narrower"
    return "no narrower"


def _cost(test: SuggestedTest, units: Units) -> str:
    if test.response_lost >= 0:
        response = f"costs {units.response(test.response_lost, named=True)}"
    else:
        response = f"brings {units.response(-test.response_lost, named=True)} more"
    money = "saves" if test.extra_money < 0 else "takes"
    pays = "It pays" if test.net > 0 else "It does not pay"
    return (
        f"The test itself {response} and {money} {units.spend(abs(test.extra_money))}. {pays}: net "
        f"{units.response(test.net, signed=True)}."
    )


def message(
    value: float,
    perfect: InformationValue,
    channels: tuple[ChannelKnowledge, ...],
    tests: tuple[SuggestedTest, ...],
    noise_known: bool,
    draws: int,
    units: Units,
) -> str:
    """Return what all values come to, in words."""
    if perfect.high <= NEARLY_NOTHING * abs(value):
        return (
            "Knowing the curves better would not change what the plan brings, so no test is worth its cost."
        )
    span = units.numbers.span(units.response(perfect.low), units.response(perfect.high, named=True))
    all_known = f"{units.response(perfect.estimate, named=True)} {units.a_period}"
    one_known = units.response(channels[0].value.estimate, named=True)
    parts = [
        f"Knowing every curve exactly would add {all_known} to the plan",
        f"({units.numbers.share(perfect.level)} interval {span}); no test is worth more.",
        f"Of single channels, knowing {channels[0].channel} is worth most: {one_known}.",
    ]
    if draws <= SCENARIOS:
        parts.append(
            f"The {draws} draws are taken as scenarios: a curve that only one of them has tells which it is."
        )
    if not noise_known:
        parts += [
            "No test is suggested, since these curves do not say how much the response varies from one",
            f"{units.every} to the next. Give noise, its standard deviation.",
        ]
    elif tests and tests[0].net > 0:
        parts.append(f"Test {tests[0].channel} next.")
    else:
        parts.append("No test that was judged pays for itself.")
    return " ".join(parts)


def stability_message(found: Stability, units: Units) -> str:
    """Return how stable a plan is, in words."""
    surely = [c for c in found.channels if found.gains[c] >= found.level]
    never = [c for c in found.channels if found.loses[c] >= found.level]
    open_ = [c for c in found.channels if _between(found.gains[c]) and _between(found.loses[c])]
    most = units.numbers.share(found.level)
    lost = found.loss / (found.value + found.loss) if found.loss > 0 else 0.0
    amount = f"{units.response(found.loss, named=True)} {units.a_period}, {units.numbers.share(lost, 1)}"
    parts = [
        f"Over {found.draws} draws of the curves the plan falls short of each draw's own best plan by",
        f"{amount}, on average.",
    ]
    if surely:
        parts.append(
            f"In {most} or more of the draws the best plan spends more than now on {_listed(surely)}."
        )
    if never:
        parts.append(f"In {most} or more of the draws it spends less than now on {_listed(never)}.")
    if open_:
        parts.append(f"The draws disagree on whether to spend more or less on {_listed(open_)}.")
    if found.held:
        verb = "is" if len(found.held) == 1 else "are"
        parts.append(
            f"{_listed(list(found.held))} {verb} held near current spend, since the data do not show more; "
            "hold_weak=False frees them."
        )
    if found.families is not None:
        worst = found.families.worst_regret
        name = found.families.least_regret
        parts.append(
            f"Over the families {_listed(list(found.families.families))} the plan of least regret is "
            f"'{name}', which loses at most {units.response(worst[name], named=True)}."
        )
    return " ".join(parts)


def _between(share: float) -> bool:
    return DISAGREEMENT < share < 1.0 - DISAGREEMENT


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


DISAGREEMENT = 0.1
"""Share of the draws from which both directions count as open: each is in more than a tenth of them."""
