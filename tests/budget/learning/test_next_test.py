"""The value of knowing more, against enumeration and closed forms; its laws; what is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import norm

import mixcurve as mc
from mixcurve.budget.constraints.words import Group
from mixcurve.budget.learning.next_test import next_test
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result

BUDGET = 20.0
TV, RADIO = (50.0, 150.0), (80.0, 140.0)


def crossed():
    """Return tops of two channels that know nothing of each other: every pair once."""
    pairs = np.array(list(itertools.product(TV, RADIO)))
    return {"tv": pairs[:, 0], "radio": pairs[:, 1]}


def linked():
    """Return tops that mostly rise together: one pair in ten is of the other kind."""
    pairs = np.array([(50, 80)] * 4 + [(150, 140)] * 4 + [(50, 140), (150, 80)], dtype=float)
    return {"tv": pairs[:, 0], "radio": pairs[:, 1]}


@pytest.mark.parametrize("tops", [crossed(), linked()], ids=["independent", "dependent"])
def test_enumerated_posteriors_are_exact(tops, concave, optimum):
    """Curves with a common shape: the mean over draws is the curve with the mean top, so that all is enumerable."""
    found = next_test(concave(tops), BUDGET, noise=10.0, tolerance=1e-10)
    table = np.stack([tops["tv"], tops["radio"]], axis=1)
    now = optimum(table.mean(axis=0), BUDGET)
    assert found.plan_value == pytest.approx(now, rel=1e-9)
    perfect = np.mean([optimum(row, BUDGET) for row in table]) - now
    assert found.perfect.estimate == pytest.approx(perfect, abs=1e-9 * now)
    for c, name in enumerate(("tv", "radio")):
        kinds, counts = np.unique(table[:, c], return_counts=True)
        each = [optimum(table[table[:, c] == kind].mean(axis=0), BUDGET) for kind in kinds]
        partial = counts @ np.array(each) / len(table) - now
        assert found.channel(name).value.estimate == pytest.approx(partial, abs=1e-9 * now)


def test_dependence_is_told_and_may_be_left_out(concave, optimum):
    tops = linked()
    joint = next_test(concave(tops), BUDGET, noise=10.0)
    alone = next_test(concave(tops), BUDGET, noise=10.0, dependence="independent", tolerance=1e-10)
    mean = [float(np.mean(tops[n])) for n in ("tv", "radio")]
    expected = np.mean([optimum([top, mean[1]], BUDGET) for top in TV]) - optimum(mean, BUDGET)
    assert alone.channel("tv").value.estimate == pytest.approx(expected, abs=1e-9 * alone.plan_value)
    assert joint.channel("tv").goes_with == ("radio",)
    assert alone.channel("tv").goes_with == ()
    assert joint.channel("tv").value.estimate != pytest.approx(expected, rel=0.05)


def test_a_test_of_two_curves_agrees_with_integration(concave, optimum):
    """After outcome y the chance of the better curve follows Bayes' rule; the optimum is integrated over y."""
    known = concave({"tv": np.array(TV), "radio": 100.0})
    found = next_test(known, BUDGET, noise=40.0, periods=4, share=1.0, levels=(2.0,))
    test = found.tests[0]
    (level,) = test.levels
    gap = level / (10 + level) - test.planned / (10 + test.planned)
    means, error = np.array(TV) * gap, 40.0 * np.sqrt(2 / 4)
    y = np.linspace(means.min() - 8 * error, means.max() + 8 * error, 4_001)
    density = norm.pdf(y[:, None], means, error)
    chance = density[:, 1] / density.sum(axis=1)
    best = np.array([optimum([TV[0] + (TV[1] - TV[0]) * p, 100.0], BUDGET) for p in chance])
    exact = np.trapezoid(best * density.mean(axis=1), y) - optimum([100.0, 100.0], BUDGET)
    assert test.value.estimate == pytest.approx(exact, abs=2 * test.value.standard_error)
    assert test.value.estimate == pytest.approx(exact, rel=0.1)
    assert test.value.estimate < 0.9 * found.channel("tv").value.estimate


@pytest.fixture(scope="module")
def posterior():
    """Return four S-shaped channels over 48 draws; tv and radio share what one of them loses."""
    rng = np.random.default_rng(4)
    swing = rng.normal(size=48)
    tops = {"tv": 100 * np.exp(0.4 * swing), "radio": 80 * np.exp(-0.4 * swing)}
    tops |= {"search": 60 * np.exp(0.3 * rng.normal(size=48)), "print": np.full(48, 40.0)}
    slopes = {"tv": 2.5, "radio": 2.0, "search": 1.2, "print": 3.0}
    curves = {n: ("hill", {"top": tops[n], "half": 10.0, "slope": slopes[n]}) for n in tops}
    return mc.response_from(curves, current=dict.fromkeys(tops, 8.0), currency="EUR", response_name="orders")


@pytest.fixture(scope="module")
def found(posterior):
    return next_test(posterior, 30.0, noise=15.0)


def test_more_knowledge_is_never_worth_less(found):
    slack = 1e-6 * found.plan_value
    assert found.perfect.estimate > 0
    for known in found.channels:
        error = 3 * (found.perfect.standard_error + known.value.standard_error)
        assert -slack <= known.value.estimate <= found.perfect.estimate + error + slack
    for test in (*found.tests, *found.others):
        assert -slack <= test.value.estimate <= found.channel(test.channel).value.estimate + slack


def test_a_certain_curve_is_worth_nothing(found):
    assert found.channel("print").value.estimate == 0.0
    tests = [t for t in (*found.tests, *found.others) if t.channel == "print"]
    assert tests
    assert all(t.value.estimate == pytest.approx(0.0, abs=1e-9) and t.net <= -t.cost + 1e-6 for t in tests)
    assert all(t.marginal_shrinkage == t.roi_shrinkage == 1.0 for t in tests)


def test_channels_that_go_together_are_found(found):
    assert found.channel("tv").goes_with == ("radio",)
    assert found.channel("radio").goes_with == ("tv",)
    assert found.channel("search").goes_with == ()


def test_intervals_hold_the_estimates(found):
    for value in (found.perfect, *(c.value for c in found.channels), *(t.value for t in found.tests)):
        assert value.low <= value.proven_low <= value.estimate <= value.proven_high <= value.high


def test_draws_that_agree_leave_nothing_to_learn(concave):
    same = next_test(concave({"tv": np.full(30, 100.0), "radio": np.full(30, 70.0)}), BUDGET, noise=10.0)
    assert same.perfect.estimate == pytest.approx(0.0, abs=1e-9)
    assert {c.value.estimate for c in same.channels} == {0.0}
    assert same.best is None
    assert "would not change" in same.message


def test_a_locked_channel_is_worth_nothing(posterior):
    locked = next_test(posterior, 30.0, noise=15.0, locked=["tv"], dependence="independent")
    assert locked.channel("tv").value.estimate == 0.0
    assert locked.channel("tv").fixed
    assert "tv" not in {t.channel for t in locked.tests}
    joint = next_test(posterior, 30.0, noise=15.0, locked=["tv"])
    assert joint.channel("tv").value.estimate > 0  # what it tells of radio


def test_rows_beside_the_budget_are_kept(concave):
    """A group of one channel with a most is a bound: two engines must say the same."""
    known = concave(linked())
    bound = next_test(known, BUDGET, noise=10.0, bounds={"tv": (0.0, 8.0)})
    group = next_test(known, BUDGET, noise=10.0, groups={"one": Group(["tv"], most=8.0)})
    assert group.plan["tv"] <= 8.0 + 1e-9
    assert group.perfect.estimate == pytest.approx(bound.perfect.estimate, abs=2e-4 * bound.plan_value)
    for name in ("tv", "radio"):
        low, high = group.channel(name).value.proven_low, group.channel(name).value.proven_high
        assert low - 1e-9 <= bound.channel(name).value.estimate <= high + 1e-9
    assert {t.channel for t in group.tests} == {"tv", "radio"}


def test_few_draws_are_called_scenarios(concave):
    assert "taken as scenarios" in next_test(concave(linked()), BUDGET, noise=10.0).message


def test_results_scale_with_money_and_response(posterior, found):
    """Money in cents and responses in thousandths change nothing but the unit."""
    scaled = mc.response_from(
        {
            name: (
                curve,
                {"top": posterior.draws[:, i, 0] * 1e3, "half": 1000.0, "slope": posterior.draws[0, i, 2]},
            )
            for i, (name, curve) in enumerate(zip(posterior.channels, posterior.curve))
        },
        current=dict.fromkeys(posterior.channels, 800.0),
    )
    other = next_test(scaled, 3000.0, noise=15e3)
    assert other.perfect.estimate == pytest.approx(1e3 * found.perfect.estimate, rel=1e-6)
    for a, b in zip(found.tests, other.tests):
        assert a.channel == b.channel
        assert b.net == pytest.approx(1e3 * a.net, rel=1e-5)
        assert b.marginal_shrinkage == pytest.approx(a.marginal_shrinkage)


def test_order_of_channels_changes_nothing(posterior, found):
    names = posterior.channels[::-1]
    place = [posterior.channels.index(n) for n in names]
    turned = mc.response_from(
        {
            n: (posterior.curve[i], dict(zip(("top", "half", "slope"), posterior.draws[:, i].T)))
            for n, i in zip(names, place)
        },
        current=dict.fromkeys(names, 8.0),
    )
    other = next_test(turned, 30.0, noise=15.0)
    assert other.perfect.estimate == pytest.approx(found.perfect.estimate, rel=1e-9)
    assert [(t.channel, t.levels) for t in other.tests] == [
        (t.channel, pytest.approx(t.levels)) for t in found.tests
    ]
    assert [t.net for t in other.tests] == pytest.approx([t.net for t in found.tests])


def test_a_seed_repeats_and_thins(posterior, found):
    assert next_test(posterior, 30.0, noise=15.0).to_dict() == found.to_dict()
    few = next_test(posterior, 30.0, noise=15.0, most_draws=30, seed=1)
    assert few.draws == 30
    assert few.to_dict() != next_test(posterior, 30.0, noise=15.0, most_draws=30, seed=2).to_dict()


def test_a_precise_long_test_is_worth_almost_the_curve(posterior):
    sure = next_test(posterior, 30.0, noise=0.01, periods=50)
    rough = next_test(posterior, 30.0, noise=500.0, periods=1)
    for test in sure.tests[:2]:
        assert test.value.estimate > 0.6 * sure.channel(test.channel).value.estimate
        assert test.roi_shrinkage < 0.3
    for test in rough.tests:
        assert test.value.estimate < 0.1 * rough.channel(test.channel).value.estimate + 1e-9
        assert test.roi_shrinkage > 0.9
        assert test.effective_draws > 0.9 * rough.draws


def test_costs_are_what_the_mean_curves_say(posterior, found):
    test = next(t for t in (*found.tests, *found.others) if t.levels == (0.0,) and t.planned > 0)
    place = posterior.channels.index(test.channel)
    top, half, slope = posterior.draws[:, place].T
    lost = np.mean(top / (1 + (half / test.planned) ** slope)) * test.periods * test.share
    assert test.response_lost == pytest.approx(lost)
    assert test.extra_money == pytest.approx(-test.planned * test.periods * test.share)
    assert test.cost > 0
    assert test.cost == pytest.approx(lost - found.shadow_price * test.planned * test.periods * test.share)
    assert test.net == pytest.approx(test.horizon * test.value.estimate - test.cost)


def test_the_result_tells_itself_and_saves(found, tmp_path):
    assert list(found.table.index) == [c.channel for c in found.channels]
    again = load_result(found.save(tmp_path / "test.json"))
    assert again.to_dict() == found.to_dict()
    assert found.best is found.tests[0]
    assert found.best.sentence in found.summary
    assert "€" in found.best.sentence
    assert "orders" in found.message


def test_progress_is_told_until_all_is_done(posterior):
    calls = []
    next_test(posterior, 30.0, noise=15.0, most_draws=30, progress=lambda *told: calls.append(told))
    stages = list(dict.fromkeys(stage for stage, _, _ in calls))
    assert stages == ["knowing every curve", "knowing one channel's curve", "testing one channel"]
    for stage in stages:
        done = [d for s, d, _ in calls if s == stage]
        assert done == sorted(done)
        assert done[-1] == next(t for s, _, t in calls if s == stage)


def test_a_fit_brings_its_own_noise():
    market = mc.simulate_market(["tv", "search"], periods=104, noise=0.05, seed=3)
    fit = mc.fit_mix(market.table, season=1, starts=8, resamples=40)
    found = next_test(fit)
    spread = float(np.sqrt(np.sum(fit.residual**2) / fit.degrees_of_freedom))
    assert found.tests[0].noise == pytest.approx(spread, rel=1e-6)
    assert found.tests[0].periods == 8
    assert found.draws == 40
    assert found.budget == pytest.approx(float(fit.current.sum()))
    assert found.held == {}  # a test is what would let a weak channel move
    grades = {e.channel: e.grade for e in fit.evidence}
    held = next_test(fit, hold_weak=True, noise=1.0).held
    assert set(held) == {c for c, grade in grades.items() if grade in ("weak", "not shown")}


def test_without_noise_no_test_is_suggested(posterior):
    found = next_test(posterior, 30.0, most_draws=21)
    assert found.tests == ()
    assert "Give noise" in found.message


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"budget": -1.0}, "budget"),
        ({"noise": 0.0}, "noise"),
        ({"noise": {"tv": 3.0}}, "noise"),
        ({"noise": {"tv": 3.0, "radio": 1.0, "search": 1.0, "print": float("nan")}}, "noise"),
        ({"share": 1.5}, "share"),
        ({"share": 0.0}, "share"),
        ({"periods": 0}, "periods"),
        ({"horizon": -1}, "horizon"),
        ({"levels": ()}, "levels"),
        ({"levels": (-1.0,)}, r"levels\[0\]"),
        ({"levels": "half"}, "levels"),
        ({"level": 1.0001}, "level"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"seed": -3}, "seed"),
        ({"most_draws": 20}, "most_draws"),
        ({"dependence": "joined"}, "Did you mean 'joint'"),
        ({"progress": "yes"}, "progress"),
        ({"boundz": {}}, "Did you mean 'bounds'"),
        ({"perids": 3}, "Did you mean 'periods'"),
        ({"locked": ["tvv"]}, "Did you mean 'tv'"),
        ({"current": {"tvv": 1.0}}, "Did you mean 'tv'"),
    ],
)
def test_bad_input_is_refused_by_name(posterior, words, named):
    with pytest.raises(InputError, match=named):
        next_test(posterior, **({"budget": 30.0, "noise": 15.0} | words))


def test_curves_without_draws_are_refused():
    with pytest.raises(InputError, match="how uncertain"):
        next_test(mc.response_from({"tv": ("hill", {"top": 1.0, "half": 1.0, "slope": 2.0})}), 3.0)
