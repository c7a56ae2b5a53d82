"""Every finding follows from its fact, limits the grade as it says, and is a plain sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mixcurve.response.curves import curves
from mixcurve.response.evidence import GRADES, Facts, channel_findings
from mixcurve.response.fit.curve.fit import fit_curve
from mixcurve.response.fit.estimates import EstimateInterval

SPEND = np.linspace(0.0, 100.0, 60)


def interval(low: float, estimate: float, high: float, side: Any = "") -> EstimateInterval:
    return EstimateInterval("tv", "figure", estimate, low, high, 0.9, side, "profile")


SOUND = Facts(
    channel="tv",
    every="week",
    spend=SPEND,
    carried=SPEND,
    form="sigmoid",
    ceiling=True,
    half=interval(25.0, 30.0, 36.0),
    inflection=interval(15.0, 20.0, 26.0),
    funded=True,
    effect_p=1e-6,
    line_p=1e-4,
    concave_p=1e-3,
    at_edge=(),
    variance_inflation=1.2,
    carryover=interval(0.2, 0.4, 0.6),
    carryover_p=1e-3,
)

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "spend_steady": ({"spend": 100 + 0.01 * SPEND}, "not shown"),
    "spend_nearly_steady": ({"spend": 100 + 0.3 * SPEND}, "weak"),
    "few_changes": ({"spend": np.where(np.arange(60) % 15 == 0, 300.0 + np.arange(60), 100.0)}, "weak"),
    "few_levels": ({"spend": np.tile([10.0, 90.0], 30)}, "weak"),
    "effect_not_shown": ({"effect_p": 0.2}, "not shown"),
    "response_falls": ({"falls": True}, "not shown"),
    "confounded": ({"variance_inflation": 12.0}, "weak"),
    "correlated": ({"correlated_with": "radio", "correlation": 0.95}, "supported"),
    "second_basin": ({"second_basin": True}, "weak"),
    "line_not_excluded": ({"line_p": 0.3}, "weak"),
    "ceiling_not_seen": ({"half": interval(60.0, 90.0, np.inf, "high")}, "weak"),
    "ceiling_barely_seen": ({"half": interval(60.0, 80.0, 99.0)}, "supported"),
    "bend_not_shown": ({"concave_p": 0.2}, "supported"),
    "inflection_outside": ({"inflection": interval(80.0, 120.0, 190.0)}, "weak"),
    "carryover_at_bound": ({"at_edge": ("decay",)}, "weak"),
    "carryover_not_separable": ({"carryover": interval(0.0, 0.4, 0.95, "both")}, "supported"),
    "at_bound": ({"at_edge": ("slope",)}, "weak"),
}


@pytest.mark.parametrize("code", CASES)
def test_a_fact_gives_its_finding_and_nothing_sound_does(code: str) -> None:
    changed, grade = CASES[code]
    found = channel_findings(replace(SOUND, **changed))
    assert found.has(code)
    assert not channel_findings(SOUND).has(code)
    finding = next(f for f in found.findings if f.code == code)
    assert finding.limits == grade
    assert GRADES.index(found.grade) >= GRADES.index(grade)
    assert finding.sentence.endswith(".")
    assert "_" not in finding.sentence


def test_sound_data_show_ceiling_and_bend_and_are_supported() -> None:
    found = channel_findings(SOUND)
    assert found.grade == "supported"
    assert found.has("ceiling_seen")
    assert found.has("bend_shown")


def test_a_half_saturation_that_may_lie_far_beyond_all_spend_leaves_the_ceiling_unseen() -> None:
    beyond = replace(SOUND, half=interval(40.0, 60.0, 5_000.0))
    assert channel_findings(beyond).has("ceiling_not_seen")
    just = replace(SOUND, half=interval(40.0, 60.0, 150.0))
    assert channel_findings(just).has("ceiling_barely_seen")


def test_short_carryover_that_may_be_none_is_no_fault_of_the_data() -> None:
    short = replace(SOUND, carryover=interval(0.0, 0.1, 0.3, "low"), carryover_p=0.4)
    assert not channel_findings(short).has("carryover_not_separable")
    long = replace(SOUND, carryover=interval(0.0, 0.4, 0.7, "low"), carryover_p=0.4)
    assert channel_findings(long).has("carryover_not_separable")


def test_the_partner_of_a_correlated_channel_is_named() -> None:
    found = channel_findings(replace(SOUND, correlated_with="radio", correlation=0.95))
    assert any("radio" in f.sentence for f in found.findings)


def test_two_levels_of_spend_show_no_curve() -> None:
    rng = np.random.default_rng(0)
    spend = np.tile([10.0, 60.0], 40)
    fit = fit_curve(
        spend, 5 + curves["hill"](spend, top=20, half=30, slope=2) + rng.standard_normal(80), resamples=0
    )
    assert fit.evidence[0].has("few_levels")
    assert fit.evidence[0].has("line_not_excluded")
    assert fit.evidence[0].grade == "weak"


def test_a_falling_response_is_held_back() -> None:
    rng = np.random.default_rng(1)
    spend = rng.uniform(0, 100, 80)
    fit = fit_curve(spend, 50 - 0.2 * spend + rng.standard_normal(80), non_decreasing=False, resamples=0)
    assert fit.parameters["top"] < 0
    assert fit.evidence[0].has("response_falls")
    assert fit.evidence[0].grade == "not shown"
