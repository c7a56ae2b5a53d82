"""Every policy against brute force over all cut-offs, with ties and weights; what is said and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.foundations.errors import InputError
from mixcurve.thresholds.choose import choose_threshold
from mixcurve.thresholds.decision import Decision
from mixcurve.thresholds.ties import stable_hash

Case = tuple[np.ndarray, np.ndarray, np.ndarray]
SEEDS = st.integers(0, 2**32 - 1)
# A negative class at 1, a positive one at 8: the break-even probability is 1/9.
COST, VALUE, PAID = (1.0, 8.0), 6.0, 2.0


def case_of(seed: int) -> Case:
    """Return probabilities with many ties, labels of both classes, and weights that are whole, some of them 0."""
    rng = np.random.default_rng(seed)
    rows, distinct = int(rng.integers(4, 40)), int(rng.integers(2, 12))
    p = rng.integers(0, distinct + 1, rows) / distinct
    y = np.concatenate([[0.0, 1.0], rng.integers(0, 2, rows - 2)])
    weights = np.concatenate([[1, 1], rng.integers(0, 5, rows - 2)]).astype(float)
    return p, y, weights


def every_cutoff(case: Case) -> list[tuple[np.ndarray, dict[str, float]]]:
    """Return who lies above each cut-off, nobody first, with the four counts, each counted anew."""
    p, y, w = case
    found = []
    for threshold in [np.inf, *sorted(set(p.tolist()), reverse=True)]:
        above = p >= threshold
        hits, false = float(w[above & (y == 1)].sum()), float(w[above & (y == 0)].sum())
        missed, left = float(w[~above & (y == 1)].sum()), float(w[~above & (y == 0)].sum())
        found.append((above, {"tp": hits, "fp": false, "fn": missed, "tn": left}))
    return found


SCORES: dict[str, tuple[dict[str, Any], Callable[[dict[str, float]], float]]] = {
    "profit": (
        {"value": VALUE, "contact_cost": PAID},
        lambda n: VALUE * n["tp"] - PAID * (n["tp"] + n["fp"]),
    ),
    "cost": ({"cost": COST}, lambda n: -COST[0] * n["fp"] - COST[1] * n["fn"]),
    "matrix": (
        {"cost": ((1.0, 4.0), (9.0, 2.0))},
        lambda n: -n["tn"] - 4.0 * n["fp"] - 9.0 * n["fn"] - 2.0 * n["tp"],
    ),
    "f1": ({"f_beta": 1.0}, lambda n: 2 * n["tp"] / (2 * n["tp"] + n["fp"] + n["fn"])),
    "f2": ({"f_beta": 2.0}, lambda n: 5 * n["tp"] / (5 * n["tp"] + n["fp"] + 4 * n["fn"])),
    "youden": ({"youden": True}, lambda n: n["tp"] / (n["tp"] + n["fn"]) - n["fp"] / (n["fp"] + n["tn"])),
}


@pytest.mark.parametrize("name", SCORES)
@given(seed=SEEDS)
def test_best_of_all_cutoffs(name: str, seed: int) -> None:
    words, score = SCORES[name]
    case = case_of(seed)
    found = choose_threshold(case[0], case[1], weights=case[2], bootstrap=0, **words)
    scores = [score(counts) for _, counts in every_cutoff(case)]
    best = max(scores)
    first = next(i for i, s in enumerate(scores) if s >= best - 1e-12)
    above, counts = every_cutoff(case)[first]
    assert score(_counts(case, found)) == pytest.approx(best, abs=1e-12)
    if [s >= best - 1e-12 for s in scores].count(True) == 1:
        assert found.selected.tolist() == above.tolist()
    assert found.count <= above.sum() or counts["tp"] + counts["fp"] < found.people


def _counts(case: Case, found: Decision) -> dict[str, float]:
    _, y, w = case
    above = found.selected
    return {
        "tp": w[above & (y == 1)].sum(), "fp": w[above & (y == 0)].sum(),
        "fn": w[~above & (y == 1)].sum(), "tn": w[~above & (y == 0)].sum(),
    }  # fmt: skip


@given(seed=SEEDS, floor=st.sampled_from([0.1, 0.25, 0.5, 0.8, 1.0]))
def test_floors_equal_brute_force(seed: int, floor: float) -> None:
    case = case_of(seed)
    cutoffs = every_cutoff(case)
    found = choose_threshold(case[0], case[1], weights=case[2], recall=floor, bootstrap=0)
    enough = [a for a, n in cutoffs if n["tp"] >= floor * (n["tp"] + n["fn"]) - 1e-9]
    assert found.selected.tolist() == enough[0].tolist()
    pure = [a for a, n in cutoffs[1:] if n["tp"] >= floor * (n["tp"] + n["fp"]) - 1e-9]
    if any(case[2][a].sum() > 0 for a in pure):
        kept = choose_threshold(case[0], case[1], weights=case[2], precision=floor, bootstrap=0)
        assert kept.selected.tolist() == pure[-1].tolist()
        assert kept.expected["precision"].value >= floor - 1e-12


@given(seed=SEEDS, at=st.sampled_from([0.1, 0.3, 0.5]))
def test_net_benefit_is_its_formula(seed: int, at: float) -> None:
    p, y, w = case_of(seed)
    found = choose_threshold(p, y, weights=w, net_benefit_at=at, bootstrap=0)
    assert found.selected.tolist() == (p >= at).tolist()
    hits, false = w[(p >= at) & (y == 1)].sum(), w[(p >= at) & (y == 0)].sum()
    benefit = (hits - false * at / (1 - at)) / w.sum()
    assert found.expected["net_benefit"].value == pytest.approx(benefit, abs=1e-12)


@given(seed=SEEDS)
def test_profit_with_values_per_person_equals_brute_force(seed: int) -> None:
    p, y, w = case_of(seed)
    rng = np.random.default_rng(seed)
    value, cost = rng.integers(0, 9, len(p)).astype(float), rng.integers(0, 3, len(p)).astype(float)
    value[0] = 3.0
    found = choose_threshold(p, y, weights=w, value=value, contact_cost=cost, bootstrap=0)
    worth = p * value - cost
    brought = [w[worth >= cut] @ (y * value - cost)[worth >= cut] for cut in [np.inf, *np.unique(worth)]]
    assert found.expected["net_worth"].value == pytest.approx(max(brought), abs=1e-9)
    # Without labels, everybody whose contact is worth something, and nobody else.
    hoped = choose_threshold(p, value=value, contact_cost=cost, bootstrap=0)
    assert hoped.selected.tolist() == (worth > 0).tolist()
    assert (
        choose_threshold(p, value=value, contact_cost=cost, least_worth=1.0).selected.tolist()
        == (worth >= 1.0).tolist()
    )


def test_a_wrong_cutoff_would_be_seen() -> None:
    case = case_of(11)
    found = choose_threshold(case[0], case[1], weights=case[2], bootstrap=0, f_beta=1.0)
    other = np.roll(found.selected, 1)
    score = SCORES["f1"][1]
    _, y, w = case
    moved = {
        "tp": w[other & (y == 1)].sum(), "fp": w[other & (y == 0)].sum(), "fn": w[~other & (y == 1)].sum(),
        "tn": 0.0,
    }  # fmt: skip
    assert score(moved) < score(_counts(case, found))


@pytest.fixture(scope="module")
def crowd() -> tuple[np.ndarray, np.ndarray]:
    """Return 200,000 people, a third of them tied on few values, and their keys."""
    rng = np.random.default_rng(1)
    p = rng.random(200_000)
    p[:66_000] = rng.integers(0, 8, 66_000) / 8 + 0.05
    return p.clip(0, 1), np.arange(200_000)


@pytest.mark.parametrize("capacity", [5_000, 25_000])
def test_capacity_is_exact_and_blind_to_the_order_of_rows(
    crowd: tuple[np.ndarray, np.ndarray], capacity: int
) -> None:
    p, key = crowd
    first = choose_threshold(p, capacity=capacity, key=key, bootstrap=0)
    mixed = np.random.default_rng(2).permutation(len(p))
    second = choose_threshold(p[mixed], capacity=capacity, key=key[mixed], bootstrap=0)
    assert first.count == int(first.selected.sum()) == capacity
    assert set(key[first.selected]) == set(key[mixed][second.selected])
    assert choose_threshold([0.5] * 3, capacity=2).selected.tolist() == [True, True, False]
    # By its definition: highest probability, then smallest hash.
    near = np.flatnonzero(p >= first.threshold)
    ranked = sorted(near.tolist(), key=lambda i: (-p[i], stable_hash(int(key[i]))))
    assert set(key[first.selected]) == set(ranked[:capacity])
    if first.tied:
        assert not first.exact and "picks" in first.summary
        unkeyed = choose_threshold(p, capacity=capacity, bootstrap=0)
        assert unkeyed.count == capacity and "order of rows" in unkeyed.warnings[0]


def test_ties_may_all_go_or_all_come() -> None:
    p = [0.9, 0.5, 0.5, 0.5, 0.1]
    counts = {
        ties: choose_threshold(p, capacity=2, ties=ties).count for ties in ("exclude", "hash", "include")
    }
    assert counts == {"exclude": 1, "hash": 2, "include": 4}
    assert choose_threshold(p, capacity=1, ties="include").count == 1
    assert choose_threshold(p, capacity=4, ties="exclude").count == 4


def test_the_score_ranks_what_a_map_made_equal() -> None:
    p, score = [0.5, 0.5, 0.5, 0.1], [0.1, 0.3, 0.2, 0.9]
    found = choose_threshold(p, capacity=2, score=score)
    assert found.selected.tolist() == [False, True, True, False]
    assert found.tied == 0
    # The probability alone cannot tell the second from the first.
    assert not found.exact


def test_capacity_counts_the_people_that_rows_stand_for() -> None:
    found = choose_threshold([0.9, 0.8, 0.7, 0.6], weights=[2, 3, 4, 1], capacity=6, key=list("abcd"))
    assert (found.people, found.selected.tolist()) == (5.0, [True, True, False, False])
    equal = choose_threshold([0.5] * 4, weights=[2, 3, 4, 1], share=0.5, key=list("abcd"))
    assert equal.people <= 5.0 and equal.count < 4


def test_prices_of_one_more_contact() -> None:
    p, value, cost = np.array([0.9, 0.6, 0.4, 0.3]), 10.0, 2.0
    by_capacity = choose_threshold(p, capacity=2, value=value, contact_cost=cost)
    assert by_capacity.shadow_price == pytest.approx(0.4 * 10 - 2)
    assert by_capacity.shadow_price_unit == "money per contact"
    one_more = choose_threshold(p, capacity=3, value=value, contact_cost=cost)
    gained = one_more.expected["net_worth"].value - by_capacity.expected["net_worth"].value
    assert gained == pytest.approx(by_capacity.shadow_price)
    again = choose_threshold(p, least_worth=by_capacity.shadow_price, value=value, contact_cost=cost)
    assert again.selected.sum() == 3  # who is next meets the price exactly
    by_budget = choose_threshold(p, budget=5.0, value=value, contact_cost=cost)
    assert by_budget.count == 2 and by_budget.shadow_price == pytest.approx(0.4 * 10 / 2 - 1)
    net = by_budget.expected["net_worth"].value
    assert by_budget.upper_bound == pytest.approx(net + by_budget.shadow_price * 1.0)
    assert choose_threshold(p, budget=100.0, value=value, contact_cost=cost).shadow_price == 0.0
    assert choose_threshold(p, value=value, contact_cost=cost).shadow_price == 0.0
    assert choose_threshold(p, capacity=4).shadow_price == 0.0
    losing = choose_threshold(p, capacity=4, value=4.0, contact_cost=cost)
    assert "2 of the people chosen are each expected to cost more than they bring." in losing.warnings


@given(seed=SEEDS)
def test_budget_is_near_the_best_subset(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, value, cost = rng.random(10), rng.uniform(1, 9, 10), rng.uniform(0.5, 3, 10)
    budget = float(rng.uniform(1, 15))
    found = choose_threshold(p, budget=budget, value=value, contact_cost=cost, bootstrap=0)
    sets = (np.arange(1024)[:, None] >> np.arange(10)) & 1 == 1
    net = sets @ (p * value - cost)
    best = net[sets @ cost <= budget].max()
    assert cost[found.selected].sum() <= budget + 1e-9
    assert found.expected["net_worth"].value - 1e-9 <= best <= found.upper_bound + 1e-9
    assert (p * value / cost)[found.selected].min(initial=np.inf) >= 1.0


def test_summary_states_the_rule_both_ways() -> None:
    p = np.linspace(0.01, 0.99, 99)
    text = " ".join(
        choose_threshold(p, share=0.25, currency="GBP", value=40.0, contact_cost=4.0).summary.split()
    )
    assert "contact 24 of 99 people" in text
    assert (
        "top 24.2% of people are those with a probability of at least 0.760, 1.5 times the base rate" in text
    )
    assert "£" in text and "One more contact is worth £26." in text
    nobody = choose_threshold(p, value=1.0, contact_cost=4.0)
    assert nobody.summary == "Contact nobody: no contact is worth it for the highest net worth."
    assert nobody.count == 0 and nobody.threshold == np.inf


def test_selects_others_by_the_same_threshold() -> None:
    found = choose_threshold([0.9, 0.5, 0.2], capacity=2)
    assert found.select([0.5, 0.49]).tolist() == [True, False]
    worth = choose_threshold([0.9, 0.5, 0.2], capacity=2, value=[1.0, 5.0, 9.0])
    with pytest.raises(InputError, match="ranks people by net worth"):
        worth.select([0.5])


def test_comes_back_from_a_file(tmp_path: Any) -> None:
    from mixcurve.foundations.results import load_result

    found = choose_threshold([0.9, 0.5, 0.2], [1, 0, 1], recall=0.5, bootstrap=20)
    again = load_result(found.save(tmp_path / "decision.json"))
    assert again.summary == found.summary and again.selected.tolist() == found.selected.tolist()
    assert again.table.equals(found.table)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "Give a policy, one of cost, capacity, share"),
        ({"capacity": 1, "recall": 0.5}, "Give one policy, got capacity and recall"),
        ({"capasity": 1}, "no policy called 'capasity'. Did you mean capacity"),
        ({"capacity": 0}, "capacity must be at least 1 person, got 0"),
        ({"capacity": 1.5}, "capacity must be a whole number, got 1.5"),
        ({"share": 25}, r"share must be in \(0, 1\], got 25"),
        ({"cost": (1.0, 0.0)}, "cost must be higher for a false negative than for the right decision"),
        ({"cost": (1.0, 2.0, 3.0)}, r"got shape \(3,\)"),
        ({"cost": (1.0, 2.0), "value": 3.0}, "cost says itself what a contact is worth"),
        ({"budget": 5.0}, "budget needs value"),
        ({"budget": 5.0, "value": 2.0}, "budget needs contact_cost"),
        ({"contact_cost": 1.0, "recall": 0.5}, "contact_cost needs value"),
        ({"value": [1.0, -1.0, 2.0]}, "value must not be negative; found -1 at position 1"),
        ({"value": 0.0}, "value is 0 for everybody"),
        ({"youden": 1}, "youden must be True, got 1"),
        ({"recall": 0.0}, r"recall must be in \(0, 1\], got 0"),
        ({"net_benefit_at": 1.0}, "net_benefit_at must lie between 0 and 1"),
        ({"capacity": 1, "ties": "coin"}, "no way with ties called 'coin'"),
        ({"capacity": 1, "key": ["a"]}, "key must have one value per person, got 1 for 3"),
        ({"capacity": 1, "key": ["a", "a", "b"]}, "'a' occurs twice among those tied at the cut"),
        ({"capacity": 1, "key": [0.5, 1.5, 2.5]}, "key must hold text or whole numbers, got 0.5"),
        (
            {"recall": 0.5, "weights": [1.0, -1.0, 1.0]},
            "weights must not be negative; found -1 at position 1",
        ),
        ({"recall": 0.5, "weight_kind": "sampling"}, "no weight_kind called 'sampling'"),
        ({"recall": 0.5, "y": [0, 1, 3]}, "y must be 0 or 1; found 3 at position 2"),
        ({"recall": 0.5, "y": [0, 0, 0]}, "y is 0 in all 3 rows"),
    ],
)
def test_bad_input_is_named(words: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        choose_threshold([0.5, 0.5, 0.2], **words)


def test_precision_out_of_reach_says_what_is_in_reach() -> None:
    with pytest.raises(
        InputError, match=r"precision of 0.9 is reached by no cut-off; the highest is 0.6667, among"
    ):
        choose_threshold([0.9, 0.9, 0.9, 0.1], [1, 0, 1, 0], precision=0.9)
    with pytest.raises(InputError, match=r"must lie between 0 and 1; found 1\.3 at position 0"):
        choose_threshold([1.3, 0.9], capacity=1)
