"""What to keep in mind of a finished plan: curves in doubt, channels held, a gap, money left over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mixcurve.cli.figures import cash
from mixcurve.foundations.errors import Problem

if TYPE_CHECKING:
    from mixcurve.budget.problem import Allocation
    from mixcurve.cli.pipeline import Outcome
    from mixcurve.cli.planning import Question
    from mixcurve.response.fit.results import MixFit

__all__ = ["doubts"]


def doubts(outcome: Outcome) -> Iterator[Problem]:
    """Yield the warnings and notes of a fit and its plan."""
    fit, plan, numbers = outcome.fit, outcome.plan, outcome.units.numbers
    yield from _of_fit(fit)
    if outcome.asked is not None:
        yield from _kept(outcome.asked)
    if plan is not None and plan.status != "optimal":
        what = f"the plan is proven only to within {numbers.share(plan.gap, 2)} of the best"
        yield Problem(what, severity="warning", code="gap")
    if plan is not None and plan.unspent > 0:
        yield _unspent(outcome, plan)


def _of_fit(fit: MixFit) -> Iterator[Problem]:
    """Yield why the curves are in doubt: of a posterior each gate that did not pass, which its status need not show."""
    from mixcurve.foundations.gate import notes_of
    from mixcurve.response.bayes.result.posterior import MixPosterior

    gates = [g for g in fit.gates if not g.passed] if isinstance(fit, MixPosterior) else []
    for gate, told in zip(gates, notes_of(gates), strict=True):
        code = f"gate-{gate.name.lower().replace(' ', '-')}"
        yield Problem(told.rstrip("."), severity="warning", code=code)
    if fit.status != "converged" and not gates:
        yield Problem(fit.message.rstrip("."), severity="warning", code=f"fit-{fit.status.replace(' ', '-')}")


def _kept(asked: Question) -> Iterator[Problem]:
    for channel, reason in asked.held.items():
        yield Problem(f"{channel} stays at its current spend: {reason}", severity="note", code="held")
    for channel, reason in asked.near.items():
        remedy = "To let it move, write hold_weak = false under [budget], or give it bounds of its own"
        yield Problem(f"{channel}: {reason}", remedy, severity="note", code="held-near")
    for note in asked.notes:
        yield Problem(note.rstrip("."), severity="warning", code="bounds-widened")


def _unspent(outcome: Outcome, plan: Allocation) -> Problem:
    """Return how much money is left over and why, in the words of the report."""
    from mixcurve.report.gather import channel_facts, plan_facts
    from mixcurve.report.wording import why_no_more

    numbers = outcome.units.numbers
    why = why_no_more(channel_facts(outcome.fit, plan), plan_facts(outcome.fit, plan))
    left = f"{cash(plan.unspent, numbers)} of {cash(plan.budget.total, numbers)} a {plan.every}"
    remedy = "Lower the total, or let channels move further ([budget] within, or [budget.bounds])"
    if any(group.binding == "most" for group in plan.groups):
        remedy = "Lower the total, or raise the limits that hold ([budget.groups])"
    if plan.objective == "profit":
        remedy = "Keep it, or lower the total"
    return Problem(f"{left} stays unspent: {why}", remedy, severity="warning", code="unspent")
