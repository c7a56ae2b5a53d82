"""Published tables and made ones for the solver."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mixcurve.sigmoid import expit


@pytest.fixture(scope="session")
def published() -> ModuleType:
    """Return the published tables."""
    path = Path(__file__).resolve().parent / "published.py"
    spec = importlib.util.spec_from_file_location("propensity_published", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def made() -> tuple[np.ndarray, np.ndarray]:
    """Return 600 people with 5 correlated features and overlapping classes."""
    rng = np.random.default_rng(11)
    X = rng.normal(size=(600, 5)) @ rng.normal(size=(5, 5))
    y = (rng.random(600) < expit(X @ [0.5, -0.4, 0.3, 0.0, 0.2] - 1.0)).astype(float)
    return X, y
