"""Prior predictive checks: the quantiles are those of the priors, summed row by row."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.noise.family import noise_family
from mixcurve.response.bayes.model.problem import pose_for_sampling
from mixcurve.response.bayes.priors.predictive import prior_predictive
from mixcurve.response.bayes.priors.resolved import ResolvedPriors, SizeRule
from mixcurve.response.bayes.priors.sizes_drawn import prior_positions
from mixcurve.response.bayes.priors.words import resolve_priors
from mixcurve.response.fit.mix.options import mix_options
from mixcurve.response.simulate import simulate_market
from mixcurve.tables.table import SpendTable


@cache
def table(groups: int | None = None) -> SpendTable:
    return simulate_market(["tv", "search"], periods=104, groups=groups, response_name="orders", seed=1).table


def made(words: Any = None, *, groups: int | None = None, noise: str = "gaussian") -> MixModel:
    options = mix_options(
        table(groups), curve="hill", carryover="geometric", order="carryover first", noise="gaussian",
        errors="independent", groups="separate",
    )  # fmt: skip
    problem = pose_for_sampling(table(groups), options, {"trend": "linear", "season": 1})
    priors = resolve_priors(problem, words)
    return MixModel(problem, priors, noise_family(noise, priors=priors, problem=problem))


def test_roi_and_share_are_the_ranges_that_were_asked_for() -> None:
    small = prior_predictive(made({"*": {"contribution": (0.02, 0.1)}}), draws=4000, value=40.0)
    assert small.contribution[0] == pytest.approx([0.02, 0.02], rel=0.06)
    assert small.contribution[2] == pytest.approx([0.1, 0.1], rel=0.06)
    expected = 40.0 * small.contribution * table().response.sum() / table().spend.sum(axis=0)
    assert small.roi == pytest.approx(expected)
    assert small.exceeding == 0.0


def test_incremental_response_by_period_adds_up_to_its_share() -> None:
    found = prior_predictive(made({"*": {"contribution": (0.0999, 0.1001)}}), draws=400)
    # Each channel brings a tenth, whatever its curve, so its mean over the periods is a tenth of the mean response.
    assert found.incremental_share == pytest.approx([0.2, 0.2, 0.2], abs=2e-4)
    assert found.incremental[1].mean() == pytest.approx(0.2 * table().response.mean(), rel=0.15)
    assert (np.diff(found.incremental, axis=0) >= 0).all()


def test_exceeding_is_the_share_of_priors_that_bring_more_than_everything() -> None:
    model = made({"*": {"contribution": (0.3, 0.9)}})
    found = prior_predictive(model, draws=4000)
    rng = np.random.default_rng(1)
    log_middle, spread = 0.5 * np.log(0.3 * 0.9), np.log(3.0) / (2 * 1.6448536269514722)
    shares = np.exp(log_middle + spread * rng.standard_normal((200_000, 2))).sum(axis=1)
    assert found.exceeding == pytest.approx((shares > 1).mean(), abs=0.03)
    assert found.incremental_share[2] < 1.1


@pytest.mark.parametrize("noise", ["gaussian", "student-t"])
def test_the_response_is_centred_at_its_mean_and_wide(noise: str) -> None:
    found = prior_predictive(made({"*": {"contribution": (0.001, 0.01)}}, noise=noise), draws=1000)
    spread = found.response[2] - found.response[0]
    assert np.abs(found.response[1] - table().response.mean()).max() < 0.2 * spread.min()
    assert found.covered == 1.0


def test_the_baseline_has_the_variance_of_its_priors() -> None:
    """With next to no channels, response = offset + columns β + noise; its variance is σ² + s² Σ columns² / λ."""
    model = made({"*": {"contribution": (1e-6, 1e-5)}})
    found = prior_predictive(model, draws=6000)
    linear, noise = model.problem.linear, model.priors.noise
    rng = np.random.default_rng(2)
    sigma = np.exp(noise.middle + noise.spread * rng.standard_normal(200_000))
    scale = float(np.exp(noise.middle[0]))
    pulled = scale * np.sqrt((linear.columns**2 / linear.precision).sum(axis=1))
    first = sigma * rng.standard_normal(200_000) + pulled[0] * rng.standard_normal(200_000)
    shape = pulled / pulled[0]  # σ is small beside what the baseline may be
    limit = np.quantile(first, 0.95) * shape * model.problem.mix.response_unit
    assert found.response[2] - table().response.mean() == pytest.approx(limit, rel=0.12)


def test_groups_are_added_up() -> None:
    found = prior_predictive(made(groups=2), draws=100)
    both = table(2)
    assert len(found.dates) == both.n_periods
    assert found.observed.sum() == pytest.approx(both.response.sum())


def test_a_result_is_the_same_for_a_seed_and_is_kept(tmp_path: Path) -> None:
    found = prior_predictive(made(), draws=100, seed=3)
    assert (prior_predictive(made(), draws=100, seed=3).response == found.response).all()
    again = load_result(found.save(tmp_path / "prior.json"))
    assert again.frame.equals(found.frame)
    assert again.table.equals(found.table)
    assert list(found.table.index) == ["tv", "search"]


def test_priors_that_leave_no_room_are_refused_and_not_drawn_for_ever() -> None:
    model = made()
    too_much = ResolvedPriors((SizeRule("size", 8.0, 0.1), SizeRule()), model.priors.maps)
    with pytest.raises(InputError, match="the channels nearly always bring more than the whole response"):
        prior_positions(MixModel(model.problem, too_much, model.likelihood), 50, np.random.default_rng(0))


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InputError, match=r"draws must be in \[40, inf\], got 3\. Give a whole number"):
        prior_predictive(made(), draws=3)
    with pytest.raises(InputError, match="level must be in"):
        prior_predictive(made(), level=0.0)
