"""Where the data are that mixcurve ships: in ``data/`` of a checkout, or beside an installed wheel."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError

__all__ = ["INSTALLED_FOLDER", "SHIPPED", "shipped_path"]

MARKETS = ("demo_market", "markt_de", "two_regions")
SHIPPED = tuple(name for market in MARKETS for name in (f"{market}.csv", f"{market}_truth.json"))
"""The files: each market as a spend table, and the truth that made it."""
INSTALLED_FOLDER = "share/mixcurve/data"
"""Where a wheel puts them, below the root of the environment; pyproject.toml says the same."""


def shipped_path(name: str) -> Path:
    """Return the path of a shipped file.

    Parameters
    ----------
    name
        One of `SHIPPED`.

    Raises
    ------
    InputError
        If no shipped file has this name, or the installation left it out.

    Examples
    --------
    >>> shipped_path("demo_market.csv").name
    'demo_market.csv'
    """
    known_name("shipped file", name, SHIPPED)
    beside = Path(__file__).resolve().parents[2] / "data" / name
    if beside.is_file():
        return beside
    try:
        listed = files("mixcurve") or []
    except PackageNotFoundError:
        listed = []
    for entry in listed:
        if entry.as_posix().endswith(f"{INSTALLED_FOLDER}/{name}"):
            return Path(str(entry.locate())).resolve()
    raise InputError(
        f"The shipped file '{name}' is neither in {beside.parent} nor in the installed package. Install mixcurve again."
    )
