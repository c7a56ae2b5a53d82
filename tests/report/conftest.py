"""Cases for the tests of reports, and one compiled PDF for those that only look at it."""

from __future__ import annotations

import datetime
from types import ModuleType
from typing import Any

import pytest

from mixcurve.report.spend import SpendReport, spend_report

DAY = datetime.date(2026, 1, 15)


@pytest.fixture(scope="session")
def usual(cases: ModuleType) -> dict[str, Any]:
    """Return the arguments of an ordinary report: hostile names, a plan, a configuration."""
    names = ["TV", cases.HOSTILE, cases.LONG, "Radio", "Käse & Brötchen"]
    table, fit = cases.table_and_fit(names=names)
    return {
        "table": table,
        "fit": fit,
        "plan": cases.plan_for(fit),
        "client": cases.HOSTILE,
        "agency": "Northwind Media",
        "created": DAY,
        "command": "mixcurve report jobs/acme.toml",
        "config": {"data": {"file": "jobs/weekly.csv"}, "fit": {"curve": "hill"}},
        "seed": 7,
    }


@pytest.fixture(scope="session")
def report(usual: dict[str, Any]) -> SpendReport:
    """Return the ordinary report."""
    return spend_report(**usual)


@pytest.fixture(scope="session")
def pdf(report: SpendReport) -> bytes:
    """Return the ordinary report as PDF."""
    return report.pdf()


@pytest.fixture(scope="session")
def pages(pdf: bytes) -> list[str]:
    """Return the text of each page, in one line."""
    return texts(pdf)


def texts(pdf: bytes) -> list[str]:
    """Return the text of each page of a PDF, spaces and line breaks as one space."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    found = []
    for i in range(len(document)):
        page = document[i]
        text = page.get_textpage()
        found.append(" ".join(text.get_text_range().replace("\ufffe", "-").split()))
        text.close()
        page.close()
    document.close()
    return found


@pytest.fixture(scope="session")
def read_pages() -> Any:
    """Return the function that reads the text of a PDF's pages."""
    return texts
