"""Curves from elsewhere satisfy what budgets, plots and reports know of a fit."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.response.fitted import Fitted, KnownCurves, by_channel, marginal_draws, response_draws

KNOWN = {
    "tv": ("hill", {"top": 900.0, "half": 40_000.0, "slope": 2.0}),
    "search": ("michaelis_menten", {"top": 500.0, "half": 10_000.0}),
}


def test_known_curves_are_a_fit_with_one_draw():
    known = mc.response_from(
        KNOWN, current={"tv": 20_000}, spend_range={"search": (0, 30_000)}, currency="GBP"
    )
    assert isinstance(known, Fitted)
    assert (
        known.channels == ("tv", "search")
        and known.draws.shape == (1, 2, 3)
        and known.resamples.shape[0] == 0
    )
    assert np.isnan(known.draws[0, 1, 2]) and not np.isnan(known.draws[0, 1, :2]).any()
    assert known.current.tolist() == [20_000.0, 0.0] and known.spend_range.tolist() == [
        [0.0, np.inf],
        [0.0, 30_000.0],
    ]


def test_responses_and_marginals_by_hand():
    known = mc.response_from(KNOWN)
    spend = np.array([[40_000.0, 10_000.0], [0.0, 30_000.0], [80_000.0, 0.0]])
    assert response_draws(known, spend)[0] == pytest.approx(
        np.array([[450.0, 250.0], [0.0, 375.0], [720.0, 0.0]])
    )
    # Michaelis-Menten: top half / (half + x)^2; Hill with slope 2: 2 top half^2 x / (half^2 + x^2)^2
    assert marginal_draws(known, spend[0])[0] == pytest.approx([450.0 / 40_000.0, 500 * 1e4 / 4e8])
    twice = known.draws * [2.0, 1.0, 1.0]
    assert response_draws(known, spend[0], twice)[0] == pytest.approx([900.0, 500.0])


def test_draws_travel_together():
    tops = np.array([800.0, 900.0, 1_000.0])
    known = mc.response_from(
        {"tv": ("hill", {"top": tops, "half": 40_000.0, "slope": 2.0}), "search": KNOWN["search"]}
    )
    assert known.draws.shape == (3, 2, 3) and known.resamples.shape == (3, 2, 3)
    assert response_draws(known, [40_000.0, 10_000.0])[:, 0].tolist() == (tops / 2).tolist()
    assert response_draws(known, [40_000.0, 10_000.0])[:, 1].tolist() == [250.0] * 3


def test_a_file_holds_them(tmp_path):
    known = mc.response_from(KNOWN, current={"tv": 5.0})
    back = load_result(known.save(tmp_path / "known.json"))
    assert isinstance(back, KnownCurves) and back.curve == known.curve
    np.testing.assert_array_equal(back.draws, known.draws)
    with pytest.raises(ValueError, match="read-only"):
        back.draws[0, 0, 0] = 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mc.response_from({}), "at least one channel, got none"),
        (lambda: mc.response_from({"tv": ("hil", {})}), r"no curve called 'hil'. Did you mean 'hill'"),
        (lambda: mc.response_from({"tv": ("hill", {"half": 1.0})}), "The curve hill needs slope"),
        (lambda: mc.response_from({"tv": ("hill", {"half": np.nan, "slope": 1})}), "tv.half must be finite"),
        (
            lambda: mc.response_from(KNOWN, current={"tvv": 1.0}),
            r"no channel called 'tvv'. Did you mean 'tv'",
        ),
        (
            lambda: mc.response_from(KNOWN, current={"tv": -1.0}),
            r"current\['tv'\] must be in \[0, inf\], got -1",
        ),
        (lambda: mc.response_from(KNOWN, spend_range={"tvv": (0, 1)}), r"no channel called 'tvv'"),
        (
            lambda: mc.response_from(KNOWN, spend_range={"tv": (5, 1)}),
            r"spend_range\['tv'\] must be \(least, largest\), both at least 0, got \(5, 1\)",
        ),
        (lambda: response_draws(mc.response_from(KNOWN), [1.0]), r"spend needs one value per channel \(2\)"),
        (lambda: response_draws(mc.response_from(KNOWN), [1.0, -1.0]), "spend must not be negative"),
        (
            lambda: mc.response_from(
                {"a": ("tanh", {"half": [1.0, 2.0]}), "b": ("tanh", {"half": [1.0, 2.0, 3.0]})}
            ),
            r"same number of draws, got \[2, 3\]",
        ),
    ],
)
def test_a_wrong_argument_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_values_by_channel_keep_the_order_of_the_channels():
    assert by_channel("floor", {"b": 2.0}, ("a", "b"), 1.0).tolist() == [1.0, 2.0]
