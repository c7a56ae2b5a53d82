"""NumPyro's no-U-turn sampler on the model in JAX, in blocks of steps, so that it can be followed and interrupted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.rounds import MOST_ROUNDS
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.cache import jax_cache
from mixcurve.response.bayes.sample.chains import Progress, Steps, Stretch, sample_chains
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.warp import Warp

__all__ = ["sample_numpyro"]

FloatArray = npt.NDArray[np.float64]

BLOCK = 25
"""Steps between two looks at the clock and at the keyboard; nothing can interrupt within a block."""


def sample_numpyro(
    model: MixModel,
    *,
    chains: int = 4,
    draws: int = 1000,
    tune: int = 500,
    seed: int = 0,
    target_accept: float = 0.98,
    progress: Progress | None = None,
    warp: Warp | None = None,
    rounds: int = MOST_ROUNDS,
) -> Sampled:
    """Return draws by NumPyro, its chains as one vectorised computation.

    JAX compiles the model for each data set; what it compiled is kept in mixcurve's cache (`cache.user_cache`), so that
    another run on the same data does not compile again. JAX's cache is where it was afterwards; its precision is then
    double for the whole process, which PyTensor's JAX backend sets when it is first imported. ``warp`` gives
    coordinates that are known already; without it a pilot run learns them. Rounds follow one another until the draws
    suffice; after a divergence they aim at a higher acceptance, for which JAX compiles again.

    Source: Phan, Pradhan and Jankowiak (2019), Composable effects for flexible and accelerated probabilistic
    programming in NumPyro.
    """
    import jax

    with jax.enable_x64(True), jax_cache():
        return sample_chains(
            model, _Engine(model, tune), "numpyro", chains=chains, draws=draws, tune=tune, seed=seed,
            target_accept=target_accept, warp=warp, progress=progress, rounds=rounds,
        )  # fmt: skip


class _Engine:
    """NumPyro's kernel, compiled once for each acceptance that is aimed at; the coordinates are an argument of it."""

    def __init__(self, model: MixModel, tune: int) -> None:
        self._value, self._tune = _in_jax(model), tune
        self._aimed = float("nan")

    def _aim(self, accept: float) -> None:
        """Make the kernel for an acceptance, unless it is there; NumPyro holds it as a constant of the kernel."""
        import jax
        from numpyro.infer.hmc import hmc

        if accept == self._aimed:
            return
        value, tune = self._value, self._tune
        begin, step = hmc(
            potential_fn_gen=lambda *where: lambda z: -_warped_density(value, z, where), algo="NUTS"
        )

        def start(key: Any, z: Any, where: Any) -> Any:
            return begin(z, tune, target_accept_prob=accept, model_args=where, rng_key=key)

        def block(state: Any, where: Any) -> Any:
            def one(now: Any, _: None) -> Any:
                after = step(now, where, {})
                told = {
                    "diverging": after.diverging, "energy": after.energy, "n_steps": after.num_steps,
                    "step_size": after.adapt_state.step_size, "lp": -after.potential_energy,
                }  # fmt: skip
                return after, (after.z, told)

            return jax.lax.scan(one, state, None, length=BLOCK)

        self._aimed = accept
        self._start = jax.jit(jax.vmap(start, in_axes=(0, 0, None)))
        self._block = jax.jit(jax.vmap(block, in_axes=(0, None)))

    def __call__(
        self, warp: Warp, starts: FloatArray, seed: int, stretch: Stretch, progress: Progress | None
    ) -> Steps:
        import jax

        self._aim(stretch.target_accept)
        where = (
            warp.centre, warp.root, warp.skew, warp.tail, warp.inner_centre, warp.inner_root,
        )  # fmt: skip
        z: list[FloatArray] = []
        told: list[dict[str, FloatArray]] = []
        stopped, blocks = False, -(-stretch.steps // BLOCK)
        try:
            keys = jax.random.split(jax.random.PRNGKey(seed), len(starts))
            state = self._start(keys, starts, where)
            for number in range(blocks):
                state, (place, statistics) = self._block(state, where)
                named = {k: np.asarray(v, dtype=np.float64) for k, v in statistics.items()}
                z, told = [*z, np.asarray(place)], [*told, named]
                if progress is not None:
                    done = min((number + 1) * BLOCK, stretch.steps)
                    progress(stretch.stage, done * len(starts), stretch.steps * len(starts))
        except KeyboardInterrupt:
            stopped = True
        rows, count = slice(stretch.first, stretch.steps), min(len(z), len(told))
        if count == 0:
            return Steps(np.empty((*starts.shape[:1], 0, starts.shape[1])), {}, stopped)
        kept = {k: np.concatenate([b[k] for b in told[:count]], axis=1)[:, rows] for k in told[0]}
        return Steps(np.concatenate(z[:count], axis=1)[:, rows], kept, stopped)


def _in_jax(model: MixModel) -> Callable[[Any], Any]:
    """Return the log density of a position as a function of JAX."""
    import pytensor.tensor as pt
    from pymc.sampling.jax import get_jaxified_graph

    from mixcurve.response.bayes.vectors.symbolic import SymbolicVectors

    xp, position = SymbolicVectors(), pt.dvector("position")
    value = model.log_density(xp, xp.position(position, model.space.dimensions)).variable[0]
    function = get_jaxified_graph([position], [value])
    return lambda u: function(u)[0]


def _warped_density(value: Callable[[Any], Any], z: Any, where: Any) -> Any:
    """Return the log density of z where the position is ``warp(z)``; see `mixcurve.response.bayes.sample.warp`."""
    import jax.numpy as jnp

    centre, root, skew, tail, inner_centre, inner_root = where
    w = inner_root @ z + inner_centre
    rise, heavy = jnp.expm1(skew * w) / skew, 0.5 * tail * w**2
    position = root @ (rise * jnp.exp(heavy)) + centre
    return value(position) + jnp.sum(heavy + jnp.log(1.0 + skew * rise + rise * tail * w))
