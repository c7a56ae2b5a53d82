"""The certified budget beside scipy's optimisers and, with --peers, those of PyMC-Marketing and Meridian.

Problems: `peers/budget_problems.py`. Without --peers 8 channels without bounds. With --peers 5, 8 and 20 channels,
comparable and independent ROI, free, 0-2x and ±30% bounds, every method on the same curves in one run. A loss is
relative to the best plan that any method found, a dynamic programme on 2,000 steps of the budget included; a plan that
oversteps is first brought within its bounds and budget. Unspent money is a share of the budget. Times are processor
times on one thread, which other work on the machine lengthens less than the clock's.

SLSQP has exact gradients, spend of about 1 and responses scaled to about 1, ftol 1e-9, and starts from an equal split
or from 20 random plans. Differential evolution works on plans that keep bounds and budget by construction, with
scipy's defaults but for tol 1e-6, and SLSQP polishes its plan. PyMC-Marketing and Meridian run their own code: see
`peers/README.md`.

Usage: python benchmarks/bench_budget.py [--peers] [--problems N] [--json OUT]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from peers.budget_problems import BOUNDS, REGIMES, SEED, SIZES, BudgetProblem, problems, write_problems
from peers.scipy_budgets import STARTS, evolved, grid_value, random_plans, slsqp

import mixcurve as mc

PEERS = Path(__file__).resolve().parent / "peers"
PROVEN, MEDIAN_MS = 1e-6, 20.0
OURS = "mixcurve, certified"
Found = dict[str, list[tuple[np.ndarray | None, float]]]
"""By method, a plan and its seconds for each problem; None where the method failed."""


def known_of(problem: BudgetProblem) -> Any:
    """Return the curves of a problem as mixcurve knows them."""
    rows = zip(problem.top, problem.half, problem.slope)
    return mc.response_from(
        {f"channel {i}": ("hill", dict(zip(("top", "half", "slope"), row))) for i, row in enumerate(rows)}
    )


def asked_of(problem: BudgetProblem) -> dict[str, Any]:
    """Return the arguments of `allocate`."""
    pairs = zip(problem.lower, problem.upper)
    return {} if problem.unbounded else {"bounds": {f"channel {i}": pair for i, pair in enumerate(pairs)}}


def timed(function: Callable[..., Any], *arguments: Any, **words: Any) -> tuple[Any, float]:
    """Return a result and the seconds of the processor that it took."""
    start = time.process_time()
    out = function(*arguments, **words)
    return out, time.process_time() - start


def ours(cell: Sequence[BudgetProblem], found: Found) -> dict[str, Any]:
    """Solve a cell by mixcurve, and return gaps and proofs."""
    gaps, nodes, confirmed, checking = [], [], 0, []
    for problem in cell:
        fitted, words = known_of(problem), asked_of(problem)
        plan, took = timed(mc.allocate, fitted, problem.budget, **words)
        check, seconds = timed(mc.verify, plan, fitted)
        found.setdefault(OURS, []).append((np.array(list(plan.spend.values())), took))
        gaps.append(plan.gap)
        nodes.append(plan.nodes)
        confirmed += check.ok
        checking.append(1e3 * seconds)
    return {
        "largest gap": max(gaps),
        "median boxes": float(np.median(nodes)),
        "most boxes": max(nodes),
        "proofs confirmed": confirmed,
        "median ms to verify": float(np.median(checking)),
    }


def scipy_methods(cell: Sequence[BudgetProblem], found: Found, evolution: bool) -> None:
    """Solve a cell by scipy."""
    rng = np.random.default_rng(SEED)
    for problem in cell:
        equal = [np.full(problem.channels, problem.budget / problem.channels)]
        found.setdefault("SLSQP, equal split", []).append(timed(slsqp, problem, equal))
        starts = random_plans(rng, problem, STARTS)
        found.setdefault(f"SLSQP, best of {STARTS} starts", []).append(timed(slsqp, problem, starts))
        if evolution:
            found.setdefault("differential evolution", []).append(timed(evolved, problem))


def peer_plans(name: str, cell: Sequence[BudgetProblem]) -> Any:
    """Return what a peer's own script says of a cell."""
    python = PEERS / f".venv-{name}" / "bin" / "python"
    script = PEERS / f"run_{name.replace('-', '_')}_budget.py"
    if not python.exists():
        raise SystemExit(f"{name} is not installed. Run benchmarks/peers/install.sh once.")
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with tempfile.TemporaryDirectory() as folder:
        path = write_problems(cell, Path(folder) / "problems.json")
        run = subprocess.run(
            [str(python), str(script), str(path)],
            capture_output=True,
            check=False,
            text=True,
            env=os.environ | one_thread,
        )
    if run.returncode:
        raise SystemExit(f"{script.name} failed:\n{run.stderr[-2000:]}")
    return json.loads(run.stdout.splitlines()[-1])


def answer(problem: BudgetProblem, said: dict[str, Any]) -> tuple[np.ndarray | None, float]:
    """Return a peer's plan and seconds; its own value of the plan must be that of our formula."""
    if said["plan"] is None:
        return None, said["seconds"]
    plan = np.array(said["plan"])
    if "value" in said:
        assert abs(said["value"] / problem.value(plan) - 1) < 1e-9, "the peer optimises other curves"
    return problem.brought_within(plan), said["seconds"]


def installed_peers(cells: dict[Any, list[BudgetProblem]]) -> dict[Any, Found]:
    """Solve all cells by the peers, each in one process."""
    flat = [p for cell in cells.values() for p in cell]
    pymc, meridian = (peer_plans(name, flat)["found"] for name in ("pymc-marketing", "meridian"))
    out, i = {}, 0
    for key, cell in cells.items():
        part = range(i, i + len(cell))
        out[key] = {
            "PyMC-Marketing 1.3.0": [answer(flat[k], pymc[k]["equal split"]) for k in part],
            "PyMC-Marketing, from the current plan": [answer(flat[k], pymc[k]["current"]) for k in part],
            "Meridian 2.1.0": [answer(flat[k], meridian[k]) for k in part],
        }
        i += len(cell)
    return out


def figures(cell: Sequence[BudgetProblem], found: Found) -> list[dict[str, Any]]:
    """Return a row of raw figures per method: losses, unspent shares and seconds of each problem."""
    top = np.array([grid_value(p) for p in cell])
    values = {
        m: np.array([np.nan if plan is None else p.value(plan) for p, (plan, _) in zip(cell, rows)])
        for m, rows in found.items()
    }
    for v in values.values():
        top = np.fmax(top, v)
    return [
        {
            "method": m,
            "loss": (1.0 - values[m] / top).tolist(),
            "unspent": [
                np.nan if plan is None else 1 - plan.sum() / p.budget for p, (plan, _) in zip(cell, rows)
            ],
            "seconds": [s for _, s in rows],
        }
        for m, rows in found.items()
    ]


def summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of figures, several per method, as one row per method."""
    out, methods = [], list(dict.fromkeys(r["method"] for r in rows))
    joined = {
        m: {
            k: np.concatenate([r[k] for r in rows if r["method"] == m])
            for k in ("loss", "unspent", "seconds")
        }
        for m in methods
    }
    for m in methods:
        loss, unspent, seconds = joined[m].values()
        failed = np.isnan(loss)
        ms = 1e3 * float(np.median(seconds))
        out.append(
            {
                "method": m,
                "missed by 0.1%": float(np.mean((loss > 1e-3) | failed)),
                "missed by 1%": float(np.mean((loss > 1e-2) | failed)),
                "mean loss": float(np.nanmean(loss)),
                "worst loss": float(np.nanmax(loss)),
                "mean unspent": float(np.nanmean(unspent)),
                "most unspent": float(np.nanmax(unspent)),
                "failed": int(failed.sum()),
                "median ms": ms,
                "time over ours": ms / (1e3 * float(np.median(joined[OURS]["seconds"]))),
            }
        )
    return out


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1e5 else f"{value:.2e}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as a Markdown table."""
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in rows:
        cells = [
            f"{abs(row[h]):.1%}" if h.startswith("missed") or "unspent" in h
            else f"{max(row[h], 0.0):.3%}" if "loss" in h else shown(row[h])
            for h in heads
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def compared(keys: Sequence[tuple[int, str, str]], count: int, peers: bool) -> dict[Any, Any]:
    """Return for each cell the figures of every method, and of our proofs."""
    cells = {key: problems(*key, count) for key in keys}
    outside = installed_peers(cells) if peers else {key: {} for key in keys}
    mc.allocate(known_of(cells[keys[0]][0]), cells[keys[0]][0].budget)  # loads the modules
    out = {}
    for key, cell in cells.items():
        found: Found = {}
        proofs = ours(cell, found)
        scipy_methods(cell, found, evolution=peers)
        found |= outside[key]
        rows = figures(cell, found)
        out[key] = (rows, proofs | {"largest loss": max(rows[0]["loss"])})
        if sys.stderr.isatty():
            print(*key, file=sys.stderr)
    return out


def main() -> int:
    """Measure, print, and return 1 if a proof is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", type=int, default=None, help="per cell: 100, and 50 with --peers")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--peers", action="store_true", help="all sizes and bounds, PyMC-Marketing and Meridian too"
    )
    chosen = parser.parse_args()
    count = chosen.problems or (50 if chosen.peers else 100)
    keys = (
        [(n, r, b) for b in BOUNDS for r in REGIMES for n in SIZES]
        if chosen.peers
        else [(8, r, "free") for r in REGIMES]
    )
    cells = compared(keys, count, chosen.peers)
    if chosen.peers:
        for bounds in BOUNDS:
            rows = [row for key, (part, _) in cells.items() if key[2] == bounds for row in part]
            short = summary(rows)
            print(f"\n**Bounds {bounds}: {len(SIZES) * len(REGIMES) * count} problems**\n\n{table(short)}\n")
            level = [r["method"] for r in short if r["missed by 0.1%"] == 0 and r["method"] != OURS]
            print(f"Never more than 0.1% below the best, beside ours: {', '.join(level) or 'none'}.")
    for (size, regime, bounds), (rows, proofs) in cells.items():
        print(
            f"\n**{size} channels, {regime}, {bounds}, {count} problems, seed {SEED}**\n\n{table(summary(rows))}\n"
        )
        print("mixcurve: " + ", ".join(f"{k} {shown(v)}" for k, v in proofs.items()) + ".")
    if chosen.json:
        kept = {
            " / ".join(map(str, k)): {"methods": summary(rows), "mixcurve": p}
            for k, (rows, p) in cells.items()
        }
        chosen.json.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return report_targets(cells, count)


def report_targets(cells: dict[Any, Any], count: int) -> int:
    """Print which targets were met; times are printed, but only proofs decide the exit code."""
    ms = max(1e3 * float(np.median(rows[0]["seconds"])) for key, (rows, _) in cells.items() if key[0] == 8)
    proofs = [p for _, p in cells.values()]
    closed = all(p["largest gap"] <= PROVEN and p["proofs confirmed"] == count for p in proofs)
    never = all(p["largest loss"] <= PROVEN for p in proofs)
    print(f"\n8 channels in at most {MEDIAN_MS:g} ms (median): {shown(bool(ms <= MEDIAN_MS))} ({ms:.1f} ms).")
    print(f"Every gap at most {PROVEN:g} and every proof confirmed: {shown(bool(closed))}.")
    print(f"Never below any method, the grid included, to {PROVEN:g}: {shown(bool(never))}.")
    return 0 if closed and never else 1


if __name__ == "__main__":
    sys.exit(main())
