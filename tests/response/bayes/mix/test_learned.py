"""Draws that fail make a channel weak; a lift test that agrees makes it calibrated, and one that does not leaves it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mixcurve.response.bayes.experiments.report import ExperimentMove, ExperimentReport
from mixcurve.response.bayes.result.learned import confirmed, doubted
from mixcurve.response.evidence import ChannelEvidence, Grade
from mixcurve.response.fit.estimates import EstimateInterval

FIGURE = EstimateInterval("tv", "incremental response", 10.0, 8.0, 12.0, 0.9, "", "posterior")
MOVE = ExperimentMove(
    "a test",
    "lift test",
    "tv",
    "incremental response",
    FIGURE,
    FIGURE,
    FIGURE,
    FIGURE,
    FIGURE,
    0.3,
    0.1,
    0.92,
)


def evidence(channel: str, grade: Grade) -> ChannelEvidence:
    return ChannelEvidence(channel, grade, ())


def graded_with(move: ExperimentMove, grade: Grade = "supported") -> list[str]:
    report = object.__new__(ExperimentReport)
    object.__setattr__(report, "moves", (move,))
    return [e.grade for e in confirmed((evidence("tv", grade), evidence("search", grade)), report)]


def test_an_agreeing_test_makes_its_channel_calibrated_and_no_other() -> None:
    assert graded_with(MOVE) == ["calibrated", "supported"]


@pytest.mark.parametrize(
    "move",
    [replace(MOVE, p_value=0.01), replace(MOVE, p_value=float("nan")), replace(MOVE, kind="cost target")],
)
def test_a_test_that_disagrees_is_unknown_or_of_another_kind_confirms_nothing(move: ExperimentMove) -> None:
    assert graded_with(move) == ["supported", "supported"]


def test_a_weak_channel_stays_weak_whatever_a_test_says() -> None:
    assert graded_with(MOVE, "weak") == ["weak", "weak"]


@pytest.mark.parametrize(
    ("before", "after"), [("supported", "weak"), ("weak", "weak"), ("not shown", "not shown")]
)
def test_failed_draws_make_a_channel_at_most_weak(before: Grade, after: Grade) -> None:
    found = doubted(evidence("tv", before))
    assert found.grade == after
    assert found.has("draws_failed")
