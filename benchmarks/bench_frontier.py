"""The certified frontier beside one local search per budget, as its users draw such a curve.

8 Hill channels: slope U(1.5, 5), half-saturation lognormal(0, 0.7), top = half-saturation x lognormal(0, 0.35); 50
budgets from 0 to U(0.3, 0.8) times twice the summed half-saturations. The peer is scipy's SLSQP with exact gradients,
from an equal split, at the same budgets. Errors between budgets are against a solve of its own there, relative to the
largest value. One seed; times are CPU seconds of one thread, medians over the problems.

Usage: python benchmarks/bench_frontier.py [--problems N]
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
from scipy.optimize import minimize

import mixcurve as mc
from mixcurve.budget.frontier.break_even import break_even
from mixcurve.budget.frontier.least import budget_for
from mixcurve.budget.frontier.trace import frontier

SEED = 20250611
CHANNELS, BUDGETS, CHECKS = 8, 50, 20
MOST_SECONDS, MOST_ERROR = 1.0, 1e-6


def problem(rng):
    """Return parameters (top, half, slope), the curves, and the largest budget."""
    slope, half = rng.uniform(1.5, 5.0, CHANNELS), np.exp(0.7 * rng.normal(size=CHANNELS))
    top = np.exp(0.35 * rng.normal(size=CHANNELS)) * half
    rows = zip(top.tolist(), half.tolist(), slope.tolist())
    known = {f"channel {i}": ("hill", dict(zip(("top", "half", "slope"), row))) for i, row in enumerate(rows)}
    return (top, half, slope), mc.response_from(known), float(rng.uniform(0.3, 0.8) * 2 * half.sum())


def slsqp(parameters, budget):
    """Return the value that SLSQP finds from an equal split."""
    top, half, slope = parameters

    def loss(spend):
        x = np.maximum(spend, 1e-12)
        share = 1.0 / (1.0 + (half / x) ** slope)
        return -(top * share).sum(), -top * slope * share * (1.0 - share) / x

    split = np.full(CHANNELS, budget / CHANNELS)
    room = {"type": "ineq", "fun": lambda x: budget - x.sum(), "jac": lambda x: -np.ones_like(x)}
    found = minimize(
        loss, split, jac=True, method="SLSQP", bounds=[(0.0, budget)] * CHANNELS, constraints=room
    )
    spend = np.clip(found.x, 0.0, budget)
    return -loss(spend * min(1.0, budget / max(spend.sum(), 1e-300)))[0]


def timed(function, *arguments, **words):
    start = time.process_time()
    out = function(*arguments, **words)
    return out, time.process_time() - start


def measure(rng):
    """Return one row of figures for one problem."""
    parameters, fitted, most = problem(rng)
    budgets = np.linspace(0.0, most, BUDGETS)
    found, seconds = timed(frontier, fitted, budgets)
    at = rng.uniform(0.0, most, CHECKS)
    alone = np.array([mc.allocate(fitted, float(b)).value for b in at])
    peers, peer_seconds = timed(lambda: np.array([slsqp(parameters, b) for b in budgets[1:]]))
    best = found.value[np.searchsorted(found.budget, budgets[1:])]
    _, least_seconds = timed(budget_for, fitted, 0.5 * float(found.value[-1]))
    _, even_seconds = timed(break_even, fitted, value=2.0)
    return {
        "seconds": seconds,
        "solved": len(found.budget),
        "switches": len(found.switches),
        "error": np.abs(found.value_at(at) - alone).max() / found.value[-1],
        "gap": found.gap.max(),
        "exceeded": int((alone > found.bound_at(at)).sum()),
        "peer seconds": peer_seconds,
        "peer missed": float(np.mean(peers < best * (1 - 1e-3))),
        "peer falls": float(np.mean(np.diff(peers) < 0)),
        "budget_for": least_seconds,
        "break_even": even_seconds,
    }


def main() -> int:
    """Print the table; 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=20)
    parser.add_argument("--peers", action="store_true", help="no other peers are measured here")
    chosen = parser.parse_args()
    rng = np.random.default_rng(SEED)
    mc.allocate(problem(rng)[1], 1.0)
    rows = [measure(rng) for _ in range(chosen.problems)]
    column = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    seconds, peer = np.median(column["seconds"]), np.median(column["peer seconds"])
    print(f"{chosen.problems} problems, {CHANNELS} channels, {BUDGETS} budgets\n")
    print("| | frontier | SLSQP at each budget |")
    print("|---|---|---|")
    print(f"| CPU seconds, median | {seconds:.2f} | {peer:.2f} |")
    print(f"| budgets solved, median | {np.median(column['solved']):.0f} | {BUDGETS - 1} |")
    print(f"| switches located, median | {np.median(column['switches']):.0f} | none |")
    print(f"| largest proven gap | {column['gap'].max():.1e} | none |")
    print(f"| largest error between budgets | {column['error'].max():.1e} | not given |")
    print(f"| solves above the bound | {column['exceeded'].sum()} | no bound |")
    print(f"| budgets more than 0.1% below the best | 0% | {100 * column['peer missed'].mean():.0f}% |")
    print(f"| steps at which more budget brings less | 0% | {100 * column['peer falls'].mean():.0f}% |")
    print(f"\n`budget_for`: {1e3 * np.median(column['budget_for']):.0f} ms, ", end="")
    print(f"`break_even`: {1e3 * np.median(column['break_even']):.0f} ms, medians")
    missed = seconds > MOST_SECONDS or column["error"].max() > MOST_ERROR or column["exceeded"].any()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
