"""The curvature of a density of many groups, and its root, against the dense matrix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from mixcurve.response.bayes.sample.arrow import Arrow, Layout, arrow, arrow_root

FloatArray = npt.NDArray[np.float64]
SHARED, GROUPS, SIZE = 4, 5, 3
DIMENSIONS = SHARED + GROUPS * SIZE


@pytest.fixture
def layout() -> Layout:
    """Return coordinates of which those of a group do not lie together."""
    mixed = np.random.default_rng(1).permutation(DIMENSIONS)
    return Layout(np.sort(mixed[:SHARED]), mixed[SHARED:].reshape(GROUPS, SIZE))


@pytest.fixture
def precision(layout: Layout) -> FloatArray:
    """Return a positive definite matrix that ties groups by shared coordinates only."""
    rng, out = np.random.default_rng(2), np.eye(DIMENSIONS)
    for group in layout.groups:
        places = np.concatenate([layout.shared, group])
        rows = rng.standard_normal((6, len(places)))
        out[np.ix_(places, places)] += rows.T @ rows
    return out


def of(matrix: FloatArray, layout: Layout) -> Arrow:
    return Arrow(
        matrix[np.ix_(layout.shared, layout.shared)],
        np.stack([matrix[np.ix_(g, layout.shared)] for g in layout.groups]),
        np.stack([matrix[np.ix_(g, g)] for g in layout.groups]),
    )


def test_it_is_found_by_the_same_steps_for_all_groups(layout: Layout, precision: FloatArray) -> None:
    calls = 0

    def normal(u: FloatArray) -> tuple[float, FloatArray]:
        nonlocal calls
        calls += 1
        return float(-0.5 * u @ precision @ u), -precision @ u

    place = np.random.default_rng(3).standard_normal(DIMENSIONS)
    found, expected = arrow(normal, place, layout, np.random.default_rng(4)), of(precision, layout)
    assert calls == 2 * (SHARED + SIZE)
    for name in ("shared", "between", "within"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-6)


def test_its_root_is_one_of_the_inverse(layout: Layout, precision: FloatArray) -> None:
    root = arrow_root(of(precision, layout))
    dense = np.zeros((DIMENSIONS, DIMENSIONS))
    dense[:SHARED, :SHARED] = root.shared
    for g in range(GROUPS):
        rows = slice(SHARED + g * SIZE, SHARED + (g + 1) * SIZE)
        dense[rows, :SHARED], dense[rows, rows] = root.tilt[g], root.within[g]
    inverse = np.linalg.inv(precision[np.ix_(layout.order, layout.order)])
    np.testing.assert_allclose(dense @ dense.T, inverse, atol=1e-10)
    dense[SHARED:, :SHARED] = 0.0
    assert not np.allclose(dense @ dense.T, inverse, atol=1e-3)


def test_a_direction_without_curvature_stays_finite(layout: Layout) -> None:
    found = of(np.zeros((DIMENSIONS, DIMENSIONS)), layout)
    root = arrow_root(Arrow(found.shared, found.between, np.full_like(found.within, np.nan)))
    for name in ("shared", "tilt", "within"):
        assert np.abs(getattr(root, name)).max() < 2.0


def test_the_order_puts_every_group_in_its_place(layout: Layout) -> None:
    values = np.arange(float(DIMENSIONS))[layout.order]
    np.testing.assert_array_equal(values[layout.ordered.shared], layout.shared)
    np.testing.assert_array_equal(values[layout.ordered.groups], layout.groups)
