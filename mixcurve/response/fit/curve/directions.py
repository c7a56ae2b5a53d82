"""Rising or falling: the better direction of each campaign, and the basins met on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.curve.campaigns import CampaignBasis, solution_rows, solve_basins
from mixcurve.response.fit.curve.given_start import trust_region
from mixcurve.response.fit.curve.model import CurveModel
from mixcurve.response.fit.curve.problem import CurveProblem, Solved
from mixcurve.response.fit.projection import Solution, best_of

__all__ = ["better", "directed"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Pose = Callable[[FloatArray], CurveProblem]
APART = 0.05
"""Solutions that differ by more than this on the real line of a parameter are separate basins."""


def directed(
    model: CurveModel, basis: CampaignBasis, y: FloatArray, start: FloatArray | None, pose: Pose
) -> tuple[FloatArray, Solution, tuple[Solution, IntArray]]:
    """Return the direction of each campaign (B,), its best solution, and the other basins with their campaigns."""
    tried = [_one_way(basis, y, start, pose(np.full(len(y), sign))) for sign in model.signs]
    direction = np.repeat(model.signs, [len(owner) for _, owner in tried])
    found, which = _joined([s for s, _ in tried]), np.concatenate([owner for _, owner in tried])
    best = best_of(found, which, len(y))
    sign = direction[best]
    rest = np.setdiff1d(np.flatnonzero(direction == sign[which]), best)
    apart = np.abs(found.theta[rest] - found.theta[best][which[rest]]).max(axis=1, initial=0.0) > APART
    rest = rest[apart]
    return sign, solution_rows(found, best), (solution_rows(found, rest), which[rest])


def _one_way(
    basis: CampaignBasis, y: FloatArray, start: FloatArray | None, problem: CurveProblem
) -> tuple[Solution, IntArray]:
    """Return the solutions in the direction of a problem, and the campaign of each."""
    everyone = np.arange(len(y))
    found, which = solve_basins(basis, basis.project(problem.sign[:, None] * y, everyone), start)
    if start is None:
        return found, which
    return _joined([found, trust_region(problem, start)]), np.concatenate([which, everyone])


def _joined(solutions: list[Solution]) -> Solution:
    return Solution(
        *(np.concatenate([getattr(s, f) for s in solutions]) for f in Solution.__dataclass_fields__)
    )


def better(tried: list[tuple[CurveProblem, Solved]]) -> tuple[CurveProblem, Solved]:
    """Return of a rising and a falling fit the better one of each campaign."""
    if len(tried) == 1:
        return tried[0]
    (rise, up), (fall, down) = tried
    falls = down.best.objective < up.best.objective

    def chosen(one: Any, other: Any) -> Any:
        named = {f.name: (getattr(one, f.name), getattr(other, f.name)) for f in fields(one)}
        arrays = {n: pair for n, pair in named.items() if isinstance(pair[0], np.ndarray)}
        return replace(
            one,
            **{n: np.where(falls.reshape(-1, *(1,) * (a.ndim - 1)), b, a) for n, (a, b) in arrays.items()},
        )

    others = [
        np.concatenate([getattr(s, f)[falls[s.other_which] == way] for s, way in ((up, False), (down, True))])
        for f in ("other_phi", "other_objective", "other_which")
    ]
    problem = replace(chosen(rise, fall), loss=chosen(rise.loss, fall.loss))
    return problem, Solved(chosen(up.best, down.best), *others)
