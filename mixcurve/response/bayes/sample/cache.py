"""Where compiled code is kept between runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["jax_cache", "user_cache"]


def user_cache() -> Path:
    """Return mixcurve's folder for what can be made again.

    ``MIXCURVE_CACHE`` where set, else ``mixcurve`` in ``XDG_CACHE_HOME``, else in the system's own place for caches.
    """
    own = os.environ.get("MIXCURVE_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "mixcurve"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "mixcurve"
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "mixcurve"


@contextmanager
def jax_cache() -> Iterator[None]:
    """Let JAX keep what it compiles here in mixcurve's cache, unless it has a place already; undone afterwards."""
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    if jax.config.jax_compilation_cache_dir:
        yield
        return
    compilation_cache.reset_cache()  # JAX looks once in a process whether there is a cache
    jax.config.update("jax_compilation_cache_dir", str(user_cache() / "jax"))
    try:
        yield
    finally:
        jax.config.update("jax_compilation_cache_dir", None)
        compilation_cache.reset_cache()
