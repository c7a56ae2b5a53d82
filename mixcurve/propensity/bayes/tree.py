"""The draws as an xarray tree that ArviZ reads: coefficients, spreads, deviations, positions, statistics."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixcurve.propensity.bayes.posterior import PropensityPosterior

__all__ = ["inference_tree"]


def inference_tree(posterior: PropensityPosterior) -> Any:
    """Return the tree (`xarray.DataTree`) of a posterior.

    ``coefficient`` is β of the features as given; ``spread`` (s) and ``deviation`` (v, by group) are of scaled ones, as
    are ``position`` and its parts.
    """
    import xarray as xr

    chains, draws, _ = posterior.positions.shape
    q, k = len(posterior.names), len(posterior.varying)
    names = [posterior.names[j] for j in posterior.varying]
    along = ("chain", "draw")
    coords = {"chain": np.arange(chains), "draw": np.arange(draws)}
    v = posterior.positions[..., q + k :].reshape(chains, draws, -1, max(k, 1))
    figures: dict[str, Any] = {
        "coefficient": ((*along, "feature"), posterior.coefficients().reshape(chains, draws, q)),
        "position": ((*along, "coordinate"), np.array(posterior.positions)),
    }
    if k:
        figures["spread"] = ((*along, "varying"), np.exp(posterior.positions[..., q : q + k]))
        figures["deviation"] = ((*along, "group", "varying"), np.array(v))
    named = coords | {"feature": list(posterior.names)}
    if k:
        named |= {"varying": names, "group": list(posterior.groups)}
    statistics = {name: (along, np.array(value)) for name, value in posterior.statistics.items()}
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(figures, coords=named),
            "sample_stats": xr.Dataset(statistics, coords=coords),
        }
    )
