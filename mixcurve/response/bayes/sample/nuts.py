"""No-U-turn sampling by nutpie, in coordinates where the posterior is nearly a standard normal one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import FitError
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.warp import Warp, warp_from_draws
from mixcurve.response.bayes.sample.whiten import Whitening, laplace, modes
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.bayes.vectors.tape import Program

__all__ = ["Progress", "sample_nuts"]

FloatArray = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]

PILOT_TUNE, PILOT_DRAWS = 250, 150
"""Of each chain of the pilot run, whose draws give the coordinates of the main run."""
PILOT_LARGEST = 80
"""With more coordinates the pilot's draws are too few for a covariance; the curvature at the mode serves."""
MOST_ROUNDS = 6
WANTED_ESS, WANTED_RHAT = 500.0, 1.008
"""What a round must reach: the gates' 400 and 1.01 with some room, since both are estimates."""
HIGHEST_ACCEPT = 0.99
"""No round aims at more than about this share of accepted steps."""
TAILS = (0.05, 0.95)
KEPT = {
    "diverging": "diverging",
    "energy": "energy",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "logp": "lp",
}
"""nutpie's statistics that are kept, and what they are called here."""


def sample_nuts(
    model: MixModel,
    *,
    chains: int = 4,
    draws: int = 1000,
    tune: int = 500,
    seed: int = 0,
    target_accept: float = 0.95,
    rounds: int = MOST_ROUNDS,
    progress: Progress | None = None,
) -> Sampled:
    """Return draws by nutpie: mode, pilot run, main run in the pilot's coordinates, more rounds if they are needed.

    After each round the effective sample sizes are looked at. While one is below what the gates ask for, another round
    of as many draws follows, in coordinates made from all draws so far; in the end every so-many-th draw is kept.

    Source: Seyboldt, Carlson and Carpenter (2026), nutpie; Hoffman and Gelman (2014) for the sampler.
    """
    begun = time.perf_counter()
    rng = np.random.default_rng(seed)
    program = model.program()
    density = Density(program)
    density(np.zeros(program.dimensions))
    compiled = time.perf_counter()
    found = modes(density, program.dimensions, rng)
    if not found:
        raise FitError(
            "The log density is finite nowhere near the middle of the prior. Check priors and data."
        )
    white: Whitening | Warp = laplace(density, found[0][0])
    ask = Asked(chains, tune, target_accept, rng, progress)
    if program.dimensions <= PILOT_LARGEST:
        pilot = _run(program, white, replace(ask, tune=PILOT_TUNE), PILOT_DRAWS, "adapting")
        white, program = (
            warp_from_draws(pilot.positions.reshape(-1, program.dimensions)),
            model.straightened_program(),
        )
    adapted = time.perf_counter()
    done = _rounds(program, white, ask, draws, rounds)
    whole = joined(done)
    every = max(1, whole.positions.shape[1] // draws)
    seconds = {
        "compile": compiled - begun,
        "adapt": adapted - compiled,
        "sample": time.perf_counter() - adapted,
    }
    kept = {name: _thinned(name, values, every) for name, values in whole.statistics.items()}
    return Sampled(
        whole.positions[:, ::every], "nutpie", seed, kept, seconds=seconds, interrupted=whole.stopped
    )


def _rounds(program: Program, white: Whitening | Warp, ask: Asked, draws: int, most: int) -> list[Run]:
    """Return rounds of draws until they suffice, each without a divergence if shorter steps can avoid it.

    A round that diverged counts as adaptation: it is not kept, and the next one aims at a higher acceptance.
    """
    done: list[Run] = []
    for count in range(most):
        run = _run(program, white, ask, draws, "sampling" if count == 0 else f"sampling, round {count + 1}")
        again = (
            bool(run.statistics["diverging"].any())
            and ask.target_accept < HIGHEST_ACCEPT
            and count < most - 1
        )
        if again and not run.stopped:
            ask = replace(ask, target_accept=1.0 - 0.4 * (1.0 - ask.target_accept))
        else:
            done.append(run)
        if run.stopped or (done and not again and not too_few(joined(done).positions)):
            break
        if program.dimensions <= PILOT_LARGEST:
            white = warp_from_draws(joined([*done, run]).positions.reshape(-1, program.dimensions))
    return done


def _thinned(name: str, values: FloatArray, every: int) -> FloatArray:
    """Return every so-many-th value; a divergence counts for the whole run of draws of which one is kept."""
    if name != "diverging":
        return values[:, ::every]
    starts = np.arange(0, values.shape[1], every)
    return np.logical_or.reduceat(values.astype(bool), starts, axis=1)


@dataclass(frozen=True)
class Asked:
    """What every run is asked for."""

    chains: int
    tune: int
    target_accept: float
    rng: np.random.Generator
    progress: Progress | None


@dataclass(frozen=True, eq=False)
class Run:
    """Positions (chains × draws × d), statistics by name (chains × draws), and whether the run was interrupted."""

    positions: FloatArray
    statistics: dict[str, FloatArray]
    stopped: bool


def joined(runs: Sequence[Run]) -> Run:
    """Return the rounds one after the other."""
    names = runs[0].statistics
    return Run(
        np.concatenate([r.positions for r in runs], axis=1),
        {name: np.concatenate([r.statistics[name] for r in runs], axis=1) for name in names},
        runs[-1].stopped,
    )


def too_few(positions: FloatArray) -> bool:
    """Return whether an effective sample size or a potential scale reduction misses what the gates ask for."""
    from arviz_stats.base import array_stats

    by_coordinate = np.moveaxis(positions, 2, 0)
    axes = {"chain_axis": 1, "draw_axis": 2}
    bulk = array_stats.ess(by_coordinate, method="bulk", **axes)
    tail = array_stats.ess(by_coordinate, method="tail", prob=TAILS, **axes)
    agreed = array_stats.rhat(by_coordinate, **axes)
    return bool(min(bulk.min(), tail.min()) < WANTED_ESS or agreed.max() > WANTED_RHAT)


def _run(program: Program, white: Whitening | Warp, ask: Asked, draws: int, stage: str) -> Run:
    import nutpie

    from mixcurve.response.bayes.sample.native import tape_model

    running = nutpie.sample(
        tape_model(white.on(program)),
        draws=draws, tune=ask.tune, chains=ask.chains, cores=ask.chains, seed=int(ask.rng.integers(2**31)),
        progress_bar=False, save_warmup=False, target_accept=ask.target_accept, blocking=False,
        progress_callback=_told(ask.progress, stage), progress_rate=200,
    )  # fmt: skip
    stopped = False
    try:
        tree = running.wait()
    except KeyboardInterrupt:
        tree, stopped = running.abort(), True
    z = np.asarray(tree["posterior"]["z"].values, dtype=np.float64)
    statistics = tree["sample_stats"]
    whole = np.isfinite(z).all(axis=(0, 2))
    if not whole.any():
        raise KeyboardInterrupt("The run was stopped before every chain had a draw, so nothing can be kept.")
    kept = {
        ours: np.asarray(statistics[name].values)[:, whole]
        for name, ours in KEPT.items()
        if name in statistics
    }
    if ask.progress is not None and not stopped:
        ask.progress(stage, ask.chains * (ask.tune + draws), ask.chains * (ask.tune + draws))
    return Run(white(z[:, whole]), kept, stopped)


def _told(progress: Progress | None, stage: str) -> Callable[[Any], None] | None:
    if progress is None:
        return None

    def tell(chains: Any) -> None:
        progress(stage, sum(c.finished_draws for c in chains), sum(c.total_draws for c in chains))

    return tell
