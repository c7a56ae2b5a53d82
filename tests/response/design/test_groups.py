"""Groups: columns of their own, or shared in proportion to their size."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.design.spec import design_columns, design_spec

COUNT = 60
ROWS = ("north",) * COUNT + ("south",) * COUNT


def panel(made, controls=None, **more):
    dates = np.tile(made.dates("week", COUNT), 2)
    response = np.concatenate([np.full(COUNT, 100.0), np.full(COUNT, 300.0)]) + np.tile([-5.0, 5.0], COUNT)
    given = {"response": response, "groups": ROWS, "group_name": "region"} | more
    return made.table(dates, controls=controls, **given)


def price():
    return np.random.default_rng(4).uniform(5, 9, 2 * COUNT)


def test_level_and_trend_are_each_groups_own_and_the_season_is_shared_by_size(made):
    table = panel(made)
    spec = design_spec(table)
    assert spec.groups == ("north", "south") and spec.group_sizes == pytest.approx([0.5, 1.5])
    columns = design_columns(spec, table.dates, None, table.groups)
    assert columns.free_names == ("level", "level", "trend", "trend", *["season"] * 4)
    assert columns.free_labels[:4] == ("level (north)", "level (south)", "trend (north)", "trend (south)")
    alone = design_columns(design_spec(made.table(made.dates("week", COUNT))), made.dates("week", COUNT)).free
    zero = np.zeros(COUNT)
    assert columns.free[:, 0] == pytest.approx(np.concatenate([0.5 * alone[:, 0], zero]))
    assert columns.free[:, 3] == pytest.approx(np.concatenate([zero, 1.5 * alone[:, 1]]))
    assert columns.free[:, 4:] == pytest.approx(np.concatenate([0.5 * alone[:, 2:], 1.5 * alone[:, 2:]]))


def test_groups_apart_are_as_two_fits(made):
    """Least squares with nothing shared gives each group what it gets alone."""
    table = panel(made, {"price": price()})
    spec = design_spec(table, pooled_season=False, pooled_controls=False)
    columns = design_columns(spec, table.dates, table.controls, table.groups)
    assert columns.free.shape[1] == 2 * 7
    y = np.random.default_rng(1).standard_normal(2 * COUNT)
    together = columns.free @ np.linalg.lstsq(columns.free, y, rcond=None)[0]
    shared = design_spec(table)
    pooled = design_columns(shared, table.dates, table.controls, table.groups).free
    assert pooled @ np.linalg.lstsq(pooled, y, rcond=None)[0] != pytest.approx(together, abs=1e-3)
    for half in (slice(0, COUNT), slice(COUNT, None)):
        one = made.table(table.dates[half], controls={"price": price()[half]})
        own = design_columns(design_spec(one), one.dates, one.controls).free
        assert together[half] == pytest.approx(own @ np.linalg.lstsq(own, y[half], rcond=None)[0], abs=1e-9)


def test_one_row_of_one_group(made):
    table = panel(made)
    spec = design_spec(table)
    row = design_columns(spec, table.dates[COUNT : COUNT + 1], None, ["south"])
    all_rows = design_columns(spec, table.dates, None, table.groups)
    assert np.array_equal(row.free[0], all_rows.free[COUNT])


def test_moves_of_a_level_are_in_proportion_to_the_group(made):
    table = panel(made)
    columns = design_columns(
        design_spec(table, trend="local level", season=0), table.dates, None, table.groups
    )
    variance = (columns.free[:, columns.moving] ** 2 / columns.penalty[columns.moving]).sum(axis=1)
    assert variance[COUNT:] == pytest.approx(9 * variance[:COUNT])


def test_a_signed_control_is_shared_or_each_groups_own(made):
    table = panel(made, {"price": price()})
    signs = {"control_signs": {"price": "negative"}}
    shared = design_columns(design_spec(table, **signs), table.dates, table.controls, table.groups)
    apart = design_columns(
        design_spec(table, pooled_controls=False, **signs), table.dates, table.controls, table.groups
    )
    assert shared.signed_labels == ("price",) and apart.signed_labels == ("price (north)", "price (south)")
    assert apart.signed.sum(axis=1) == pytest.approx(shared.signed[:, 0])


def test_a_control_that_only_groups_change_is_refused(made):
    sizes = np.repeat([3.0, 8.0], COUNT)
    with pytest.raises(
        InputError, match=r"the control 'people' is made up of the level \(north\) and the level \(south\)"
    ):
        design_spec(panel(made, {"people": sizes}))
    with pytest.raises(InputError, match=r"the control 'people' \(north\) is made up of the level \(north\)"):
        design_spec(panel(made, {"people": sizes}), pooled_controls=False)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (None, "groups are needed: the fit had north, south"),
        (["nort"], "There is no group called 'nort'. Did you mean 'north'"),
        (["north", "south"], "groups must name the group of each of 1 rows, got 2"),
    ],
)
def test_hostile_groups_get_a_sentence(made, groups, words):
    with pytest.raises(InputError, match=words):
        design_columns(design_spec(panel(made)), ["2021-03-01"], None, groups)


def test_a_group_without_response_is_refused(made):
    response = np.concatenate([np.zeros(COUNT), np.full(COUNT, 2.0)])
    with pytest.raises(InputError, match="The response of the group 'north' is 0 in every row"):
        design_spec(panel(made, response=response))
