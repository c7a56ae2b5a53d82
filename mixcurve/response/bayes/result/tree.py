"""The draws as an xarray tree that ArviZ reads: figures in users' units, positions, statistics, log likelihoods."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.result.posterior import MixPosterior

__all__ = ["inference_tree"]

FloatArray = npt.NDArray[np.float64]


def inference_tree(posterior: MixPosterior) -> Any:
    """Return the tree (`xarray.DataTree`) of a posterior."""
    import xarray as xr

    chains, draws, _ = posterior.positions.shape
    rows = len(posterior.dates)
    known = {
        "chain": np.arange(chains), "draw": np.arange(draws), "channel": list(posterior.channels),
        "coordinate": list(posterior.coordinates), "row": np.arange(rows),
    }  # fmt: skip

    def dataset(named: dict[str, tuple[tuple[str, ...], FloatArray]]) -> Any:
        used = {"chain", "draw", *(d for dims, _ in named.values() for d in dims)}
        return xr.Dataset(
            {name: (("chain", "draw", *dims), np.array(v)) for name, (dims, v) in named.items()},
            coords={k: v for k, v in known.items() if k in used},
        )

    figures = {k: (tuple(posterior.variable_dimensions[k]), v) for k, v in posterior.variables.items()}
    observed = xr.Dataset(
        {
            "response": (
                ("row",),
                posterior.contributions.sum(axis=1) + posterior.baseline + posterior.residual,
            )
        },
        coords={"row": known["row"], "date": ("row", posterior.dates.astype("datetime64[ns]"))},
    )
    whole = {k: v for k, v in posterior.statistics.items() if v.shape == (chains, draws)}
    return xr.DataTree.from_dict(
        {
            "posterior": dataset(figures | {"position": (("coordinate",), posterior.positions)}),
            "sample_stats": dataset({k: ((), v) for k, v in whole.items()}),
            "log_likelihood": dataset({"response": (("row",), posterior.log_likelihood)}),
            "observed_data": observed,
        }
    )
