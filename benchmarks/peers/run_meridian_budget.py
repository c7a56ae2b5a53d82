"""Budgets by Meridian's own `OptimizationGrid`; run by the Python of its own environment.

    run_meridian_budget.py PROBLEMS.json

A problem has Hill curves (top, half, slope per channel), a budget, bounds and a current plan. Meridian's optimiser
works on a grid of spend and outcome. The grid is made here as its `create_optimization_grid` makes it, with its default
`gtol` and its own `get_optimization_bounds` and `get_round_factor`; its outcomes are the values of the curves in double
precision, in the place of those of its analyser. The search and all around it, `OptimizationGrid.optimize`, is its own
code. Bounds go in as shares of the current plan, which is how it takes them. Seconds are those of the processor in
`optimize` alone: with a fitted model, making the grid takes far longer.

Prints a JSON list: per problem the plan, seconds, the step of the grid, and what was said.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from meridian import constants
from meridian.analysis import optimizer

GTOL = 0.0001
"""Default of `create_optimization_grid`."""


def hills(problem: dict[str, Any], spend: np.ndarray) -> np.ndarray:
    """Return the outcome of spend (rows, channels)."""
    top, half, slope = (np.array(problem[p]) for p in ("top", "half", "slope"))
    with np.errstate(divide="ignore"):
        return top / (1.0 + (half / spend) ** slope)


def constraints(problem: dict[str, Any]) -> dict[str, list[float]]:
    """Return the bounds as shares below and above the current plan."""
    current = np.array(problem["current"])
    below, above = 1.0 - np.array(problem["lower"]) / current, np.array(problem["upper"]) / current - 1.0
    return {"spend_constraint_lower": below.tolist(), "spend_constraint_upper": above.tolist()}


def grid(problem: dict[str, Any]) -> optimizer.OptimizationGrid:
    """Return the grid, row by row as `BudgetOptimizer.create_optimization_grid` lays it out."""
    current, factor = np.array(problem["current"]), optimizer.get_round_factor(problem["budget"], GTOL)
    lower, upper = optimizer.get_optimization_bounds(
        n_channels=len(current), spend=current, round_factor=factor, **constraints(problem)
    )
    step = 10 ** (-factor)
    spend = np.full((int(np.max(upper - lower) // step) + 1, len(current)), np.nan)
    for i in range(len(current)):
        amounts = np.arange(lower[i], upper[i] + step, step)[: len(spend)]
        spend[: len(amounts), i] = amounts
    dims = [constants.GRID_SPEND_INDEX, constants.CHANNEL]
    data = xr.Dataset(
        {
            constants.SPEND_GRID: (dims, spend),
            constants.INCREMENTAL_OUTCOME_GRID: (dims, hills(problem, spend)),
        },
        coords={
            constants.GRID_SPEND_INDEX: np.arange(len(spend)),
            constants.CHANNEL: [f"channel {i}" for i in range(len(current))],
        },
        attrs={constants.SPEND_STEP_SIZE: step},
    )
    return optimizer.OptimizationGrid(
        _grid_dataset=data, historical_spend=current, use_kpi=False, use_posterior=True, use_optimal_frequency=False,
        start_date=None, end_date=None, gtol=GTOL, round_factor=factor, optimal_frequency=None, selected_geos=None,
        selected_times=None,
    )  # fmt: skip


def asked(problem: dict[str, Any]) -> dict[str, Any]:
    """Return what the peer finds."""
    current = np.array(problem["current"])
    made = grid(problem)
    scenario = optimizer.FixedBudgetScenario(total_budget=problem["budget"])
    words = {"pct_of_spend": (current / current.sum()).tolist(), **constraints(problem)}
    began = time.process_time()
    try:
        plan, said = made.optimize(scenario, **words).optimized.to_numpy().astype(float).tolist(), "done"
    except Exception as failure:  # noqa: BLE001  a peer's failure of any kind is a failure of the peer
        plan, said = None, f"{type(failure).__name__}: {failure}"
    return {"plan": plan, "seconds": time.process_time() - began, "said": said, "step": made.spend_step_size}


def main() -> None:
    """Solve every problem of the file."""
    problems = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asked(problems[0])  # the first call loads what later ones find loaded
    print(json.dumps({"found": [asked(problem) for problem in problems]}))


if __name__ == "__main__":
    main()
