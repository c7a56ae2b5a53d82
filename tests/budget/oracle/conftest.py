"""The oracle's modules import each other as `oracle.…`, here and in benchmarks/validate_budget.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
