"""What was asked of a plan and what holds: sentences, groups, set-up costs, profit, and why money stays unspent."""

from __future__ import annotations

import dataclasses
from types import ModuleType
from typing import Any

import jsonschema
import numpy as np
import pytest

from mixcurve import allocate, response_from
from mixcurve.budget.constraints.words import Constraints, Group
from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.report import wording
from mixcurve.report.gather import channel_facts, plan_facts
from mixcurve.report.payload import PlanPage, schema
from mixcurve.report.phrases import outcome_units
from mixcurve.report.prices import prices_of
from mixcurve.report.spend import SpendReport, spend_report

UNITS = Units(Numbers("en-GB", "GBP"), "week", "orders")
FREE: dict[str, Any] = {"hold_weak": False, "beyond_seen": True}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def known(names: tuple[str, ...] = ("tv", "radio", "web"), **changed: Any) -> Any:
    curve = {"top": 900.0, "half": 40.0, "slope": 2.0}
    return response_from(
        {name: ("hill", curve | {"top": 900.0 / (k + 1)}) for k, name in enumerate(names)},
        current=dict.fromkeys(names, 30.0),
        **changed,
    )


def why(fit: Any, plan: Any) -> str:
    return wording.why_no_more(channel_facts(fit, plan), plan_facts(fit, plan))


@pytest.fixture(scope="module")
def wide(cases: ModuleType) -> tuple[SpendReport, Any, Any]:
    """A plan for profit with groups, ties and set-up costs, and its report."""
    table, fit = cases.table_and_fit(4)
    names = fit.channels
    now = dict(zip(names, fit.current.tolist(), strict=True))
    plan = allocate(
        fit, objective="profit", value=300.0, budget=1.5 * sum(now.values()),
        groups={"screens": Group(names[:2], most="+10%"), "rest": Group(names[2:], least=1000.0, roi=0.5)},
        setup_cost={names[0]: 700.0}, least_if_on={names[2]: 2000.0}, most_on=4, **FREE,
    )  # fmt: skip
    return spend_report(table, fit, plan, client="Acme"), fit, plan


@pytest.fixture
def page(wide: tuple[SpendReport, Any, Any]) -> PlanPage:
    found = wide[0].payload.plan
    assert found is not None
    return found


def test_profit_is_written_as_money_everywhere(wide: tuple[SpendReport, Any, Any], page: PlanPage) -> None:
    report, _, plan = wide
    assert page.objective == "profit"
    assert "of profit a week" in plain(report.payload.decision.headline)
    assert "Extra profit a week" in [plain(card.label) for card in report.payload.decision.cards]
    assert page.value.text.startswith("£")
    assert page.value.value == plan.profit
    assert "of profit a week" in plain(" ".join(page.certificate))
    assert "shadow price" not in page.figure_caption
    assert report.marginals is not None
    assert report.marginals.price == 0.0
    assert page.asked[0].startswith("Asked for: the plan with the most profit")
    assert "£300 per order" in plain(page.asked[0])


def test_the_table_adds_up_with_set_up_costs(wide: tuple[SpendReport, Any, Any], page: PlanPage) -> None:
    _, fit, plan = wide
    money = sum(row.planned + row.setup_cost for row in page.rows)
    assert money + plan.unspent == pytest.approx(plan.budget.total)
    assert page.setup[0] == "Set-up costs"
    facts = plan_facts(fit, plan)
    assert facts.total == pytest.approx(money)
    assert facts.budget == pytest.approx(plan.budget.total)
    assert facts.brings.value == pytest.approx(sum(row.response.value or 0.0 for row in page.rows))


def test_groups_have_their_money_limits_and_return(
    wide: tuple[SpendReport, Any, Any], page: PlanPage
) -> None:
    _, fit, plan = wide
    assert [row.group for row in page.groups] == ["screens", "rest"]
    screens = page.groups[0]
    assert screens.planned == pytest.approx(sum(plan.money[c] for c in screens.channels))
    assert screens.most == pytest.approx(1.1 * (fit.current[:2].sum() + 700.0))
    assert screens.response.low is not None
    assert screens.response.low < screens.response.value < screens.response.high  # type: ignore[operator]
    assert screens.roi == pytest.approx(300.0 * (screens.response.value or 0.0) / screens.planned)
    assert "ROI at least 0.5" in page.groups[1].cells[3]
    assert "at least £" in page.groups[1].cells[3]


def test_the_payload_fits_its_schema(wide: tuple[SpendReport, Any, Any]) -> None:
    plain_values = wide[0].to_dict()
    jsonschema.Draft202012Validator(schema()).validate(plain_values)
    plain_values["plan"]["groups"][0]["most"] = "much"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(plain_values)


def test_the_plan_page_shows_it(wide: tuple[SpendReport, Any, Any], read_pages: Any) -> None:
    pytest.importorskip("typst")
    text = plain(" ".join(read_pages(wide[0].pdf())))
    for part in (
        "What was asked, and what holds",
        "What the groups get",
        "screens",
        "Set-up costs",
        "at least £2k",
    ):
        assert part in text


def test_a_plan_without_wishes_has_no_groups_and_no_set_up_row(report: SpendReport) -> None:
    page = report.payload.plan
    assert page is not None
    assert (page.groups, page.setup) == ((), ())
    assert page.asked[0] == "Asked for: the plan that brings most orders."


def test_sentences_of_constraints() -> None:
    said = wording.constraint_sentences(
        Constraints(
            least_if_on={"TV": 20_000},
            setup_cost={"TV": 5_000, "Video": 900},
            tied=[{"TV": 2, "Radio": 1}],
            prices={"TV": [(0, 1.0), (50_000, 1.2)]},
            roi=1.5,
            cpa={"TV": 25},
            mroi=1,
        ),
        UNITS,
    )
    assert [plain(sentence) for sentence in said] == [
        "TV: nothing, or at least £20k a week.",
        "To be on at all costs £5k for TV and £900 for Video a week, beside spend.",
        "TV and Radio keep the proportion 2 to 1.",
        "Prices of TV rise: from £50k on 1.2 times today's price.",
        "ROI at least 1.5 for the plan.",
        "Cost per order at most £25 for TV.",
        "Marginal ROI at least 1 for every channel that has spend.",
    ]
    assert wording.constraint_sentences(Constraints(), UNITS) == []


@pytest.mark.parametrize(
    ("budget", "words", "said"),
    [
        (300.0, {"bounds": dict.fromkeys(("tv", "radio", "web"), (0, 60))}, "are at their upper bounds"),
        (300.0, {"groups": {"all": Group(["tv", "radio", "web"], most=90)}}, "all is at its most"),
        (300.0, {"most_on": 1, "bounds": {"tv": (0, 60)}}, "tv is at its upper bound, and no more than 1 channel may"),
        (9000.0, {"objective": "profit", "value": 0.5}, "would cost more than it brings"),
        (9000.0, {"cpa": 0.2}, "the limit on the cost of the plan allows no more"),
    ],
)  # fmt: skip
def test_money_left_over_has_its_reason(budget: float, words: dict[str, Any], said: str) -> None:
    fit = known(spend_range=dict.fromkeys(("tv", "radio", "web"), (0.0, 1e9)))
    plan = allocate(fit, budget, check_units=False, **words)
    assert plan.unspent > 0
    assert said in why(fit, plan)
    assert "brings nothing more" not in why(fit, plan)


def test_the_cap_of_what_was_seen_is_named() -> None:
    fit = known(spend_range=dict.fromkeys(("tv", "radio", "web"), (0.0, 50.0)))
    plan = allocate(fit, 300.0)
    assert why(fit, plan) == "tv, radio and web are at the largest spend seen"
    said = wording.asked_sentences(channel_facts(fit, plan), plan_facts(fit, plan), UNITS)
    assert "tv, radio and web: capped at the largest spend seen, beyond which no curve is known." in said


def test_weak_channels_are_named_with_the_reason() -> None:
    from mixcurve.response.evidence import ChannelEvidence

    grades = {"tv": "weak", "radio": "supported", "web": "supported"}
    evidence = tuple(ChannelEvidence(c, g, ()) for c, g in grades.items())  # type: ignore[arg-type]
    fit = dataclasses.replace(known(), evidence=evidence)
    plan = allocate(fit, 90.0)
    channels = channel_facts(fit, plan)
    said = wording.asked_sentences(channels, plan_facts(fit, plan), UNITS)
    assert "tv: kept near present spend, because the data show their curves only weakly." in said
    assert "close to present spend because the evidence is weak" in wording.plan_sentence(channels[0], UNITS)


@pytest.mark.parametrize(
    ("binding", "said"),
    [
        ("most of digital", "with digital at its most."),
        ("least of digital", "with digital at its least."),
        ("ROI of the plan", "as far as the limit on the ROI of the plan allows."),
        ("CPA of digital", "as far as the limit on the cost of digital allows."),
        ("upper bound", "the most its bounds allow."),
    ],
)
def test_what_holds_a_channel_is_said_of_it(binding: str, said: str) -> None:
    fit = known()
    channel = channel_facts(fit, allocate(fit, 90.0, **FREE))[0]
    held = dataclasses.replace(channel, current=10.0, planned=20.0, binding=binding, beyond_seen=False)
    assert wording.plan_sentence(held, UNITS).endswith(said)


def test_prices_that_rise_reach_the_figures() -> None:
    fit = known()
    plan = allocate(fit, 300.0, prices={"tv": [(0, 1.0), (20, 2.0)]}, **FREE)
    facts = channel_facts(fit, plan)
    for fact in facts:
        assert fact.plan_response is not None
        assert fact.plan_response.value == pytest.approx(plan.response[fact.name], rel=1e-9)
        assert fact.plan_marginal is not None
        assert fact.plan_marginal.value == pytest.approx(plan.marginal[fact.name], rel=1e-6)
        assert fact.response.value == pytest.approx(plan.current_response[fact.name], rel=1e-9)
    bought = prices_of(plan, fit.channels).volume(fit.channels, np.array([40.0, 40.0, 40.0]))
    assert bought.tolist() == [30.0, 40.0, 40.0]


def test_response_is_written_as_before_and_other_aims_by_their_name() -> None:
    assert outcome_units("response", UNITS) is UNITS
    assert outcome_units("profit", UNITS).response(1234.0, named=True) == "£1.23k of profit"
    assert outcome_units("value of the response", UNITS).label == "response value"
    assert not outcome_units("share of the draws that beat the current plan", UNITS).response_is_money
