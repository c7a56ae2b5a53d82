"""Do the intervals and the evidence keep their word? Simulated campaigns and markets, with Monte Carlo error.

    python benchmarks/validate_coverage.py [--campaigns N] [--singles N] [--markets N]

Campaigns: 52, 104 and 156 weeks in turn, noise 5 to 15% of the amplitude, Hill curves of slope 1.5 to 4, spend reaching
2 to 4 half-saturations (coverage) or staying below one (openness); counts and shares of 5,000 exposures about the same
curves; concave truth for the claims of a bend. Singles are fitted one by one: profile, delta and bootstrap on the same
campaigns, and delta intervals by three covariances under uneven and under autocorrelated noise. Markets: three years of
weeks, 5 channels, the error of the total contribution per channel. Shares have a 95% Wilson interval.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

import mixcurve as mc
from mixcurve.calibration.binomial import share_interval
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fit.curve.batch import fit_batch
from mixcurve.response.fit.curve.covariance import COVARIANCES, phi_covariance
from mixcurve.response.fit.curve.figures import curve_figures
from mixcurve.response.fit.curve.intervals import delta_intervals, point_at
from mixcurve.response.fit.curve.many_results import CurveFits
from mixcurve.response.fitted import marginal_draws, response_draws

LEVEL, SEED = 0.95, 7
WEEKS = (52, 104, 156)
TOP, HALF, BASELINE = 50.0, 30.0, 20.0
EXPOSURES = 5000
CONCAVE = ("michaelis_menten", "exponential", "tanh")
DELTA_FIGURES = {"baseline": "baseline", "top": "top", "half": "half_saturation", "marginal_response": "mroi"}
METHODS = ("profile", "delta", "bootstrap")
PERSISTENCE = 0.85
"""Autocorrelation from week to week of spend and of noise, where they have any."""
FloatArray = npt.NDArray[np.float64]
Row = tuple[str, str, str]


def share(hits: int, total: int) -> str:
    """Return a share with its 95% Wilson interval as text."""
    low, high = share_interval(hits, total)
    return f"{hits / total:.1%} ({low:.1%} to {high:.1%})"


@dataclass(frozen=True)
class Campaign:
    """One simulated campaign and the true figures behind it."""

    spend: FloatArray
    response: FloatArray
    truth: dict[str, float]


Noise = Callable[[np.random.Generator, FloatArray], FloatArray]


def gaussian(rng: np.random.Generator, mean: FloatArray) -> FloatArray:
    """Return the mean with noise of 5 to 15% of the amplitude."""
    return mean + TOP * rng.uniform(0.05, 0.15) * rng.standard_normal(len(mean))


def poisson(rng: np.random.Generator, mean: FloatArray) -> FloatArray:
    """Return counts."""
    return rng.poisson(mean).astype(np.float64)


def negative_binomial(rng: np.random.Generator, mean: FloatArray) -> FloatArray:
    """Return counts of dispersion 0.02: variance mean + 0.02 mean²."""
    return rng.poisson(rng.gamma(50.0, mean / 50.0)).astype(np.float64)


def binomial(rng: np.random.Generator, mean: FloatArray) -> FloatArray:
    """Return conversions out of the exposures, of which the mean is a per-mille."""
    return rng.binomial(EXPOSURES, mean / 1000).astype(np.float64)


def uneven(rng: np.random.Generator, mean: FloatArray) -> FloatArray:
    """Return the mean with noise that falls from 25 to 1% of the amplitude as response rises."""
    return mean + (0.25 * TOP - 0.24 * (mean - BASELINE)) * rng.standard_normal(len(mean))


def wave(rng: np.random.Generator, rows: int) -> FloatArray:
    """Return a standard normal series whose neighbours are correlated."""
    out = rng.standard_normal(rows)
    for t in range(1, rows):
        out[t] = PERSISTENCE * out[t - 1] + np.sqrt(1 - PERSISTENCE**2) * out[t]
    return out


def lasting(rng: np.random.Generator, mean: FloatArray) -> FloatArray:
    """Return the mean with autocorrelated noise of 10% of the amplitude."""
    return mean + 0.1 * TOP * wave(rng, len(mean))


def campaign(
    i: int, least: float, most: float, noise: Noise = gaussian, family: str = "hill", smooth: bool = False
) -> Campaign:
    """Return the i-th campaign; its spend reaches ``least`` to ``most`` half-saturations, evenly or in waves."""
    rng = np.random.default_rng([SEED, i])
    rows, reach = WEEKS[i % 3], rng.uniform(least, most) * HALF
    spend = reach * (ndtr(wave(rng, rows)) if smooth else rng.uniform(0, 1, rows))
    shape = {"half": HALF} | ({"slope": rng.uniform(1.5, 4.0)} if family == "hill" else {})
    curve, known = mc.curves[family], np.array([TOP, *shape.values()])
    truth = {"baseline": BASELINE, "top": TOP, "half_saturation": HALF}
    truth |= {"mroi": float(shape_of.marginal(curve, spend.mean(), known))}
    if family == "hill":
        truth["inflection"] = float(shape_of.inflection(curve, known))
    return Campaign(spend, noise(rng, BASELINE + shape_of.response(curve, spend, known)), truth)


def fitted(campaigns: list[Campaign], family: str = "gaussian") -> CurveFits:
    """Return the fits of all campaigns in one call."""
    sizes = [len(c.spend) for c in campaigns]
    table = {
        "campaign": np.repeat(np.arange(len(campaigns)), sizes),
        "spend": np.concatenate([c.spend for c in campaigns]),
        "response": np.concatenate([c.response for c in campaigns]),
    }
    words: dict[str, Any] = {"family": family}
    if family == "binomial":
        table["exposures"] = np.full(sum(sizes), EXPOSURES)
        words["exposures"] = "exposures"
    return mc.fit_curves(
        table, by="campaign", spend="spend", response="response", intervals=True, level=LEVEL, **words
    )


def covered(fits: CurveFits, campaigns: list[Campaign], figure: str, rate: float = 1.0) -> int:
    """Return in how many campaigns the interval of a figure holds the truth."""
    j = fits.figures.index(figure)
    truth = np.array([c.truth[figure] * rate for c in campaigns])
    return int(((fits.low[:, j] <= truth) & (truth <= fits.high[:, j])).sum())


def reached(count: int) -> list[Row]:
    """Return the rows on campaigns whose spend reaches 2 to 4 half-saturations."""
    rows = []
    for family, noise in (
        ("gaussian", gaussian), ("poisson", poisson), ("negative binomial", negative_binomial), ("binomial", binomial),
    ):  # fmt: skip
        campaigns = [campaign(i, 2.0, 4.0, noise) for i in range(count)]
        fits = fitted(campaigns, family)
        for figure in fits.figures:
            rate = 1e-3 if family == "binomial" and figure == "mroi" else 1.0
            label = f"95% profile interval of {figure}, {family} response, covers"
            rows.append((label, share(covered(fits, campaigns, figure, rate), count), "93 to 97%"))
        shown = sum("bend_shown" in codes for codes in fits.findings)
        rows.append((f"bend shown where there is one, {family} response", share(shown, count), ""))
    return rows


def unreached(count: int) -> list[Row]:
    """Return the rows on campaigns whose spend stays below half-saturation."""
    campaigns = [campaign(i, 0.5, 1.0) for i in range(count)]
    fits = fitted(campaigns)
    j = fits.figures.index("half_saturation")
    honest = [
        bool(sides[j]) or not np.isfinite(estimate[j]) or grade in ("weak", "not shown")
        for sides, estimate, grade in zip(fits.open_sides, fits.estimates, fits.grades, strict=True)
    ]
    label = "spend below half-saturation: open, or graded weak or not shown"
    rows = [(label, share(sum(honest), count), "at least 85%")]
    for figure in fits.figures:
        label = f"spend below half-saturation: 95% profile interval of {figure} covers"
        rows.append((label, share(covered(fits, campaigns, figure), count), "about 95%"))
    return rows


def false_bends(count: int) -> list[Row]:
    """Return the rows on claims of a bend where the truth is concave."""
    fits = fitted([campaign(i, 2.0, 4.0, family=CONCAVE[i % 3]) for i in range(count)])
    claims = np.array(["bend_shown" in codes for codes in fits.findings])
    rows = [("concave truth: claims a bend", share(int(claims.sum()), count), "at most 5%")]
    for i, family in enumerate(CONCAVE):
        mine = claims[i::3]
        rows.append(
            (f"concave truth, {family}: claims a bend", share(int(mine.sum()), len(mine)), "at most 5%")
        )
    return rows


def by_method(count: int) -> list[Row]:
    """Return the rows on the three kinds of interval of the same campaigns."""
    hits = {(figure, method): 0 for figure in ("half_saturation", "inflection", "mroi") for method in METHODS}
    disagree = 0
    for i in range(count):
        one = campaign(i, 2.0, 4.0)
        fit = mc.fit_curve(one.spend, one.response, level=LEVEL, resamples=400, seed=i)
        disagree += bool(fit.disagreements)
        for figure, method in hits:
            found = fit.interval(figure, method)
            hits[figure, method] += found is not None and found.low <= one.truth[figure] <= found.high
    rows = [
        (f"95% {method} interval of {figure} covers (fitted singly)", share(n, count), "about 95%")
        for (figure, method), n in hits.items()
    ]
    return [*rows, ("the three kinds of interval disagree on some figure", share(disagree, count), "")]


def by_covariance(count: int) -> list[Row]:
    """Return the rows on delta intervals by three covariances where the noise is uneven or autocorrelated."""
    rows = []
    for label, noise, smooth in (("uneven", uneven, False), ("autocorrelated", lasting, True)):
        hits: dict[tuple[str, str], int] = {
            (figure, kind): 0 for figure in DELTA_FIGURES.values() for kind in COVARIANCES
        }
        for i in range(count):
            one = campaign(i, 2.0, 4.0, noise, smooth=smooth)
            for figure, kind, inside in _by_kind(one):
                hits[figure, kind] += inside
        rows += [
            (
                f"95% delta interval of {figure}, {label} noise, {kind} covariance, covers",
                share(n, count),
                "about 95%",
            )
            for (figure, kind), n in hits.items()
        ]
    return rows


def _by_kind(one: Campaign) -> Iterable[tuple[str, str, bool]]:
    x, y = one.spend[None], one.response[None]
    solved = fit_batch(mc.curves["hill"], x, y, np.ones_like(x), baseline=True)
    point = point_at(solved, x.mean(axis=1), None)
    figures = curve_figures(solved.problem, point, tuple(DELTA_FIGURES))
    for kind in COVARIANCES:
        found = delta_intervals(solved, figures, phi_covariance(solved, kind), "", LEVEL)
        for name, figure in DELTA_FIGURES.items():
            mine = next((f for f in found if f.name == name), None)
            yield figure, kind, mine is not None and mine.low <= one.truth[figure] <= mine.high


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
        label = f"90% interval of {figure} at current spend covers"
        rows.append((label, share(sum(inside), len(inside)), "about 90%"))
    return rows


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--campaigns", type=int, default=1000)
    parser.add_argument("--singles", type=int, default=300)
    parser.add_argument("--markets", type=int, default=20)
    asked = parser.parse_args()
    rows: list[Row] = []
    if asked.campaigns:
        rows += [*reached(asked.campaigns), *unreached(asked.campaigns), *false_bends(asked.campaigns)]
    if asked.singles:
        rows += [*by_method(asked.singles), *by_covariance(asked.singles)]
    if asked.markets:
        rows += markets_recovered(asked.markets)
    print("| measured | mixcurve | wanted |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
