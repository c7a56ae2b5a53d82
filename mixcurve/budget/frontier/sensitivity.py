"""`sensitivity`: how the best plan, its value and its profit change with what was assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from mixcurve.budget.constraints.words import Constraints, ConstraintWords
from mixcurve.budget.frontier.changes import Change, every_change
from mixcurve.budget.frontier.plans import question_from
from mixcurve.budget.problem import Allocation
from mixcurve.budget.solve import TOLERANCE
from mixcurve.foundations.results import Result
from mixcurve.response.fitted import Fitted

__all__ = ["Sensitivity", "sensitivity"]

CHANGES = ("-20%", "-10%", "+10%", "+20%")
"""Usual changes of the budget and of the value of response."""
ROOM = ("-50%", "+50%")
"""Usual changes of the room that bounds leave around the current plan."""
AROUND = ("±20%", "±50%")
"""Usual ranges around current spend."""


@dataclass(frozen=True, eq=False)
class Sensitivity(Result):
    """The best plan, and the best plan after each change of what it rests on; each with its proof.

    Parameters
    ----------
    plan
        The best plan as asked.
    changes
        One for each thing changed.
    bound_price
        By channel at a bound: what one more unit of room brings when the rest of the plan follows, in the unit of the
        value.
    """

    plan: Allocation
    changes: tuple[Change, ...]
    bound_price: dict[str, float]

    @property
    def table(self) -> Any:
        """A pandas frame with a row per change: what, value, gain, profit, money moved, cost of keeping the plan."""
        import pandas as pd

        names = (
            "kind",
            "what",
            "money",
            "value",
            "profit",
            "moved",
            "cost_of_keeping",
            "gap",
            "status",
            "sentence",
        )
        rows = [{name: getattr(change, name) for name in names} for change in self.changes]
        spend = [{f"spend {c}": x for c, x in change.spend.items()} for change in self.changes]
        return pd.DataFrame([a | b for a, b in zip(rows, spend, strict=True)])

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence per change."""
        return tuple(change.sentence for change in self.changes)


def sensitivity(
    fitted: Fitted,
    budget: float | None = None,
    *,
    margins: Sequence[str] = CHANGES,
    budgets: Sequence[str] = CHANGES,
    room: Sequence[str] = ROOM,
    around: Sequence[str] = AROUND,
    families: Mapping[str, Fitted] | None = None,
    constraints: Constraints | None = None,
    current: Mapping[str, float] | None = None,
    tolerance: float = TOLERANCE,
    max_nodes: int | None = None,
    level: float = 0.9,
    **words: Unpack[ConstraintWords],
) -> Sensitivity:
    """Return how the best plan changes with the value of response, the budget, the bounds and the curve family.

    Each row is a plan of its own, solved with its proof. Where the plan asked for may still be chosen after the change,
    the row says what keeping it would cost: little means that the plan does not hang on this assumption.

    Parameters
    ----------
    fitted
        The curves.
    budget
        Money per period; that of the current plan if None.
    margins
        Changes of the ``value`` of response, if given: the most profitable plan within the budget for each.
    budgets
        Changes of the budget.
    room
        Changes of the room that each bounded channel has on either side of its current spend: ``"+50%"`` lets it move
        half as far again.
    around
        Ranges around current spend to hold the channels without bounds in, if there is a current plan.
    families
        By name of a curve family the fit with it: the best plan on those curves, and what the plan asked for brings
        on them.
    constraints, current, tolerance, max_nodes, level
        As for `mixcurve.allocate`, as are the words of constraints.

    Raises
    ------
    InputError
        As `mixcurve.allocate`; for changes that cannot be read, and fits of other channels.

    Examples
    --------
    >>> from mixcurve import response_from
    >>> known = response_from({"tv": ("power", {"top": 2.0, "exponent": 0.5})})
    >>> found = sensitivity(known, 200, value=10.0, budgets=(), margins=["-50%", "+20%"])
    >>> [(c.what, round(c.money), round(c.profit)) for c in found.changes]
    [('value of response -50%', 25, 25), ('value of response +20%', 144, 144)]
    """
    question = question_from(
        fitted, words, constraints=constraints, current=current, tolerance=tolerance, max_nodes=max_nodes,
        level=level,
    )  # fmt: skip
    plan = question.plan(budget)
    asked = question.changed(check_units=False)
    changes = every_change(
        asked, plan, margins=margins, budgets=budgets, room=room, around=around, families=families or {}
    )
    return Sensitivity(plan, tuple(changes), _bound_price(plan))


def _bound_price(plan: Allocation) -> dict[str, float]:
    """Return the difference between a channel's marginal response and the shadow price, where a bound holds it."""
    sign = {"upper bound": 1.0, "lower bound": -1.0}
    return {
        c: sign[held] * (plan.marginal[c] - plan.shadow_price)
        for c, held in plan.binding.items()
        if held in sign
    }
