"""The options that every command has."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from mixcurve.cli.console import Console

__all__ = ["speaking"]


def speaking(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command ``--json`` and ``--quiet``, and hand it the `Console` that follows from them."""

    @click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="Print one JSON document, and nothing else, to standard output.",
    )
    @click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
    @wraps(function)
    def command(as_json: bool, quiet: bool, **arguments: Any) -> None:
        root = click.get_current_context().find_root()
        silent = quiet or bool(root.params.get("quiet"))
        function(console=Console(json=as_json, quiet=silent), **arguments)

    return command
