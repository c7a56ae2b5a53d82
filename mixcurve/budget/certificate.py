"""`Certificate`, the proof of a plan, and `verify`, which checks it and shares no code with the solver.

The check needs three things only: boxes that cover every plan, weak duality on each box, and for each channel a proven
maximum of ``f(x) - λ x`` over an interval (see `maxima`). It evaluates the curves' formulas and nothing else of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

import numpy as np
import numpy.typing as npt

from mixcurve.budget.cells_check import bound_by_cells
from mixcurve.budget.maxima import Responses, form_problems
from mixcurve.budget.problem import Allocation, Budget
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.fitted import Fitted

__all__ = ["Certificate", "Verification", "verify"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
BoxOfLeaf = tuple[int, FloatArray, FloatArray]

TINY = float(np.finfo(np.float64).tiny)
EPS = float(np.finfo(np.float64).eps)
SAME = 1e-9
"""Relative difference up to which a claimed figure counts as the one recomputed."""
SPENT = 1e-12
"""Share of the total by which a plan's spend may miss a bound: the rounding of a sum."""
LOOSE = 1e-8
"""Relative excess of a recomputed bound over the claimed one that the check's own precision allows."""
MOST_REASONS = 10
CELLS = 400_000
"""Intervals per pass, which holds memory down."""


@dataclass(frozen=True, eq=False)
class Certificate(Result):
    """Why no plan beats ``upper_bound``: boxes of spend that cover every plan, with a price that bounds each box.

    The boxes form a binary tree. Box 0 is the whole problem: spend between ``lower`` and ``upper``, at most ``total``.
    Box k is cut at ``cut[k]`` of channel ``split[k]`` into box ``low[k]``, with at most that spend, and ``high[k]``,
    with at least that. A leaf has -1 in ``low`` and ``high``; its proof is weak duality: for any price λ >= 0 no plan
    in the box is worth more than ``λ total + Σ max (f_i(x) - λ x)``, which is ``bound[k]`` at λ = ``price[k]``; minus
    infinity where the box admits no plan. Where ``steps[k]`` is positive, the proof is in its place a dynamic programme
    over that many cells of spend at that price (see `cells_check`). ``chains`` lists channels of one shape, each of
    which dominates the next: plans are counted in which spend does not rise along a chain, and a cut moves the bounds
    of its chain accordingly.

    All numbers of channels refer to ``channels``; ``spend`` is the plan, ``value`` its total response.
    """

    channels: tuple[str, ...]
    total: float
    lower: FloatArray
    upper: FloatArray
    spend: FloatArray
    value: float
    upper_bound: float
    chains: tuple[tuple[int, ...], ...]
    split: IndexArray
    cut: FloatArray
    low: IndexArray
    high: IndexArray
    price: FloatArray
    bound: FloatArray
    steps: IndexArray


@dataclass(frozen=True, eq=False)
class Verification(Result):
    """What the check found: ``ok`` if nothing is wrong, else ``reasons``.

    ``value`` and ``bound`` are recomputed; ``gap`` is ``(bound - value) / value``. ``bound`` is infinite where the
    boxes do not cover every plan or a curve is not of its declared form, so that nothing is proven.
    """

    ok: bool
    value: float
    bound: float
    gap: float
    reasons: tuple[str, ...]


def verify(plan: Allocation | Certificate, fitted: Fitted) -> Verification:
    """Check that a plan keeps its bounds, is worth what it claims, and that its upper bound is proven.

    Parameters
    ----------
    plan
        An allocation, or only its certificate (then the bounds are those the certificate states).
    fitted
        The curves the plan was made for.

    Raises
    ------
    InputError
        If the curves have more than one draw. Everything else that is wrong is listed in ``reasons``.

    Examples
    --------
    >>> from mixcurve import allocate, response_from
    >>> known = response_from(
    ...     {name: ("hill", {"top": 100, "half": 50, "slope": 4}) for name in ("tv", "radio")}
    ... )
    >>> verify(allocate(known, 60), known).ok
    True
    """
    if len(fitted.draws) != 1:
        raise InputError(
            f"verify needs curves with one draw of their parameters, got {len(fitted.draws)} draws."
        )
    proof = plan.certificate if isinstance(plan, Allocation) else plan
    if tuple(fitted.channels) != proof.channels:
        reason = (
            f"the certificate is for {', '.join(proof.channels)}, the curves for {', '.join(fitted.channels)}"
        )
        return Verification(False, float("nan"), float("inf"), float("inf"), (reason,))
    reasons = list(_allocation_problems(plan)) if isinstance(plan, Allocation) else []
    responses = Responses(tuple(fitted.curve), np.asarray(fitted.draws[0], dtype=np.float64))
    value = fsum(responses.at(np.arange(len(proof.channels)), proof.spend))
    reasons += _plan_problems(proof, value)
    unproven = [*_cover_problems(proof, fitted), *form_problems(responses, proof.channels, proof.upper)]
    leaves: list[BoxOfLeaf] = []
    if not unproven:
        unproven += _leaves(proof, leaves)
    bound = float("inf")
    if not unproven:
        bound, found = _proven(proof, value, responses, leaves)
        reasons += found
    reasons += unproven
    gap = (bound - value) / value if value > TINY else (0.0 if bound <= value + TINY else float("inf"))
    return Verification(not reasons, value, bound, max(gap, 0.0), tuple(reasons))


def _differs(a: float, b: float) -> bool:
    return not abs(a - b) <= SAME * max(abs(a), abs(b))


def _allocation_problems(plan: Allocation) -> Iterator[str]:
    """Compare what the allocation states with its certificate."""
    proof, asked = plan.certificate, plan.budget
    if tuple(plan.spend[c] for c in plan.channels) != tuple(proof.spend.tolist()):
        yield "the allocation's spend is not the certificate's"
    if plan.value != proof.value or plan.upper_bound != proof.upper_bound:
        yield "the allocation's value or upper bound is not the certificate's"
    if (
        _differs(plan.gap * plan.value, plan.upper_bound - plan.value)
        and plan.upper_bound - plan.value > SAME * plan.value
    ):
        yield f"the allocation states a gap of {plan.gap:.3g}, its value and upper bound give another"
    if asked.total != proof.total or asked.channels != proof.channels:
        yield "the certificate is for another budget than the allocation"
    else:
        yield from _root_problems(asked, proof)


def _root_problems(asked: Budget, proof: Certificate) -> Iterator[str]:
    """Check that the first box holds every plan that the budget allows."""
    left = asked.total - (fsum(asked.lower) - asked.lower)
    most = np.minimum(asked.upper, left - 8.0 * EPS * asked.total)
    for i in np.flatnonzero((proof.lower > asked.lower) | (proof.upper < most)).tolist():
        yield f"the first box leaves out spend that the bounds of '{asked.channels[i]}' allow"
    for i in np.flatnonzero(proof.spend > asked.upper + SPENT * asked.total).tolist():
        spent = f"{proof.spend[i]:,.6g} on '{asked.channels[i]}'"
        yield f"the plan spends {spent}, above its upper bound of {asked.upper[i]:,.6g}"


def _plan_problems(proof: Certificate, value: float) -> Iterator[str]:
    slack = SPENT * proof.total
    spent = fsum(proof.spend)
    if not spent <= proof.total + slack:
        yield f"the plan spends {spent:,.9g}, more than the budget of {proof.total:,.9g}"
    for i, name in enumerate(proof.channels):
        if not proof.lower[i] - slack <= proof.spend[i] <= proof.upper[i] + slack:
            held = f"[{proof.lower[i]:,.9g}, {proof.upper[i]:,.9g}]"
            yield f"the plan spends {proof.spend[i]:,.9g} on '{name}', outside {held}"
    if _differs(value, proof.value):
        yield f"the plan's value is {value:.12g}, the certificate claims {proof.value:.12g}"


def _cover_problems(proof: Certificate, fitted: Fitted) -> Iterator[str]:
    """Check the chains: each channel dominates the next of its chain, so that ordering them loses nothing."""
    seen: set[int] = set()
    draws = fitted.draws[0]
    for chain in proof.chains:
        if seen.intersection(chain) or not all(0 <= i < len(proof.channels) for i in chain):
            yield f"chain {chain} repeats a channel or names none"
            return
        seen.update(chain)
        for a, b in pairwise(chain):
            used = len(fitted.curve[a].names)
            alike = fitted.curve[a] is fitted.curve[b] and np.array_equal(draws[a, 1:used], draws[b, 1:used])
            above = (
                draws[a, 0] >= draws[b, 0]
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
