"""From what is asked to limits in words: every constraint that no plan may break, as `limits` can check it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.budget.constraints.asked import Asked
from mixcurve.budget.constraints.domains import MeanCurve, marginal_range, mean_range
from mixcurve.budget.constraints.floors import Floor
from mixcurve.budget.constraints.limits import Hull, Limit, Part, System
from mixcurve.budget.constraints.words import counted
from mixcurve.response.fitted import Fitted

__all__ = ["Ranges", "floor_ranges", "largest_spend", "mean_curves", "response_hulls", "stated_system"]

FloatArray = npt.NDArray[np.float64]

TINY = float(np.finfo(np.float64).tiny)
Ranges = dict[int, list[tuple[str, tuple[float, float] | None]]]
"""By channel the words of each of its own floors, and the interval of spend that keeps it (None: only 0 does)."""
NODES = 160
"""Amounts between which a concave hull is built for the check of floors: neighbours are then some 6% apart, and the
hull a few thousandths above the curve's own."""
DECADES = 4.0
"""How far below the largest amount they begin, in powers of ten."""
STEEPEST = 1e6
"""Slope of a hull's line, relative to its mean slope, beyond which the solver would lose its digits."""
OUTWARDS = 1e-9
"""Relative widening of a hull, which covers its rounding."""


def largest_spend(asked: Asked) -> FloatArray:
    """Return a spend (C) that no plan needs to exceed to keep any set of the constraints."""
    sums = [asked.total, asked.lower.sum(), asked.least_on.sum(), asked.setup.sum(), asked.current.sum()]
    sums += [g.least for g in asked.groups]
    share = min((float(part.min()) for _, part in asked.ties), default=1.0)
    # Where nothing is to be spent any amount will do.
    return np.full(len(asked.channels), (float(sum(sums)) or 1.0) / share)


def mean_curves(fitted: Fitted, asked: Asked, weight: FloatArray) -> list[MeanCurve]:
    """Return the mean curve of each channel."""
    draws = np.asarray(fitted.draws, dtype=np.float64)
    return [
        MeanCurve(curve, draws[:, i, : len(curve.names)], weight, asked.prices.get(asked.channels[i]))
        for i, curve in enumerate(fitted.curve)
    ]


def floor_ranges(asked: Asked, curves: list[MeanCurve]) -> Ranges:
    """Return for every floor on one channel the amounts that keep it."""
    most = largest_spend(asked)
    out: Ranges = {}
    for floor in asked.floors:
        if len(floor.channels) == 1:
            i, rate = int(floor.channels[0]), float(floor.rate[0])
            cost = floor.cost / rate if rate > 0 else np.inf
            found = mean_range(curves[i], cost, float(asked.setup[i]), float(most[i])) if rate > 0 else None
            out.setdefault(i, []).append((floor.words, found))
    for i in np.flatnonzero(asked.least_marginal).tolist():
        least = float(asked.least_marginal[i])
        found = marginal_range(curves[i], least, float(most[i])) if np.isfinite(least) else None
        out.setdefault(i, []).append((f"marginal ROI floor of {asked.channels[i]}", found))
    return out


def stated_system(asked: Asked, ranges: Ranges, curves: list[MeanCurve]) -> System:
    """Return all constraints that the user stated, as a system of limits."""
    largest = largest_spend(asked)
    limits = (
        *_budget(asked),
        *_bounds(asked),
        *_ties(asked),
        *_groups(asked),
        *_on(asked, ranges),
        *(_floor(asked, f) for f in asked.floors if len(f.channels) > 1),
    )
    joint = sorted({int(c) for f in asked.floors if len(f.channels) > 1 for c in f.channels})
    hulls = response_hulls(curves, largest, joint)
    return System(len(asked.channels), largest, max(float(largest.max()), TINY), limits, hulls)


def response_hulls(
    curves: Sequence[MeanCurve], largest: FloatArray, channels: Sequence[int] | None = None
) -> tuple[Hull, ...]:
    """Return a concave function above each channel's curve, of all channels if None."""
    chosen = range(len(curves)) if channels is None else channels
    return tuple(_hull(i, curves[i], float(largest[i])) for i in chosen if largest[i] > 0)


def _one(channel: int, coefficient: float = 1.0) -> Part:
    return np.array([channel]), np.array([coefficient])


def _money(asked: Asked, places: npt.NDArray[np.intp]) -> tuple[Part, Part]:
    paid = places[asked.setup[places] > 0]
    return (places, np.ones(len(places))), (paid, asked.setup[paid])


def _budget(asked: Asked) -> Iterator[Limit]:
    spend, on = _money(asked, np.arange(len(asked.channels)))
    yield Limit(f"budget of {asked.total:,.6g}", spend, on, most=asked.total)


def _bounds(asked: Asked) -> Iterator[Limit]:
    for i, (name, source) in enumerate(zip(asked.channels, asked.source, strict=True)):
        low, high = float(asked.lower[i]), float(asked.upper[i])
        if source == "locked":
            yield Limit(f"{name} locked at {low:,.6g}", _one(i), least=low, most=high)
            continue
        note = " (within)" if source == "within" else ""
        if low > 0:
            yield Limit(f"{name} at least {low:,.6g}{note}", _one(i), least=low)
        if source:
            yield Limit(f"{name} at most {high:,.6g}{note}", _one(i), most=high)


def _ties(asked: Asked) -> Iterator[Limit]:
    for places, share in asked.ties:
        words = f"{' and '.join(asked.channels[i] for i in places)} tied"
        for k in range(1, len(places)):
            pair = np.array([places[0], places[k]]), np.array([share[k], -share[0]])
            yield Limit(words, pair, least=0.0, most=0.0)


def _groups(asked: Asked) -> Iterator[Limit]:
    for group in asked.groups:
        spend, on = _money(asked, group.channels)
        if group.least > 0:
            yield Limit(f"{group.name} at least {group.least:,.6g}", spend, on, least=group.least)
        if np.isfinite(group.most):
            yield Limit(f"{group.name} at most {group.most:,.6g}", spend, on, most=group.most)
        if group.most_on is not None:
            members = group.channels, np.ones(len(group.channels))
            yield Limit(
                f"at most {counted(group.most_on)} of {group.name} on", on=members, most=group.most_on
            )
    if asked.most_on is not None:
        everyone = np.arange(len(asked.channels)), np.ones(len(asked.channels))
        yield Limit(f"at most {counted(asked.most_on)} on", on=everyone, most=asked.most_on)


def _on(asked: Asked, ranges: Ranges) -> Iterator[Limit]:
    for i in np.flatnonzero(asked.least_on).tolist():
        least = float(asked.least_on[i])
        yield Limit(f"{asked.channels[i]} at least {least:,.6g} if on", _one(i), _one(i, -least), least=0.0)
    for i, found in ranges.items():
        for words, between in found:
            low, high = between or (0.0, 0.0)
            yield Limit(words, _one(i), _one(i, -low), least=0.0)
            yield Limit(words, _one(i), _one(i, -high), most=0.0)


def _floor(asked: Asked, floor: Floor) -> Limit:
    (places, ones), (paid, setup) = _money(asked, floor.channels)
    response = floor.channels, -floor.rate
    return Limit(floor.words, (places, floor.cost * ones), (paid, floor.cost * setup), response, most=0.0)


def _hull(channel: int, curve: MeanCurve, most: float) -> Hull:
    """Return a concave function above the curve: the hull of its values and of the corners of its majorants."""
    x = np.concatenate([[0.0], np.geomspace(most * 10.0**-DECADES, most, NODES)])
    found = curve.functions().tabulated(np.array([0]), x[None, :])
    value, left, right = found.value[0], found.from_left[0], found.from_right[0]
    width, rise = np.diff(x), np.diff(value)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.clip((rise - right * width) / (left - right), 0.0, width)
    part = np.where(left > right, part, 0.0)
    corner, height = np.empty(2 * len(x) - 1), np.empty(2 * len(x) - 1)
    corner[::2], height[::2] = x, value
    corner[1::2], height[1::2] = x[:-1] + part, value[:-1] + left * part
    kept: list[int] = []
    for k in range(len(corner)):
        while len(kept) > 1 and _under(corner, height, kept[-2], kept[-1], k):
            kept.pop()
        kept.append(k)
    cx, cy = corner[kept], height[kept]
    apart = np.diff(cx) > 0
    slope = np.diff(cy)[apart] / np.diff(cx)[apart]
    base = cy[:-1][apart] - slope * cx[:-1][apart]
    # Leaving out the steepest lines, of curves whose slope at 0 is infinite, only admits more.
    fit = slope <= STEEPEST * cy.max() / most
    return Hull(channel, base[fit] + OUTWARDS * cy.max(), slope[fit])


def _under(x: FloatArray, y: FloatArray, a: int, b: int, c: int) -> bool:
    """Return whether the middle one of three points lies on or below the line through the others."""
    return bool((y[b] - y[a]) * (x[c] - x[a]) <= (y[c] - y[a]) * (x[b] - x[a]))
