"""Every channel's knowledge and tests valued and ranked."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.learning.dependence import Related, curve_known
from mixcurve.budget.learning.experiment import OUTCOMES
from mixcurve.budget.learning.optima import joined_by_rows
from mixcurve.budget.learning.results import ChannelKnowledge, InformationValue, SuggestedTest
from mixcurve.budget.learning.sentences import test_sentence
from mixcurve.budget.learning.suggesting import Judge, fixed_channels
from mixcurve.budget.learning.telling import Tell
from mixcurve.budget.learning.valuing import Valued, value_of
from mixcurve.foundations.numbers import Units

__all__ = ["Ranked", "channels_known", "channels_tested", "ranked_channels"]

FloatArray = npt.NDArray[np.float64]


def channels_known(judge: Judge, known: tuple[Related, ...], tell: Tell) -> tuple[Valued, ...]:
    """Return what it is worth to know each channel's curve, in the order of the channels."""
    fixed = fixed_channels(judge.optimiser.model)
    beliefs = [curve_known(k) for k in known]
    tell.begin("knowing one channel's curve", sum(len(b) for b in beliefs))
    found = []
    for one, belief in zip(known, beliefs, strict=True):
        if fixed[one.channel] and not _others(one):  # nothing that a plan can change is told
            tell.solved(len(belief))
            nothing = InformationValue(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, judge.level)
            found.append(Valued(nothing, judge.base.amount[None]))
        else:
            found.append(value_of(judge.optimiser, judge.base, belief, judge.level, tell))
    return tuple(found)


def _others(known: Related) -> list[int]:
    if not known.kind.any():
        return []
    return [i for i, trust in enumerate(known.trust.tolist()) if i != known.channel and trust > 0]


def ranked_channels(
    judge: Judge, known: tuple[Related, ...], valued: tuple[Valued, ...]
) -> tuple[ChannelKnowledge, ...]:
    """Return what was found of each channel, the largest value first."""
    names, fixed = judge.optimiser.model.channels, fixed_channels(judge.optimiser.model)
    found = [
        ChannelKnowledge(
            channel=names[one.channel],
            value=value.value,
            goes_with=tuple(names[i] for i in _others(one)),
            fixed=bool(fixed[one.channel]),
        )
        for one, value in zip(known, valued, strict=True)
    ]
    return tuple(sorted(found, key=lambda k: (-k.value.estimate, k.channel)))


@dataclass(frozen=True, eq=False)
class Ranked:
    """The best test of each channel, the one that pays most first, and the other tests."""

    tests: tuple[SuggestedTest, ...]
    others: tuple[SuggestedTest, ...]


def channels_tested(
    judge: Judge, known: tuple[Related, ...], valued: tuple[Valued, ...], tell: Tell, units: Units
) -> Ranked:
    """Return all tests, judged with the plans that knowing the curve led to; the best of a channel with all plans.

    Channels without a choice are not tested.
    """
    if judge.noise is None:
        return Ranked((), ())
    fixed = fixed_channels(judge.optimiser.model)
    free = [(k, v) for k, v in zip(known, valued, strict=True) if not fixed[k.channel]]
    tell.begin("testing one channel", OUTCOMES * len(free))
    best, others = [], []
    rowed = joined_by_rows(judge.optimiser.model)  # a search for every outcome would take minutes more
    for one, value in free:
        plans = np.concatenate([judge.base.amount[None], value.plans])
        planned = judge.tests(one.channel)
        found = [judge.screened(d, one, plans, value.value.proven_high) for d in planned]
        first = min(range(len(found)), key=lambda i: (-found[i].net, i))
        if rowed:
            best.append(found[first])
            tell.solved(OUTCOMES)
        else:
            best.append(judge.proven(planned[first], one, found[first], tell))
        others += [t for i, t in enumerate(found) if i != first]
    return Ranked(_sorted(best, units), _sorted(others, units))


def _sorted(tests: list[SuggestedTest], units: Units) -> tuple[SuggestedTest, ...]:
    told = [replace(t, sentence=test_sentence(t, units)) for t in tests]
    return tuple(sorted(told, key=lambda t: (-t.net, t.channel, t.levels)))
