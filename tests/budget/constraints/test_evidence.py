"""What the data show weakly stays near the present, and spend in the range seen, unless the user says otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.constraints.words import Group
from mixcurve.response.evidence import ChannelEvidence

NOW = {"tv": 40.0, "radio": 30.0, "search": 20.0, "social": 10.0}
GRADES = {"tv": "supported", "radio": "weak", "search": "not shown", "social": "calibrated"}


def fitted(grades=GRADES, seen=None, now=NOW):
    curves = {c: ("hill", {"top": 100.0 * (i + 1), "half": 50.0, "slope": 2.0}) for i, c in enumerate(NOW)}
    known = mc.response_from(curves, current=now, spend_range={c: (0.0, m) for c, m in (seen or {}).items()})
    return replace(known, evidence=tuple(ChannelEvidence(c, g, ()) for c, g in grades.items()))


def bounds_of(plan):
    return {
        c: (lo, hi) for c, lo, hi in zip(plan.channels, plan.budget.lower, plan.budget.upper, strict=True)
    }


def test_weak_channels_move_by_a_fifth_and_those_not_shown_not_at_all():
    plan = mc.allocate(fitted(), 100.0)
    assert 24.0 <= plan.spend["radio"] <= 36.0
    assert plan.spend["search"] == pytest.approx(20.0)
    assert set(plan.held) == {"radio", "search"}
    assert "20%" in plan.held["radio"]
    assert "stays at its current spend" in plan.held["search"]
    assert "radio, search" in plan.message
    assert mc.verify(plan, fitted()).ok


@pytest.mark.parametrize(
    ("budget", "radio", "search"), [(50.0, (12, 36), (10, 20)), (200.0, (24, 72), (20, 40))]
)
def test_the_bounds_move_with_the_budget(budget, radio, search):
    found = bounds_of(mc.allocate(fitted(), budget))
    assert found["radio"] == pytest.approx(radio)
    assert found["search"] == pytest.approx(search)
    assert found["tv"] == (0.0, budget)


def test_bounds_of_its_own_and_the_switch_free_a_channel():
    own = mc.allocate(fitted(), 100.0, bounds={"radio": (0, 100), "search": "±50%"})
    assert own.held == {}
    assert bounds_of(own)["radio"] == (0.0, 100.0)
    free = mc.allocate(fitted(), 100.0, hold_weak=False)
    assert free.held == {}
    assert free.value >= mc.allocate(fitted(), 100.0).value


def test_within_holds_too():
    found = bounds_of(mc.allocate(fitted(), 100.0, within="±10%"))
    assert found["radio"] == pytest.approx((27, 33))
    assert found["search"] == pytest.approx((20, 20))


def test_the_current_plan_given_is_the_one_held():
    plan = mc.allocate(fitted(), 100.0, current={"tv": 10.0, "radio": 10.0, "search": 50.0, "social": 30.0})
    assert plan.spend["search"] == pytest.approx(50.0)


def test_spend_beyond_the_range_seen_needs_a_flag():
    seen = {"tv": 45.0, "radio": 25.0}
    known = fitted(dict.fromkeys(NOW, "supported"), seen)
    plan = mc.allocate(known, 200.0)
    # The current spend of radio is more than the largest that the data hold.
    assert plan.capped == {"tv": 45.0, "radio": 30.0}
    assert plan.spend["tv"] <= 45.0
    assert plan.spend["radio"] <= 30.0
    beyond = mc.allocate(known, 200.0, beyond_seen=True)
    assert beyond.capped == {}
    assert beyond.value >= plan.value
    assert bounds_of(mc.allocate(known, 200.0, bounds={"tv": (50, 60)}))["tv"] == (50.0, 50.0)


def test_unspent_money_names_the_caps():
    known = fitted(dict.fromkeys(NOW, "supported"), dict.fromkeys(NOW, 41.0))
    plan = mc.allocate(known, 200.0)
    assert plan.unspent == pytest.approx(200.0 - 4 * 41.0)
    assert plan.unspent_reasons == tuple(f"{c} is at the largest spend seen, 41" for c in NOW)
    assert "every channel is at its upper bound" in plan.message
    held = mc.allocate(fitted(dict.fromkeys(NOW, "not shown")), 100.0, bounds={"tv": (0, 30)})
    assert held.unspent == pytest.approx(10.0)
    assert "radio is held at 30 at most for lack of evidence" in held.unspent_reasons
    assert "tv is at its upper bound of 30" in held.unspent_reasons


def test_evidence_gives_way_to_what_the_user_asks():
    known = fitted({**GRADES, "social": "not shown"})
    plan = mc.allocate(known, 100.0, bounds={"tv": (75, 80)})
    assert plan.spend["tv"] == pytest.approx(75.0)
    assert sum(plan.spend.values()) == pytest.approx(100.0)
    assert "were widened for" in plan.message
    grouped = mc.allocate(known, 100.0, groups={"g": Group(["search", "social"], least=60)})
    assert grouped.spend["search"] + grouped.spend["social"] == pytest.approx(60.0, abs=1e-3)
    assert "were widened for" in grouped.message
    assert "search" in grouped.message


def test_caps_give_way_to_a_group():
    known = fitted(dict.fromkeys(NOW, "supported"), dict.fromkeys(NOW, 41.0))
    plan = mc.allocate(known, 150.0, groups={"g": Group(["tv", "radio"], least=100)})
    assert plan.spend["tv"] + plan.spend["radio"] == pytest.approx(100.0, abs=1e-3)
    assert "widened for" in plan.message


def test_curves_without_data_are_neither_held_nor_capped():
    bare = mc.response_from({"tv": ("hill", {"top": 1.0, "half": 1.0, "slope": 2.0})}, current={"tv": 1.0})
    plan = mc.allocate(bare, 5.0)
    assert (plan.held, plan.capped) == ({}, {})
    assert np.isclose(plan.spend["tv"], 5.0)


def test_evidence_gives_way_to_a_floor_that_needs_more():
    # Held at 5 of 50 the channel earns next to nothing; the floor needs it near its half-saturation.
    curves = {
        c: ("hill", {"top": top, "half": 50.0, "slope": 4.0}) for c, top in (("tv", 100.0), ("radio", 1.0))
    }
    known = mc.response_from(curves, current={"tv": 5.0, "radio": 95.0})
    known = replace(known, evidence=(ChannelEvidence("tv", "not shown", ()),))
    assert mc.allocate(known, 100.0).spend["tv"] == pytest.approx(5.0)
    plan = mc.allocate(known, 100.0, roi=0.9, value=1.0)
    assert plan.spend["tv"] > 40.0
    assert "widened for tv" in plan.message or "were left out" in plan.message
