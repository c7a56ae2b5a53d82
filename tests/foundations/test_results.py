"""Results are frozen, survive a file, and are written whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations import results
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.foundations.results import Result, from_plain, load_result, to_plain, write_whole


@dataclass(frozen=True, eq=False)
class Inner(Result):
    name: str


@dataclass(frozen=True, eq=False)
class Outer(Result):
    values: Any
    inner: Any = None


HELD = [
    1, 2.5, "text", None, True, [1, "a"], (1, (2.0, "b")), {"a": (1,), "b": [None]}, np.inf, -np.inf,
    np.arange(6.0).reshape(2, 3), np.array([1, 2]), np.array([True, False]),
    np.array(["2024-01-31"], dtype="datetime64[D]"), np.empty((0, 3)), np.array([1.0, np.inf]), 0.1 + 0.2, 1e-310,
    np.float64(3.5), Problem("a rule", code="x"), mc.curves["hill"],
]  # fmt: skip


@pytest.mark.parametrize("value", HELD, ids=lambda v: type(v).__name__)
def test_a_value_survives_json_exactly(value, tmp_path):
    path = Outer(value, Inner("deep")).save(tmp_path / "result.json")
    back = load_result(path)
    assert isinstance(back, Outer) and back.inner.name == "deep"
    if isinstance(value, np.ndarray):
        assert back.values.dtype == value.dtype and back.values.shape == value.shape
        np.testing.assert_array_equal(back.values, value)
    else:
        assert back.values == value
    json.loads(path.read_text(), parse_constant=pytest.fail)


def test_not_a_number_survives():
    assert np.isnan(from_plain(json.loads(json.dumps(to_plain(float("nan"))))))


def test_arrays_are_copies_and_read_only():
    mine = np.ones(3)
    result = Outer(mine)
    mine[0] = 9.0
    assert result.values[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        result.values[0] = 2.0
    with pytest.raises(FrozenInstanceError):
        result.values = None


def test_what_cannot_be_held_is_refused_by_name():
    with pytest.raises(TypeError, match="A result cannot hold a set"):
        Outer({1, 2}).to_dict()
    with pytest.raises(InputError, match=r"Unknown kind of result 'Gone'. It was written by another version"):
        from_plain({"__result__": {"type": "Gone"}})
    with pytest.raises(InputError, match="This holds a Inner, not a Outer"):
        Outer.from_dict(Inner("x").to_dict())


def test_loading_runs_no_code(tmp_path):
    hostile = tmp_path / "hostile.json"
    hostile.write_text(json.dumps({"type": "os.system", "command": "true"}))
    with pytest.raises(InputError, match=r"Unknown kind of result 'os.system'"):
        load_result(hostile)


def test_only_modules_of_this_package_are_loaded(tmp_path, monkeypatch):
    (tmp_path / "spy_module.py").write_text("raise SystemExit('this must not run')")
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("spy_module", "mixcurve.__main__", "mixcurve.nowhere", "os", "mixcurve", 7):
        with pytest.raises(InputError, match="Unknown kind of result 'Gone'"):
            from_plain({"__result__": {"type": "Gone", "module": module}})


def test_a_fresh_process_loads_what_another_saved(tmp_path):
    spend = np.linspace(0, 9, 12)
    fit = mc.fit_curve(spend, mc.curves["hill"](spend, top=3.0, half=4.0, slope=2.0), resamples=0)
    path = fit.save(tmp_path / "fit.json")
    code = (
        "import sys; from mixcurve.foundations.results import load_result; "
        "print(load_result(sys.argv[1]).parameters['half'])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert float(done.stdout) == fit.parameters["half"]


def test_a_failed_write_leaves_the_previous_file_and_no_other(tmp_path, monkeypatch):
    target = write_whole(tmp_path / "deep" / "file.txt", b"before")
    assert target.read_bytes() == b"before" and os.stat(target).st_mode & 0o777 == 0o644

    def fails(*_):
        raise OSError("disk full")

    monkeypatch.setattr(results.os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        write_whole(target, b"after")
    assert target.read_bytes() == b"before" and [p.name for p in target.parent.iterdir()] == ["file.txt"]
