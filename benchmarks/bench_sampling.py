"""Effective draws per second of `sample_mix`, beside PyMC-Marketing and Meridian with --peers.

    python benchmarks/bench_sampling.py [--peers] [--seeds N] [--national FILE] [--setups default quickstart]

Two tables of data. `mmm_example` is PyMC-Marketing's own, with Hill curves and geometric adstock for both, each of its
three samplers under its default priors and under those of its quickstart. `national` is a market of the size and kind
of Meridian's national example, made by `peers/national_market.py`, or with --national the example itself; Meridian at
the settings of its notebook (10 chains) and at 4 chains of 1,000 draws like ours. See `peers/README.md`.

Ours is `sample_mix` with all defaults: to the last draw (`checks=False`), beside which the peers stand, and once more
with every check of the posterior, its default. It has a linear trend and two yearly waves; on `national` also the
organic channel with a curve and carryover, and the promotion as a treatment, as Meridian has them.

Each run is a process of its own. Cold: every cache of compiled code is an empty folder. Warm: the same again with what
the first run left there. JAX keeps no cache unless told to; the peers are told to. ESS is the smallest bulk ESS of any
parameter that is sampled (linear coefficients, which we integrate out and then draw exactly, are none); seconds run
from after the imports of other packages to the last draw and so count building and compiling.
Processor seconds are lengthened less by other work on the machine. A ratio is ours over the peer's, in ESS per second
and in ESS per processor second; the target is for cold runs by the clock, against the best of a peer's rows. Over
several seeds speeds and seconds are medians, ESS, R-hat and divergences the worst.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from peers.national_market import CHANNELS, CONTROLS, ORGANIC, PROMOTION, RESPONSE, write
from peers.sampling_figures import Clock, diagnosis

import mixcurve as mc

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parent.parent / "shared" / "data" / "pymc_marketing" / "mmm_example.csv"
TARGETS = {"PyMC-Marketing 1.3.0": 10.0, "Meridian 2.1.0": 5.0}
COLD_SECONDS, WARM_SECONDS, WORST_RHAT, LEAST_ESS, MEGABYTES = 60.0, 20.0, 1.01, 400.0, 1_500.0
SAMPLERS, SETUPS = {"pymc": "0.9", "nutpie": "0.9", "numpyro": "0.8"}, ("default", "quickstart")
"""Each sampler with the target acceptance, of its default 0.8 and 0.9, that gave it more ESS a second."""
EQUAL_DRAWS = ("--chains", "4", "--adapt", "1000", "--burn-in", "0", "--draws", "1000")
LINES_OF_A_FAILURE = 3
SEEDS = 3
"""The smallest ESS of a peer differed up to threefold between seeds, so that one says little."""
TABLES: dict[str, dict[str, Any]] = {
    "mmm_example": {
        "date": "date_week", "response": "y", "channels": ["x1", "x2"], "controls": ["event_1", "event_2"],
    },
    "national": {
        "date": "time", "response": RESPONSE, "channels": [f"{name}_spend" for name in CHANNELS],
        "controls": [*CONTROLS, PROMOTION, f"{ORGANIC}_impression"],
    },
}  # fmt: skip
"""How each table is read by `read_spend`: what has no spend is a control for us."""
KINDS: dict[str, dict[str, Any]] = {
    "mmm_example": {},
    "national": {"organic": f"{ORGANIC}_impression", "treatments": {PROMOTION: "min"}},
}
"""Which of those controls are more than a control."""
IMPORTED = ("numba", "nutpie", "arviz", "scipy.optimize", "scipy.stats")
"""Others' packages that sampling takes; imported before the clock starts, as the peers' are."""
Figures = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One row: who samples (a peer, or mixcurve), how, and the command that does it, but for the seed."""

    tool: str
    how: str
    command: tuple[str, ...]


def ours(source: Path, table: str, seed: int, checks: bool) -> Figures:
    """Return how our own sampling of a table went, with all defaults; runs in a process of its own."""
    importing = Clock()
    for package in IMPORTED:
        importlib.import_module(package)
    imported, clock = importing.read()["seconds"], Clock()
    data = mc.read_spend(source, **TABLES[table])
    posterior = mc.sample_mix(
        data, curve="hill", carryover="geometric", seed=seed, checks=checks, **KINDS[table]
    )
    took = clock.read() | {"seconds_to_import": imported, "stages": posterior.seconds}
    tree = posterior.inference
    return diagnosis(tree["posterior"].to_dataset(), ["position"], tree["sample_stats"]["diverging"]) | took


def cases_of(table: str, source: Path, peers: bool, setups: Sequence[str]) -> list[Case]:
    """Return the rows of one table of data, ours first: to the last draw, then with all checks."""
    me = (sys.executable, __file__, "--ours", table, "--source", str(source))
    cases = [
        Case("mixcurve", "4 × 1,000", me),
        Case("mixcurve", "4 × 1,000, with all checks", (*me, "--checks")),
    ]
    if not peers:
        return cases
    if table == "mmm_example":
        tool, script = (
            "PyMC-Marketing 1.3.0",
            peer_command("pymc-marketing", "run_pymc_marketing_sampling.py"),
        )
        return cases + [
            Case(tool, f"{sampler} at {accept}, {setup}", (
                *script, str(source), "--sampler", sampler, "--setup", setup, "--target-accept", accept,
            ))
            for setup in setups
            for sampler, accept in SAMPLERS.items()
        ]  # fmt: skip
    tool, script = "Meridian 2.1.0", peer_command("meridian", "run_meridian_sampling.py")
    equal = Case(tool, "4 × 1,000", (*script, str(source), *EQUAL_DRAWS))
    return [*cases, Case(tool, "its notebook: 10 × 1,000", (*script, str(source))), equal]


def peer_command(name: str, script: str) -> tuple[str, str]:
    """Return a peer's Python and its script."""
    python = HERE / "peers" / f".venv-{name}" / "bin" / "python"
    if not python.exists():
        raise SystemExit(f"{name} is not installed. Run benchmarks/peers/install.sh first.")
    return str(python), str(HERE / "peers" / script)


def caches(folder: Path) -> dict[str, str]:
    """Return the environment in which all that is compiled is kept in a folder."""
    return os.environ | {
        "PYTENSOR_FLAGS": f"base_compiledir={folder / 'pytensor'}",
        "NUMBA_CACHE_DIR": str(folder / "numba"),
        "JAX_COMPILATION_CACHE_DIR": str(folder / "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


def measured(command: Sequence[str], folder: Path) -> Figures:
    """Run one command and return what it prints, or what it said when it failed."""
    done = subprocess.run(
        command, env=caches(folder), capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        said = " ".join(done.stderr.splitlines()[-LINES_OF_A_FAILURE:])
        return {"failed": said.replace("|", "/") or f"ended with {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def cold_and_warm(case: Case, seeds: Sequence[int]) -> dict[str, Figures]:
    """Run a case twice for each seed, and return the figures over the seeds, cold and warm."""
    runs: dict[str, list[Figures]] = {"cold": [], "warm": []}
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            for state, found in runs.items():
                found.append(measured([*case.command, "--seed", str(seed)], Path(folder)))
                print(
                    f"{case.tool}, {case.how}, seed {seed}, {state}: {found[-1]}", file=sys.stderr, flush=True
                )
    return {state: over_seeds(found) for state, found in runs.items()}


def over_seeds(runs: Sequence[Figures]) -> Figures:
    """Return the worst of the seeds in what must hold for each, and the median of speeds and seconds."""
    failed = [run["failed"] for run in runs if "failed" in run]
    if failed:
        return {"failed": failed[0]}

    def values(name: str) -> np.ndarray:
        return np.array([run[name] for run in runs])

    worst = {name: float(values(name).min()) for name in ("least_bulk_ess", "least_tail_ess")}
    worst |= {name: float(values(name).max()) for name in ("worst_rhat", "divergences", "megabytes")}
    middle = {name: float(np.median(values(name))) for name in ("seconds", "cpu_seconds")}
    speed = {f"ess_per_{name}": float(np.median(values("least_bulk_ess") / values(name))) for name in middle}
    return worst | middle | speed


def row(case: Case, state: str, found: Figures, mine: Figures) -> str:
    """Return one row of the table."""
    if "failed" in found:
        return f"| {case.tool} | {case.how} | {state} | failed: {found['failed']} |" + " |" * 9
    ratios = ("", "")
    if case.tool != "mixcurve" and "failed" not in mine:
        ratios = tuple(f"{ratio(mine, found, name):.1f}" for name in ("seconds", "cpu_seconds"))
    return (
        f"| {case.tool} | {case.how} | {state} | {found['least_bulk_ess']:.0f} | {found['least_tail_ess']:.0f} "
        f"| {found['worst_rhat']:.3f} | {found['divergences']:.0f} | {found['seconds']:.1f} "
        f"| {found['cpu_seconds']:.1f} | {found['megabytes']:.0f} | {found['ess_per_seconds']:.1f} "
        f"| {ratios[0]} | {ratios[1]} |"
    )


def ratio(mine: Figures, found: Figures, clock: str) -> float:
    """Return our ESS per second over a peer's, by one of the clocks."""
    return mine[f"ess_per_{clock}"] / found[f"ess_per_{clock}"]


def wanted_of(
    cases: Sequence[Case], found: Sequence[dict[str, Figures]]
) -> list[tuple[str, float, str, float]]:
    """Return what each target is of, what was reached, and its limit; both states of the cache must hold the gates."""
    cold, warm = found[0]["cold"], found[0]["warm"]

    def worst(name: str) -> float:
        return max(cold[name], warm[name])

    wanted = [
        ("seconds from an empty cache", cold["seconds"], "<", COLD_SECONDS),
        ("seconds with the cache", warm["seconds"], "<", WARM_SECONDS),
        ("R-hat", worst("worst_rhat"), "<", WORST_RHAT),
        ("divergences", worst("divergences"), "<", 1.0),
        ("bulk ESS", min(cold["least_bulk_ess"], warm["least_bulk_ess"]), "≥", LEAST_ESS),
        ("tail ESS", min(cold["least_tail_ess"], warm["least_tail_ess"]), "≥", LEAST_ESS),
        ("MB at most", worst("megabytes"), "<", MEGABYTES),
    ]
    for tool in sorted({case.tool for case in cases} & set(TARGETS)):
        theirs = [each["cold"] for case, each in zip(cases, found) if case.tool == tool]
        # A peer of which nothing finished proves nothing: its target counts as missed.
        smallest = min(
            (ratio(cold, other, "seconds") for other in theirs if "failed" not in other), default=0.0
        )
        wanted.append((f"ESS per second over the best of {tool}", smallest, "≥", TARGETS[tool]))
    return wanted


def is_met(cases: Sequence[Case], found: Sequence[dict[str, Figures]]) -> bool:
    """Print what was wanted beside what was reached, and return whether all of it was."""
    if any("failed" in found[0][state] for state in ("cold", "warm")):
        print("\nmixcurve did not finish.")
        return False
    wanted = wanted_of(cases, found)
    print("\n| mixcurve | reached | target |\n|---|---|---|")
    for words, value, sign, limit in wanted:
        print(f"| {words} | {value:.4g} | {sign} {limit:g} |")
    return all(value < limit if sign == "<" else value >= limit for _, value, sign, limit in wanted)


def compared(table: str, source: Path, asked: argparse.Namespace) -> bool:
    """Measure every row of one table of data, print it, and return whether the targets were reached."""
    cases = cases_of(table, source, asked.peers, asked.setups)
    found = [cold_and_warm(case, range(1, asked.seeds + 1)) for case in cases]
    print(f"\n{table}\n")
    print("| sampler | how | cache | bulk ESS | tail ESS | R-hat | divergences | seconds | processor seconds | MB "
          "| ESS per second | ours over it | by processor seconds |\n|" + "---|" * 13)  # fmt: skip
    for state in ("cold", "warm"):
        for case, each in zip(cases, found):
            print(row(case, state, each[state], found[0][state]))
    return is_met(cases, found)


def main() -> int:
    """Measure, print the tables, and return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peers", action="store_true", help="beside PyMC-Marketing and Meridian")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many seeds")
    parser.add_argument("--national", type=Path, help="Meridian's national_all_channels.csv")
    parser.add_argument("--setups", nargs="+", choices=SETUPS, default=SETUPS, help="of PyMC-Marketing")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=tuple(TABLES), help="only these")
    parser.add_argument("--ours", choices=TABLES, help=argparse.SUPPRESS)
    parser.add_argument("--checks", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if "mmm_example" in asked.tables and not EXAMPLE.exists():
        raise SystemExit(f"needs {EXAMPLE.name} in ../shared/data, which is not here; or --tables national")
    if asked.ours:
        print(json.dumps(ours(asked.source, asked.ours, asked.seed, asked.checks)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        sources = {"mmm_example": EXAMPLE, "national": asked.national or write(Path(folder))}
        met = [compared(table, sources[table], asked) for table in asked.tables]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
