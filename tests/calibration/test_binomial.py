"""Intervals of a share, against published tables, another implementation, and their exact coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from mixcurve.calibration.binomial import SHARE_METHODS, share_interval
from mixcurve.foundations.errors import InputError

# Newcombe (1998), Statistics in Medicine 17, 857-872, table I: methods 3 and 5.
PUBLISHED = [
    (81, 263, "wilson", 0.2553, 0.3662),
    (15, 148, "wilson", 0.0624, 0.1605),
    (0, 20, "wilson", 0.0, 0.1611),
    (1, 29, "wilson", 0.0061, 0.1718),
    (81, 263, "clopper-pearson", 0.2527, 0.3676),
    (15, 148, "clopper-pearson", 0.0578, 0.1617),
    (0, 20, "clopper-pearson", 0.0, 0.1684),
    (1, 29, "clopper-pearson", 0.0009, 0.1776),
]


@pytest.mark.parametrize(("hits", "cases", "method", "low", "high"), PUBLISHED)
def test_published(hits, cases, method, low, high):
    assert np.round(share_interval(hits, cases, 0.95, method), 4).tolist() == [low, high]


@pytest.mark.parametrize("method", SHARE_METHODS)
@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_every_count_agrees_with_scipy(method, level):
    hits = np.arange(18)
    low, high = share_interval(hits, 17, level, method)
    name = {"wilson": "wilson", "clopper-pearson": "exact"}[method]
    theirs = [binomtest(int(k), 17).proportion_ci(level, name) for k in hits]
    np.testing.assert_allclose(low, [t.low for t in theirs], rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(high, [t.high for t in theirs], rtol=1e-10, atol=1e-14)


def exact_coverage(method, cases=40, level=0.95):
    """Return the coverage for each true share of a grid, summed over every count."""
    shares = np.linspace(0.02, 0.98, 97)
    hits = np.arange(cases + 1)
    low, high = share_interval(hits, cases, level, method)
    holds = (low[:, None] <= shares) & (shares <= high[:, None])
    return (binom.pmf(hits[:, None], cases, shares) * holds).sum(axis=0)


def test_clopper_pearson_never_covers_less_and_wilson_covers_as_stated_on_average():
    assert exact_coverage("clopper-pearson").min() >= 0.95
    assert abs(exact_coverage("wilson").mean() - 0.95) < 0.005
    assert exact_coverage("wilson").min() < 0.95


@pytest.mark.parametrize("method", SHARE_METHODS)
def test_counts_need_not_be_whole(method):
    low, high = share_interval([3.0, 3.5, 4.0], [10.0, 10.0, 10.0], 0.95, method)
    assert (np.diff(low) > 0).all() and (np.diff(high) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((5, 4), "hits must lie between 0 and cases"),
        ((-1, 4), "got -1 of 4"),
        ((0, 0), "cases must be above 0"),
        ((1, 4, 95), "level must lie between 0 and 1, both excluded, got 95"),
        ((1, 4, 0.9, "wald"), "no interval of a share called 'wald'.*Known: wilson, clopper-pearson"),
        ((np.nan, 4), "hits must be finite"),
    ],
)
def test_wrong_input_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        share_interval(*arguments)
