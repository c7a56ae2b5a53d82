"""Every named figure of a posterior by chain and draw, in users' units: what the inference tree holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.noise.family import noise_values
from mixcurve.response.bayes.priors.apart import kernel_name
from mixcurve.response.bayes.result.order import cell_order, channel_order, in_cells
from mixcurve.response.bayes.result.recover import Recovered
from mixcurve.response.bayes.sample.sampled import Sampled

__all__ = ["Figures", "variables"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Figures:
    """Values (chains × draws × …) by name, and the dimensions beyond chain and draw."""

    values: dict[str, FloatArray]
    dimensions: dict[str, tuple[str, ...]]


def variables(model: MixModel, sampled: Sampled, found: Recovered) -> Figures:
    """Return ROI, contribution, curve and carryover of every cell, the noise, and the coordinates sampled."""
    problem = model.problem
    cells, channels, named = cell_order(problem), channel_order(problem), in_cells(problem)
    with np.errstate(divide="ignore", invalid="ignore"):
        flat = {"contribution": found.totals[:, cells], "roi": found.totals[:, cells] / named.total_spend}
    parameters = found.parameters[:, cells]
    for name in dict.fromkeys(n for c in named.curve for n in c.names):
        flat[name] = np.full(parameters.shape[:2], np.nan)
        for i, c in enumerate(named.curve):
            if name in c.names:
                flat[name][:, i] = parameters[:, i, c.names.index(name)]
    kernels, of_curves = [problem.options.kernel[c] for c in channels], set(flat)
    for name in dict.fromkeys(p.name for k in kernels for p in k.parameters):
        values = np.full((len(parameters), len(kernels)), np.nan)
        for i, (k, place) in enumerate(zip(kernels, channels, strict=True)):
            own = [p.name for p in k.parameters]
            if name in own:
                values[:, i] = found.carryover[:, place, own.index(name)]
        key, values = kernel_name(name, of_curves), np.tile(values, len(problem.groups))
        flat[key] = np.where(np.isnan(values), flat.get(key, values), values)
    dimensions: dict[str, tuple[str, ...]] = dict.fromkeys(flat, ("channel",))
    for name, values in noise_values(model.likelihood, model.space, sampled.flat).items():
        flat[name] = values * (problem.mix.response_unit if name == "noise" else 1.0)
        dimensions[name] = ()
    shape = sampled.positions.shape[:2]
    return Figures({k: v.reshape(*shape, *v.shape[1:]) for k, v in flat.items()}, dimensions)
