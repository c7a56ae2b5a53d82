"""The public face: every name resolves, and importing mixcurve loads nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mixcurve

HEAVY = {
    "arviz", "duckdb", "holidays", "jsonschema", "matplotlib", "numba", "pandas", "polars", "pyarrow", "pymc",
    "pytensor", "rich", "scipy", "sklearn", "typst",
}  # fmt: skip


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh Python holds after running ``code``."""
    report = f"import sys\n{code}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_is_light() -> None:
    assert loaded_after("import mixcurve") & HEAVY == set()


def test_curves_need_only_numpy() -> None:
    assert loaded_after("import mixcurve; mixcurve.curves['hill'](1.0, half=1.0, slope=2.0)") & HEAVY == set()


def test_help_is_light() -> None:
    code = (
        "import os, runpy, sys\nsys.argv, sys.stdout = ['mixcurve', '--help'], open(os.devnull, 'w')\n"
        "try: runpy.run_module('mixcurve', run_name='__main__')\nexcept SystemExit: pass\n"
        "sys.stdout = sys.__stdout__"
    )
    assert loaded_after(code) & (HEAVY - {"rich"}) == set()


def test_heavy_import_is_seen() -> None:
    assert "jsonschema" in loaded_after("import jsonschema") & HEAVY


@pytest.mark.parametrize("name", mixcurve.__all__)
def test_public_name_resolves(name: str) -> None:
    value = getattr(mixcurve, name)
    assert value is not None
    assert getattr(mixcurve, name) is value


def test_every_home_is_listed_once() -> None:
    homes = [name for names in mixcurve.homes.HOMES.values() for name in names]
    assert sorted(homes) == sorted(set(homes)) == mixcurve.__all__


def test_types_and_run_time_agree() -> None:
    """What a type checker reads under TYPE_CHECKING is what ``__getattr__`` loads."""
    tree = ast.parse(Path(mixcurve.__file__).read_text(encoding="utf-8"))
    declared = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mixcurve.")
        for alias in node.names
    }
    assert declared == mixcurve._HOME_OF


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'allocat'"):
        _ = mixcurve.allocat  # type: ignore[attr-defined]


def test_public_names_are_listed_for_completion() -> None:
    assert set(mixcurve.__all__) <= set(dir(mixcurve))


def test_run_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mixcurve", "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage:" in done.stdout
