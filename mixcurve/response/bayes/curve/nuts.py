"""No-U-turn sampling of campaigns by nutpie, without a matrix over all campaigns."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.curve.centring import CentredModel, centred, from_pilot
from mixcurve.response.bayes.curve.model import CampaignModel
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.vectors.run import Density

__all__ = ["sample_campaigns"]

FloatArray = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]

PILOT_TUNE, PILOT_DRAWS = 200, 150
"""Of each chain of the pilot run, whose draws give the coordinates of the main run."""
START_WIDTH = 1.0
"""Chains start uniformly within so many standard deviations of the centre, on each coordinate."""
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


def sample_campaigns(
    model: CampaignModel,
    *,
    chains: int = 4,
    draws: int = 1000,
    tune: int = 500,
    seed: int = 0,
    target_accept: float = 0.95,
    progress: Progress | None = None,
) -> Sampled:
    """Return draws of a model's positions, made in the coordinates of `centred`.

    Source: Seyboldt, Carlson and Carpenter (2026), nutpie; Hoffman and Gelman (2014) for the sampler.
    """
    begun = time.perf_counter()
    rng = np.random.default_rng(seed)
    moved = centred(model, rng)
    pilot = _run(moved, chains, PILOT_DRAWS, PILOT_TUNE, rng, target_accept, progress, "adapting")
    if not pilot.stopped:
        moved = from_pilot(moved, pilot.z.reshape(-1, pilot.z.shape[-1]))
    adapted = time.perf_counter()
    run = (
        pilot if pilot.stopped else _run(moved, chains, draws, tune, rng, target_accept, progress, "sampling")
    )
    positions = moved.position(run.z.reshape(-1, run.z.shape[-1])).reshape(run.z.shape)
    seconds = {"adapt": adapted - begun, "sample": time.perf_counter() - adapted}
    return Sampled(positions, "nutpie", seed, run.statistics, seconds=seconds, interrupted=run.stopped)


@dataclass(frozen=True, eq=False)
class _Run:
    """Draws of z (chains × draws × d), statistics by name, and whether the run was stopped early."""

    z: FloatArray
    statistics: dict[str, FloatArray]
    stopped: bool


def _run(
    moved: CentredModel, chains: int, draws: int, tune: int, rng: np.random.Generator, target_accept: float,
    progress: Progress | None, stage: str,
) -> _Run:  # fmt: skip
    import nutpie

    running = nutpie.sample(
        _compiled(moved), draws=draws, tune=tune, chains=chains, cores=chains, seed=int(rng.integers(2**31)),
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
    kept = {
        ours: np.asarray(statistics[name].values)[:, whole]
        for name, ours in KEPT.items()
        if name in statistics
    }
    if progress is not None and not stopped:
        progress(stage, chains * (tune + draws), chains * (tune + draws))
    return _Run(z[:, whole], kept, stopped)


def _compiled(moved: CentredModel) -> Any:
    from nutpie.compiled_pyfunc import from_pyfunc

    program, size = moved.program(), moved.model.space.dimensions

    def make_density() -> Callable[[FloatArray], tuple[float, FloatArray]]:
        density = Density(program)  # each chain runs in a thread of its own and needs memory of its own
        return lambda z: density(np.ascontiguousarray(z))

    return from_pyfunc(
        size, make_density, lambda *_: lambda z: {"z": np.asarray(z)}, [np.dtype("float64")], [(size,)], ["z"],
        make_initial_point_fn=lambda seed: np.random.default_rng(seed).uniform(-START_WIDTH, START_WIDTH, size),
    )  # fmt: skip


def _told(progress: Progress | None, stage: str) -> Callable[[Any], None] | None:
    if progress is None:
        return None

    def tell(chains: Any) -> None:
        progress(stage, sum(c.finished_draws for c in chains), sum(c.total_draws for c in chains))

    return tell
