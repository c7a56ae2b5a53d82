"""A whole job on visitors of an online shop: a report is produced, and what leaks is weighed."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "examples" / "online_shoppers.py"


def test_the_job_on_online_shoppers_writes_its_report(shared_data: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    table = shared_data / "online_shoppers" / "online_shoppers_intention.csv"
    text = runpy.run_path(str(SCRIPT))["main"](table, tmp_path)
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == text
    assert len(list(tmp_path.glob("*.png"))) == 6
    assert text.count("Probabilities mean what they say") == 2
    assert "what PageValues is worth" in text
    assert "a difference of +0.1" in text
