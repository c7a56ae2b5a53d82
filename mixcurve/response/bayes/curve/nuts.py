"""No-U-turn sampling of campaigns by nutpie, without a matrix over all campaigns."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from mixcurve.foundations.bayes.running import run_nutpie
from mixcurve.foundations.progress import Progress
from mixcurve.foundations.rounds import Run, in_rounds
from mixcurve.response.bayes.curve.centring import CentredModel, centred, from_pilot
from mixcurve.response.bayes.curve.model import CampaignModel
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.vectors.run import Density

__all__ = ["sample_campaigns"]

PILOT_TUNE, PILOT_DRAWS = 200, 150
"""Of each chain of the pilot run, whose draws give the coordinates of the main run."""


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
    """Return draws of a model's positions, made in the coordinates of `centred`, in rounds until they suffice."""
    from mixcurve.foundations.bayes.native import native_model

    begun = time.perf_counter()
    rng = np.random.default_rng(seed)

    def run(within: CentredModel, accept: float, stage: str, tune: int = tune, draws: int = draws) -> Run:
        return run_nutpie(
            native_model(Density(within.program())), chains=chains, draws=draws, tune=tune, target_accept=accept,
            rng=rng, progress=progress, stage=stage,
        )  # fmt: skip

    def placed(within: CentredModel, accept: float, stage: str) -> Run:
        return _placed(within, run(within, accept, stage))

    moved = centred(model, rng)
    pilot = run(moved, target_accept, "adapting", PILOT_TUNE, PILOT_DRAWS)
    if not pilot.stopped:
        moved = from_pilot(moved, pilot.positions.reshape(-1, pilot.positions.shape[-1]))
    adapted = time.perf_counter()
    found = (
        _placed(moved, pilot)
        if pilot.stopped
        else in_rounds(placed, moved, draws=draws, target_accept=target_accept)
    )
    seconds = {"adapt": adapted - begun, "sample": time.perf_counter() - adapted}
    return Sampled(
        found.positions, "nutpie", seed, found.statistics, seconds=seconds, interrupted=found.stopped
    )


def _placed(moved: CentredModel, run: Run) -> Run:
    """Return a run whose positions are the model's own."""
    z = run.positions
    return replace(run, positions=moved.position(z.reshape(-1, z.shape[-1])).reshape(z.shape))
