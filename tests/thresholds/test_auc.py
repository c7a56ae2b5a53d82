"""DeLong's interval: the table published with the method, its definition in pairs, and what it cannot know."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.foundations.errors import InputError
from mixcurve.thresholds.auc import AucComparison, auc_interval, compare_auc

# Albumin, total protein, K-G score, whether surgery helped: 43 complete records of DeLong, DeLong and Clarke-Pearson
# (1988), as printed in the SAS/STAT user's guide, "Comparing Receiver Operating Characteristic Curves".
PRINTED = """
3.0 5.8 10 0 3.2 6.3 5 1 3.9 6.8 3 1 2.8 4.8 6 0 3.2 5.8 3 1 0.9 4.0 5 0 2.5 5.7 8 0 1.6 5.6 5 1
3.8 5.7 5 1 3.7 6.7 6 1 3.2 5.4 4 1 3.8 6.6 6 1 4.1 6.6 5 1 3.6 5.7 5 1 4.3 7.0 4 1 3.6 6.7 4 0
2.3 4.4 6 1 4.2 7.6 4 0 4.0 6.6 6 0 3.5 5.8 6 1 3.8 6.8 7 1 3.0 4.7 8 0 4.5 7.4 5 1 3.7 7.4 5 1
3.1 6.6 6 1 4.1 8.2 6 1 4.3 7.0 5 1 4.3 6.5 4 1 3.2 5.1 5 1 2.6 4.7 6 1 3.3 6.8 6 0 1.7 4.0 7 0
3.7 6.1 5 1 3.3 6.3 7 1 4.2 7.7 6 1 3.5 6.2 5 1 2.9 5.7 9 0 2.1 4.8 7 1 2.8 6.2 8 0 4.0 7.0 7 1
3.3 5.7 6 1 3.7 6.9 5 1 3.6 6.6 5 1
"""
OVARIAN = np.array(PRINTED.split(), dtype=float).reshape(43, 4)
SCORES = {"ALB": OVARIAN[:, 0], "TP": OVARIAN[:, 1], "K_G": 10.0 - OVARIAN[:, 2]}
HELPED = OVARIAN[:, 3]


@pytest.mark.parametrize(
    ("name", "auc", "error", "low", "high"),
    [
        ("ALB", 0.7366, 0.0927, 0.5549, 0.9182),
        ("K_G", 0.7258, 0.1028, 0.5243, 0.9273),
        ("TP", 0.6478, 0.1000, 0.4518, 0.8439),
    ],
)
def test_areas_are_those_published(name: str, auc: float, error: float, low: float, high: float) -> None:
    found = auc_interval(SCORES[name], HELPED)
    assert (found.positives, found.others) == (31, 12)
    assert [found.auc, found.standard_error, found.low, found.high] == pytest.approx(
        [auc, error, low, high], abs=5.1e-5
    )


@pytest.mark.parametrize(
    ("name", "difference", "error", "chi2", "p"),
    [("ALB", 0.0108, 0.0953, 0.0127, 0.9102), ("TP", -0.0780, 0.1046, 0.5554, 0.4561)],
)
def test_differences_are_those_published(
    name: str, difference: float, error: float, chi2: float, p: float
) -> None:
    found = compare_auc(SCORES[name], SCORES["K_G"], HELPED)
    assert [found.difference, found.standard_error, found.z**2, found.p_value] == pytest.approx(
        [difference, error, chi2, p], abs=5.1e-5
    )
    # Taken as unpaired, the same scores have another error: the check can fail.
    alone = np.hypot(found.first.standard_error, found.second.standard_error)
    assert abs(alone - error) > 0.01


def by_pairs(score: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the area and both structural components, from all pairs."""
    own, rest = score[y == 1], score[y == 0]
    wins = (own[:, None] > rest) + 0.5 * (own[:, None] == rest)
    return wins.mean(), wins.mean(axis=1), wins.mean(axis=0)


@given(st.integers(0, 2**32 - 1), st.integers(2, 9))
def test_equals_its_definition_with_ties(seed: int, distinct: int) -> None:
    rng = np.random.default_rng(seed)
    y = np.concatenate([[0, 0, 1, 1], rng.integers(0, 2, 26)])
    a, b = rng.integers(0, distinct, (2, 30)).astype(float)
    (auc_a, own_a, rest_a), (auc_b, own_b, rest_b) = by_pairs(a, y), by_pairs(b, y)
    covariance = np.cov(own_a, own_b) / len(own_a) + np.cov(rest_a, rest_b) / len(rest_a)
    found = compare_auc(a, b, y)
    assert [found.first.auc, found.second.auc] == pytest.approx([auc_a, auc_b], abs=1e-12)
    errors = [found.first.standard_error, found.second.standard_error]
    assert np.square(errors) == pytest.approx(np.diag(covariance), abs=1e-12)
    spread = max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0)
    assert found.standard_error**2 == pytest.approx(spread, abs=1e-12)


def test_frequency_weights_are_repeated_rows() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 8, (2, 60)).astype(float)
    y, times = np.arange(60) % 3 == 0, rng.integers(0, 4, 60)
    short = compare_auc(a, b, y, weights=times)
    long = compare_auc(np.repeat(a, times), np.repeat(b, times), np.repeat(y, times))
    for name in ("difference", "standard_error", "low", "high", "p_value", "correlation"):
        assert getattr(short, name) == pytest.approx(getattr(long, name), rel=1e-10)
    survey = auc_interval(a, y, 3.0 * np.ones(60), weight_kind="survey")
    assert survey.standard_error == pytest.approx(auc_interval(a, y).standard_error, rel=1e-12)
    frequency = auc_interval(a, y, 3.0 * np.ones(60))
    assert frequency.standard_error < 0.6 * survey.standard_error


def test_interval_covers_as_often_as_it_says() -> None:
    rng, truth, held = np.random.default_rng(5), 0.7602499, 0  # Φ(1/√2)
    for _ in range(400):
        y = np.arange(200) < 60
        found = auc_interval(rng.normal(size=200) + y, y)
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 400 <= 0.975


def test_order_and_monotone_maps_change_nothing() -> None:
    rng = np.random.default_rng(7)
    y, score, mixed = rng.integers(0, 2, 99), rng.normal(size=99), rng.permutation(99)
    first, second = auc_interval(score, y), auc_interval(np.exp(score)[mixed], y[mixed])
    assert first.auc == pytest.approx(second.auc, abs=1e-14)
    assert first.standard_error == pytest.approx(second.standard_error, rel=1e-12)


def test_what_is_not_known_is_said() -> None:
    parted = auc_interval([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1])
    assert parted.auc == 1.0 and np.isnan(parted.low)
    assert "not known" in parted.summary
    single = auc_interval([1.0, 2.0, 0.0], [0, 1, 0])
    assert np.isnan(single.standard_error) and np.isnan(single.low)
    same = compare_auc(SCORES["ALB"], 2.0 * SCORES["ALB"], HELPED)
    assert (same.difference, same.z, same.p_value, same.low, same.high) == (0.0, 0.0, 1.0, 0.0, 0.0)
    assert auc_interval(SCORES["ALB"], HELPED, scale="logit").high < 0.9182


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="y must be 0 or 1; found 2 at position 1"):
        auc_interval([0.1, 0.2], [0, 2])
    with pytest.raises(InputError, match="y is 1 in all 2 rows"):
        auc_interval([0.1, 0.2], [1, 1])
    with pytest.raises(InputError, match="weights are all 0 in one class"):
        auc_interval([0.1, 0.2, 0.3], [0, 1, 1], [0, 1, 1])
    with pytest.raises(InputError, match="score_b must have one value per person, got 1 for 2"):
        compare_auc([0.1, 0.2], [0.1], [0, 1])
    with pytest.raises(InputError, match="level must lie between 0 and 1"):
        auc_interval([0.1, 0.2], [0, 1], level=95)
    with pytest.raises(InputError, match="no scale called 'log'"):
        auc_interval([0.1, 0.2], [0, 1], scale="log")  # type: ignore[arg-type]


def test_comes_back_from_its_dictionary() -> None:
    found = compare_auc(SCORES["ALB"], SCORES["TP"], HELPED)
    again = AucComparison.from_dict(found.to_dict())
    assert again.summary == found.summary and again.first.auc == found.first.auc
