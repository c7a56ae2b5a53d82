"""Pictures of sampling: titles that say what was found, numbers behind them, and no text lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.plots.sampling import plot_energy, plot_predictive, plot_ranks, plot_trace, rank_data
from mixcurve.plots.style import new_axes, svg
from mixcurve.response.bayes.checks.predictive import judge_residuals
from mixcurve.response.bayes.checks.sampling import SamplingChecks, gates_of_draws
from mixcurve.response.bayes.checks.words import Coordinate
from mixcurve.response.bayes.sample.sampled import Sampled

WHICH = (Coordinate(0, "half[tv]", "the half-saturation of tv"), Coordinate(1, "noise", "the noise"))


def checked(shift: float = 0.0, sampler: str = "nutpie", slow: bool = False) -> SamplingChecks:
    """Return the checks of four chains, the last of which is shifted in the first coordinate."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((4, 600, 2))
    x[3, :, 0] += shift
    energy = rng.standard_normal((4, 600))
    statistics = {} if sampler == "laplace" else {"energy": energy.cumsum(axis=1) if slow else energy}
    return gates_of_draws(WHICH, Sampled(x, sampler, 0, statistics, pareto_k=0.3))


def title(axes: Any) -> str:
    return next(t.get_text() for t in axes.texts).replace("\n", " ")


def test_titles_say_whether_chains_agree() -> None:
    good, bad = checked(), checked(5.0)
    for plot in (plot_trace, plot_ranks):
        assert title(plot(good)).startswith("Chains agree on ")
        assert title(plot(bad)).startswith("Chains do not agree on the half-saturation of tv (R-hat 1.")
    assert len(plot_trace(good, 1).lines) == 4
    assert "the noise" in title(plot_trace(bad, 1))
    assert title(plot_trace(checked(sampler="laplace"))) == "Draws of the half-saturation of tv"
    with pytest.raises(InputError, match="which must be in"):
        plot_trace(good, 2)


def test_ranks_are_even_where_chains_agree_and_not_where_they_do_not() -> None:
    good, bad = rank_data(checked()), rank_data(checked(5.0))
    for data in (good, bad):
        np.testing.assert_allclose(data.filter(like="chain").sum(), 1.0)
    inside = (good.filter(like="chain").ge(good["low"], axis=0)) & (
        good.filter(like="chain").le(good["high"], axis=0)
    )
    assert inside.to_numpy().mean() > 0.88
    assert bad["chain 4"].iloc[-1] > 2.0 * bad["high"].iloc[0]


def test_energy_says_whether_the_sampler_moves() -> None:
    assert title(plot_energy(checked())).startswith("The sampler moves freely")
    assert title(plot_energy(checked(slow=True))).startswith("The sampler moves too slowly")
    with pytest.raises(InputError, match="checks hold no energies"):
        plot_energy(checked(sampler="laplace"))


def test_predictive_names_what_differs() -> None:
    rng = np.random.default_rng(2)
    y, fitted = rng.standard_normal(100), np.zeros((300, 100))
    again = rng.standard_normal((300, 100))
    axes = plot_predictive(judge_residuals(y, fitted, again))
    assert title(axes) == "Replicated data look like the data"
    assert len(axes.get_yticklabels()) == 6
    y[3] = 9.0
    assert "largest residual" in title(plot_predictive(judge_residuals(y, fitted, again)))


def test_all_text_is_within_the_figure_and_the_picture_repeats() -> None:
    found = checked(5.0)
    for plot in (plot_trace, plot_ranks, plot_energy):
        axes = plot(found)
        figure = axes.get_figure(root=True)
        assert figure is not None
        figure.draw_without_rendering()
        frame = figure.bbox
        for text in (*axes.texts, axes.xaxis.label):
            box = text.get_window_extent()
            assert box.x0 >= -1
            assert box.x1 <= frame.width + 1
        assert svg(axes) == svg(plot(found))
    own = new_axes(5.0, 3.0)
    assert plot_ranks(found, ax=own) is own
