"""Prior against posterior: nothing is learned from nothing, and what is learned is measured as theory says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.response.bayes.learned.learn import prior_against_posterior
from mixcurve.response.bayes.learned.own import own_sizes
from mixcurve.response.bayes.learned.quantities import quantities, roi_of
from mixcurve.response.bayes.learned.scores import moments, normal_scores, overlap
from mixcurve.response.bayes.learned.table import LearnedTable
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.noise.family import noise_family
from mixcurve.response.bayes.model.problem import pose_for_sampling
from mixcurve.response.bayes.priors.sizes_drawn import prior_positions
from mixcurve.response.bayes.priors.words import resolve_priors
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.carryover import half_life
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fit.mix.options import mix_options
from mixcurve.response.simulate import simulate_market
from mixcurve.tables.table import SpendTable

NOTHING = "prior only: these data say nothing"
OTHERS = "other channels: these data say nothing of this one"


@cache
def table(groups: int | None = None) -> SpendTable:
    return simulate_market(
        ["tv", "search", "radio"], periods=104, groups=groups, response_name="orders", seed=1
    ).table


def made(
    words: Any = None, *, curve: Any = "hill", carryover: Any = "geometric", groups: int | None = None,
    on: SpendTable | None = None,
) -> MixModel:  # fmt: skip
    chosen = on or table(groups)
    options = mix_options(
        chosen, curve=curve, carryover=carryover, order="carryover first", noise="gaussian", errors="independent",
        groups="separate",
    )  # fmt: skip
    problem = pose_for_sampling(chosen, options, {"trend": "linear", "season": 1})
    priors = resolve_priors(problem, words)
    return MixModel(problem, priors, noise_family("gaussian", priors=priors, problem=problem))


def sampled(positions: np.ndarray, chains: int = 4) -> Sampled:
    return Sampled(positions.reshape(chains, -1, positions.shape[-1]), "none", 0)


@pytest.mark.parametrize(
    "model",
    [
        made(),
        made({"tv": {"roi": (0.005, 0.05)}, "search": {"mroi": (0.01, 0.05)}}),
        made(groups=2),
        made(curve={"tv": "logistic", "search": "power", "radio": "hill"}, carryover="weibull_pdf"),
    ],
    ids=["pooled", "marginal", "groups", "families"],
)
def test_draws_from_the_prior_have_learned_nothing(model: MixModel) -> None:
    found = prior_against_posterior(
        model, sampled(prior_positions(model, 3000, np.random.default_rng(3))), seed=4
    )
    assert {r.verdict for r in found.rows} == {NOTHING}
    for row in found.rows:
        assert abs(row.contraction) < 4.5 * row.contraction_error
        assert row.overlap > 0.95
        assert row.share < 0.5


def test_a_coordinate_that_moved_or_shrank_is_seen_and_no_other() -> None:
    model = made()
    positions = prior_positions(model, 4000, np.random.default_rng(5))
    positions[:, model.space.rows("slope").start] += 0.5
    positions[:, model.space.rows("decay").start + 1] *= 0.5
    found = prior_against_posterior(model, sampled(positions))
    changed = {(r.channel, r.name) for r in found.rows if r.verdict != NOTHING}
    # A steeper curve has its inflection elsewhere, and a half-life is a decay in other words.
    assert changed - {("tv", "inflection")} == {("tv", "slope"), ("search", "decay"), ("search", "half_life")}
    row = found.of("search", "decay")
    assert row.verdict == "data"
    assert row.contraction == pytest.approx(0.75, abs=4 * row.contraction_error)
    area = integrate.quad(lambda z: min(stats.norm.pdf(z), stats.norm.pdf(z, scale=0.5)), -8, 8, limit=200)[0]
    assert row.overlap == pytest.approx(area, abs=0.03)
    assert found.of("tv", "slope").verdict == "mostly prior"


def test_what_only_the_other_channels_moved_is_told_from_what_the_data_fix() -> None:
    """Hold one log size at a value and draw the others from their prior given it, by their joint normal one."""
    model = made()
    rng = np.random.default_rng(6)
    positions = prior_positions(model, 4000, rng)
    sizes = model.sizes
    covariance = sizes.root @ sizes.root.T
    held = np.log(0.05 * model.sizes.room)
    rest = [1, 2]
    gain = covariance[np.ix_(rest, [0])] / covariance[0, 0]
    middle = sizes.middle[rest] + gain[:, 0] * (held - sizes.middle[0])
    left = covariance[np.ix_(rest, rest)] - gain @ covariance[np.ix_([0], rest)]
    tried = np.column_stack(
        [np.full(40_000, held), rng.multivariate_normal(middle, left, 40_000, method="cholesky")]
    )
    share = np.exp(tried).sum(axis=1) / sizes.room
    room = np.logaddexp(0.0, (1.0 - share) / 0.05) * 0.05
    kept = tried[rng.random(len(tried)) < room][:4000]
    positions[:, model.space.rows("size")] = np.linalg.solve(sizes.root, (kept - sizes.middle).T).T
    found = prior_against_posterior(model, sampled(positions))
    assert found.of("tv", "roi").verdict == "data"
    assert found.of("tv", "roi").share == pytest.approx(1.0, abs=1e-6)
    for channel in ("search", "radio"):
        row = found.of(channel, "roi")
        assert row.verdict == OTHERS
        assert row.contraction > 0.5
        assert row.share < 0.15


def test_the_place_in_the_conditional_prior_is_that_of_plain_integration() -> None:
    model = made({"tv": {"roi": (0.005, 0.05)}})
    positions = prior_positions(model, 40, np.random.default_rng(7))
    own = own_sizes(model, positions)
    sizes = model.sizes
    covariance = sizes.root @ sizes.root.T
    for d in range(0, 40, 13):
        for c in range(3):
            others = [k for k in range(3) if k != c]
            gain = covariance[c, others] @ np.linalg.inv(covariance[np.ix_(others, others)])
            middle = sizes.middle[c] + gain @ (own.size[d, others] - sizes.middle[others])
            spread = np.sqrt(covariance[c, c] - gain @ covariance[others, c])
            rest = np.exp(own.size[d, others]).sum()

            def density(z: float, middle=middle, spread=spread, rest=rest) -> float:
                left = 1.0 - (rest + np.exp(z)) / sizes.room
                return stats.norm.pdf(z, middle, spread) * np.logaddexp(0.0, left / 0.05)

            ends = middle - 8 * spread, middle + 8 * spread
            whole = integrate.quad(density, *ends, limit=400)[0]
            below = integrate.quad(density, ends[0], own.size[d, c], limit=400)[0]
            assert stats.norm.cdf(own.scores[d, c]) == pytest.approx(below / whole, abs=2e-3)


@pytest.mark.slow
def test_a_channel_of_which_the_data_say_nothing_keeps_its_prior() -> None:
    """Its spend never changes and nothing of it carries over, so it cannot be told from the level."""
    from mixcurve.response.bayes.sample.nuts import sample_nuts

    spend = table().spend.copy()
    spend[:, 0] = 50_000.0
    steady = replace(table(), spend=spend)
    kernels = {"tv": "none", "search": "geometric", "radio": "geometric"}
    model = made({"tv": {"roi": (0.005, 0.05)}}, carryover=kernels, on=steady)
    drawn = sample_nuts(model, chains=2, draws=300, tune=200, rounds=1, seed=2)
    found = prior_against_posterior(model, drawn)
    assert {found.of("tv", name).verdict for name in ("roi", "half", "slope", "inflection")} == {NOTHING}
    assert found.of("tv", "roi").share < 0.2
    assert found.of("radio", "roi").verdict == "data"
    assert found.summary.startswith("tv: from the prior alone: ROI, half-saturation, slope, inflection.")


def test_too_few_effective_draws_are_said() -> None:
    model = made()
    few = np.repeat(prior_positions(model, 16, np.random.default_rng(8)), 100, axis=0)
    found = prior_against_posterior(model, sampled(few, chains=1))
    assert {r.verdict for r in found.rows} == {"not known: too few effective draws"}


def test_roi_is_that_of_the_rows_with_groups_too() -> None:
    for groups in (None, 2):
        model = made(groups=groups)
        positions = prior_positions(model, 20, np.random.default_rng(9))
        xp = DrawVectors()
        rows = model.channels(xp, xp.position(positions)).contributions.values.reshape(20, 3, -1)
        totals = rows @ model.problem.mix.row_unit
        assert roi_of(model, positions, 40.0) == pytest.approx(
            40.0 * totals / table(groups).spend.sum(axis=0)
        )


def test_figures_are_those_of_curve_and_kernel() -> None:
    model = made(curve={"tv": "logistic", "search": "power", "radio": "hill"}, carryover="weibull_pdf")
    positions = prior_positions(model, 5, np.random.default_rng(10))
    found = {(q.channel, q.name): q.values for q in quantities(model, positions)}
    radio = {name: found["radio", name] for name in ("half", "slope")}
    assert found["radio", "inflection"] == pytest.approx(shape_of.inflection("hill", radio))
    tv = {name: found["tv", name] for name in ("midpoint", "steepness")}
    assert found["tv", "half_saturation"] == pytest.approx(shape_of.half_saturation("logistic", tv))
    for channel in ("tv", "search", "radio"):
        pairs = zip(found[channel, "scale"], found[channel, "shape"], strict=True)
        lives = [half_life("weibull_pdf", pair, length=model.problem.options.length) for pair in pairs]
        assert found[channel, "half_life"] == pytest.approx(lives)
    # A figure that is a parameter is not told twice, and a curve has only the figures that it has.
    assert ("radio", "half_saturation") not in found
    assert ("tv", "inflection") not in found
    assert ("search", "half_saturation") not in found
    largest = table().spend.max(axis=0)
    assert (found["radio", "half"] / largest[2] > 1e-3).all()


def test_the_exact_prior_draws_are_those_of_the_model() -> None:
    model = made()
    ours = prior_positions(model, 3000, np.random.default_rng(11))
    theirs = model.prior_draws(3000, np.random.default_rng(12))
    for column in range(model.space.dimensions):
        assert stats.ks_2samp(ours[:, column], theirs[:, column]).pvalue > 1e-4


def test_scores_of_the_prior_are_standard_normal_with_ties_too() -> None:
    rng = np.random.default_rng(13)
    reference, values = np.maximum(rng.normal(size=9000), -0.5), np.maximum(rng.normal(size=4000), -0.5)
    assert stats.kstest(normal_scores(values, reference, rng), "norm").pvalue > 1e-3
    assert stats.kstest(normal_scores(values + 0.1, reference, rng), "norm").pvalue < 1e-3


def test_monte_carlo_errors_are_those_of_repeated_runs() -> None:
    rng = np.random.default_rng(14)
    means, variances, areas, errors = [], [], [], []
    for _ in range(60):
        steps = rng.standard_normal((4, 500))
        walk = np.zeros_like(steps)
        for t in range(500):
            walk[:, t] = 0.6 * walk[:, t - 1] + 0.8 * steps[:, t]
        found = moments(walk)
        means.append(found.mean)
        variances.append(found.variance)
        areas.append(overlap(1.0 + walk)[0])
        errors.append([found.mean_error, found.variance_error, overlap(1.0 + walk)[1]])
    told = np.mean(errors, axis=0)
    assert np.std([means, variances, areas], axis=1) == pytest.approx(told, rel=0.4)
    assert np.mean(areas) == pytest.approx(2 * stats.norm.cdf(-0.5), abs=0.03)


def test_the_table_is_kept_read_and_asked(tmp_path: Path) -> None:
    model = made()
    found = prior_against_posterior(model, sampled(prior_positions(model, 400, np.random.default_rng(15))))
    again = load_result(found.save(tmp_path / "learned.json"))
    assert isinstance(again, LearnedTable)
    assert again.table.equals(found.table)
    assert list(found.table["figure"][:3]) == ["ROI", "decay", "half-saturation"]
    assert found.summary.splitlines()[0].startswith("tv: from the prior alone: ROI, decay, half-saturation")
    with pytest.raises(InputError, match=r"no channel called 'telly'"):
        found.of("telly", "roi")
    with pytest.raises(InputError, match=r"no figure of 'tv' called 'slop'\. Did you mean 'slope'"):
        found.of("tv", "slop")
    with pytest.raises(InputError, match="level must be in"):
        prior_against_posterior(model, sampled(np.zeros((8, 13)), 1), level=1.5)
