"""The noise of a mix: how it grows with the response, how long it lasts, and how far the level wanders.

All three change only how rows are weighted and which linear directions are pulled, so each is settled around the
search: fit, look at what is left, fit again from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.response.design.columns import DesignColumns
from mixcurve.response.fit.mix.linear import LinearPart
from mixcurve.response.fit.mix.options import MixOptions
from mixcurve.response.fit.mix.problem import MixProblem
from mixcurve.response.fit.mix.search import Searched, linearised, search

__all__ = ["NoiseModel", "fitted_rows", "restricted_likelihood", "settled_level", "settled_noise"]

FloatArray = npt.NDArray[np.float64]

ROUNDS = 3
"""Fits after the first; weights and autocorrelation hardly move after two."""
LEAST_SHARE = 0.05
"""A row's expected response, in units of the mean response, below which its weight no longer grows."""
RHO_GRID = np.linspace(-0.5, 0.95, 59)
"""Autocorrelations that are tried: more negative ones hardly occur, larger ones are a level that wanders."""

LEVEL_FACTORS = 4.0 ** np.arange(-4, 5)
"""Times the usual variance of a local level's step: from hardly a step to one that follows every other row."""


@dataclass(frozen=True)
class NoiseModel:
    """The autocorrelation with its interval, by restricted likelihood; all 0 for independent errors."""

    rho: float = 0.0
    low: float = 0.0
    high: float = 0.0


def settled_noise(
    problem: MixProblem, found: Searched, options: MixOptions, level: float, rng: np.random.Generator
) -> tuple[MixProblem, Searched, NoiseModel]:
    """Return problem, solution and noise that agree, after a few rounds where the options ask for any."""
    model = NoiseModel()
    if options.noise == "gaussian" and options.errors == "independent":
        return problem, found, model
    for _ in range(ROUNDS):
        root = _poisson_root(problem, found) if options.noise == "poisson" else None
        linear = problem.basis.linear.with_noise(root=root, rho=model.rho)
        if options.errors == "autocorrelated":
            model = _autocorrelation(problem, replace(linear, rho=0.0), found, level)
            linear = replace(linear, rho=model.rho)
        problem = problem.with_linear(linear)
        starts = np.stack([found.theta, *(b.theta for b in found.basins)])
        again = search(problem.basis, problem.target, len(starts), rng, first=starts)
        found = replace(again, starts=found.starts, agreeing=found.agreeing)
    return problem, found, model


def settled_level(problem: MixProblem, found: Searched, columns: DesignColumns) -> float:
    """Return the factor on the moves of a local level that has the greatest restricted likelihood, on a small grid."""
    rows = problem.row_size[:, None]
    heights = []
    for factor in LEVEL_FACTORS:
        scaled = columns.scaled(float(factor))
        linear = replace(problem.basis.linear, columns=scaled.free / rows, precision=scaled.penalty)
        heights.append(restricted_likelihood(problem, linear, found))
    return float(LEVEL_FACTORS[int(np.argmax(heights))])


def fitted_rows(problem: MixProblem, theta: FloatArray, amplitude: FloatArray) -> FloatArray:
    """Return the expected response of each row in the units of the search (n,)."""
    basis = problem.basis
    media = amplitude @ np.concatenate([basis.columns(theta[None])[0], basis.signed])
    linear = basis.linear
    return media + linear.columns @ linear.coefficients(problem.y - media)


def _poisson_root(problem: MixProblem, found: Searched) -> FloatArray:
    """Return the root of each row's weight, the variance in proportion to the expected response.

    Source: McCullagh and Nelder (1989), Generalized Linear Models, chapter 9.
    """
    expected = fitted_rows(problem, found.theta, found.amplitude) * problem.row_size
    middle = float(expected.mean())
    expected = np.maximum(expected, LEAST_SHARE * middle)
    variance = expected / problem.row_size**2
    return np.sqrt(variance.mean() / variance)


def _autocorrelation(problem: MixProblem, linear: LinearPart, found: Searched, level: float) -> NoiseModel:
    """Return the autocorrelation of the greatest restricted likelihood, the shapes linearised where they stand."""
    from scipy.special import chdtri

    heights = np.array(
        [restricted_likelihood(problem, replace(linear, rho=float(r)), found) for r in RHO_GRID]
    )
    top = int(np.argmax(heights))
    best, height = _vertex(heights, top)
    inside = np.flatnonzero(heights >= height - 0.5 * float(chdtri(1, 1.0 - level)))
    reach = RHO_GRID[inside] if inside.size else np.array([best])
    return NoiseModel(best, min(float(reach[0]), best), max(float(reach[-1]), best))


def _vertex(heights: FloatArray, top: int) -> tuple[float, float]:
    """Return where the parabola through the highest node and its neighbours is highest, and how high."""
    if top in (0, len(heights) - 1):
        return float(RHO_GRID[top]), float(heights[top])
    a, b, c = heights[top - 1 : top + 2]
    bend = a - 2.0 * b + c
    shift = 0.5 * (a - c) / bend if bend < 0 else 0.0
    return float(RHO_GRID[top] + shift * (RHO_GRID[1] - RHO_GRID[0])), float(b - 0.25 * (a - c) * shift)


def restricted_likelihood(problem: MixProblem, linear: LinearPart, found: Searched) -> float:
    """Return the restricted log likelihood of a linear part, up to a constant, shapes and amplitudes linearised.

    Source: Harville (1977), Journal of the American Statistical Association 72, 320-338.
    """
    basis = problem.basis
    columns, derivatives = basis.raw(found.theta[None])
    jacobian = np.concatenate(
        [columns[0], basis.signed, derivatives[0] * found.amplitude[basis.owner, None]]
    ).T
    _, free = linearised(basis, found.theta, found.amplitude)
    pull = np.concatenate([found.pull.ridge, (found.pull.noise / found.pull.spread) ** 2])
    # Amplitudes hardly feel their spring and count as unrestricted, so that none is drawn towards 0 here.
    pull[: len(found.amplitude)] = 0.0
    whole = replace(
        linear,
        columns=np.column_stack([linear.columns, jacobian[:, free]]),
        precision=np.concatenate([linear.precision, pull[free]]),
    )
    media = found.amplitude @ np.concatenate([columns[0], basis.signed])
    moved = problem.y - media
    rest = whole.project(moved)
    taken = float((whole.precision == 0).sum())
    squares = max(float(rest @ rest), 1e-300)
    return -0.5 * ((len(rest) - taken) * np.log(squares) + whole.log_determinant())
