"""The check of a plain `Certificate`: one draw, one total budget, bounds; it shares no code with the solver.

The check needs three things only: boxes that cover every plan, weak duality on each box, and for each channel a proven
maximum of ``f(x) - λ x`` over an interval (see `maxima`). It evaluates the curves' formulas and nothing else of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import fsum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.budget.cells_check import bound_by_cells
from mixcurve.budget.maxima import Responses, form_problems
from mixcurve.budget.proof.fields import field_problems
from mixcurve.budget.proof.verification import LOOSE, Verification, differs, refused, relative_gap
from mixcurve.response.curves import Curve

if TYPE_CHECKING:
    from mixcurve.budget.certificate import Certificate

__all__ = ["SPENT", "verify_plain"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoxOfLeaf = tuple[int, FloatArray, FloatArray]

TINY = float(np.finfo(np.float64).tiny)
EPS = float(np.finfo(np.float64).eps)
SPENT = 1e-12
"""Share of the total by which a plan's spend may miss a bound: the rounding of a sum."""
MOST_REASONS = 10
CELLS = 400_000
"""Intervals per pass, which holds memory down."""


def verify_plain(proof: Certificate, curve: tuple[Curve, ...], parameters: FloatArray) -> Verification:
    """Check that a plan keeps its bounds, is worth what it claims, and that its upper bound is proven.

    Parameters
    ----------
    proof
        The plan and its proof, with anything in it.
    curve, parameters
        The curves of its channels (C) and their parameters (C × parameters), ``top`` first.
    """
    wrong = list(field_problems(proof, "certificate")) or list(_size_problems(proof, curve, parameters))
    if wrong:
        return refused(wrong[:MOST_REASONS])
    responses = Responses(curve, parameters)
    with np.errstate(invalid="ignore"):
        value = fsum(responses.at(np.arange(len(proof.channels)), proof.spend))
    reasons = list(_plan_problems(proof, value))
    unproven = [
        *_cover_problems(proof, curve, parameters),
        *form_problems(responses, proof.channels, proof.upper),
    ]
    leaves: list[BoxOfLeaf] = []
    if not unproven:
        unproven += _leaves(proof, leaves)
    bound = float("inf")
    if not unproven:
        bound, found = _proven(proof, value, responses, leaves)
        reasons += found
    reasons += unproven
    return Verification(not reasons, value, bound, relative_gap(value, bound), tuple(reasons))


def _size_problems(proof: Certificate, curve: tuple[Curve, ...], parameters: FloatArray) -> Iterator[str]:
    channels, boxes = len(proof.channels), proof.bound.size
    used = max((len(c.names) for c in curve), default=0)
    if len(curve) != channels or parameters.ndim != 2 or parameters.shape[0] != channels:
        yield "the certificate does not have one curve with its parameters per channel"
    elif parameters.shape[1] < used:
        yield f"the curves have {used} parameters, the certificate holds {parameters.shape[1]}"
    elif any(not np.all(np.isfinite(parameters[i, : len(c.names)])) for i, c in enumerate(curve)):
        yield "a curve of the certificate has a parameter that is not finite"
    for name in ("lower", "upper", "spend"):
        if getattr(proof, name).shape != (channels,):
            yield f"certificate.{name} does not hold one amount per channel"
    if not (np.isfinite(proof.total) and np.all(np.isfinite([proof.lower, proof.upper]).all())):
        yield "the budget and the bounds of the certificate must be finite"
    for name in ("split", "cut", "low", "high", "price", "bound", "steps"):
        if getattr(proof, name).shape != (boxes,):
            yield f"certificate.{name} does not hold one value per box: the boxes do not cover every plan"


def _plan_problems(proof: Certificate, value: float) -> Iterator[str]:
    slack = SPENT * proof.total
    spent = fsum(proof.spend)
    if not spent <= proof.total + slack:
        yield f"the plan spends {spent:,.9g}, more than the budget of {proof.total:,.9g}"
    for i, name in enumerate(proof.channels):
        if not proof.lower[i] - slack <= proof.spend[i] <= proof.upper[i] + slack:
            held = f"[{proof.lower[i]:,.9g}, {proof.upper[i]:,.9g}]"
            yield f"the plan spends {proof.spend[i]:,.9g} on '{name}', outside {held}"
    if differs(value, proof.value):
        yield f"the plan's value is {value:.12g}, the certificate claims {proof.value:.12g}"


def _cover_problems(proof: Certificate, curve: tuple[Curve, ...], parameters: FloatArray) -> Iterator[str]:
    """Check the chains: each channel dominates the next of its chain, so that ordering them loses nothing."""
    seen: set[int] = set()
    for chain in proof.chains:
        if seen.intersection(chain) or not all(0 <= i < len(proof.channels) for i in chain):
            yield f"chain {chain} repeats a channel or names none"
            return
        seen.update(chain)
        for a, b in pairwise(chain):
            used = len(curve[a].names)
            alike = curve[a] is curve[b] and np.array_equal(parameters[a, 1:used], parameters[b, 1:used])
            above = (
                parameters[a, 0] >= parameters[b, 0]
                and proof.lower[a] >= proof.lower[b]
                and proof.upper[a] >= proof.upper[b]
            )
            if not (alike and above):
                yield f"'{proof.channels[a]}' does not dominate '{proof.channels[b]}', which its chain claims"


def _leaves(proof: Certificate, out: list[BoxOfLeaf]) -> list[str]:
    """Walk the tree from box 0, deriving each box from the cuts alone, and collect its leaves."""
    links = {
        i: (np.array(chain[: k + 1]), np.array(chain[k:]))
        for chain in proof.chains
        for k, i in enumerate(chain)
    }
    seen: set[int] = set()
    pending: list[BoxOfLeaf] = [(0, proof.lower, proof.upper)]
    while pending:
        k, lower, upper = pending.pop()
        if not 0 <= k < len(proof.bound) or k in seen:
            return [f"box {k} of the certificate is missing or used twice: the boxes do not cover every plan"]
        seen.add(k)
        if proof.low[k] < 0 and proof.high[k] < 0:
            out.append((k, lower, upper))
            continue
        i, cut = int(proof.split[k]), float(proof.cut[k])
        if not (0 <= i < len(proof.channels) and np.isfinite(cut)):
            return [f"box {k} of the certificate is cut at no channel or no amount"]
        before, after = links.get(i, (np.array([i]), np.array([i])))
        below, above = upper.copy(), lower.copy()
        below[after] = np.minimum(below[after], cut)
        above[before] = np.maximum(above[before], cut)
        pending += [(int(proof.high[k]), above, upper), (int(proof.low[k]), lower, below)]
    return []


def _proven(
    proof: Certificate, value: float, responses: Responses, leaves: list[BoxOfLeaf]
) -> tuple[float, list[str]]:
    """Return the largest bound over the leaves, recomputed, and what contradicts the claims."""
    held = [leaf for leaf in leaves if np.all(leaf[1] <= leaf[2]) and fsum(leaf[1]) <= proof.total]
    bad = [k for k, _, _ in held if not (np.isfinite(proof.price[k]) and proof.price[k] >= 0)]
    if bad:
        return float("inf"), [f"box {bad[0]} has no price of at least 0"]
    slack = LOOSE * (abs(value) if np.isfinite(value) else 0.0) + TINY
    precision = slack / (8.0 * len(proof.channels))
    bounds = _by_duality(proof, responses, [leaf for leaf in held if not proof.steps[leaf[0]]], precision)
    for k, lower, upper in held:
        if steps := int(proof.steps[k]):
            price, claim = float(proof.price[k]), float(proof.bound[k])
            bounds[k] = bound_by_cells(responses, lower, upper, proof.total, price, steps, claim, precision)
    reasons = [
        f"box {k} claims the bound {proof.bound[k]:.12g}, but {bound:.12g} is all that its price proves"
        for k, bound in bounds.items()
        if not (bound < np.inf and bound <= proof.bound[k] + slack)
    ]
    worst = max(bounds.values(), default=-np.inf)
    if not (worst < np.inf and worst <= proof.upper_bound + slack):
        reasons.append(f"the upper bound is {worst:.12g}, the certificate claims {proof.upper_bound:.12g}")
    return worst, reasons[:MOST_REASONS]


def _by_duality(
    proof: Certificate, responses: Responses, leaves: list[BoxOfLeaf], precision: float
) -> dict[int, float]:
    """Return the Lagrangian bound of each leaf at its price, rounded up."""
    n = len(proof.channels)
    bounds: dict[int, float] = {}
    step = max(1, CELLS // n)
    for start in range(0, len(leaves), step):
        part = leaves[start : start + step]
        price = np.array([proof.price[k] for k, _, _ in part])
        low, high = np.concatenate([p[1] for p in part]), np.concatenate([p[2] for p in part])
        best = responses.maxima(np.tile(np.arange(n), len(part)), low, high, np.repeat(price, n), precision)
        sums, sizes = best.reshape(-1, n).sum(axis=1), np.abs(best).reshape(-1, n).sum(axis=1)
        priced = price * proof.total
        proven = sums + priced + (64 + n) * EPS * (sizes + priced)
        bounds |= {k: float(bound) for (k, _, _), bound in zip(part, proven, strict=True)}
    return bounds
