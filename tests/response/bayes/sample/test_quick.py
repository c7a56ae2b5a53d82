"""The quick mode against densities whose moments are known, and where it must say that it failed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from mixcurve.foundations.errors import FitError, InputError
from mixcurve.response.bayes.sample import quick
from mixcurve.response.bayes.sample.profile import long_tails
from mixcurve.response.bayes.sample.proposal import FREEDOM, IMPOSSIBLE, Mixture
from mixcurve.response.bayes.sample.quick import MOST_K, quick_advice, sample_quick
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.whiten import Whitening
from mixcurve.response.bayes.vectors.run import Density

from .conftest import CENTRE, ROOT, Known


@pytest.mark.parametrize("method", quick.METHODS)
def test_a_normal_density_is_recovered(normal: Known, method: Any) -> None:
    found = sample_quick(normal, draws=2000, seed=1, method=method)
    assert found.positions.shape == (1, 2000, 3)
    assert found.sampler == method
    assert found.pareto_k < 0.5
    assert quick_advice(found) is None
    scale = np.sqrt(np.diag(ROOT @ ROOT.T))
    assert np.abs(found.flat.mean(axis=0) - CENTRE).max() < 0.1 * scale.min() + 0.02
    assert np.cov(found.flat.T) == pytest.approx(ROOT @ ROOT.T, abs=0.04)


@pytest.mark.parametrize("method", quick.METHODS)
def test_a_skewed_density_is_recovered(skewed: Known, method: Any) -> None:
    found = sample_quick(skewed, draws=4000, seed=2, method=method)
    assert found.pareto_k < MOST_K
    assert found.flat.mean(axis=0) == pytest.approx(np.full(5, special.digamma(1.0)), abs=0.12)
    assert found.flat.var(axis=0) == pytest.approx(np.full(5, special.polygamma(1, 1.0)), rel=0.2)
    lowest = stats.kstest(np.exp(found.flat[:, 0]), stats.expon.cdf).statistic
    assert lowest < 0.05


def test_the_check_can_fail(skewed: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without weights the draws are the proposal's own, and those are not the density's.
    def unweighed(ratio: Any) -> tuple[Any, float]:
        return np.full(len(ratio), 1.0 / len(ratio)), 0.0

    monkeypatch.setattr(quick, "_smoothed", unweighed)
    monkeypatch.setattr(quick, "adapted", lambda density, mixture, rng: mixture)
    found = sample_quick(skewed, draws=4000, seed=2)
    assert stats.kstest(np.exp(found.flat[:, 0]), stats.expon.cdf).statistic > 0.05


def test_tails_too_heavy_are_said(cauchy: Known) -> None:
    found = sample_quick(cauchy, draws=500, seed=3)
    assert found.pareto_k > MOST_K
    assert re.fullmatch(
        r"The Pareto k of the quick draws is \d\.\d\d, above 0\.7\. They may be far from the posterior: "
        r"use NUTS \(quick=False\)\.",
        quick_advice(found) or "",
    )


def test_a_k_that_cannot_be_computed_is_advised_on() -> None:
    lost = Sampled(np.zeros((1, 5, 2)), "laplace", 0, pareto_k=float("inf"))
    assert "could not be computed" in (quick_advice(lost) or "")
    assert quick_advice(replace(lost, sampler="nutpie")) is None


def test_a_seed_repeats_the_draws(normal: Known) -> None:
    first, same, other = (sample_quick(normal, draws=100, seed=s).positions for s in (4, 4, 5))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_a_long_tail_is_found_and_a_short_one_is_not(skewed: Known, normal: Known) -> None:
    density = Density(skewed.program())
    places = long_tails(density, Whitening(np.zeros(5), np.eye(5)))  # mode 0, curvature 1
    assert len(places) == 5
    for j, place in enumerate(places):
        assert place[j] < -2.5
        assert np.abs(np.delete(place, j)).max() < 1e-3
    assert long_tails(Density(normal.program()), Whitening(CENTRE, ROOT)) == ()


def test_the_mixture_is_one_of_student_t_distributions() -> None:
    turned = ROOT @ np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    mixture = Mixture.of([Whitening(CENTRE, turned), Whitening(-CENTRE, ROOT)], np.array([3.0, 1.0]))
    draws = mixture.draw(50, np.random.default_rng(1))
    pieces = [stats.multivariate_t(c, ROOT @ ROOT.T, df=FREEDOM) for c in (CENTRE, -CENTRE)]
    direct = np.array([np.log(s) + p.logpdf(draws) for s, p in zip((0.75, 0.25), pieces, strict=True)])
    difference = mixture.log_densities(draws) - direct
    assert np.ptp(difference) < 1e-10
    away = mixture.draw(40_000, np.random.default_rng(2)).mean(axis=0)
    assert away == pytest.approx(0.5 * CENTRE, abs=0.03)


def test_weights_of_draws_without_density_are_nothing() -> None:
    ratio = np.r_[np.random.default_rng(0).standard_normal(500), np.full(300, IMPOSSIBLE)]
    weight, k = quick._smoothed(ratio)
    assert weight.sum() == pytest.approx(1.0)
    assert (weight[500:] == 0.0).all()
    assert np.isfinite(k)
    _, none = quick._smoothed(np.r_[0.0, np.full(300, IMPOSSIBLE)])
    assert none == np.inf


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"draws": 0}, r"draws must be in \[1, inf\], got 0\. Ask for 1000\."),
        ({"method": "laplac"}, "There is no quick method called 'laplac'. Did you mean 'laplace'?"),
    ],
)
def test_refusals(normal: Known, asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        sample_quick(normal, **asked)


@pytest.mark.parametrize("method", quick.METHODS)
def test_a_density_that_is_nowhere_finite_is_refused(method: Any) -> None:
    nowhere = Known(lambda xp, u: xp.sum(u) * np.nan, 2)
    with pytest.raises(FitError, match="finite nowhere near the middle of the prior"):
        sample_quick(nowhere, method=method)
