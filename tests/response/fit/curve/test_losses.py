"""Losses: their deviance, slope and curvature against scipy's densities, differences and sums over all counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from mixcurve.response.fit.curve.losses import (
    HUBER_CORNER,
    STUDENT_DEGREES,
    Binomial,
    Huber,
    Loss,
    NegativeBinomial,
    Poisson,
    Squares,
    StudentT,
)

FloatArray = np.ndarray
DISPERSION, SCALE, EXPOSURES = 0.3, 2.5, 40
COUNTS = np.array([0.0, 1.0, 3.0, 8.0, 40.0])
MEANS = np.array([0.3, 2.5, 3.0, 12.0, 31.0])
SHARES = np.array([0, 1, 7, 30, 40]) / EXPOSURES
CHANCES = np.array([0.01, 0.1, 0.2, 0.6, 0.95])
AMOUNTS = np.array([-3.0, 0.0, 4.0, 9.0, 60.0])
CENTRES = np.array([-1.0, 0.5, 4.5, 3.0, 5.0])


def _nbinom(y: FloatArray, mu: FloatArray) -> FloatArray:
    size = 1 / DISPERSION
    return stats.nbinom.logpmf(y, size, size / (size + mu))


def _binom(y: FloatArray, mu: FloatArray) -> FloatArray:
    return stats.binom.logpmf(np.round(y * EXPOSURES), EXPOSURES, mu)


Density = Callable[[FloatArray, FloatArray], FloatArray]
# Per loss: the data, the means, scipy's log-density, and what one unit of it is worth in deviance.
LIKELIHOODS: dict[str, tuple[Loss, FloatArray, FloatArray, Density, float]] = {
    "poisson": (Poisson(), COUNTS, MEANS, stats.poisson.logpmf, 1.0),
    "negative binomial": (NegativeBinomial(np.array([DISPERSION])), COUNTS, MEANS, _nbinom, 1.0),
    "binomial": (Binomial(), SHARES, CHANCES, _binom, EXPOSURES),
    "student_t": (
        StudentT(np.array([SCALE])), AMOUNTS, CENTRES,
        lambda y, mu: stats.t.logpdf(y, STUDENT_DEGREES, mu, SCALE), 1 / SCALE**2,
    ),
}  # fmt: skip
LOSSES: dict[str, tuple[Loss, FloatArray, FloatArray]] = {
    **{name: case[:3] for name, case in LIKELIHOODS.items()},
    "squares": (Squares(), AMOUNTS, CENTRES),
    "huber": (Huber(np.array([SCALE])), AMOUNTS, CENTRES),
}
FIRST = np.zeros(1, dtype=np.intp)


def rows(loss: Loss, y: FloatArray, mu: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    deviance, slope, curvature = loss.rows(y[None], mu[None], FIRST)
    return deviance[0], slope[0], curvature[0]


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_the_log_likelihood_is_that_of_scipy(name: str) -> None:
    loss, y, mu, density, _ = LIKELIHOODS[name]
    weight = np.full_like(y, EXPOSURES if name == "binomial" else 1.0)
    ours = loss.log_likelihood(y[None], mu[None], weight[None])[0]
    assert ours == pytest.approx(density(y, mu), rel=1e-12)


def test_the_gaussian_log_likelihood_is_that_of_scipy_at_its_best_variance() -> None:
    weight = np.array([1.0, 2.0, 0.5, 4.0, 1.0])
    variance = (weight * (AMOUNTS - CENTRES) ** 2).mean()
    ours = Squares().log_likelihood(AMOUNTS[None], CENTRES[None], weight[None])[0]
    assert ours == pytest.approx(stats.norm.logpdf(AMOUNTS, CENTRES, np.sqrt(variance / weight)), rel=1e-12)


def test_padding_adds_nothing_to_a_log_likelihood() -> None:
    for name, (loss, y, mu) in LOSSES.items():
        weight = np.full_like(y, EXPOSURES if name == "binomial" else 1.0)
        longer = [np.append(values, fill)[None] for values, fill in ((y, 0.0), (mu, mu[0]), (weight, 0.0))]
        short = loss.log_likelihood(y[None], mu[None], weight[None]).sum()
        assert loss.log_likelihood(*longer).sum() == pytest.approx(short, rel=1e-14, nan_ok=True), name


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_the_deviance_is_twice_the_fall_from_a_perfect_fit(name: str) -> None:
    loss, y, mu, density, worth = LIKELIHOODS[name]
    perfect = np.clip(y, loss.low, loss.high)
    fall = 2 * (density(y, perfect) - density(y, mu)) / worth
    # A perfect mean of 0 counts as 1e-10, whose log-probability is that far from 0.
    assert rows(loss, y, mu)[0] == pytest.approx(fall, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", LOSSES)
def test_a_perfect_mean_has_no_deviance_and_no_slope(name: str) -> None:
    loss, y, _ = LOSSES[name]
    inside = np.clip(y, 0.1, 0.9) if name == "binomial" else np.maximum(y, 0.5) if loss.low >= 0 else y
    deviance, slope, curvature = rows(loss, inside, inside)
    assert deviance == pytest.approx(0.0, abs=1e-12)
    assert slope == pytest.approx(0.0, abs=1e-15)
    assert (curvature > 0).all()


def differenced_slope(loss: Loss, y: FloatArray, mu: FloatArray) -> FloatArray:
    step = 1e-6 * np.minimum(1.0, np.abs(mu))
    up, down = (rows(loss, y, mu + sign * step)[0] for sign in (1, -1))
    return -0.5 * (up - down) / (2 * step)


@pytest.mark.parametrize("name", LOSSES)
def test_the_slope_is_minus_half_the_derivative_of_the_deviance(name: str) -> None:
    loss, y, mu = LOSSES[name]
    assert rows(loss, y, mu)[1] == pytest.approx(differenced_slope(loss, y, mu), rel=1e-5, abs=1e-8)


def test_the_check_of_slopes_would_catch_a_wrong_one() -> None:
    wrong = rows(NegativeBinomial(np.array([DISPERSION])), COUNTS, MEANS)[1]
    assert wrong != pytest.approx(differenced_slope(Poisson(), COUNTS, MEANS), rel=1e-2)


COUNTABLE: dict[str, tuple[Loss, FloatArray, Callable[[float], FloatArray]]] = {
    "poisson": (Poisson(), np.arange(400.0), lambda mu: stats.poisson.pmf(np.arange(400), mu)),
    "negative binomial": (
        NegativeBinomial(np.array([DISPERSION])),
        np.arange(4000.0),
        lambda mu: np.exp(_nbinom(np.arange(4000), np.float64(mu))),
    ),
    "binomial": (
        Binomial(),
        np.arange(EXPOSURES + 1) / EXPOSURES,
        lambda mu: stats.binom.pmf(np.arange(EXPOSURES + 1), EXPOSURES, mu),
    ),
}


@pytest.mark.parametrize("name", COUNTABLE)
@pytest.mark.parametrize("mu", [0.05, 0.4, 0.9])
def test_the_curvature_of_counts_is_the_expected_information(name: str, mu: float) -> None:
    loss, counts, chance = COUNTABLE[name]
    mu = mu if name == "binomial" else 30 * mu
    means, step = np.full_like(counts, mu), 1e-5 * mu
    up, down = (rows(loss, counts, means + sign * step)[1] for sign in (1, -1))
    expected = (chance(mu) * -(up - down) / (2 * step)).sum()
    assert rows(loss, counts, means)[2][0] == pytest.approx(expected, rel=1e-6)
    exposures = EXPOSURES if name == "binomial" else 1.0
    variance = (chance(mu) * (exposures * rows(loss, counts, means)[1]) ** 2).sum()
    assert variance == pytest.approx(exposures * expected, rel=1e-6)


@pytest.mark.parametrize("name", ["huber", "student_t"])
def test_the_weight_of_a_robust_loss_is_its_slope_over_the_residual(name: str) -> None:
    loss, y, mu = LOSSES[name]
    _, slope, weight = rows(loss, y, mu)
    assert slope == pytest.approx(weight * (y - mu), rel=1e-12)
    assert weight[-1] < 0.1 * weight[2]


@pytest.mark.parametrize("name", ["huber", "student_t"])
def test_the_bend_of_a_robust_loss_is_the_derivative_of_its_slope(name: str) -> None:
    loss, y, mu = LOSSES[name]
    assert isinstance(loss, Huber | StudentT)
    up, down = (rows(loss, y, mu + sign * 1e-6)[1] for sign in (1, -1))
    assert loss.bends(y[None], mu[None])[0] == pytest.approx(-(up - down) / 2e-6, rel=1e-6, abs=1e-8)


def test_huber_is_squares_within_the_corner_and_straight_beyond() -> None:
    corner = HUBER_CORNER * SCALE
    residual = np.array([0.5, 1.0, 2.0, 3.0]) * corner
    deviance, slope, _ = rows(Huber(np.array([SCALE])), residual, np.zeros(4))
    assert deviance[:2] == pytest.approx(residual[:2] ** 2)
    assert np.diff(deviance[1:]) == pytest.approx(2 * corner**2)
    assert slope == pytest.approx(np.minimum(residual, corner))


@pytest.mark.parametrize("kind", [Huber, StudentT])
def test_a_robust_loss_sees_residuals_times_the_roots_of_their_weights(kind: type[Huber | StudentT]) -> None:
    root = np.array([1.0, 2.0, 0.5, 3.0, 0.1])
    weighted = kind(np.array([SCALE]), root[None])
    deviance, slope, _ = rows(weighted, AMOUNTS, CENTRES)
    plain = rows(kind(np.array([SCALE])), root * AMOUNTS, root * CENTRES)
    assert root**2 * deviance == pytest.approx(plain[0], rel=1e-12)
    assert root * slope == pytest.approx(plain[1], rel=1e-12)


def test_a_student_t_with_weights_is_that_of_scipy_with_a_scale_per_row() -> None:
    weight = np.array([1.0, 4.0, 0.25, 9.0, 1.0])
    ours = StudentT(np.array([SCALE])).log_likelihood(AMOUNTS[None], CENTRES[None], weight[None])[0]
    scales = SCALE / np.sqrt(weight)
    assert ours == pytest.approx(stats.t.logpdf(AMOUNTS, STUDENT_DEGREES, CENTRES, scales), rel=1e-12)


def test_a_negative_binomial_without_dispersion_is_a_poisson() -> None:
    nearly = NegativeBinomial(np.array([1e-8]))
    for ours, theirs in zip(rows(nearly, COUNTS, MEANS), rows(Poisson(), COUNTS, MEANS), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-5)


def test_each_problem_of_a_batch_has_its_own_scale() -> None:
    y, mu = np.tile(COUNTS, (2, 1)), np.tile(MEANS, (2, 1))
    both = NegativeBinomial(np.array([0.1, 0.9])).rows(y, mu, np.array([1, 0]))
    for place, alpha in enumerate((0.9, 0.1)):
        alone = rows(NegativeBinomial(np.array([alpha])), COUNTS, MEANS)
        assert [part[place] for part in both] == [pytest.approx(a) for a in alone]


def test_huber_offers_no_likelihood() -> None:
    loss, y, mu = LOSSES["huber"]
    assert np.isnan(loss.log_likelihood(y[None], mu[None], np.ones((1, 5)))).all()
