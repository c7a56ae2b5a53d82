"""A mix's own checks: its Jacobian, what its noise leaves, and its forecasts of periods held out."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.checks.jacobians import mix_jacobian
from mixcurve.response.checks.mix_holdout import holdout_mix, rolling_mix
from mixcurve.response.checks.of_fit import check_residuals, innovations
from mixcurve.response.checks.origins import rows_of
from mixcurve.response.fit.mix.fit import fit_mix
from mixcurve.response.simulate import simulate_market

QUICK = {"season": 1, "starts": 16, "resamples": 20}


@pytest.fixture(scope="module")
def market():
    return simulate_market(["tv", "search"], periods=130, noise=0.03, seed=5).table


@pytest.fixture(scope="module")
def mix(market):
    return fit_mix(market, **QUICK)


def test_the_jacobian_spans_what_a_small_change_of_each_parameter_does(market, mix) -> None:
    """By hand for Hill over a geometric carryover: level, trend, two waves, and size, bend, slope, decay each."""
    found = mix_jacobian(mix, market)
    assert found.shape == (130, 4 + 2 * 4)
    t = np.arange(130.0)
    by_hand = [np.ones(130), t]
    for i in range(2):
        top, half, slope = mix.draws[0, i]
        decay = mix.carryover_parameters[i, 0]
        x = mix.carried[:, i]
        lags = np.arange(mix.carryover_length)
        weight = decay**lags / np.sum(decay**lags)
        slopes = np.zeros_like(x)
        change = lags * decay ** np.maximum(lags - 1, 0) - weight * np.sum(
            lags * decay ** np.maximum(lags - 1, 0)
        )
        change = change / np.sum(decay**lags)
        for lag in lags:
            slopes[lag:] += change[lag] * market.spend[: 130 - lag, i]
        with np.errstate(divide="ignore", invalid="ignore"):
            unit = x**slope / (half**slope + x**slope)
            along = np.where(x > 0, unit * (1 - unit) * np.log(x / half), 0.0)
            marginal = np.where(x > 0, top * slope * unit * (1 - unit) / x, 0.0)
        by_hand += [unit, unit * (1 - unit), along, marginal * slopes]
    scaled = found / np.linalg.norm(found, axis=0)
    for column in by_hand:
        near = scaled @ np.linalg.lstsq(scaled, column)[0]
        assert np.linalg.norm(column - near) < 1e-5 * np.linalg.norm(column)
    assert np.linalg.matrix_rank(scaled) == 12


def test_checks_of_a_mix_know_the_leverage_with_its_table(market, mix) -> None:
    found = check_residuals(mix, table=market)
    assert found.leverage.sum() == pytest.approx(round(130 - mix.degrees_of_freedom))
    assert found.leverage.sum() <= mix_jacobian(mix, market).shape[1]
    np.testing.assert_allclose(found.residual, mix.residual)
    assert check_residuals(mix).check("influence").status == "not available"


def test_a_table_that_was_not_fitted_is_refused(market, mix) -> None:
    for other in (replace(market, spend=market.spend * 1.1), rows_of(market, market.dates[1:])):
        with pytest.raises(InputError, match="table must be the one that was fitted"):
            check_residuals(mix, table=other)
    with pytest.raises(InputError, match="holds no state"):
        mix_jacobian(replace(mix, state=None), market)


def test_groups_have_columns_of_their_own() -> None:
    table = simulate_market(["tv"], periods=80, groups=2, seed=2).table
    mix = fit_mix(table, **QUICK)
    found = mix_jacobian(mix, table)
    assert found.shape[0] == 160
    assert not (np.any(found[:80] != 0, axis=0) & np.any(found[80:] != 0, axis=0)).any()
    named = check_residuals(mix, table=table).names
    assert named[0].endswith(")") and named[0] != named[80]


@pytest.mark.parametrize("groups", ["pooled", "separate"])
def test_groups_of_different_size_are_checked_on_one_scale(groups: str) -> None:
    table = simulate_market(["tv"], periods=80, groups={"north": 6.0, "south": 1.0}, seed=2).table
    mix = fit_mix(table, groups=groups, **QUICK)
    assert np.std(mix.residual[:80]) > 3.0 * np.std(mix.residual[80:])
    found = check_residuals(mix, table=table)
    assert 0.7 < np.std(found.residual[:80]) / np.std(found.residual[80:]) < 1.4
    assert found.check("spread with level").status != "poor"


def test_innovations_of_autocorrelated_noise_are_independent(mix) -> None:
    rng = np.random.default_rng(0)
    e = rng.standard_normal(130)
    for t in range(1, 130):
        e[t] = 0.8 * e[t - 1] + e[t] * 0.6
    told = replace(mix, autocorrelation=SimpleNamespace(estimate=0.8), state=None)
    found = innovations(told, e, np.ones(130))
    np.testing.assert_allclose(found[1:], e[1:] - 0.8 * e[:-1])
    assert found[0] == pytest.approx(0.6 * e[0])
    both = innovations(told, np.column_stack([e, 2 * e]), np.ones(130))
    np.testing.assert_allclose(both, np.column_stack([found, 2 * found]))
    counts = replace(mix, noise="poisson")
    level = np.linspace(1.0, 9.0, 130)
    np.testing.assert_allclose(innovations(counts, np.sqrt(level), level), np.sqrt(level.mean()))
    np.testing.assert_array_equal(innovations(mix, e, level), e)


def test_a_mix_forecasts_better_than_last_year(market) -> None:
    found = holdout_mix(market, **QUICK)
    assert found.standing == "ahead"
    assert len(found.actual) == 13
    coverage = found.score("model").coverage
    assert coverage is not None
    assert coverage.low <= 0.9 <= coverage.high


def test_a_mix_rolls(market) -> None:
    told: list[tuple[str, int, int]] = []
    found = rolling_mix(market, initial=104, progress=lambda *what: told.append(what), **QUICK)
    assert told[-1] == ("done", 2, 2)
    assert np.unique(found.origin).tolist() == [0, 1]


def test_an_argument_that_fit_mix_lacks_is_named(market) -> None:
    with pytest.raises(InputError, match="takes no saeson here"):
        holdout_mix(market, saeson=2)
    with pytest.raises(InputError, match=r"The 3 periods up to .* give no forecast"):
        holdout_mix(rows_of(market, market.dates[:16]))
