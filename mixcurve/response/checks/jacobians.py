"""The Jacobian of a fit: the derivative of its fitted response with respect to its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.parameters import Parameter
from mixcurve.response.carryover import carryovers, lagged, steady_spend, weights
from mixcurve.response.checks.statistic import span_of
from mixcurve.response.curves import Curve
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.design.columns import design_columns
from mixcurve.response.fit.mix.basis import ORDERS
from mixcurve.response.fit.mix.cells import group_tables
from mixcurve.response.fit.mix.problem import blocks_of
from mixcurve.response.fit.results import CurveFit, MixFit

if TYPE_CHECKING:
    from mixcurve.response.fit.mix.state import MixState
    from mixcurve.tables.table import SpendTable

__all__ = ["curve_jacobian", "mix_directions", "mix_jacobian"]

FloatArray = npt.NDArray[np.float64]

STEP = float(np.finfo(np.float64).eps) ** (1.0 / 3.0)
"""Relative step of a central difference at which rounding and truncation are of one size."""
SAME = 1e-6
"""Contributions recomputed from a table may differ by this share of the largest from those of the fit."""


def curve_jacobian(fit: CurveFit) -> FloatArray:
    """Return the derivative of a campaign's fitted response with respect to its free parameters, (n, p).

    Central differences with a step of 6e-6 of each parameter, which leaves an error of about 1e-10 of it.
    """
    curve, spend = fit.curve[0], fit.carried[:, 0]
    at = fit.draws[0, 0, : len(fit.curve[0].names)]
    free = [i for i, name in enumerate(curve.names) if name in fit.parameter_names]
    columns = [np.ones(len(spend))] if "baseline" in fit.parameter_names else []
    return np.column_stack([*columns, *_slopes(lambda p: shape_of.response(curve, spend, p), at, free)])


def mix_jacobian(fit: MixFit, table: SpendTable) -> FloatArray:
    """Return the derivative of a mix's fitted response with respect to its parameters, (n, p).

    Columns: the linear side without what is penalised (steps of a local level), the size of each channel with an
    effect, then their shapes and carryovers, by central differences, each per width of its typical range. Groups fitted
    separately have columns of their own.

    Parameters
    ----------
    fit
        From `fit_mix`.
    table
        The table that it was fitted to, which holds the spend.

    Raises
    ------
    InputError
        If the fit holds no state, or the table is not the one that was fitted.
    """
    return _stacked(fit, table, lambda f, t: np.column_stack(_columns(f, t)))


def mix_directions(fit: MixFit, table: SpendTable) -> FloatArray:
    """Return as many columns as the fit has effective parameters: what the data, and not the weak pulls, decided.

    A fit whose shapes are held towards their typical ranges follows the noise in fewer directions than it has
    parameters. All linear columns and sizes are kept, and of the shapes the directions that move the response most, up
    to n less the fit's degrees of freedom.

    Parameters
    ----------
    fit, table
        As for `mix_jacobian`.

    Raises
    ------
    InputError
        As `mix_jacobian`.
    """
    return _stacked(fit, table, _directions)


def _stacked(
    fit: MixFit, table: SpendTable, columns: Callable[[MixFit, SpendTable], FloatArray]
) -> FloatArray:
    """Return the columns of a fit; those of groups fitted separately one below and beside the other."""
    if fit.parts:
        from scipy.linalg import block_diag

        return np.asarray(
            block_diag(*(columns(p, t) for p, t in zip(fit.parts, group_tables(table), strict=True)))
        )
    return columns(fit, table)


def _directions(fit: MixFit, table: SpendTable) -> FloatArray:
    sure, shapes = _columns(fit, table)
    base = span_of(sure, len(sure))
    left = round(len(sure) - fit.degrees_of_freedom) - base.shape[1]
    if left <= 0 or not shapes.shape[1]:
        return base
    u, _, _ = np.linalg.svd(shapes - base @ (base.T @ shapes), full_matrices=False)
    return np.column_stack([base, u[:, :left]])


def _columns(fit: MixFit, table: SpendTable) -> tuple[FloatArray, FloatArray]:
    """Return the columns of the linear side and the sizes, and those of the shapes."""
    if fit.state is None:
        raise InputError("This fit holds no state to compute its Jacobian from. Fit it again with fit_mix.")
    state = fit.state
    _same_rows(fit, state, table)
    linear = design_columns(state.design, table.dates, table.controls, table.groups)
    each = [
        _channel(fit, state, table, c) for c in range(len(state.channels)) if state.parameters[0, c, 0] > 0
    ]
    sure = [linear.free[:, linear.penalty == 0], linear.signed[:, state.signed[0] > 0]]
    none = np.empty((table.n_rows, 0))
    return (
        np.column_stack([*sure, *(columns[:, :1] for columns in each)]),
        np.column_stack([none, *(columns[:, 1:] for columns in each)]),
    )


def _same_rows(fit: MixFit, state: MixState, table: SpendTable) -> None:
    names, total = fit.summed()
    same = table.channels == state.channels == names and len(table.dates) == len(fit.dates)
    if same:
        found = np.column_stack(
            [_contribution(fit, state, table, c)(_at(state, fit, c)) for c in range(len(names))]
        )
        same = bool(np.abs(found - total).max() <= SAME * max(float(np.abs(total).max()), 1e-300))
    if not same:
        raise InputError(
            "table must be the one that was fitted: its contributions are others. Give that table."
        )


def _at(state: MixState, fit: MixFit, channel: int) -> FloatArray:
    """Return the estimates of one channel: those of its curve, then those of its kernel."""
    curve, kernel = fit.curve[channel], carryovers[fit.kernels[channel]]
    return np.concatenate(
        [
            state.parameters[0, channel, : len(curve.names)],
            state.carryover[0, channel, : len(kernel.parameters)],
        ]
    )


def _contribution(
    fit: MixFit, state: MixState, table: SpendTable, channel: int
) -> Callable[[FloatArray], FloatArray]:
    """Return the function that gives a channel's contributions (n,) for parameters as in `_at`."""
    curve: Curve = fit.curve[channel]
    blocks, length = blocks_of(table), fit.carryover_length
    size = np.concatenate([np.full(b.stop - b.start, s) for b, s in zip(blocks, state.sizes, strict=True)])
    spend = [table.spend[b, channel] for b in blocks]
    before = [steady_spend(s, length) if fit.before == "steady" else 0.0 for s in spend]
    earlier = (
        np.concatenate([lagged(s, length, e) for s, e in zip(spend, before, strict=True)]) / size[:, None]
    )

    def contribution(at: FloatArray) -> FloatArray:
        top, *shape = at[: len(curve.names)]
        share = weights(fit.kernels[channel], at[len(curve.names) :].tolist(), length)
        with np.errstate(over="ignore", under="ignore"):
            if fit.order == ORDERS[0]:
                return np.asarray(size * top * curve.unit(earlier @ share, shape))
            return np.asarray(size * top * (curve.unit(earlier, shape) @ share))

    return contribution


def _channel(fit: MixFit, state: MixState, table: SpendTable, channel: int) -> FloatArray:
    """Return the columns of one channel (n × k): its size, then each free parameter per width of its typical range."""
    at, curve = _at(state, fit, channel), fit.curve[channel]
    parameters = [*curve.parameters, *carryovers[fit.kernels[channel]].parameters]
    free = [i for i, p in enumerate(parameters, start=1) if p.fixed is None]
    slopes = _slopes(_contribution(fit, state, table, channel), at, [0, *free])
    return np.column_stack(
        [slopes[0], *(s * _width(parameters[i - 1], at[i]) for i, s in zip(free, slopes[1:]))]
    )


def _width(parameter: Parameter, at: float) -> float:
    """Return how much a parameter changes over its typical range, at the pace that it has at its estimate."""
    low, high = (float(parameter.to_real(v)) for v in (parameter.typical.low, parameter.typical.high))
    return (high - low) * (at if parameter.scale == "log" else 1.0)


def _slopes(
    value: Callable[[FloatArray], FloatArray], at: FloatArray, free: Sequence[int]
) -> list[FloatArray]:
    """Return the central difference of a function in each free parameter."""
    out = []
    for i in free:
        step = STEP * (abs(at[i]) or 1.0) * (np.arange(len(at)) == i)
        out.append((value(at + step) - value(at - step)) / (2.0 * step[i]))
    return out
