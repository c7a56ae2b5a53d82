"""`mix_model`: the model of a mix from a table and a planner's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from mixcurve.response.bayes.experiments.parts import experiment_parts
from mixcurve.response.bayes.kinds.parts import other_parts
from mixcurve.response.bayes.model.model import MixModel, Part
from mixcurve.response.bayes.model.noise.family import noise_family
from mixcurve.response.bayes.model.problem import pose_for_sampling
from mixcurve.response.bayes.model.signed import SignedControls
from mixcurve.response.bayes.priors.apart import all_apart
from mixcurve.response.bayes.priors.words import resolve_priors
from mixcurve.response.fit.mix.options import CarryoverChoice, CurveChoice, mix_options

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["ModelWords", "mix_model"]


class ModelWords(TypedDict, total=False):
    """The keyword arguments of `mix_model`, which `sample_mix` takes and passes on."""

    curve: CurveChoice
    carryover: CarryoverChoice
    order: str
    before: str
    trend: str
    knots: int | Sequence[Any] | None
    season: int
    weekly_season: int | None
    holidays: str | None
    single_holidays: bool
    events: Mapping[str, Any] | None
    control_signs: Mapping[str, str] | None
    noise: str
    autoregressive: bool
    trials: Any
    priors: Mapping[str, Any] | None
    experiments: Any
    organic: Any
    reach_frequency: Any
    treatments: Any
    varying: Any
    value: float
    current: int | Mapping[str, float] | None


def mix_model(
    table: SpendTable,
    *,
    curve: CurveChoice = "hill",
    carryover: CarryoverChoice = "geometric",
    order: str = "carryover first",
    before: str = "none",
    trend: str = "linear",
    knots: int | Sequence[Any] | None = None,
    season: int = 2,
    weekly_season: int | None = None,
    holidays: str | None = None,
    single_holidays: bool = False,
    events: Mapping[str, Any] | None = None,
    control_signs: Mapping[str, str] | None = None,
    noise: str = "gaussian",
    autoregressive: bool = False,
    trials: Any = None,
    priors: Mapping[str, Any] | None = None,
    experiments: Any = (),
    organic: Any = (),
    reach_frequency: Any = (),
    treatments: Any = (),
    varying: Any = (),
    value: float = 1.0,
    current: int | Mapping[str, float] | None = None,
) -> MixModel:
    """Return the model that `sample_mix` samples, for those who want to look at it, test it or sample it themselves.

    All arguments are those of `sample_mix`.

    Examples
    --------
    >>> import mixcurve as mc
    >>> model = mc.mix_model(mc.simulate_market(["tv"], periods=60, seed=1).table, season=1)
    >>> model.space.labels
    ('size[tv]', 'decay[tv]', 'half[tv]', 'slope[tv]', 'noise')
    """
    rest, others = other_parts(
        table,
        organic=organic,
        reach_frequency=reach_frequency,
        treatments=treatments,
        varying=varying,
        order=order,
    )
    options = mix_options(
        rest, curve=_kept(curve, rest), carryover=_kept(carryover, rest), order=order, noise="gaussian",
        errors="independent", groups="separate", before=before,
    )  # fmt: skip
    design = {
        "trend": trend, "knots": knots, "season": season, "weekly_season": weekly_season, "holidays": holidays,
        "single_holidays": single_holidays, "events": events, "control_signs": control_signs,
    }  # fmt: skip
    options = replace(options, kernel=all_apart(options.kernel, options.curve))
    problem = pose_for_sampling(rest, options, design)
    resolved = resolve_priors(problem, priors, value=value, current=current)
    likelihood = noise_family(
        noise, autoregressive=autoregressive, priors=resolved, problem=problem, trials=trials
    )
    parts: list[Part] = list(others)
    if len(problem.mix.basis.signed):
        parts.append(SignedControls(problem.mix.basis.signed, problem.mix.signed_names))
    if experiments:
        parts += experiment_parts(problem, experiments)
    return MixModel(problem, resolved, likelihood, tuple(parts))


def _kept(choice: Any, table: SpendTable) -> Any:
    """Return a choice by channel without the channels that are given by reach and frequency."""
    if not isinstance(choice, Mapping):
        return choice
    return {name: one for name, one in choice.items() if name in table.channels} or dict(choice)
