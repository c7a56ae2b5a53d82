"""The fit that intervals are of: the one given, or a refit where its penalty biases it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import diags_array

from mixcurve.propensity.fit import LogisticFit, fit_logistic
from mixcurve.propensity.inference.profile import Profile
from mixcurve.propensity.inference.table import Basis
from mixcurve.propensity.newton.blocks import Standardised
from mixcurve.propensity.newton.curvature import dependent_columns
from mixcurve.propensity.newton.penalty import Penalty, state_at
from mixcurve.propensity.newton.sums import Rows
from mixcurve.propensity.separation.find import find_separation
from mixcurve.propensity.settings import FitSettings

__all__ = ["Refit", "refit"]

FloatArray = npt.NDArray[np.float64]
MOST_NAMED = 4
FEW_EVENTS = 10.0
"""People of the rarer class per coefficient, below which estimates lean outwards (Peduzzi et al. 1996)."""


@dataclass(frozen=True)
class Refit:
    """A fit, where it stands, what to say of it, and which columns it left out since others make them up."""

    fit: LogisticFit
    profile: Profile
    basis: Basis
    notes: tuple[str, ...]
    left_out: tuple[int, ...] = ()


def refit(
    fit: LogisticFit, X: Any, y: FloatArray, weights: FloatArray | None, offset: FloatArray | None
) -> Refit:
    """Return the fit that carries intervals: without penalty, or by Firth's where the classes are separated.

    Under the penalty a column may be a combination of others. The refit leaves it out, as R does: nothing can be told
    of it apart from them.
    """
    notes: list[str] = []
    left_out: tuple[int, ...] = ()
    basis: Basis = "as fitted"
    used = fit
    settings = FitSettings(l2=0.0, firth=fit.firth, weight_kind=fit.weight_kind, prior=fit.prior)
    if fit.l2 or fit.l1:
        X, left_out, told = _without_combinations(fit, X, y, weights, offset)
        notes += told
        found = find_separation(X, y, weights, fit.feature_names)
        basis = "unpenalised refit" if found.kind == "none" else "Firth refit"
        settings = replace(settings, firth=found.kind != "none")
        notes.append(_penalised(fit, basis))
        if found.kind != "none":
            notes.append(f"{found.summary} Firth's penalty gives finite estimates all the same.")
        used = _again(fit, X, y, weights, offset, settings)
    per_coefficient = min(used.positives, used.weight_sum - used.positives) / (len(used.coefficients) + 1)
    if per_coefficient < FEW_EVENTS and not used.firth:
        notes.append(
            f"There are only {per_coefficient:.1f} people of the rarer class per coefficient: estimates lean outwards. "
            "Firth's penalty (firth=True, l2=0), or fewer features, would help."
        )
    return Refit(used, _profile(used, X, y, weights, offset), basis, tuple(notes), left_out)


def _without_combinations(
    fit: LogisticFit, X: Any, y: FloatArray, weights: Any, offset: Any
) -> tuple[Any, tuple[int, ...], list[str]]:
    """Return X with 0 in every column that those before it make up, these columns, and a sentence for each."""
    curvature = _profile(fit, X, y, weights, offset).best.information
    found = {j - 1: made_of for j, made_of in dependent_columns(curvature).items() if j > 0}
    if not found:
        return X, (), []
    stays = np.ones(len(fit.feature_names))
    stays[list(found)] = 0.0
    told = []
    for j, made_of in found.items():
        others = [f"'{fit.feature_names[i - 1]}'" if i else "the intercept" for i in made_of]
        named = ", ".join(others[:MOST_NAMED]) + (" and others" if others[MOST_NAMED:] else "")
        told.append(
            f"'{fit.feature_names[j]}' is a combination of {named}: nothing can be told of it apart, left out."
        )
    return (X @ diags_array(stays) if hasattr(X, "toarray") else X * stays), tuple(found), told


def _penalised(fit: LogisticFit, basis: Basis) -> str:
    return (
        f"The model was fitted with a {fit.penalty}, under which estimates lean to 0 and no interval holds its level: "
        f"all figures but 'as fitted' are of the {basis}."
    )


def _again(
    fit: LogisticFit, X: Any, y: FloatArray, weights: Any, offset: Any, settings: FitSettings
) -> LogisticFit:
    start = np.append(fit.intercept - fit.prior_shift, fit.coefficients)
    return fit_logistic(
        X, y, settings=settings, weights=weights, offset=offset, names=fit.feature_names, classes=fit.classes,
        start=None if settings.firth else start,
    )  # fmt: skip


def _profile(fit: LogisticFit, X: Any, y: FloatArray, weights: Any, offset: Any) -> Profile:
    """Return the state at the optimum; its intercept is that of the sample, before any correction to a prior."""
    rows = Rows(Standardised(X, fit.centre, fit.scale), y, weights, offset)
    theta = rows.design.standard(fit.intercept - fit.prior_shift, fit.coefficients)
    penalty = Penalty(firth=fit.firth)
    return Profile(rows, penalty, state_at(rows, theta, penalty))
