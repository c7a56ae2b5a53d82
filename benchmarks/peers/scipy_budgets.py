"""Budgets by scipy, as it is best used: SLSQP, differential evolution; and by a dynamic programme on a grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from peers.budget_problems import SEED, BudgetProblem
from scipy.optimize import differential_evolution, minimize

GRID, STARTS = 2_000, 20


def slsqp(problem: BudgetProblem, starts: Sequence[np.ndarray]) -> np.ndarray:
    """Return the best plan over the starts, by SLSQP as its users run it."""
    unit = problem.budget / problem.channels
    top, half, slope = np.array(problem.top), np.array(problem.half) / unit, np.array(problem.slope)
    scale, budget = top.sum(), float(problem.channels)
    bounds = list(zip(np.array(problem.lower) / unit, np.array(problem.upper) / unit))

    def loss(spend: np.ndarray) -> tuple[float, np.ndarray]:
        x = np.maximum(spend, 1e-12)
        share = 1.0 / (1.0 + (half / x) ** slope)
        return -(top * share).sum() / scale, -top * slope * share * (1.0 - share) / x / scale

    total = {"type": "ineq", "fun": lambda x: budget - x.sum(), "jac": lambda x: -np.ones_like(x)}
    plans = []
    for start in starts:
        found = minimize(
            loss, start / unit, jac=True, method="SLSQP", bounds=bounds, constraints=total,
            options={"ftol": 1e-9, "maxiter": 1_000},
        )  # fmt: skip
        plans.append(problem.brought_within(found.x * unit))
    return max(plans, key=problem.value)


def random_plans(rng: np.random.Generator, problem: BudgetProblem, count: int) -> list[np.ndarray]:
    """Return random plans that keep the bounds and spend the budget."""
    if problem.unbounded:
        return [problem.budget * rng.dirichlet(np.ones(problem.channels)) for _ in range(count)]
    return list(spread(problem, rng.random((problem.channels, count))).T)


def spread(problem: BudgetProblem, u: np.ndarray) -> np.ndarray:
    """Return plans (channels, N) from numbers between 0 and 1: between the bounds, moved evenly to spend the budget."""
    lower, upper = np.array(problem.lower)[:, None], np.array(problem.upper)[:, None]
    spend, budget = lower + (upper - lower) * u, problem.budget
    total = spend.sum(axis=0)
    down = (budget - lower.sum()) / np.maximum(total - lower.sum(), 1e-300)
    up = (upper.sum() - budget) / np.maximum(upper.sum() - total, 1e-300)
    return np.where(total > budget, lower + (spend - lower) * down, upper - (upper - spend) * up)


def evolved(problem: BudgetProblem) -> np.ndarray:
    """Return the plan of differential evolution, polished by SLSQP."""
    found = differential_evolution(
        lambda u: -problem.value(spread(problem, u).T), [(0.0, 1.0)] * problem.channels, vectorized=True,
        updating="deferred", polish=False, tol=1e-6, rng=SEED,
    )  # fmt: skip
    return slsqp(problem, [spread(problem, found.x[:, None])[:, 0]])


def grid_value(problem: BudgetProblem) -> float:
    """Return the best value over plans on a grid of ``GRID`` steps: exact there, so no more than the optimum."""
    amounts = problem.budget * np.arange(GRID + 1) / GRID
    best = np.zeros(GRID + 1)
    rows = zip(problem.top, problem.half, problem.slope, problem.lower, problem.upper)
    for top, half, slope, lower, upper in rows:
        gain = top / (1.0 + (half / np.maximum(amounts, 1e-9)) ** slope)
        gain[(amounts < lower * (1 - 1e-12)) | (amounts > upper * (1 + 1e-12))] = -np.inf
        padded = np.concatenate([np.full(GRID, -np.inf), best])
        windows = np.lib.stride_tricks.sliding_window_view(padded, GRID + 1)
        best = (windows + gain[::-1]).max(axis=1)
    return float(best.max())
