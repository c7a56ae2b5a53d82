"""What the report says of the search: which channels ended at an edge, and what the counts of searches mean."""

from __future__ import annotations

import dataclasses
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import numpy as np

from mixcurve.foundations.numbers import Numbers, Units
from mixcurve.report.wording import fit_sentences
from mixcurve.response.evidence import Finding, graded
from mixcurve.response.fit.mix.status import fit_status

UNITS = Units(Numbers("en-GB", "GBP"), "week", "orders")


def at_edge(cases: ModuleType, code: str, limits: str = "weak") -> str:
    _, fit = cases.table_and_fit(3)
    finding = Finding(code, "Carryover is as long as the model allows.", cast(Any, limits))
    evidence = (graded("TV", (finding,)), graded("Paid social", (finding,)), graded("Search", ()))
    fit = dataclasses.replace(fit, status="at bound", evidence=evidence)
    return " ".join(fit_sentences(fit, 0.9, UNITS))


def test_channels_at_an_edge_are_named_in_plain_words(cases: ModuleType) -> None:
    said = at_edge(cases, "carryover_at_bound")
    assert "for TV and Paid social the carryover is as long as the model allows" in said
    assert "for TV and Paid social the curve is as steep" in at_edge(cases, "at_bound")
    assert "for TV and Paid social, whose effect is not shown" in at_edge(
        cases, "effect_not_shown", "not shown"
    )
    assert "decay" not in said


def test_searches_are_counted_as_what_they_are(cases: ModuleType) -> None:
    _, fit = cases.table_and_fit(2)
    said = fit_sentences(dataclasses.replace(fit, starts=128, agreeing_starts=127), None, UNITS)[0]
    assert said == "127 of 128 searches ended in the same best fit."
    alone = fit_sentences(dataclasses.replace(fit, starts=128, agreeing_starts=1), None, UNITS)[0]
    assert alone.endswith("Other fits may be as good.")


def test_the_status_of_a_fit_names_channel_and_parameter() -> None:
    place = SimpleNamespace(parameter=SimpleNamespace(name="decay"))
    basis = SimpleNamespace(bounds=(np.zeros(2), np.ones(2)), owner=np.array([0, 1]), places=(place, place))
    found = SimpleNamespace(converged=True, amplitude=np.ones(2), theta=np.array([0.5, 1.0]))
    status, message = fit_status(cast(Any, basis), cast(Any, found), ("TV", "Radio"))
    assert status == "at bound"
    assert (
        message == "The search converged, but the decay of Radio lies at the edge of the range that is tried."
    )
