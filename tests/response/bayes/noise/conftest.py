"""Small posed problems of one group and of two groups of unlike size, and every family of noise on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import mixcurve as mc
from mixcurve.response.bayes.model.likelihood import Likelihood
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.noise.family import noise_family
from mixcurve.response.bayes.model.problem import BayesProblem, pose_for_sampling
from mixcurve.response.bayes.priors.resolved import ResolvedPriors, SizeRule, parameter_map
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.fit.mix.options import mix_options
from mixcurve.tables.table import SpendTable

FloatArray = npt.NDArray[np.float64]
MEAN_COUNT, TRIALS = 400.0, 2_000.0


@dataclass(frozen=True)
class Case:
    """A problem with its priors."""

    problem: BayesProblem
    priors: ResolvedPriors

    @property
    def trials(self) -> FloatArray:
        """More trials in a row than its response, in proportion to the size of its group."""
        return np.round(TRIALS * self.problem.mix.row_size)

    def family(self, name: str) -> Likelihood:
        """Return a family by its name in words."""
        plain = name.removesuffix(" autoregressive")
        return noise_family(
            plain,
            autoregressive=plain != name,
            priors=self.priors,
            problem=self.problem,
            trials=self.trials if plain == "binomial" else None,
        )

    def model(self, name: str) -> MixModel:
        """Return the model of a family."""
        return MixModel(self.problem, self.priors, self.family(name))

    def media(self, model: MixModel, draws: FloatArray) -> FloatArray:
        """Return the channels' sum (draws × n)."""
        xp = DrawVectors()
        position = xp.position(draws)
        return model.summed(xp, position, model.channels(xp, position)).values

    def with_response(self, y: FloatArray) -> Case:
        """Return the case with another response (n,) over the unit; the units stay."""
        mix = self.problem.mix
        table = replace(mix.table, response=np.round(y * mix.row_unit))
        return replace(self, problem=replace(self.problem, mix=replace(mix, y=y, table=table)))


def _counted(response: FloatArray) -> FloatArray:
    return np.round(response * (MEAN_COUNT / response.mean()))


def _one_group() -> SpendTable:
    table = mc.simulate_market(["tv", "search"], periods=78, noise=0.04, seed=3).table
    return replace(table, response=_counted(table.response))


def _two_groups() -> SpendTable:
    columns: dict[str, Any] = {"week": [], "region": [], "tv": [], "orders": []}
    for region, size, seed in (("north", 1.0, 3), ("south", 0.3, 4)):
        table = mc.simulate_market(["tv"], periods=60, noise=0.04, seed=seed).table
        columns["week"] += table.dates.astype(str).tolist()
        columns["region"] += [region] * 60
        columns["tv"] += (size * table.spend[:, 0]).tolist()
        columns["orders"] += np.round(size * _counted(table.response)).tolist()
    return mc.read_spend(
        pd.DataFrame(columns), date="week", group="region", response="orders", channels=["tv"]
    )


def _pose(table: SpendTable, **design: Any) -> Case:
    options = mix_options(
        table, curve="hill", carryover="geometric", order="carryover first", noise="gaussian", errors="independent",
        groups="separate",
    )  # fmt: skip
    problem = pose_for_sampling(table, options, design)
    maps = {
        (c, p.name): parameter_map(p)
        for f in problem.families
        for c in f.channels
        for p in (*f.kernel.parameters, *f.curve.parameters)
        if p.free
    }
    return Case(problem, ResolvedPriors(tuple(SizeRule() for _ in problem.channels), maps))


CASES: dict[str, Callable[[], Case]] = {
    "one group": lambda: _pose(_one_group(), season=1),
    "two groups": lambda: _pose(_two_groups(), season=1),
    "two groups apart": lambda: _pose(_two_groups(), season=1, pooled_season=False),
}


@pytest.fixture(scope="session", params=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    """Return each case in turn."""
    return CASES[request.param]()


@pytest.fixture(scope="session")
def single() -> Case:
    """Return the case of one group."""
    return CASES["one group"]()


@pytest.fixture(scope="session")
def wandering() -> Case:
    """Return one group whose level wanders: a linear column for each period."""
    return _pose(_one_group(), season=1, trend="local level")
