"""The stages of one fit of a mix: search, noise, plausible fits, profiles, evidence, result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator
from mixcurve.response.design.description import DesignSpec
from mixcurve.response.design.spec import design_columns, design_spec
from mixcurve.response.fit.mix.assemble import MixPieces, assemble
from mixcurve.response.fit.mix.cells import cell_plans, in_cells
from mixcurve.response.fit.mix.evidence import mix_evidence
from mixcurve.response.fit.mix.figures import ProfiledFigure
from mixcurve.response.fit.mix.intervals import mix_profiles
from mixcurve.response.fit.mix.noise import settled_level, settled_noise
from mixcurve.response.fit.mix.options import MixOptions, present_plan
from mixcurve.response.fit.mix.order import in_order
from mixcurve.response.fit.mix.plausible import STEADY_SEED, plausible_fits
from mixcurve.response.fit.mix.problem import MixProblem, pose, settled_order
from mixcurve.response.fit.mix.result import MixFit
from mixcurve.response.fit.mix.search import Searched, search

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["MixRequest", "Tell", "fit_one", "pooled"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

STAGES = ("searching the shapes", "resampling", "profiling the intervals", "weighing the evidence")


@dataclass(frozen=True)
class MixRequest:
    """What `fit_mix` was asked for, checked; ``design`` are arguments of `design_spec`."""

    options: MixOptions
    design: Mapping[str, Any]
    starts: int
    resamples: int
    level: float
    seed: int


@dataclass(frozen=True)
class Tell:
    """Tells of the stages of a fit, with the group's name where there are several."""

    progress: Callable[[str, int, int], None] | None
    group: str = ""

    def __call__(self, done: int) -> None:
        """Say which stage begins, or that the last has ended."""
        stage = STAGES[done] if done < len(STAGES) else "done"
        if self.progress is not None:
            self.progress(f"{self.group}: {stage}" if self.group else stage, done, len(STAGES))

    def of(self, group: str) -> Tell:
        """Return the same for one group."""
        return replace(self, group=group)


def fit_one(
    table: SpendTable, request: MixRequest, current: int | Mapping[str, float] | None, tell: Tell
) -> MixFit:
    """Return the fit of a table without groups."""
    rng = generator(request.seed)
    ordered, request, back = _ordered(table, request)
    pieces, _ = _stages(ordered, request, present_plan(ordered, current), tell, rng)
    fit, _ = assemble(pieces, rng)
    tell(len(STAGES))
    return in_order(fit, back)


def pooled(
    table: SpendTable, request: MixRequest, current: int | Mapping[str, float] | None, tell: Tell
) -> MixFit:
    """Return the fit of all groups together, given for each channel in each group."""
    rng = generator(request.seed)
    plans = cell_plans(table, current)
    ordered, request, back = _ordered(table, request)
    mean_plan = np.mean(plans, axis=0)[np.argsort(back)]
    pieces, profiled = _stages(ordered, request, mean_plan, tell, rng)
    fit, totals = assemble(pieces, rng)
    fit, totals = in_order(fit, back), totals[..., back]
    unit, channels = pieces.problem.spend_unit, ordered.channels
    intervals = [
        tuple(p.in_units(unit * size, channels, request.level) for p in profiled) for size in pieces.sizes
    ]
    tell(len(STAGES))
    return in_cells(fit, table, pieces.sizes, totals, plans, intervals)


def _ordered(table: SpendTable, request: MixRequest) -> tuple[SpendTable, MixRequest, IntArray]:
    """Return table and request with the channels in the order that their data decide, and the way back."""
    order = settled_order(table)
    channels = tuple(table.channels[i] for i in order)
    options = replace(
        request.options,
        curve=tuple(request.options.curve[i] for i in order),
        kernel=tuple(request.options.kernel[i] for i in order),
    )
    moved = replace(table, spend=table.spend[:, order], channels=channels)
    return moved, replace(request, options=options), np.argsort(order)


def _stages(
    table: SpendTable, request: MixRequest, plan: FloatArray, tell: Tell, rng: np.random.Generator
) -> tuple[MixPieces, list[ProfiledFigure]]:
    """Return the pieces of the result, and the profiled figures before they got units."""
    options, level = request.options, request.level
    # The search has random numbers of its own, so that the user's seed decides the resamples only.
    steady = np.random.default_rng(STEADY_SEED)
    tell(0)
    problem, found, spec, sizes = _searched(table, request, steady)
    problem, found, model = settled_noise(problem, found, options, level, steady)
    tell(1)
    plausible = plausible_fits(problem, found, request.resamples, rng)
    tell(2)
    profiled = mix_profiles(problem.basis, problem.target, found, level, plausible.theta)
    intervals = tuple(p.in_units(problem.spend_unit, table.channels, level) for p in profiled)
    tell(3)
    evidence, effect_p = mix_evidence(problem, found, intervals, level, plausible.theta)
    pieces = MixPieces(
        problem, options, spec, sizes, found, plausible, model, intervals, evidence, effect_p, plan, level,
        request.seed,
    )  # fmt: skip
    return pieces, profiled


def _searched(
    table: SpendTable, request: MixRequest, rng: np.random.Generator
) -> tuple[MixProblem, Searched, DesignSpec, FloatArray]:
    """Return the problem, its solution, the linear side and the sizes of groups; a local level's ratio is chosen."""
    spec = design_spec(table, **request.design)
    sizes = spec.group_sizes if spec.groups else np.ones(1)
    columns = design_columns(spec, table.dates, table.controls, table.groups)
    problem = pose(table, request.options, columns, sizes)
    found = search(problem.basis, problem.target, request.starts, rng)
    if spec.trend != "local level" or request.design["level_ratio"] is not None:
        return problem, found, spec, sizes
    factor = settled_level(problem, found, columns)
    problem = pose(table, request.options, columns.scaled(factor), sizes)
    starts = np.stack([found.theta, *(b.theta for b in found.basins)])
    again = search(problem.basis, problem.target, len(starts), rng, first=starts)
    again = replace(again, starts=found.starts, agreeing=found.agreeing)
    return problem, again, replace(spec, level_ratio=spec.level_ratio * factor), sizes
