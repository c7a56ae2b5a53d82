"""Holding out periods: no look ahead, the same rows for all, and a sentence that says who won."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.errors import FitError, InputError
from mixcurve.foundations.results import load_result
from mixcurve.response.checks.accuracy import mase, wape
from mixcurve.response.checks.holdout import holdout_forecast, rolling_forecast
from mixcurve.response.checks.origins import rolling_origins, rows_of
from mixcurve.response.simulate import simulate_market
from mixcurve.tables.table import SpendTable

WEEKS = np.datetime64("2021-01-04") + 7 * np.arange(160)


def seasonal_table(noise: float = 0.02, every: str = "week") -> SpendTable:
    """Return a series with a strong yearly season, growth and an effect of spend."""
    rng = np.random.default_rng(0)
    t = np.arange(160)
    spend = rng.gamma(2.0, 5.0, (160, 1))
    season = 30.0 * np.sin(2 * np.pi * t / 52.0)
    response = (100.0 + 0.1 * t + season + 2.0 * spend[:, 0]) * (1.0 + noise * rng.standard_normal(160))
    return SpendTable(
        WEEKS, spend, response, np.empty((160, 0)), ("tv",), response_name="orders", every=every
    )


def columns(table: SpendTable) -> np.ndarray:
    t = (table.dates - WEEKS[0]).astype(np.int64) / 7.0
    angle = 2 * np.pi * t / 52.0
    return np.column_stack([np.ones(len(t)), t, np.sin(angle), np.cos(angle), table.spend[:, 0]])


def refit(table: SpendTable) -> tuple[np.ndarray, float]:
    x = columns(table)
    beta = np.linalg.lstsq(x, table.response)[0]
    return beta, float(np.std(table.response - x @ beta, ddof=5))


def predict(fit: Any, table: SpendTable) -> tuple[np.ndarray, np.ndarray]:
    mean = columns(table) @ fit[0]
    return mean, mean + fit[1] * np.random.default_rng(1).standard_normal((400, len(mean)))


def flat(fit: float, table: SpendTable) -> tuple[np.ndarray, None]:
    return np.full(table.n_rows, fit), None


@pytest.mark.parametrize(
    ("n", "initial", "horizon", "step", "ends"),
    [(10, 5, 2, None, [6, 8]), (10, 4, 2, 1, [4, 5, 6, 7, 8]), (10, 8, 2, 5, [8]), (9, 1, 3, 4, [2, 6])],
)
def test_origins_end_with_the_last_period(
    n: int, initial: int, horizon: int, step: int | None, ends: list[int]
) -> None:
    splits = rolling_origins(n, initial=initial, horizon=horizon, step=step)
    assert [known.stop for known, _ in splits] == ends
    assert all(
        known.start == 0 and ahead == range(known.stop, known.stop + horizon) for known, ahead in splits
    )
    assert splits[-1][1].stop == n
    assert splits[0][0].stop >= initial


def test_a_model_that_knows_the_market_is_ahead() -> None:
    table = seasonal_table()
    found = holdout_forecast(table, refit, predict, horizon=26)
    assert found.standing == "ahead"
    assert found.sentence.startswith(
        "The model's forecast misses by 2% of orders, the same week last year by "
    )
    assert found.actual.tolist() == table.response[-26:].tolist()
    mean = columns(rows_of(table, WEEKS[-26:])) @ refit(rows_of(table, WEEKS[:-26]))[0]
    score = found.score("model")
    assert score.wape.value == pytest.approx(wape(table.response[-26:], mean).value)
    assert score.mase.value == pytest.approx(mase(table.response[-26:], mean, table.response[:-26]).value)
    assert score.coverage is not None
    assert score.coverage.low <= 0.9 <= score.coverage.high
    assert score.crps.value < score.wape.value


def test_a_model_that_knows_nothing_is_behind_and_the_sentence_says_so() -> None:
    found = holdout_forecast(seasonal_table(), lambda table: 3.0 * table.response.mean(), flat, horizon=26)
    assert found.standing == "behind"
    assert "it looks ahead no better than the same week last year" in found.sentence
    assert found.score("model").crps.status == "not defined"
    assert found.score("model").coverage is None


def test_rivals_are_last_year_and_the_last_value_of_the_same_rows() -> None:
    table = seasonal_table()
    found = holdout_forecast(table, refit, predict, horizon=26)
    _, last, year = found.forecasts
    assert last.mean.tolist() == [table.response[-27]] * 26
    assert year.mean.tolist() == table.response[-26 - 52 : -52].tolist()


def test_the_model_never_sees_what_is_held_out() -> None:
    table = seasonal_table()
    seen: list[np.datetime64] = []

    def watched(before: SpendTable) -> Any:
        seen.append(before.dates.max())
        return refit(before)

    found = rolling_forecast(table, watched, predict, initial=104, horizon=13)
    first = [found.dates[found.origin == k].min() for k in range(len(seen))]
    assert len(seen) == 4
    assert all(last < ahead for last, ahead in zip(seen, first, strict=True))
    changed = replace(table, response=np.where(np.arange(160) >= 147, 0.0, table.response))
    again = rolling_forecast(changed, refit, predict, initial=104, horizon=13)
    np.testing.assert_array_equal(again.forecasts[0].mean, found.forecasts[0].mean)


def test_rolling_scores_all_rows_together_and_tells_progress() -> None:
    told: list[tuple[str, int, int]] = []
    table = seasonal_table()
    found = rolling_forecast(
        table, refit, predict, initial=104, horizon=13, step=6, progress=lambda *what: told.append(what)
    )
    origins = rolling_origins(160, initial=104, horizon=13, step=6)
    assert [t[1:] for t in told] == [(i, len(origins)) for i in range(len(origins) + 1)]
    assert len(found.actual) == 13 * len(origins)
    scale = np.concatenate(
        [[np.abs(np.diff(table.response[list(known)])).mean()] * 13 for known, _ in origins]
    )
    miss = np.abs(found.forecasts[0].mean - found.actual)
    assert found.score("model").mase.value == pytest.approx(np.mean(miss / scale))


def test_groups_are_forecast_each_from_its_own_past() -> None:
    table = simulate_market(2, periods=130, groups={"north": 3.0, "south": 1.0}, seed=3).table
    found = holdout_forecast(
        table,
        lambda t: {g: t.response[np.array(t.groups) == g].mean() for g in t.group_names},
        lambda fit, t: (np.array([fit[g] for g in t.groups or ()]), None),
        horizon=10,
    )
    south = np.array(table.groups) == "south"
    assert found.groups == ("north",) * 10 + ("south",) * 10
    assert found.forecasts[1].mean[-1] == table.response[south][-11]
    assert found.forecasts[2].mean[-1] == table.response[south][-1 - 52]
    assert len(found.past) == 52
    assert found.past[-1] == pytest.approx(table.response[table.dates == np.unique(table.dates)[-11]].sum())


def test_a_short_history_has_no_last_year() -> None:
    table = rows_of(seasonal_table(), WEEKS[:40])
    found = holdout_forecast(table, refit, predict, horizon=8)
    assert found.score("same week last year").wape.status == "not defined"
    assert "same week last year" not in found.sentence
    assert found.standing in ("ahead", "behind")


def test_yearly_rows_have_one_rival() -> None:
    years = np.array([f"{y}-01-01" for y in range(1980, 2010)], dtype="datetime64[D]")
    y = np.random.default_rng(2).normal(50.0, 5.0, 30)
    table = SpendTable(years, np.ones((30, 1)), y, np.empty((30, 0)), ("tv",), every="year")
    found = holdout_forecast(table, lambda t: t.response.mean(), flat, horizon=5)
    assert [f.name for f in found.forecasts] == ["model", "last value"]


def test_no_response_in_the_holdout_is_no_crash() -> None:
    table = replace(seasonal_table(), response=np.where(np.arange(160) < 150, 5.0, 0.0))
    found = holdout_forecast(table, refit, predict, horizon=10)
    assert found.standing == "no rival"
    assert found.score("model").mase.status == found.score("model").wape.status == "not defined"


def test_saved_and_read_back(tmp_path) -> None:
    found = holdout_forecast(seasonal_table(), refit, predict, horizon=6)
    back = load_result(found.save(tmp_path / "forecast.json"))
    assert back.sentence == found.sentence
    np.testing.assert_array_equal(back.forecasts[0].draws, found.forecasts[0].draws)
    assert list(found.table.columns) == ["WAPE", "MASE", "bias", "RMSE", "CRPS", "coverage of 90%"]


def failing(_: SpendTable) -> Any:
    raise FitError("The search stopped.")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda t: holdout_forecast(t, refit, predict, horizon=160), "Leave periods to fit the model to"),
        (
            lambda t: holdout_forecast(t, failing, predict, horizon=9),
            "151 periods up to 2023-11-20 give no forecast",
        ),
        (
            lambda t: holdout_forecast(t, refit, lambda f, a: ([1.0], None), horizon=9),
            "mean of shape \\(9,\\)",
        ),
        (
            lambda t: holdout_forecast(t, refit, lambda f, a: (np.full(9, np.nan), None), horizon=9),
            "The model's forecast must be finite",
        ),
        (lambda t: rolling_forecast(t, refit, predict, initial=150, horizon=13), "fit into the 160 periods"),
        (lambda t: rolling_forecast(t, refit, predict, initial=100, horizon=13, step=0), "step must be in"),
        (lambda t: holdout_forecast(t, refit, predict, horizon=9, level=2.0), "level must be in"),
        (lambda t: rows_of(t, ["1999-01-01"]), "no row with these dates"),
    ],
)
def test_hostile_input_gets_a_sentence(call, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call(seasonal_table())
