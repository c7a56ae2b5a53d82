"""How long a proven budget takes: many channels, look-alikes, three levels of groups, a thousand draws.

The channels are those of `peers/budget_problems.py`, half-saturations of about 1. Groups: 10 of 10 of 10 of 10
channels, with limits around a plan that spends in proportion to half-saturation, give or take a factor of
lognormal(0, 0.3): the most of a group is 1 to 1.3 times its money there for half of the groups, the least 0.7 to 1
times for three in ten. Markets of brands: 20 of 25 of 20 channels (or 10 of 10 of 10), each market within 25% of its
money now and each brand within 50%, now being 10 to 60% of twice half-saturation. A limit is met where the plan found
touches it. Draws: a thousand, each parameter of each channel lognormal(0, 0.2) around its own; the objective is the
mean response over them. A time is that of the processor, the median of several runs after a first.

Usage: python benchmarks/bench_groups.py [--json OUT]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from peers.budget_problems import SEED, raw_problem

import mixcurve as mc

PROVEN, MET = 1e-6, 1e-9
LEVELS, BRANCHES = 3, 10
DRAWS, DRAW_SPREAD = 1_000, 0.2
REPEATED = 5
LIMITS = {
    "8 channels": 0.020,
    "50 channels": 0.030,
    "10,000 channels": 1.0,
    "10,000 channels, 3 levels of groups": 3.0,
    "10,000 channels, markets of brands": 3.0,
    "8 channels, mean of 1,000 draws": 0.5,
}
"""Seconds wanted on two cores."""


@dataclass(frozen=True)
class Case:
    """A problem to be timed."""

    name: str
    fitted: Any
    budget: float
    words: dict[str, Any] = field(default_factory=dict)
    runs: int = REPEATED


def known(curves: tuple[np.ndarray, ...], **words: Any) -> Any:
    """Return Hill curves (top, half, slope) as mixcurve knows them."""
    rows = zip(*curves)
    channels = {f"channel {i}": ("hill", dict(zip(("top", "half", "slope"), r))) for i, r in enumerate(rows)}
    return mc.response_from(channels, **words)


def plain_cases(rng: np.random.Generator) -> list[Case]:
    """Return one budget over independent channels, from few to many."""
    out = []
    for n in (8, 50, 1_000, 10_000):
        curves, budget = raw_problem(rng, n, True)
        out.append(Case(f"{n:,} channels", known(curves), budget, runs=REPEATED if n < 1_000 else 3))
    return out


def alike_cases(rng: np.random.Generator) -> list[Case]:
    """Return channels that are the same, or nearly, which plain branching takes forever over."""
    out = []
    for n in (16, 30):
        ones = np.ones(n)
        out.append(Case(f"{n} identical, slope 5", known((ones, ones, 5.0 * ones)), 0.6 * n))
    near, ones = 1.0 + 1e-3 * rng.uniform(-1, 1, 30), np.ones(30)
    out.append(Case("30 alike, ROI ±0.1%", known((near, ones, 5.0 * ones)), 18.0))
    out.append(Case("30 alike, half-saturation ±0.1%", known((ones, near, 5.0 * ones)), 18.0))
    return out


def grouped_case(rng: np.random.Generator, n: int) -> Case:
    """Return n channels in three levels of groups of ten."""
    curves, budget = raw_problem(rng, n, True)
    plan = curves[1] * np.exp(0.3 * rng.normal(size=n))
    plan *= budget / plan.sum()
    groups: dict[str, Any] = {}
    names, money = [f"channel {i}" for i in range(n)], plan
    for level in range(1, LEVELS + 1):
        money = money.reshape(-1, BRANCHES).sum(axis=1)
        above = [f"level {level}, group {g}" for g in range(len(money))]
        for g, spent in enumerate(money.tolist()):
            most = spent * float(rng.uniform(1.0, 1.3)) if rng.random() < 0.5 else None
            least = spent * float(rng.uniform(0.7, 1.0)) if rng.random() < 0.3 else None
            groups[above[g]] = mc.Group(names[BRANCHES * g : BRANCHES * (g + 1)], least=least, most=most)
        names = above
    words = {"groups": groups, "check_units": False}
    return Case(f"{n:,} channels, {LEVELS} levels of groups", known(curves), budget, words, runs=3)


def banded_case(rng: np.random.Generator, shape: tuple[int, int, int]) -> Case:
    """Return markets of brands of channels; each market keeps within 25% of its money now, each brand within 50%."""
    markets, brands, channels = shape
    n = markets * brands * channels
    curves, _ = raw_problem(rng, n, True)
    plan = 2.0 * curves[1] * rng.uniform(0.1, 0.6, n)
    names = [f"channel {i}" for i in range(n)]
    now = dict(zip(names, plan.tolist()))
    groups: dict[str, Any] = {}
    for m in range(markets):
        inside = []
        for b in range(brands):
            first = (m * brands + b) * channels
            inside.append(f"market {m}, brand {b}")
            spent = float(plan[first : first + channels].sum())
            groups[inside[-1]] = mc.Group(
                names[first : first + channels], least=0.5 * spent, most=1.5 * spent
            )
        spent = float(plan[m * brands * channels : (m + 1) * brands * channels].sum())
        groups[f"market {m}"] = mc.Group(inside, least=0.75 * spent, most=1.25 * spent)
    words = {"groups": groups, "check_units": False}
    name = f"{n:,} channels, markets of brands"
    return Case(name, known(curves, current=now), float(plan.sum()), words, runs=3)


def many_draws(rng: np.random.Generator) -> Case:
    """Return 8 channels known by a thousand draws of their parameters."""
    curves, budget = raw_problem(rng, 8, True)
    point = np.stack(curves, axis=-1)
    draws = point * np.exp(DRAW_SPREAD * rng.normal(size=(DRAWS, *point.shape)))
    return Case(
        f"8 channels, mean of {DRAWS:,} draws", known(tuple(np.moveaxis(draws, (2, 1), (0, 1)))), budget
    )


def timed(function: Callable[..., Any], *arguments: Any, **words: Any) -> tuple[Any, float]:
    """Return a result and the seconds of the processor that it took."""
    start = time.process_time()
    out = function(*arguments, **words)
    return out, time.process_time() - start


def binding(case: Case, plan: Any) -> str:
    """Return how many limits of groups the plan meets, out of how many, as text."""
    groups: dict[str, Any] = case.words.get("groups", {})
    if not groups:
        return ""
    spent = dict(plan.spend)
    for name, group in groups.items():
        spent[name] = sum(spent[member] for member in group.channels)
    limits = [(spent[n], x) for n, g in groups.items() for x in (g.least, g.most) if x is not None]
    met = sum(abs(money - limit) <= MET * case.budget for money, limit in limits)
    return f"{met:,} of {len(limits):,}"


def measured(case: Case) -> dict[str, Any]:
    """Return the figures of a case."""
    plans = [timed(mc.allocate, case.fitted, case.budget, **case.words) for _ in range(case.runs + 1)]
    plan, seconds = plans[0][0], float(np.median([took for _, took in plans[1:]]))
    check, checking = timed(mc.verify, plan, case.fitted)
    wanted = LIMITS.get(case.name)
    return {
        "problem": case.name,
        "gap": float(plan.gap),
        "boxes": int(plan.nodes),
        "limits met": binding(case, plan),
        "seconds": seconds,
        "wanted": wanted,
        "confirmed": bool(check.ok),
        "seconds to verify": checking,
    }


def shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def main() -> int:
    """Measure and print; 1 if a gap stayed open, a proof failed or a time was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--peers", action="store_true", help="the peers are in bench_budget.py; accepted for the runner"
    )
    parser.add_argument("--plain", action="store_true", help="only one budget and simple bounds")
    chosen = parser.parse_args()
    rng = np.random.default_rng(SEED)
    cases = plain_cases(rng) + alike_cases(rng)
    if not chosen.plain:
        cases += [grouped_case(rng, 1_000), grouped_case(rng, 10_000), many_draws(rng)]
        cases += [banded_case(rng, (10, 10, 10)), banded_case(rng, (20, 25, 20))]
    rows: list[dict[str, Any]] = []
    for case in cases:
        rows.append(measured(case))
        if len(rows) == 1:
            print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
        print("| " + " | ".join(shown(v) for v in rows[-1].values()) + " |", flush=True)
    late = [r["problem"] for r in rows if r["wanted"] is not None and r["seconds"] > r["wanted"]]
    loose = [r["problem"] for r in rows if r["gap"] > PROVEN or not r["confirmed"]]
    print(f"\nSlower than wanted: {'; '.join(late) or 'none'}.")
    print(f"Gap above {PROVEN:g} or proof refused: {'; '.join(loose) or 'none'}.")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 1 if late or loose else 0


if __name__ == "__main__":
    sys.exit(main())
