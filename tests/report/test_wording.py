"""The rules that sentences keep, each with the case that would break it."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.report import wording
from mixcurve.report.facts import ChannelFacts, Estimate, PlanFacts
from mixcurve.report.phrases import interval, listed
from mixcurve.response.evidence import GRADES, NO_BEND_SEEN, Finding

UNITS = Units(Numbers("en-GB", "GBP"), "week", "orders")
STEP = 1_000.0


def channel(**changed: Any) -> ChannelFacts:
    base = ChannelFacts(
        name="Radio",
        current=33_000.0,
        planned=46_000.0,
        seen=(0.0, 60_000.0),
        response=Estimate(410.0, 350.0, 470.0),
        marginal=Estimate(0.012, 0.009, 0.015),
        plan_response=Estimate(500.0, 430.0, 560.0),
        plan_marginal=Estimate(0.01, 0.008, 0.012),
        bend_state="shown",
        bend=Estimate(26_000.0, 21_000.0, 30_000.0),
        grade="supported",
        findings=(),
        binding="",
        beyond_seen=False,
    )
    return dataclasses.replace(base, **changed)


def plan(**changed: Any) -> PlanFacts:
    base = PlanFacts(
        status="optimal",
        message="",
        total=100_000.0,
        current_total=100_000.0,
        moved=13_000.0,
        current_value=900.0,
        value=Estimate(1_051.0, 900.0, 1_200.0),
        gain=Estimate(151.0, 38.0, 268.0),
        better_share=0.97,
        upper_bound=1_051.0003,
        gap=3e-7,
        shadow_price=Estimate(0.0164, 0.012, 0.02),
        unspent=0.0,
        level=0.9,
        verified=True,
    )
    return dataclasses.replace(base, **changed)


PAIR = (channel(name="TV", planned=20_000.0), channel())


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_headline_names_the_move_the_gain_and_its_interval() -> None:
    assert plain(wording.headline(PAIR, plan(), UNITS)) == (
        "Move £13k a week from TV to Radio: about +151 orders a week (90% interval +38 to +268) at the "
        "same total budget."
    )


@pytest.mark.parametrize(("share", "verb"), [(0.8, "Move"), (0.79, "Test moving"), (None, "Test moving")])
def test_a_plan_that_beats_the_current_one_too_seldom_is_one_to_test(share: float | None, verb: str) -> None:
    assert wording.headline(PAIR, plan(better_share=share), UNITS).startswith(verb + " £13k")


def test_a_plan_that_moves_mostly_what_the_data_do_not_show_is_one_to_test() -> None:
    blind = tuple(dataclasses.replace(c, grade="not shown") for c in PAIR)
    assert wording.headline(blind, plan(), UNITS).startswith("Test moving")


def test_headline_of_other_totals() -> None:
    more = wording.headline(PAIR, plan(total=120_000.0), UNITS)
    assert plain(more).startswith(
        "Spend £20k a week more, £120k a week in all, above all on Radio: about +151"
    )
    less = wording.headline(PAIR, plan(total=80_000.0), UNITS)
    assert plain(less).startswith("Spend £20k a week less, £80k a week in all, above all on TV")
    assert wording.headline(PAIR, plan(total=120_000.0, better_share=0.5), UNITS).startswith("Test spending")


def test_headline_of_a_plan_that_changes_nothing_or_does_not_exist() -> None:
    assert wording.headline(PAIR, plan(moved=0.0), UNITS).startswith("Keep the present split")
    assert wording.headline(PAIR, plan(status="infeasible"), UNITS).startswith("No plan meets this budget")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Estimate(1.0, 38.0, 268.0), "90% interval 38 to 268"),
        (Estimate(1.0, 38.0, None), "90% interval 38 or more, no upper limit"),
        (Estimate(1.0, None, 268.0), "90% interval 268 or less, no lower limit"),
        (Estimate(1.0), "90% interval open on both sides"),
        (Estimate(1.0, float("-inf"), float("inf"), 0.5), "50% interval open on both sides"),
        (Estimate(1.0, known=False), "no interval computed"),
    ],
)
def test_an_interval_states_its_level_and_its_open_sides(found: Estimate, said: str) -> None:
    assert plain(interval(found, UNITS.response, UNITS)) == said


@pytest.mark.parametrize(
    ("current", "said"),
    [(33_000.0, "past it"), (15_000.0, "short of it"), (25_000.0, "within that interval")],
)
def test_the_bend_is_printed_with_its_interval_and_the_side_of_current_spend(
    current: float, said: str
) -> None:
    sentence = wording.bend_sentence(channel(current=current), UNITS)
    assert "The curve bends at £26k (90% interval £21k to £30k) a week" in plain(sentence)
    assert said in sentence


def test_a_bend_that_the_data_do_not_show_is_not_printed() -> None:
    hidden = channel(bend_state="not shown", bend=None)
    assert wording.bend_sentence(hidden, UNITS) == "The data do not show where the curve bends."
    weak = dataclasses.replace(hidden, grade="weak")
    assert "do not show where it bends" in wording.channel_title(weak)
    assert "£26k" not in " ".join(wording.channel_sentences(hidden, UNITS, STEP))
    assert "bends nowhere" in wording.bend_sentence(channel(bend_state="none", bend=None), UNITS)


def test_spend_outside_what_was_seen_is_flagged() -> None:
    above = channel(beyond_seen=True, planned=70_000.0)
    assert "The most ever spent is £60k: above it the curve is an extrapolation" in wording.plan_sentence(
        above, UNITS
    )
    assert any(
        "above the most ever spent there (£60k)" in said for said in wording.unknowns([above], plan(), UNITS)
    )
    below = channel(seen=(40_000.0, 60_000.0), current=45_000.0, planned=0.0)
    assert "The plan stops it" in wording.plan_sentence(below, UNITS)
    assert "The least ever spent is £40k" in wording.plan_sentence(below, UNITS)
    assert any(
        "below the least ever spent there (£40k)" in said for said in wording.unknowns([below], plan(), UNITS)
    )


@pytest.mark.parametrize(
    ("grade", "said"), [("weak", "The evidence is weak"), ("not shown", "too thin to show an effect")]
)
def test_a_weakly_known_channel_is_said_to_be_so(grade: Any, said: str) -> None:
    known = channel(grade=grade)
    assert said in wording.plan_sentence(known, UNITS)
    assert any("Radio" in sentence for sentence in wording.unknowns([known], plan(), UNITS))


def test_a_held_channel_is_said_to_be_held() -> None:
    held = channel(held=True, planned=33_000.0, grade="not shown")
    assert "holds it at £33k" in plain(wording.plan_sentence(held, UNITS))
    assert "the data do not show what it brings" in wording.plan_sentence(held, UNITS)


def test_a_gain_that_may_be_none_is_said_to_be_so() -> None:
    doubtful = plan(gain=Estimate(151.0, -20.0, 268.0))
    assert wording.unknowns(PAIR, doubtful, UNITS)[0].startswith(
        "The interval of the gain reaches below zero: the plan may bring no more than the current split."
    )
    assert not any("the gain reaches" in said for said in wording.unknowns(PAIR, plan(), UNITS))


def test_a_smaller_budget_is_not_blamed_for_bringing_less() -> None:
    saving = plan(total=80_000.0, gain=Estimate(-60.0, -90.0, -20.0), better_share=0.0)
    assert not any("the gain reaches" in said for said in wording.unknowns(PAIR, saving, UNITS))


def test_what_the_plan_brings_and_its_bound_have_digits_to_compare_them() -> None:
    money = Units(Numbers("en-GB", "GBP"), "week", "revenue", response_is_money=True)
    assert wording.proven(1_234_567.0, money) == "£1.235m"
    assert wording.proven(123_456.0, UNITS) == "123.5k"
    assert wording.proven(94.64, UNITS) == "95"


def test_an_interval_of_one_number_is_not_printed_as_a_range() -> None:
    assert wording.span_cell(Estimate(0.0, 0.0, 0.0), UNITS.response, UNITS) == "0"


def test_every_report_says_that_the_data_are_observed() -> None:
    assert wording.OBSERVATIONAL in wording.unknowns(PAIR, None, UNITS)
    assert wording.OBSERVATIONAL in wording.caveats(PAIR, UNITS, has_plan=True)
    tested = [dataclasses.replace(PAIR[0], grade="calibrated"), *PAIR[1:]]
    for said in (wording.unknowns(tested, None, UNITS), wording.caveats(tested, UNITS, has_plan=True)):
        assert wording.OBSERVATIONAL_BESIDE_TESTS in said and wording.OBSERVATIONAL not in said


def test_the_certificate_in_plain_words() -> None:
    said = plain(" ".join(wording.certificate_sentences(PAIR, plan(), UNITS, STEP)))
    assert "On these curves the plan brings 1,051 orders a week (90% interval 900 to 1,200)." in said
    assert (
        "No other split of this budget within these bounds can bring more than 1,051 orders on these curves"
        in said
    )
    assert "at most 0.0001% above the plan" in said
    assert "The next £1,000 of budget would bring 16 orders (90% interval 12 to 20)." in said
    assert "independent check" in said


def test_an_open_gap_is_never_called_a_proof() -> None:
    said = " ".join(
        wording.certificate_sentences(PAIR, plan(status="gap", gap=0.021, verified=False), UNITS, STEP)
    )
    assert "stopped before the proof was complete" in said
    assert "2.1000%" in said
    assert "No other split" not in said
    assert "independent check" not in said


def test_a_report_without_a_plan_says_what_the_data_show() -> None:
    alone = channel(planned=None, bend_state="not shown", bend=None)
    said = plain(wording.fit_headline([alone], UNITS, STEP))
    assert said.startswith("At £33k a week, Radio brings 410 orders (90% interval 350 to 470)")
    assert said.endswith("The data do not show where the curve bends.")
    assert "the curves of TV and Radio bend" in wording.fit_headline(
        [dataclasses.replace(alone, name="TV"), alone], UNITS, STEP
    )


def test_long_lists_are_counted() -> None:
    assert listed(["a", "b", "c", "d", "e"]) == "a, b and 3 others"
    assert listed(["x" * 60, "y" * 60]) == "2 channels"
    assert listed([]) == ""


ANY = st.floats(allow_nan=True, allow_infinity=True)
LIMIT = st.none() | ANY
ESTIMATES = st.builds(Estimate, ANY, LIMIT, LIMIT, st.sampled_from([0.5, 0.9]), st.booleans())
CHANNELS = st.builds(
    ChannelFacts,
    name=st.just("Radio"),
    current=ANY,
    planned=LIMIT,
    seen=st.tuples(ANY, ANY),
    response=ESTIMATES,
    marginal=ESTIMATES,
    plan_response=st.none() | ESTIMATES,
    plan_marginal=st.none() | ESTIMATES,
    bend_state=st.sampled_from(["shown", "not shown", "none"]),
    bend=st.none() | ESTIMATES,
    grade=st.none() | st.sampled_from(GRADES),
    findings=st.just(()),
    binding=st.sampled_from(["", "upper bound"]),
    beyond_seen=st.booleans(),
    held=st.booleans(),
)
PLANS = st.builds(
    PlanFacts,
    status=st.sampled_from(["optimal", "gap", "infeasible"]),
    message=st.just(""),
    total=ANY,
    current_total=ANY,
    moved=ANY,
    current_value=ANY,
    value=ESTIMATES,
    gain=ESTIMATES,
    better_share=LIMIT,
    upper_bound=ANY,
    gap=ANY,
    shadow_price=ESTIMATES,
    unspent=ANY,
    level=st.just(0.9),
    verified=st.booleans(),
)
WRITTEN = st.builds(
    Units,
    st.builds(Numbers, st.sampled_from(["en-GB", "de-DE"]), st.sampled_from([None, "EUR"])),
    st.sampled_from(["week", "year"]),
    st.just("orders"),
    st.booleans(),
)


@given(st.lists(CHANNELS, min_size=1, max_size=4), PLANS, WRITTEN)
def test_any_numbers_give_sentences_for_people(
    channels: list[ChannelFacts], facts: PlanFacts, units: Units
) -> None:
    said = [wording.headline(channels, facts, units), wording.fit_headline(channels, units, STEP)]
    said += [*wording.certificate_sentences(channels, facts, units, STEP), wording.plan_title(facts, units)]
    said += [*wording.unknowns(channels, facts, units), *wording.unknowns(channels, None, units)]
    said += [*wording.actions(channels, facts, units), *wording.actions(channels, None, units)]
    said += [wording.changes_alt(channels, units), wording.marginals_alt(channels, units, STEP)]
    for one in channels:
        said += [
            *wording.channel_sentences(one, units, STEP),
            wording.channel_title(one),
            wording.plan_cell(one, units),
        ]
        said += [wording.change_cell(one, units), wording.span_cell(one.response, units.response, units)]
    for sentence in said:
        assert not re.search(r"\b(nan|inf|infinity|None|NaN)\b", sentence)
        assert sentence.strip()
        assert "  " not in sentence


@given(st.lists(CHANNELS, min_size=1, max_size=4), WRITTEN)
def test_no_estimate_without_its_interval(channels: list[ChannelFacts], units: Units) -> None:
    for one in channels:
        said = wording.response_sentence(one, units, STEP)
        figures = (one.response, one.marginal) if one.current > 0 else (one.marginal,)
        assert said.count("interval") + said.count("not known") >= len(figures)


def test_actions_say_what_to_raise_lower_and_test() -> None:
    said = [plain(one) for one in wording.actions(PAIR, plan(), UNITS)]
    assert said[:2] == ["Raise Radio to £46k a week.", "Lower TV to £20k a week."]
    weak = (PAIR[0], channel(grade="weak"))
    assert wording.actions(weak, plan(), UNITS)[-1] == "Run a lift test on Radio: there the data show least."
    assert any("as a test" in one for one in wording.actions(PAIR, plan(better_share=0.5), UNITS))
    assert not any("as a test" in one for one in wording.actions(PAIR, plan(), UNITS))


def test_actions_without_a_plan() -> None:
    hidden = channel(planned=None, bend_state="not shown", bend=None)
    assert "vary its spend on purpose" in wording.actions([hidden], None, UNITS)[0]
    assert wording.actions([channel(planned=None)], None, UNITS) == ("Fit again when more weeks are in.",)
    assert wording.actions(PAIR, plan(status="infeasible"), UNITS)[0].startswith("Raise the budget or widen")


def test_many_actions_stay_short() -> None:
    many = [channel(name=f"{'x' * 30} {i}", current=10_000.0, planned=20_000.0 + i) for i in range(6)]
    said = [plain(one) for one in wording.actions(many, plan(), UNITS)]
    assert said[0].endswith("xxx 3 to £20k and 3 others as the figure shows.")
    long = [channel(name=letter * 70, planned=50_000.0) for letter in "xyz"]
    assert wording.actions(long, plan(), UNITS)[0] == "Raise 3 channels as the figure shows."


def test_no_single_channel_is_left_to_a_figure() -> None:
    four = [channel(name=f"c{i}", current=10_000.0, planned=20_000.0 + i) for i in range(4)]
    said = plain(wording.actions(four, plan(), UNITS)[0])
    assert said == "Raise c3 to £20k a week, c2 to £20k, c1 to £20k and c0 to £20k."


def test_a_channel_without_planned_spend_is_stopped_and_not_lowered_to_nothing() -> None:
    off = (channel(name="TV", planned=0.0), channel())
    assert "Stop TV." in wording.actions(off, plan(), UNITS)


def test_entangled_channels_are_to_be_joined_or_varied_apart() -> None:
    finding = Finding("confounded", "This spend moves together with other channels.", "weak")
    pair = [channel(name=name, grade="weak", findings=(finding,)) for name in ("TV", "Video")]
    said = wording.actions(pair, None, UNITS)
    assert said[0].startswith("Join TV and Video into one channel, or vary them apart on purpose")
    assert any("Run a lift test" in one for one in said)
    assert any(
        one.startswith("Vary TV on its own, or join it") for one in wording.actions(pair[:1], None, UNITS)
    )
    assert not any("Join" in one for one in wording.actions(PAIR, None, UNITS))


SHORT = Estimate(40_000.0, 36_000.0, 46_000.0)


def test_a_plan_that_gives_up_a_channel_short_of_its_bend_says_why_and_the_heading_agrees() -> None:
    stopped = channel(bend=SHORT, planned=0.0)
    said = wording.bend_sentence(stopped, UNITS)
    assert said.endswith(
        "Below its bend this channel earns little per pound: the plan either funds it past the bend or not at all; "
        "within this budget the money earns more elsewhere."
    )
    assert wording.channel_title(stopped) == "Radio: below its bend it earns little, so the plan stops it"
    lowered = channel(bend=SHORT, planned=9_000.0)
    assert "or as little as it may" in wording.bend_sentence(lowered, UNITS)
    assert wording.channel_title(lowered).endswith("so the plan lowers it")
    near = channel(current=38_000.0, bend=SHORT, planned=0.0)
    assert "works hardest" not in wording.channel_title(near)


@pytest.mark.parametrize("planned", [None, 33_000.0, 60_000.0])
def test_other_channels_short_of_the_bend_keep_their_heading(planned: float | None) -> None:
    rising = channel(bend=SHORT, planned=planned)
    assert wording.channel_title(rising) == "Radio: short of the bend, more spend would work harder"
    assert "Below its bend" not in wording.bend_sentence(rising, UNITS)
    past = channel(planned=0.0)
    assert "past the bend" in wording.channel_title(past)


@pytest.mark.parametrize(
    ("worth", "share", "said"),
    [
        (57.0, 0.004, "Keeping it at £33k would cost 57 orders a week (0.4%): this change matters little."),
        (300.0, 0.12, "Keeping it at £33k would cost 300 orders a week (12%)."),
        (0.0, 0.0, "Keeping it at £33k would cost nothing on these curves: this change matters little."),
        (None, None, ""),
    ],
)
def test_a_change_says_what_it_is_worth(worth: float | None, share: float | None, said: str) -> None:
    assert plain(wording.worth_sentence(channel(worth=worth, worth_share=share), UNITS)) == said
    assert wording.worth_sentence(channel(worth=0.0, worth_share=0.0, planned=33_000.0), UNITS) == ""


def test_changes_that_matter_little_are_named_on_the_first_page() -> None:
    knife = (
        channel(name="TV", planned=0.0, worth=4.0, worth_share=0.004),
        channel(worth=90.0, worth_share=0.09),
    )
    said = wording.unknowns(knife, plan(), UNITS)
    assert "Very different plans bring almost as much: keeping TV at £33k costs only 0.4%." in said
    assert "Stop TV (matters little)." in wording.actions(knife, plan(), UNITS)
    assert wording.worth_cell(knife[0], UNITS) == "4 orders\n0.4%"
    assert wording.worth_cell(channel(planned=33_000.0), UNITS) == "–"
    slight = (channel(planned=40_000.0, worth=4.0, worth_share=0.004),)
    assert "Some changes matter little: keeping Radio at £33k costs only 0.4%." in (
        wording.unknowns(slight, plan(), UNITS)
    )
    clear = (channel(name="TV", planned=0.0, worth=11.0, worth_share=0.011),)
    assert not any("almost as much" in one for one in wording.unknowns(clear, plan(), UNITS))


BOUND = (channel(name="TV", binding="upper bound"), channel(name="Video", binding="upper bound"))


def test_unspent_money_is_in_the_headline_with_the_bounds_that_hold() -> None:
    spare = plan(total=318_000.0, unspent=592_000.0, shadow_price=Estimate(0.0, known=False))
    said = plain(wording.headline(BOUND, spare, UNITS))
    assert said.endswith("Of the £910k a week, £592k stays unspent: TV and Video are at their upper bounds.")
    assert "£910k" in wording.plan_title(spare, UNITS)
    proof = wording.certificate_sentences(BOUND, spare, UNITS, STEP)
    assert any("More budget would bring nothing within these bounds: TV and Video" in one for one in proof)
    assert "stays unspent" not in wording.headline(PAIR, plan(), UNITS)


def test_the_figure_of_marginal_responses_names_channels_beside_the_line() -> None:
    some = (BOUND[0], channel(name="Press", binding="lower bound"), channel(name="Out", held=True), channel())
    said = wording.marginals_caption(some, plan(), UNITS)
    assert "TV is at its upper bound, so it may lie right of the line." in said
    assert "Press is at its lower bound, so it may lie left of the line." in said
    assert "Out is held, so it may lie on either side." in said
    assert "Radio" not in said
    assert "bound" not in wording.marginals_caption(PAIR, plan(), UNITS)


def test_a_supported_curve_without_a_bend_says_what_is_seen_and_speaks_of_the_bend_once() -> None:
    findings = (
        Finding("bend_not_shown", f"{NO_BEND_SEEN} A curve without a bend fits as well.", "supported"),
    )
    sound = channel(bend_state="not shown", bend=None, findings=findings)
    assert wording.findings_of(sound) == ("Response and its levelling off are seen; where it bends is not.",)
    assert "bends" not in " ".join(wording.channel_sentences(sound, UNITS, STEP))
    weak = dataclasses.replace(sound, grade="weak")
    assert wording.NO_BEND in wording.channel_sentences(weak, UNITS, STEP)
    assert not any("bend" in one for one in wording.findings_of(weak))


def test_one_channel_has_no_split() -> None:
    alone = [channel(planned=33_000.0)]
    kept = plan(only="Radio", moved=0.0, total=33_000.0, current_total=33_000.0)
    said = [wording.headline(alone, kept, UNITS), wording.plan_title(kept, UNITS)]
    said += [wording.decision_title("keep", kept), wording.changes_title(kept, UNITS)]
    said += [
        *wording.certificate_sentences(alone, kept, UNITS, STEP),
        wording.marginals_caption(alone, kept, UNITS),
    ]
    assert plain(said[0]).startswith("Keep spend on Radio at £33k a week: on its curve no other amount")
    assert not any("split" in one or "held" in one or "elsewhere" in one for one in said)
    more = plan(only="Radio", total=46_000.0, current_total=33_000.0)
    assert plain(wording.headline([channel()], more, UNITS)).startswith(
        "Spend £13k a week more on Radio, £46k in all"
    )


def test_the_plan_says_what_now_is_and_which_bounds_it_kept_to() -> None:
    dated = plan(present="the mean of the last 52 weeks")
    assert "Now: the mean of the last 52 weeks." in wording.changes_caption(dated, UNITS)
    assert "Now: the mean of the last 52 weeks." in plain(wording.plan_note(PAIR, dated, UNITS))
    assert plain(wording.plan_cell(channel(bounds=(5_000.0, 60_000.0)), UNITS)) == "£46k\n£5k to £60k"


def test_a_channel_that_is_not_shown_is_said_to_be_in_the_totals() -> None:
    blind = (channel(name="Out of home", grade="not shown"), channel())
    assert "Out of home, whose effect the data do not show, is in the totals with its estimate." in (
        wording.plan_note(blind, plan(), UNITS)
    )
    assert "totals" not in wording.plan_note(PAIR, plan(), UNITS)


def test_a_missing_interval_has_one_name() -> None:
    missing = Estimate(1.0, known=False)
    assert interval(missing, UNITS.response, UNITS) == "no interval computed"
    assert wording.span_cell(missing, UNITS.response, UNITS) == "1\nno interval computed"


def test_a_smaller_budget_needs_no_gain_and_a_loss_at_the_same_total_is_never_a_move() -> None:
    saving = plan(total=80_000.0, gain=Estimate(-60.0, -90.0, -20.0), better_share=0.0)
    assert wording.decision_kind(PAIR, saving) == "move"
    assert wording.decision_title("move", saving) == "The plan saves where it costs least"
    assert wording.decision_kind(PAIR, plan(gain=Estimate(-3.0, -4.0, 2.0))) == "test"
    assert wording.decision_kind(PAIR, plan(moved=0.0)) == "keep"
    assert wording.decision_kind(PAIR, plan(status="infeasible")) == "infeasible"


def test_keeping_the_split_claims_a_proof_only_where_there_is_one() -> None:
    assert "no other split of" in wording.headline(PAIR, plan(moved=0.0), UNITS)
    assert "the search found no other" in wording.headline(PAIR, plan(moved=0.0, status="gap"), UNITS)
