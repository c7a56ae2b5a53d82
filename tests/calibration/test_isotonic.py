"""Isotonic regression, against its max-min formula and by the laws of a projection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mixcurve.calibration.isotonic import isotonic_fit, pool_adjacent_violators
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result

SIZES = st.integers(1, 12)


@st.composite
def sequences(draw):
    n = draw(SIZES)
    values = draw(arrays(float, n, elements=st.integers(-20, 20).map(lambda k: k / 4)))
    weights = draw(arrays(float, n, elements=st.integers(1, 8).map(lambda k: k / 2)))
    return values, weights


def max_min(values, weights):
    """Return max over j <= i of min over k >= i of the mean of j..k (Barlow et al. 1972): every mean, O(n³)."""
    n = len(values)
    mean = lambda j, k: np.average(values[j : k + 1], weights=weights[j : k + 1])  # noqa: E731
    return np.array([max(min(mean(j, k) for k in range(i, n)) for j in range(i + 1)) for i in range(n)])


@given(sequences())
def test_agrees_with_the_max_min_formula(case):
    values, weights = case
    np.testing.assert_allclose(pool_adjacent_violators(values, weights), max_min(values, weights), atol=1e-12)


@given(sequences())
def test_is_the_projection_on_rising_sequences(case):
    values, weights = case
    fitted = pool_adjacent_violators(values, weights)
    assert (np.diff(fitted) >= 0).all()
    np.testing.assert_allclose(pool_adjacent_violators(fitted, weights), fitted, atol=1e-12)
    # Optimality: the residual is orthogonal to the fit and at no acute angle to any rising sequence (Moreau).
    residual = weights * (values - fitted)
    assert abs(residual.sum()) < 1e-9 and abs(residual @ fitted) < 1e-9
    assert (np.cumsum(residual[::-1])[::-1] <= 1e-9).all()


def test_a_wrong_sequence_is_caught_by_the_formula():
    values = np.array([1.0, 3.0, 2.0])
    assert not np.allclose(np.maximum.accumulate(values), max_min(values, np.ones(3)))


@given(sequences(), st.randoms())
def test_weights_stand_for_copies_and_order_does_not_matter(case, random):
    values, weights = case
    x, copies = np.arange(len(values)) // 2, (2 * weights).astype(int)
    order = random.sample(range(len(values)), len(values))
    weighted = isotonic_fit(x[order], values[order], weights[order])
    copied = isotonic_fit(np.repeat(x, copies), np.repeat(values, copies))
    np.testing.assert_allclose(weighted.fitted, copied.fitted, atol=1e-12)
    np.testing.assert_allclose(2 * weighted.weight, copied.weight)


def test_no_weight_no_say_and_lines_between_the_knots(tmp_path):
    fit = isotonic_fit([0.0, 1.0, 2.0], [0.0, 9.0, 1.0], [1.0, 0.0, 1.0])
    assert fit.x.tolist() == [0.0, 2.0]
    back = load_result(fit.save(tmp_path / "fit.json"))
    assert back.at([-1.0, 0.5, 3.0]).tolist() == [0.0, 0.25, 1.0]


def test_a_million_violations_are_one_pass():
    """One pass pools them all; rounds of pairwise pooling would need as many rounds as values."""
    values = np.concatenate([np.arange(1_000_000.0), [-1e12]])
    assert np.ptp(pool_adjacent_violators(values, np.ones(len(values)))) == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [1]), "equally long, got 2, 1 and 2"),
        (([1, 2], [1, np.nan]), "y must be finite.*position 1"),
        (([1, 2], [1, 2], [1, -1]), "weights must not be negative"),
        (([1, 2], [1, 2], [0, 0]), "at least one must be above 0"),
        (([], []), "x is empty"),
    ],
)
def test_wrong_input_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        isotonic_fit(*arguments)
