"""Does a plan ever lose to a dynamic programme, a bound ever fall short, a proof ever fail?

    python benchmarks/validate_budget.py [--problems N] [--held-out SEED] [--kinds KIND ...] [--points N] [--json OUT]

Random problems of every kind in turn: free, 0 to twice and ±30% of a current plan, groups inside groups, a least spend
where a channel is on, set-up costs, tied channels, rising prices, at most k channels on, profit with another worth in
each channel, a floor on ROI, and several of these at once. 3 to 8 channels, eight families of curves. The judge is
`tests/budget/oracle`: a dynamic programme on a grid of money and then on ever finer grids, which shares no code with
the solver. Each plan must keep its rules, be worth what it says, lose at most 1e-6 to the judge, be called optimal, and
its proof must hold; no bound, also of searches stopped after 1, 2, 3, 5 or 9 boxes, may lie below the judge's plan, nor
below any of the random plans. ``--held-out`` draws other problems than the ones that mixcurve was made with.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "budget"))

from oracle.generate import random_case
from oracle.judge import PROVEN, Finding, judged, supported

from mixcurve.calibration.binomial import share_interval

PROBLEMS, POINTS, SEED = 1_000, 100, 20261124
LISTED = 20
HEADS = (
    "problems", "n", "lost more than 1e-6", "largest loss", "largest gap", "proofs confirmed", "random plans",
    "median ms", "longest ms", "most boxes", "findings",
)  # fmt: skip


def row(name: str, found: Sequence[Finding]) -> list[str]:
    """Return the figures of some findings as the cells of a table."""
    ms = 1e3 * np.array([f.seconds for f in found])
    return [
        name,
        f"{len(found):,}",
        str(sum(f.loss > PROVEN for f in found)),
        f"{max(f.loss for f in found):.1e}",
        f"{max(f.gap for f in found):.1e}",
        f"{sum(f.verified for f in found):,}",
        f"{sum(f.random for f in found):,}",
        f"{np.median(ms):.1f}",
        f"{ms.max():.0f}",
        f"{max(f.nodes for f in found):,}",
        str(sum(bool(f.wrong) for f in found)),
    ]


def table(found: Sequence[Finding], kinds: Sequence[str]) -> str:
    """Return a Markdown table with a row per kind and one for all."""
    rows = [row(k, [f for f in found if f.kind == k]) for k in kinds]
    rows.append(row("all", found))
    lines = ["| " + " | ".join(HEADS) + " |", "|" + "---|" * len(HEADS)]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)])


def main() -> int:
    """Judge the problems; 1 if anything is wrong with any of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", type=int, default=PROBLEMS, help="in all, spread over the kinds")
    parser.add_argument(
        "--held-out", type=int, default=SEED, metavar="SEED", help="draw the problems from this seed"
    )
    parser.add_argument("--kinds", nargs="+", default=None, metavar="KIND", help="only these kinds")
    parser.add_argument("--points", type=int, default=POINTS, help="random plans asked for twice per problem")
    parser.add_argument("--json", type=Path, help="also write every finding to this file")
    chosen = parser.parse_args()
    kinds = tuple(chosen.kinds or supported())
    judged(random_case(kinds[0], 0), points=1)  # loads the modules
    found = []
    for i in range(chosen.problems):
        found.append(judged(random_case(kinds[i % len(kinds)], chosen.held_out, i), points=chosen.points))
        if sys.stderr.isatty():
            print(f"\r{i + 1:,} of {chosen.problems:,}", end="", file=sys.stderr)
    asked = tuple(k for k in kinds if any(f.kind == k for f in found))
    print(f"{len(found):,} problems from seed {chosen.held_out}\n\n{table(found, asked)}\n")
    wrong = [f for f in found if f.wrong]
    for f in wrong[:LISTED]:
        print(f"- {f.kind}, seed {f.seed}, {f.channels} channels: {'; '.join(f.wrong)}")
    low, high = share_interval(len(wrong), len(found))
    print(f"Problems with anything wrong: {len(wrong)} (95% interval {low:.2%} to {high:.2%}; target 0).")
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(f) for f in found], indent=1), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
