"""Every channel's knowledge and tests valued and ranked."""

from __future__ import annotations

from dataclasses import replace

from mixcurve.budget.learning.dependence import Related, curve_known
from mixcurve.budget.learning.results import ChannelKnowledge, InformationValue, SuggestedTest
from mixcurve.budget.learning.sentences import test_sentence
from mixcurve.budget.learning.suggesting import Judge, fixed_channels
from mixcurve.budget.learning.telling import Tell
from mixcurve.budget.learning.valuing import value_of
from mixcurve.foundations.numbers import Units

__all__ = ["channels_known", "channels_tested"]


def channels_known(judge: Judge, known: tuple[Related, ...], tell: Tell) -> tuple[ChannelKnowledge, ...]:
    """Return what it is worth to know each channel's curve, largest first."""
    model = judge.optimiser.model
    fixed = fixed_channels(model)
    beliefs = [curve_known(k) for k in known]
    tell.begin("knowing one channel's curve", sum(len(b) for b in beliefs))
    found = []
    for one, belief in zip(known, beliefs, strict=True):
        others = [i for i, trust in enumerate(one.trust) if i != one.channel and trust > 0]
        told = [model.channels[i] for i in others] if one.curve.max() > 0 else []
        if fixed[one.channel] and not others:  # what does not depend on it is as uncertain as before
            value = InformationValue(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, judge.level)
            tell.solved(len(belief))
        else:
            value = value_of(judge.optimiser, judge.base, belief, judge.level, tell)
        found.append(
            ChannelKnowledge(model.channels[one.channel], value, tuple(told), bool(fixed[one.channel]))
        )
    return tuple(sorted(found, key=lambda k: (-k.value.estimate, k.channel)))


def channels_tested(
    judge: Judge, known: tuple[Related, ...], tell: Tell, units: Units
) -> tuple[tuple[SuggestedTest, ...], tuple[SuggestedTest, ...]]:
    """Return the best test of each channel, the one that pays most first, and the other tests."""
    if judge.noise is None:
        return (), ()
    fixed = fixed_channels(judge.optimiser.model)
    planned = [
        (one, design) for one in known if not fixed[one.channel] for design in judge.tests(one.channel)
    ]
    tell.begin("testing one channel", judge.outcomes * len(planned))
    judged = [judge.judged(design, one, tell) for one, design in planned]
    told = sorted(
        (replace(t, sentence=test_sentence(t, units)) for t in judged),
        key=lambda t: (-t.net, t.channel, t.levels),
    )
    first = list(dict.fromkeys(t.channel for t in told))
    best = [next(t for t in told if t.channel == name) for name in first]
    return tuple(best), tuple(t for t in told if not any(t is b for b in best))
