"""Time how PyMC-Marketing samples Hill curves with geometric adstock. Run with that environment's Python.

    run_pymc_marketing_sampling.py SOURCE.csv --date date_week --response y --channels x1 x2 --controls event_1 t

The model is that of its quickstart with `HillSaturation` in the place of `LogisticSaturation`:
GeometricAdstock(l_max=8), yearly_seasonality=2, its own scaling. Two setups. `default`: its default priors, controls
brought to mean 0 and standard deviation 1, which helps its sampler. `quickstart`: the priors of its quickstart
notebook, controls as they are. Samplers: `pymc`, its default; `nutpie`; `numpyro`. Each may use all cores: PyMC takes
half of them unless told, NumPyro one unless it is given a device per chain. 4 chains of 1,000 draws after 1,000 of
tuning, at `target_accept=0.8`, its default, unless another is asked: its notebooks set 0.85 or 0.9.

Prints JSON: what `sampling_figures.diagnosis` says of the model's free variables, and the seconds, of the clock and of
the processor, from after the imports to the end of `fit`: building, compiling, tuning and drawing. The seconds to
import, the sampler's own package included, stand apart.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from run_pymc_marketing import LONGEST_LAG, WAVES, share_priors
from sampling_figures import Clock, diagnosis

CHAINS, DRAWS, TUNE, TARGET_ACCEPT = 4, 1_000, 1_000, 0.8
SAMPLERS = {"pymc": "pymc", "nutpie": "nutpie", "numpyro": "numpyro"}
"""Each sampler and the package that it needs."""
SETUPS = ("default", "quickstart")


def model_of(frame: Any, asked: argparse.Namespace) -> Any:
    """Return the peer's model, not yet built."""
    from pymc_marketing.mmm import MMM, GeometricAdstock, HillSaturation

    return MMM(
        date_column=asked.date, channel_columns=asked.channels, target_column=asked.response,
        control_columns=asked.controls or None, adstock=GeometricAdstock(l_max=LONGEST_LAG),
        saturation=HillSaturation(), yearly_seasonality=WAVES,
        model_config=share_priors(frame[asked.channels]) if asked.setup == "quickstart" else None,
    )  # fmt: skip


def sampled(asked: argparse.Namespace) -> dict[str, Any]:
    """Return how the sampling of one table went."""
    if asked.sampler == "numpyro":
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_force_host_platform_device_count={asked.devices}"
    importing = Clock()
    import pandas as pd
    import pymc_marketing.mmm  # noqa: F401  counted here, not in the sampling

    importlib.import_module(SAMPLERS[asked.sampler])
    imported, clock = importing.read()["seconds"], Clock()
    frame = pd.read_csv(asked.source, parse_dates=[asked.date])
    if asked.controls and asked.setup == "default":
        controls = frame[asked.controls].astype(float)
        frame[asked.controls] = (controls - controls.mean()) / controls.std(ddof=0)
    model = model_of(frame, asked)
    model.fit(
        frame.drop(columns=asked.response), frame[asked.response], nuts_sampler=asked.sampler, chains=CHAINS,
        cores=os.cpu_count(), draws=DRAWS, tune=TUNE, target_accept=asked.target_accept, random_seed=asked.seed,
        progressbar=False,
    )  # fmt: skip
    took = clock.read() | {"seconds_to_import": imported}
    names = [variable.name for variable in model.model.free_RVs]
    went = diagnosis(
        model.idata["posterior"].to_dataset(), names, model.idata["sample_stats"].to_dataset()["diverging"]
    )
    return went | took | {"sampler": asked.sampler, "setup": asked.setup, "seed": asked.seed}


def main() -> int:
    """Sample one table and print how it went."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=Path, help="a table in CSV, a row per week")
    parser.add_argument("--date", default="date_week")
    parser.add_argument("--response", default="y")
    parser.add_argument("--channels", nargs="+", default=["x1", "x2"])
    parser.add_argument("--controls", nargs="*", default=["event_1", "event_2", "t"])
    parser.add_argument("--sampler", choices=SAMPLERS, default="numpyro")
    parser.add_argument("--setup", choices=SETUPS, default="default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target-accept", type=float, default=TARGET_ACCEPT)
    parser.add_argument("--devices", type=int, default=CHAINS, help="of NumPyro; fewer than chains: in turn")
    print(json.dumps(sampled(parser.parse_args())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
