"""`next_test`: what it is worth to know the curves better, and which test to run next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

import numpy as np

from mixcurve.budget.constraints.question import Question
from mixcurve.budget.constraints.words import Constraints, ConstraintWords
from mixcurve.budget.learning.beliefs import everything_known
from mixcurve.budget.learning.dependence import Dependence, Related, related
from mixcurve.budget.learning.optima import Optimiser
from mixcurve.budget.learning.options import test_options
from mixcurve.budget.learning.question import model_of, thinned_question
from mixcurve.budget.learning.ranking import channels_known, channels_tested, ranked_channels
from mixcurve.budget.learning.results import NextTest
from mixcurve.budget.learning.sentences import message, written_units
from mixcurve.budget.learning.suggesting import Judge, shadow_price
from mixcurve.budget.learning.telling import Progress, Tell, telling
from mixcurve.budget.learning.valuing import base_plan, value_of
from mixcurve.foundations.checks import known_name, number
from mixcurve.response.fitted import Fitted

__all__ = ["next_test"]

LEVELS = (0.0, 0.5, 2.0)
"""Multiples of the planned spend that are tried: off, half, double."""
TOLERANCE = 1e-6
"""Relative gap of each plan: far below the sampling error of the draws."""
MOST_SEEDS = 2.0**63


def next_test(
    fitted: Fitted,
    budget: float | None = None,
    *,
    constraints: Constraints | None = None,
    current: Mapping[str, float] | None = None,
    periods: float | None = None,
    share: float = 0.5,
    noise: float | Mapping[str, float] | None = None,
    horizon: float | None = None,
    levels: Sequence[float] = LEVELS,
    dependence: Dependence = "joint",
    most_draws: int | None = None,
    tolerance: float = TOLERANCE,
    level: float = 0.9,
    seed: int = 0,
    progress: Progress | bool | None = None,
    **words: Unpack[ConstraintWords],
) -> NextTest:
    """Return what it is worth to know the curves better, and the test of one channel that pays most.

    With the total response F and the plan x*, best for the mean over the draws θ: knowing all curves is worth
    ``E[max_x F(x; θ)] - E F(x*; θ)``, knowing channel i's curve ``E[max_x E[F(x; θ) | θ_i]] - E F(x*; θ)``, and the
    outcome y of a test ``E[max_x E[F(x; θ) | y]] - E F(x*; θ)``. Every maximum is a plan with a proven bound. A test
    is never worth more than the curve it tests. It is judged over the ``horizon`` in which its plan is used, against
    the response it costs.

    Parameters
    ----------
    fitted
        Curves with several draws, or with resamples, which then count as the draws.
    budget
        The most that may be spent per period; what the current plan costs if None.
    constraints, words
        As in `allocate`, but channels whose curves the data show weakly are not held near their current spend unless
        ``hold_weak=True`` or ``constraints`` say so: a test is what would let them move.
    current
        Spend per period of the present plan, by channel; ``fitted.current`` if None.
    periods
        Length of the test; 8 weeks if None. The curves hold for settled carryover, so that a test must outlast it.
    share
        The share of the market in which spend is changed; the rest is the control. With 1 it is changed everywhere,
        and as many periods before the test are the control.
    noise
        Standard deviation of the response of one period in the whole market, for all channels or by channel; that of
        the fit's residuals if None. A part p of the market is taken to vary as ``noise √p``.
    horizon
        Periods that the plan chosen after the test is used for; a year if None.
    levels
        Spend levels tried, as multiples of planned spend (for a channel that the plan leaves off: of its current
        spend, or of an equal share of the budget). A test may leave the bounds of the plan.
    dependence
        ``"joint"``: knowing one curve tells of the others what the draws show (`Related`). ``"independent"``: nothing.
    most_draws
        More draws than this are thinned at random. By default 500, or 60 with groups, floors or counts of channels,
        which are solved one by one and take minutes.
    tolerance
        Relative gap at which a plan counts as proven optimal.
    level
        Of all intervals.
    seed
        Of the thinning and of the outcomes of tests.
    progress
        Called as ``progress(stage, done, total)``, or True for a bar on a terminal.

    Raises
    ------
    InputError
        For curves without draws or resamples, an argument that makes no sense, or constraints that leave no plan.

    Notes
    -----
    Up to 20 distinct curves of a channel are taken as scenarios, and given exactly. Of more, 64 kinds of alike curves
    are told apart, so that the value of a curve and of a test is if anything too small. A test stands for 64 of its
    outcomes. The standard errors are those of the draws as an independent sample, and of the outcomes.

    References
    ----------
    Raiffa, H. and Schlaifer, R. (1961), "Applied Statistical Decision Theory".
    Strong, M., Oakley, J. E. and Brennan, A. (2014), "Estimating multiparameter partial expected value of perfect
    information from a probabilistic sensitivity analysis sample".

    Examples
    --------
    >>> from mixcurve import response_from
    >>> known = response_from(
    ...     {
    ...         "tv": ("michaelis_menten", {"top": [50, 150], "half": 10}),
    ...         "radio": ("michaelis_menten", {"top": 100, "half": 10}),
    ...     }
    ... )
    >>> found = next_test(known, 20, noise=10)
    >>> round(found.perfect.estimate, 2), found.best.channel
    (1.7, 'tv')
    """
    _checked(level, tolerance, seed, dependence)
    options = test_options(fitted, periods, share, noise, horizon, levels)
    if constraints is None:
        words.setdefault("hold_weak", False)
    asked = thinned_question(fitted, most_draws, seed, budget, constraints, current, words)
    model = model_of(asked)
    with telling(progress) as tell:
        optimiser = Optimiser(model, tolerance)
        base = base_plan(optimiser)
        total = optimiser.total
        place = [fitted.channels.index(c) for c in model.channels]
        now = asked.asked.current[place]
        judge = Judge(
            optimiser=optimiser,
            base=base,
            options=options,
            price=shadow_price(model, base.amount, total),
            usual=np.where(now > 0, now, total / len(now)),
            seen=np.asarray(fitted.spend_range)[place, 1],
            noise=None if options.noise is None else options.noise[place],
            level=level,
            seed=int(seed),
        )
        known = related(model, max(total, float(now.max())), dependence)
        return _answered(fitted, asked, judge, known, tell, dependence)


def _checked(level: float, tolerance: float, seed: int, dependence: str) -> None:
    number("level", level, low=0.0, high=1.0, open_low=True)
    number("tolerance", tolerance, low=0.0, open_low=True)
    number("seed", seed, low=0, high=MOST_SEEDS)
    known_name("dependence", dependence, ("joint", "independent"))


def _answered(
    fitted: Fitted,
    asked: Question,
    judge: Judge,
    known: tuple[Related, ...],
    tell: Tell,
    dependence: str,
) -> NextTest:
    base, optimiser, level = judge.base, judge.optimiser, judge.level
    model, units = optimiser.model, written_units(fitted, asked.goal.plain)
    everything = everything_known(len(model.draws), len(model.channels))
    tell.begin("knowing every curve", len(everything))
    perfect = value_of(optimiser, base, everything, level, tell).value
    valued = channels_known(judge, known, tell)
    channels = ranked_channels(judge, known, valued)
    ranked = channels_tested(judge, known, valued, tell, units)
    spend = model.spend(base.amount)
    return NextTest(
        budget=optimiser.total,
        plan={c: float(spend[model.channels.index(c)]) for c in fitted.channels},
        plan_value=base.value,
        plan_bound=base.bound,
        perfect=perfect,
        channels=channels,
        tests=ranked.tests,
        others=ranked.others,
        shadow_price=judge.price,
        draws=len(model.draws),
        dependence=dependence,
        seed=judge.seed,
        level=level,
        message=message(
            base.value, perfect, channels, ranked.tests, judge.noise is not None, len(model.draws), units
        ),
        every=fitted.every,
        currency=fitted.currency,
        response_name=fitted.response_name,
        counts=asked.goal.text,
        held=asked.evident.held,
        capped=asked.evident.capped,
    )
