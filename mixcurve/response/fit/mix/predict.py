"""Forecasts of a fitted mix: the expected response of later rows with their spend, and draws around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator
from mixcurve.foundations.errors import InputError
from mixcurve.response.carryover import carryovers, lagged, weights
from mixcurve.response.design.columns import DesignColumns, design_columns
from mixcurve.response.design.periods import period_index
from mixcurve.response.fit.mix.basis import ORDERS
from mixcurve.response.fit.mix.cells import group_tables
from mixcurve.response.fit.mix.problem import blocks_of
from mixcurve.response.fit.mix.result import MixFit
from mixcurve.response.fit.mix.state import MixState

if TYPE_CHECKING:
    from mixcurve.response.curves import Curve
    from mixcurve.tables.table import SpendTable

__all__ = ["predict_mix"]

FloatArray = npt.NDArray[np.float64]

LEAST_EXPECTED = 1e-12
"""Expected response, in units of the last one fitted, below which the variance of a count no longer falls."""


def predict_mix(
    fit: MixFit, table: SpendTable, *, seed: int | np.random.Generator | None = 0
) -> tuple[FloatArray, FloatArray]:
    """Return the expected response of rows after those of the fit, and draws of what may come.

    response = Σ_c contributions + baseline + noise, with the spend of the last fitted rows carried over and, where the
    noise is autocorrelated, its last value too. Each draw takes one plausible fit, the coefficients of the baseline and
    the noise from their distributions.

    Parameters
    ----------
    fit
        From `fit_mix`.
    table
        The n rows to forecast: dates that go on where the fit ended, spend of the same channels, the same controls and
        groups. Its response is not looked at.
    seed
        Of the noise.

    Returns
    -------
    tuple
        The mean (n,), of the estimate, and the draws (resamples × n), both in the unit of the response.

    Raises
    ------
    InputError
        If channels, controls or groups differ from those of the fit, or the dates do not go on where it ended.

    Examples
    --------
    >>> import mixcurve as mc
    >>> from dataclasses import replace
    >>> table = mc.simulate_market(["tv"], periods=110, noise=0.02, seed=3).table
    >>> def rows(a, b):
    ...     return replace(
    ...         table,
    ...         dates=table.dates[a:b],
    ...         spend=table.spend[a:b],
    ...         response=table.response[a:b],
    ...         controls=table.controls[a:b],
    ...     )
    >>> fit = mc.fit_mix(rows(0, 104), season=1, starts=16, resamples=50)
    >>> mean, draws = predict_mix(fit, rows(104, 110))
    >>> mean.shape, draws.shape, bool(abs(mean / table.response[104:] - 1).max() < 0.1)
    ((6,), (50, 6), True)
    """
    rng = generator(seed)
    if fit.parts:
        _same_groups(tuple(dict.fromkeys(fit.row_groups)), table)
        each = [predict_mix(p, t, seed=rng) for p, t in zip(fit.parts, group_tables(table), strict=True)]
        return np.concatenate([m for m, _ in each]), np.concatenate([d for _, d in each], axis=1)
    state = fit.state
    if state is None:
        raise InputError(
            "This result holds no state to forecast from. A posterior has one with independent normal noise only, and "
            "without organic channels, treatments, channels by reach and frequency, or effects that vary: sample such "
            "a mix, or fit it with fit_mix."
        )
    _same_columns(fit, state, table)
    columns = design_columns(state.design, table.dates, table.controls, table.groups)
    mean = _expected(fit, state, table, columns, slice(0, 1))
    mean = mean + _known_noise(state, table)
    drawn = _expected(fit, state, table, columns, slice(1, None))
    return mean[0], drawn + _noise(state, table, drawn, rng)


def _same_groups(groups: tuple[str, ...], table: SpendTable) -> None:
    if groups != table.group_names:
        raise InputError(
            f"The rows to forecast must have the groups of the fit, {', '.join(groups) or 'none'}; "
            f"got {', '.join(table.group_names) or 'none'}."
        )


def _same_columns(fit: MixFit, state: MixState, table: SpendTable) -> None:
    """Refuse a table whose channels, controls, groups or first dates are not those that follow the fit."""
    design = state.design
    for what, wanted, got in (
        ("channels", state.channels, table.channels),
        ("controls", design.control_names, table.control_names),
    ):
        if tuple(wanted) != tuple(got):
            raise InputError(
                f"The rows to forecast must have the {what} of the fit, {', '.join(wanted) or 'none'}, in this "
                f"order; got {', '.join(got) or 'none'}."
            )
    _same_groups(design.groups, table)
    for b in blocks_of(table):
        ahead = period_index(table.dates[b], fit.dates.max(), design.every)
        if not np.allclose(ahead, np.arange(1, len(ahead) + 1)):
            raise InputError(
                f"The dates to forecast must go on where the fit ended, on {fit.dates.max()}, one {design.every} "
                f"after the other; got {table.dates[b][0]} to {table.dates[b][-1]}."
            )


def _row_sizes(state: MixState, table: SpendTable) -> FloatArray:
    blocks = blocks_of(table)
    return np.concatenate([np.full(b.stop - b.start, s) for b, s in zip(blocks, state.sizes, strict=True)])


def _expected(
    fit: MixFit, state: MixState, table: SpendTable, columns: DesignColumns, which: slice
) -> FloatArray:
    """Return the expected response by draw and row (R × n), noise aside."""
    out = state.coefficients[which] @ columns.free.T + state.signed[which] @ columns.signed.T
    count = len(state.channels)
    apart = state.parameters.shape[1] > count
    for c, curve in enumerate(fit.curve[:count]):
        name = fit.kernels[c]
        kernel = carryovers[name]
        lags = state.carryover[which, c, : len(kernel.parameters)]
        share = np.broadcast_to(
            weights(kernel, list(lags.T), fit.carryover_length), (len(out), fit.carryover_length)
        )
        for g, (b, earlier) in enumerate(zip(blocks_of(table), _lags(state, table, c), strict=True)):
            size, cell = (1.0, g * count + c) if apart else (state.sizes[g], c)
            out[:, b] += size * _unit(curve, fit.order, earlier / size, share, state.parameters[which, cell])
    return out


def _lags(state: MixState, table: SpendTable, channel: int) -> list[FloatArray]:
    """Return a channel's spend at lags 0 … L - 1 in each group (rows × L), the last fitted rows included."""
    length = state.recent.shape[1] + 1
    return [
        lagged(np.concatenate([state.recent[g, :, channel], table.spend[b, channel]]), length)[length - 1 :]
        for g, b in enumerate(blocks_of(table))
    ]


def _unit(
    curve: Curve, order: str, earlier: FloatArray, share: FloatArray, parameters: FloatArray
) -> FloatArray:
    """Return the contributions (R × n) for spend at lags (n × L), weights (R × L) and parameters of one curve."""
    top, *shape = (parameters[:, i, None] for i in range(len(curve.names)))
    with np.errstate(over="ignore", under="ignore"):
        if order == ORDERS[0]:
            return top * curve.unit(share @ earlier.T, shape)
        each = curve.unit(earlier[None], [s[..., None] for s in shape])
    return top * np.einsum("rnl,rl->rn", each, share)


def _known_noise(state: MixState, table: SpendTable) -> FloatArray:
    """Return what is known of the noise ahead: what is left of the last residual (n,)."""
    parts = [
        state.last_residual[g] * state.rho ** np.arange(1, b.stop - b.start + 1)
        for g, b in enumerate(blocks_of(table))
    ]
    return np.concatenate(parts)


def _noise(state: MixState, table: SpendTable, expected: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return noise by draw and row (R × n), going on from the last residual of each group."""
    deviation = state.deviation[1:, None]
    if state.poisson:
        least = LEAST_EXPECTED * max(float(np.abs(state.last_expected).max()), 1e-300)
        scale = deviation * np.sqrt(np.maximum(expected, least))
        before = np.sqrt(np.maximum(state.last_expected, least))
    else:
        scale = deviation * _row_sizes(state, table)
        before = state.sizes
    out = np.empty_like(expected)
    for g, b in enumerate(blocks_of(table)):
        # The autocorrelation is that of the noise over its own scale, which the last residual is brought to first.
        last = state.last_residual[g] / before[g] / state.deviation[1:]
        for t in range(b.start, b.stop):
            last = state.rho * last + rng.standard_normal(len(expected))
            out[:, t] = last * scale[:, t]
    return out
