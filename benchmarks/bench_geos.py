"""A hierarchical mix of many geos: time, memory and gates of `sample_mix` with all defaults.

    python benchmarks/bench_geos.py [--geos N ...] [--seeds N] [--checks]

Each geo has three years of weekly spend on six channels, with Hill curves and geometric carryover; sizes and
half-saturations differ between geos, slopes and carryovers are shared. The target is for 50 geos; --geos 5 10 20 50
shows how time grows. Each run is a process of its own, from after the imports of other packages to the last draw, with
--checks to the end of every check of the posterior. Processor seconds are lengthened less by other work on the machine:
ten minutes of two cores are 1,200 of them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
from peers.sampling_figures import Clock, diagnosis

import mixcurve as mc
from mixcurve.response.carryover import apply_carryover

PERIODS, LAGS, WEEKS_A_YEAR, SEED = 156, 26, 52, 0
SIZE = np.array([0.12, 0.08, 0.06, 0.10, 0.05, 0.04])
"""Mean contribution of each channel as a share of the base."""
HALF = np.array([0.40, 0.50, 0.30, 0.60, 0.35, 0.45])
"""Half-saturation over five times the mean of spend where there is any, before the gaps."""
SLOPE = np.array([2.0, 1.5, 2.5, 1.8, 2.2, 1.6])
DECAY = np.array([0.5, 0.3, 0.2, 0.6, 0.4, 0.1])
NOISE, OFF, SPREAD_OF_SIZE, SPREAD_OF_HALF, SPREAD_OF_GEOS = 0.04, 0.3, 0.25, 0.2, 0.5
"""Of the base; share of weeks without spend; standard deviations of logs between geos."""
TARGET_GEOS, SECONDS, WORST_RHAT, LEAST_ESS = 50, 600.0, 1.01, 400.0
IMPORTED = ("numba", "nutpie", "arviz", "scipy.optimize", "scipy.stats")
"""Others' packages that sampling takes; imported before the clock starts."""
Figures = dict[str, Any]


def geo(number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return the weeks of one geo."""
    scale = 1_000.0 * np.exp(SPREAD_OF_GEOS * rng.standard_normal())
    week = np.arange(PERIODS)
    base = scale * (1 + 0.1 * np.sin(2 * np.pi * week / WEEKS_A_YEAR + 0.3) + 0.0005 * week)
    spend = rng.gamma(1.5, 1.0, (PERIODS, len(SIZE))) * (rng.random((PERIODS, len(SIZE))) > OFF)
    response = base.copy()
    for c in range(len(SIZE)):
        carried = apply_carryover(spend[:, c], "geometric", [DECAY[c]], length=LAGS) / 5.0
        half = HALF[c] * np.exp(SPREAD_OF_HALF * rng.standard_normal())
        unit = mc.curves["hill"](carried, half=half, slope=SLOPE[c])
        response += scale * SIZE[c] * np.exp(SPREAD_OF_SIZE * rng.standard_normal()) * unit / unit.mean()
    response *= 1 + NOISE * rng.standard_normal(PERIODS)
    frame = pd.DataFrame(spend * scale, columns=[f"channel {c + 1}" for c in range(len(SIZE))])
    dates = pd.date_range("2022-01-03", periods=PERIODS, freq="W-MON")
    return frame.assign(date=dates, geo=f"geo {number:03d}", orders=response)


def ours(geos: int, seed: int, checks: bool) -> Figures:
    """Return how the sampling of so many geos went; runs in a process of its own."""
    for package in IMPORTED:
        importlib.import_module(package)
    rng = np.random.default_rng(SEED)
    frame = pd.concat([geo(g, rng) for g in range(geos)])
    channels = [name for name in frame.columns if name.startswith("channel")]
    table = mc.read_spend(frame, date="date", response="orders", channels=channels, group="geo")
    clock = Clock()
    posterior = mc.sample_mix(table, curve="hill", carryover="geometric", seed=seed, checks=checks)
    took = clock.read() | {"stages": posterior.seconds}
    tree = posterior.inference
    statistics = tree["sample_stats"]
    found = diagnosis(tree["posterior"].to_dataset(), ["position"], statistics["diverging"])
    return found | took | {"geos": geos, "leapfrogs": float(statistics["n_steps"].mean())}


def measured(geos: int, seed: int, checks: bool) -> Figures:
    """Run one process and return what it prints."""
    command = [sys.executable, __file__, "--ours", "--geos", str(geos), "--seed", str(seed)]
    done = subprocess.run(
        [*command, *(["--checks"] if checks else [])], capture_output=True, text=True, encoding="utf-8", check=False
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{geos} geos, seed {seed}: {done.stderr.strip()[-400:]}")
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    print(f"{geos} geos, seed {seed}: {found}", file=sys.stderr, flush=True)
    return found


def row(found: Figures, seed: int) -> str:
    """Return one row of the table."""
    return (
        f"| {found['geos']} | {seed} | {found['seconds']:.0f} | {found['cpu_seconds']:.0f} "
        f"| {found['divergences']:.0f} | {found['worst_rhat']:.4f} | {found['least_bulk_ess']:.0f} "
        f"| {found['least_tail_ess']:.0f} | {found['leapfrogs']:.0f} | {found['megabytes']:.0f} |"
    )


def is_met(found: Figures) -> bool:
    """Return whether a run reached the target."""
    least = min(found["least_bulk_ess"], found["least_tail_ess"])
    return bool(
        found["seconds"] < SECONDS
        and found["divergences"] == 0
        and found["worst_rhat"] < WORST_RHAT
        and least >= LEAST_ESS
    )


def main() -> int:
    """Measure, print the table, and return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--geos", type=int, nargs="+", default=[TARGET_GEOS], help="how many geos")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds")
    parser.add_argument("--checks", action="store_true", help="with every check of the posterior")
    parser.add_argument("--ours", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument(
        "--peers", action="store_true", help="changes nothing: no peer was run on so many geos"
    )
    asked = parser.parse_args()
    if asked.ours:
        print(json.dumps(ours(asked.geos[0], asked.seed, asked.checks)))
        return 0
    print("| geos | seed | seconds | processor seconds | divergences | R-hat | bulk ESS | tail ESS "
          "| leapfrogs a draw | MB |\n|" + "---|" * 10)  # fmt: skip
    met = True
    for geos in asked.geos:
        for seed in range(1, asked.seeds + 1):
            found = measured(geos, seed, asked.checks)
            print(row(found, seed), flush=True)
            met = met and (geos != TARGET_GEOS or is_met(found))
    print(
        f"| target, {TARGET_GEOS} geos | | < {SECONDS:.0f} | | 0 | < {WORST_RHAT} | ≥ {LEAST_ESS:.0f} "
        f"| ≥ {LEAST_ESS:.0f} | | |"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
