"""The check of a `ModelCertificate`: from the model, the plan and the proof alone, with no code of the solvers.

It needs boxes that cover every plan, weak duality on each box, and proven maxima of sums of curves over intervals,
which come from values of the formulas (see `peaks`). That the curves are convex first and concave after is checked at
points.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mixcurve.budget.model import Model
from mixcurve.budget.objectives import BeatCurrent, Quantile
from mixcurve.budget.proof.boxes import Boxes, Leaf, leaves_of
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.proof.duality import bounds_by_duality
from mixcurve.budget.proof.fields import field_problems
from mixcurve.budget.proof.groups import groups_of
from mixcurve.budget.proof.limits import admits_no_plan
from mixcurve.budget.proof.nested import block_bound
from mixcurve.budget.proof.plan import plan_problems, totals_of, worth_of
from mixcurve.budget.proof.responses import DrawnResponses
from mixcurve.budget.proof.risk import check_risk
from mixcurve.budget.proof.shapes import model_problems, solution_problems
from mixcurve.budget.proof.tails import quantile_bounds, share_bounds, whole_count
from mixcurve.budget.proof.trees import BlockProof, TreeProof
from mixcurve.budget.proof.verification import LOOSE, Verification, differs, refused, relative_gap
from mixcurve.response.fitted import Fitted

__all__ = ["verify_model"]

FloatArray = npt.NDArray[np.float64]

TINY = float(np.finfo(np.float64).tiny)
SHARE_OF_ALL = 1e-3
"""The share of what all cells could bring that counts as the size of a plan that is worth less."""
MOST_REASONS = 10


def verify_model(certificate: ModelCertificate, fitted: Fitted | None = None) -> Verification:
    """Check that a plan keeps its model, is worth what it claims, and that its bound is proven.

    Parameters
    ----------
    certificate
        The model, the plan and the proof; from a solver or a file, with anything in it.
    fitted
        The curves that the model should be of; not compared if None.

    Returns
    -------
    Verification
        What is wrong is listed in ``reasons``; nothing is raised.
    """
    model, solution = certificate.model, certificate.solution
    wrong = list(field_problems(certificate, "certificate"))
    wrong = wrong or list(model_problems(model))
    wrong = wrong or list(solution_problems(model, solution, certificate.current))
    if not wrong and (certificate.current is None) and isinstance(certificate.objective, BeatCurrent):
        wrong = ["certificate.current is missing: what must a plan bring to beat it?"]
    if wrong:
        return refused(wrong[:MOST_REASONS])
    responses = DrawnResponses(model)
    unproven = [*responses.problems(), *check_risk(solution, model, certificate.objective)]
    with np.errstate(all="ignore"):
        plan = worth_of(responses, solution.amount, certificate.objective, certificate.current)
    reasons = list(plan_problems(model, solution.amount, plan.response))
    if differs(plan.value, solution.value, plan.size):
        reasons.append(f"the plan's value is {plan.value:.12g}, the certificate claims {solution.value:.12g}")
    if fitted is not None:
        reasons += _fit_problems(model, fitted)
    bound = float("inf")
    if not unproven:
        least = (
            0.0 if isinstance(certificate.objective, BeatCurrent) else SHARE_OF_ALL * _everything(responses)
        )
        slack = LOOSE * max(plan.size, least) + TINY
        bound, unproven, found = _proven(responses, certificate, slack)
        reasons += found
        if not unproven:
            reasons += _bound_problems(bound, solution.bound, plan.value, slack)
    reasons = [*unproven, *reasons][:MOST_REASONS]
    return Verification(not reasons, plan.value, bound, relative_gap(plan.value, bound), tuple(reasons))


def _everything(responses: DrawnResponses) -> float:
    """Return what all cells bring and cost at their upper bounds, a size for plans that are worth nothing."""
    model = responses.model
    _, mean, _ = totals_of(responses, model.upper)
    return float(np.abs(model.worth @ mean)) + model.money_cost * float(model.money(model.upper).sum())


def _bound_problems(bound: float, claimed: float, value: float, slack: float) -> Iterator[str]:
    if not bound <= claimed + slack:
        yield f"the upper bound is {bound:.12g}, the certificate claims {claimed:.12g}"
    if bound < value - slack:
        yield f"the plan's value of {value:.12g} exceeds the bound of {bound:.12g} that its boxes prove"


def _proven(
    responses: DrawnResponses, certificate: ModelCertificate, slack: float
) -> tuple[float, list[str], list[str]]:
    """Return the recomputed bound, what leaves it unproven, and what contradicts the claims of single boxes."""
    proof, model = certificate.solution.proof, responses.model
    if isinstance(proof, BlockProof):
        root, unproven = groups_of(model, proof)
        if root is None:
            return float("inf"), unproven, []
        bound, found = block_bound(responses, root, slack)
        return bound, [], found
    leaves, problem = leaves_of(proof.tree, np.arange(model.cells), model, "the proof")
    if problem:
        return float("inf"), [problem], []
    leaves = _that_may_hold_plans(responses, proof, leaves, slack)
    bad = [leaf.node for leaf in leaves if not _at_least_0(proof.multiplier[leaf.node])]
    if bad:
        return float("inf"), [f"box {bad[0]} has a multiplier that is not a number of at least 0"], []
    bounds = _of_leaves(responses, certificate, proof, leaves, slack)
    bound = float(bounds.max(initial=-np.inf))
    if isinstance(certificate.objective, Quantile | BeatCurrent):
        # What a leaf claims may rest on what the boxes around it claimed; only the largest is claimed of plans.
        beating = isinstance(certificate.objective, BeatCurrent) and bound > -np.inf
        return whole_count(bound, model.weight) if beating else bound, [], []
    claims = proof.tree.bound[[leaf.node for leaf in leaves]]
    found = [
        f"box {leaf.node} claims the bound {claim:.12g}, but {bound:.12g} is all that its multipliers prove"
        for leaf, claim, bound in zip(leaves, claims.tolist(), bounds.tolist(), strict=True)
        if not bound <= claim + slack
    ]
    return bound, [], found


def _of_leaves(
    responses: DrawnResponses,
    certificate: ModelCertificate,
    proof: TreeProof,
    leaves: list[Leaf],
    slack: float,
) -> FloatArray:
    """Return the recomputed bound of each leaf under the objective."""
    objective = certificate.objective
    if isinstance(objective, Quantile):
        return quantile_bounds(responses, proof, leaves, slack, objective, certificate.solution.bound)
    if isinstance(objective, BeatCurrent) and certificate.current is not None:
        target = totals_of(responses, certificate.current)[0]
        return share_bounds(responses, proof, leaves, slack, target, certificate.solution.bound)
    return bounds_by_duality(responses, proof, leaves, slack)


def _at_least_0(multiplier: np.ndarray) -> bool:
    return bool(np.all(np.isfinite(multiplier) & (multiplier >= 0.0)))


def _that_may_hold_plans(
    responses: DrawnResponses, proof: TreeProof, leaves: list[Leaf], slack: float
) -> list[Leaf]:
    """Return the leaves but those that claim to admit no plan, and do not.

    Either one row cannot be met in the box, or rows weighted by the leaf's multipliers cannot (Farkas).
    """
    model = responses.model
    every = np.arange(model.cells)
    claimed = [leaf for leaf in leaves if proof.tree.bound[leaf.node] == -np.inf]
    open_ = [leaf for leaf in claimed if not admits_no_plan(responses, Boxes.of(model, every, [leaf]))]
    weighted = [leaf for leaf in open_ if _at_least_0(proof.multiplier[leaf.node])]
    if weighted:
        bounds = bounds_by_duality(
            responses, proof, weighted, slack, np.zeros(len(weighted)), objective=False
        )
        empty = {leaf.node for leaf, bound in zip(weighted, bounds.tolist(), strict=True) if bound < 0.0}
        open_ = [leaf for leaf in open_ if leaf.node not in empty]
    kept = {leaf.node for leaf in open_}
    return [leaf for leaf in leaves if proof.tree.bound[leaf.node] > -np.inf or leaf.node in kept]


def _fit_problems(model: Model, fitted: Fitted) -> Iterator[str]:
    """Yield the channels whose curve is not the fit's, in none of its draws and resamples alike."""
    known = [np.asarray(part, dtype=np.float64) for part in (fitted.draws, fitted.resamples)]
    place = {name: i for i, name in enumerate(fitted.channels)}
    for c, name in enumerate(model.channels):
        if name not in place:
            yield f"the certificate is for a channel '{name}', which the fit does not have"
            continue
        i, used = place[name], len(model.curve[c].names)
        mine = model.draws[:, c, :used]
        same = any(len(d) == len(mine) and np.array_equal(d[:, i, :used], mine) for d in known)
        if fitted.curve[i] != model.curve[c] or not same:
            yield f"the curve of '{name}' is not the fit's"
