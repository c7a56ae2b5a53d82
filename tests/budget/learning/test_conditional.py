"""What a curve says of the others: against closed forms of a correlated lognormal posterior."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.budget.learning.dependence import curve_known, related, weights_known
from mixcurve.budget.learning.next_test import next_test
from mixcurve.budget.learning.question import asked_question, model_of

BUDGET, SPREAD = 20.0, 0.5


def lognormal(rng, draws, correlation):
    """Return tops of tv and radio whose logarithms are normal and correlated."""
    z = rng.standard_normal((2, draws))
    other = correlation * z[0] + np.sqrt(1 - correlation**2) * z[1]
    return {"tv": 100 * np.exp(SPREAD * z[0]), "radio": 100 * np.exp(SPREAD * other)}


def exact_value(optimum, correlation):
    """Return the value of knowing tv's top, by quadrature; the mean of radio's given it is known in closed form."""
    z, weight = np.polynomial.hermite_e.hermegauss(60)
    own = 100 * np.exp(SPREAD * z)
    other = 100 * np.exp(SPREAD * correlation * z + 0.5 * SPREAD**2 * (1 - correlation**2))
    known = np.array([optimum(pair, BUDGET) for pair in zip(own, other)]) @ weight / weight.sum()
    mean = 100 * np.exp(0.5 * SPREAD**2)
    return known - optimum([mean, mean], BUDGET)


@pytest.mark.parametrize("correlation", [0.0, -0.8, 0.8])
def test_the_value_of_a_curve_agrees_with_quadrature(concave, optimum, correlation):
    found = next_test(concave(lognormal(np.random.default_rng(11), 500, correlation)), BUDGET)
    value, exact = found.channel("tv").value, exact_value(optimum, correlation)
    assert value.estimate == pytest.approx(exact, abs=3 * value.standard_error + 0.03 * exact)
    assert (found.channel("tv").goes_with == ("radio",)) is (correlation != 0.0)


def test_taking_draws_as_independent_misses_what_they_share(concave, optimum):
    """The check above can fail: without the dependence the value is far off."""
    known = concave(lognormal(np.random.default_rng(11), 500, 0.8))
    alone = next_test(known, BUDGET, dependence="independent").channel("tv").value
    exact = exact_value(optimum, 0.8)
    assert abs(alone.estimate - exact) > 3 * alone.standard_error + 0.03 * exact


def model(concave, correlation, draws=200):
    known = concave(lognormal(np.random.default_rng(5), draws, correlation))
    return model_of(asked_question(known, known.draws, BUDGET, None, None, {}))


@pytest.mark.parametrize("correlation", [0.0, -0.9])
def test_beliefs_add_up_to_what_is_believed_now(concave, correlation):
    """Whatever becomes known, the mean over all of it is that over the draws, to the last digits."""
    asked = model(concave, correlation)
    rng = np.random.default_rng(0)
    joint = rng.dirichlet(np.ones(7), size=200).T / 200  # a test with seven outcomes
    chance = joint.sum(axis=1)
    for known in related(asked, BUDGET, "joint"):
        for beliefs in (curve_known(known), weights_known(known, joint / chance[:, None], chance)):
            assert beliefs.chance.sum() == pytest.approx(1.0, abs=1e-12)
            for c, rows in enumerate(beliefs.rows):
                assert np.all(rows >= -1e-15)
                assert rows.sum(axis=1) == pytest.approx(np.ones(len(rows)))
                mixed = beliefs.chance @ rows[beliefs.pick[:, c]]
                assert mixed == pytest.approx(np.full(200, 1 / 200), abs=1e-14)


def test_kinds_are_of_alike_size_and_the_kernel_is_balanced(concave):
    known = related(model(concave, 0.5, 512), BUDGET, "joint")[0]
    sizes = np.bincount(known.kind)
    assert sizes.tolist() == [8] * 64
    assert np.all(known.near >= 0)
    assert known.near.sum(axis=1) == pytest.approx(np.ones(64), abs=1e-14)
    assert sizes @ known.near == pytest.approx(sizes, abs=1e-12)


def test_unrelated_channels_are_rarely_taken_to_depend(concave):
    """At one percent each way, 100 pairs give about one; ten or more have a chance below 1e-6."""
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(50):
        known = concave(lognormal(rng, 60, 0.0))
        found = related(model_of(asked_question(known, known.draws, BUDGET, None, None, {})), BUDGET, "joint")
        hits += (found[0].trust[1] > 0) + (found[1].trust[0] > 0)
    assert hits < 10
