"""A posterior in a NetCDF file or a zarr folder: its draws as ArviZ reads them, everything else as JSON beside them."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import from_plain, to_plain
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.bayes.sample import store

__all__ = ["load_posterior", "save_posterior"]

REST = "mixcurve"
"""The attribute of the tree that holds everything but the draws."""


def save_posterior(posterior: MixPosterior, path: Path) -> Path:
    """Write a posterior whole or not at all, and return its path."""
    tree = posterior.inference
    bare = replace(posterior, **_without_draws(posterior))
    tree.attrs[REST] = json.dumps(to_plain(bare), ensure_ascii=False, allow_nan=False)
    return store.save_posterior(tree, path)


def load_posterior(path: str | Path) -> MixPosterior:
    """Read what `MixPosterior.save` wrote to a ``.nc`` file or a ``.zarr`` folder; nothing in it is run.

    Raises
    ------
    InputError
        If there is no such file, or it holds no posterior of mixcurve.
    """
    tree = store.load_posterior(path)
    if REST not in tree.attrs:
        raise InputError(f"{path} holds draws, but no posterior of mixcurve. Open it with ArviZ or xarray.")
    bare = from_plain(json.loads(tree.attrs[REST]))
    if not isinstance(bare, MixPosterior):
        raise InputError(f"{path} holds a {type(bare).__name__}, not a posterior of a mix.")
    draws = tree["posterior"].to_dataset()
    statistics = tree["sample_stats"].to_dataset()
    return replace(
        bare,
        positions=draws["position"].to_numpy(),
        variables={str(k): v.to_numpy() for k, v in draws.data_vars.items() if k != "position"},
        statistics=bare.statistics | {str(k): v.to_numpy() for k, v in statistics.data_vars.items()},
        log_likelihood=tree["log_likelihood"]["response"].to_numpy(),
    )


def _without_draws(posterior: MixPosterior) -> dict[str, Any]:
    """Return the fields that the tree holds, emptied."""
    kept = {f.name for f in fields(posterior)}
    shape = posterior.positions.shape[:2]
    rest = {k: v for k, v in posterior.statistics.items() if v.shape != shape}
    empty = {"positions": np.empty((0, 0, 0)), "log_likelihood": np.empty((0, 0, 0)), "variables": {}}
    return {k: v for k, v in (empty | {"statistics": rest}).items() if k in kept}
