"""What a change is worth: against brute force, and never negative."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.budget.solve import allocate
from mixcurve.budget.worth import worth_of_changes
from mixcurve.response.curves import curves
from mixcurve.response.fitted import KnownCurves, response_from

PARAMETERS = {
    "tv": {"top": 100.0, "half": 40.0, "slope": 3.0},
    "search": {"top": 80.0, "half": 20.0, "slope": 1.5},
    "social": {"top": 50.0, "half": 30.0, "slope": 2.0},
}
NOW = {"tv": 10.0, "search": 40.0, "social": 30.0}


def known() -> KnownCurves:
    return response_from({name: ("hill", p) for name, p in PARAMETERS.items()}, current=NOW)


def test_worth_equals_a_search_over_a_grid() -> None:
    plan = allocate(known(), 80.0)
    worth = worth_of_changes(known(), plan)
    hill = curves["hill"]
    for kept in PARAMETERS:
        first, second = (name for name in PARAMETERS if name != kept)
        left = 80.0 - NOW[kept]
        share = np.linspace(0, left, 20_001)
        values = hill(share, **PARAMETERS[first]) + hill(left - share, **PARAMETERS[second])
        best = float(values.max() + hill(NOW[kept], **PARAMETERS[kept]))
        assert worth[kept] == pytest.approx(plan.value - best, abs=1e-4)


def test_unchanged_channels_are_worth_nothing_and_impossible_ones_are_left_out() -> None:
    held = allocate(known(), 80.0, bounds={"search": (40.0, 40.0), "tv": (20.0, 80.0)})
    worth = worth_of_changes(known(), held)
    assert worth["search"] == 0.0
    assert "tv" not in worth
    # Search may stay at 40 within its own bounds, but with the least of the others that exceeds the budget.
    bounds = {"tv": (5.0, 50.0), "search": (5.0, 70.0), "social": (36.0, 60.0)}
    cramped = allocate(known(), 75.0, bounds=bounds)
    assert cramped.spend["search"] != pytest.approx(40.0)
    assert set(worth_of_changes(known(), cramped)) == {"tv"}


def test_worth_is_never_negative() -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        some = {
            f"c{i}": (
                "hill",
                {"top": rng.uniform(1, 9), "half": rng.uniform(1, 9), "slope": rng.uniform(1, 5)},
            )
            for i in range(4)
        }
        now = {name: rng.uniform(0, 6) for name in some}
        fitted = response_from(some, current=now)
        assert min(worth_of_changes(fitted, allocate(fitted, sum(now.values()))).values()) >= 0.0
