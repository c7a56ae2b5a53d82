"""Do the forecasts of a mix keep their word? Half a year held out of simulated markets, beside naive forecasts.

    python benchmarks/validate_forecast.py [--markets N]

Markets of 182 weeks and 5 to 7 channels, Hill curves with geometric carryover, price as a control, noise of 5% of the
response; the last 26 weeks are forecast from the first 156 with the spend that was spent. Coverage is over markets,
with its standard error: weeks of one market miss together.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

import mixcurve as mc

PERIODS, HORIZON, FIRST_SEED, LEVEL = 182, 26, 900, 0.9


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--markets", type=int, default=30)
    parser.add_argument("--peers", action="store_true", help="the naive forecasts are always shown")
    markets = parser.parse_args().markets
    tables = []
    for i in range(markets):
        market = mc.simulate_market(
            5 + i % 3,
            periods=PERIODS,
            zero_weeks=0.2,
            correlation=0.3,
            price=-0.5,
            noise=0.05,
            seed=FIRST_SEED + i,
        )
        tables.append(mc.holdout_mix(market.table, horizon=HORIZON, level=LEVEL).table)
    names = list(tables[0].columns)
    print(
        "| forecast | median WAPE | median MASE | median CRPS over mean | 90% interval covers |\n|---|---|---|---|---|"
    )
    for row in tables[0].index:
        values = {name: np.array([t.loc[row, name] for t in tables], dtype=float) for name in names}
        cover = values[next(n for n in names if "cover" in n)]
        error = cover.std(ddof=1) / np.sqrt(markets)
        wape, mase, crps = (np.median(values[n]) for n in ("WAPE", "MASE", "CRPS"))
        print(f"| {row} | {wape:.1%} | {mase:.2f} | {crps:.1%} | {cover.mean():.1%} ± {error:.1%} |")
    better = np.mean([t["WAPE"].iloc[0] <= t["WAPE"].iloc[1:].min() for t in tables])
    print(f"\nThe model misses by less than both naive forecasts in {better:.0%} of {markets} markets.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
