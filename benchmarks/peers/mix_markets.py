"""Twenty simulated markets with a known truth, on which media-mix tools are compared.

    python benchmarks/peers/mix_markets.py [--markets N]

Each has 156 weeks, 6 to 10 channels, spend with breaks that follows demand and the other channels a little, a trend,
two yearly waves, a price, and noise of 3 to 8% of the mean response. Curve and carryover are drawn for each channel
from several families, so that no tool can name the right ones for a whole market. A channel's share of the media
response is its share of spend times a lognormal factor: ROI differs by channel, but large channels bring more. All
is drawn from fixed seeds that nobody chose for their result: they are consecutive.

A market is written to `benchmarks/results/peer_mix` as `market_01.csv` (what an analyst sees) and `market_01.json`
(the truth: spend, contribution and ROI by channel, and how it was made).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import mixcurve as mc

FOLDER = Path(__file__).resolve().parents[1] / "results" / "peer_mix"
MARKETS, FIRST_SEED, WEEKS = 20, 20261201, 156
FEWEST, MOST = 6, 10
CURVES = ("hill", "logistic", "weibull", "michaelis_menten", "exponential")
CARRYOVERS = ("geometric", "delayed_geometric", "weibull_pdf", "none")
MEAN_SPEND = (8_000.0, 50_000.0)
"""Mean weekly spend of a channel, even on the log scale."""
ROI_SPREAD = 0.5
"""Standard deviation of the log of a channel's ROI around the market's."""
MEDIA_SHARE, NOISE = (0.3, 0.6), (0.03, 0.08)
"""Mean media response over the baseline; noise over the mean response."""
VARIATION, ZERO_WEEKS, CORRELATION, CONFOUNDING = (0.4, 0.9), (0.0, 0.5), (0.1, 0.4), (0.0, 0.4)
TREND, WAVE, PRICE = (-0.1, 0.25), 0.08, (-2.0, -0.8)
"""Change over the three years; standard deviation of each seasonal coefficient; elasticity, of the baseline."""


@dataclass(frozen=True)
class MixMarket:
    """A market as an analyst gets it, and its truth, by channel."""

    name: str
    table: mc.SpendTable
    truth: dict[str, Any]


def markets(count: int = MARKETS) -> Iterator[MixMarket]:
    """Yield the markets one after another, the same ones every time."""
    for i in range(count):
        yield market(i)


def market(i: int) -> MixMarket:
    """Return the market number ``i``, counted from 0."""
    rng = np.random.default_rng(FIRST_SEED + i)
    names = [f"channel_{c + 1}" for c in range(rng.integers(FEWEST, MOST + 1))]
    spend = np.exp(rng.uniform(*np.log(MEAN_SPEND), len(names)))
    worth = spend * np.exp(rng.normal(0.0, ROI_SPREAD, len(names)))
    media = rng.uniform(*MEDIA_SHARE) * worth / worth.sum()
    channels = {
        name: mc.MarketChannel(
            curve=str(rng.choice(CURVES)), carryover=str(rng.choice(CARRYOVERS)), mean_spend=float(spend[c]),
            contribution=float(media[c]), variation=rng.uniform(*VARIATION), zero_weeks=rng.uniform(*ZERO_WEEKS),
            confounding=rng.uniform(*CONFOUNDING),
        )
        for c, name in enumerate(names)
    }  # fmt: skip
    waves = [tuple(rng.normal(0.0, WAVE / k, 2).tolist()) for k in (1, 2)]
    made = {
        "trend": rng.uniform(*TREND), "season": waves, "price": rng.uniform(*PRICE),
        "correlation": rng.uniform(*CORRELATION), "noise": rng.uniform(*NOISE),
    }  # fmt: skip
    simulated = mc.simulate_market(channels, periods=WEEKS, baseline=100_000.0, seed=rng, **made)
    return MixMarket(f"market_{i + 1:02}", simulated.table, _truth(simulated, made, FIRST_SEED + i))


def _truth(simulated: Any, made: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return what is known of the market: ROI is contribution over spend, both summed over all weeks."""
    truth, spend = simulated.truth, simulated.table.spend
    total = truth.contributions.sum(axis=0)
    return {
        "channels": list(truth.channels),
        "spend": spend.sum(axis=0).tolist(),
        "contribution": total.tolist(),
        "roi": (total / spend.sum(axis=0)).tolist(),
        "curve": [curve.name for curve in truth.curves.curve],
        "curve_parameters": [truth.curve_parameters(channel) for channel in truth.channels],
        "carryover": list(truth.carryover),
        "carryover_parameters": list(truth.carryover_parameters),
        "media_share": float(total.sum() / simulated.table.response.sum()),
        "seed": seed,
    } | made


def write(folder: Path = FOLDER, count: int = MARKETS) -> list[MixMarket]:
    """Write the markets as CSV and JSON, and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    written = list(markets(count))
    for each in written:
        _keep(folder / f"{each.name}.csv", each.table.frame().to_csv(index=False))
        _keep(folder / f"{each.name}.json", json.dumps(each.truth, indent=1))
    return written


def _keep(path: Path, text: str) -> None:
    # A peer that runs meanwhile must never see half a file, so nothing is written twice, and each at once.
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.with_suffix(".part").write_text(text, encoding="utf-8")
        path.with_suffix(".part").replace(path)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--markets", type=int, default=MARKETS)
    for one in write(count=asked.parse_args().markets):
        print(
            f"{one.name}: {len(one.table.channels)} channels, media {one.truth['media_share']:.0%} of response"
        )
