"""Do the draws of `sample_propensity` keep their word? Simulation-based calibration of the hierarchy, and whole jobs.

    python benchmarks/validate_groups.py [--truths N] [--workers N]

Truths from the prior (6 groups of 30 to 150 people, 3 features of which 2 are correlated, all coefficients varying),
labels from the truths, and the rank of each truth among 99 thinned draws: β, log s, the first and the smallest group's
deviations, and the log likelihood. Ranks must be uniform, as in `validate_sampling.py --sbc`; the same draws narrowed
by 30% must fail. Then the gates and the seconds of `sample_propensity`, all defaults, on three jobs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from validate_sampling import RANKED, SEED, heading, judged, ranks_kept

import mixcurve as mc
from mixcurve.propensity.bayes.hierarchy import Hierarchy, PropensityPriors, hierarchy
from mixcurve.propensity.bayes.sampling import sample_hierarchy
from mixcurve.sigmoid import cross_entropy, expit

FloatArray = npt.NDArray[np.float64]

SIZES = (150, 120, 100, 80, 60, 30)
FEATURES, INTERCEPT = 3, -1.0
JOBS = {"6 clients × 5,000 rows × 8 features": (6, 5_000, 8, 0.3),
        "40 clients × 20,000 rows × 10": (40, 20_000, 10, 0.3),
        "6 clients that are alike × 5,000 rows × 8": (6, 5_000, 8, 0.0)}  # fmt: skip


def problem(rng: np.random.Generator, y: FloatArray | None = None, x: FloatArray | None = None) -> Hierarchy:
    """Return the hierarchy of features and labels; its priors do not depend on the labels."""
    group = np.repeat(np.arange(len(SIZES)), SIZES)
    rows = len(group)
    if x is None:
        x = rng.standard_normal((rows, FEATURES))
        x[:, 1] = 0.8 * x[:, 0] + 0.6 * x[:, 1]
    labels = np.arange(rows) % 2.0 if y is None else y
    found = hierarchy(x, labels, None, group, np.ones(FEATURES, dtype=np.bool_), PropensityPriors())
    return replace(found, middle=np.append(INTERCEPT, np.zeros(FEATURES)))


def figures(h: Hierarchy, values: FloatArray) -> FloatArray:
    """Return the figures that are ranked, of β, log s and v (draws × q + k + G k)."""
    q, k = len(h.middle), len(h.varying)
    v = values[:, q + k :].reshape(len(values), h.groups, k)
    theta = np.repeat(values[:, None, :q], h.groups, axis=1)
    theta[:, :, h.varying] += v
    z = np.einsum("iq,diq->di", h.design, theta[:, h.codes])
    likelihood = -(h.weights * cross_entropy(h.y, z)).sum(axis=1)
    return np.column_stack([values[:, : q + k], v[:, 0], v[:, -1], likelihood])


def labels() -> list[str]:
    """Return the names of the figures."""
    names = ["intercept", *(f"x{j}" for j in range(FEATURES))]
    return [*names, *(f"spread of {n}" for n in names), *(f"{n} in the first group" for n in names),
            *(f"{n} in the smallest" for n in names), "log likelihood"]  # fmt: skip


def replication(seed: int) -> tuple[FloatArray, FloatArray]:
    """Return the figures of one truth, and of draws given labels that it made (99 × figures)."""
    rng = np.random.default_rng(seed)
    h = problem(rng)
    beta = h.middle + h.width * rng.standard_normal(len(h.middle))
    s = h.spread * np.abs(rng.standard_normal(len(h.spread)))
    v = s * rng.standard_normal((h.groups, len(s)))
    theta = np.tile(beta, (h.groups, 1))
    theta[:, h.varying] += v
    p = expit((h.design * theta[h.codes]).sum(axis=1))
    seen = replace(h, y=(rng.random(len(p)) < p).astype(np.float64))
    run = sample_hierarchy(seen, chains=2, draws=300, tune=400, target_accept=0.95, rng=rng, progress=None)
    flat = run.positions.reshape(-1, run.positions.shape[-1])
    kept = np.linspace(0, len(flat) - 1, RANKED).round().astype(int)
    truth = np.concatenate([beta, np.log(s), v.ravel()])[None]
    return figures(seen, truth)[0], figures(seen, flat[kept])


def calibration(count: int, workers: int) -> bool:
    """Measure and print the calibration over so many truths."""
    begun = time.perf_counter()
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(replication, range(SEED, SEED + count)))
    truths, draws = np.array([t for t, _ in done]), np.array([d for _, d in done])
    return ranks_kept(truths, draws, labels(), f"{count} truths, {time.perf_counter() - begun:.0f} s")


def jobs() -> bool:
    """Measure and print gates and seconds of whole jobs."""
    heading("sample_propensity, all defaults")
    kept = True
    for name, (groups, rows, features, spread) in JOBS.items():
        rng = np.random.default_rng(0)
        x, group = rng.standard_normal((rows, features)), rng.integers(0, groups, rows)
        theta = rng.normal(0.0, 0.5, features) + spread * rng.standard_normal((groups, features))
        usual = -1.5 + spread * rng.standard_normal(groups)
        frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(features)]).assign(
            client=[f"client {g}" for g in group],
            bought=rng.random(rows) < expit(usual[group] + (x * theta[group]).sum(axis=1)),
        )
        found = mc.sample_propensity(mc.read_customers(frame, label="bought"), by="client", seed=1)
        gates = {g.name: g.value for g in found.gates}
        told = (
            f"{found.seconds:.0f} s, {gates['divergences']:.0f} divergences, R-hat {gates['R-hat']:.4f}, "
            f"bulk ESS {gates['bulk ESS']:.0f}, tail ESS {gates['tail ESS']:.0f}"
        )
        kept = judged(name, told, "every gate", found.status == "converged") and kept
    return kept


def main() -> int:
    """Measure and print; 1 if something asked is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--truths", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    kept = [calibration(asked.truths, asked.workers), jobs()]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
