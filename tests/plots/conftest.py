"""The same cases as the tests of reports."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def cases() -> ModuleType:
    """Return the tables, fits and plans made by hand."""
    path = Path(__file__).resolve().parents[1] / "report_cases.py"
    spec = importlib.util.spec_from_file_location("report_cases", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
