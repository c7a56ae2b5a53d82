"""Summaries say what the result holds: estimate, interval, open sides, grade."""

from __future__ import annotations

import numpy as np

from mixcurve.response.curves import curves
from mixcurve.response.fit.curve.fit import fit_curve
from mixcurve.response.fit.mix.fit import fit_mix
from mixcurve.response.simulate import simulate_market


def test_a_curve_says_every_figure_its_open_sides_and_its_evidence() -> None:
    rng = np.random.default_rng(0)
    spend = rng.uniform(0, 20, 60)
    response = 5 + curves["hill"](spend, top=20, half=30, slope=2) + 0.5 * rng.standard_normal(60)
    fit = fit_curve(spend, response, resamples=0, channel="tv")
    text = fit.summary
    for interval in fit.intervals:
        assert f"{interval.name} " in text
        assert f"{interval.estimate:,.5g}" in text
    assert "open on the high side" in text
    assert f"tv: {fit.evidence[0].grade}." in text
    assert all(f.sentence in text for f in fit.evidence[0].findings)
    bare = fit_curve(spend, response, intervals=False, resamples=0)
    assert f"{bare.parameters['half']:,.5g}" in bare.summary


def test_a_mix_says_roi_by_channel_with_its_level() -> None:
    fit = fit_mix(simulate_market(2, periods=80, seed=1).table, starts=8, resamples=50)
    text = fit.summary
    assert "90% intervals" in text
    for channel, row in fit.roi_table().iterrows():
        assert f"{row['ROI']:,.4g}" in text
        assert str(channel) in text
