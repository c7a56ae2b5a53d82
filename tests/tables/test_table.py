"""The table itself: its shape is checked, its arrays cannot be written to, its summary says what it holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.tables.spend import SpendTable, describe

PARTS = {
    "dates": np.array(["2024-01-01", "2024-01-08"], dtype="datetime64[D]"),
    "spend": np.ones((2, 1)),
    "response": np.ones(2),
    "controls": np.empty((2, 0)),
    "channels": ("tv",),
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"spend": np.ones((2, 2))}, r"spend must have shape \(2, 1\), got \(2, 2\)\."),
        ({"response": np.ones(3)}, r"response must have shape \(2,\), got \(3,\)\."),
        ({"controls": np.ones((2, 1))}, r"controls must have shape \(2, 0\), got \(2, 1\)\."),
        ({"groups": ("a",)}, r"groups must name the group of each of the 2 rows, got 1\."),
    ],
)
def test_shapes_must_agree(change, expected):
    with pytest.raises(InputError, match=f"^{expected}$"):
        SpendTable(**(PARTS | change))


def test_arrays_are_read_only_and_names_are_checked():
    table = SpendTable(**PARTS)
    with pytest.raises(ValueError, match="read-only"):
        table.spend[0, 0] = 5
    with pytest.raises(InputError, match="There is no channel called 'tw'"):
        table.spend_of("tw")
    with pytest.raises(InputError, match="There is no control called 'price'"):
        table.control("price")


def test_summary_of_a_table_with_groups_and_problems(clean, csv, read):
    both = pd.concat(
        [clean.assign(region="north", search=5), clean.assign(region="south", search=5).iloc[::-1]]
    )
    table = read(csv(both), group="region", currency="GBP")
    lines = describe(table).splitlines()
    orders = clean["orders"].astype(int)
    assert table.summary.splitlines() == lines
    assert lines == [
        "media.csv: 12 weeks from 2024-01-01 to 2024-03-18 in 2 groups (north, south)",
        f"Response 'orders': mean {orders.mean():.4g} a week, from {orders.min()} to {orders.max()}",
        "Spend in GBP:",
        "  channel  total  mean a week  largest week  weeks without spend",
        "  tv       1,910        79.58           200                  17%",
        "  search     120            5             5                   0%",
        "Controls: price",
        (
            "Note: media.csv, row 15, column 'week': 11 rows are dated before the row above; "
            "the rows were sorted by date (found '2024-03-11'). Nothing to do, unless the order was meant."
        ),
        (
            "Warning: media.csv, column 'search': channel 'search' spends 5 on every row, so its effect "
            "cannot be told from the baseline. Leave it out, or bring evidence from an experiment."
        ),
    ]
