"""Do the draws of `sample_mix` pass their gates on S-curve markets, on all defaults, from seed to seed?

    python benchmarks/validate_gates.py [--seeds N] [--markets NAME ...] [--curves NAME ...] [--workers N] [--reuse]

Asked of every run, of every sampled parameter: no divergence, R-hat below 1.01, bulk and tail ESS of at least 400 at
4 chains of 1,000 draws. Markets: `mmm_example` of PyMC-Marketing, the three shipped in `data/`, and ten simulated ones
of three years by week with 5 to 8 channels; Hill and logistic curves; five seeds. Each run is kept in
`results/gates.jsonl` with a digest of the sources that made it, and `--reuse` runs only those that these sources have
not made.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Any

import mixcurve as mc
from mixcurve.foundations.convergence import convergence
from mixcurve.tables.table import SpendTable

HERE = Path(__file__).resolve().parent
DATA, SHARED = HERE.parent / "data", HERE.parent.parent / "shared" / "data"
KEPT = HERE / "results" / "gates.jsonl"
CURVES, SEEDS = ("hill", "logistic"), 5
WORST_RHAT, LEAST_ESS = 1.01, 400.0
SIMULATED, PERIODS, NOISE, FIRST_SEED = 10, 156, 0.04, 100
PACKAGE = Path(mc.__file__).parent
Run = dict[str, Any]


def sources() -> str:
    """Return a digest of the package's sources: a run of other sources says nothing of these."""
    found = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        found.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def simulated(number: int) -> SpendTable:
    """Return one of the simulated markets, of 5 to 8 channels."""
    channels = [f"channel {i + 1}" for i in range(5 + number % 4)]
    return mc.simulate_market(channels, periods=PERIODS, noise=NOISE, seed=FIRST_SEED + number).table


def markets() -> dict[str, Callable[[], SpendTable]]:
    """Return how to read or make each market, by name."""
    shipped: dict[str, tuple[str, dict[str, Any]]] = {
        "demo_market": ("week", {
            "response": "orders", "channels": ["tv", "search", "social", "video", "out_of_home"], "controls": ["price"],
        }),
        "markt_de": ("woche", {
            "response": "umsatz", "channels": ["tv", "suche", "social", "radio"],
            "controls": ["aktionstage", "preis"], "locale": "de-DE",
        }),
        "two_regions": ("week", {
            "response": "revenue", "channels": ["tv", "search", "social"], "group": "region",
        }),
    }  # fmt: skip
    example = SHARED / "pymc_marketing" / "mmm_example.csv"
    all_of_them: dict[str, Callable[[], SpendTable]] = {
        "mmm_example": partial(
            mc.read_spend, example, date="date_week", response="y", channels=["x1", "x2"],
            controls=["event_1", "event_2"],
        ),
        **{name: partial(mc.read_spend, DATA / f"{name}.csv", date=date, **rest)
           for name, (date, rest) in shipped.items()},
        **{f"simulated {k + 1}": partial(simulated, k) for k in range(SIMULATED)},
    }  # fmt: skip
    if not example.exists():
        print(f"{example.name} is not in ../shared/data: left out", file=sys.stderr)
        del all_of_them["mmm_example"]
    return all_of_them


def run(market: str, curve: str, seed: int) -> Run:
    """Return the gates of one run."""
    begun, used = time.perf_counter(), time.process_time()
    post = mc.sample_mix(markets()[market](), curve=curve, seed=seed, checks=False, progress=None)
    found = convergence(post.positions)
    return {
        "market": market, "curve": curve, "seed": seed, "parameters": post.positions.shape[2],
        "divergences": int(post.statistics["diverging"].sum()), "rhat": float(found.r_hat.max()),
        "bulk": float(found.bulk.min()), "tail": float(found.tail.min()),
        "seconds": time.perf_counter() - begun, "cpu_seconds": time.process_time() - used,
    }  # fmt: skip


def passes(found: Run) -> bool:
    """Return whether a run passes every gate."""
    enough = min(found["bulk"], found["tail"]) >= LEAST_ESS
    return found["divergences"] == 0 and found["rhat"] < WORST_RHAT and enough


def measured(asked: argparse.Namespace) -> Iterator[Run]:
    """Yield every run that is asked for, those kept before among them."""
    wanted = {(m, c, s) for m in asked.markets for c in asked.curves for s in range(1, asked.seeds + 1)}
    KEPT.parent.mkdir(exist_ok=True)
    code = sources()
    if asked.reuse and KEPT.exists():
        for line in KEPT.read_text(encoding="utf-8").splitlines():
            found = json.loads(line)
            key = (found["market"], found["curve"], found["seed"])
            if key in wanted and found.get("sources") == code:
                wanted.discard(key)
                yield found
    context = multiprocessing.get_context("spawn")
    with (
        KEPT.open("a" if asked.reuse else "w", encoding="utf-8") as file,
        ProcessPoolExecutor(asked.workers, mp_context=context) as pool,
    ):
        for done in as_completed([pool.submit(run, *key) for key in sorted(wanted)]):
            found = done.result() | {"sources": code}
            file.write(json.dumps(found) + "\n")
            file.flush()
            print(found, file=sys.stderr, flush=True)
            yield found


def main() -> int:
    """Measure and print a row per market and curve; 1 if a run missed a gate."""
    known = markets()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--markets", nargs="+", choices=known, default=tuple(known))
    parser.add_argument("--curves", nargs="+", choices=CURVES, default=CURVES)
    parser.add_argument("--workers", type=int, default=2, help="processes side by side")
    parser.add_argument("--reuse", action="store_true", help="keep the runs of before")
    asked = parser.parse_args()
    runs = list(measured(asked))
    print("| market | curve | parameters | runs | pass | divergences | worst R-hat | bulk ESS | tail ESS "
          "| median seconds | processor seconds |\n|" + "---|" * 11)  # fmt: skip
    for market in asked.markets:
        for curve in asked.curves:
            mine = [r for r in runs if (r["market"], r["curve"]) == (market, curve)]
            if mine:
                print(row(market, curve, mine))
    passed = sum(passes(r) for r in runs)
    print(f"\n{passed} of {len(runs)} runs pass every gate.")
    return 0 if passed == len(runs) else 1


def row(market: str, curve: str, runs: list[Run]) -> str:
    """Return one row: the worst of the runs, and the median of their seconds."""
    seconds, used = (sorted(r[name] for r in runs)[len(runs) // 2] for name in ("seconds", "cpu_seconds"))
    return (
        f"| {market} | {curve} | {runs[0]['parameters']} | {len(runs)} | {sum(passes(r) for r in runs)} "
        f"| {sum(r['divergences'] for r in runs)} | {max(r['rhat'] for r in runs):.4f} "
        f"| {min(r['bulk'] for r in runs):.0f} | {min(r['tail'] for r in runs):.0f} | {seconds:.1f} | {used:.1f} |"
    )


if __name__ == "__main__":
    sys.exit(main())
