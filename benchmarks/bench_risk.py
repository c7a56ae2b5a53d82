"""Time and gap of plans by measures of risk, and what SLSQP from 20 starts reaches on the same curves.

Problems: channels with Hill curves, half-saturation = lognormal(0, 0.7), slope uniform in [1.5, 4], ceiling
= half-saturation times lognormal(0, 0.35), a budget of 25% of twice the sum of half-saturations. Each draw
multiplies ceiling and half-saturation by lognormal(0, spread) and the slope by lognormal(0, spread / 2), independently.
SLSQP maximises the CVaR itself with its exact (sub)gradient, spend of about 1, ftol 1e-9; losses are relative to the
best value that either found. Seconds are of one process; CPU seconds stand beside them, for machines that are not idle.

Usage: python benchmarks/bench_risk.py [--problems N] [--json OUT]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import mixcurve as mc
from mixcurve.budget.model import Model, Row
from mixcurve.budget.objectives import BeatCurrent, CVaR, MeanMinusRisk, Quantile
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.proof.check import verify_model
from mixcurve.budget.risk.draws import draws_of
from mixcurve.budget.risk.solve import solve_risk
from mixcurve.budget.risk.weights import weights_of

SEED = 20240607
STARTS = 20
TOLERANCE = 1e-3
MEDIAN_SECONDS = 3.0


def problem(seed, draws=1_000, channels=8, spread=0.2, share=0.25):
    rng = np.random.default_rng(seed)
    half, slope = np.exp(0.7 * rng.normal(size=channels)), rng.uniform(1.5, 4.0, channels)
    top = half * np.exp(0.35 * rng.normal(size=channels))
    noise = rng.normal(size=(3, draws, channels))
    parameters = np.stack(
        [
            top * np.exp(spread * noise[0]),
            half * np.exp(spread * noise[1]),
            np.maximum(slope * np.exp(0.5 * spread * noise[2]), 0.5),
        ],
        axis=-1,
    )
    total, zeros, ones = share * 2 * float(half.sum()), np.zeros(channels), np.ones(channels)
    return Model(
        channels=tuple(f"channel {i}" for i in range(channels)),
        curve=(mc.curves["hill"],) * channels,
        draws=parameters,
        weight=np.full(draws, 1.0 / draws),
        cell=np.arange(channels),
        share=ones,
        worth=ones,
        money_cost=0.0,
        lower=zeros,
        upper=np.full(channels, total),
        optional=np.zeros(channels, dtype=bool),
        setup=zeros,
        rows=(Row("total", "total", ones, zeros, zeros, total),),
        prices={},
    )


def slsqp(model, objective, seed):
    """Return the best value over random starts."""
    draws, weights = draws_of(model), weights_of(objective, model.weight)
    total = float(model.upper[0])
    rng = np.random.default_rng(seed)
    best = 0.0

    def loss(part):
        totals, slope = draws.slopes(np.clip(part, 0.0, 1.0) * total)
        worst = weights.worst(totals)
        return -float(worst @ totals), -(worst @ slope) * total

    for _ in range(STARTS):
        found = minimize(
            loss,
            rng.dirichlet(np.ones(model.cells)),
            jac=True,
            method="SLSQP",
            bounds=[(0.0, 1.0)] * model.cells,
            constraints={"type": "ineq", "fun": lambda x: 1.0 - x.sum(), "jac": lambda x: -np.ones_like(x)},
            options={"ftol": 1e-9, "maxiter": 500},
        )
        part = np.clip(found.x, 0.0, 1.0)
        best = max(best, -loss(part / max(part.sum(), 1.0))[0])
    return best


def timed(function, *arguments, **words):
    start, cpu = time.perf_counter(), time.process_time()
    out = function(*arguments, **words)
    return out, time.perf_counter() - start, time.process_time() - cpu


def measured(cases, objective, problems, max_nodes=None, peer=False):
    """Return one row of the table."""
    gaps, seconds, cpus, losses, ratios, nodes, confirmed = [], [], [], [], [], [], 0
    for k in range(problems):
        model = problem(SEED + k, **cases)
        even = np.full(model.cells, float(model.upper[0]) / model.cells)
        found, took, cpu = timed(
            solve_risk, model, objective, current=even, tolerance=TOLERANCE, max_nodes=max_nodes
        )
        gaps.append((found.bound - found.value) / found.value)
        seconds.append(took)
        cpus.append(cpu)
        nodes.append(found.nodes)
        confirmed += verify_model(ModelCertificate(model, found, objective, even)).ok
        if peer:
            best, theirs, _ = timed(slsqp, model, objective, SEED + k)
            losses.append(1.0 - best / max(best, found.value))
            ratios.append(theirs / took)
    row = {
        "objective": f"{type(objective).__name__}{tuple(vars(objective).values())}",
        "draws × channels": f"{cases.get('draws', 1_000)} × {cases.get('channels', 8)}",
        "spread": cases.get("spread", 0.2),
        "median gap": float(np.median(gaps)),
        "largest gap": max(gaps),
        "median boxes": float(np.median(nodes)),
        "median s": float(np.median(seconds)),
        "median CPU s": float(np.median(cpus)),
        "proofs confirmed": f"{confirmed} of {problems}",
    }
    if peer:
        row |= {"SLSQP worst loss": max(losses), "SLSQP time over ours": float(np.median(ratios))}
    return row


def shown(value):
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", type=int, default=10, help="problems per row")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--peers", action="store_true", help="accepted for the runner; SLSQP is always measured"
    )
    chosen = parser.parse_args()
    many, few = chosen.problems, max(chosen.problems // 3, 1)
    solve_risk(problem(0, draws=20, channels=2), CVaR(0.1), current=np.zeros(2))  # loads the modules
    rows = [
        measured({}, CVaR(0.1), many, peer=True),
        measured({"spread": 0.4}, CVaR(0.1), many),
        measured({"channels": 15, "spread": 0.3}, CVaR(0.25), few),
        measured({}, MeanMinusRisk(0.5, 0.1), few),
        measured({}, Quantile(0.1), few, max_nodes=100),
        measured({}, Quantile(0.5), few, max_nodes=100),
        measured({}, BeatCurrent(), few, max_nodes=100),
    ]
    heads = list(rows[0])
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(shown(row.get(h, "")) for h in heads) + " |")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    closed = rows[0]["largest gap"] <= TOLERANCE
    seconds = rows[0]["median CPU s"]
    print(f"\nCVaR at gap {TOLERANCE:g} in every problem: {'yes' if closed else 'no'}.")
    print(
        f"In at most {MEDIAN_SECONDS:g} CPU s (median): {'yes' if seconds <= MEDIAN_SECONDS else 'no'} ({seconds:.2f})."
    )
    return 0 if closed else 1


if __name__ == "__main__":
    sys.exit(main())
