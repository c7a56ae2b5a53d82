"""Time how Meridian samples a national market. Run with the Python of its own environment.

    run_meridian_sampling.py NATIONAL.csv [--chains 10 --adapt 1000 --burn-in 500 --draws 1000]

The table has the columns of Meridian's national example (see `national_market.py`). The model is that of its
`Meridian_Getting_Started` notebook, without geos: conversions with a revenue each, LogNormal(0.2, 0.9) as the prior
of each channel's ROI, sentiment and competitor sales as controls, an organic channel, a promotion, and knots by
`enable_aks=True`. The numbers are the notebook's unless others are asked: 10 chains, 1,000 draws of adaptation, 500 of
burn-in, 1,000 kept.

Meridian's curve is Hill with the slope fixed at 1, its default and that of the notebook: a concave curve, with a
parameter less per channel to sample than a Hill curve that may be S-shaped. `--free-slope` gives the slope a prior,
LogNormal(0.7, 0.4), the one that Meridian has for channels with reach and frequency.

Prints JSON: what `sampling_figures.diagnosis` says of the parameters that it samples, and the seconds, of the clock and
of the processor, from after the imports to the end of `sample_posterior`. Drawing from the prior, which the notebook
does first, is left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from run_meridian import SAMPLED
from sampling_figures import Clock, diagnosis

CHAINS, ADAPT, BURN_IN, DRAWS = 10, 1_000, 500, 1_000
ROI_PRIOR, SLOPE_PRIOR = (0.2, 0.9), (0.7, 0.4)
CHANNELS = tuple(f"Channel{i}" for i in range(5))


def input_data(frame: Any) -> Any:
    """Return the table as the notebook hands it over."""
    from meridian.data.data_frame_input_data_builder import DataFrameInputDataBuilder

    builder = DataFrameInputDataBuilder(
        kpi_type="non_revenue", default_kpi_column="conversions",
        default_revenue_per_kpi_column="revenue_per_conversion",
    )  # fmt: skip
    builder = builder.with_kpi(frame).with_revenue_per_kpi(frame)
    builder = builder.with_controls(
        frame, control_cols=["sentiment_score_control", "competitor_sales_control"]
    )
    builder = builder.with_media(
        frame, media_cols=[f"{name}_impression" for name in CHANNELS],
        media_spend_cols=[f"{name}_spend" for name in CHANNELS], media_channels=list(CHANNELS),
    )  # fmt: skip
    builder = builder.with_non_media_treatments(frame, non_media_treatment_cols=["Promo"])
    return builder.with_organic_media(
        frame, organic_media_cols=["Organic_channel0_impression"], organic_media_channels=["Organic_channel0"]
    ).build()


def priors(free_slope: bool) -> Any:
    """Return the notebook's prior, with that of the slope where it is asked to be free."""
    import numpy as np
    import tensorflow_probability.substrates.jax as tfp
    from meridian import constants
    from meridian.model.prior_distribution import PriorDistribution

    lognormal = tfp.distributions.LogNormal
    said = {"roi_m": lognormal(*map(np.float64, ROI_PRIOR), name=constants.ROI_M)}
    if free_slope:
        said["slope_m"] = lognormal(*map(np.float64, SLOPE_PRIOR), name=constants.SLOPE_M)
    return PriorDistribution(**said)


def sampled(asked: argparse.Namespace) -> dict[str, Any]:
    """Return how the sampling of the table went."""
    importing = Clock()
    import pandas as pd
    from meridian.model import model, spec

    imported, clock = importing.read()["seconds"], Clock()
    frame = pd.read_csv(asked.source)
    said = spec.ModelSpec(prior=priors(asked.free_slope), enable_aks=True)
    market = model.Meridian(input_data=input_data(frame), model_spec=said)
    market.sample_posterior(
        n_chains=asked.chains,
        n_adapt=asked.adapt,
        n_burnin=asked.burn_in,
        n_keep=asked.draws,
        seed=asked.seed,
    )
    took = clock.read() | {"seconds_to_import": imported}
    found = market.inference_data
    went = diagnosis(found.posterior, SAMPLED, found.sample_stats["diverging"])
    return went | took | {"knots": int(market.knot_info.n_knots), "seed": asked.seed}


def main() -> int:
    """Sample one table and print how it went."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", type=Path, help="a table with the columns of Meridian's national example")
    parser.add_argument("--chains", type=int, default=CHAINS)
    parser.add_argument("--adapt", type=int, default=ADAPT)
    parser.add_argument("--burn-in", type=int, default=BURN_IN)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--free-slope", action="store_true", help="let the curve be S-shaped")
    print(json.dumps(sampled(parser.parse_args())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
