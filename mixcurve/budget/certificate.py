"""`Certificate`, the proof of a plain plan, and `verify`, which checks any proof and shares no code with the solvers.

A plain problem has one draw, one total budget and bounds; its proof is small and quick (`proof.plain`). Every other
problem has a `ModelCertificate` (`proof.check`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.problem import Allocation
from mixcurve.budget.proof.certificate import ModelCertificate
from mixcurve.budget.proof.check import verify_model
from mixcurve.budget.proof.plain import verify_plain
from mixcurve.budget.proof.statement import statement_problems
from mixcurve.budget.proof.verification import Verification, refused
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve
from mixcurve.response.fitted import Fitted

__all__ = ["Certificate", "ModelCertificate", "Verification", "verify"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]


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

    All numbers of channels refer to ``channels``; ``spend`` is the plan, ``value`` its total response. ``curve`` and
    ``parameters`` (channels × parameters, ``top`` first) are the curves, so that a saved certificate can be verified by
    itself; without them (``()`` and None) it takes the fit, or `with_curves`.
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
    curve: tuple[Curve, ...] = ()
    parameters: FloatArray | None = None

    def with_curves(self, fitted: Fitted) -> Certificate:
        """Return the certificate with the curves of a fit in it, so that its file can be verified alone.

        Examples
        --------
        >>> from mixcurve import allocate, response_from
        >>> known = response_from({"tv": ("hill", {"top": 100, "half": 50, "slope": 4})})
        >>> verify(allocate(known, 60).certificate.with_curves(known)).ok
        True
        """
        _one_draw(fitted)
        return replace(
            self, curve=tuple(fitted.curve), parameters=np.asarray(fitted.draws[0], dtype=np.float64)
        )


def verify(plan: Allocation | Certificate | ModelCertificate, fitted: Fitted | None = None) -> Verification:
    """Check that a plan keeps its constraints, is worth what it claims, and that its bound is proven.

    The check shares no code with the solvers: it walks the boxes of the proof, evaluates the curves' formulas and
    bounds every box anew.

    Parameters
    ----------
    plan
        An allocation, or only its certificate (then the problem is the one that the certificate states).
    fitted
        The curves the plan was made for. A certificate that holds its curves is compared with them; one that does not
        needs them.

    Raises
    ------
    InputError
        If there is no proof to check, if the curves are neither in the certificate nor given, or if curves with
        several draws are given for a certificate of one. Everything else that is wrong is listed in ``reasons``.

    Examples
    --------
    >>> from mixcurve import allocate, response_from
    >>> known = response_from(
    ...     {name: ("hill", {"top": 100, "half": 50, "slope": 4}) for name in ("tv", "radio")}
    ... )
    >>> verify(allocate(known, 60), known).ok
    True
    """
    proof = plan.certificate if isinstance(plan, Allocation) else plan
    if not isinstance(proof, Certificate | ModelCertificate):
        if isinstance(plan, Allocation):
            raise InputError(
                f"The plan carries no proof that could be verified; its status is '{plan.status}'. Plans of the "
                "status 'local' have none."
            )
        raise InputError(f"verify needs an allocation or a certificate, got {type(plan).__name__}.")
    stated = list(statement_problems(plan, proof)) if isinstance(plan, Allocation) else []
    found = _of_plain(proof, fitted) if isinstance(proof, Certificate) else verify_model(proof, fitted)
    return replace(found, ok=found.ok and not stated, reasons=(*stated, *found.reasons))


def _one_draw(fitted: Fitted) -> None:
    if len(fitted.draws) != 1:
        raise InputError(
            f"verify needs curves with one draw of their parameters, got {len(fitted.draws)} draws."
        )


def _of_plain(proof: Certificate, fitted: Fitted | None) -> Verification:
    if fitted is None:
        if not proof.curve or proof.parameters is None:
            raise InputError(
                "This certificate does not hold its curves. Give the fit it was made for as fitted, or store the "
                "curves in it: certificate.with_curves(fitted)."
            )
        return verify_plain(proof, proof.curve, proof.parameters)
    _one_draw(fitted)
    if tuple(fitted.channels) != tuple(proof.channels):
        return refused(
            [f"the certificate is for {_listed(proof.channels)}, the curves for {_listed(fitted.channels)}"]
        )
    given = proof.with_curves(fitted)
    found = verify_plain(given, given.curve, np.asarray(given.parameters))
    if proof.curve and not _same_curves(proof, given):
        return replace(
            found, ok=False, reasons=("the certificate's curves are not the fit's", *found.reasons)
        )
    return found


def _same_curves(proof: Certificate, given: Certificate) -> bool:
    if proof.curve != given.curve or proof.parameters is None or given.parameters is None:
        return False
    sizes = [len(c.names) for c in proof.curve]
    return proof.parameters.shape[:1] == (len(sizes),) and all(
        np.array_equal(a[:k], b[:k])
        for a, b, k in zip(proof.parameters, given.parameters, sizes, strict=True)
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(str, names))
