"""PyMC's own no-U-turn sampler, run on the tape: nothing is compiled for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.rounds import MOST_ROUNDS
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.chains import Progress, Steps, Stretch, sample_chains
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.sample.warp import Warp
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.bayes.vectors.tape import Program

__all__ = ["sample_pymc"]

FloatArray = npt.NDArray[np.float64]

KEPT = {
    "diverging": "diverging", "energy": "energy", "tree_size": "n_steps", "step_size": "step_size", "model_logp": "lp",
}  # fmt: skip
"""PyMC's statistics that are kept, and what they are called here."""
TOLD_EVERY = 20
"""Steps between two calls of ``progress``."""


def sample_pymc(
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
    """Return draws by PyMC's sampler, its chains advancing side by side in one thread.

    Side by side, so that a run which is interrupted leaves as many draws of every chain. ``warp`` gives coordinates
    that are known already; without it a pilot run learns them. Rounds follow one another until the draws suffice.

    Source: Hoffman and Gelman (2014), The No-U-Turn Sampler; its implementation is PyMC's `pymc.NUTS`.
    """
    program = model.straightened_program()

    def engine(
        warp: Warp, starts: FloatArray, seed: int, stretch: Stretch, progress: Progress | None
    ) -> Steps:
        samplers = _samplers(warp.on(program), starts, seed, tune, stretch.target_accept)
        return _advanced(samplers, starts, tune, stretch, progress)

    return sample_chains(
        model, engine, "pymc", chains=chains, draws=draws, tune=tune, seed=seed, target_accept=target_accept, warp=warp,
        progress=progress, rounds=rounds,
    )  # fmt: skip


def _samplers(program: Program, starts: FloatArray, seed: int, tune: int, target_accept: float) -> list[Any]:
    """Return PyMC's sampler for each chain."""
    import pymc as pm
    from pytensor.compile.mode import Mode

    plain = {"mode": Mode(linker="py", optimizer="fast_compile")}
    rngs = np.random.default_rng(seed).spawn(len(starts))
    with pm.Model() as posed:
        z = pm.Flat("z", shape=program.dimensions)
        pm.Potential("log density", _operation(program)(z)[0])
        out = [
            pm.NUTS(
                [z], target_accept=target_accept, compile_kwargs=plain, rng=rng, initial_point={"z": start}, model=posed
            )
            for start, rng in zip(starts, rngs, strict=True)
        ]  # fmt: skip
    for sampler, rng in zip(out, rngs, strict=True):
        sampler.setup_chain(rng, tune, 0)
        sampler.tune = True
    return out


def _operation(program: Program) -> Any:
    """Return the tape as an operation of PyTensor: a position in, the log density and its gradient out."""
    import pytensor.tensor as pt
    from pytensor.graph.op import Op

    density = Density(program)

    class TapeDensity(Op):  # type: ignore[misc]
        itypes = [pt.dvector]  # noqa: RUF012
        otypes = [pt.dscalar, pt.dvector]  # noqa: RUF012

        def perform(self, node: Any, inputs: Any, output_storage: Any) -> None:
            value, slope = density(np.ascontiguousarray(inputs[0]))
            output_storage[0][0], output_storage[1][0] = np.asarray(value), slope

        def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> Any:
            return [cotangents[0] * outputs[1]]

    return TapeDensity()


def _advanced(
    samplers: list[Any], starts: FloatArray, tune: int, stretch: Stretch, told: Callable[[str, int, int], None] | None
) -> Steps:  # fmt: skip
    """Return the steps kept; a chain's step is kept once every chain has made it."""
    points = [{"z": start} for start in starts]
    z: list[FloatArray] = []
    statistics: list[list[dict[str, Any]]] = []
    stopped = False
    try:
        for step in range(stretch.steps):
            if step == tune:
                for sampler in samplers:
                    sampler.stop_tuning()
            made = [sampler.step(point) for sampler, point in zip(samplers, points, strict=True)]
            points = [point for point, _ in made]
            if step >= stretch.first:
                z.append(np.array([point["z"] for point in points]))
                statistics.append([found[0] for _, found in made])
            if told is not None and (step + 1) % TOLD_EVERY == 0:
                told(stretch.stage, (step + 1) * len(starts), stretch.steps * len(starts))
    except KeyboardInterrupt:
        stopped = True
    count = len(statistics)  # an interruption may fall between a position and its statistics
    kept = {
        ours: np.array([[float(s[name]) for s in row] for row in statistics]).reshape(count, len(starts)).T
        for name, ours in KEPT.items()
    }
    positions = np.array(z[:count]).reshape(count, *starts.shape).swapaxes(0, 1)
    return Steps(positions, kept, stopped)
