"""People made for the solver."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.sigmoid import expit


@pytest.fixture
def made() -> tuple[np.ndarray, np.ndarray]:
    """Return 600 people with 5 correlated features and overlapping classes."""
    rng = np.random.default_rng(11)
    X = rng.normal(size=(600, 5)) @ rng.normal(size=(5, 5))
    y = (rng.random(600) < expit(X @ [0.5, -0.4, 0.3, 0.0, 0.2] - 1.0)).astype(float)
    return X, y
