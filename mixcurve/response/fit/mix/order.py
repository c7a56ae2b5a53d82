"""Channels of a fitted mix in another order: the fit itself is made in an order that its data decide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.mix.result import MixFit
from mixcurve.response.fit.mix.state import MixState

__all__ = ["in_order"]

IntArray = npt.NDArray[np.intp]


def in_order(fit: MixFit, order: IntArray) -> MixFit:
    """Return the fit with channel ``order[i]`` in place i; everything by channel follows."""
    names = tuple(fit.channels[i] for i in order)
    place = {name: i for i, name in enumerate(names)}
    intervals = sorted(fit.intervals, key=lambda one: (one.name == "inflection", place[one.channel]))
    owner = [place[n.rpartition(".")[0]] for n in fit.parameter_names]
    tops = [n.endswith(".top") for n in fit.parameter_names]
    moved = sorted(range(len(owner)), key=lambda j: (not tops[j], owner[j]))
    return replace(
        fit,
        channels=names,
        curve=tuple(fit.curve[i] for i in order),
        draws=fit.draws[:, order],
        resamples=fit.resamples[:, order],
        spend_range=fit.spend_range[order],
        current=fit.current[order],
        evidence=tuple(fit.evidence[i] for i in order),
        carryover_parameters=fit.carryover_parameters[order],
        contributions=fit.contributions[:, order],
        carried=fit.carried[:, order],
        parameter_names=tuple(fit.parameter_names[j] for j in moved),
        covariance=fit.covariance[np.ix_(moved, moved)],
        intervals=tuple(intervals),
        contribution_draws=fit.contribution_draws[:, order],
        kernels=tuple(fit.kernels[i] for i in order),
        total_spend=fit.total_spend[order],
        state=None if fit.state is None else _state_in_order(fit.state, order),
    )


def _state_in_order(state: MixState, order: IntArray) -> MixState:
    return replace(
        state,
        channels=tuple(state.channels[i] for i in order),
        parameters=state.parameters[:, order],
        carryover=state.carryover[:, order],
        recent=state.recent[:, :, order],
    )
