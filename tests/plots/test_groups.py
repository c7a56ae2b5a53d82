"""The picture of groups shows each one's interval over what all have in common."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError


@pytest.fixture(scope="module")
def posterior() -> mc.PropensityPosterior:
    rng = np.random.default_rng(1)
    client = np.repeat(["a $_b", "b", "far"], [400, 300, 200])
    x = rng.standard_normal(900)
    z = np.select([client == "far"], [2.0], -1.5) + 0.5 * x
    frame = pd.DataFrame({"x": x, "client": client, "bought": rng.random(900) < 1.0 / (1.0 + np.exp(-z))})
    return mc.sample_propensity(mc.read_customers(frame, label="bought"), by="client", draws=200, seed=1)


def test_it_shows_each_group(posterior: mc.PropensityPosterior) -> None:
    axes = mc.plot_groups(posterior, "intercept")
    labels = [t.get_text() for t in axes.get_yticklabels()]
    assert labels[0] == "far (200)"
    assert set(labels) == {"far (200)", "a $_b (400)", "b (300)"}
    theta = posterior.coefficients("far")
    far = np.quantile(theta[:, 0] + theta[:, 1] * posterior.centre[0], [0.05, 0.95])
    assert any(np.allclose(line.get_xdata(), far) for line in axes.lines if len(line.get_xdata()) == 2)


def test_what_is_left_out_is_counted(posterior: mc.PropensityPosterior) -> None:
    assert "1 smaller left out" in mc.plot_groups(posterior, "x", most=2).get_title(loc="left")


def test_what_cannot_be_shown_is_refused(posterior: mc.PropensityPosterior) -> None:
    with pytest.raises(InputError, match="no feature called 'y'"):
        mc.plot_groups(posterior, "y")
    from dataclasses import replace

    with pytest.raises(InputError, match="no groups"):
        mc.plot_groups(replace(posterior, groups=()), "x")
