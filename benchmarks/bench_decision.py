"""Areas under ROC curves of 4.2 million scores, all subsets of three features, and separation: seconds beside targets.

    python benchmarks/bench_decision.py

Of peers, none has DeLong's interval at this size or the other two; an area alone by scikit-learn stands beside ours.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

import mixcurve as mc
from mixcurve.propensity.subset.screen import most_promising
from mixcurve.sigmoid import expit

SCORES, FEATURES, ROWS, COLUMNS = 4_218_000, 85, 22_400, 24
REPEATS = 3


def fastest(call: Callable[[], object]) -> float:
    """Return the least of a few wall times, in seconds."""
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> int:
    """Measure and print; 1 if a target is missed."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    score = rng.normal(size=SCORES)
    other = score + rng.normal(size=SCORES)
    y = (rng.random(SCORES) < expit(score - 5.5)).astype(float)
    root = rng.normal(size=(FEATURES, FEATURES))
    inner, right = root @ root.T, rng.normal(size=FEATURES)
    X = rng.normal(size=(ROWS, COLUMNS))
    label = (rng.random(ROWS) < expit(X[:, 0] - 1.5)).astype(float)
    parted = X.copy()
    parted[:, 3] = (label > 0) & (rng.random(ROWS) < 0.05)
    cases: list[tuple[str, Callable[[], object], float | None]] = [
        ("scikit-learn's area alone, 4.2 million", lambda: roc_auc_score(y, score), None),
        ("area with DeLong's interval, 4.2 million", lambda: mc.auc_interval(score, y), 3.0),
        ("two areas, paired, 4.2 million", lambda: mc.compare_auc(score, other, y), 3.0),
        ("85 choose 3, ranked from the matrix", lambda: most_promising(inner, right, 3, 20), 1.0),
        ("no separation, 22,400 × 24", lambda: mc.find_separation(X, label), 1.0),
        ("a separating column, 22,400 × 24", lambda: mc.find_separation(parted, label), 1.0),
    ]
    print("| what | seconds | target | kept |\n|---|---|---|---|")
    kept = True
    for what, call, limit in cases:
        seconds = fastest(call)
        good = limit is None or seconds < limit
        kept = kept and good
        print(
            f"| {what} | {seconds:.2f} | {'' if limit is None else f'< {limit:g}'} | {'yes' if good else 'NO'} |",
            flush=True,
        )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
