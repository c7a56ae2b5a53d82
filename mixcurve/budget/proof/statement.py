"""Whether an allocation states what its certificate proves."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum
from typing import TYPE_CHECKING

import numpy as np

from mixcurve.budget.problem import Allocation, Budget
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.proof.fields import field_problems
from mixcurve.budget.proof.plain import SPENT
from mixcurve.budget.proof.verification import SAME, differs

if TYPE_CHECKING:
    from mixcurve.budget.certificate import Certificate

__all__ = ["statement_problems"]

EPS = float(np.finfo(np.float64).eps)


def statement_problems(plan: Allocation, proof: Certificate | ModelCertificate) -> Iterator[str]:
    """Yield what the allocation states otherwise than its certificate, one sentence each."""
    wrong = [*field_problems(plan, "plan"), *field_problems(proof, "certificate")]
    if wrong:
        yield wrong[0]
    elif set(plan.spend) != set(plan.channels) or set(plan.channels) != set(proof.channels):
        yield "the allocation and its certificate do not name the same channels"
    elif isinstance(proof, ModelCertificate):
        yield from _of_model(plan, proof)
    else:
        yield from _of_plain(plan, proof)


def _of_model(plan: Allocation, proof: ModelCertificate) -> Iterator[str]:
    spend, size = proof.spend, max(map(abs, plan.spend.values()), default=0.0)
    if any(differs(plan.spend[c], spend[c], size) for c in plan.channels):
        yield "the allocation's spend is not the certificate's"
    # What is minimised is money, which the model maximises with the sign turned.
    sign = -1.0 if plan.sense == "min" else 1.0
    if differs(plan.value, sign * proof.value) or differs(plan.upper_bound, sign * proof.upper_bound):
        yield "the allocation's value or upper bound is not the certificate's"
    yield from _gap_problems(plan, _size(proof))
    asked, proven = (None if risk is None else risk.to_dict() for risk in (plan.risk, proof.objective))
    if asked != proven:
        yield "the certificate is for another measure of risk than the allocation"


def _size(proof: ModelCertificate) -> float:
    """Return about what all channels could bring and cost: a plan worth nothing is told from one of this size."""
    model = proof.model
    tops = model.weight @ np.abs(model.draws[:, :, 0])
    return float(model.worth @ tops) + model.money_cost * float(model.money(model.upper).sum())


def _gap_problems(plan: Allocation, size: float = 0.0) -> Iterator[str]:
    between = abs(plan.upper_bound - plan.value)
    stated = differs(plan.gap * abs(plan.value), between) and between > SAME * abs(plan.value)
    if stated and not (plan.gap == 0.0 and between <= SAME * size):
        yield f"the allocation states a gap of {plan.gap:.3g}, its value and upper bound give another"


def _of_plain(plan: Allocation, proof: Certificate) -> Iterator[str]:
    asked = plan.budget
    if tuple(plan.spend[c] for c in plan.channels) != tuple(proof.spend.tolist()):
        yield "the allocation's spend is not the certificate's"
    if plan.value != proof.value or plan.upper_bound != proof.upper_bound:
        yield "the allocation's value or upper bound is not the certificate's"
    yield from _gap_problems(plan)
    if asked.total != proof.total or asked.channels != proof.channels:
        yield "the certificate is for another budget than the allocation"
    elif (
        asked.lower.shape == proof.lower.shape == asked.upper.shape == proof.upper.shape == proof.spend.shape
    ):
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
