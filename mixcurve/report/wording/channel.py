"""The sentences on one channel."""

from __future__ import annotations

from collections.abc import Sequence

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import ChannelFacts
from mixcurve.report.phrases import response_with_interval, spend_with_interval

__all__ = [
    "NO_BEND",
    "bend_sentence",
    "channel_sentences",
    "channel_title",
    "channels_title",
    "plan_sentence",
    "response_sentence",
]

NO_BEND = "The data do not show where the curve bends."
WEAK_GRADES = ("weak", "not shown")


def response_sentence(channel: ChannelFacts, units: Units, step: float) -> str:
    """Return what current spend brings, and what the next step of spend would bring."""
    if channel.current <= 0:
        first = f"Nothing is spent on {channel.name} at present"
    else:
        brings = response_with_interval(channel.response, units)
        first = f"At {units.spend(channel.current, 3)} {units.a_period}, {channel.name} brings {brings}"
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
        return f"{first}: current spend is short of it, so more spend brings more per unit than the spend before it."
    return f"{first}: current spend lies within that interval, close to where spend works hardest."


def plan_sentence(channel: ChannelFacts, units: Units) -> str:
    """Return what the plan does with a channel, and whether that was ever tried; empty without a plan."""
    if channel.planned is None:
        return ""
    now, plan = units.spend(channel.current, 3), units.spend(channel.planned, 3)
    if channel.held:
        reason = (
            ", because the data do not show what it brings"
            if channel.grade == "not shown"
            else ", as its bounds say"
        )
        return f"The plan holds it at {plan} {units.a_period}{reason}."
    if now == plan:
        first = f"The plan leaves it at {now} {units.a_period}"
    elif channel.planned <= 0:
        first = f"The plan stops it (now {now} {units.a_period})"
    else:
        first = f"The plan {'raises' if channel.change > 0 else 'lowers'} it from {now} to {plan} {units.a_period}"
    if channel.beyond_seen:
        most = units.spend(channel.seen[1], 3)
        return f"{first}. The most ever spent is {most}: above it the curve is an extrapolation, so test it first."
    if channel.below_seen:
        least = units.spend(channel.seen[0], 3)
        warning = f"no {units.every} shows what happens below it, so test it first"
        return f"{first}. The least ever spent is {least}: {warning}."
    if channel.grade in WEAK_GRADES and now != plan:
        return f"{first}. The evidence is {_evidence_word(channel)}: check this change with a test."
    bound = {"upper bound": ", the most its bounds allow", "lower bound": ", the least its bounds allow"}
    return f"{first}{bound.get(channel.binding, '')}."


def _evidence_word(channel: ChannelFacts) -> str:
    return "weak" if channel.grade == "weak" else "too thin to show an effect"


def channel_sentences(channel: ChannelFacts, units: Units, step: float) -> tuple[str, ...]:
    """Return the sentences under a channel's picture."""
    found = (
        response_sentence(channel, units, step),
        bend_sentence(channel, units),
        plan_sentence(channel, units),
    )
    return tuple(sentence for sentence in found if sentence)


def channels_title(channels: Sequence[ChannelFacts]) -> str:
    """Return the message of the pages on channels."""
    if len(channels) == 1:
        return "What this channel brings, and how sure that is"
    if all(c.grade is None for c in channels):
        return "What each channel brings"
    sound = sum(c.grade in ("calibrated", "supported") for c in channels)
    return f"What each channel brings: the data support {sound} of {len(channels)} curves"


def channel_title(channel: ChannelFacts) -> str:
    """Return a channel's message as a heading."""
    if channel.grade == "not shown":
        message = "the data do not show what it brings"
    elif channel.bend_state == "not shown":
        message = "the data do not show where it bends"
    elif channel.bend_state == "none" or channel.bend is None:
        message = "more spend brings less and less"
    elif channel.bend.high is not None and channel.current > channel.bend.high:
        message = "past the bend, each further step brings less"
    elif channel.bend.low is not None and channel.current < channel.bend.low:
        message = "short of the bend, more spend would work harder"
    else:
        message = "spend is about where it works hardest"
    return f"{channel.name}: {message}"
