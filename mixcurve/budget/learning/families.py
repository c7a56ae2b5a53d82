"""Plans under several families of curves: what each brings if another family is the true one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.budget.learning.beliefs import nothing_known
from mixcurve.budget.learning.drawing import with_draws
from mixcurve.budget.learning.optima import Optimiser, expected
from mixcurve.budget.learning.stability_result import FamilyPayoff
from mixcurve.budget.model import Model
from mixcurve.foundations.errors import InputError
from mixcurve.response.fit.compare.results import CurveComparison
from mixcurve.response.fit.mix.fit import fit_mix
from mixcurve.response.fitted import Fitted

__all__ = ["CURRENT", "THIS", "Families", "family_fits", "payoff"]

FloatArray = npt.NDArray[np.float64]
Families = Mapping[str, Fitted] | Mapping[str, CurveComparison] | CurveComparison | Sequence[str]
THIS, CURRENT = "this plan", "current"
"""The names of the plan judged, and of the present one, which need not keep the constraints."""


def family_fits(fitted: Fitted, families: Families, table: Any) -> dict[str, Fitted]:
    """Return a fit by family, from fits, comparisons of curves, or the names of curves to fit to ``table``.

    Raises
    ------
    InputError
        For names without a table, fits of other channels, and comparisons without a family that all channels have.
    """
    if isinstance(families, CurveComparison):
        families = dict.fromkeys(fitted.channels[:1], families)
    if isinstance(families, Mapping):
        compared = [isinstance(f, CurveComparison) for f in families.values()]
        given: dict[str, Any] = dict(families)
        found = _of_comparisons(fitted, given) if compared and all(compared) else given
    elif isinstance(families, str) or not isinstance(families, Sequence):
        raise InputError(
            f"families must be fits by name, comparisons by channel, or names of curves, got {families!r}."
        )
    else:
        if table is None:
            raise InputError(
                "families are names of curves, so table is needed to fit them to. Pass table=..."
            )
        found = {name: fit_mix(table, curve=name, resamples=0) for name in families}
    return {name: _same_channels(fitted, name, fit) for name, fit in found.items()}


def _same_channels(fitted: Fitted, name: str, fit: Any) -> Fitted:
    if not isinstance(fit, Fitted):
        raise InputError(f"families['{name}'] must be a fit, got {type(fit).__name__}.")
    if set(fit.channels) != set(fitted.channels):
        odd = ", ".join(sorted(set(fit.channels) ^ set(fitted.channels)))
        raise InputError(f"families['{name}'] must have the channels of the plan; only one has: {odd}.")
    return fit


def _of_comparisons(fitted: Fitted, comparisons: Mapping[str, CurveComparison]) -> dict[str, Fitted]:
    """Return curves for each family that the comparisons of all channels hold."""
    if set(comparisons) != set(fitted.channels):
        odd = ", ".join(sorted(set(comparisons) ^ set(fitted.channels)))
        raise InputError(f"families must hold one comparison per channel; missing or unknown: {odd}.")
    each = [{c.name: c for c in comparisons[name].candidates if _usable(c)} for name in fitted.channels]
    shared = [name for name in each[0] if all(name in one for one in each)]
    if not shared:
        raise InputError("families has no curve in common: compare the same curves for every channel.")
    found: dict[str, Fitted] = {}
    for name in shared:
        rows = [one[name] for one in each]
        draws = np.full((1, len(rows), max(len(r.parameters) for r in rows) - 1), np.nan)
        for i, row in enumerate(rows):
            draws[0, i, : len(row.parameters) - 1] = row.parameters[1:]  # the baseline is first
        found[name] = with_draws(fitted, draws, tuple(r.curve for r in rows if r.curve))
    return found


def _usable(candidate: Any) -> bool:
    return candidate.curve is not None and bool(np.isfinite(candidate.parameters).all())


def payoff(
    models: Mapping[str, Model], channels: Sequence[str], plans: Mapping[str, FloatArray], tolerance: float
) -> FamilyPayoff:
    """Return what the best plan of each family, and each of ``plans``, brings under each family.

    Parameters
    ----------
    models
        The problem with each family's curves.
    channels
        Their names, in the order of all plans.
    plans
        Spend of other plans (C,) by name, which follow those of the families.
    """
    spend, best, bound = [], [], []
    for model in models.values():
        found = Optimiser(model, tolerance).best(nothing_known(*model.draws.shape[:2]))
        spend.append(model.spend(found.amount[0])[[model.channels.index(c) for c in channels]])
        best.append(float(found.value[0]))
        bound.append(float(found.bound[0]))
    names, each = (*models, *plans), np.array([*spend, *plans.values()])
    value = np.stack([_valued(model, channels, each) for model in models.values()], axis=1)
    top = np.maximum(best, value[: len(models)].max(axis=0))
    regret = (top - value).max(axis=1)
    allowed = [i for i, name in enumerate(names) if name != CURRENT]
    return FamilyPayoff(
        families=tuple(models),
        plans=names,
        spend=each,
        value=value,
        best=top,
        bound=np.maximum(bound, top),
        least_regret=names[min(allowed, key=lambda i: (regret[i], i))],
    )


def _valued(model: Model, channels: Sequence[str], spend: FloatArray) -> FloatArray:
    """Return the expected value of each plan (P × C) under the mean over the model's draws (P,)."""
    ordered = spend[:, [list(channels).index(c) for c in model.channels]]
    one = nothing_known(*model.draws.shape[:2])
    return np.concatenate([expected(model, one, row[None]) for row in ordered])
