"""Rates of two lists: published intervals, coverage, caveats."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.impact import impact, rate_difference
from mixcurve.propensity.simulate.churn import simulate_churn


def test_intervals_as_published():
    """Newcombe (1998), table II, method 10: 56/70 against 48/80, and 9/10 against 3/10."""
    assert rate_difference([48, 56], [80, 70]) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert rate_difference([3, 9], [10, 10]) == pytest.approx((0.6, 0.1705, 0.8090), abs=5e-5)
    assert rate_difference([0, 10], [10, 10]) == pytest.approx((1.0, 0.6075, 1.0), abs=5e-5)


def test_intervals_cover():
    rng = np.random.default_rng(0)
    runs, held = 2000, 0
    for _ in range(runs):
        _, low, high = rate_difference(rng.binomial([400, 300], [0.05, 0.09]), [400, 300])
        held += int(low <= 0.04 <= high)
    assert abs(held / runs - 0.95) < 3 * np.sqrt(0.0475 / runs) + 0.01


def test_a_scored_list_against_a_rule_is_selection():
    people = simulate_churn(2, 40_000)
    table = people.table[people.table["contacted"]]
    p = 1 / (1 + np.exp(-people.log_odds[people.table["contacted"].to_numpy()]))
    was = (table["period"] == "before").to_numpy()
    left = table["left"].to_numpy()
    found = impact(left[was], left[~was], probability_before=p[was], probability_after=p[~was])
    # Contact changes nothing in this world: what the lists differ by is who is on them.
    assert found.low < found.expected < found.high
    assert found.low > 0
    assert "Selection is not uplift" in found.summary
    assert "Who is on the list explains" in found.summary


def test_a_group_held_out_at_random_shows_what_contact_adds(tmp_path):
    found = impact((30, 1000), (60, 1000), design="randomised")
    assert "what contact adds" in found.summary
    assert "Selection is not uplift" not in found.summary
    assert found.ratio == pytest.approx(2.0)
    assert load_result(found.save(tmp_path / "impact.json")).summary == found.summary


def test_nobody_responding_is_told_without_a_crash():
    found = impact((0, 50), (3, 50))
    assert found.ratio == np.inf
    assert np.isnan(impact((0, 50), (0, 50)).ratio)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [((5, 4), (1, 2), "before must be"), ([0, 2], [1, 0], "0 or 1"), ((1, 2), (0, 0), "after must be")],
)
def test_impossible_counts_are_refused(before, after, told):
    with pytest.raises(InputError, match=told):
        impact(before, after)


def test_probabilities_of_one_side_only_are_refused():
    with pytest.raises(InputError, match="go together"):
        impact((1, 10), (2, 10), probability_after=[0.1])
