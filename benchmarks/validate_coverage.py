"""Do the intervals and the evidence keep their word? Simulated campaigns and markets, with Monte Carlo error.

    python benchmarks/validate_coverage.py [--campaigns N] [--markets N]

Campaigns: 52, 104 and 156 weeks in turn, noise 5 to 15% of the amplitude, Hill curves of slope 1.5 to 4, spend reaching
2 to 4 half-saturations (coverage), or staying below one (openness); concave truth for the claims of a bend. Markets:
three years of weeks, 5 channels, the error of the total contribution per channel. Shares have a 95% Wilson interval.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

import mixcurve as mc
from mixcurve.response.fitted import marginal_draws, response_draws

LEVEL, SEED = 0.95, 7
CONCAVE = ("michaelis_menten", "exponential", "tanh")


def share(hits: int, total: int) -> str:
    """Return a share with its 95% Wilson interval as text."""
    p, z2 = hits / total, 1.96**2 / total
    centre, reach = (p + z2 / 2) / (1 + z2), 1.96 * np.sqrt(p * (1 - p) / total + z2 / 4 / total) / (1 + z2)
    return f"{p:.1%} ({max(centre - reach, 0):.1%} to {min(centre + reach, 1):.1%})"


def campaign(i: int, reach: float, family: str, **shape: float) -> tuple[np.ndarray, np.ndarray]:
    """Return spend and response of one campaign with half-saturation 30."""
    rng = np.random.default_rng([SEED, i])
    rows = (52, 104, 156)[i % 3]
    spend = rng.uniform(0, reach * 30.0, rows)
    curve = mc.curves[family](spend, top=50.0, half=30.0, **shape)
    return spend, 20 + curve + 50 * rng.uniform(0.05, 0.15) * rng.standard_normal(rows)


def coverage(campaigns: int) -> list[tuple[str, str, str]]:
    """Return the rows on intervals of half-saturation and inflection."""
    rng = np.random.default_rng(SEED)
    half, bend, shown, opened = 0, 0, 0, 0
    for i in range(campaigns):
        slope = rng.uniform(1.5, 4.0)
        fit = mc.fit_curve(*campaign(i, rng.uniform(2, 4), "hill", slope=slope), level=LEVEL, resamples=0)
        truth = 30.0 * ((slope - 1) / (slope + 1)) ** (1 / slope)
        found = {f.name: f for f in fit.intervals}
        half += found["half"].low <= 30.0 <= found["half"].high
        bend += found["inflection"].low <= truth <= found["inflection"].high
        shown += fit.evidence[0].has("bend_shown")
        short = mc.fit_curve(*campaign(i, 0.8, "hill", slope=slope), level=LEVEL, resamples=0)
        interval = short.interval("half")
        opened += (interval is None or not interval.closed) or short.evidence[0].grade in (
            "weak",
            "not shown",
        )
    return [
        ("95% profile interval of half-saturation covers", share(half, campaigns), "93 to 97%"),
        ("95% profile interval of the inflection covers", share(bend, campaigns), "93 to 97%"),
        ("bend shown where there is one", share(shown, campaigns), ""),
        (
            "spend below half-saturation: open, or graded weak or not shown",
            share(opened, campaigns),
            "at least 85%",
        ),
    ]


def false_bends(campaigns: int) -> tuple[str, str, str]:
    """Return the row on claims of a bend where the truth is concave."""
    claims = sum(
        mc.fit_curve(*campaign(i, 3.0, CONCAVE[i % 3]), level=LEVEL, resamples=0)
        .evidence[0]
        .has("bend_shown")
        for i in range(campaigns)
    )
    return ("concave truth: claims a bend", share(claims, campaigns), "at most 5%")


def markets_recovered(markets: int) -> list[tuple[str, str, str]]:
    """Return the rows on contributions by channel and their 90% intervals at current spend, by grade."""
    errors: dict[str, list[float]] = {}
    covered: dict[str, list[bool]] = {"response": [], "marginal response": []}
    for seed in range(markets):
        market = mc.simulate_market(
            5,
            periods=156,
            zero_weeks=0.25,
            correlation=0.3,
            confounding=0.2,
            price=-0.5,
            noise=0.05,
            seed=seed,
        )
        fit = mc.fit_mix(market.table, seed=seed)
        truth = market.truth.contributions.sum(axis=0)
        wrong = np.abs(fit.contributions.sum(axis=0) - truth) / truth
        for evidence, error in zip(fit.evidence, wrong, strict=True):
            errors.setdefault(evidence.grade, []).append(float(error))
        for figure, at in (("response", response_draws), ("marginal response", marginal_draws)):
            low, high = np.quantile(at(fit, fit.current, fit.resamples), [0.05, 0.95], axis=0)
            right = at(market.truth.curves, fit.current)[0]
            covered[figure] += ((low <= right) & (right <= high)).tolist()
    rows = []
    for grade in ("supported", "weak", "not shown"):
        if values := errors.get(grade):
            middle, wide = np.quantile(values, [0.5, 0.9])
            text = f"median {middle:.0%}, nine in ten within {wide:.0%} ({len(values)} channels)"
            rows.append((f"error of total contribution, channels graded {grade}", text, ""))
    for figure, inside in covered.items():
        label = f"90% bootstrap interval of {figure} at current spend covers"
        rows.append((label, share(sum(inside), len(inside)), "about 90%"))
    return rows


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--campaigns", type=int, default=300)
    parser.add_argument("--markets", type=int, default=20)
    asked = parser.parse_args()
    rows = [*coverage(asked.campaigns), false_bends(asked.campaigns), *markets_recovered(asked.markets)]
    print("| measured | mixcurve | wanted |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
