"""Fits of several groups as one result: a channel in a group is a cell, ``"tv (north)"``, and a channel of the fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.response.evidence import ChannelEvidence
from mixcurve.response.fit.estimates import EstimateInterval
from mixcurve.response.fit.mix.options import present_plan
from mixcurve.response.fit.mix.problem import blocks_of
from mixcurve.response.fit.mix.result import MixFit

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["cell_name", "cell_plans", "group_tables", "in_cells", "joined"]

FloatArray = npt.NDArray[np.float64]
STATUS_ORDER = ("converged", "at bound", "no response", "not converged")
"""From the best to the worst: fits of several groups together have the worst."""


def cell_name(channel: str, group: str) -> str:
    """Return what a channel in a group is called."""
    return f"{channel} ({group})"


def group_tables(table: SpendTable) -> tuple[SpendTable, ...]:
    """Return the rows of each group as a table without groups."""
    return tuple(
        replace(
            table, dates=table.dates[b], spend=table.spend[b], response=table.response[b],
            controls=table.controls[b], groups=None, group_name=None,
        )
        for b in blocks_of(table)
    )  # fmt: skip


def cell_plans(table: SpendTable, current: int | Mapping[str, float] | None) -> tuple[FloatArray, ...]:
    """Return the present plan of each group (C,), from amounts by cell or channel, or from the last periods.

    An amount for a channel is split among its groups as its spend was.
    """
    groups, parts = table.group_names, group_tables(table)
    if not isinstance(current, Mapping):
        return tuple(present_plan(part, current) for part in parts)
    cells = [cell_name(c, g) for g in groups for c in table.channels]
    for name in current:
        known_name("channel", name, [*table.channels, *cells])
    share = np.stack([part.spend.sum(axis=0) for part in parts])
    share = share / np.maximum(share.sum(axis=0), 1e-300)
    plans = []
    for g, (group, part) in enumerate(zip(groups, parts, strict=True)):
        split = {c: current[c] * share[g, i] for i, c in enumerate(table.channels) if c in current}
        own = {c: current[cell_name(c, group)] for c in table.channels if cell_name(c, group) in current}
        plans.append(present_plan(part, split | own))
    return tuple(plans)


def joined(fits: Sequence[MixFit], table: SpendTable) -> MixFit:
    """Return one result of the fits of all groups, each made without the others."""
    groups = table.group_names
    pairs = list(zip(fits, groups, strict=True))
    worst = max(pairs, key=lambda pair: STATUS_ORDER.index(pair[0].status))
    residual = np.concatenate([f.residual for f in fits])
    return replace(
        fits[0],
        **_cells(table),
        **_stacked_rows(fits, table),
        **_quality(table, residual),
        curve=tuple(c for f in fits for c in f.curve),
        draws=_side_by_side(fits, "draws"),
        resamples=_side_by_side(fits, "resamples"),
        spend_range=np.concatenate([f.spend_range for f in fits]),
        current=np.concatenate([f.current for f in fits]),
        evidence=tuple(_renamed(e, g) for f, g in pairs for e in f.evidence),
        carryover_parameters=np.concatenate([f.carryover_parameters for f in fits]),
        kernels=tuple(k for f in fits for k in f.kernels),
        contribution_draws=np.concatenate([f.contribution_draws for f in fits], axis=1),
        total_spend=np.concatenate([f.total_spend for f in fits]),
        baseline=np.concatenate([f.baseline for f in fits]),
        residual=residual,
        parameter_names=tuple(_of_cell(n, g) for f, g in pairs for n in f.parameter_names),
        covariance=_block_diagonal([f.covariance for f in fits]),
        intervals=tuple(_renamed(i, g) for f, g in pairs for i in f.intervals),
        degrees_of_freedom=sum(f.degrees_of_freedom for f in fits),
        status=worst[0].status,
        message=worst[0].message if worst[0].status == "converged" else f"{worst[1]}: {worst[0].message}",
        agreeing_starts=min(f.agreeing_starts for f in fits),
        dispersion=float(np.mean([f.dispersion for f in fits])),
        autocorrelation=None,
        disagreement=max(f.disagreement for f in fits),
        notes=tuple(f"{g}: {note}" for f, g in pairs for note in f.notes),
        state=None,
        parts=tuple(fits),
    )


def _stacked_rows(fits: Sequence[MixFit], table: SpendTable) -> dict[str, Any]:
    """Return contributions and carried spend by row and cell, and the parts of the baseline by row."""
    names = tuple(dict.fromkeys(n for f in fits for n in f.baseline_names))
    count = len(table.channels)
    contributions, carried = np.zeros((2, table.n_rows, count * len(fits)))
    parts = np.zeros((table.n_rows, len(names)))
    for g, (fit, b) in enumerate(zip(fits, blocks_of(table), strict=True)):
        contributions[b, g * count : (g + 1) * count] = fit.contributions
        carried[b, g * count : (g + 1) * count] = fit.carried
        parts[b, [names.index(n) for n in fit.baseline_names]] = fit.baseline_parts
    return {
        "contributions": contributions,
        "carried": carried,
        "baseline_names": names,
        "baseline_parts": parts,
    }


def in_cells(
    fit: MixFit, table: SpendTable, sizes: FloatArray, totals: FloatArray, plans: Sequence[FloatArray],
    intervals: Sequence[tuple[EstimateInterval, ...]],
) -> MixFit:  # fmt: skip
    """Return the fit of the mean group as that of every group: ``size × f(spend / size)``.

    Parameters
    ----------
    fit
        Of all groups together, in the units of the mean one.
    sizes
        Of each group relative to the mean (G,).
    totals
        Total contribution by draw, group and channel (R × G × C).
    plans, intervals
        The present plan (C,) and the intervals of each group.
    """
    groups, blocks, count = table.group_names, blocks_of(table), len(table.channels)
    cells = len(groups) * count
    contributions, carried = np.zeros((2, table.n_rows, cells))
    for g, b in enumerate(blocks):
        mine = slice(g * count, (g + 1) * count)
        contributions[b, mine], carried[b, mine] = fit.contributions[b], fit.carried[b]
    spend = [table.spend[b] for b in blocks]
    return replace(
        fit,
        **_cells(table),
        curve=fit.curve * len(groups),
        draws=_resized(fit, fit.draws, sizes),
        resamples=_resized(fit, fit.resamples, sizes),
        spend_range=np.concatenate([np.column_stack([s.min(axis=0), s.max(axis=0)]) for s in spend]),
        current=np.concatenate(plans),
        evidence=tuple(_renamed(e, g) for g in groups for e in fit.evidence),
        carryover_parameters=np.tile(fit.carryover_parameters, (len(groups), 1)),
        kernels=fit.kernels * len(groups),
        contributions=contributions,
        carried=carried,
        contribution_draws=totals.reshape(len(totals), cells),
        total_spend=np.concatenate([s.sum(axis=0) for s in spend]),
        intervals=tuple(_renamed(i, g) for own, g in zip(intervals, groups, strict=True) for i in own),
        **_quality(table, fit.residual),
    )


def _cells(table: SpendTable) -> dict[str, Any]:
    pairs = tuple((c, g) for g in table.group_names for c in table.channels)
    return {
        "channels": tuple(cell_name(*pair) for pair in pairs),
        "cells": pairs,
        "row_groups": tuple(table.groups or ()),
        "dates": table.dates,
    }


def _quality(table: SpendTable, residual: FloatArray) -> dict[str, Any]:
    around = np.concatenate([table.response[b] - table.response[b].mean() for b in blocks_of(table)])
    rss = float(residual @ residual)
    return {"rss": rss, "r_squared": 1.0 - rss / max(float(around @ around), 1e-300)}


def _resized(fit: MixFit, draws: FloatArray, sizes: FloatArray) -> FloatArray:
    """Return parameters (B × C × p) for every group (B × GC × p): each times its size to the power of its unit."""
    powers = np.zeros(draws.shape[1:])
    for i, curve in enumerate(fit.curve):
        powers[i, : len(curve.names)] = [1.0, *(p.spend_power for p in curve.parameters)]
    return np.concatenate([draws * size**powers for size in sizes], axis=1)


def _side_by_side(fits: Sequence[MixFit], field: str) -> FloatArray:
    """Return the draws of all fits, one after the other along the channels; the same number of draws of each."""
    arrays = [getattr(f, field) for f in fits]
    longest = max(a.shape[2] for a in arrays)
    wide = [np.pad(a, ((0, 0), (0, 0), (0, longest - a.shape[2])), constant_values=np.nan) for a in arrays]
    return np.concatenate(wide, axis=1)


def _block_diagonal(blocks: Sequence[FloatArray]) -> FloatArray:
    size = sum(len(b) for b in blocks)
    out, first = np.zeros((size, size)), 0
    for b in blocks:
        out[first : first + len(b), first : first + len(b)] = b
        first += len(b)
    return out


def _renamed[Named: (ChannelEvidence, EstimateInterval)](one: Named, group: str) -> Named:
    return replace(one, channel=cell_name(one.channel, group))


def _of_cell(name: str, group: str) -> str:
    channel, _, parameter = name.rpartition(".")
    return f"{cell_name(channel, group)}.{parameter}"
