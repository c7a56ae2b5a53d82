"""One run of nutpie, which can be followed and interrupted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.progress import Progress
from mixcurve.foundations.rounds import Run

__all__ = ["run_nutpie"]

FloatArray = npt.NDArray[np.float64]

KEPT = {
    "diverging": "diverging",
    "energy": "energy",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "logp": "lp",
}
"""nutpie's statistics that are kept, and what they are called here."""
TOLD_EVERY = 200
"""Milliseconds between two calls of ``progress``."""


def run_nutpie(
    model: Any, *, chains: int, draws: int, tune: int, target_accept: float, rng: np.random.Generator,
    progress: Progress | None, stage: str,
) -> Run:  # fmt: skip
    """Return draws of the one variable ``z`` of a model compiled for nutpie.

    A KeyboardInterrupt ends the run; what every chain has drawn is kept.

    Source: Seyboldt, Carlson and Carpenter (2026), nutpie; Hoffman and Gelman (2014) for the sampler.

    Raises
    ------
    KeyboardInterrupt
        If the run is interrupted before every chain has a draw.
    """
    import nutpie

    running = nutpie.sample(
        model, draws=draws, tune=tune, chains=chains, cores=chains, seed=int(rng.integers(2**31)),
        progress_bar=False, save_warmup=False, target_accept=target_accept, blocking=False,
        progress_callback=_told(progress, stage), progress_rate=TOLD_EVERY,
    )  # fmt: skip
    stopped = False
    try:
        tree = running.wait()
    except KeyboardInterrupt:
        tree, stopped = running.abort(), True
    z = np.asarray(tree["posterior"]["z"].values, dtype=np.float64)
    whole = np.isfinite(z).all(axis=(0, 2))
    if not whole.any():
        raise KeyboardInterrupt("The run was stopped before every chain had a draw, so nothing can be kept.")
    statistics = tree["sample_stats"]
    kept = {ours: np.asarray(statistics[n].values)[:, whole] for n, ours in KEPT.items() if n in statistics}
    if progress is not None and not stopped:
        progress(stage, chains * (tune + draws), chains * (tune + draws))
    return Run(z[:, whole], kept, stopped)


def _told(progress: Progress | None, stage: str) -> Callable[[Any], None] | None:
    if progress is None:
        return None

    def tell(chains: Any) -> None:
        progress(stage, sum(c.finished_draws for c in chains), sum(c.total_draws for c in chains))

    return tell
