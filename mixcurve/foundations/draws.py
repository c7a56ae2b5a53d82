"""Trees of draws in a file: NetCDF or zarr, written whole or not at all, read without running code."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixcurve.foundations.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["TREES", "load_tree", "save_tree"]

NETCDF, ZARR = ".nc", ".zarr"
TREES = (NETCDF, ZARR)
"""Endings of files that hold a tree."""
PLAIN = "biufMmUST"
"""NumPy's kinds of what is written: truth, numbers, dates, text. An object would have to be pickled."""
CODECS = frozenset({"blosc", "bytes", "crc32c", "gzip", "sharding_indexed", "transpose", "vlen-utf8", "zstd"})
"""What a zarr store may be decoded with: the core codecs of zarr 3, none of which runs what it reads."""


def save_tree(tree: xr.DataTree, path: str | Path) -> Path:
    """Write a tree of draws, such as `MixPosterior.inference`, and return its path.

    Parameters
    ----------
    tree
        Groups of variables: numbers, dates and text, no other objects.
    path
        Ends in ``.nc`` (NetCDF 4, one file) or ``.zarr`` (a folder). ArviZ, xarray and any NetCDF reader open it.
        What was there before is replaced only once the new one is complete.

    Raises
    ------
    InputError
        If the ending is another one, or a variable holds objects.

    Examples
    --------
    >>> import tempfile, xarray as xr
    >>> tree = xr.DataTree.from_dict({"posterior": xr.Dataset({"roi": (("chain", "draw"), [[1.5, 1.7]])})})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load_tree(save_tree(tree, f"{folder}/draws.zarr"))["posterior"]["roi"].values.tolist()
    [[1.5, 1.7]]
    """
    target = _known(path)
    _only_plain(tree)
    target.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        new = workshop / f"new{target.suffix}"
        if target.suffix == NETCDF:
            tree.to_netcdf(new, engine="h5netcdf")
        else:
            tree.to_zarr(new, zarr_format=3, consolidated=False)
        if target.is_dir():
            os.replace(target, workshop / "former")  # a folder cannot be written over
        os.replace(new, target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return target


def load_tree(path: str | Path) -> xr.DataTree:
    """Read what `save_tree` wrote, into memory; nothing in the file is run.

    Raises
    ------
    InputError
        If there is no such file, it is of another kind, or a zarr store asks for a codec beyond the core ones.
    """
    import xarray as xr

    source = _known(path)
    if not source.exists():
        raise InputError(f"There is no {source}. Give the path of a posterior that was saved.")
    try:
        if source.suffix == NETCDF:
            with xr.open_datatree(source, engine="h5netcdf") as tree:
                return tree.load()
        _only_core_codecs(source)
        with xr.open_datatree(source, engine="zarr", zarr_format=3, consolidated=False) as tree:
            return tree.load()
    except (OSError, KeyError, json.JSONDecodeError) as error:
        raise InputError(
            f"{source} cannot be read as a posterior: {error}. It may be damaged or of another kind; save it again."
        ) from None


def _known(path: str | Path) -> Path:
    target = Path(path)
    if target.suffix not in TREES:
        raise InputError(f"path must end in {NETCDF} or {ZARR}, got {str(path)!r}.")
    return target


def _only_plain(tree: Any) -> None:
    for node in tree.subtree:
        for name, variable in node.to_dataset().variables.items():
            if variable.dtype.kind not in PLAIN:
                raise InputError(
                    f"'{name}' in {node.path} holds {variable.dtype} values, which only pickling could save. "
                    "Turn it into numbers, dates or text, or leave it out."
                )


def _only_core_codecs(store: Path) -> None:
    for found in store.rglob("zarr.json"):
        for name in _codecs(json.loads(found.read_text())):
            if name not in CODECS:
                raise InputError(
                    f"{found} asks for the codec {name!r}, which is none of zarr's core codecs. "
                    "Read only posteriors that mixcurve saved."
                )


def _codecs(value: Any) -> Iterator[str]:
    """Yield the name of every codec in a store's description, wherever it stands."""
    if isinstance(value, dict):
        for key, inside in value.items():
            if key.endswith("codecs") and isinstance(inside, list):
                yield from (str(c.get("name")) if isinstance(c, dict) else str(c) for c in inside)
            yield from _codecs(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _codecs(inside)
