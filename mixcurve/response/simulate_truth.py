"""From curves, spend and demand to a simulated market: responses with noise, the table, and the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fitted import KnownCurves
from mixcurve.response.grid_plan import GRID_STEPS, grid_plan
from mixcurve.response.market import Market, MarketTruth
from mixcurve.response.simulate_channels import SettledChannel
from mixcurve.response.simulate_demand import Demand
from mixcurve.tables.table import SpendTable

__all__ = ["assembled_market"]

FloatArray = npt.NDArray[np.float64]


def assembled_market(
    settled: Sequence[SettledChannel],
    curves: KnownCurves,
    dates: npt.NDArray[np.datetime64],
    demand: Demand,
    shares: dict[str, float],
    spend: FloatArray,
    contributions: FloatArray,
    noise_share: float,
    random: np.random.Generator,
) -> Market:
    """Return the market: groups one below the other, noise added, and the figures of the truth."""
    sizes = np.array(list(shares.values()) or [1.0])
    parts = {name: np.outer(sizes, part).ravel() for name, part in demand.parts.items()}
    baseline = np.sum(list(parts.values()), axis=0)
    expected = (baseline + contributions.sum(axis=-1).ravel()).reshape(len(sizes), -1)
    spread = noise_share * expected.mean(axis=1, keepdims=True)
    response = np.maximum(expected + spread * random.standard_normal(expected.shape), 0.0).ravel()
    flat_spend, flat = (a.reshape(-1, len(settled)) for a in (spend, contributions))
    table = _table(curves, np.tile(dates, len(sizes)), flat_spend, response, demand.controls, shares)
    truth = _truth(settled, curves, flat_spend, flat, baseline, parts, demand.effects, response, shares)
    return Market(table, truth)


def _table(
    curves: KnownCurves,
    dates: npt.NDArray[np.datetime64],
    spend: FloatArray,
    response: FloatArray,
    controls: Mapping[str, FloatArray],
    shares: Mapping[str, float],
) -> SpendTable:
    rounds = max(len(shares), 1)
    columns = [np.tile(c, rounds) for c in controls.values()]
    values = np.stack(columns, axis=1) if columns else np.empty((len(dates), 0))
    digest = sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in (dates, spend, response, values)))
    groups = tuple(np.repeat(list(shares), len(dates) // rounds).tolist()) if shares else None
    return SpendTable(
        dates, spend, response, values, curves.channels, tuple(controls), curves.response_name, every=curves.every,
        group_name="group" if shares else None, groups=groups, currency=curves.currency, source="simulated market",
        sha256=digest.hexdigest(),
    )  # fmt: skip


def _truth(
    settled: Sequence[SettledChannel],
    curves: KnownCurves,
    spend: FloatArray,
    contributions: FloatArray,
    baseline: FloatArray,
    parts: dict[str, FloatArray],
    effects: dict[str, float],
    response: FloatArray,
    shares: dict[str, float],
) -> MarketTruth:
    each = [(c, curves.draws[0, i, : len(c.names)]) for i, c in enumerate(curves.curve)]
    budget = float(curves.current.sum())
    plan, value = grid_plan(curves, budget)
    spent = spend.sum(axis=0)
    return MarketTruth(
        channels=curves.channels,
        curves=curves,
        carryover=tuple(c.carryover.name for c in settled),
        carryover_parameters=tuple(c.lags for c in settled),
        contributions=contributions,
        baseline=baseline,
        baseline_parts=parts,
        control_effects=effects,
        noise=response - baseline - contributions.sum(axis=1),
        inflection=np.array([shape_of.inflection(c, p) for c, p in each]),
        half_saturation=np.array([shape_of.half_saturation(c, p) for c, p in each]),
        roi=contributions.sum(axis=0) / np.where(spent > 0, spent, 1.0),
        marginal=np.array(
            [shape_of.marginal(c, x, p) for (c, p), x in zip(each, curves.current, strict=True)]
        ),
        optimal_plan=dict(zip(curves.channels, plan.tolist(), strict=True)),
        optimal_value=value,
        current_value=float(
            sum(shape_of.response(c, x, p) for (c, p), x in zip(each, curves.current, strict=True))
        ),
        plan_step=budget / GRID_STEPS,
        group_shares=shares,
    )
