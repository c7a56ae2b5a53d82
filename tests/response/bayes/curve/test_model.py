"""The density of campaigns: gradient, three languages, likelihood, and the coordinates that it is run in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mixcurve.response.bayes.curve.centring import centred, from_pilot
from mixcurve.response.bayes.curve.draws import campaign_draws, information
from mixcurve.response.bayes.curve.model import Known
from mixcurve.response.bayes.curve.noise import DEGREES, FAMILIES
from mixcurve.response.bayes.model.problem import LEVEL_PULL
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.run import Density

STEP = 1e-6
XP = DrawVectors()


def place_in(model, seed=0):
    return 0.4 * np.random.default_rng(seed).standard_normal(model.space.dimensions)


def gradient_error(density, place):
    slope = density(place)[1].copy()
    steps = STEP * np.eye(len(place))
    differenced = np.array([(density(place + e)[0] - density(place - e)[0]) / (2 * STEP) for e in steps])
    return np.abs(differenced - slope).max() / np.abs(slope).max()


@pytest.mark.parametrize("baseline", [True, False])
@pytest.mark.parametrize("campaigns", [1, 3])
@pytest.mark.parametrize("family", FAMILIES)
def test_tape_gradient_and_numpy_agree(model_of, family, campaigns, baseline):
    model = model_of(family, campaigns, baseline=baseline)
    density, place = Density(model.program()), place_in(model)
    assert gradient_error(density, place) < 1e-7
    by_numpy = model.log_density(XP, XP.position(place)).values[0, 0]
    assert density(place)[0] == pytest.approx(by_numpy, rel=1e-12)


def test_a_wrong_gradient_is_caught(model_of):
    model = model_of("gaussian")
    density = Density(model.program())
    assert gradient_error(lambda z: (density(z)[0], 1.001 * density(z)[1]), place_in(model)) > 1e-4


@pytest.mark.parametrize("family", ["gaussian", "negative binomial"])
def test_pytensor_says_the_same(model_of, family):
    import pytensor
    import pytensor.tensor as pt

    from mixcurve.response.bayes.vectors.symbolic import SymbolicVectors

    model = model_of(family, 2, 8)
    variable, xp = pt.vector("z"), SymbolicVectors()
    value = model.log_density(xp, xp.position(variable, model.space.dimensions))
    place = place_in(model)
    found = pytensor.function([variable], value.variable, mode="FAST_COMPILE")(place)
    assert float(np.ravel(found)[0]) == pytest.approx(Density(model.program())(place)[0], rel=1e-10)


def test_integrated_baseline_is_a_normal_with_a_common_term(model_of):
    model = model_of("gaussian", weighted=True)
    place = place_in(model)
    found = model.campaigns(XP, XP.position(place))
    value = 0.0
    for g in range(3):
        rows = model.data.campaign == g
        noise = found.values["noise"].values[0, g] + 1e-4
        mean = model.data.centre[g] + found.contributions.values[0, rows]
        covariance = noise**2 * (np.diag(1 / model.data.weight[rows]) + 1 / LEVEL_PULL)
        value += stats.multivariate_normal.logpdf(model.data.response[rows], mean, covariance)
    share = found.size.values[0] * model.room
    room = -np.logaddexp(0.0, (share - 1) / 0.05).sum()
    other = 0.3 * np.random.default_rng(5).standard_normal(len(place))
    shifted = [model.log_density(XP, XP.position(p)).values[0, 0] for p in (place, place + other)]
    assert shifted[0] != pytest.approx(shifted[1], abs=0.1)
    known = -0.5 * place @ place + room + value
    # What the density leaves out does not depend on the position: weights, 2π, and the determinant's constant.
    data = model.data
    total = np.bincount(data.campaign, data.weight)
    left_out = (
        0.5 * np.log(data.weight).sum()
        - 0.5 * len(data.weight) * np.log(2 * np.pi)
        - 0.5 * np.log1p(total / LEVEL_PULL).sum()
    )
    assert shifted[0] + left_out == pytest.approx(known, rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_row_likelihoods_are_those_of_scipy(model_of, family):
    model = model_of(family, 2, 6)
    place = place_in(model)
    draws = campaign_draws(model, place[None], np.random.default_rng(0))
    data, unit = model.data, model.data.response_unit[model.data.campaign]
    spend = data.spend * data.spend_unit[data.campaign]
    top, half, slope = draws.parameters[0, data.campaign].T
    with np.errstate(divide="ignore"):
        brought = top / (1 + (half / spend) ** slope)
    mean, noise = draws.baseline[0, data.campaign] + brought, draws.noise[0, data.campaign]
    response = data.response * unit
    if family == "gaussian":
        expected = stats.norm.logpdf(response, mean, noise)
    elif family == "student-t":
        degrees = DEGREES(XP, XP.position(place)[model.space.rows("degrees of freedom")]).values[0, 0]
        expected = stats.t.logpdf(response, degrees, mean, noise)
    elif family == "poisson":
        expected = stats.poisson.logpmf(np.round(response), mean)
    elif family == "negative binomial":
        expected = stats.nbinom.logpmf(np.round(response), 1 / noise, 1 / (1 + noise * mean))
    else:
        expected = stats.binom.logpmf(np.round(response * data.weight), data.weight, mean)
    np.testing.assert_allclose(draws.log_likelihood[0], expected, rtol=1e-6)


def test_baselines_are_drawn_from_their_exact_distribution(model_of):
    model = model_of("gaussian", 2, 10)
    positions = np.tile(place_in(model), (20_000, 1))
    draws = campaign_draws(model, positions, np.random.default_rng(0))
    found = model.campaigns(XP, XP.position(positions[:1]))
    for g in range(2):
        rows = model.data.campaign == g
        noise = draws.noise[0, g]
        rest = (model.data.response[rows] - found.contributions.values[0, rows]) * model.data.response_unit[g]
        prior = model.data.centre[g] * model.data.response_unit[g]
        precision = rows.sum() + LEVEL_PULL
        middle = (rest.sum() + LEVEL_PULL * prior) / precision
        z = (draws.baseline[:, g] - middle) / (noise / np.sqrt(precision))
        assert stats.kstest(z, "norm").pvalue > 0.001


@pytest.mark.parametrize("family", ["gaussian", "student-t"])
def test_other_coordinates_are_the_same_density_up_to_their_determinant(model_of, family):
    model = model_of(family)
    moved = centred(model, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    moved = from_pilot(moved, rng.standard_normal((400, model.space.dimensions)))
    density, place = Density(moved.program()), place_in(model, 3)
    assert gradient_error(density, place) < 1e-6
    steps = STEP * np.eye(len(place))
    jacobian = np.stack(
        [(moved.position(place + e) - moved.position(place - e))[0] / (2 * STEP) for e in steps]
    )
    other = place_in(model, 4)
    jacobian_there = np.stack(
        [(moved.position(other + e) - moved.position(other - e))[0] / (2 * STEP) for e in steps]
    )
    plain = Density(model.program())
    rise = density(other)[0] - density(place)[0]
    of_model = plain(moved.position(other)[0])[0] - plain(moved.position(place)[0])[0]
    of_map = np.linalg.slogdet(jacobian_there)[1] - np.linalg.slogdet(jacobian)[1]
    assert rise == pytest.approx(of_model + of_map, rel=1e-5, abs=1e-5)


def test_known_population_is_a_prior_of_the_shared_coordinates(model_of):
    model = model_of("gaussian", 3)
    size = len(model.shared)
    root = np.tril(np.random.default_rng(2).uniform(0.1, 0.5, (size, size)))
    known = Known(np.full(size, 0.2), root)
    moved = replace(model, known=known)
    place = place_in(model)
    same = place.copy()
    same[:size] = known.centre + root @ place[:size]
    ours = moved.log_density(XP, XP.position(place)).values[0, 0] + 0.5 * place[:size] @ place[:size]
    plain = model.log_density(XP, XP.position(same)).values[0, 0] + 0.5 * same[:size] @ same[:size]
    assert ours == pytest.approx(plain, rel=1e-12)


def test_prior_leaves_room_and_information_is_none_under_it(model_of):
    model = model_of("gaussian", 3)
    draws = model.prior_draws(4000, np.random.default_rng(0))
    found = campaign_draws(model, draws, np.random.default_rng(1))
    mean = model.data.centre * model.data.response_unit
    assert (found.contribution < 1.4 * mean).all()
    shape = information(model, draws, found.real)[:, 1:3]
    assert (shape < 0.15).all()
    assert model_of("gaussian", baseline=False).room is None


def test_taking_campaigns_keeps_their_rows(model_of):
    model = model_of("gaussian", 4, 10)
    some = model.take(np.array([1, 3]))
    assert some.data.names == ("c1", "c3")
    np.testing.assert_array_equal(some.data.response, model.data.response.reshape(4, 10)[[1, 3]].ravel())
    np.testing.assert_array_equal(some.quantities[0].middle, model.quantities[0].middle[[1, 3]])
