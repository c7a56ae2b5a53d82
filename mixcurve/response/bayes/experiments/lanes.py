"""The other spend of all tests as one block of extra rows: a lane for each test and group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.experiments.windows import Window
from mixcurve.response.bayes.model.problem import BayesProblem, Family

__all__ = ["Lanes", "lanes_of"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Lanes:
    """M lanes of W rows for the tests of one family of channels, and the k rows that they count.

    Parameters
    ----------
    place
        Of the family.
    spend
        Other spend over the channel's unit and the row's size (M × W): the counted rows last, before them
        the rows whose carryover reaches them, and before the table starts what ran then.
    channel, cell
        Of each lane: its channel within the family, its cell among the family's (M,).
    lane_row, row, test
        Of each counted row: its place in the lanes, its place in the table (channel by channel) and its test (k,).
    top
        The cell, among all, that each counted row belongs to (k,).
    weight
        Of each counted row (k,): its response unit, negative where the table holds the larger spend.
    """

    place: int
    spend: FloatArray
    channel: IntArray
    cell: IntArray
    lane_row: IntArray
    row: IntArray
    test: IntArray
    top: IntArray
    weight: FloatArray


@dataclass(frozen=True, eq=False)
class _Lane:
    """One test in one group: scaled other spend up to its last counted row, and which rows count."""

    spend: FloatArray
    channel: int
    group: int
    rows: IntArray
    test: int
    sign: float


def lanes_of(
    problem: BayesProblem, windows: Sequence[Window], spends: Sequence[FloatArray]
) -> tuple[Lanes, ...]:
    """Return the lanes of all tests, family by family, for their windows and other spends in money (n,) each."""
    singles = [
        lane
        for t, (window, spend) in enumerate(zip(windows, spends, strict=True))
        for lane in _singles(problem, t, window, spend)
    ]
    found = []
    for place, family in enumerate(problem.families):
        mine = [lane for lane in singles if lane.channel in family.channels]
        if mine:
            found.append(_together(problem, place, family, mine))
    return tuple(found)


def _singles(problem: BayesProblem, test: int, window: Window, spend: FloatArray) -> list[_Lane]:
    c, mix = window.channel, problem.mix
    scaled = spend / mix.row_size / mix.spend_unit[c]
    sign = 1.0 if spend.sum() > mix.table.spend[:, c].sum() else -1.0
    reach = mix.basis.lags.shape[1] - 1
    found = []
    for group in np.unique(problem.group_of_row[window.counted]):
        rows = window.counted[problem.group_of_row[window.counted] == group]
        begin = max(int(problem.bounds[group]), int(rows[0]) - reach)
        # Where the table starts within reach, spend that ran before it is put in front.
        ahead = [] if problem.before is None else [problem.before[c, begin]] * (reach - int(rows[0]) + begin)
        lane = np.concatenate([ahead, scaled[begin : rows[-1] + 1]])
        found.append(_Lane(lane, c, int(group), rows, test, sign))
    return found


def _together(problem: BayesProblem, place: int, family: Family, lanes: list[_Lane]) -> Lanes:
    width, groups, first = max(len(lane.spend) for lane in lanes), len(problem.groups), family.channels[0]
    spend = np.stack([np.pad(lane.spend, (width - len(lane.spend), 0)) for lane in lanes])
    counted = [len(lane.rows) for lane in lanes]
    ends = [(m + 1) * width - (lane.rows[-1] - lane.rows + 1) for m, lane in enumerate(lanes)]
    rows = np.concatenate([lane.rows for lane in lanes])
    cell = np.array([lane.channel * groups + lane.group for lane in lanes])
    return Lanes(
        place=place,
        spend=spend,
        channel=np.array([lane.channel - first for lane in lanes]),
        cell=cell - first * groups,
        lane_row=np.concatenate(ends),
        row=rows + np.repeat([lane.channel * problem.rows for lane in lanes], counted),
        test=np.repeat([lane.test for lane in lanes], counted),
        top=np.repeat(cell, counted),
        weight=problem.mix.row_unit[rows] * np.repeat([lane.sign for lane in lanes], counted),
    )
