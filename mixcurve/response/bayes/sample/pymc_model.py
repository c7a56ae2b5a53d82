"""The model of a mix as a `pymc.Model`, to be read, extended and sampled with everything PyMC offers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.model.media import Media
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.vectors.symbolic import SymbolicVector, SymbolicVectors

__all__ = ["pymc_model"]

FloatArray = npt.NDArray[np.float64]


def pymc_model(model: MixModel) -> Any:
    """Return the model as a `pymc.Model`: the same log density, written in PyTensor.

    Returns
    -------
    pymc.Model
        ``position`` (coordinate), each standard normal under its prior; ``evidence``, a potential: the log density
        beyond that prior. Deterministic, in users' units: ``contribution`` of each channel over all rows, ``roi``
        (contribution per unit of spend), ``top``, the other parameters of curves and carryover, and ``noise``. A
        parameter that not all channels have, or that differs between groups, has a dimension of its own.

    Notes
    -----
    The linear part (level, trend, season, controls) is integrated out where the noise is Gaussian, so it is not among
    the variables. PyTensor compiles this model anew for each data set, which takes some ten seconds;
    `mixcurve.sample_mix` does not need that.
    """
    import pymc as pm

    xp, size = SymbolicVectors(), model.space.dimensions
    with pm.Model(coords={"coordinate": list(model.space.labels)}) as out:
        variable = pm.Normal("position", 0.0, 1.0, dims="coordinate")
        position = xp.position(variable, size)
        channels = model.channels(xp, position)
        _name_sizes(model, xp, channels)
        _name_parameters(model, channels)
        if model.space.has("noise"):
            noise = model.priors.noise(xp, position[model.space.rows("noise")])
            pm.Deterministic("noise", noise.variable[0] * model.problem.mix.response_unit)
        prior = -0.5 * xp.sum(position**2)
        pm.Potential("evidence", (model.log_density(xp, position) - prior).variable[0])
    return out


def _name_sizes(model: MixModel, xp: SymbolicVectors, channels: Media) -> None:
    import pymc as pm

    problem = model.problem
    names = problem.channels
    pm.modelcontext(None).add_coords({"channel": list(names), "cell": list(problem.cells)})
    each = channels.contributions * np.tile(problem.mix.row_unit, len(names))
    total = xp.segment_sum(each, len(names)).variable
    spend = problem.mix.table.spend.sum(axis=0)
    pm.Deterministic("contribution", total, dims="channel")
    pm.Deterministic("roi", total / spend, dims="channel")
    top = channels.top.variable * problem.mix.response_unit
    pm.Deterministic("top", top, dims="channel" if len(problem.groups) == 1 else "cell")


def _name_parameters(model: MixModel, channels: Media) -> None:
    """Add every free parameter of curves and kernels, those of one name together."""
    import pymc as pm
    import pytensor.tensor as pt

    context = pm.modelcontext(None)
    for name, found in _by_name(model, channels).items():
        labels = [label for own, _ in found for label in own]
        known = {"channel": list(model.problem.channels), "cell": list(model.problem.cells)}
        dims = next((d for d, coords in known.items() if coords == labels), None)
        if dims is None:
            dims = f"channel of {name}"
            context.add_coords({dims: labels})
        pm.Deterministic(name, pt.concatenate([value for _, value in found]), dims=dims)


def _by_name(model: MixModel, channels: Media) -> dict[str, list[tuple[list[str], Any]]]:
    """Return labels and values in users' units for every free parameter's name, family by family."""
    problem = model.problem
    groups = len(problem.groups)
    out: dict[str, list[tuple[list[str], Any]]] = {}
    for place, family in enumerate(problem.families):
        cells = [problem.cells[c * groups + g] for c in family.channels for g in range(groups)]
        unit = problem.mix.spend_unit[list(family.channels)]
        kernel = {p.name for p in family.kernel.parameters}
        for p in (*family.kernel.parameters, *family.curve.parameters):
            if not p.free:
                continue
            mine = channels.carryover if p.name in kernel else channels.shape
            value: SymbolicVector = mine[place, p.name]
            by_cell = value.size != len(family.channels)
            labels = cells if by_cell else [problem.channels[c] for c in family.channels]
            power = unit**p.spend_power if p.name not in kernel else np.ones(len(unit))
            out.setdefault(p.name, []).append(
                (labels, value.variable * np.repeat(power, groups if by_cell else 1))
            )
    return out
