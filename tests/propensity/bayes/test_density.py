"""The compiled density is the one that is written down, its slope is its slope, and PyMC's model is the same."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from mixcurve.foundations.bayes.compiled import NOT_FINITE
from mixcurve.propensity.bayes.density import Coordinates, Density, density_of, relearned
from mixcurve.propensity.bayes.hierarchy import PropensityPriors, hierarchy
from mixcurve.propensity.bayes.spread import likely_common, likely_spread

CASES = [(1, False), (4, False), (4, True)]


def positions(density: Density, count: int, seed: int = 1) -> np.ndarray:
    return 0.5 * np.random.default_rng(seed).standard_normal((count, density.size))


@pytest.mark.parametrize(("groups", "weighted"), CASES)
def test_the_compiled_density_is_the_one_written_down(
    groups: int, weighted: bool, reference: ModuleType
) -> None:
    density = density_of(reference.problem(groups, 200, 3, weighted=weighted))
    for z in positions(density, 4):
        expected = reference.log_density(density.problem, density.coordinates, z)
        assert density(z)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("groups", "weighted"), CASES)
def test_the_gradient_is_that_of_the_density(groups: int, weighted: bool, reference: ModuleType) -> None:
    density = density_of(reference.problem(groups, 200, 3, weighted=weighted))
    step = 1e-5
    for z in positions(density, 2):
        steps = step * np.eye(density.size)
        slope = [(density(z + e)[0] - density(z - e)[0]) / (2.0 * step) for e in steps]
        assert density(z)[1] == pytest.approx(np.array(slope), rel=1e-6, abs=1e-6)


def test_where_there_is_no_density_the_sampler_is_told(reference: ModuleType) -> None:
    density = density_of(reference.problem(3, 60, 2))
    z = np.zeros(density.size)
    z[0] = np.nan
    density._position[:] = z
    assert density._call(*density._arguments) == NOT_FINITE


def test_frequency_weights_are_repeated_rows(reference: ModuleType) -> None:
    h = reference.problem(3, 120, 2, weighted=True)
    times = h.weights.astype(int)
    again = hierarchy(
        np.repeat(h.design[:, 1:], times, axis=0), np.repeat(h.y, times), None, np.repeat(h.codes, times),
        np.array([True, False]), PropensityPriors(),
    )  # fmt: skip
    one = density_of(h)
    other = Density(again, one.coordinates)
    for z in positions(one, 3):
        assert one(z)[0] == pytest.approx(other(z)[0], rel=1e-12)
        assert one(z)[1] == pytest.approx(other(z)[1], rel=1e-9, abs=1e-9)


def test_figures_are_the_same_in_any_coordinates(reference: ModuleType) -> None:
    """Two systems of coordinates give a point's density alike, but for the logarithm of how they stretch space."""
    h = reference.problem(4, 200, 3)
    one = density_of(h)
    rng = np.random.default_rng(2)
    beta = rng.multivariate_normal(one.coordinates.mode, 0.01 * np.eye(4), 50)
    other = relearned(h, beta, rng.normal(-1.0, 0.1, (50, len(h.varying))))
    gaps = []
    for z in positions(one, 5):
        figures = one.coordinates.figures(z, h.varying)
        again = _position(other.coordinates, figures, h.varying)
        assert other.coordinates.figures(again, h.varying) == pytest.approx(figures, rel=1e-9, abs=1e-12)
        gaps.append(_in_figures(one, z) - _in_figures(other, again))
    assert np.ptp(gaps) < 1e-8


def _position(at: Coordinates, figures: np.ndarray, varying: np.ndarray) -> np.ndarray:
    """Return the position of figures: the inverse of `Coordinates.figures`."""
    q, k = len(at.mode), len(varying)
    delta, log_s = figures[:q] - at.mode, figures[q : q + k]
    v = figures[q + k :].reshape(at.centred.shape)
    w = v / np.exp(log_s) ** (1.0 - at.centred) + at.centred * delta[varying]
    return np.concatenate([np.linalg.solve(at.lower, delta), log_s, w.ravel()])


def _in_figures(density: Density, z: np.ndarray) -> float:
    """Return the log density of figures at a position, up to a constant: less the log of |dv / dw|."""
    q, k = len(density.problem.middle), len(density.problem.varying)
    return density(z)[0] - float(((1.0 - density.coordinates.centred) * z[q : q + k]).sum())


def test_the_pymc_model_is_the_same_density(reference: ModuleType) -> None:
    from mixcurve.propensity.bayes.pymc_model import pymc_model

    h = reference.problem(4, 60, 3, weighted=True)
    density = density_of(h)
    q, k = len(h.middle), len(h.varying)
    model = pymc_model(h)
    with model:
        logp = model.compile_logp()
    gaps = []
    for z in positions(density, 4):
        figures = density.coordinates.figures(z, h.varying)
        s = np.exp(figures[q : q + k])
        raw = figures[q + k :].reshape(h.groups, k) / s
        theirs = logp({"beta": figures[:q], "spread_log__": np.log(s), "raw": raw})
        ours = _in_figures(density, z) + h.groups * float(np.log(s).sum())  # of raw = v / s
        gaps.append(float(theirs) - ours)
    assert np.ptp(gaps) < 1e-8


def test_the_likely_spread_is_found() -> None:
    """Of 200 groups of 400 rows the spread is known to about 5%; the approximation draws β towards 0 by a tenth."""
    rng = np.random.default_rng(3)
    groups, rows = 200, 80_000
    x, group = rng.standard_normal((rows, 1)), rng.integers(0, groups, rows)
    theta = np.array([-0.5, 1.0]) + np.array([0.6, 0.3]) * rng.standard_normal((groups, 2))
    p = 1.0 / (1.0 + np.exp(-(theta[group, 0] + theta[group, 1] * x[:, 0])))
    y = (rng.random(rows) < p).astype(np.float64)
    h = hierarchy(x, y, None, group, np.array([True]), PropensityPriors())
    mode = density_of(h).coordinates.mode
    information = h.information(mode)
    s = likely_spread(h, mode, information)
    assert s == pytest.approx([0.6, 0.3], rel=0.2)
    around, precision = likely_common(h, mode, information, s)
    assert around == pytest.approx(theta.mean(axis=0), abs=0.15)
    assert np.sqrt(np.diag(np.linalg.inv(precision))) == pytest.approx(s / np.sqrt(groups), rel=0.3)
