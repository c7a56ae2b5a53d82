"""How fast mixcurve starts, what it imports, and what the demo costs in time and memory.

    python benchmarks/bench_start.py [--peers]

Every figure is of a whole process, the median of several runs after a warm-up; memory is the peak resident size. The
peer of the import is that of numpy alone, the least that any array library costs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

RUNS = 7
HEAVY = ("pymc", "matplotlib", "typst", "duckdb", "pandas", "scipy")


@dataclass(frozen=True)
class Cost:
    """Median wall seconds, and peak resident memory in MB."""

    seconds: float
    megabytes: float


def cost(command: list[str], runs: int = RUNS) -> Cost:
    """Return the cost of a command, its output thrown away."""
    times, peak = [], 0.0
    for i in range(runs + 1):
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
        if i:
            times.append(time.perf_counter() - start)
            peak = max(peak, usage.ru_maxrss / 1024)
    return Cost(sorted(times)[len(times) // 2], peak)


def imported_heavy() -> list[str]:
    """Return which heavy libraries a bare ``import mixcurve`` brings along."""
    code = f"import sys, mixcurve; print([m for m in {HEAVY!r} if m in sys.modules])"
    return [
        w
        for w in subprocess.check_output([sys.executable, "-c", code], text=True)
        .strip("[]\n' ")
        .split("', '")
        if w
    ]


def main() -> int:
    """Measure, print the table, and return 1 if a target was missed."""
    python = sys.executable
    bare = cost([python, "-c", "pass"])
    ours = cost([python, "-c", "import mixcurve"])
    numpy = cost([python, "-c", "import numpy"])
    text = cost([python, "-m", "mixcurve", "--help"])
    with tempfile.TemporaryDirectory() as folder:
        demo = cost([python, "-m", "mixcurve", "demo", "--output", str(Path(folder) / "demo.pdf")], runs=3)
    heavy = imported_heavy()
    added, added_numpy = ours.seconds - bare.seconds, numpy.seconds - bare.seconds
    print("| measured | mixcurve | numpy alone | ratio | target |\n|---|---|---|---|---|")
    print(
        f"| import, seconds beyond Python's own | {added:.3f} | {added_numpy:.3f} | {added / added_numpy:.2f} | < 0.2 |"
    )
    print(f"| heavy libraries imported with it | {', '.join(heavy) or 'none'} | | | none |")
    print(f"| `mixcurve --help`, seconds | {text.seconds:.2f} | | | < 0.4 |")
    print(f"| `mixcurve demo` after set-up, seconds | {demo.seconds:.1f} | | | < 15 |")
    print(f"| `mixcurve demo`, peak memory in MB | {demo.megabytes:.0f} | | | < 700 |")
    met = added < 0.2 and not heavy and text.seconds < 0.4 and demo.seconds < 15 and demo.megabytes < 700
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
