"""A coordinate given others: how its middle and its width go with them, learned from draws.

u = level(t) + exp(log_width(t)) e, level and log width sums of the others, their squares and their products, of which
only those are taken that the draws show.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import linalg

__all__ = ["Conditional", "Terms", "conditional"]

FloatArray = npt.NDArray[np.float64]
Pair = tuple[int, int]

SHOWN = 3.0
"""A term is taken if its score is so many standard deviations from 0."""
PASSES, PER_PASS = 3, 3
"""How often more terms are looked for, and how many are taken at most each time."""
HELD = 3.0
"""Coefficients are drawn to 0 as by so many draws."""
LARGEST_SQUARE = 9.0
"""A squared residual counts at most so much when terms of the width are looked for: one far draw is no trend."""
STEPS = 4
"""Of the fit of the width between two looks; it starts from the last one."""
LONGEST_STEP = 0.5
LARGEST_SCALED = 12.0
"""A squared scaled residual counts at most so much in the fit of the width."""
WIDTHS = 3.0
"""Log widths farther from their mean are taken to be so far from it where draws are weighed."""


@dataclass(frozen=True, eq=False)
class Terms:
    """A sum of products of two of the others, t_i t_k; the place after the last other stands for 1."""

    constant: float
    pairs: tuple[Pair, ...]
    values: FloatArray

    def on(self, t: FloatArray) -> FloatArray:
        """Return the sum for t (n × others and a last column of ones)."""
        out: FloatArray = self.constant + _columns(t, self.pairs) @ self.values
        return out

    def with_pairs(self, pairs: list[Pair]) -> Terms:
        """Return the same sum with more terms of value 0."""
        return Terms(self.constant, (*self.pairs, *pairs), np.append(self.values, np.zeros(len(pairs))))


@dataclass(frozen=True, eq=False)
class Conditional:
    """Level and log width of a coordinate, and the scaled residuals e (n,) of the draws."""

    level: Terms
    log_width: Terms
    rest: FloatArray


def conditional(u: FloatArray, others: FloatArray, counted: float) -> Conditional:
    """Return how draws of a coordinate (n,) go with draws of others (n × m).

    ``counted`` is the number of independent draws that these are worth.
    """
    count, size = others.shape
    t = np.column_stack([others, np.ones(count)])
    held = HELD * count / counted
    level = Terms(0.0, tuple((i, size) for i in range(size)), np.zeros(size))
    level = _level(u, t, level, np.ones(count), held)
    width = Terms(
        float(0.5 * np.log(np.mean((u - level.on(t)) ** 2) + np.finfo(float).tiny)), (), np.zeros(0)
    )
    spread = _spread(t, counted)
    for _ in range(PASSES):
        rest = (u - level.on(t)) * np.exp(-width.on(t))
        square = np.minimum(rest**2, LARGEST_SQUARE)
        more = _shown(rest, t, spread, [*level.pairs], linear=False)
        wider = _shown(square - square.mean(), t, spread, [*width.pairs], linear=True)
        if not more and not wider:
            break
        level, width = level.with_pairs(more), width.with_pairs(wider)
        width = _width(u - level.on(t), t, width, held)
        level = _level(u, t, level, _weight(width.on(t)), held)
        width = _width(u - level.on(t), t, width, held)
    return Conditional(level, width, (u - level.on(t)) * np.exp(-width.on(t)))


def _columns(t: FloatArray, pairs: tuple[Pair, ...]) -> FloatArray:
    first, second = np.array(pairs, dtype=int).reshape(-1, 2).T
    return t[:, first] * t[:, second]


def _spread(t: FloatArray, counted: float) -> FloatArray:
    """Return the deviation of each product's mean from 0 by chance, for a residual of deviation 1."""
    mean, square = t.T @ t / len(t), (t**2).T @ t**2 / len(t)
    return np.sqrt(np.maximum(square - mean**2, 1e-12) / counted)


def _shown(
    rest: FloatArray, t: FloatArray, spread: FloatArray, taken: list[Pair], *, linear: bool
) -> list[Pair]:
    """Return the pairs, at most a few, that go with the residual (n,) and are not taken yet."""
    size = t.shape[1] - 1
    score = np.abs(t.T @ (t * rest[:, None])) / len(t) / (spread * max(float(rest.std()), 1e-300))
    score = np.triu(score)
    score[size, size] = 0.0
    if not linear:
        score[:, size] = 0.0
    for pair in taken:
        score[pair] = 0.0
    best = np.argsort(-score, axis=None)[:PER_PASS]
    found = [(int(i), int(k)) for i, k in zip(*np.unravel_index(best, score.shape), strict=True)]
    return [pair for pair in found if score[pair] > SHOWN]


def _weight(log_width: FloatArray) -> FloatArray:
    out: FloatArray = np.exp(-2.0 * np.clip(log_width - log_width.mean(), -WIDTHS, WIDTHS))
    return out


def _level(u: FloatArray, t: FloatArray, terms: Terms, weight: FloatArray, held: float) -> Terms:
    """Return the level by weighted least squares."""
    columns = np.column_stack([np.ones(len(u)), _columns(t, terms.pairs)])
    normal = (columns * weight[:, None]).T @ columns
    normal[np.diag_indices_from(normal)] += np.append(1e-6, np.full(len(terms.pairs), held))
    value = linalg.solve(normal, columns.T @ (weight * u), assume_a="pos")
    return replace(terms, constant=float(value[0]), values=value[1:])


def _width(rest: FloatArray, t: FloatArray, terms: Terms, held: float) -> Terms:
    """Return the log width under which the residuals (n,) are most probable, by a few damped Newton steps."""
    columns = np.column_stack([np.ones(len(rest)), _columns(t, terms.pairs)])
    pull = np.append(1e-6, np.full(len(terms.pairs), held))
    value = np.append(terms.constant, terms.values)
    for _ in range(STEPS):
        scaled = np.minimum(rest**2 * np.exp(-2.0 * (columns @ value)), LARGEST_SCALED)
        slope = columns.T @ (1.0 - scaled) + pull * value
        bend = (columns * (2.0 * np.minimum(scaled, WIDTHS) + 0.1)[:, None]).T @ columns + np.diag(pull)
        step = linalg.solve(bend, slope, assume_a="pos")
        value = value - np.clip(step, -LONGEST_STEP, LONGEST_STEP)
    return replace(terms, constant=float(value[0]), values=value[1:])
