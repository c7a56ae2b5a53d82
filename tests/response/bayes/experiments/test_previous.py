"""A previous posterior in place of the prior: the law of the change, a round trip, and every refusal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.response.bayes.experiments.moved import what_experiments_moved
from mixcurve.response.bayes.experiments.parts import experiment_parts
from mixcurve.response.bayes.experiments.previous import RESPONSE, PreviousPosterior, previous_posterior
from mixcurve.response.bayes.mix import mix_model
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.result.assemble import assemble_posterior
from mixcurve.response.bayes.result.recover import recover
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.tables.table import SpendTable

NAMES = ("tv", "search", "radio")


@pytest.fixture(scope="module")
def market() -> SpendTable:
    return mc.simulate_market(list(NAMES), periods=70, noise=0.05, start="2024-01-01", seed=5).table


@pytest.fixture(scope="module")
def later(market: SpendTable) -> MixModel:
    return mix_model(market, season=0)


def quantities(model: MixModel, draws: Any, channels: tuple[str, ...], reference: Any) -> Any:
    """Return log response at the reference spend, logit decay, log half and log slope of each channel (D × 4 C)."""
    found = recover(model, np.atleast_2d(draws), np.random.default_rng(0))
    out = []
    for channel, spend in zip(channels, reference, strict=True):
        c = model.problem.channels.index(channel)
        top, half, slope = found.parameters[:, c].T
        share = found.carryover[:, c, 0] / 0.95
        at = top * spend**slope / (spend**slope + half**slope)
        out += [np.log(at), np.log(share / (1 - share)), np.log(half), np.log(slope)]
    return np.stack(out, axis=1)


@pytest.fixture(scope="module")
def previous(later: MixModel) -> PreviousPosterior:
    """Return beliefs about search and tv (in this order), narrower than the prior's and away from its middle."""
    rng = np.random.default_rng(9)
    channels = ("search", "tv")
    places = [NAMES.index(c) for c in channels]
    reference = later.problem.mix.table.spend[:, places].mean(axis=0) * 0.7
    found = quantities(later, later.prior_draws(4000, rng), channels, reference)
    turn = 0.8 * (np.eye(8) + 0.04 * rng.standard_normal((8, 8)))
    return PreviousPosterior(
        channels, ("hill", "hill"), ("geometric", "geometric"), reference,
        tuple((c, n) for c in channels for n in (RESPONSE, "decay", "half", "slope")),
        found.mean(axis=0) + 0.2 * found.std(axis=0), turn @ np.cov(found.T) @ turn.T, "week", "GBP", "response",
        "2022-01-03", "2023-12-25",
    )  # fmt: skip


def with_previous(model: MixModel, previous: PreviousPosterior) -> MixModel:
    return replace(model, parts=experiment_parts(model.problem, previous))


def test_the_prior_of_its_channels_is_taken_off_and_the_previous_one_put_in_place(
    later: MixModel, previous: PreviousPosterior
) -> None:
    model = with_previous(later, previous)
    rng = np.random.default_rng(1)
    draws = 0.7 * rng.standard_normal((6, model.space.dimensions))
    xp = DrawVectors()
    position = xp.position(draws)
    change = (model.log_density(xp, position).values - later.log_density(xp, position).values)[:, 0]
    law = stats.multivariate_normal(previous.mean, previous.covariance)
    put = law.logpdf(quantities(later, draws, previous.channels, previous.reference))
    sizes, rows = later.sizes, [0, 1]
    own = draws[:, later.space.rows("size")] @ sizes.root.T
    taken = stats.multivariate_normal(np.zeros(2), (sizes.root @ sizes.root.T)[np.ix_(rows, rows)]).logpdf(
        own[:, rows]
    )
    for name in ("decay", "half", "slope"):
        taken += stats.norm.logpdf(draws[:, later.space.rows(name)][:, rows]).sum(axis=1)
    wanted = put - taken
    assert change - change[0] == pytest.approx(wanted - wanted[0], abs=1e-8)
    assert change - change[0] != pytest.approx(put - put[0], abs=0.1)


def test_the_jacobian_is_constant(later: MixModel, previous: PreviousPosterior) -> None:
    """The quantities of all coordinates of two channels have the same volume everywhere, so no term is missing."""
    names = ("size", "decay", "half", "slope")
    rows = np.concatenate([np.arange(later.space.dimensions)[later.space.rows(n)][:2] for n in names])

    def volume(at: Any) -> float:
        eye = 1e-5 * np.eye(len(at))[rows]
        up, down = (quantities(later, at + s * eye, previous.channels, previous.reference) for s in (1, -1))
        return float(np.linalg.slogdet((up - down) / 2e-5)[1])

    rng = np.random.default_rng(2)
    volumes = [volume(rng.standard_normal(later.space.dimensions)) for _ in range(4)]
    assert np.ptp(volumes) < 1e-5


def test_prior_draws_weighted_by_it_have_its_mean_and_spread(
    later: MixModel, previous: PreviousPosterior
) -> None:
    model = with_previous(later, previous)
    draws = np.random.default_rng(4).standard_normal((60_000, model.space.dimensions))
    xp = DrawVectors()
    log = np.concatenate(
        [
            model.parts[0].log_density(xp, model, p, model.channels(xp, p)).values[:, 0]  # type: ignore[union-attr]
            for k in range(0, len(draws), 2000)
            for p in [xp.position(draws[k : k + 2000])]
        ]
    )
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    effective = 1.0 / (weight**2).sum()
    assert effective > 300
    found = quantities(later, draws, previous.channels, previous.reference)
    deviation = np.sqrt(np.diag(previous.covariance))
    assert np.all(np.abs(weight @ found - previous.mean) < 5 * deviation / np.sqrt(effective))
    spread = np.sqrt(weight @ (found - weight @ found) ** 2)
    assert spread == pytest.approx(deviation, rel=6 / np.sqrt(2 * effective))


def test_the_languages_and_the_gradient(
    later: MixModel, previous: PreviousPosterior, density_of: Any
) -> None:
    model = with_previous(later, previous)
    density, size = density_of(model), model.space.dimensions
    x = 0.4 * np.random.default_rng(0).standard_normal(size)
    value, slope = density(x)
    value, slope = float(value), slope.copy()
    numeric = [(density(x + 1e-6 * e)[0] - density(x - 1e-6 * e)[0]) / 2e-6 for e in np.eye(size)]
    assert slope == pytest.approx(numeric, rel=1e-5, abs=1e-4)
    xp = DrawVectors()
    assert model.log_density(xp, xp.position(x)).values[0, 0] == pytest.approx(value, rel=1e-12)


@pytest.fixture(scope="module")
def posterior(table: SpendTable, model: MixModel, sampled: Sampled) -> Any:
    return assemble_posterior(
        model, sampled, model.problem.design, table.spend.mean(axis=0), 0.9, "independent"
    )


def test_a_posterior_becomes_the_next_prior(
    table: SpendTable, model: MixModel, sampled: Sampled, posterior: Any, tmp_path: Path
) -> None:
    found = previous_posterior(posterior, weaken=4.0, channels=["search"])
    assert found.channels == ("search",)
    wanted = quantities(model, sampled.flat, ("search",), [table.spend[:, 1].mean()])
    assert found.mean == pytest.approx(wanted.mean(axis=0))
    assert found.covariance == pytest.approx(4.0 * np.cov(wanted.T))
    assert (found.first, found.last) == (str(table.dates[0]), str(table.dates[-1]))
    again = load_result(found.save(tmp_path / "previous.json"))
    later = mix_model(replace(table, dates=table.dates + 7 * 80 * np.timedelta64(1, "D")), season=0)
    report = what_experiments_moved(with_previous(later, again), sampled)
    move = report.moves[0]
    assert (move.kind, move.channel, move.name) == (
        "previous posterior",
        "search",
        "previous posterior: search",
    )
    assert move.measured.estimate == pytest.approx(np.exp(found.mean[0]))
    assert "it says" in report.summary


def told(model: MixModel, previous: PreviousPosterior, **changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        experiment_parts(model.problem, replace(previous, **changes))
    return str(caught.value)


def test_what_does_not_fit_is_refused(
    later: MixModel, previous: PreviousPosterior, market: SpendTable
) -> None:
    assert "previous posterior: There is no channel called 'serch'. Did you mean 'search'?" in told(
        later, previous, channels=("serch", "tv")
    )
    assert "its periods must be the table's, 'week', got 'month'." in told(later, previous, every="month")
    assert "its currency must be the table's, 'GBP', got 'EUR'." in told(later, previous, currency="EUR")
    assert "its response must be the table's, 'response', got 'orders'." in told(
        later, previous, response_name="orders"
    )
    assert "it has seen the rows from 2022-01-03 to 2024-02-01, 5 of the 70 in the table," in told(
        later, previous, last="2024-02-01"
    )
    assert "it knows search as tanh with carryover geometric, but the model has hill with geometric." in told(
        later, previous, curves=("tanh", "hill")
    )
    grouped = mc.simulate_market(["tv", "search"], periods=60, groups=2, seed=4).table
    assert "it knows no groups, but the table has some." in told(mix_model(grouped, season=0), previous)
    with pytest.raises(InputError, match="at most one previous posterior"):
        experiment_parts(later.problem, [previous, replace(previous, name="another")])


def test_a_posterior_that_cannot_serve_is_refused(posterior: Any) -> None:
    with pytest.raises(InputError, match="weaken must be in"):
        previous_posterior(posterior, weaken=0.5)
    with pytest.raises(InputError, match="There is no channel called 'tvs'"):
        previous_posterior(posterior, channels=["tvs"])
    few = replace(posterior, variables={k: v[:, :4] for k, v in posterior.variables.items()})
    with pytest.raises(InputError, match="has 8 draws of 8 quantities; more than 80 finite ones"):
        previous_posterior(few)
