"""A posterior in one file: its draws as ArviZ reads them, everything else as JSON beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

from mixcurve.foundations.draws import TREES, load_tree, save_tree
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result, from_plain, to_plain

__all__ = ["Posterior", "load_posterior"]

REST = "mixcurve"
"""The attribute of the tree that holds everything but the draws."""


class Posterior(Result):
    """A result known by draws: how they leave it for a tree, and come back."""

    @property
    def inference(self) -> Any:
        """The draws as an `xarray.DataTree` that ArviZ reads."""
        raise NotImplementedError

    def without_draws(self) -> Self:
        """Return the result with what the tree holds left empty."""
        raise NotImplementedError

    def with_draws(self, tree: Any) -> Self:
        """Return the result with what the tree holds put back."""
        raise NotImplementedError

    def save(self, path: str | Path) -> Path:
        """Write the posterior, whole or not at all: a ``.nc`` file or a ``.zarr`` folder; `load_posterior` reads both.

        With another ending it is written as JSON, which `mixcurve.foundations.results.load_result` reads.
        """
        if Path(path).suffix not in TREES:
            return super().save(path)
        tree = self.inference
        tree.attrs[REST] = json.dumps(to_plain(self.without_draws()), ensure_ascii=False, allow_nan=False)
        return save_tree(tree, path)


def load_posterior(path: str | Path) -> Any:
    """Read a posterior from the ``.nc`` file or ``.zarr`` folder that its ``save`` wrote; nothing in it is run.

    Raises
    ------
    InputError
        If there is no such file, or it holds no posterior of mixcurve.
    """
    tree = load_tree(path)
    if REST not in tree.attrs:
        raise InputError(f"{path} holds draws, but no posterior of mixcurve. Open it with ArviZ or xarray.")
    bare = from_plain(json.loads(tree.attrs[REST]))
    if not isinstance(bare, Posterior):
        raise InputError(f"{path} holds a {type(bare).__name__}, not a posterior.")
    return bare.with_draws(tree)
