"""What each change of a plan is worth: how much response is lost if one channel stays as it is."""

from __future__ import annotations

from mixcurve.budget.problem import Allocation
from mixcurve.budget.solve import allocate
from mixcurve.foundations.errors import InputError
from mixcurve.response.fitted import Fitted

__all__ = ["worth_of_changes"]

UNCHANGED = 1e-9
"""Share of the budget below which a change counts as none."""


def worth_of_changes(fitted: Fitted, plan: Allocation) -> dict[str, float]:
    """Return by channel what keeping its current spend would cost: response per period, or what else is maximised.

    The rest of the budget is allocated anew, within the same bounds, so the loss is that of this one decision. S-curves
    often have a very different plan that brings almost as much; a change that is worth little is no advice to act on.

    Parameters
    ----------
    fitted
        The curves that the plan was made for.
    plan
        From `allocate`.

    Raises
    ------
    InputError
        For a plan that maximises a function of the user's own.

    Returns
    -------
    dict
        In the unit of the plan's value, never negative. 0 for a channel that does not change. A channel that cannot
        keep its current spend within the bounds and the budget is left out.

    Examples
    --------
    >>> from mixcurve import allocate, response_from
    >>> twins = {name: ("hill", {"top": 100, "half": 50, "slope": 4}) for name in ("tv", "radio")}
    >>> plan = allocate(response_from(twins, current={"tv": 30, "radio": 30}), 60)
    >>> {name: round(loss, 1) for name, loss in worth_of_changes(response_from(twins), plan).items()}
    {'tv': 44.5, 'radio': 44.5}
    """
    if plan.objective == "custom":
        raise InputError(
            "worth_of_changes needs the objective, which a plan for a function of your own does not hold."
        )
    budget = plan.budget
    worth = {}
    for i, channel in enumerate(plan.channels):
        now = plan.current[channel]
        if abs(plan.spend[channel] - now) <= UNCHANGED * max(budget.total, 1e-300):
            worth[channel] = 0.0
        elif budget.lower[i] <= now <= budget.upper[i]:
            try:
                kept = _kept(fitted, plan, channel)
            except InputError:  # with this channel as it is, the other constraints no longer fit the budget
                continue
            worth[channel] = max(plan.value - kept.value, 0.0)
    return worth


def _kept(fitted: Fitted, plan: Allocation, channel: str) -> Allocation:
    """Return the best plan with one channel as it is, within the bounds that the plan had, evidence included."""
    pairs = zip(plan.budget.lower.tolist(), plan.budget.upper.tolist(), strict=True)
    bounds = dict(zip(plan.channels, pairs, strict=True))
    now = plan.current[channel]
    return allocate(
        fitted,
        plan.budget.total,
        objective=plan.risk or ("profit" if plan.objective == "profit" else "response"),
        constraints=plan.constraints,
        current=plan.current,
        bounds=bounds | {channel: (now, now)},
        within=None,
        locked=(),
        hold_weak=False,
        beyond_seen=True,
        check_units=False,
    )
