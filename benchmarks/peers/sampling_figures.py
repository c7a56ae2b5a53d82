"""What every sampler is asked: how long it took, and how many independent draws its posterior is worth.

Imported by the scripts that run in the peers' own environments, so it needs nothing but ArviZ, of any version: the
rank-normalised R-hat and the bulk and tail ESS of Vehtari et al. (2021) are the same in all of them.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Sequence
from typing import Any

WORST_OF: dict[str, dict[str, Any]] = {
    "least_bulk_ess": {"method": "bulk"},
    "least_tail_ess": {"method": "tail", "prob": (0.05, 0.95)},
}
"""The quantiles of the tail are those of Vehtari et al. and of our gates; ArviZ's own differ between its versions."""


class Clock:
    """Seconds of the wall and of the processor, of this process and of those it started and saw end."""

    def __init__(self) -> None:
        self._wall, self._used = time.perf_counter(), _processor()

    def read(self) -> dict[str, float]:
        """Return the seconds since the clock was made, and the peak memory of this process since it began."""
        return {
            "seconds": time.perf_counter() - self._wall,
            "cpu_seconds": _processor() - self._used,
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def _processor() -> float:
    return sum(os.times()[:4])


def diagnosis(posterior: Any, names: Sequence[str], diverging: Any) -> dict[str, Any]:
    """Return the worst figures over the parameters that were sampled, and which parameter has them.

    Parameters
    ----------
    posterior
        An xarray dataset with dimensions ``chain`` and ``draw``.
    names
        The parameters that the sampler moves: what is computed from them is left out.
    diverging
        A flag per chain and draw.
    """
    import arviz as az

    free = posterior[[name for name in names if name in posterior and _moves(posterior[name])]]
    found: dict[str, Any] = {}
    for label, words in WORST_OF.items():
        sizes = {name: float(values.min()) for name, values in az.ess(free, **words).data_vars.items()}
        least = min(sizes, key=lambda name: sizes[name])
        found |= {label: sizes[least], f"{label}_of": str(least)}
    ratios = {name: float(values.max()) for name, values in az.rhat(free).data_vars.items()}
    return found | {
        "worst_rhat": max(ratios.values()),
        "divergences": int(diverging.sum()),
        "parameters": int(sum(free[name].isel(chain=0, draw=0).size for name in free.data_vars)),
        "chains": int(posterior.sizes["chain"]),
        "draws": int(posterior.sizes["draw"]),
    }


def _moves(values: Any) -> bool:
    return bool((values.std(("chain", "draw")) > 0).all())
