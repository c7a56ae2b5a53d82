"""Fit the simulated markets with PyMC-Marketing, as its own documentation does. Run with that environment's Python.

    benchmarks/peers/.venv-pymc-marketing/bin/python benchmarks/peers/run_pymc_marketing.py FOLDER [--setup hill]

FOLDER holds `market_01.csv` and so on; what is found goes to `FOLDER/pymc_marketing/SETUP/market_01.json`: posterior
mean and quantiles of each channel's total contribution and ROI in original units, divergences, R-hat, effective sample
size, seconds of the clock, and seconds of the processor, which other work on the machine lengthens less. A market that
is there already is not fitted again, so a run that was cut off goes on; one that fails is written down as failed, with
what was said.

Setups. `hill`: HillSaturation, its S-capable curve, with default priors. `logistic`: LogisticSaturation with default
priors, the model of its README. `logistic-shares`: the same with the priors of its quickstart notebook, where the
size of a channel's effect is expected to follow its share of spend. All: GeometricAdstock(l_max=8) and
yearly_seasonality=2 as in README and quickstart, price and trend as controls (brought to mean 0 and standard deviation
1, which helps its sampler), its own scaling of spend and response, NumPyro's NUTS, 4 chains of 1,000 draws after
1,000 of tuning, target_accept 0.9.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CHAINS, DRAWS, TUNE, TARGET_ACCEPT, SEED = 4, 1_000, 1_000, 0.9, 20261201
LONGEST_LAG, WAVES = 8, 2
SETUPS = ("hill", "logistic", "logistic-shares")
SAMPLERS = ("numpyro", "nutpie")
QUANTILES = (0.05, 0.5, 0.95)
LINES_OF_A_FAILURE = 5


def fitted(source: Path, setup: str, sampler: str) -> dict[str, Any]:
    """Return what the peer finds in one market."""
    started = time.perf_counter()
    import pandas as pd
    from pymc_marketing.mmm import MMM, GeometricAdstock, HillSaturation, LogisticSaturation

    imported, used = time.perf_counter(), time.process_time()
    frame = pd.read_csv(source, parse_dates=["date"])
    channels = [c for c in frame.columns if c.startswith("channel_")]
    controls = frame[["price"]].assign(trend=range(len(frame)))
    frame[["price", "trend"]] = (controls - controls.mean()) / controls.std(ddof=0)
    model = MMM(
        date_column="date", channel_columns=channels, target_column="response", control_columns=["price", "trend"],
        adstock=GeometricAdstock(l_max=LONGEST_LAG), yearly_seasonality=WAVES,
        saturation=HillSaturation() if setup == "hill" else LogisticSaturation(),
        model_config=share_priors(frame[channels]) if setup == "logistic-shares" else None,
    )  # fmt: skip
    x, y = frame.drop(columns="response"), frame["response"]
    model.build_model(x, y)
    model.add_original_scale_contribution_variable(["channel_contribution"])
    model.fit(
        x, y, nuts_sampler=sampler, chains=CHAINS, draws=DRAWS, tune=TUNE, target_accept=TARGET_ACCEPT,
        random_seed=SEED, progressbar=False,
    )  # fmt: skip
    took = {
        "seconds": time.perf_counter() - imported,
        "cpu_seconds": time.process_time() - used,
        "seconds_to_import": imported - started,
    }
    return summary(model.idata, frame[channels]) | took | {"sampler": sampler}


def share_priors(spend: Any) -> dict[str, Any]:
    """Return the priors of the peer's quickstart notebook."""
    from pymc_extras.prior import Prior

    share = (spend.sum() / spend.sum().sum()).to_numpy()
    return {
        "intercept": Prior("Normal", mu=0.5, sigma=0.2),
        "saturation_beta": Prior("HalfNormal", sigma=len(share) * share, dims="channel"),
        "gamma_control": Prior("Normal", mu=0, sigma=0.05, dims="control"),
        "gamma_fourier": Prior("Laplace", mu=0, b=0.2, dims="fourier_mode"),
        "likelihood": Prior("Normal", sigma=Prior("HalfNormal", sigma=6), dims="date"),
    }


def summary(inference: Any, spend: Any) -> dict[str, Any]:
    """Return totals and ROI by channel, in the units of the data, and how the sampling went."""
    import arviz as az
    import numpy as np

    posterior = inference["posterior"].to_dataset()
    total = posterior["channel_contribution_original_scale"].sum("date")
    total = total.sel(channel=list(spend.columns)).stack(sample=("chain", "draw"))
    draws = total.transpose("sample", "channel").to_numpy()
    free = posterior[[v for v in posterior.data_vars if "date" not in posterior[v].dims]]
    worst, least = az.rhat(free), az.ess(free)
    spent = spend.sum().to_numpy()
    quantiles = np.quantile(draws, QUANTILES, axis=0)
    return {
        "channels": list(spend.columns),
        "contribution_mean": draws.mean(axis=0).tolist(),
        "roi_mean": (draws.mean(axis=0) / spent).tolist(),
        "quantiles": list(QUANTILES),
        "contribution_quantiles": quantiles.tolist(),
        "roi_quantiles": (quantiles / spent).tolist(),
        "divergences": int(inference["sample_stats"]["diverging"].sum()),
        "worst_rhat": max(float(worst[v].max()) for v in worst.data_vars),
        "least_ess": min(float(least[v].min()) for v in least.data_vars),
        "chains": CHAINS,
        "draws": DRAWS,
        "tune": TUNE,
    }


def one(source: Path, target: Path, setup: str) -> None:
    """Fit one market with the first sampler that works, and write what is found."""
    found: dict[str, Any] = {}
    data = digest(source)
    for sampler in SAMPLERS:
        command = [sys.executable, __file__, str(source), "--setup", setup, "--sampler", sampler]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        if done.returncode == 0:
            found = json.loads(done.stdout.splitlines()[-1])
            break
        found = {"failed": "\n".join(done.stderr.splitlines()[-LINES_OF_A_FAILURE:]), "sampler": sampler}
    found |= {"market": source.stem, "setup": setup, "data_sha256": data}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1), encoding="utf-8")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, by which a result is known to be of these data."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_done(source: Path, target: Path) -> bool:
    """Return whether this market, as it is now, was fitted before."""
    return target.exists() and json.loads(target.read_text(encoding="utf-8"))["data_sha256"] == digest(source)


def main() -> int:
    """Fit every market of a folder, each in a process of its own; or, given a sampler, the one market of a file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=Path, help="the folder of markets")
    parser.add_argument("--setup", choices=SETUPS, default="hill")
    parser.add_argument("--markets", type=int, help="only the first so many")
    parser.add_argument(
        "--sampler", choices=SAMPLERS, help="fit the one market of this file and print what is found"
    )
    asked = parser.parse_args()
    if asked.sampler:
        print(json.dumps(fitted(asked.source, asked.setup, asked.sampler)))
        return 0
    for source in sorted(asked.source.glob("market_*.csv"))[: asked.markets]:
        target = asked.source / "pymc_marketing" / asked.setup / f"{source.stem}.json"
        if not is_done(source, target):
            one(source, target, asked.setup)
        print(f"{asked.setup}, {source.stem}: done", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
