"""Forecasts of a mix: exact where nothing is uncertain, calibrated where something is, and refused where it must be."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.fit.mix.fit import fit_mix
from mixcurve.response.fit.mix.predict import predict_mix
from mixcurve.response.fit.mix.result import MixFit
from mixcurve.response.simulate import simulate_market
from mixcurve.tables.table import SpendTable

PERIODS, HELD = 140, 12


def part(table: SpendTable, first: int, last: int) -> SpendTable:
    """Return the rows of some periods, in every group."""
    days = np.unique(table.dates)
    last_day = days[last - 1]
    rows = (table.dates >= days[first]) & (table.dates <= last_day)
    labels = None if table.groups is None else tuple(np.array(table.groups)[rows].tolist())
    return replace(
        table, dates=table.dates[rows], spend=table.spend[rows], response=table.response[rows],
        controls=table.controls[rows], groups=labels,
    )  # fmt: skip


@cache
def table(groups: int | None = None, noise: float = 0.03) -> SpendTable:
    return simulate_market(
        ["tv", "search"], periods=PERIODS, groups=groups, noise=noise, price=-1.0, zero_weeks=0.3, seed=6
    ).table


@cache
def fitted(**settings: object) -> MixFit:
    known = {"starts": 8, "resamples": 100} | settings
    groups = 2 if "groups" in settings else None
    return fit_mix(part(table(groups), 0, PERIODS - HELD), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", ["carryover first", "saturation first"])
def test_rows_without_noise_are_forecast_with_their_carryover(order: str) -> None:
    """The mean is that of a fit's own decomposition, had the fit seen those rows' spend but not their response."""
    fit = fitted(order=order, control_signs=None)
    whole = table()
    mean, draws = predict_mix(fit, part(whole, PERIODS - HELD, PERIODS))
    assert mean.shape == (HELD,)
    assert draws.shape == (100, HELD)
    state = fit.state
    assert state is not None
    later = part(whole, PERIODS - HELD, PERIODS)
    expected = state.coefficients[0] @ columns(fit, later).T
    for c, name in enumerate(fit.channels):
        weight = fit.carryover_parameters[c, 0] ** np.arange(fit.carryover_length)
        weight = weight / weight.sum()
        curve, shape = fit.curve[c], fit.draws[0, c, 1:, None]
        spend = whole.spend_of(name)
        if order == "carryover first":
            one = curve.unit(np.convolve(spend, weight)[:PERIODS], list(shape))
        else:
            one = np.convolve(curve.unit(spend, list(shape)), weight)[:PERIODS]
        expected = expected + fit.draws[0, c, 0] * one[-HELD:]
    assert mean == pytest.approx(expected, rel=1e-9)
    idle = replace(later, spend=later.spend * 0.0)
    assert (predict_mix(fit, idle)[0] < mean + 1e-9).all()


def columns(fit: MixFit, later: SpendTable) -> np.ndarray:
    from mixcurve.response.design.columns import design_columns

    assert fit.state is not None
    return design_columns(fit.state.design, later.dates, later.controls, later.groups).free


def test_draws_cover_what_came() -> None:
    later = part(table(), PERIODS - HELD, PERIODS)
    mean, draws = predict_mix(fitted(), later)
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    assert ((low < later.response) & (later.response < high)).mean() >= 0.75
    assert draws.mean(axis=0) == pytest.approx(mean, rel=0.05)
    assert (high - low).mean() < 0.4 * later.response.mean()
    same, other = predict_mix(fitted(), later, seed=0)[1], predict_mix(fitted(), later, seed=1)[1]
    assert np.array_equal(same, draws)
    assert not np.array_equal(other, draws)


def test_autocorrelated_noise_goes_on_from_the_last_residual() -> None:
    fit = fitted(errors="autocorrelated")
    assert fit.state is not None
    moved = replace(fit.state, rho=0.8, last_residual=fit.state.last_residual + 1000.0)
    later = part(table(), PERIODS - HELD, PERIODS)
    still = replace(fit.state, rho=0.8)
    ahead, draws = (
        predict_mix(replace(fit, state=moved), later)[i] - predict_mix(replace(fit, state=still), later)[i]
        for i in (0, 1)
    )
    assert ahead == pytest.approx(1000.0 * 0.8 ** np.arange(1, HELD + 1))
    assert np.abs(draws).mean(axis=0) == pytest.approx(1000.0 * 0.8 ** np.arange(1, HELD + 1))


def test_counts_vary_more_where_more_is_expected() -> None:
    fit = fitted(noise="poisson")
    later = part(table(), PERIODS - HELD, PERIODS)
    assert fit.state is not None
    loud = replace(fit.state, coefficients=fit.state.coefficients * 4.0)
    few, many = (predict_mix(replace(fit, state=s), later)[1] for s in (fit.state, loud))
    assert many.std(axis=0).mean() > 1.5 * few.std(axis=0).mean()


@pytest.mark.parametrize("how", ["separate", "pooled"])
def test_groups_are_forecast_each_with_its_own_rows(how: str) -> None:
    fit = fitted(groups=how)
    later = part(table(2), PERIODS - HELD, PERIODS)
    mean, draws = predict_mix(fit, later)
    assert mean == pytest.approx(later.response, rel=0.2)
    assert draws.shape == (100, 2 * HELD)
    assert np.abs(mean / later.response - 1.0).mean() < 0.06


def test_a_saved_fit_forecasts_the_same() -> None:
    later = part(table(), PERIODS - HELD, PERIODS)
    again = MixFit.from_dict(fitted().to_dict())
    assert predict_mix(again, later)[0] == pytest.approx(predict_mix(fitted(), later)[0])
    assert predict_mix(again, later)[1] == pytest.approx(predict_mix(fitted(), later)[1])


def test_rows_that_do_not_follow_the_fit_are_refused() -> None:
    later = part(table(), PERIODS - HELD, PERIODS)
    with pytest.raises(InputError, match="must go on where the fit ended"):
        predict_mix(fitted(), part(table(), PERIODS - HELD + 1, PERIODS))
    with pytest.raises(InputError, match="must have the channels of the fit, tv, search"):
        predict_mix(fitted(), replace(later, channels=("search", "tv")))
    with pytest.raises(InputError, match="must have the controls of the fit, price"):
        predict_mix(fitted(), replace(later, controls=np.empty((HELD, 0)), control_names=()))
    with pytest.raises(InputError, match="must have the groups of the fit, none; got"):
        predict_mix(fitted(), part(table(2), PERIODS - HELD, PERIODS))
    with pytest.raises(InputError, match="holds no state to forecast from"):
        predict_mix(replace(fitted(), state=None), later)
