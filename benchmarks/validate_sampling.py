"""Do the draws of `sample_mix` keep their word? Simulation-based calibration, recovery, silence and a lift test.

    python benchmarks/validate_sampling.py [--sbc N] [--recovery N] [--silent] [--lift] [--workers N] [--reuse]

Without a choice, all four. Each prints what was measured, its Monte Carlo error and the limit asked of it.

`--sbc`: truths from the prior, responses from the truths (units, priors and linear columns held fixed), and the rank of
each truth among 99 thinned draws: position, coefficients and log density (2 channels, 104 weeks, trend and one yearly
wave, Hill with geometric carryover). Ranks must be uniform: chi-square of 10 bins and the simultaneous band of the
empirical distribution, the smallest p of all times their number at least 5%. The same draws narrowed by 30% about
their mean must fail. Sources: Talts et al. (2018); Säilynoja et al. (2022) for the band; Modrák et al. (2023) for the
log density as a figure.
`--recovery`: ROI on the markets of `peers/mix_markets.py`, all defaults. The peers' figures are read from
`results/peer_mix` where they are there; ours are written beside them for `peers/market_recovery.py`.
`--silent`: a channel whose spend never changes, without carryover: its posterior is its prior, and the learned table
says so. (With carryover its first weeks, before which there was no spend, would tell of it.)
`--lift`: a strong lift test: its effect's posterior is that of the draws without it, weighted by the test's density
(exact), and near the one of two normal densities.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from arviz_stats.base import array_stats
from peers.market_recovery import FOLDER, Recovery, recovery, table
from peers.mix_markets import MARKETS, MixMarket, write
from peers.run_pymc_marketing import QUANTILES, digest, is_done
from scipy import stats

import mixcurve as mc
from mixcurve.calibration.binomial import share_interval
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.noise.directions import coefficient_scale
from mixcurve.response.bayes.model.sizes import Sizes
from mixcurve.response.bayes.sample.nuts import sample_nuts
from mixcurve.response.bayes.vectors.rows import DrawVectors

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

SEED, LEVEL, ERROR_RATE = 20261125, 0.9, 0.05
REPLICATIONS, RANKED, BINS, SIMULATED = 200, 99, 10, 4000
"""Of calibration: truths; draws that each is ranked among; bins of the chi-square; uniform samples behind the band."""
NARROWED = 0.7
"""The spread of draws that the check must find wrong."""
COVERED = (0.85, 0.95)
"""What the coverage of 90% intervals must lie between."""
SETUP = FOLDER / "mixcurve" / "sample_mix"
NEAR_NORMAL = 0.1
"""How far the interval may be from that of two normal densities: a posterior of 104 weeks is not quite normal."""
MOST_ERRORS = 3.0
"""Monte Carlo errors between two ways to the same figure: a chance of 3 in 1,000 each."""
TEST_ERROR = 0.5
"""The standard error of the strong lift test over the standard deviation that the market alone leaves."""


def judged(what: str, measured: str, asked: str, kept: bool) -> bool:
    """Print one row of the table and return whether the limit was kept."""
    print(f"| {what} | {measured} | {asked} | {'yes' if kept else 'NO'} |", flush=True)
    return kept


def heading(title: str) -> None:
    """Print the head of a table."""
    print(f"\n### {title}\n\n| what | measured | asked | kept |\n|---|---|---|---|", flush=True)


def effective(draws: FloatArray) -> float:
    """Return the effective sample size of draws (chains × draws)."""
    return float(array_stats.ess(draws, method="mean", chain_axis=0, draw_axis=1))


# ---- simulation-based calibration


@dataclass(frozen=True, eq=False)
class FixedSizes(MixModel):
    """A model whose prior of sizes is that of another response, so that the prior does not follow the data."""

    fixed: Sizes | None = None

    @property
    def sizes(self) -> Sizes:  # type: ignore[override]
        """The prior of the channels' sizes."""
        assert self.fixed is not None
        return self.fixed


@cache
def calibrated_model() -> MixModel:
    """Return the model whose prior the truths come from."""
    return mc.mix_model(mc.simulate_market(["tv", "search"], periods=104, noise=0.05, seed=3).table, season=1)


def labels() -> list[str]:
    """Return the names of the ranked figures."""
    model = calibrated_model()
    return [*model.space.labels, *(f"coefficient of {n}" for n in model.problem.mix.names), "log density"]


def figures(model: MixModel, positions: FloatArray, coefficients: FloatArray | None, seed: int) -> FloatArray:
    """Return the ranked figures at positions (draws × figures); coefficients are drawn where they are not given."""
    xp = DrawVectors()
    position = xp.position(positions)
    channels = model.channels(xp, position)
    if coefficients is None:
        media = model.summed(xp, position, channels).values
        rng = np.random.default_rng(seed)
        coefficients, _ = model.likelihood.baseline(model.problem, model.space, positions, media, rng)
    density = np.broadcast_to(model.log_density(xp, position).values, (len(positions), 1))
    return np.hstack([positions, coefficients, density])


def replication(seed: int) -> tuple[FloatArray, FloatArray]:
    """Return the figures of one truth (figures,) and of draws given a response that it made (99 × figures)."""
    base, rng = calibrated_model(), np.random.default_rng(seed)
    problem, xp = base.problem, DrawVectors()
    truth = base.prior_draws(1, rng)
    linear = problem.linear
    beta = coefficient_scale(base.priors) * rng.standard_normal((1, linear.columns.shape[1]))
    beta = beta / np.sqrt(linear.precision)
    position = xp.position(truth)
    media = base.summed(xp, position, base.channels(xp, position)).values
    mean = problem.offset + media + beta @ linear.columns.T
    y = base.likelihood.replicate(problem, base.space, truth, mean, rng)[0]
    seen = replace(problem, mix=replace(problem.mix, y=y))
    model = FixedSizes(seen, base.priors, base.likelihood, base.parts, base.sizes)
    found = sample_nuts(model, chains=2, draws=250, tune=300, rounds=1, seed=int(rng.integers(2**31)))
    kept = np.linspace(0, len(found.flat) - 1, RANKED).round().astype(int)
    return figures(model, truth, beta, seed)[0], figures(model, found.flat[kept], None, seed)


def band_statistic(ranks: IntArray) -> FloatArray:
    """Return for samples of ranks (samples × N) how unlikely the least likely point of their distribution is."""
    count = ranks.shape[-1]
    places = np.arange(RANKED)
    below = (ranks[..., None] <= places).sum(axis=-2)
    share = (places + 1) / (RANKED + 1)
    low, high = stats.binom.cdf(below, count, share), stats.binom.sf(below - 1, count, share)
    return 2.0 * np.minimum(low, high).min(axis=-1)


def uniformity(ranks: IntArray) -> FloatArray:
    """Return p-values (figures × 2) of ranks (N × figures): chi-square, and the band of the distribution."""
    count = len(ranks)
    bins = ranks * BINS // (RANKED + 1)
    chi = [stats.chisquare(np.bincount(b, minlength=BINS)).pvalue for b in bins.T]
    rng = np.random.default_rng(SEED)
    uniform = np.concatenate(
        [band_statistic(rng.integers(0, RANKED + 1, (100, count))) for _ in range(SIMULATED // 100)]
    )
    mine = band_statistic(ranks.T)
    band = [(1 + (uniform <= m).sum()) / (1 + SIMULATED) for m in mine]
    return np.array([chi, band]).T


def calibration(count: int, workers: int) -> bool:
    """Measure and print the calibration over so many truths."""
    begun = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        done = list(pool.map(replication, range(SEED, SEED + count)))
    truths, draws = np.array([t for t, _ in done]), np.array([d for _, d in done])
    FOLDER.parent.mkdir(exist_ok=True)
    np.savez(FOLDER.parent / "calibration_ranks.npz", truths=truths, draws=draws, labels=labels())
    return ranks_kept(truths, draws, labels(), f"{count} truths, {time.perf_counter() - begun:.0f} s")


def ranks_kept(truths: FloatArray, draws: FloatArray, names: list[str], rests_on: str) -> bool:
    """Print how truths (N × figures) rank among draws (N × 99 × figures), and that draws narrowed are found wrong."""
    middle = draws.mean(axis=1, keepdims=True)
    ranks = (draws < truths[:, None]).sum(axis=1)
    narrow = (middle + NARROWED * (draws - middle) < truths[:, None]).sum(axis=1)
    heading(f"Calibration: {rests_on}")
    found, tests = uniformity(ranks), 2 * len(names)
    error = np.sqrt((RANKED + 2) / (12 * RANKED) / len(truths))
    for name, mean, (chi, band) in zip(names, ranks.mean(axis=0) / RANKED, found, strict=True):
        print(
            f"| {name} | mean rank {mean:.3f} ± {error:.3f}, chi-square p {chi:.3f}, band p {band:.3f} | | |"
        )
    least, wrong = min(1.0, tests * found.min()), min(1.0, tests * uniformity(narrow).min())
    named = f"smallest p of {tests}, times {tests}"
    kept = judged(named, f"{least:.3f}", f"at least {ERROR_RATE}", least >= ERROR_RATE)
    caught = judged(
        "the same of draws narrowed by 30%", f"{wrong:.1e}", f"below {ERROR_RATE}", wrong < ERROR_RATE
    )
    return kept and caught


# ---- recovery


def fitted(market: MixMarket) -> dict[str, Any]:
    """Return what all defaults find in one market, in the words of `peers/market_recovery.py`."""
    begun, used = time.perf_counter(), time.process_time()
    post = mc.sample_mix(market.table, curve="hill", carryover="geometric", checks=False, seed=SEED)
    took = {"seconds": time.perf_counter() - begun, "cpu_seconds": time.process_time() - used}
    roi = post.variables["roi"].reshape(-1, len(post.channels))
    by_coordinate = np.moveaxis(post.positions, 2, 0)
    rhat = array_stats.rhat(by_coordinate, chain_axis=1, draw_axis=2)
    ess = array_stats.ess(by_coordinate, method="bulk", chain_axis=1, draw_axis=2)
    return took | {
        "channels": list(post.channels), "quantiles": list(QUANTILES), "roi_mean": roi.mean(axis=0).tolist(),
        "roi_quantiles": np.quantile(roi, QUANTILES, axis=0).tolist(), "worst_rhat": float(rhat.max()),
        "least_ess": float(ess.min()), "divergences": int(post.statistics["diverging"].sum()),
        "sampler": post.sampler, "market": market.name, "setup": SETUP.name,
    }  # fmt: skip


def recovered(count: int, reuse: bool) -> bool:
    """Measure and print how well ROI is recovered on so many markets, beside the peers that are there."""
    SETUP.mkdir(parents=True, exist_ok=True)
    for market in write(count=count):
        if reuse and is_done(FOLDER / f"{market.name}.csv", SETUP / f"{market.name}.json"):
            continue
        found = fitted(market)
        assert found["channels"] == market.truth["channels"], (
            "The channels must be those of the truth, in order."
        )
        found |= {"data_sha256": digest(FOLDER / f"{market.name}.csv")}
        (SETUP / f"{market.name}.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        print(f"{market.name}: {found['seconds']:.1f} s", file=sys.stderr, flush=True)
    print(f"\n### Recovery of ROI on {count} markets, 90% intervals\n\n{table()}")
    ours = recovery(FOLDER, SETUP)
    assert ours is not None
    others = [r for p in sorted(FOLDER.glob("*/*/")) if p != SETUP and (r := recovery(FOLDER, p)) is not None]
    heading("Recovery: what is asked")
    low, high = share_interval(int(ours.covered.sum()), len(ours.covered))
    share = float(ours.covered.mean())
    kept = [
        judged("coverage of 90% intervals", f"{share:.1%} (95% Wilson: {low:.1%} to {high:.1%})", "85% to 95%",
               COVERED[0] <= share <= COVERED[1]),
        *(_beside(name, ours, [o for o in others if o.markets == ours.markets], of) for name, of in ERRORS.items()),
    ]  # fmt: skip
    return all(kept)


ERRORS: dict[str, Callable[[Recovery], FloatArray]] = {
    "error of the posterior mean": lambda r: r.of_mean,
    "error of the posterior median": lambda r: r.of_median,
}


def _beside(name: str, ours: Recovery, peers: list[Recovery], of: Callable[[Recovery], FloatArray]) -> bool:
    mine = of(ours)
    rng = np.random.default_rng(SEED)
    error = np.median(rng.choice(mine, (SIMULATED, len(mine))), axis=1).std()
    told = f"median {np.median(mine):.1%} ± {error:.1%}, mean {mine.mean():.1%}"
    if not peers:
        return judged(name, told, "no peer has fitted these markets", True)
    best = min(peers, key=lambda p: float(np.median(of(p))))
    limit = float(np.median(of(best)))
    return judged(name, told, f"median below {limit:.1%} ({best.name})", float(np.median(mine)) < limit)


# ---- silence and lift


def silent() -> bool:
    """Measure and print what is learned of a channel whose spend never changes."""
    simulated = mc.simulate_market(["tv", "radio"], periods=104, noise=0.05, seed=5).table
    spend = simulated.spend.copy()
    spend[:, 1] = spend[:, 1].mean()
    market = replace(simulated, spend=spend)
    share = market.response.sum() / spend[:, 1].sum()
    prior = {"radio": {"roi": (0.03 * share, 0.1 * share)}}
    kernels = {"tv": "geometric", "radio": "none"}
    post = mc.sample_mix(market, carryover=kernels, season=1, priors=prior, seed=SEED)
    heading("A channel whose spend never changes: prior N(0, 1) in each coordinate")
    mine = [i for i, name in enumerate(post.coordinates) if "[radio]" in name]
    kept = []
    for i in mine:
        u = post.positions[:, :, i]
        # Around the known middle 0, the mean square has the prior's mean 1.
        z = [(f.mean() - m) / (f.std() / np.sqrt(effective(f))) for f, m in ((u, 0.0), (u**2, 1.0))]
        p = 2 * stats.norm.sf(np.abs(z).max()) * 2 * len(mine)
        told = (
            f"mean {u.mean():+.3f} ({z[0]:+.1f} errors), mean square {np.mean(u**2):.3f} ({z[1]:+.1f} errors)"
        )
        kept.append(judged(post.coordinates[i], told, "p times their number at least 5%", p >= ERROR_RATE))
    told = {r.name: r.verdict for r in post.learned.rows if r.channel == "radio"}
    for name, verdict in told.items():
        kept.append(judged(f"learned: {name}", verdict, "prior only", verdict.startswith("prior only")))
    heard = post.learned.of("tv", "roi").verdict
    kept.append(judged("learned: ROI of the other channel", heard, "data", heard == "data"))
    return all(kept)


def lift() -> bool:
    """Measure and print how a strong lift test narrows what is known of its effect."""
    market = mc.simulate_market(["tv", "search"], periods=104, noise=0.06, seed=3).table
    days = {
        "start": str(market.dates[20]),
        "end": str(market.dates[25] + np.timedelta64(6, "D")),
        "share": "-100%",
    }
    whole = float(market.response[20:26].sum())
    any_test = mc.LiftTest("tv", response=0.1 * whole, error=0.1 * whole, **days)
    free = mc.sample_mix(market, season=1, checks=False, draws=2000, seed=SEED)
    without = _effect(mc.mix_model(market, season=1, experiments=any_test), free.positions)
    error = TEST_ERROR * float(without.std())
    test = mc.LiftTest("tv", response=float(without.mean()) + error, error=error, **days)
    told = mc.sample_mix(market, season=1, checks=False, draws=2000, seed=SEED + 1, experiments=test)
    within = _effect(mc.mix_model(market, season=1, experiments=test), told.positions)
    heading("A lift test of half the error that the market alone leaves, one error above its mean")
    weight = np.exp(-0.5 * ((without - test.response) / error) ** 2)
    kept = _weighted(without, within, weight / weight.mean()) + _normal(without, within, test.response, error)
    widths = [np.ptp(np.quantile(p.variables["roi"][:, :, 0], QUANTILES)) for p in (free, told)]
    narrower = f"{widths[1] / widths[0]:.2f}"
    kept += [judged("90% interval of ROI over that without", narrower, "below 1", widths[1] < widths[0])]
    return all(kept)


def _weighted(without: FloatArray, within: FloatArray, weight: FloatArray) -> list[bool]:
    """Compare draws given the test with draws without it, weighted by the test's density, which is exact."""
    centre, kept = float((weight * without).mean()), []
    for name, power in (("mean distance from the weighted mean", 1), ("mean squared distance", 2)):
        a, b = (without - centre) ** power, (within - centre) ** power
        exact = float((weight * a).mean())
        chance = weight * (a - exact)
        errors = [f.std() / np.sqrt(effective(f)) for f in (chance, b)]
        z = float((b.mean() - exact) / np.hypot(*errors))
        told = f"{b.mean():.1f}, weighted draws {exact:.1f} ({z:+.1f} errors)"
        kept.append(judged(name, told, f"within {MOST_ERRORS:.0f} errors", abs(z) < MOST_ERRORS))
    return kept


def _normal(without: FloatArray, within: FloatArray, response: float, error: float) -> list[bool]:
    """Compare with the product of two normal densities: precisions add up, means count by precision."""
    precision = 1.0 / without.var() + 1.0 / error**2
    mean = (without.mean() / without.var() + response / error**2) / precision
    ratio, off = within.std() * np.sqrt(precision), (within.mean() - mean) * np.sqrt(precision)
    asked = f"within {NEAR_NORMAL}"
    return [
        judged("standard deviation over the normal one", f"{ratio:.3f}", f"{asked} of 1", abs(ratio - 1) < NEAR_NORMAL),
        judged("mean less the normal one, over its standard deviation", f"{off:+.3f}", f"{asked} of 0",
               abs(off) < NEAR_NORMAL),
    ]  # fmt: skip


def _effect(model: MixModel, positions: FloatArray) -> FloatArray:
    """Return what the model expects of its one test (chains × draws)."""
    xp = DrawVectors()
    flat = positions.reshape(-1, positions.shape[-1])
    parts = []
    for k in range(0, len(flat), 500):
        position = xp.position(flat[k : k + 500])
        told = model.parts[0].expected(xp, model, position, model.channels(xp, position))  # type: ignore[attr-defined]
        parts.append(told.values[:, 0])
    return np.concatenate(parts).reshape(positions.shape[:2])


def main() -> int:
    """Measure what was chosen; 1 if a limit was missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sbc", type=int, help=f"truths of the calibration (all modes: {REPLICATIONS})")
    parser.add_argument("--recovery", type=int, help=f"markets of the recovery (all modes: {MARKETS})")
    parser.add_argument(
        "--reuse", action="store_true", help="keep the markets that a recovery has fitted before"
    )
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--lift", action="store_true")
    parser.add_argument("--workers", type=int, default=2, help="processes of the calibration")
    parser.add_argument("--peers", action="store_true", help="the peers are shown where they have fitted")
    asked = parser.parse_args()
    whole = not (asked.sbc or asked.recovery or asked.silent or asked.lift)
    kept = []
    if whole or asked.recovery:
        kept.append(recovered(asked.recovery or MARKETS, asked.reuse))
    if whole or asked.sbc:
        kept.append(calibration(asked.sbc or REPLICATIONS, asked.workers))
    if whole or asked.silent:
        kept.append(silent())
    if whole or asked.lift:
        kept.append(lift())
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
