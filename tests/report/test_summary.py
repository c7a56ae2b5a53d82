"""The summary for a terminal says what the PDF says."""

from __future__ import annotations

from types import ModuleType

from mixcurve.report.spend import SpendReport, spend_report
from mixcurve.report.summary import terminal_summary


def test_holds_headline_rows_and_proof(report: SpendReport) -> None:
    text = terminal_summary(report.payload)
    flat = " ".join(text.split())
    assert " ".join(report.payload.decision.headline.replace("\u00a0", " ").split()) in flat
    for row in report.payload.plan.rows:
        line = next(line for line in text.splitlines()[2:] if line.startswith(row.channel[:12]))
        assert row.cells[1] in line
        assert line.rstrip().endswith(row.grade)
    assert "No other split of this budget" in flat


def test_keeps_to_the_width_and_holds_no_markup(report: SpendReport) -> None:
    lines = terminal_summary(report.payload).splitlines()
    assert max(len(line) for line in lines) <= 88
    assert "\x1b" not in "".join(lines)
    assert "\u00a0" not in "".join(lines)


def test_without_a_plan(cases: ModuleType) -> None:
    table, fit = cases.one_channel()
    text = terminal_summary(spend_report(table, fit, client="A").payload)
    assert "The data do not show where the curve bends." in " ".join(text.split())
    assert "advertising" in text
