"""Notebooks are sources; each runs from its first line to its last."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.py"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(notebook: Path) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    assert runpy.run_path(str(notebook))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
