"""One way to every sampler: which one, how long, from which seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mixcurve.foundations.checks import known_name, number
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.sampled import Sampled

__all__ = ["SAMPLERS", "Effort", "sample_model"]

SAMPLERS = ("nutpie", "pymc", "numpyro")
Progress = Callable[[str, int, int], None]
FEWEST_DRAWS, FEWEST_TUNE = 50, 50


@dataclass(frozen=True)
class Effort:
    """Which sampler, and how much of it; ``sampler`` ``"quick"`` is importance sampling."""

    sampler: str
    chains: int
    draws: int
    tune: int
    target_accept: float
    seed: int

    @classmethod
    def of(
        cls, sampler: str, quick: bool, *, chains: int, draws: int, tune: int, target_accept: float, seed: int
    ) -> Effort:
        """Return a checked effort."""
        known_name("sampler", sampler, SAMPLERS)
        return cls(
            "quick" if quick else sampler,
            int(number("chains", chains, low=1)),
            int(number("draws", draws, low=FEWEST_DRAWS)),
            int(number("tune", tune, low=FEWEST_TUNE)),
            number("target_accept", target_accept, low=0.5, high=0.999),
            int(number("seed", seed, low=0)),
        )


def sample_model(model: MixModel, effort: Effort, progress: Progress | None = None) -> Sampled:
    """Return draws of a model's position."""
    if effort.sampler == "quick":
        from mixcurve.response.bayes.sample.quick import sample_quick

        return sample_quick(model, draws=effort.chains * effort.draws, seed=effort.seed)
    words: dict[str, Any] = {
        "chains": effort.chains, "draws": effort.draws, "tune": effort.tune, "seed": effort.seed,
        "target_accept": effort.target_accept, "progress": progress,
    }  # fmt: skip
    if effort.sampler == "pymc":
        from mixcurve.response.bayes.sample.pymc_sampler import sample_pymc

        return sample_pymc(model, **words)
    if effort.sampler == "numpyro":
        from mixcurve.response.bayes.sample.numpyro_sampler import sample_numpyro

        return sample_numpyro(model, **words)
    from mixcurve.response.bayes.sample.large import has_many_groups, sample_large

    if has_many_groups(model):
        return sample_large(model, **words)
    from mixcurve.response.bayes.sample.nuts import sample_nuts

    return sample_nuts(model, **words)
