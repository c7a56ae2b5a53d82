"""The directions of the linear part, group by group, are those of the whole matrix of columns."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import mixcurve as mc
from mixcurve.response.bayes.build import mix_model
from mixcurve.response.bayes.model.noise.directions import Directions, directions
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.vectors.rows import DrawVectors

FloatArray = npt.NDArray[np.float64]
GROUPS = {"north": 1.5, "middle": 1.0, "south": 0.5}


@cache
def problem(season: int, late: bool) -> BayesProblem:
    """Return three groups, which share their season if they have one."""
    table = mc.simulate_market(["tv"], periods=40, groups=GROUPS, noise=0.05, seed=1).table
    frame = table.frame()
    kept = frame.drop(index=frame.index[40:49]) if late else frame
    words = {"date": "date", "response": "response", "channels": ["tv"], "group": "group"}
    return mix_model(mc.read_spend(kept, **words), season=season).problem


def whole(posed: BayesProblem, part: Directions) -> FloatArray:
    """Return the columns over the roots of their precisions (m × z)."""
    scaled: FloatArray = posed.linear.columns / np.sqrt(posed.linear.precision)
    return scaled[part.rows][:, part.columns]


CASES: Any = pytest.mark.parametrize(("season", "late"), [(0, False), (2, False), (2, True)])


@CASES
def test_they_are_orthonormal_and_make_the_columns(season: int, late: bool) -> None:
    posed = problem(season, late)
    parts = directions(posed)
    assert len(parts) == (1 if season else len(GROUPS))
    for part in parts:
        np.testing.assert_allclose(part.left.T @ part.left, np.eye(len(part.size)), atol=1e-12)
        columns = whole(posed, part)
        np.testing.assert_allclose(part.left * part.size @ part.right, columns, atol=1e-10 * columns.max())
        singular = np.linalg.svd(columns, compute_uv=False)
        np.testing.assert_allclose(part.size, singular[: len(part.size)], rtol=1e-9)


@CASES
def test_both_ways_of_using_them_are_those_of_the_whole_matrix(season: int, late: bool) -> None:
    xp, rng = DrawVectors(), np.random.default_rng(2)
    for part in directions(problem(season, late)):
        rows, places = rng.standard_normal((2, len(part.left))), rng.standard_normal((2, len(part.size)))
        along = part.along(xp, xp.position(rows)).values
        np.testing.assert_allclose(along, rows @ part.left, atol=1e-12)
        across = part.across(xp, 0.7, xp.position(places)).values
        expected = 0.7 * places @ (part.left * part.size).T
        np.testing.assert_allclose(across, expected, atol=1e-12 * np.abs(expected).max())
        assert not np.allclose(along, rows[:, ::-1] @ part.left, atol=1e-3)


def test_many_groups_that_share_columns_take_few_numbers() -> None:
    (part,) = directions(problem(2, False))
    taken = part.core.size + sum(basis.size for _, basis in part.bases)
    assert taken < part.left.size
