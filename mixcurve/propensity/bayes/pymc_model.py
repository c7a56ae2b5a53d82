"""The same hierarchy as a PyMC model, for PyMC's own sampler and for those who want to build on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixcurve.foundations.progress import Progress
from mixcurve.foundations.rounds import CHANGE, Run
from mixcurve.propensity.bayes.hierarchy import Hierarchy

__all__ = ["pymc_model", "sample_by_pymc"]


def pymc_model(problem: Hierarchy) -> Any:
    """Return the `pymc.Model` of a hierarchy: ``beta`` (q), and with groups ``spread`` (k) and ``raw`` (G, k).

    ``deviation = spread · raw`` is added to the varying coefficients of each group.
    """
    import pymc as pm
    import pytensor.tensor as pt

    h = problem
    with pm.Model() as model:
        beta = pm.Normal("beta", h.middle, h.width)
        theta = pt.tile(beta[None, :], (h.groups, 1))
        if len(h.varying):
            spread = pm.HalfNormal("spread", h.spread)
            raw = pm.Normal("raw", 0.0, 1.0, shape=(h.groups, len(h.varying)))
            deviation = pm.Deterministic("deviation", spread * raw)
            theta = theta[:, h.varying].inc(deviation)
        z = (pt.constant(h.design) * theta[h.codes]).sum(axis=1)
        pm.Potential("rows", (h.weights * (h.y * z - pt.softplus(z))).sum())
    return model


def sample_by_pymc(
    problem: Hierarchy, *, chains: int, draws: int, tune: int, target_accept: float, seed: int,
    progress: Progress | None,
) -> Run:  # fmt: skip
    """Return draws of β, log s and v by PyMC's own sampler (chains × draws × q + k + G k)."""
    import pymc as pm

    total = chains * (tune + draws)
    done = 0

    def told(**_: Any) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress("sampling", done, total)

    with pymc_model(problem):
        tree = pm.sample(
            draws, tune=tune, chains=chains, cores=1, random_seed=seed, target_accept=target_accept,
            progressbar=False, compute_convergence_checks=False, callback=told,
        )  # fmt: skip
    found, told_by = tree["posterior"], tree["sample_stats"]
    parts = [found["beta"].to_numpy()]
    if len(problem.varying):
        v = found["deviation"].to_numpy()
        parts += [np.log(found["spread"].to_numpy()), v.reshape(*v.shape[:2], -1)]
    energy = told_by["energy"].to_numpy()
    step = np.diff(energy, axis=1)
    statistics = {
        "diverging": told_by["diverging"].to_numpy(), "energy": energy, "n_steps": told_by["n_steps"].to_numpy(),
        "step_size": told_by["step_size"].to_numpy(), "lp": told_by["lp"].to_numpy(),
        CHANGE: np.concatenate([step[:, :1], step], axis=1),
    }  # fmt: skip
    return Run(np.concatenate(parts, axis=-1), statistics, found.sizes["draw"] < draws)
