"""Densities whose moments are known, posed as models; and small markets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.response.bayes.model.likelihood import IntegratedGaussian
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.problem import pose_for_sampling
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.priors.resolved import ResolvedPriors, SizeRule, parameter_map
from mixcurve.response.fit.mix.options import mix_options

CENTRE = np.array([1.0, -0.5, 0.2])
ROOT = np.array([[0.5, 0.0, 0.0], [0.3, 0.2, 0.0], [-0.2, 0.1, 0.4]])


@dataclass
class Known:
    """A density in the vector language, with what the samplers ask of a `MixModel`."""

    density: Callable[[Any, Any], Any]
    dimensions: int

    program = MixModel.program
    program_of = MixModel.program_of
    straightened_program = MixModel.straightened_program

    @property
    def space(self) -> Space:
        return Space().with_block("u", [str(i) for i in range(self.dimensions)])

    def log_density(self, xp: Any, position: Any) -> Any:
        return self.density(xp, position)


def normal_density(xp: Any, u: Any) -> Any:
    """Return that of a normal distribution with centre `CENTRE` and covariance `ROOT` `ROOT`'."""
    return -0.5 * xp.sum(xp.matvec(np.linalg.inv(ROOT), u - CENTRE) ** 2)


@pytest.fixture
def normal() -> Known:
    return Known(normal_density, 3)


@pytest.fixture
def skewed() -> Known:
    """Return independent logs of gamma variables of shape 1: mean digamma(1), variance trigamma(1)."""
    return Known(lambda xp, u: xp.sum(u - xp.exp(u)), 5)


@pytest.fixture
def cauchy() -> Known:
    """Return ten independent Cauchy variables: no proposal with lighter tails can be trusted."""
    return Known(lambda xp, u: -1.0 * xp.sum(xp.log1p(u**2)), 10)


@pytest.fixture(scope="session")
def small() -> MixModel:
    return _market(mc.simulate_market(["tv", "search"], periods=104, noise=0.05, seed=1).table, season=1)


@pytest.fixture(scope="session")
def mixed() -> MixModel:
    """Return a market of several curves in two regions."""
    table = mc.simulate_market(["tv", "search", "radio"], periods=60, groups=["north", "south"], seed=2).table
    return _market(table, curve={"tv": "logistic", "search": "hill", "radio": "logistic"}, season=1)


def _market(table: Any, *, curve: Any = "hill", **design: Any) -> MixModel:
    options = mix_options(
        table, curve=curve, carryover="geometric", order="carryover first", noise="gaussian",
        errors="independent", groups="separate",
    )  # fmt: skip
    problem = pose_for_sampling(table, options, {"trend": "linear", **design})
    maps = {
        (c, p.name): parameter_map(p)
        for family in problem.families
        for c in family.channels
        for p in (*family.kernel.parameters, *family.curve.parameters)
        if p.free
    }
    priors = ResolvedPriors(tuple(SizeRule() for _ in problem.channels), maps)
    return MixModel(problem, priors, IntegratedGaussian(priors))
