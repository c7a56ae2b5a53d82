"""Events: days on which something happened that is neither spend nor season."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.response.design.block import Block
from mixcurve.response.design.description import DesignSpec, Event
from mixcurve.response.design.periods import DAY, Dated, as_day, period_bounds

__all__ = ["FOREVER", "event_blocks", "event_share", "read_events", "seen_events"]

FloatArray = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]

FOREVER = np.datetime64("9999-12-30", "D")
"""The last day of a span without an end: a day before the last that Python's dates can hold."""


def read_events(events: Mapping[str, Any] | None, taken: Collection[str]) -> tuple[Event, ...]:
    """Return the events of a mapping from name to days.

    The days are one date, a pair ``(start, end)`` of first and last day, whose end may be None, or a list of both.

    Parameters
    ----------
    events
        Such as ``{"strike": "2024-03-04", "lockdown": ("2020-03-23", "2020-07-03"), "rebrand": ("2024-06-01", None)}``.
    taken
        Names that controls have already.

    Raises
    ------
    InputError
        For a name that is taken, a date that cannot be read, or a span that ends before it starts.

    Examples
    --------
    >>> event = read_events({"sale": ["2024-01-02", ("2024-07-01", "2024-07-14")]}, ())[0]
    >>> event.starts.astype(str).tolist(), event.ends.astype(str).tolist()
    (['2024-01-02', '2024-07-01'], ['2024-01-02', '2024-07-14'])
    """
    if events is not None and not isinstance(events, Mapping):
        raise InputError(f"events must map names to days, as in {{'strike': '2024-03-04'}}; got {events!r}.")
    return tuple(_event(name, days, taken) for name, days in (events or {}).items())


def _event(name: str, days: Any, taken: Collection[str]) -> Event:
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"The name of an event must be text, got {name!r}.")
    if name in taken or f"event {name}" in taken:
        raise InputError(f"The event '{name}' has the name of a control. Give it another name.")
    listed = days if isinstance(days, list) else [days]
    spans = [_span(name, item) for item in listed]
    if not spans:
        raise InputError(f"The event '{name}' has no days. Give its dates, or leave it out.")
    ordered = sorted(spans)
    for (_, end), (start, _) in pairwise(ordered):
        if start <= end:
            raise InputError(f"The event '{name}' has {start} twice. Let its spans not overlap.")
    starts, ends = zip(*ordered, strict=True)
    return Event(name, np.array(starts), np.array(ends))


def _span(name: str, item: Any) -> tuple[np.datetime64, np.datetime64]:
    pair = isinstance(item, Sequence | np.ndarray) and not isinstance(item, str)
    if pair and len(item) != 2:
        raise InputError(f"A span of the event '{name}' must be a pair (start, end), got {item!r}.")
    start, end = item if pair else (item, item)
    first = _day(name, start)
    last = FOREVER if end is None else _day(name, end)
    if last < first:
        raise InputError(f"The event '{name}' ends on {last}, before it starts on {first}. Exchange the two.")
    return first, last


def _day(name: str, value: Any) -> np.datetime64:
    try:
        day = as_day(value)
    except (TypeError, ValueError):
        raise InputError(f"The event '{name}' must have dates like '2024-03-04', got {value!r}.") from None
    if np.isnat(day):
        raise InputError(f"The event '{name}' must have dates like '2024-03-04', got {value!r}.")
    return day


def event_share(event: Event, first: Dates, after: Dates) -> FloatArray:
    """Return the share of each period's days that an event covers (n,), periods from ``first`` until before ``after``.

    Examples
    --------
    >>> event = read_events({"sale": ("2024-01-06", "2024-01-08")}, ())[0]
    >>> weeks = np.array(["2024-01-01", "2024-01-08"], dtype="datetime64[D]")
    >>> (7 * event_share(event, weeks, weeks + np.timedelta64(7, "D"))).tolist()
    [2.0, 1.0]
    """
    begin = np.maximum(first[:, None], event.starts)
    end = np.minimum(after[:, None], event.ends + DAY)
    days = np.maximum((end - begin).astype(np.float64), 0.0).sum(axis=1)
    return days / (after - first).astype(np.float64)


def seen_events(events: tuple[Event, ...], dates: Dates, every: str, dated: Dated) -> tuple[Event, ...]:
    """Return the events, or raise naming one that never occurs in these rows, or covers all of them."""
    first, after = period_bounds(dates, every, dated)
    where = f"the dates of the table ({first.min()} to {after.max() - DAY})"
    for event in events:
        share = event_share(event, first, after)
        if not share.any():
            raise InputError(
                f"The event '{event.name}' never occurs in {where}. Check its days, or leave it out."
            )
        if (share == share[0]).all():
            raise InputError(
                f"The event '{event.name}' is the same in all of {where}, so its effect cannot be told from the "
                "baseline. Check its days, or leave it out."
            )
    return events


def event_blocks(spec: DesignSpec, dates: Dates) -> list[Block]:
    """Return a column per event: the share of each period that it covers."""
    first, after = period_bounds(dates, spec.every, spec.dated)
    return [
        Block(f"event {e.name}", event_share(e, first, after)[:, None], (f"event {e.name}",), pooled=spec.pooled_season)
        for e in spec.events
    ]  # fmt: skip
