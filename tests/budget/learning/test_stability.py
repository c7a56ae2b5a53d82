"""How stable a plan is: against the optimum of each draw by hand, and payoffs by hand."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.budget.learning.stability import plan_stability
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result

BUDGET, HALF = 20.0, 10.0
TOPS = np.array([20.0, 60.0, 90.0, 110.0, 160.0])
NOW = {"tv": 10.0, "radio": 10.0}


@pytest.fixture(scope="module")
def known():
    curves = {"tv": ("michaelis_menten", {"top": TOPS, "half": HALF})}
    curves |= {"radio": ("michaelis_menten", {"top": 100.0, "half": HALF})}
    return mc.response_from(curves, current=NOW, currency="EUR", response_name="orders")


def best_tv(top, other=100.0):
    """Return tv's best spend: 10 + x is proportional to the root of the top."""
    root = np.sqrt(np.array([top, other]))
    return float(np.clip(root[0] / root.sum() * (BUDGET + 2 * HALF) - HALF, 0.0, BUDGET))


def value(spend, top):
    return top * spend / (HALF + spend) + 100.0 * (BUDGET - spend) / (HALF + BUDGET - spend)


def test_each_draw_has_its_own_best_plan(known):
    found = plan_stability(known, BUDGET, tolerance=1e-10)
    best = np.array([best_tv(top) for top in TOPS])
    assert found.best_spend["tv"] == pytest.approx(np.quantile(best, [0.05, 0.5, 0.95]), abs=1e-6)
    assert found.gains == {"tv": 0.4, "radio": 0.6}
    assert found.loses == {"tv": 0.6, "radio": 0.4}
    assert found.on["radio"] == 1.0
    planned = best_tv(TOPS.mean())
    assert found.spend["tv"] == pytest.approx(planned, abs=1e-6)
    assert found.above_plan["tv"] == np.mean(best > planned + 1e-3 * BUDGET)
    loss = [value(b, t) - value(planned, t) for b, t in zip(best, TOPS)]
    assert found.loss == pytest.approx(np.mean(loss), abs=1e-7)
    assert found.loss_high == pytest.approx(np.quantile(loss, 0.9), abs=1e-7)
    assert found.value == pytest.approx(np.mean([value(planned, t) for t in TOPS]))
    assert found.gap <= 1e-9


def test_a_plan_of_allocate_is_judged_within_its_bounds(known):
    point = mc.response_from(
        {n: ("michaelis_menten", {"top": 100.0, "half": HALF}) for n in ("tv", "radio")}, current=NOW
    )
    plan = mc.allocate(point, BUDGET, bounds={"tv": (8.0, 11.0)})
    found = plan_stability(known, plan)
    assert found.spend == plan.spend
    assert found.best_spend["tv"][0] >= 8.0
    assert found.best_spend["tv"][2] <= 11.0
    freed = plan_stability(known, plan, bounds={"tv": (0.0, 20.0)})
    assert freed.best_spend["tv"][2] > 11.0


def test_the_loss_of_the_best_plan_is_the_value_of_knowing_everything(known):
    """Two ways to the same figure: what each draw's own plan would add, on average."""
    from mixcurve.budget.learning.next_test import next_test

    found = plan_stability(known, BUDGET, tolerance=1e-10)
    assert found.loss == pytest.approx(next_test(known, BUDGET, tolerance=1e-10).perfect.estimate, abs=1e-8)


def test_agreeing_draws_are_stable():
    same = mc.response_from(
        {"tv": ("michaelis_menten", {"top": np.full(9, 150.0), "half": HALF}),
         "radio": ("michaelis_menten", {"top": 50.0, "half": HALF})}, current=NOW,
    )  # fmt: skip
    found = plan_stability(same, BUDGET)
    assert found.gains == {"tv": 1.0, "radio": 0.0}
    assert found.above_plan == {"tv": 0.0, "radio": 0.0}
    assert found.loss == pytest.approx(0.0, abs=1e-9)
    assert "spends more than now on tv" in found.message


def families(tops):
    """Return a point fit of tv and radio for each top of tv."""
    return {
        f"top {top:g}": mc.response_from(
            {
                "tv": ("michaelis_menten", {"top": top, "half": HALF}),
                "radio": ("michaelis_menten", {"top": 100.0, "half": HALF}),
            },
            current=NOW,
        )
        for top in tops
    }


def test_payoffs_of_families_are_those_by_hand(known):
    tops = (20.0, 100.0, 160.0)
    found = plan_stability(known, BUDGET, families=families(tops), tolerance=1e-10).families
    assert found.plans == ("top 20", "top 100", "top 160", "this plan", "current")
    plans = [best_tv(t) for t in tops] + [best_tv(TOPS.mean()), 10.0]
    expected = np.array([[value(p, t) for t in tops] for p in plans])
    assert found.value == pytest.approx(expected, abs=1e-6)
    assert found.best == pytest.approx([value(best_tv(t), t) for t in tops])
    regret = np.array(found.best) - expected
    assert found.regret == pytest.approx(regret, abs=1e-6)
    assert found.least_regret == found.plans[int(np.argmin(regret.max(axis=1)[:4]))]
    assert np.all(found.bound >= found.best)
    assert found.table.loc["top 20", "largest loss"] == pytest.approx(regret[0].max(), abs=1e-6)


def test_the_current_plan_is_never_the_one_of_least_regret():
    """It need not keep the constraints: here it would spend twice the budget."""
    rich = mc.response_from(
        {
            "tv": ("michaelis_menten", {"top": TOPS, "half": HALF}),
            "radio": ("michaelis_menten", {"top": 100.0, "half": HALF}),
        },
        current={"tv": 20.0, "radio": 20.0},
    )
    found = plan_stability(rich, BUDGET, families=families((20.0, 160.0))).families
    assert found.least_regret != "current"
    assert np.all(found.regret[:3] >= -1e-9)


def test_comparisons_of_curves_are_families():
    rng = np.random.default_rng(2)
    spend = np.linspace(0.0, 30.0, 40)
    compared = {}
    for name, top in (("tv", 120.0), ("radio", 100.0)):
        response = top * spend / (HALF + spend) + rng.normal(0, 2.0, 40)
        compared[name] = mc.compare_curves(
            spend, response, curves=["michaelis_menten", "exponential"], folds=0, resamples=0
        )
    curves = {n: ("michaelis_menten", {"top": [90.0, 130.0], "half": HALF}) for n in compared}
    found = plan_stability(mc.response_from(curves, current=NOW), BUDGET, families=compared).families
    assert {"michaelis_menten", "exponential"} <= set(found.families)
    assert np.all(found.regret >= -1e-9)
    place = found.families.index("exponential")
    top, half = (compared["tv"]["exponential"].named[k] for k in ("top", "half"))
    alone = compared["radio"]["exponential"].named
    spent = found.spend[place]
    unit = mc.curves["exponential"]
    by_hand = unit(spent[0], top=top, half=half) + unit(spent[1], top=alone["top"], half=alone["half"])
    assert found.value[place, place] == pytest.approx(float(by_hand))


def test_families_are_fitted_to_a_table():
    market = mc.simulate_market(["tv", "search"], periods=104, noise=0.05, seed=3)
    fit = mc.fit_mix(market.table, season=1, starts=8, resamples=20)
    found = plan_stability(fit, families=["hill", "michaelis_menten"], table=market.table)
    assert found.families is not None
    assert found.families.families == ("hill", "michaelis_menten")


def test_the_result_tells_itself_and_saves(known, tmp_path):
    found = plan_stability(known, BUDGET, families=families((20.0, 160.0)))
    assert list(found.table.index) == ["tv", "radio"]
    assert load_result(found.save(tmp_path / "stability.json")).to_dict() == found.to_dict()
    assert "disagree on whether to spend more or less on tv and radio" in found.message
    assert "least regret" in found.message


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"plan": -1.0}, "budget"),
        ({"level": 0.0}, "level"),
        ({"families": ["hill"]}, "table"),
        ({"families": "hill"}, "families"),
        ({"families": {"hill": 3.0}}, "families"),
        ({"families": {"other": families((20.0,))["top 20"], "odd": None}}, "odd"),
        ({"boundz": {}}, "Did you mean 'bounds'"),
        ({"locked": ["radioo"]}, "Did you mean 'radio'"),
    ],
)
def test_bad_input_is_refused_by_name(known, words, named):
    with pytest.raises(InputError, match=named):
        plan_stability(known, **({"plan": BUDGET} | words))


def test_families_with_other_channels_are_refused(known):
    odd = mc.response_from({"tv": ("michaelis_menten", {"top": 1.0, "half": 1.0})})
    with pytest.raises(InputError, match=r"only one has: radio"):
        plan_stability(known, BUDGET, families={"odd": odd})
