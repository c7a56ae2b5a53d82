"""The compiled routine as C calls it: what it returns, what it leaves alone, and when it is compiled again."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import mixcurve
from mixcurve.foundations.bayes.compiled import NOT_FINITE
from mixcurve.response.bayes.vectors.kernel import block, kernel
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.bayes.vectors.tape import Program, Recorder

FloatArray = npt.NDArray[np.float64]
CALL = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
SIZE = 400


def reciprocals(size: int) -> Program:
    """Return the program of Σ i / z_i for i = 1, 2, ..., whose gradient is -i / z_i²."""
    recorder = Recorder()
    z = recorder.position(size)
    return recorder.program(recorder.sum((1.0 + np.arange(size)) / z))


def called(words: npt.NDArray[np.int64], z: FloatArray) -> tuple[int, float, FloatArray]:
    """Return what the routine returns, the log density and the gradient."""
    gradient, value = np.full(len(z), 7.0), np.full(1, 7.0)
    addresses = (array.ctypes.data for array in (z, gradient, value, words))
    told = CALL(kernel().address)(len(z), *addresses)
    return told, float(value[0]), gradient


def test_it_writes_value_and_gradient_and_says_where_there_are_none() -> None:
    words = block(reciprocals(3))
    told, value, gradient = called(words, np.array([1.0, 2.0, -4.0]))
    assert (told, value) == (0, pytest.approx(1.25, rel=1e-15))
    np.testing.assert_allclose(gradient, [-1.0, -0.5, -0.1875], rtol=1e-15)
    for hole in (0.0, np.nan, 1e-200):  # no value; no value; a value and no gradient
        assert called(words, np.array([1.0, hole, 1.0]))[0] == NOT_FINITE
    assert np.isfinite(called(words, np.array([1.0, 1e-200, 1.0]))[1])


def test_threads_may_share_a_block_which_stays_as_it_is() -> None:
    words = block(reciprocals(SIZE))
    before = words.copy()
    places = [np.random.default_rng(k).uniform(0.5, 2.0, SIZE) for k in range(64)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda z: [called(words, z) for _ in range(20)][-1], places))
    weights = 1.0 + np.arange(SIZE)
    for z, (told, value, gradient) in zip(places, found, strict=True):
        assert (told, value) == (0, pytest.approx(float((weights / z).sum()), rel=1e-13))
        np.testing.assert_allclose(gradient, -weights / z**2, rtol=1e-14)
    np.testing.assert_array_equal(words, before)


@pytest.mark.parametrize("divisor", [1e-100, 1e-300, 3.0, 1e300])
def test_a_quotient_by_one_number_is_as_exact_as_numpy(divisor: float) -> None:
    recorder = Recorder()
    z = recorder.position(SIZE)
    density = Density(recorder.program(recorder.sum(z / divisor)))
    x = np.linspace(0.0, 1.0, SIZE)
    value, gradient = density(x)
    assert value == pytest.approx(float((x / divisor).sum()), rel=1e-13)
    np.testing.assert_allclose(gradient, 1.0 / divisor, rtol=4e-16)


def test_the_memory_of_a_call_is_given_back() -> None:
    resource: Any = pytest.importorskip("resource", reason="there is no measure of memory in use")
    density, z = Density(reciprocals(50_000)), np.ones(50_000)  # takes 3 MB a call
    density(z)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(500):
        density(z)
    kilobytes = 1024 if sys.platform == "darwin" else 1  # the unit of ru_maxrss
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / kilobytes < 300_000


@pytest.mark.slow
def test_it_is_kept_for_the_next_process_until_a_source_changes(tmp_path: Path) -> None:
    """Also where the package cannot be written to: then it is kept in the user's cache."""
    package = tmp_path / "mixcurve"
    shutil.copytree(
        Path(mixcurve.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "*.csv")
    )
    vectors = package / "response" / "bayes" / "vectors"
    (vectors / "__pycache__").write_text("a file where the folder would be: nothing can be kept here")
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        "from mixcurve.response.bayes.vectors import kernel; k = kernel.kernel(); "
        "print(kernel.__file__, k._cache.cache_path, k.cache_hits, sep='|')"
    )
    own = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    own |= {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}

    def hits() -> str:
        done = subprocess.run(
            [sys.executable, "-B", "-c", script], capture_output=True, text=True, env=own, check=True
        )
        source, kept, found = done.stdout.strip().split("|")
        assert Path(source).is_relative_to(package)
        assert Path(kept).is_relative_to(tmp_path) and not Path(kept).is_relative_to(package)
        return found

    assert [hits(), hits()] == ["0", "1"]
    called_by_it = vectors / "slopes.py"
    called_by_it.write_text(
        called_by_it.read_text(encoding="utf-8").replace("total += a[t]", "total -= a[t]"), encoding="utf-8"
    )
    assert [hits(), hits()] == ["0", "1"]
