"""Pictures of a fit: the frames behind them add up, the titles say what they show, and no text is lost or covered."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.numbers import NBSP, Numbers, Units
from mixcurve.plots.autocorrelation import plot_autocorrelation
from mixcurve.plots.fitted import fitted_data, plot_fitted
from mixcurve.plots.forecast import forecast_data, plot_forecast
from mixcurve.plots.quantiles import plot_residual_quantiles, quantile_data
from mixcurve.plots.residuals import plot_residuals
from mixcurve.plots.style import FONT, new_axes, svg
from mixcurve.plots.waterfall import plot_waterfall, waterfall_data
from mixcurve.response.checks.holdout import holdout_forecast, rolling_forecast
from mixcurve.response.checks.of_fit import check_residuals
from mixcurve.response.checks.residuals import residual_checks
from mixcurve.response.simulate import simulate_market

WEEKS = np.datetime64("2023-01-02") + 7 * np.arange(104)


def renderer_of(axes: Any) -> Any:
    return axes.figure.canvas.get_renderer()


def drawn_texts(axes: Any) -> list[Any]:
    """Return every text within the axes' limits, the legend's included."""
    found = [t for t in [*axes.texts, axes.title, axes._left_title] if t.get_text().strip()]
    found += axes.get_legend().get_texts() if axes.get_legend() else []
    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        low, high = sorted(limits)
        found += [
            t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high and t.label1.get_text()
        ]
        found += [axis.label] if axis.label.get_text() else []
    return found


def problems_of(axes: Any) -> list[str]:
    """Return texts that lie on another or run out of the figure."""
    axes.figure.draw_without_rendering()
    boxes = [(t.get_text(), t.get_window_extent(renderer_of(axes))) for t in drawn_texts(axes)]
    frame = axes.figure.bbox
    out = [
        f"'{name}' runs out"
        for name, b in boxes
        if b.x0 < -1 or b.y0 < -1 or b.x1 > frame.width + 1 or b.y1 > frame.height + 1
    ]
    return out + [
        f"'{a}' on '{b}'" for (a, one), (b, other) in itertools.combinations(boxes, 2) if one.overlaps(other)
    ]


def message(axes: Any) -> str:
    """Return the title that says what the picture shows: the largest text."""
    largest = max(axes.texts, key=lambda t: t.get_fontsize())
    return largest.get_text().replace("\n", " ").replace(NBSP, " ")


def toy(table: Any) -> Any:
    """Return a forecaster that knows the mean and the spread of the past."""
    return table.response.mean(), table.response.std()


def toy_ahead(fit: Any, table: Any) -> Any:
    noise = np.random.default_rng(0).standard_normal((200, table.n_rows))
    return np.full(table.n_rows, fit[0]), fit[0] + fit[1] * noise


def comparison(horizon: int = 13, **more: Any) -> Any:
    market = simulate_market(2, periods=150, response_name="new_customers", **more).table
    return holdout_forecast(market, toy, toy_ahead, horizon=horizon)


def checks(outliers: int = 0, **more: Any) -> Any:
    e = np.random.default_rng(1).standard_normal(104) * 50.0
    e[40 : 40 + outliers] += 700.0
    design = np.column_stack([np.ones(104), np.arange(104) / 104.0])
    e = e - design @ np.linalg.lstsq(design, e)[0]
    return residual_checks(
        e, design @ [900.0, 100.0], dates=WEEKS, jacobian=design, response_name="orders", **more
    )


@pytest.fixture(scope="module")
def pictures(cases: ModuleType) -> dict[str, Any]:
    names = [
        "TV",
        cases.HOSTILE,
        cases.LONG,
        "paid_social_prospecting_thirdparty_audiences_dach",
        *cases.NAMES[4:],
    ]
    _, few = cases.table_and_fit(names=names[:4])
    _, many = cases.table_and_fit(names=[*names, *(f"Regional campaign {i}" for i in range(18))])
    table, one = cases.one_channel()
    market = simulate_market(2, periods=150).table
    return {
        "fitted": plot_fitted(few),
        "fitted one": plot_fitted(one, table=table),
        "waterfall": plot_waterfall(few),
        "waterfall many": plot_waterfall(many),
        "waterfall one": plot_waterfall(one),
        "residuals": plot_residuals(checks()),
        "residuals far": plot_residuals(checks(4)),
        "residuals one": plot_residuals(check_residuals(one, dates=table.dates)),
        "autocorrelation": plot_autocorrelation(checks()),
        "autocorrelation far": plot_autocorrelation(checks(8)),
        "quantiles": plot_residual_quantiles(checks()),
        "quantiles far": plot_residual_quantiles(checks(3)),
        "forecast": plot_forecast(comparison()),
        "forecast groups": plot_forecast(comparison(groups=2)),
        "forecast one": plot_forecast(comparison(1)),
        "rolling": plot_forecast(rolling_forecast(market, toy, toy_ahead, initial=100, horizon=8)),
    }


def test_no_text_is_clipped_or_covered(pictures: dict[str, Any]) -> None:
    found = {name: problems_of(axes) for name, axes in pictures.items()}
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_covered_and_clipped_text_is_caught() -> None:
    axes = plot_residuals(checks())
    axes.annotate("far out", (1.2, 0.5), xycoords="axes fraction")
    axes.annotate("on the title", (0.0, 1.02), xycoords="axes fraction")
    found = " ".join(problems_of(axes))
    assert "'far out' runs out" in found
    assert "'on the title'" in found


def test_every_picture_has_a_message_and_a_unit_in_the_report_font(pictures: dict[str, Any]) -> None:
    for name, axes in pictures.items():
        assert len(message(axes)) > 15, name
        assert axes.get_title(loc="left"), name
        made = svg(axes)
        assert FONT.encode() in made
        assert b"<image" not in made


@pytest.mark.parametrize("count", [1, 2, 11, 12, 30])
def test_a_waterfall_adds_up_to_the_response(cases: ModuleType, count: int) -> None:
    table, fit = cases.table_and_fit(count, names=[f"channel {i}" for i in range(count)])
    data = waterfall_data(fit)
    assert data.total == pytest.approx(table.response.sum())
    assert data.incremental == pytest.approx(fit.contributions.sum())
    assert len(data.names) <= 1 + 11 + 1
    assert ("others" in data.kinds) == (count > 11)
    assert data.frame["share"].sum() == pytest.approx(1.0)
    axes = plot_waterfall(fit)
    assert len(axes.patches) == len(data.names) + 1


def test_a_waterfall_names_what_the_data_do_not_show(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(5)
    data = waterfall_data(fit)
    hidden = {e.channel for e in fit.evidence if e.grade == "not shown"}
    assert {n for n, kind in zip(data.names, data.kinds) if kind == "not shown"} == hidden
    labels = [t.get_text().replace(NBSP, " ") for t in plot_waterfall(fit).get_yticklabels()]
    assert all(f"{name} (not shown)" in labels for name in hidden)


def test_fitted_and_residual_add_up_and_groups_are_summed(cases: ModuleType) -> None:
    table, fit = cases.table_and_fit(3)
    data = fitted_data(fit)
    np.testing.assert_allclose(data.observed, table.response)
    np.testing.assert_allclose(data.residual, fit.residual, atol=1e-9)
    share = 1 - np.sum(fit.residual**2) / np.sum((table.response - table.response.mean()) ** 2)
    assert data.explained == pytest.approx(share)
    assert (
        message(plot_fitted(fit)) == f"The model explains {Numbers().share(share)} of the variation in orders"
    )
    half = len(fit.dates) // 2
    twice = replace(fit, dates=np.concatenate([fit.dates[:half], fit.dates[:half]]))
    summed = fitted_data(twice)
    assert len(summed.dates) == half
    np.testing.assert_allclose(summed.observed, table.response[:half] + table.response[half:])


def test_residuals_lie_on_the_scale_of_the_response(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(3)
    stems = plot_fitted(fit).collections[-1].get_segments()
    np.testing.assert_allclose([s[1, 1] - s[0, 1] for s in stems], fit.residual, atol=1e-9)


def test_a_curve_fit_needs_its_table(cases: ModuleType) -> None:
    table, fit = cases.one_channel()
    assert fitted_data(fit, table).dates.tolist() == table.dates.tolist()
    with pytest.raises(InputError, match="table must be given"):
        plot_fitted(fit)
    with pytest.raises(InputError, match="table must have the 54 rows"):
        plot_fitted(fit, table=cases.one_channel(20)[0])


def test_outliers_are_named_and_counted() -> None:
    axes = plot_residuals(checks(2))
    named = {t.get_text() for t in axes.texts[1:]}
    assert named == {str(WEEKS[40]), str(WEEKS[41])}
    assert message(axes) == "2 weeks lie far from the fit"
    assert message(plot_residuals(checks())) == "No week lies far from the fit"
    assert len(plot_residuals(checks(3), ax=new_axes(5.0, 3.0)).texts) == 4


def test_lags_beyond_the_band_have_another_colour() -> None:
    e = np.random.default_rng(2).standard_normal(104)
    for t in range(1, 104):
        e[t] += 0.8 * e[t - 1]
    found = residual_checks(e - e.mean(), np.linspace(1, 2, 104), dates=WEEKS)
    axes = plot_autocorrelation(found)
    low, high = found.autocorrelation.band
    outside = (found.autocorrelation.values < low) | (found.autocorrelation.values > high)
    drawn = {line.get_color(): list(line.get_xdata()) for line in axes.lines if line.get_marker() == "o"}
    assert drawn["#c4500c"] == (np.flatnonzero(outside) + 1).tolist()
    assert "go together, most those 1 week apart (p below 0.001)" in message(axes)


def test_the_band_of_quantiles_holds_each_rank_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    found = checks()
    data = quantile_data(found)
    sample = np.sort(rng.standard_normal((4000, 104)), axis=1)
    held = ((sample >= data.low) & (sample <= data.high)).mean(axis=0)
    assert np.abs(held - 0.95).max() < 4.5 * (0.95 * 0.05 / 4000) ** 0.5
    assert sorted(data.names) == sorted(found.names)
    assert data.frame["observed"].is_monotonic_increasing


def test_a_perfect_fit_has_no_autocorrelation_to_draw() -> None:
    perfect = residual_checks(np.zeros(104), np.linspace(1, 2, 104), dates=WEEKS)
    with pytest.raises(InputError, match="no autocorrelation: The fit leaves no residuals"):
        plot_autocorrelation(perfect)
    with pytest.raises(InputError, match="no quantiles: The fit leaves no residuals"):
        plot_residual_quantiles(perfect)
    assert message(plot_residuals(perfect)) == "The fit leaves no residuals to check"


def test_a_forecast_shows_the_sums_of_groups() -> None:
    found = comparison(groups={"north": 3.0, "south": 1.0})
    data = forecast_data(found)
    assert len(data.dates) == 13
    np.testing.assert_allclose(data.actual, found.actual[:13] + found.actual[13:])
    draws = found.forecasts[0].draws
    np.testing.assert_allclose(data.low, np.quantile(draws[:, :13] + draws[:, 13:], 0.05, axis=0))
    assert data.frame.shape == (13, 7)
    assert message(plot_forecast(found)) + "." == found.sentence


def test_a_rival_without_a_value_is_left_out() -> None:
    market = simulate_market(2, periods=40).table
    found = holdout_forecast(market, toy, lambda fit, t: (np.full(t.n_rows, fit[0]), None), horizon=5)
    axes = plot_forecast(found)
    assert forecast_data(found).rival_names == ("last value",)
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["observed", "model", "last value"]


def test_units_and_given_axes_are_used(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(2)
    units = Units(Numbers("de-DE", "EUR"), "week", "revenue", response_is_money=True)
    for plot in (plot_fitted, plot_waterfall):
        axes = new_axes(5.0, 3.0)
        assert plot(fit, ax=axes, units=units) is axes
        axes.figure.draw_without_rendering()
        assert any("€" in t.get_text() for t in drawn_texts(axes))
    narrow = new_axes(3.0, 2.5)
    narrow.set_position((0.2, 0.4, 0.75, 0.3))
    legend = plot_forecast(comparison(), ax=narrow).get_legend()
    assert legend.get_window_extent(renderer_of(narrow)).y1 < narrow.get_window_extent().y0
