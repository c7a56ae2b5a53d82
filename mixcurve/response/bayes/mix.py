"""`sample_mix`: the response curves of a whole media mix, sampled from their posterior."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.checks import known_name, number
from mixcurve.response.bayes.model.likelihood import IntegratedGaussian
from mixcurve.response.bayes.model.model import MixModel, Part
from mixcurve.response.bayes.model.problem import BayesProblem, pose_for_sampling
from mixcurve.response.bayes.model.signed import SignedControls
from mixcurve.response.bayes.priors.resolved import ResolvedPriors, SizeRule, parameter_map
from mixcurve.response.bayes.result.assemble import assemble_posterior
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.bayes.sample.nuts import sample_nuts
from mixcurve.response.fit.mix.cells import cell_plans
from mixcurve.response.fit.mix.options import CarryoverChoice, CurveChoice, mix_options, present_plan

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["mix_model", "sample_mix"]

SAMPLERS = ("nutpie", "pymc", "numpyro")
Progress = Callable[[str, int, int], None]


def mix_model(
    table: SpendTable,
    *,
    curve: CurveChoice = "hill",
    carryover: CarryoverChoice = "geometric",
    order: str = "carryover first",
    trend: str = "linear",
    season: int = 2,
    **design: Any,
) -> MixModel:
    """Return the model that `sample_mix` samples, for those who want to look at it or sample it themselves."""
    options = mix_options(
        table,
        curve=curve,
        carryover=carryover,
        order=order,
        noise="gaussian",
        errors="independent",
        groups="separate",
    )
    problem = pose_for_sampling(table, options, {"trend": trend, "season": season, **design})
    priors = default_priors(problem)
    parts: list[Part] = []
    if len(problem.mix.basis.signed):
        parts.append(SignedControls(problem.mix.basis.signed, problem.mix.signed_names))
    return MixModel(problem, priors, IntegratedGaussian(priors), tuple(parts))


def default_priors(problem: BayesProblem) -> ResolvedPriors:
    """Return the priors that the declared typical ranges make."""
    maps = {
        (c, p.name): parameter_map(p)
        for family in problem.families
        for c in family.channels
        for p in (*family.kernel.parameters, *family.curve.parameters)
        if p.free
    }
    return ResolvedPriors(tuple(SizeRule() for _ in problem.channels), maps)


def sample_mix(
    table: SpendTable,
    *,
    curve: CurveChoice = "hill",
    carryover: CarryoverChoice = "geometric",
    current: int | Mapping[str, float] | None = None,
    sampler: str = "nutpie",
    chains: int = 4,
    draws: int = 1000,
    tune: int = 500,
    target_accept: float = 0.95,
    level: float = 0.9,
    seed: int = 0,
    progress: Progress | None = None,
    **words: Any,
) -> MixPosterior:
    """Sample the curves of a mix from their posterior."""
    number("level", level, low=0.5, high=0.999)
    known_name("sampler", sampler, SAMPLERS)
    model = mix_model(table, curve=curve, carryover=carryover, **words)
    sampled = sample_nuts(
        model,
        chains=chains,
        draws=draws,
        tune=tune,
        seed=seed,
        target_accept=target_accept,
        progress=progress,
    )
    if table.groups is None:
        plan = present_plan(table, current)
    else:
        plan = np.concatenate(cell_plans(table, current))
    return assemble_posterior(model, sampled, model.problem.design, plan, level, "independent")
