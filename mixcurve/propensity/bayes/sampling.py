"""Draws of a hierarchy by nutpie, round by round until they suffice."""

from __future__ import annotations

import numpy as np

from mixcurve.foundations.bayes.running import run_nutpie
from mixcurve.foundations.progress import Progress
from mixcurve.foundations.rounds import Run, in_rounds
from mixcurve.propensity.bayes.density import Density, density_of, relearned
from mixcurve.propensity.bayes.hierarchy import Hierarchy

__all__ = ["sample_hierarchy"]

PILOT_TUNE, PILOT_DRAWS = 200, 150
"""Of each chain of the pilot run, whose draws give the coordinates of the main run."""


def sample_hierarchy(
    problem: Hierarchy, *, chains: int, draws: int, tune: int, target_accept: float, rng: np.random.Generator,
    progress: Progress | None,
) -> Run:  # fmt: skip
    """Return draws of β, log s and v, one after the other (chains × draws × q + k + G k).

    Coordinates are learned from a pilot run and, round by round, from all draws so far; see `in_rounds`.
    """
    from mixcurve.foundations.bayes.native import native_model

    def run(within: Density, accept: float, stage: str, tune: int = tune, draws: int = draws) -> Run:
        found = run_nutpie(
            native_model(within), chains=chains, draws=draws, tune=tune, target_accept=accept, rng=rng,
            progress=progress, stage=stage,
        )  # fmt: skip
        figures = within.coordinates.figures(found.positions, problem.varying)
        return Run(figures, found.statistics, found.stopped)

    def learned(so_far: Run) -> Density:
        flat = so_far.positions.reshape(-1, so_far.positions.shape[-1])
        q = len(problem.middle)
        return relearned(problem, flat[:, :q], flat[:, q : q + len(problem.varying)])

    pilot = run(density_of(problem), target_accept, "adapting", PILOT_TUNE, PILOT_DRAWS)
    if pilot.stopped:
        return pilot
    return in_rounds(run, learned(pilot), learned, draws=draws, target_accept=target_accept)
