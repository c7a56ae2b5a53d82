"""Do the trials have the figures they were made for, and do coefficient intervals hold the truth?

    python benchmarks/validate_propensity.py [--seeds N]

`simulate_trials` of 22,400 users, an unpenalised fit and its 95% Wald intervals, for each of 500 seeds: the share of
intervals that hold the planted coefficient (each of the 24, and all of them), AUC and Brier score of the fit. Coverage
of one coefficient over 500 seeds has a standard error of 1.0%, so the least and the largest of 24 lie apart by chance;
what is asked is asked of all intervals together, and each coefficient by itself must lie within four errors of 95%.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

import mixcurve as mc
from mixcurve.propensity.fit import fit_logistic
from mixcurve.sigmoid import expit

SEEDS, LEVEL = 500, 0.95
COVERED, MOST_ERRORS = (0.93, 0.97), 4.0
AUC, BRIER = (0.79, 0.01), (0.116, 0.003)


def run(seed: int) -> tuple[np.ndarray, float, float]:
    """Return which intervals hold the truth (24,), and AUC and Brier score of the fit."""
    people = mc.simulate_trials(seed)
    X, y = people.X.to_numpy(), people.y.astype(float)
    fit = fit_logistic(X, y, names=people.features)
    table = mc.inference_table(fit, X, y, level=LEVEL)
    planted = np.array([people.coefficients[name] for name in people.features])
    score = fit.score(X)
    held = (table.low[1:] <= planted) & (planted <= table.high[1:])
    return held, mc.auc_interval(score, y).auc, float(np.mean((expit(score) - y) ** 2))


def main() -> int:
    """Measure and print; 1 if something asked is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds = parser.parse_args().seeds
    runs = [run(seed) for seed in range(seeds)]
    held = np.array([found for found, _, _ in runs])
    auc, brier = (np.array([found[k] for found in runs]) for k in (1, 2))
    each, error = held.mean(axis=0), float(np.sqrt(LEVEL * (1 - LEVEL) / seeds))
    per_seed = held.mean(axis=1)
    overall, spread = float(per_seed.mean()), float(per_seed.std(ddof=1) / np.sqrt(seeds))
    kept = [
        COVERED[0] <= overall <= COVERED[1],
        bool((np.abs(each - LEVEL) <= MOST_ERRORS * error).all()),
        bool((np.abs(auc - AUC[0]) <= AUC[1]).all()),
        bool((np.abs(brier - BRIER[0]) <= BRIER[1]).all()),
    ]
    rows = [
        ("coverage of all intervals", f"{overall:.2%} ± {spread:.2%}", "93% to 97%"),
        (
            "coverage of one coefficient",
            f"{each.min():.1%} to {each.max():.1%} (error {error:.1%})",
            "within 4 errors",
        ),
        ("AUC, every seed", f"{auc.min():.4f} to {auc.max():.4f}, mean {auc.mean():.4f}", "0.79 ± 0.01"),
        (
            "Brier score, every seed",
            f"{brier.min():.4f} to {brier.max():.4f}, mean {brier.mean():.4f}",
            "0.116 ± 0.003",
        ),
    ]
    print(f"{seeds} seeds\n\n| what | measured | asked | kept |\n|---|---|---|---|")
    for (what, measured, asked), good in zip(rows, kept):
        print(f"| {what} | {measured} | {asked} | {'yes' if good else 'NO'} |")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
