"""Fit the simulated markets with Meridian, as its own documentation does. Run with that environment's Python.

    benchmarks/peers/.venv-meridian/bin/python benchmarks/peers/run_meridian.py FOLDER [--setup roi]

FOLDER holds `market_01.csv` and so on; what is found goes to `FOLDER/meridian/SETUP/market_01.json`: posterior mean and
quantiles of each channel's ROI and total contribution, divergences, R-hat, effective sample sizes, seconds of the clock
and of the processor. A market that is there already is not fitted again, so a run that was cut off goes on; one that
fails is written down as failed, with what was said.

Setups. `roi`: the response counts as revenue, with the default prior of each channel's ROI, LogNormal(0.2, 0.9).
`share`: the response counts as units without a price, for which Meridian replaces that prior by one on the contribution
of all media, 40% of the response with a standard deviation of 20%. Both leave the knots of the baseline to Meridian
(`enable_aks=True`, as in its notebook), which takes 8 to 69 of them on these markets. `share-quarters`: as `share`,
with a knot a quarter. The default for national data is a single knot, which has neither trend nor season.

All: spend as media, price as control, `max_lag=8`, its Hill curve, whose slope is fixed at 1 by default, its default
backend. 4 chains of 500 draws after 1,000 of adaptation, without its `n_burnin`, which its documentation calls
dispensable: fewer than its notebook's 10 chains of 1,000, which would take hours for 20 markets on two cores.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from run_pymc_marketing import LINES_OF_A_FAILURE, QUANTILES, digest, is_done
from sampling_figures import Clock, diagnosis

CHAINS, DRAWS, ADAPT, BURN_IN, SEED = 4, 500, 1_000, 0, 20261201
LONGEST_LAG = 8
SETUPS = ("roi", "share", "share-quarters")
WEEKS_A_QUARTER = 13
SAMPLED = (
    "knot_values", "sigma", "alpha_m", "ec_m", "slope_m", "roi_m", "gamma_c", "alpha_om", "ec_om", "slope_om",
    "contribution_om", "contribution_n",
)  # fmt: skip
"""What Meridian's sampler moves in a national model; what is fixed there is left out by `diagnosis`."""


def input_data(frame: Any, setup: str) -> Any:
    """Return a market as Meridian takes it."""
    from meridian.data.data_frame_input_data_builder import DataFrameInputDataBuilder

    channels = [c for c in frame.columns if c.startswith("channel_")]
    builder = DataFrameInputDataBuilder(
        kpi_type="revenue" if setup == "roi" else "non_revenue", default_kpi_column="response",
        default_time_column="date", default_media_time_column="date",
    )  # fmt: skip
    builder = builder.with_kpi(frame).with_controls(frame, control_cols=["price"])
    return builder.with_media(
        frame, media_cols=channels, media_spend_cols=channels, media_channels=channels
    ).build()


def knots(setup: str, weeks: int) -> dict[str, Any]:
    """Return what the baseline is asked to be: knots of Meridian's choice, or one at either end of each quarter."""
    return {"knots": weeks // WEEKS_A_QUARTER + 1} if setup == "share-quarters" else {"enable_aks": True}


def fitted(source: Path, setup: str) -> dict[str, Any]:
    """Return what the peer finds in one market."""
    importing = Clock()
    import pandas as pd
    from meridian.model import model, spec

    imported, clock = importing.read()["seconds"], Clock()
    frame = pd.read_csv(source)
    market = model.Meridian(
        input_data=input_data(frame, setup),
        model_spec=spec.ModelSpec(max_lag=LONGEST_LAG, **knots(setup, len(frame))),
    )
    market.sample_posterior(n_chains=CHAINS, n_adapt=ADAPT, n_burnin=BURN_IN, n_keep=DRAWS, seed=SEED)
    took = clock.read() | {"seconds_to_import": imported}
    found = market.inference_data
    went = diagnosis(found.posterior, SAMPLED, found.sample_stats["diverging"])
    return summary(found.posterior["roi_m"], frame) | went | took | {"knots": int(market.knot_info.n_knots)}


def summary(roi: Any, frame: Any) -> dict[str, Any]:
    """Return ROI and totals by channel, in the units of the data."""
    import numpy as np

    channels = [str(name) for name in roi["media_channel"].values]
    draws = roi.stack(sample=("chain", "draw")).transpose("sample", "media_channel").to_numpy()
    spent, quantiles = frame[channels].sum().to_numpy(), np.quantile(draws, QUANTILES, axis=0)
    return {
        "channels": channels,
        "contribution_mean": (draws.mean(axis=0) * spent).tolist(),
        "roi_mean": draws.mean(axis=0).tolist(),
        "quantiles": list(QUANTILES),
        "contribution_quantiles": (quantiles * spent).tolist(),
        "roi_quantiles": quantiles.tolist(),
        "adapt": ADAPT,
    }


def one(source: Path, target: Path, setup: str) -> None:
    """Fit one market in a process of its own, and write what is found."""
    data = digest(source)
    command = [sys.executable, __file__, str(source), "--setup", setup, "--alone"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode == 0:
        found = json.loads(done.stdout.splitlines()[-1])
    else:
        found = {"failed": "\n".join(done.stderr.splitlines()[-LINES_OF_A_FAILURE:])}
    found |= {"market": source.stem, "setup": setup, "data_sha256": data}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1), encoding="utf-8")


def main() -> int:
    """Fit every market of a folder; or, with --alone, the one market of a file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=Path, help="the folder of markets")
    parser.add_argument("--setup", choices=SETUPS, default="roi")
    parser.add_argument("--markets", type=int, help="only the first so many")
    parser.add_argument(
        "--alone", action="store_true", help="fit the one market of this file and print what is found"
    )
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(fitted(asked.source, asked.setup)))
        return 0
    for source in sorted(asked.source.glob("market_*.csv"))[: asked.markets]:
        target = asked.source / "meridian" / asked.setup / f"{source.stem}.json"
        if not is_done(source, target):
            one(source, target, asked.setup)
        print(f"{asked.setup}, {source.stem}: done", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
