"""Where an experiment lies in the table: which rows, what share of each period, and what other spend there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.design.periods import period_bounds
from mixcurve.tables.experiments import CostTarget, Experiment, LiftTest

__all__ = ["Window", "other_spend", "window_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

DAY = np.timedelta64(1, "D")
SAME_SPEND = 1e-9
"""Relative difference below which two amounts of spend are the same but for rounding."""


@dataclass(frozen=True, eq=False)
class Window:
    """An experiment among the rows of a problem.

    Parameters
    ----------
    channel
        Its place in the problem's order.
    counted
        The rows whose response counts, in order (k,).
    cover
        What share of each row's period lies within the days on which spend differed (n,); 0 outside.
    """

    channel: int
    counted: IntArray
    cover: FloatArray


def window_of(problem: BayesProblem, experiment: Experiment) -> Window:
    """Return where an experiment lies.

    A period that lies only in part within the test's days has as large a part of its spend changed; its whole response
    is counted.

    Raises
    ------
    InputError
        If the channel or a group is not in the data, or a day lies outside the dates of a tested group.
    """
    table = problem.mix.table
    channel = table.channels.index(_named("channel", experiment, experiment.channel, table.channels))
    first, after = period_bounds(table.dates, table.every, problem.design.dated)
    groups = _groups(problem, experiment)
    inside = np.isin(problem.group_of_row, groups)
    start = first.min() if experiment.start is None else np.datetime64(str(experiment.start))
    end = after.max() - DAY if experiment.end is None else np.datetime64(str(experiment.end))
    until = np.datetime64(str(experiment.until)) if isinstance(experiment, LiftTest) else end
    for group in groups if experiment.start is not None or experiment.end is not None else ():
        mine = problem.group_of_row == group
        _within(problem, experiment, int(group), (start, until), (first[mine].min(), after[mine].max() - DAY))
    days = np.minimum(after, end + DAY) - np.maximum(first, start)
    cover = np.clip(days / DAY, 0.0, None) / ((after - first) / DAY) * inside
    counted = np.flatnonzero(inside & (after > start) & (first <= until))
    return Window(channel, counted, cover)


def other_spend(test: LiftTest, spend: FloatArray, cover: FloatArray) -> FloatArray:
    """Return the other spend in each row (n,) in money, for the table's and the shares of the rows that were tested.

    Raises
    ------
    InputError
        If the two spends are the same, or the other one would be negative.
    """
    tested = spend * cover
    total = float(tested.sum())
    other = test.other_total(total)
    if other < 0:
        raise InputError(
            f"{test.name}: the other spend must not be negative, but a change of {test.spend_change:,.6g} beside the "
            f"{total:,.6g} that the table holds for these days leaves {other:,.6g}. Give the change in total, or "
            "spend_to=0 for a holdout."
        )
    if np.isclose(other, total, rtol=SAME_SPEND, atol=0.0):
        raise InputError(
            f"{test.name}: the other spend, {other:,.6g}, is what the table holds for these days, so nothing was "
            "tested. Give what would have been spent without the test, or with it."
        )
    if total > 0:
        return spend + tested * (other / total - 1.0)
    return spend + other * cover / cover.sum()


def _groups(problem: BayesProblem, experiment: Experiment) -> IntArray:
    if experiment.groups is None:
        return np.arange(len(problem.groups))
    if problem.mix.table.groups is None:
        raise InputError(
            f"{experiment.name}: the test names groups ({', '.join(experiment.groups)}), but the table has none. "
            "Read the table with its group column, or leave groups out."
        )
    known = problem.groups
    return np.array(
        [known.index(_named("group", experiment, g, known)) for g in experiment.groups], dtype=np.intp
    )


def _named(kind: str, experiment: Experiment, name: str, options: tuple[str, ...]) -> str:
    try:
        return known_name(kind, name, options)
    except InputError as error:
        raise InputError(f"{experiment.name}: {error}") from None


def _within(
    problem: BayesProblem,
    experiment: Experiment,
    group: int,
    asked: tuple[np.datetime64, np.datetime64],
    held: tuple[np.datetime64, np.datetime64],
) -> None:
    if held[0] <= asked[0] and asked[1] <= held[1]:
        return
    where = f" in {problem.groups[group]}" if problem.mix.table.groups is not None else ""
    what = "target" if isinstance(experiment, CostTarget) else "test"
    raise InputError(
        f"{experiment.name}: the {what} runs from {asked[0]} to {asked[1]}, but the table{where} holds {held[0]} to "
        f"{held[1]}. Correct the days, or give a table that covers them."
    )
