"""The picture of a profile says what the interval says."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.plots.profiles import plot_profile, profile_data
from mixcurve.response.curves import curves
from mixcurve.response.fit.curve.fit import fit_curve
from mixcurve.response.fit.results import CurveFit


@cache
def fit(reach: float = 90_000.0, noise: float = 60.0) -> CurveFit:
    rng = np.random.default_rng(1)
    spend = rng.uniform(0, reach, 104)
    response = 200 + curves["hill"](spend, top=900, half=40_000, slope=2.2) + noise * rng.standard_normal(104)
    return fit_curve(spend, response, currency="GBP", target_marginal=0.005, response_value=40.0, resamples=0)


@pytest.mark.parametrize("name", [p.name for p in fit().profiles])
def test_every_profile_is_drawn_and_crosses_its_limit_where_the_interval_ends(name: str) -> None:
    data = profile_data(fit(), name)
    axes = plot_profile(fit(), name)
    line = axes.get_lines()[1]
    value, rise = line.get_xdata(), line.get_ydata()
    for end in (data.interval.low, data.interval.high):
        assert np.interp(end, value, rise) == pytest.approx(1.0, abs=0.03), name
    assert list(data.frame.columns) == [name, "rise"]
    assert f"{data.interval.level:.0%} interval" in axes.get_title(loc="left")


def test_an_open_side_is_said_in_the_title() -> None:
    short = fit(25_000.0, 15.0)
    interval = short.interval("half")
    assert interval is not None
    assert interval.open_side == "high"
    title = plot_profile(short, "half").get_title(loc="left")
    assert title.endswith("the data do not limit it above")


def test_units_follow_the_figure() -> None:
    assert "£" in plot_profile(fit(), "half").get_title(loc="left")
    assert "£" not in plot_profile(fit(), "slope").get_title(loc="left")


def test_an_unknown_or_absent_profile_is_explained() -> None:
    with pytest.raises(InputError, match=r"There is no profile called 'hlf'\. Did you mean 'half'"):
        plot_profile(fit(), "hlf")
    spend = np.linspace(0, 9, 12)
    bare = fit_curve(spend, spend, intervals=False, resamples=0)
    with pytest.raises(InputError, match="This fit has no profiles"):
        plot_profile(bare, "half")
