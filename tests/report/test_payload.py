"""The payload: plain values, its schema, and the same numbers as the fit and the plan."""

from __future__ import annotations

import copy
import dataclasses
import json
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from mixcurve.foundations.errors import InputError, ReportError
from mixcurve.report import payload as payload_module
from mixcurve.report.payload import ReportPayload, schema
from mixcurve.report.spend import SpendReport, spend_report


@pytest.fixture(scope="module")
def plain(report: SpendReport) -> dict[str, Any]:
    return report.to_dict()


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


def test_fits_its_schema(plain: dict[str, Any], validator: Any, cases: ModuleType) -> None:
    validator.validate(plain)
    table, fit = cases.one_channel()
    validator.validate(spend_report(table, fit, client="A").to_dict())


@pytest.mark.parametrize(
    "path",
    [
        ("version",),
        ("decision", "kind"),
        ("channels", 0, "bend_state"),
        ("plan", "rows", 0, "current"),
        ("document", "accent"),
    ],
)
def test_the_schema_refuses_what_does_not_fit(
    plain: dict[str, Any], validator: Any, path: tuple[Any, ...]
) -> None:
    broken = copy.deepcopy(plain)
    place = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "nonsense"
    assert list(validator.iter_errors(broken))
    del place[path[-1]]
    assert list(validator.iter_errors(broken))


def test_the_schema_lists_every_field() -> None:
    found = schema()
    named = {"ReportPayload": found, **found["$defs"]}
    kinds = {n: k for n, k in vars(payload_module).items() if dataclasses.is_dataclass(k)}
    assert set(named) == set(kinds)
    for name, kind in kinds.items():
        fields = [f.name for f in dataclasses.fields(kind)]
        assert named[name]["required"] == fields
        assert list(named[name]["properties"]) == fields
        assert named[name]["additionalProperties"] is False


def test_is_frozen_and_the_same_each_time(report: SpendReport, usual: dict[str, Any]) -> None:
    assert isinstance(report.payload, ReportPayload)
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.payload.version = 2  # type: ignore[misc]
    assert spend_report(**usual).payload.to_json() == report.payload.to_json()
    assert json.loads(report.payload.to_json()) == report.to_dict()


def test_numbers_are_those_of_the_plan(report: SpendReport, usual: dict[str, Any]) -> None:
    plan = usual["plan"]
    page = report.payload.plan
    assert page is not None
    assert page.value.value == plan.value
    assert (page.gain.low, page.gain.high) == plan.gain_interval
    assert page.upper_bound == plan.upper_bound
    for row in page.rows:
        assert (row.current, row.planned) == (plan.current[row.channel], plan.spend[row.channel])
        assert row.response.value == pytest.approx(plan.response[row.channel], rel=1e-12)
        assert row.marginal.value == pytest.approx(plan.marginal[row.channel], rel=1e-12)
    assert sum(row.change for row in page.rows) == pytest.approx(0.0, abs=1e-6)


def test_the_past_adds_up_to_what_was_observed(report: SpendReport, usual: dict[str, Any]) -> None:
    past = report.payload.history
    assert past is not None
    assert sum(past.observed) == pytest.approx(usual["table"].response.sum(), rel=1e-12)
    assert set(past.channels) == set(usual["fit"].channels)


def test_an_inflection_is_shown_only_with_a_closed_interval(
    report: SpendReport, usual: dict[str, Any]
) -> None:
    for page in report.payload.channels:
        closed = usual["fit"].interval(page.name, "inflection").closed
        assert (page.bend is not None) == closed == (page.bend_state == "shown")
        assert any(p.kind == "inflection" for p in page.series.marks) == closed


def test_a_proof_that_does_not_hold_is_not_reported(cases: ModuleType) -> None:
    from mixcurve import allocate

    table, fit = cases.table_and_fit(3)
    plan = allocate(fit, float(sum(fit.current)))
    good = spend_report(table, fit, plan, client="A")
    assert good.payload.plan is not None
    assert any("independent check" in said for said in good.payload.plan.certificate)
    boasting = dataclasses.replace(plan, value=plan.value * 1.01)
    with pytest.raises(ReportError, match="proof does not hold"):
        spend_report(table, fit, boasting, client="A")


def test_channels_must_agree(cases: ModuleType) -> None:
    table, fit = cases.table_and_fit(3)
    other, _ = cases.table_and_fit(2)
    with pytest.raises(InputError, match="channels that the table lacks: Search"):
        spend_report(other, fit, client="A")
    _, fewer = cases.table_and_fit(2)
    with pytest.raises(InputError, match="different channels"):
        spend_report(table, fit, cases.plan_for(fewer), client="A")


def test_money_is_known_by_its_name_or_by_word(cases: ModuleType) -> None:
    table, fit = cases.table_and_fit(2, response_name="net_revenue")
    assert spend_report(table, fit, client="A").payload.channels[0].response.text.startswith("£")
    assert (
        not spend_report(table, fit, client="A", response_is_money=False)
        .payload.channels[0]
        .response.text.startswith("£")
    )


def test_names_are_tidied_of_line_breaks(cases: ModuleType) -> None:
    table, fit = cases.table_and_fit(1)
    assert spend_report(table, fit, client=" Acme\n Ltd\t").payload.document.client == "Acme Ltd"
