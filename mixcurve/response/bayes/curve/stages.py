"""Sampling campaigns: all together while they are few, then in batches that know what the first ones showed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.progress import Progress, followed
from mixcurve.response.bayes.curve.model import CampaignModel, Known
from mixcurve.response.bayes.curve.nuts import sample_campaigns
from mixcurve.response.bayes.sample.sampled import Sampled

__all__ = ["Run", "Stage", "sampled_in_stages"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

BATCH = 50
"""Campaigns of a later batch: large enough that the first look at each costs little, small enough for short paths."""


@dataclass(frozen=True)
class Run:
    """How long to sample, and who is told."""

    chains: int
    draws: int
    tune: int
    seed: int
    target_accept: float
    progress: Progress | bool | None


@dataclass(frozen=True, eq=False)
class Stage:
    """Campaigns sampled together: their places among all, their model, and the draws of its positions."""

    places: IntArray
    model: CampaignModel
    sampled: Sampled


def sampled_in_stages(model: CampaignModel, run: Run, together: int) -> list[Stage]:
    """Return draws of all campaigns.

    Up to ``together`` campaigns are sampled jointly. Of more, so many drawn by chance are sampled first. The others
    follow in batches, whose prior of the population is the first stage's posterior of it (its mean and covariance), so
    each learns from the first stage and from its own batch. After an interruption the campaigns sampled so far remain.
    """
    with followed(run.progress) as tell:
        return _in_stages(model, replace(run, progress=tell), together)


def _in_stages(model: CampaignModel, run: Run, together: int) -> list[Stage]:
    count = len(model.data.names)
    rng = np.random.default_rng(run.seed)
    if count <= together:
        return [Stage(np.arange(count), model, _sampled(model, run, run.seed, ""))]
    first = np.sort(rng.permutation(count)[:together])
    shown = _stage(model, first, None, run, run.seed, "")
    stages = [shown]
    if shown.sampled.interrupted:
        return stages
    known = _known(shown)
    rest = np.setdiff1d(np.arange(count), first)
    for start in range(0, len(rest), BATCH):
        places = rest[start : start + BATCH]
        done = together + start
        words = f" campaigns {done + 1} to {done + len(places)} of {count}"
        try:
            stage = _stage(model, places, known, run, int(rng.integers(2**31)), words)
        except KeyboardInterrupt:
            break
        if stage.sampled.interrupted:
            break
        stages.append(stage)
    return stages


def _stage(
    model: CampaignModel, places: IntArray, known: Known | None, run: Run, seed: int, words: str
) -> Stage:
    some = model.take(places, known)
    return Stage(places, some, _sampled(some, run, seed, words))


def _sampled(model: CampaignModel, run: Run, seed: int, words: str) -> Sampled:
    """Return draws of the model's positions, whatever coordinates they were made in."""
    tell = run.progress
    progress = (lambda stage, done, total: tell(f"{stage}{words}", done, total)) if callable(tell) else None
    return sample_campaigns(
        model, chains=run.chains, draws=run.draws, tune=run.tune, seed=seed, target_accept=run.target_accept,
        progress=progress,
    )  # fmt: skip


def _known(stage: Stage) -> Known:
    """Return what a stage shows of the shared coordinates: their mean and covariance."""
    draws = stage.sampled.flat[:, : len(stage.model.shared)]
    covariance = np.atleast_2d(np.cov(draws.T))
    return Known(draws.mean(axis=0), np.linalg.cholesky(covariance + 1e-9 * np.eye(len(covariance))))
