"""A real interruption (SIGINT) of a run in a process of its own, and the tape's cache between processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from mixcurve.response.bayes.sample.cache import user_cache
from mixcurve.response.bayes.vectors.run import Density

from .conftest import Known

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGINT of a child works otherwise there")

SCRIPT = """
    import sys
    sys.path.insert(0, {folder!r})
    from conftest import Known, normal_density
    from mixcurve.response.bayes.sample.{module} import {name}
    from mixcurve.response.bayes.vectors.kernel import kernel

    def tell(stage, done, whole):
        if stage == {stage!r} and done > {after}:
            print("now", flush=True)

    try:
        found = {name}(Known(normal_density, 3), chains=2, draws={draws}, tune=100, progress=tell)
    except KeyboardInterrupt as stop:
        print("nothing", stop, flush=True)
    else:
        compiled = 1 - kernel().cache_hits
        print("kept", found.interrupted, *found.positions.shape, compiled, flush=True)
"""


def _interrupted(module: str, name: str, draws: int, after: int, stage: str = "sampling") -> list[str]:
    """Return the words of the script's last line, after interrupting it once it says "now"."""
    script = textwrap.dedent(
        SCRIPT.format(
            folder=str(Path(__file__).parent), module=module, name=name, draws=draws, after=after, stage=stage
        )
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith("now"):
            child.send_signal(signal.SIGINT)
            break
    rest, _ = child.communicate(timeout=120)
    return rest.strip().splitlines()[-1].split()


def test_an_interrupted_nutpie_run_keeps_its_draws_and_compiles_nothing(normal: Known) -> None:
    pytest.importorskip("nutpie")
    Density(normal.straightened_program())(np.zeros(3))  # whoever is first compiles and keeps it
    word, stopped, chains, draws, dimensions, compiled = _interrupted("nuts", "sample_nuts", 500_000, 2000)
    assert (word, stopped, chains, dimensions) == ("kept", "True", "2", "3")
    assert 50 < int(draws) < 500_000
    assert compiled == "0"


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["pymc", "numpyro"])
def test_an_interrupted_run_of_the_others_keeps_its_draws(sampler: str) -> None:
    word, stopped, chains, draws, dimensions, _ = _interrupted(
        f"{sampler}_sampler", f"sample_{sampler}", 50_000, 600
    )
    assert (word, stopped, chains, dimensions) == ("kept", "True", "2", "3")
    assert 100 < int(draws) < 50_000


def test_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    monkeypatch.setenv("MIXCURVE_CACHE", "/own")
    assert user_cache() == Path("/own")
    monkeypatch.delenv("MIXCURVE_CACHE")
    assert user_cache() == Path("/caches/mixcurve")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert user_cache().name == "mixcurve"
