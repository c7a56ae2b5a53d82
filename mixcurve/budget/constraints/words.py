"""The words in which constraints are given: `Group`, `Constraints`, and the keyword arguments that spell them.

They are declared once, here. `allocate`, `frontier`, `budget_for` and `next_test` take the same keywords, and pass them
to `constraints_from`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypedDict

from mixcurve.foundations.checks import nearest_name
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = ["Amounts", "Bound", "ConstraintWords", "Constraints", "Group", "constraints_from", "counted"]

Bound = tuple[float, float] | str
"""Least and largest spend per period, or a change to the current plan such as ``"±30%"`` or ``"-50%..+100%"``."""
Amounts = float | Mapping[str, float]
"""One figure for all, or one by name."""


@dataclass(frozen=True, eq=False)
class Group(Result):
    """Channels that share limits: a brand, a market, a funnel stage, the channels of a region.

    Parameters
    ----------
    channels
        Names of channels, or of other groups, whose channels are then members too. Groups may overlap.
    least, most
        The least and the most money of the group per period, set-up costs included: an amount, or a change to what the
        group costs in the current plan, such as ``"-20%"``.
    roi
        The least value of the group's response per unit of its money. Needs ``value``.
    cpa
        The most money per unit of the group's response.
    mroi
        The least value of the response to one more unit of spend, of every channel of the group that is on.
        Needs ``value``.
    most_on
        The most channels of the group with spend above 0.

    Examples
    --------
    >>> Group(["search", "social"], least=20_000, most="+10%").channels
    ('search', 'social')
    """

    channels: Sequence[str]
    least: float | str | None = None
    most: float | str | None = None
    roi: float | None = None
    cpa: float | None = None
    mroi: float | None = None
    most_on: int | None = None

    def __post_init__(self) -> None:
        if isinstance(self.channels, str) or not isinstance(self.channels, Sequence):
            raise InputError(
                f"A Group needs a list of channels, got {self.channels!r}. For example Group(['tv', 'radio'])."
            )
        if not self.channels:
            raise InputError("A Group needs at least one channel, got none.")
        object.__setattr__(self, "channels", tuple(self.channels))


@dataclass(frozen=True, eq=False)
class Constraints(Result):
    """What a plan must keep beside its budget; all money is per period, in the unit of spend.

    The money of a channel is its spend and, where it is on, its set-up cost. Budgets, groups, ROI and CPA count money;
    bounds, ``locked`` and ``least_if_on`` speak of spend. Nothing is checked here but the names of the words:
    `allocate` checks each against the curves, the current plan and the budget.

    Parameters
    ----------
    bounds
        By channel the least and the largest spend: ``(20_000, 90_000)``, or relative to current spend: ``"±30%"``,
        ``"-50%..+100%"``. Without, (0, budget).
    within
        Such a change, for every channel that has no bounds of its own.
    locked
        Channels that stay at their current spend.
    groups
        By name, each a `Group`.
    least_if_on
        By channel the least spend if there is any at all.
    setup_cost
        By channel what it costs to be on at all, on top of spend.
    tied
        Channels whose spend keeps a proportion, such as ``{"tv": 2, "radio": 1}``; a list of such mappings.
    most_on
        The most channels with spend above 0.
    roi
        The least value of response per unit of money, of the whole plan, or by channel or group. Needs ``value``.
    cpa
        The most money per unit of response, of the whole plan, or by channel or group.
    mroi
        The least value of the response to one more unit of spend, of every channel that is on, or by channel or
        group. Needs ``value``.
    value
        What a unit of response is worth in money, for all, or by channel or group; 1 if the response is money. Where
        it differs between channels, plans are compared by the value of their response.
    prices
        By channel price tiers ``[(0, 1.0), (50_000, 1.2)]``: what is spent beyond 50,000 buys at 1.2 times today's
        price. Prices may not fall.
    hold_weak
        Whether channels whose curve the data show weakly, or not at all, stay near their current spend.
    beyond_seen
        Whether spend may exceed the largest spend seen in the data.
    check_units
        Whether figures about a thousand times off the current plan or the budget are refused as a slip of the unit.

    Examples
    --------
    >>> Constraints(bounds={"tv": (20_000, 90_000)}, most_on=3).most_on
    3
    """

    bounds: Mapping[str, Bound] = field(default_factory=dict)
    within: str | None = None
    locked: Sequence[str] = ()
    groups: Mapping[str, Group] = field(default_factory=dict)
    least_if_on: Mapping[str, float] = field(default_factory=dict)
    setup_cost: Mapping[str, float] = field(default_factory=dict)
    tied: Sequence[Mapping[str, float]] = ()
    most_on: int | None = None
    roi: Amounts | None = None
    cpa: Amounts | None = None
    mroi: Amounts | None = None
    value: Amounts | None = None
    prices: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    hold_weak: bool = True
    beyond_seen: bool = False
    check_units: bool = True


class ConstraintWords(TypedDict, total=False):
    """The fields of `Constraints` as keyword arguments, which see."""

    bounds: Mapping[str, Bound] | None
    within: str | None
    locked: Sequence[str]
    groups: Mapping[str, Group]
    least_if_on: Mapping[str, float]
    setup_cost: Mapping[str, float]
    tied: Sequence[Mapping[str, float]]
    most_on: int | None
    roi: Amounts | None
    cpa: Amounts | None
    mroi: Amounts | None
    value: Amounts | None
    prices: Mapping[str, Sequence[tuple[float, float]]]
    hold_weak: bool
    beyond_seen: bool
    check_units: bool


def constraints_from(
    words: Mapping[str, Any], constraints: Constraints | None = None, *, also: Sequence[str] = ()
) -> Constraints:
    """Return ``constraints`` with the words given beside it, which take the place of its own.

    Parameters
    ----------
    words
        Keyword arguments as the user wrote them.
    constraints
        The constraints they change; none if None.
    also
        Other keywords of the caller, which a misspelt one may have meant.

    Raises
    ------
    InputError
        For a keyword that is no word of constraints, with the nearest; for ``constraints`` that are none.

    Examples
    --------
    >>> constraints_from({"most_onn": 3})
    Traceback (most recent call last):
        ...
    mixcurve.foundations.errors.InputError: There is no argument called 'most_onn'. Did you mean 'most_on'?
    """
    if constraints is not None and not isinstance(constraints, Constraints):
        raise InputError(
            f"constraints must be Constraints, got {type(constraints).__name__}. "
            "Write Constraints(bounds=..., groups=...), or give the same words as arguments."
        )
    known = [f.name for f in fields(Constraints)]
    for word in words:
        if word not in known:
            guess = nearest_name(word, [*known, *also])
            hint = f"Did you mean '{guess}'?" if guess else f"Known: {', '.join([*known, *also])}."
            raise InputError(f"There is no argument called '{word}'. {hint}")
    blank = Constraints()
    given: dict[str, Any] = {
        k: getattr(blank, k) if v is None else dict(v) if isinstance(v, Mapping) else v
        for k, v in words.items()
    }
    return replace(constraints or blank, **given)


def counted(channels: int) -> str:
    """Return so many channels in words.

    >>> counted(1), counted(3)
    ('1 channel', '3 channels')
    """
    return f"{channels} channel" if channels == 1 else f"{channels} channels"
