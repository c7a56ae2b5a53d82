"""A national market of the size and kind of Meridian's national example, on which sampling is timed.

    python benchmarks/peers/national_market.py FOLDER

Meridian's example is `national_all_channels.csv` of its repository: simulated, 156 weeks, five paid channels with
impressions and spend, an organic channel, a promotion, two controls that both drive the outcome and steer the media.
Its wheel and its source distribution hold no data, so this makes a market like it, under the same names of columns and
of the same order of size, with numbers of our own: no line of the original is in it. Where the original is at hand,
`bench_sampling.py --national FILE` takes it as it is.

Curves are concave Hill curves (slope 1) of geometric carryover, exactly what Meridian assumes, so that nothing of the
comparison rests on a curve that it cannot show.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

WEEKS, START, SEED = 156, "2021-01-25", 20261201
CHANNELS = tuple(f"Channel{i}" for i in range(5))
CONTROLS = ("competitor_sales_control", "sentiment_score_control")
ORGANIC, PROMOTION = "Organic_channel0", "Promo"
RESPONSE, PRICE = "conversions", "revenue_per_conversion"
MEAN_SPEND = np.array([230_000.0, 180_000.0, 70_000.0, 560_000.0, 310_000.0])
COST_OF_THOUSAND = np.array([7.3, 9.6, 7.4, 7.8, 7.8])
ROI, DECAY, HALF = np.array([1.4, 0.9, 2.0, 0.7, 1.1]), np.array([0.4, 0.2, 0.6, 0.5, 0.3]), 1.5
"""Half-saturation is in multiples of a channel's mean spend."""
BASELINE, VALUE, NOISE = 6_500_000.0, 0.02, 0.05
"""Weekly revenue without media, revenue of a conversion, and noise over the baseline."""
LAGS, MEMORY, VARIATION = 8, 0.5, 0.35
STEERING = (0.25, 0.25)
"""How far the two controls move the log of spend."""
EFFECT_OF_CONTROLS, EFFECT_OF_ORGANIC, EFFECT_OF_PROMOTION = (-0.05, 0.02), 0.03, 0.04
"""In baselines, per standard deviation or per mean."""
LIFT_OF_SEASON, LIFT_OF_TREND = 0.06, 0.08


def remembered(rng: np.random.Generator, columns: int) -> np.ndarray:
    """Return series with mean 0, standard deviation 1 and the memory of a week."""
    out = rng.normal(size=(WEEKS, columns))
    for week in range(1, WEEKS):
        out[week] = MEMORY * out[week - 1] + np.sqrt(1.0 - MEMORY**2) * out[week]
    return out


def carried(spend: np.ndarray) -> np.ndarray:
    """Return Σ decay^k spend of k weeks before, over Σ decay^k, up to the longest lag."""
    weights = DECAY ** np.arange(LAGS + 1)[:, None]
    past = np.concatenate([np.repeat(spend.mean(axis=0)[None], LAGS, axis=0), spend])
    lagged = (weights[k] * past[LAGS - k : LAGS - k + WEEKS] for k in range(LAGS + 1))
    return sum(lagged) / weights.sum(axis=0)


def media_revenue(spend: np.ndarray) -> np.ndarray:
    """Return the revenue of each channel by week: Hill curves of slope 1 whose total ROI is the one that is set."""
    level = carried(spend) / MEAN_SPEND
    shape = level / (level + HALF)
    return shape * ROI * spend.sum(axis=0) / shape.sum(axis=0)


def market(seed: int = SEED) -> pd.DataFrame:
    """Return the market as Meridian's example is laid out, a row per week."""
    rng = np.random.default_rng(seed)
    controls = remembered(rng, len(CONTROLS))
    wish = controls @ STEERING + VARIATION * rng.normal(size=(len(CHANNELS), WEEKS))
    spend = MEAN_SPEND * np.exp(wish.T - wish.mean())
    organic, promotion = 2e7 * np.exp(0.5 * rng.normal(size=WEEKS)), rng.gamma(2.0, 0.2, WEEKS)
    year = 2.0 * np.pi * np.arange(WEEKS) * 7.0 / 365.25
    share = (
        1.0 + LIFT_OF_TREND * np.linspace(0.0, 1.0, WEEKS) + LIFT_OF_SEASON * np.cos(year)
        + controls @ EFFECT_OF_CONTROLS + EFFECT_OF_ORGANIC * organic / organic.mean()
        + EFFECT_OF_PROMOTION * promotion / promotion.mean() + NOISE * rng.normal(size=WEEKS)
    )  # fmt: skip
    revenue = BASELINE * share + media_revenue(spend).sum(axis=1)
    columns = {"time": pd.date_range(START, periods=WEEKS, freq="7D").strftime("%Y-%m-%d")}
    columns |= {RESPONSE: revenue / VALUE, PRICE: np.full(WEEKS, VALUE)}
    columns |= {
        f"{c}_impression": np.round(1e3 * s / p) for c, s, p in zip(CHANNELS, spend.T, COST_OF_THOUSAND)
    }
    columns |= {f"{c}_spend": s for c, s in zip(CHANNELS, spend.T)}
    columns |= (
        {f"{ORGANIC}_impression": np.round(organic)}
        | dict(zip(CONTROLS, controls.T))
        | {PROMOTION: promotion}
    )
    return pd.DataFrame(columns)


def write(folder: Path) -> Path:
    """Write the market as CSV, and return where."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "national.csv"
    market().to_csv(path, index=False)
    return path


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("folder", type=Path)
    print(write(asked.parse_args().folder))
