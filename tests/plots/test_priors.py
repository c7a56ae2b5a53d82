"""The pictures of priors show the numbers of their results, within the frame, and say what they mean."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.plots.priors import plot_prior_posterior, plot_prior_predictive
from mixcurve.response.bayes.learned.table import Learned, LearnedTable
from mixcurve.response.bayes.priors.predictive import PriorPredictive


@cache
def predicted() -> PriorPredictive:
    dates = np.arange("2024-01-01", "2025-01-01", 7, dtype="datetime64[D]")
    observed = 1000.0 + 100 * np.sin(np.arange(len(dates)) / 5)
    wide = np.array([[-9000.0], [900.0], [9000.0]]) + 0 * observed
    return PriorPredictive(
        dates=dates, response=wide, incremental=np.array([[0.05], [0.2], [5.0]]) * observed, observed=observed,
        channels=("tv",), roi=np.ones((3, 1)), contribution=np.full((3, 1), 0.2),
        incremental_share=np.array([0.05, 0.2, 0.6]), exceeding=0.2, covered=1.0, draws=100, seed=0,
        response_name="orders",
    )  # fmt: skip


def row(channel: str, name: str, unit: str, standard: tuple[float, float, float], verdict: str) -> Learned:
    return Learned(
        channel, name, unit, prior_low=20_000.0, prior_high=80_000.0, median=40_000.0, low=30_000.0, high=50_000.0,
        standard=standard, contraction=0.5, contraction_error=0.02, overlap=0.7, overlap_error=0.01, share=0.5,
        share_error=0.02, verdict=verdict,
    )  # fmt: skip


def learned() -> LearnedTable:
    return LearnedTable(
        (
            row("tv", "roi", "", (-0.5, 0.0, 0.5), "data"),
            row("tv", "half", "spend", (-1.6, 0.0, 1.7), "prior only: these data say nothing"),
            row("search", "half_life", "periods", (2.0, 3.0, 9.0), "mostly prior"),
            row("", "noise", "response", (-0.1, 0.0, 0.1), "data"),
        ),
        currency="GBP",
        response_name="orders",
    )


def test_the_prior_is_drawn_beside_what_came_and_cut_at_the_frame() -> None:
    axes = plot_prior_predictive(predicted())
    median, observed = axes.get_lines()[:2]
    assert np.asarray(observed.get_ydata()) == pytest.approx(predicted().observed)
    assert np.asarray(median.get_ydata()) == pytest.approx(predicted().incremental[1])
    low, high = axes.get_ylim()
    for band in axes.collections:
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.min() >= low
        assert heights.max() <= high
    assert axes.get_title(loc="left").replace("\u00a0", " ") == "Orders a week"
    said = " ".join(t.get_text().replace("\n", " ") for t in axes.texts)
    assert "all channels together bring 5% to 60% of all orders; 20% of draws brought more" in said
    modest = plot_prior_predictive(replace(predicted(), exceeding=0.0))
    assert "refused" not in " ".join(t.get_text() for t in modest.texts)


def test_each_posterior_stands_on_its_prior_and_says_where_it_is_from() -> None:
    axes = plot_prior_posterior(learned())
    names = [t.get_text() for t in axes.get_yticklabels()]
    assert names == ["tv: ROI", "tv: half-saturation", "search: half-life", "noise"]
    texts = [t.get_text().replace("\u00a0", " ") for t in axes.texts]
    assert "2 of 4 figures come from the data; of 1 they say nothing" in texts
    assert "£30k to £50k" in texts
    assert "30,000 to 50,000 weeks" in texts
    lines = axes.get_lines()
    assert lines[0].get_xdata() == pytest.approx([-1.6449, 1.6449], abs=1e-3)
    assert lines[1].get_xdata() == pytest.approx([-0.5, 0.5])
    left, right = axes.get_xlim()
    assert all(left <= x <= right for line in lines for x in np.asarray(line.get_xdata()))
    assert [t.get_text() for t in axes.get_legend().get_texts()] == [
        "from the data",
        "mostly prior",
        "these data say nothing",
    ]


def test_a_long_channel_leaves_room_for_the_figure() -> None:
    """Rows of one channel differ by the figure, so the figure is never cut."""
    rows = [dataclasses.replace(r, channel="online video advertising") for r in learned().rows[:2]]
    axes = plot_prior_posterior(LearnedTable(tuple(rows)))
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        "online video advertising: ROI",
        "online video…: half-saturation",
    ]


def test_one_channel_can_be_asked_for() -> None:
    axes = plot_prior_posterior(learned(), channel="search")
    assert [t.get_text() for t in axes.get_yticklabels()] == ["search: half-life"]
    with pytest.raises(InputError, match=r"no channel called 'serch'\. Did you mean 'search'"):
        plot_prior_posterior(learned(), channel="serch")
    with pytest.raises(InputError, match="no figures"):
        plot_prior_posterior(LearnedTable(()))
