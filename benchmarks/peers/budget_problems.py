"""Budget problems on which mixcurve and its peers are compared: the same Hill curves, budgets and bounds for all.

Slope U(1.5, 5), half-saturation lognormal(0, 0.7), budget U(0.15, 0.40) times twice the summed half-saturations.
"comparable ROI": top = half-saturation x lognormal(0, 0.35); "independent": top = lognormal(0, 0.35). All is then
counted in money so that the budget is 5,000,000 and responses are worth about what they cost: Meridian works on whole
amounts of money, rounds returns to eight decimals, and by default steps by a thousand here. The current plan
is Dirichlet(2), in steps of 10,000, which add up to the budget. Bounds are free (0 to the budget), 0-2x or ±30% of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

BUDGET, PLAN_STEP = 5_000_000.0, 10_000.0
SIZES, REGIMES, BOUNDS = (5, 8, 20), ("comparable ROI", "independent"), ("free", "0-2x", "±30%")
SEED = 20240607


@dataclass(frozen=True)
class BudgetProblem:
    """Hill curves of each channel, the budget, bounds and current plan, in money."""

    top: list[float]
    half: list[float]
    slope: list[float]
    budget: float
    lower: list[float]
    upper: list[float]
    current: list[float]

    @property
    def channels(self) -> int:
        return len(self.top)

    @property
    def unbounded(self) -> bool:
        return max(self.lower) == 0 and min(self.upper) == self.budget

    def value(self, spend: np.ndarray) -> np.ndarray:
        """Return the total response at spend (..., channels)."""
        top, half, slope = (np.array(p) for p in (self.top, self.half, self.slope))
        return (top / (1.0 + (half / np.maximum(spend, 1e-9)) ** slope)).sum(axis=-1)

    def brought_within(self, spend: np.ndarray) -> np.ndarray:
        """Return spend within the bounds and the budget: what exceeds the budget comes off above the lower bounds."""
        lower, upper = np.array(self.lower), np.array(self.upper)
        inside = np.clip(spend, lower, upper)
        over = inside.sum() - self.budget
        loose = inside - lower
        return inside - loose * (over / loose.sum()) if over > 0 else inside


def raw_problem(rng: np.random.Generator, n: int, comparable: bool) -> tuple[tuple[np.ndarray, ...], float]:
    """Return (top, half, slope) and a budget, with half-saturations of about 1."""
    slope, half = rng.uniform(1.5, 5.0, n), np.exp(0.7 * rng.normal(size=n))
    top = np.exp(0.35 * rng.normal(size=n)) * (half if comparable else 1.0)
    return (top, half, slope), float(rng.uniform(0.15, 0.40) * 2 * half.sum())


def problems(size: int, regime: str, bounds: str, count: int, seed: int = SEED) -> list[BudgetProblem]:
    """Return the problems of one cell of the comparison, the same ones every time."""
    rng, plans = np.random.default_rng(seed), np.random.default_rng([seed, size])
    return [
        in_money(*raw_problem(rng, size, regime == REGIMES[0]), current_plan(plans, size), bounds)
        for _ in range(count)
    ]


def current_plan(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return a plan in whole steps, at least one each, that adds up to the budget."""
    steps = int(BUDGET / PLAN_STEP)
    shares = rng.dirichlet(np.full(n, 2.0)) * (steps - n)
    plan = 1 + shares.astype(int)
    plan[int(np.argmax(shares))] += steps - int(plan.sum())
    return plan * PLAN_STEP


def in_money(
    curves: tuple[np.ndarray, ...], budget: float, current: np.ndarray, bounds: str
) -> BudgetProblem:
    """Return a raw problem with its budget at ``BUDGET``."""
    top, half, slope = curves
    unit = BUDGET / budget
    lower, upper = {
        "free": (0.0 * current, np.full(len(current), BUDGET)),
        "0-2x": (0.0 * current, 2.0 * current),
        "±30%": (np.round(0.7 * current), np.round(1.3 * current)),
    }[bounds]
    lists = (a.tolist() for a in (top * unit, half * unit, slope))
    return BudgetProblem(*lists, BUDGET, lower.tolist(), upper.tolist(), current.tolist())


def write_problems(found: Iterable[BudgetProblem], path: Path) -> Path:
    """Write problems as a JSON list, which the peers read, and return the path."""
    path.write_text(json.dumps([asdict(p) for p in found]), encoding="utf-8")
    return path
