"""Random plans that keep the rules of a case: none of them may exceed a proven bound."""

from __future__ import annotations

import numpy as np

from oracle.cases import Case, violation

NUDGE = 0.05
"""Money moved between two channels of a plan, as the scale of an exponential, in shares of the total."""
KEPT = 1e-12


def near(rng: np.random.Generator, case: Case, plan: np.ndarray, count: int) -> np.ndarray:
    """Return plans (≤ count, C) that move money between two cells of a plan, or out of one, and keep the rules."""
    cells, rows = case.cells, np.arange(count)
    out = np.repeat(plan[None, :], count, axis=0)
    moved = case.total * NUDGE * rng.exponential(size=count) * 10.0 ** -rng.uniform(0, 6, count)
    source, sink = rng.integers(0, len(cells), (2, count))
    paid = np.stack([plan[list(c)].sum() for c, _ in cells])
    paid = np.repeat(paid[None, :], count, axis=0)
    taken = np.minimum(moved, paid[rows, source])
    taken = np.where(rng.random(count) < 0.2, paid[rows, source], taken)
    paid[rows, source] -= taken
    paid[rows, sink] += taken * np.where(rng.random(count) < 0.2, rng.random(count), 1.0)
    for k, (channels, shares) in enumerate(cells):
        out[:, list(channels)] = paid[:, k, None] * shares
    return out[violation(case, out) <= KEPT]


def anywhere(rng: np.random.Generator, case: Case, count: int) -> np.ndarray:
    """Return plans (≤ count, C) drawn anywhere: cells on or off, within bounds, then shrunk into the limits."""
    cells = case.cells
    spend = np.zeros((count, case.n))
    for channels, shares in cells:
        inside = list(channels)
        low = max(case.lower[inside].max(), case.least_if_on[inside].max()) * case.step
        high = case.upper[inside].min() * case.step
        drawn = low + (high - low) * rng.beta(0.7, 2.0, count)
        must = bool(case.lower[inside].max() > 0)
        drawn = np.where(must | (rng.random(count) < 0.7), drawn, 0.0)
        spend[:, inside] = drawn[:, None] * shares
    limits = [(list(c.channels), c.most) for c in case.clubs if c.most is not None]
    for inside, most in (*limits, (list(range(case.n)), case.steps)):
        spend[:, inside] = shrunk(case, spend[:, inside], inside, most * case.step)
    return spend[violation(case, spend) <= KEPT]


def shrunk(case: Case, spend: np.ndarray, inside: list[int], most: float) -> np.ndarray:
    """Return spend with what lies above the least of each channel scaled down until the money keeps a limit."""
    on = spend > 0
    floor = np.where(on, np.maximum(case.lower, case.least_if_on)[inside] * case.step, 0.0)
    fixed = (floor + np.where(on, case.setup[inside] * case.step, 0.0)).sum(axis=1)
    loose = (spend - floor).sum(axis=1)
    factor = np.clip((most - fixed) / np.maximum(loose, 1e-300), 0.0, 1.0) * (1.0 - 1e-13)
    return floor + (spend - floor) * factor[:, None]
