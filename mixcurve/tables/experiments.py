"""Evidence from outside the table: lift tests, and targets for what an outcome costs."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.tables.experiment_checks import Fields, standard_error

__all__ = ["CostTarget", "Experiment", "LiftTest"]

FloatArray = npt.NDArray[np.float64]
Day = str | dt.date
_SHARE = re.compile(r"([+-])\s*([0-9]+(?:\.[0-9]+)?)\s*%")
_OTHER_SPEND = ("spend_to", "spend_change", "share")


@dataclass(frozen=True, eq=False)
class LiftTest(Result):
    """A measured incremental response: what a difference in one channel's spend brought.

    The test compares the spend in the table, over some days and groups, with another spend in its place. ``response``
    is the response with the larger of the two less the response with the smaller: what the extra spend brought. It is
    positive when spend helps, whether the test took spend away (a holdout) or added some.

    Parameters
    ----------
    channel
        Its name in the table.
    start, end
        First and last day on which spend differed.
    response
        The incremental response in total, over all those days and groups, in the unit of the table's response.
    error
        One standard error of it, or an interval (low, high), which a normal error is taken from.
    level
        Of the interval, such as 0.9; None with a standard error.
    spend_to, spend_change, share
        Exactly one says the other spend, in total over the test's days and groups: the amount itself (0 for a
        holdout), the amount by which it is larger than the table's, or by what share: ``"-100%"`` or -1.0 for a
        holdout, ``"+50%"`` or 0.5. It is spread over the rows as the table's spend is, or evenly where there was none.
    groups
        Those that were tested; None for all. A test in part of a group cannot be stated.
    until
        Last day on which the response was counted; ``end`` if not given. A later day counts carryover as well.
    name
        For reports; made of channel and days if not given.

    Raises
    ------
    InputError
        With all that is wrong, each a sentence.

    Examples
    --------
    >>> test = LiftTest("tv", "2024-03-04", "2024-03-31", response=1200, error=300, share="-100%")
    >>> test.name, test.share, test.standard_error
    ('tv, 2024-03-04 to 2024-03-31', -1.0, 300.0)
    >>> test.other_total(50_000.0)
    0.0
    >>> LiftTest("tv", "2024-03-04", "2024-03-31", response=1200, error=0, spend_to=0)
    Traceback (most recent call last):
        ...
    mixcurve.foundations.errors.InputError: LiftTest of 'tv': error must be above 0 (found 0). Give the standard error
    of response, or its interval and the level.
    """

    channel: str
    start: Day
    end: Day
    response: float
    error: float | tuple[float, float]
    level: float | None = None
    spend_to: float | None = None
    spend_change: float | None = None
    share: float | str | None = None
    groups: str | tuple[str, ...] | None = None
    until: Day | None = None
    name: str = ""

    def __post_init__(self) -> None:
        fields = Fields("LiftTest", vars(self))
        clean = lift_fields(fields)
        fields.settle()
        for name, value in clean.items():
            object.__setattr__(self, name, value)
        super().__post_init__()

    @property
    def standard_error(self) -> float:
        """One standard error of the incremental response."""
        return standard_error(self.error, self.level)

    def other_total(self, spend: float) -> float:
        """Return the other spend in total, for the table's in total over the test's days and groups."""
        if self.spend_to is not None:
            return self.spend_to
        if self.spend_change is not None:
            return spend + self.spend_change
        assert isinstance(self.share, float)
        return spend * (1.0 + self.share)


@dataclass(frozen=True, eq=False)
class CostTarget(Result):
    """What one incremental outcome of a channel costs: its spend over what it brings, over the same rows.

    The logarithm of the cost has a normal error, so that a cost twice as high is as unlikely as one half as high.

    Parameters
    ----------
    channel
        Its name in the table.
    cost
        Money per unit of incremental response, such as a cost per order.
    error
        One standard error (the coefficient of variation of the log-normal is error / cost), or an interval.
    level
        Of the interval, such as 0.9; None with a standard error.
    start, end
        First and last day it speaks of; all of the table if not given. What carryover brings in these days from
        earlier spend counts as well.
    groups
        Those it speaks of; None for all.
    name
        For reports.

    Examples
    --------
    >>> target = CostTarget("search", cost=25, error=(20, 31.25), level=0.9)
    >>> target.name, round(target.log_error, 4)
    ('cost of search', 0.1357)
    """

    channel: str
    cost: float
    error: float | tuple[float, float]
    level: float | None = None
    start: Day | None = None
    end: Day | None = None
    groups: str | tuple[str, ...] | None = None
    name: str = ""

    def __post_init__(self) -> None:
        fields = Fields("CostTarget", vars(self))
        clean = cost_fields(fields)
        fields.settle()
        for name, value in clean.items():
            object.__setattr__(self, name, value)
        super().__post_init__()

    @property
    def log_error(self) -> float:
        """One standard error of the logarithm of the cost."""
        if isinstance(self.error, tuple):
            return standard_error((float(np.log(self.error[0])), float(np.log(self.error[1]))), self.level)
        return float(np.sqrt(np.log1p((self.error / self.cost) ** 2)))


Experiment = LiftTest | CostTarget


def lift_fields(fields: Fields) -> dict[str, Any]:
    """Return the clean fields of a lift test; what is wrong is noted in ``fields``."""
    channel = fields.text("channel")
    start, end = fields.days("start", "end")
    until = fields.date("until", needed=False) or end
    if until is not None and end is not None and until < end:
        fields.wrong(
            "until", f"must not lie before the last day of the test, {end}", "Leave it out or move it"
        )
    response = fields.number("response", remedy="Give the incremental response in the unit of the table's")
    error = fields.error("error", "response", response)
    clean = {
        "channel": channel, "start": start, "end": end, "until": until, "response": response, "error": error,
        "level": fields.level("level", "error"), "groups": fields.names("groups"),
    }  # fmt: skip
    return clean | _other_spend(fields) | _named(fields, f"{channel}, {start} to {end}", clean["groups"])


def cost_fields(fields: Fields) -> dict[str, Any]:
    """Return the clean fields of a cost target; what is wrong is noted in ``fields``."""
    channel = fields.text("channel")
    cost = fields.number("cost", positive=True, remedy="Give money per unit of incremental response")
    error = fields.error("error", "cost", cost, positive=True)
    start, end = fields.days("start", "end", needed=False)
    clean = {
        "channel": channel, "cost": cost, "error": error, "start": start, "end": end,
        "level": fields.level("level", "error"), "groups": fields.names("groups"),
    }  # fmt: skip
    days = f", {start or 'the first day'} to {end or 'the last'}" if start or end else ""
    return clean | _named(fields, f"cost of {channel}{days}", clean["groups"])


def _named(fields: Fields, default: str, groups: tuple[str, ...] | None) -> dict[str, str]:
    where = f" ({', '.join(groups)})" if groups else ""
    return {"name": str(fields.given.get("name") or "").strip() or default + where}


def _other_spend(fields: Fields) -> dict[str, float | None]:
    """Return the one of three fields that says the other spend, and None for the others."""
    clean: dict[str, float | None] = dict.fromkeys(_OTHER_SPEND)
    told = [name for name in _OTHER_SPEND if fields.given.get(name) is not None]
    if len(told) != 1:
        rule = (
            "must say the other spend"
            if not told
            else f"is one more way to say it, beside {' and '.join(told[:-1])}"
        )
        fields.wrong(
            told[-1] if told else "spend_to", rule, "Give exactly one of spend_to, spend_change and share"
        )
        return clean
    name = told[0]
    given = fields.given[name]
    written = _SHARE.fullmatch(given.strip().replace("\u2212", "-")) if isinstance(given, str) else None
    if name == "share" and written is not None:
        clean[name] = float(written[1] + written[2]) / 100.0
    else:
        clean[name] = fields.number(
            name, remedy="Write share='-100%' or -1.0" if name == "share" else "Give an amount"
        )
    value = clean[name]
    assert value is not None
    if name != "spend_to" and value == 0:
        fields.wrong(name, "must not be 0: a test compares two amounts of spend", "Give the other spend")
    if name == "share" and value < -1:
        fields.wrong(name, "would make spend negative", "The most is '-100%', which is -1.0")
    if name == "spend_to" and value < 0:
        fields.wrong(name, "must not be negative", "Give the other spend in total, 0 for a holdout")
    return clean
