"""PyMC's and NumPyro's samplers against a density whose moments are known; what an interruption leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mixcurve.response.bayes.sample.chains import Steps, Stretch, sample_chains
from mixcurve.response.bayes.sample.numpyro_sampler import _in_jax, _warped_density, sample_numpyro
from mixcurve.response.bayes.sample.pymc_sampler import sample_pymc
from mixcurve.response.bayes.sample.quick import sample_quick
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.warp import Warp
from mixcurve.response.bayes.vectors.run import Density

from .conftest import CENTRE, ROOT, Known

pytest.importorskip("pymc")
STATISTICS = {"diverging", "energy", "energy change", "n_steps", "step_size", "lp"}
SHORT = {"chains": 2, "draws": 400, "tune": 200, "seed": 1, "target_accept": 0.8, "rounds": 1}


def _right(found: Sampled, name: str) -> None:
    assert found.sampler == name
    assert found.positions.shape == (2, 400, 3)
    assert {v.shape for v in found.statistics.values()} == {(2, 400)}
    assert set(found.statistics) == STATISTICS
    assert not found.interrupted
    scale = np.sqrt(np.diag(ROOT @ ROOT.T))
    assert (found.flat.mean(axis=0) - CENTRE) / scale == pytest.approx(np.zeros(3), abs=0.2)
    assert np.cov(found.flat.T) / np.outer(scale, scale) == pytest.approx(
        ROOT @ ROOT.T / np.outer(scale, scale), abs=0.3
    )


def test_pymc_draws_from_the_density(normal: Known) -> None:
    told: list[tuple[str, int, int]] = []
    _right(sample_pymc(normal, **SHORT, progress=lambda *t: told.append(t)), "pymc")
    assert {stage for stage, _, _ in told} == {"adapting", "sampling"}
    assert told[-1] == ("sampling", 1200, 1200)


def test_numpyro_draws_from_the_density_and_keeps_what_it_compiled(
    normal: Known, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    jax = pytest.importorskip("jax")
    pytest.importorskip("numpyro")
    monkeypatch.setenv("MIXCURVE_CACHE", str(tmp_path))
    before = jax.config.jax_compilation_cache_dir
    told: list[tuple[str, int, int]] = []
    _right(sample_numpyro(normal, **SHORT, progress=lambda *t: told.append(t)), "numpyro")
    assert told[-1] == ("sampling", 1200, 1200)
    assert jax.config.jax_compilation_cache_dir == before
    assert list((tmp_path / "jax").iterdir())  # what took a second or more to compile is kept


def test_the_density_in_jax_is_that_of_the_tape(small: Any) -> None:
    jax = pytest.importorskip("jax")
    rng, size = np.random.default_rng(0), small.space.dimensions
    warp = Warp(
        0.1 * rng.standard_normal(size), np.eye(size) + 0.05 * rng.standard_normal((size, size)),
        rng.uniform(0.01, 0.4, size), rng.uniform(0.0, 0.1, size), 0.1 * rng.standard_normal(size),
        np.eye(size) + 0.05 * np.tril(rng.standard_normal((size, size))),
    )  # fmt: skip
    where = (warp.centre, warp.root, warp.skew, warp.tail, warp.inner_centre, warp.inner_root)
    density = Density(warp.on(small.straightened_program()))
    with jax.enable_x64(True):
        inside = _in_jax(small)
        for z in 0.5 * rng.standard_normal((3, size)):
            assert float(_warped_density(inside, z, where)) == pytest.approx(density(z)[0], rel=1e-9)


def test_a_seed_repeats_the_draws(normal: Known) -> None:
    words = SHORT | {"draws": 30, "tune": 30}
    first, same, other = (sample_pymc(normal, **(words | {"seed": s})).positions for s in (4, 4, 5))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def _stopping(stage: str, after: int) -> Callable[[str, int, int], None]:
    def tell(now: str, done: int, whole: int) -> None:
        if now == stage and done >= after:
            raise KeyboardInterrupt

    return tell


@pytest.mark.parametrize(("stage", "after", "kept"), [("sampling", 800, 200), ("adapting", 600, 50)])
def test_an_interrupted_pymc_run_keeps_what_every_chain_has(
    normal: Known, stage: str, after: int, kept: int
) -> None:
    found = sample_pymc(normal, **SHORT, progress=_stopping(stage, after))
    assert found.interrupted
    assert found.positions.shape == (2, kept, 3)
    assert {v.shape for v in found.statistics.values()} == {(2, kept)}


def test_an_interruption_before_the_first_draw_keeps_nothing(normal: Known) -> None:
    with pytest.raises(KeyboardInterrupt, match="stopped before every chain had a draw"):
        sample_pymc(normal, **SHORT, progress=_stopping("adapting", 40))


def test_a_pilot_is_run_only_without_coordinates(normal: Known) -> None:
    stages = []

    def engine(warp: Any, starts: Any, seed: int, stretch: Stretch, progress: Any) -> Steps:
        stages.append((stretch.stage, warp))
        z = np.random.default_rng(seed).standard_normal((len(starts), stretch.steps - stretch.first, 3))
        return Steps(z, {}, False)

    words = {
        "chains": 2, "draws": 50, "tune": 10, "seed": 0, "progress": None, "target_accept": 0.8, "rounds": 1
    }  # fmt: skip
    sample_chains(normal, engine, "own", warp=None, **words)
    assert [name for name, _ in stages] == ["adapting", "sampling"]
    learned = stages[-1][1]
    stages.clear()
    found = sample_chains(normal, engine, "own", warp=learned, **words)
    assert [name for name, _ in stages] == ["sampling"]
    assert found.positions.shape == (2, 50, 3)


@pytest.mark.parametrize("diverges", [False, True])
def test_rounds_follow_until_the_draws_suffice(normal: Known, diverges: bool) -> None:
    """Four hundred independent draws are too few, eight hundred suffice; what diverged is not kept and aims higher."""
    asked = []

    def engine(warp: Any, starts: Any, seed: int, stretch: Stretch, progress: Any) -> Steps:
        asked.append((stretch.stage, round(stretch.target_accept, 3), warp))
        z = np.random.default_rng(seed).standard_normal((len(starts), stretch.steps - stretch.first, 3))
        told = np.full(z.shape[:2], float(diverges and stretch.stage == "sampling"))
        return Steps(z, {"diverging": told}, False)

    found = sample_chains(
        normal,
        engine,
        "own",
        chains=2,
        draws=200,
        tune=10,
        seed=0,
        progress=None,
        target_accept=0.8,
        warp=None,
    )
    stages, accepts, warps = zip(*asked, strict=True)
    later = ["sampling, round 2", "sampling, round 3"]
    assert list(stages) == ["adapting", "sampling", *(later if diverges else later[:1])]
    assert accepts[2:] == ((0.96, 0.96) if diverges else (0.8,))
    assert warps[1] is not warps[2]
    assert found.positions.shape == (2, 200, 3)
    assert not found.statistics["diverging"].any()


@pytest.mark.slow
def test_numpyro_aims_at_what_it_is_told(normal: Known) -> None:
    pytest.importorskip("numpyro")
    found = [sample_numpyro(normal, **(SHORT | {"target_accept": a})) for a in (0.6, 0.99)]
    low, high = (np.median(f.statistics["step_size"]) for f in found)
    assert high < 0.6 * low


@pytest.mark.slow
def test_samplers_agree_on_a_market(small: Any) -> None:
    words = {"chains": 2, "draws": 500, "tune": 300, "seed": 1}
    by_pymc, by_numpyro = sample_pymc(small, **words).flat, sample_numpyro(small, **words).flat
    quick = sample_quick(small, draws=2000, seed=1)
    spread = by_pymc.std(axis=0)
    assert (by_numpyro.mean(axis=0) - by_pymc.mean(axis=0)) / spread == pytest.approx(0, abs=0.35)
    if quick.pareto_k < 0.7:
        assert (quick.flat.mean(axis=0) - by_pymc.mean(axis=0)) / spread == pytest.approx(0, abs=0.35)
