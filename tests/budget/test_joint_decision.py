"""One total budget for contacts and for media: both halves name the same price of money, and the same people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from mixcurve.budget.problem import Allocation
from mixcurve.budget.solve import allocate
from mixcurve.response.fitted import response_from
from mixcurve.thresholds.choose import choose_threshold
from mixcurve.thresholds.profit import ProfitCurve, profit_curve

# Money in pounds a week: what a response of the media is worth, and the total to share out.
VALUE_OF_RESPONSE = 30.0
TOTAL = 6_000.0
MEDIA = {
    "tv": {"top": 260.0, "half": 1_500.0, "slope": 2.0},
    "search": {"top": 180.0, "half": 900.0, "slope": 1.4},
}
GRID = 2001


@dataclass
class Joint:
    """The best split that brute force finds, and the contacts as a channel."""

    probability: np.ndarray
    value: np.ndarray
    cost: np.ndarray
    contacts: ProfitCurve
    split: float
    worth: float


def hill(spend: np.ndarray, top: float, half: float, slope: float) -> np.ndarray:
    """Return Hill's curve by its textbook formula."""
    return top * spend**slope / (half**slope + spend**slope)


def media_profit(money: float) -> float:
    """Return the most that money in media brings net, over a grid of splits between the two channels."""
    tv = np.linspace(0.0, money, GRID)
    response = hill(tv, **MEDIA["tv"]) + hill(money - tv, **MEDIA["search"])
    return float(VALUE_OF_RESPONSE * response.max() - money)


@pytest.fixture(scope="module", params=["even", "per person"])
def joint(request: pytest.FixtureRequest) -> Joint:
    """Return the contacts and the best of all splits that end between two people."""
    rng = np.random.default_rng(4)
    n = 500
    p = rng.beta(2.0, 8.0, n)
    even = request.param == "even"
    value, cost = (np.full(n, v) if even else v * rng.uniform(0.5, 1.5, n) for v in (60.0, 8.0))
    contacts = profit_curve(p, value=value, contact_cost=cost, ranked_by="return on cost", points=None)
    worth = [contacts.net_at(b)[()] + media_profit(TOTAL - b) for b in contacts.spent.tolist() if b <= TOTAL]
    best = int(np.argmax(worth))
    return Joint(p, value, cost, contacts, float(contacts.spent[best]), float(worth[best]))


def media_plan(money: float) -> Allocation:
    known = response_from({name: ("hill", shape) for name, shape in MEDIA.items()})
    return allocate(known, money, objective="profit", value=VALUE_OF_RESPONSE)


def test_contacts_are_a_concave_channel(joint: Joint) -> None:
    slopes = np.diff(joint.contacts.value) / np.diff(joint.contacts.spent)
    assert (np.diff(slopes) <= 1e-9 * slopes[:-1]).all()
    budget = 1_000.0
    found = choose_threshold(
        joint.probability, budget=budget, value=joint.value, contact_cost=joint.cost, bootstrap=0
    )
    assert joint.contacts.net_at(budget) == pytest.approx(found.upper_bound, rel=1e-12)


def test_both_halves_name_the_same_price_of_money(joint: Joint) -> None:
    assert 0.0 < joint.split < TOTAL
    decision = choose_threshold(
        joint.probability, budget=joint.split, value=joint.value, contact_cost=joint.cost, bootstrap=0
    )
    plan = media_plan(TOTAL - joint.split)
    assert plan.status == "optimal"
    price = plan.shadow_price
    assert price > 0.1 and decision.shadow_price > 0.1
    # The split is best among those that end between two people, so media's price lies between the returns of the last
    # person contacted and the next, each taken at the money that one contact moves.
    returns = np.sort(joint.probability * joint.value / joint.cost)[::-1]
    last, following = returns[decision.count - 1] - 1.0, returns[decision.count] - 1.0
    step = float(joint.cost.max())
    looser, tighter = (media_plan(TOTAL - joint.split + s).shadow_price for s in (step, -step))
    assert following <= tighter + 1e-6 and looser - 1e-6 <= last
    assert decision.shadow_price == pytest.approx(following)
    assert abs(decision.shadow_price - price) <= (last - following) + (tighter - looser)
    # Money a tenth away from the best split is priced differently: the check can fail.
    other = choose_threshold(
        joint.probability, budget=0.7 * joint.split, value=joint.value, contact_cost=joint.cost, bootstrap=0
    )
    wrong = media_plan(TOTAL - 0.7 * joint.split).shadow_price
    assert abs(other.shadow_price - wrong) > 5.0 * ((last - following) + (tighter - looser))


def test_the_price_of_the_media_plan_selects_the_same_people(joint: Joint) -> None:
    price = media_plan(TOTAL - joint.split).shadow_price
    asked = {"value": joint.value, "contact_cost": joint.cost, "bootstrap": 0}
    by_budget = choose_threshold(joint.probability, budget=joint.split, **asked)
    by_price = choose_threshold(joint.probability, price=price, **asked)
    # The price moves a little while the money of one contact moves; only people priced within that may differ.
    step = float(joint.cost.max())
    looser, tighter = (media_plan(TOTAL - joint.split + s).shadow_price for s in (step, -step))
    returns = joint.probability * joint.value / joint.cost - 1.0
    differing = by_budget.selected != by_price.selected
    assert differing.sum() <= 2 and (np.abs(returns[differing] - price) <= tighter - looser).all()
    assert tighter - looser < 0.02
    # Contact while p × value − cost × (1 + λ) is at least 0, person by person.
    worth = joint.probability * joint.value - joint.cost * (1.0 + price)
    assert by_price.selected.tolist() == (worth >= 0).tolist()
    assert by_price.shadow_price == price


def test_no_split_of_the_money_is_better_than_the_price_says(joint: Joint) -> None:
    """The Lagrangian at the common price bounds every split from above, and meets the best one."""
    price = media_plan(TOTAL - joint.split).shadow_price
    gain = np.maximum(joint.probability * joint.value - joint.cost * (1.0 + price), 0.0).sum()
    money = np.linspace(0.0, TOTAL, 601)
    media = max(media_profit(m) - price * m for m in money.tolist())
    bound = gain + media + price * TOTAL
    assert joint.worth <= bound + 1e-6
    assert bound - joint.worth <= 5e-4 * bound


def test_spend_until_one_plus_the_price_and_contact_until_the_price() -> None:
    """The plan's marginal value of every channel between its bounds is 1 + λ, as DESIGN states."""
    plan = media_plan(4_000.0)
    marginals = [VALUE_OF_RESPONSE * m for m in plan.marginal.values()]
    assert marginals == pytest.approx([1.0 + plan.shadow_price] * 2, rel=1e-4)
