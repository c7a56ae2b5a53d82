"""The sentences on one channel."""

from __future__ import annotations

from collections.abc import Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import ChannelFacts
from mixcurve.report.phrases import currency_word, outcome_units, response_with_interval, spend_with_interval
from mixcurve.response.evidence import GRADES

__all__ = [
    "NO_BEND",
    "NO_BEND_BUT_LEVEL",
    "bend_sentence",
    "channel_sentences",
    "channel_title",
    "channels_title",
    "findings_of",
    "plan_sentence",
    "response_sentence",
    "share_of",
    "worth_sentence",
]

NO_BEND = "The data do not show where the curve bends."
NO_BEND_BUT_LEVEL = "Response and its levelling off are seen; where it bends is not."
"""Of a supported curve whose bend is not shown."""
WEAK_GRADES = ("weak", "not shown")
SMALL_SHARE = 0.1
"""A share below this is written with a decimal."""


def response_sentence(channel: ChannelFacts, units: Units, step: float) -> str:
    """Return what current spend brings, and what the next step of spend would bring."""
    if channel.current <= 0:
        first = f"Nothing is spent on {channel.name} at present"
    else:
        brings = response_with_interval(channel.response, units)
        first = f"At {units.spend(channel.current)} {units.a_period}, {channel.name} brings {brings}"
    return f"{first}; the next {units.step(step)} brings {response_with_interval(channel.marginal, units, scale=step)}."


def bend_sentence(channel: ChannelFacts, units: Units) -> str:
    """Return where the curve bends and on which side spend is, or that the data do not show it."""
    if channel.bend_state == "none":
        return "This curve bends nowhere: from the first, more spend brings less per unit than the spend before it."
    if channel.bend_state == "not shown" or channel.bend is None:
        return NO_BEND
    bend = channel.bend
    first = f"The curve bends at {spend_with_interval(bend, units)} {units.a_period}"
    if bend.high is not None and channel.current > bend.high:
        return (
            f"{first}: current spend is past it, so more spend brings less per unit than the spend before it."
        )
    if bend.low is not None and channel.current < bend.low:
        side = "current spend is short of it, so more spend brings more per unit than the spend before it"
    else:
        side = "current spend lies within that interval, close to where spend works hardest"
    return f"{first}: {side}.{' ' + _all_or_nothing(channel, units) if channel.gives_up else ''}"


def _all_or_nothing(channel: ChannelFacts, units: Units) -> str:
    """Return why the plan takes spend away from a channel where more spend would work harder."""
    nothing = "not at all" if _is_stopped(channel, units) else "as little as it may"
    return (
        f"Below its bend this channel earns little per {currency_word(units)}: the plan either funds it past the bend "
        f"or {nothing}; within this budget the money earns more elsewhere."
    )


def _is_stopped(channel: ChannelFacts, units: Units) -> bool:
    return channel.planned is not None and units.spend(channel.planned) == units.spend(0.0)


def plan_sentence(channel: ChannelFacts, units: Units) -> str:
    """Return what the plan does with a channel, and whether that was ever tried; empty without a plan."""
    if channel.planned is None:
        return ""
    now, plan = units.spend(channel.current), units.spend(channel.planned)
    if channel.held:
        blind = channel.grade == "not shown"
        reason = ", because the data do not show what it brings" if blind else ", as its bounds say"
        return f"The plan holds it at {plan} {units.a_period}{reason}."
    if now == plan:
        first = f"The plan leaves it at {now} {units.a_period}"
    elif _is_stopped(channel, units):
        first = f"The plan stops it (now {now} {units.a_period})"
    else:
        first = f"The plan {'raises' if channel.change > 0 else 'lowers'} it from {now} to {plan} {units.a_period}"
    return f"{first}{_care(channel, units, changed=now != plan)}"


def _care(channel: ChannelFacts, units: Units, *, changed: bool) -> str:
    """Return how the sentence on the plan ends: what was never seen, what is hardly known, or the bound that holds."""
    if channel.beyond_seen:
        most = units.spend(channel.seen[1])
        return f". The most ever spent is {most}: above it the curve is an extrapolation, so test it first."
    if channel.below_seen:
        least = units.spend(channel.seen[0])
        warning = f"no {units.every} shows what happens below it, so test it first"
        return f". The least ever spent is {least}: {warning}."
    if channel.near and changed:
        return f", close to present spend because the evidence is {_evidence_word(channel)}: check it with a test."
    if channel.grade in WEAK_GRADES and changed:
        return f". The evidence is {_evidence_word(channel)}: check this change with a test."
    return f"{_what_holds(channel.binding)}."


def _what_holds(binding: str) -> str:
    """Return which bound, group or floor keeps spend where it is; empty for none."""
    bound = {"upper bound": ", the most its bounds allow", "lower bound": ", the least its bounds allow"}
    kind, _, name = binding.partition(" of ")
    if kind in ("most", "least") and name:
        return f", with {name} at its {kind}"
    if kind in ("ROI", "CPA") and name:
        return f", as far as the limit on the {'ROI' if kind == 'ROI' else 'cost'} of {name} allows"
    return bound.get(binding, "")


def worth_sentence(channel: ChannelFacts, units: Units) -> str:
    """Return what it would cost to leave this channel as it is and plan the rest anew; empty where nothing changes."""
    if channel.worth is None or channel.worth_share is None or not channel.moves or channel.held:
        return ""
    gained = outcome_units(channel.objective, units)
    lost = gained.response(channel.worth, named=True)
    cost = f"{lost} {units.a_period} ({share_of(channel.worth_share, units)})"
    cost = "nothing on these curves" if lost == gained.response(0.0, named=True) else cost
    little = ": this change matters little" if channel.matters_little else ""
    return f"Keeping it at {units.spend(channel.current)} would cost {cost}{little}."


def share_of(share: float, units: Units) -> str:
    """Return a share of what the plan brings, with a decimal where it is small."""
    return units.numbers.share(share, 1 if share < SMALL_SHARE else 0)


def _evidence_word(channel: ChannelFacts) -> str:
    return "weak" if channel.grade == "weak" else "too thin to show an effect"


def _levels_off(channel: ChannelFacts) -> bool:
    """Return whether the evidence is sound although no bend is shown."""
    return channel.bend_state == "not shown" and channel.grade in ("calibrated", "supported")


def channel_sentences(channel: ChannelFacts, units: Units, step: float) -> tuple[str, ...]:
    """Return the sentences under a channel's picture; the evidence beside them speaks of a bend that is not shown."""
    found = (
        response_sentence(channel, units, step),
        "" if _levels_off(channel) else bend_sentence(channel, units),
        plan_sentence(channel, units),
        worth_sentence(channel, units),
    )
    return tuple(sentence for sentence in found if sentence)


def findings_of(channel: ChannelFacts) -> tuple[str, ...]:
    """Return what the evidence says beside the sentences, the most limiting first; the bend is spoken of once."""
    limiting_first = sorted(channel.findings, key=lambda finding: -GRADES.index(finding.limits))
    said: tuple[str, ...] = ("bend_shown", "bend_not_shown") if channel.bend_state != "shown" else ()
    first = (NO_BEND_BUT_LEVEL,) if _levels_off(channel) else ()
    said += ("ceiling_seen",) if first else ()
    return first + tuple(f.sentence for f in limiting_first if f.code not in said and f.sentence != NO_BEND)


def channels_title(channels: Sequence[ChannelFacts]) -> str:
    """Return the message of the pages on channels."""
    if len(channels) == 1:
        return "What this channel brings, and how sure that is"
    if all(c.grade is None for c in channels):
        return "What each channel brings"
    sound = sum(c.grade in ("calibrated", "supported") for c in channels)
    return f"What each channel brings: the data support {sound} of {len(channels)} curves"


def channel_title(channel: ChannelFacts) -> str:
    """Return a channel's message as a heading; it never speaks against the plan."""
    if channel.grade == "not shown":
        message = "the data do not show what it brings"
    elif _levels_off(channel):
        message = "response levels off; where it bends is not seen"
    elif channel.bend_state == "not shown":
        message = "the data do not show where it bends"
    elif channel.bend_state == "none" or channel.bend is None:
        message = "more spend brings less and less"
    elif channel.bend.high is not None and channel.current > channel.bend.high:
        message = "past the bend, each further step brings less"
    elif channel.gives_up:
        message = (
            f"below its bend it earns little, so the plan {'stops' if not channel.planned else 'lowers'} it"
        )
    elif channel.bend.low is not None and channel.current < channel.bend.low:
        message = "short of the bend, more spend would work harder"
    else:
        message = "spend is about where it works hardest"
    return f"{channel.name}: {message}"
