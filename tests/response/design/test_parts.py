"""The baseline splits into parts that add up."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.design.parts import baseline_parts
from mixcurve.response.design.spec import design_columns, design_spec


def columns_of(made):
    dates = made.dates("week", 104)
    rng = np.random.default_rng(3)
    controls = {name: rng.uniform(5, 9, 104) for name in ("price", "sun")}
    table = made.table(dates, controls=controls)
    spec = design_spec(
        table, trend="piecewise", events={"strike": "2021-06-09"}, control_signs={"price": "negative"}
    )
    return design_columns(spec, dates, table.controls)


def test_parts_add_up_to_the_baseline(made):
    columns = columns_of(made)
    rng = np.random.default_rng(0)
    free, signed = rng.standard_normal(columns.free.shape[1]), rng.uniform(0, 1, 1)
    parts = baseline_parts(columns, free, signed)
    assert parts.names == ("level", "trend", "season", "event strike", "sun", "price")
    wanted = columns.free @ free + columns.signed @ signed
    assert parts.total == pytest.approx(wanted, abs=1e-12)
    assert parts.total != pytest.approx(columns.free @ free, abs=1e-3), "the signed part counts"
    for name, values in zip(parts.names[:-1], parts.values.T, strict=False):
        mine = [n == name for n in columns.free_names]
        assert values == pytest.approx(columns.free[:, mine] @ free[mine], abs=1e-12)
    assert np.array_equal(parts.total, parts.values.sum(axis=-1))


def test_many_draws_at_once_are_one_by_one(made):
    columns = columns_of(made)
    rng = np.random.default_rng(0)
    free, signed = rng.standard_normal((4, columns.free.shape[1])), rng.uniform(0, 1, (4, 1))
    together = baseline_parts(columns, free, signed)
    assert together.values.shape == (4, 104, 6) and together.total.shape == (4, 104)
    for k in range(4):
        assert together.values[k] == pytest.approx(
            baseline_parts(columns, free[k], signed[k]).values, abs=1e-12
        )


def test_hostile_coefficients_get_a_sentence(made):
    columns = columns_of(made)
    free = np.ones(columns.free.shape[1])
    with pytest.raises(InputError, match="free must end in 11 coefficients"):
        baseline_parts(columns, free[:-1], [1.0])
    with pytest.raises(InputError, match="signed must end in 1 coefficients"):
        baseline_parts(columns, free)
    with pytest.raises(InputError, match="signed must not be below 0, got -1"):
        baseline_parts(columns, free, [-1.0])
    with pytest.raises(InputError, match="free must be finite"):
        baseline_parts(columns, free * np.nan, [1.0])
