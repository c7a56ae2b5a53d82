"""The best plan by dynamic programming: exact on a grid of money, then again on ever finer grids around it.

A table says, for each number of channels on and each amount of money, the most that a part of the problem returns; two
parts join by the best split of their money. Rules of a group are masks on its table, so that bounds, set-up costs,
prices, nested groups, counts and floors on return need nothing more: more return for the same money breaks no rule.
No gradient, no envelope and no price is used, and nothing of the package but the formulas of the curves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from oracle.cases import Case, Club, returns, value

REFINE, REACH, LEVELS, RECENTRE = 4, 2, 13, 20
"""Each finer grid has steps a fourth as long and reaches two old steps to each side: after 13, 1.5e-8 of a step."""
CLOSE = 0.02
"""Other basins are refined where they come this near to the best on the first grid."""
NEVER = -np.inf


@dataclass(frozen=True)
class Table:
    """Returns by (channels on, money in steps from ``base``), and what they were joined from."""

    base: int
    best: np.ndarray
    parts: tuple[Table, Table] | None = None
    cell: int = -1


@dataclass(frozen=True)
class Grid:
    """``fine`` steps make one step of the case; cell k may spend from ``low[k]`` to ``high[k]`` fine steps."""

    fine: int
    low: np.ndarray
    high: np.ndarray


def best_plan(case: Case) -> tuple[np.ndarray, float]:
    """Return the best plan found (C,), and its value: a lower bound of the optimum, in its basin to rounding.

    Besides the best plan on the first grid, the best with each cell forced off and forced on are refined too.
    """
    found = [plan for grid in first_grids(case) if (plan := solve(case, grid)) is not None]
    if not found:
        raise ValueError(f"the case {case.seed} has no plan on its grid")
    top = max(v for _, v in found)
    close = {tuple(plan): plan for plan, v in found if v >= top - CLOSE * abs(top)}
    refined = [refine(case, plan) for plan in close.values()]
    return max(refined, key=lambda pair: pair[1])


def first_grids(case: Case) -> Iterator[Grid]:
    """Yield the grid of whole steps, and the same with each cell off, and each on."""
    k = len(case.cells)
    low, high = np.zeros(k, dtype=int), np.full(k, case.steps)
    yield Grid(1, low, high)
    for i in range(k):
        yield Grid(1, low, np.where(np.arange(k) == i, 0, high))
        yield Grid(1, np.where(np.arange(k) == i, 1, low), high)


def refine(case: Case, plan: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the best plan near a plan in whole steps, on ever finer grids, and its value."""
    fine, centre = 1, plan
    for _ in range(LEVELS):
        fine, centre = fine * REFINE, centre * REFINE
        for _ in range(RECENTRE):
            low, high = np.maximum(centre - REACH * REFINE, 0), centre + REACH * REFINE
            moved, _ = solve(case, Grid(fine, low, high))
            edge = ((moved == low) & (low > 0)) | (moved == high)
            done = not edge.any() or bool(np.all(moved == centre))
            centre = moved
            if done:
                break
    spend = plan_of(case, centre, fine)
    return spend, float(value(case, spend))


def plan_of(case: Case, paid: np.ndarray, fine: int) -> np.ndarray:
    """Return the spend per channel (C,) where each cell pays this many fine steps, set-up costs included."""
    spend = np.zeros(case.n)
    for (channels, shares), steps in zip(case.cells, paid.tolist()):
        if steps:
            setup = fine * int(sum(case.setup[list(channels)]))
            spend[list(channels)] = (steps - setup) * (case.step / fine) * shares
    return spend


def solve(case: Case, grid: Grid) -> tuple[np.ndarray, float] | None:
    """Return the best steps per cell on the grid and the value there; None where no plan there keeps the rules."""
    tables = {frozenset(cell[0]): leaf(case, grid, k) for k, cell in enumerate(case.cells)}
    whole = Club("total", tuple(range(case.n)), most=case.steps, most_on=case.most_on, roi=case.roi)
    for club in sorted((*case.clubs, whole), key=lambda c: len(c.channels)):
        inside = [key for key in tables if key <= set(club.channels)]
        joined = None
        for key in inside:
            part = tables.pop(key)
            joined = part if joined is None else join(joined, part, case.steps * grid.fine)
        tables[frozenset(club.channels)] = masked(case, grid, club, joined)
    (table,) = tables.values()
    paid = (table.base + np.arange(table.best.shape[1])) * (case.step / grid.fine)
    score = table.best - (paid if case.profit else 0.0)
    on, steps = np.unravel_index(int(np.argmax(score)), score.shape)
    if score[on, steps] == NEVER:
        return None
    out = np.zeros(len(case.cells), dtype=int)
    trace(table, int(on), int(steps), out)
    return out, float(score[on, steps])


def leaf(case: Case, grid: Grid, k: int) -> Table:
    """Return the table of one cell."""
    channels, shares = case.cells[k]
    inside, length = list(channels), case.step / grid.fine
    paid = np.arange(grid.low[k], min(grid.high[k], case.steps * grid.fine) + 1)
    amount = paid - grid.fine * int(case.setup[inside].sum())
    on, off = paid > 0, paid == 0
    gain, allowed = np.zeros(len(paid)), np.ones(len(paid), dtype=bool)
    for i, share in zip(inside, shares):
        spend = np.where(on, amount * share * length, 0.0)
        floor, most = max(case.lower[i], case.least_if_on[i]), case.upper[i]
        # Steps compare exactly where a channel stands alone; tied channels have no bounds of their own.
        low_enough, high_enough = amount * share >= floor * grid.fine, amount * share <= most * grid.fine
        allowed &= np.where(on, (amount > 0) & low_enough & high_enough, case.lower[i] == 0)
        gain += returns(case, i, np.maximum(spend, 0.0))
    gain = np.where(allowed, gain, NEVER)
    if not counted(case):
        return Table(int(grid.low[k]), gain[None, :], cell=k)
    best = np.full((len(inside) + 1, len(paid)), NEVER)
    best[0], best[len(inside)] = np.where(off, gain, NEVER), np.where(on, gain, NEVER)
    return Table(int(grid.low[k]), best, cell=k)


def counted(case: Case) -> bool:
    """Return whether the number of channels on matters."""
    return case.most_on is not None or any(c.most_on is not None for c in case.clubs)


def join(left: Table, right: Table, most: int) -> Table:
    """Return the table of two parts: for each amount of money and number on, the best split."""
    base = left.base + right.base
    rows = left.best.shape[0] + right.best.shape[0] - 1
    columns = min(left.best.shape[1] + right.best.shape[1] - 1, most - base + 1)
    best = np.full((rows, columns), NEVER)
    for i, one in enumerate(left.best):
        for j, other in enumerate(right.best):
            best[i + j] = np.maximum(best[i + j], splits(one, other, columns))
    return Table(base, best, parts=(left, right))


def splits(one: np.ndarray, other: np.ndarray, columns: int) -> np.ndarray:
    """Return ``max_s one[s] + other[m - s]`` for each m below ``columns``."""
    if len(other) > len(one):
        one, other = other, one
    gap = np.full(len(other) - 1, NEVER)
    padded = np.concatenate([gap, one, gap])
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(other))[:columns]
    return (windows + other[::-1]).max(axis=1)


def masked(case: Case, grid: Grid, club: Club, table: Table) -> Table:
    """Return the table of a group with what breaks its rules taken out."""
    steps = table.base + np.arange(table.best.shape[1])
    keep = steps >= club.least * grid.fine
    if club.most is not None:
        keep &= steps <= club.most * grid.fine
    best = np.where(keep, table.best, NEVER)
    if club.roi is not None:
        best[best < club.roi * steps * (case.step / grid.fine)] = NEVER
    if club.most_on is not None:
        best[club.most_on + 1 :] = NEVER
    return Table(table.base, best, table.parts, table.cell)


def trace(table: Table, on: int, steps: int, out: np.ndarray) -> None:
    """Write the money of each cell, in fine steps, that the entry (on, steps) of a table came from."""
    if table.parts is None:
        out[table.cell] = table.base + steps
        return
    left, right = table.parts
    most = min(on, left.best.shape[0] - 1)
    pairs = [(i, on - i) for i in range(most + 1) if on - i < right.best.shape[0]]
    first = np.arange(max(0, steps - right.best.shape[1] + 1), min(steps, left.best.shape[1] - 1) + 1)
    sums = [left.best[i, first] + right.best[j, steps - first] for i, j in pairs]
    row, column = np.unravel_index(int(np.argmax(sums)), (len(pairs), len(first)))
    (i, j), s = pairs[row], int(first[column])
    trace(left, i, s, out)
    trace(right, j, steps - s, out)
