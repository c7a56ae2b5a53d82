"""The density written down in NumPy, and people to learn from, for all tests of posteriors of the propensity half."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """Return the module beside this file."""
    path = Path(__file__).resolve().parent / "reference.py"
    spec = importlib.util.spec_from_file_location("propensity_bayes_reference", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
