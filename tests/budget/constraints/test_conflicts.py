"""The smallest conflict is named: judged by trying every subset against an independent test of feasibility."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import linprog

import mixcurve as mc
from mixcurve.budget.constraints.conflict import irreducible, smallest_conflict
from mixcurve.budget.constraints.infeasible import InfeasibleError
from mixcurve.budget.constraints.words import Group

NAMES = ("tv", "radio", "search")
CURVES = {c: ("hill", {"top": 100.0, "half": 50.0, "slope": 2.0}) for c in NAMES}


def known(now=()):
    return mc.response_from(CURVES, current=dict(now))


def plan_exists(rows, off):
    """Return whether spend x >= 0 with ``A x <= b`` exists, with the channels in ``off`` at 0."""
    a = np.array([r for r, _ in rows]).reshape(-1, 3)
    b = np.array([limit for _, limit in rows])
    bounds = [(0, 0 if i in off else None) for i in range(3)]
    found = linprog(np.zeros(3), A_ub=a if len(a) else None, b_ub=b if len(b) else None, bounds=bounds)
    return found.status == 0


def random_problem(rng):
    """Return arguments of `allocate`, and by the words of each constraint its rows for a set of channels that are on.

    The rows are written down here a second time, from the meaning of the words.
    """
    eye = np.eye(3)
    budget = float(rng.integers(20, 80))
    rows = {f"budget of {budget:g}": lambda on: [(np.ones(3), budget)]}
    bounds, least_on, groups = {}, {}, {}
    for i, name in enumerate(NAMES):
        if rng.random() < 0.7:
            low, high = sorted(rng.integers(1, 60, size=2).tolist())
            bounds[name] = (low, high)
            rows[f"{name} at least {low}"] = lambda on, i=i, low=low: [(-eye[i], -low)]
            rows[f"{name} at most {high}"] = lambda on, i=i, high=high: [(eye[i], high)]
        elif rng.random() < 0.6:
            least = int(rng.integers(10, 60))
            least_on[name] = least
            rows[f"{name} at least {least} if on"] = lambda on, i=i, m=least: (
                [(-eye[i], -m)] if i in on else []
            )
    for k, members in enumerate(((0, 1), (1, 2), (0, 2))):
        mine = eye[list(members)].sum(axis=0)
        if rng.random() < 0.5:
            least = int(rng.integers(10, 90))
            groups[f"g{k}"] = Group([NAMES[i] for i in members], least=least)
            rows[f"g{k} at least {least}"] = lambda on, mine=mine, m=least: [(-mine, -m)]
        elif rng.random() < 0.5:
            most = int(rng.integers(5, 50))
            groups[f"g{k}"] = Group([NAMES[i] for i in members], most=most)
            rows[f"g{k} at most {most}"] = lambda on, mine=mine, m=most: [(mine, m)]
    words = {"bounds": bounds, "least_if_on": least_on, "groups": groups}
    if rng.random() < 0.3:
        words["tied"] = [{"tv": 2, "radio": 1}]
        rows["tv and radio tied"] = lambda on: [(np.array([1, -2, 0]), 0), (np.array([-1, 2, 0]), 0)]
    if rng.random() < 0.3:
        words["most_on"] = 1
        rows["at most 1 channel on"] = lambda on: [(np.zeros(3), -1.0)] if len(on) > 1 else []
    return budget, words, rows


def judged(rows, kept):
    """Return whether a plan keeps the constraints ``kept``, trying every set of channels that are on."""
    for pattern in product([0, 1], repeat=3):
        on = {i for i in range(3) if pattern[i]}
        chosen = [row for word in kept for row in rows[word](on)]
        if plan_exists(chosen, set(range(3)) - on):
            return True
    return False


@pytest.mark.parametrize("seed", range(24))
def test_the_conflict_is_the_smallest(seed):
    rng = np.random.default_rng(seed)
    budget, words, rows = random_problem(rng)
    if judged(rows, rows):
        plan = mc.allocate(known(), budget, **words, check_units=False, max_nodes=5)
        assert plan.status in ("optimal", "gap")
        return
    with pytest.raises(InfeasibleError) as caught:
        mc.allocate(known(), budget, **words, check_units=False)
    error = caught.value
    assert error.smallest
    assert not judged(rows, error.conflict)
    for smaller in combinations(rows, len(error.conflict) - 1):
        assert judged(rows, smaller)
    assert all(word in str(error) for word in error.conflict)


def test_both_outcomes_occur():
    outcomes = [judged(r, r) for _, _, r in (random_problem(np.random.default_rng(s)) for s in range(24))]
    assert 3 <= sum(outcomes) <= 21


def test_a_lone_budget_names_as_few_lower_bounds_as_it_takes():
    bounds = {"tv": (8, 9), "radio": (1, 9), "search": (4, 9)}
    with pytest.raises(InfeasibleError) as caught:
        mc.allocate(known(), 10.0, bounds=bounds)
    assert caught.value.conflict == ("tv at least 8", "search at least 4", "budget of 10")
    assert caught.value.smallest


def test_a_locked_channel_is_named_as_locked():
    with pytest.raises(InfeasibleError, match="tv locked at 40") as caught:
        mc.allocate(known({"tv": 40.0}), 50.0, locked=["tv"], groups={"g": Group(["tv", "radio"], most=20)})
    assert caught.value.conflict == ("tv locked at 40", "g at most 20")


def test_set_up_costs_count():
    with pytest.raises(InfeasibleError, match=r"Set-up costs count as money.*") as caught:
        mc.allocate(known(), 22.0, bounds={"tv": (20, 30)}, setup_cost={"tv": 5})
    assert caught.value.conflict == ("budget of 22", "tv at least 20")
    assert "raise the budget by 3" in str(caught.value)


def test_a_floor_out_of_reach_is_named_with_what_can_be_reached():
    group = {"digital": Group(["search"], least=10.0)}
    with pytest.raises(InfeasibleError) as caught:
        mc.allocate(known(), 100.0, groups=group, roi=3.0, value=1.0)
    assert caught.value.conflict == ("digital at least 10", "ROI of the plan at least 3")
    # A Hill curve of slope 2 brings most per unit at its half-saturation: 50 per 50; the hull may lie a little above.
    found = float(str(caught.value).split("an ROI of ")[1].split(" ")[0])
    assert 1.0 <= found <= 1.02


def test_a_channel_that_cannot_keep_its_floor_stays_off_or_is_refused():
    floor = {"roi": {"tv": 1.5}, "value": 1.0}
    assert "tv" not in mc.allocate(known(), 100.0, **floor).on
    with pytest.raises(InfeasibleError) as caught:
        mc.allocate(known(), 100.0, bounds={"tv": (10, 50)}, **floor)
    assert set(caught.value.conflict) == {"tv at least 10", "ROI of tv at least 1.5"}
    with pytest.raises(InfeasibleError) as caught:
        mc.allocate(known(), 100.0, bounds={"tv": (10, 50)}, mroi={"tv": 9.0}, value=1.0)
    assert set(caught.value.conflict) == {"tv at least 10", "marginal ROI floor of tv"}


@pytest.mark.parametrize("count", [3, 10, 80])
def test_searches_agree_where_there_is_one_conflict(count):
    words = [f"w{k}" for k in range(count)]
    guilty = {words[0], words[count // 2], words[-1]}

    def feasible(kept):
        return not guilty <= set(kept)

    found, smallest = smallest_conflict(words, feasible)
    assert set(found) == guilty
    assert smallest == (count <= 60)
    assert set(irreducible(words, feasible)) == guilty
