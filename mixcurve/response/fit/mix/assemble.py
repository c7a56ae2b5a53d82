"""The result of one fitted mix, from the pieces of its fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.design.description import DesignSpec
from mixcurve.response.evidence import ChannelEvidence
from mixcurve.response.fit.estimates import EstimateInterval
from mixcurve.response.fit.mix.answer import (
    Decomposition,
    carryover_values,
    contribution_draws,
    decomposition,
    natural,
)
from mixcurve.response.fit.mix.noise import NoiseModel
from mixcurve.response.fit.mix.options import MixOptions
from mixcurve.response.fit.mix.plausible import Plausible
from mixcurve.response.fit.mix.problem import MixProblem
from mixcurve.response.fit.mix.result import MixFit
from mixcurve.response.fit.mix.search import Searched, covariance_of
from mixcurve.response.fit.mix.state import MixState
from mixcurve.response.fit.mix.status import fit_notes, fit_status
from mixcurve.response.fit.no_effect import with_no_effect

__all__ = ["MixPieces", "assemble"]

FloatArray = npt.NDArray[np.float64]

DISAGREED = 1.6
"""Potential scale reduction that is told: chains as short as these reach 1.1 to 1.3 where all is well."""


@dataclass(frozen=True, eq=False)
class MixPieces:
    """What the stages of a fit hand to its result."""

    problem: MixProblem
    options: MixOptions
    design: DesignSpec
    sizes: FloatArray
    found: Searched
    plausible: Plausible
    noise: NoiseModel
    intervals: tuple[EstimateInterval, ...]
    evidence: tuple[ChannelEvidence, ...]
    effect_p: Sequence[float]
    current: FloatArray
    level: float
    seed: int


def assemble(pieces: MixPieces, rng: np.random.Generator) -> tuple[MixFit, FloatArray]:
    """Return the result, for the mean group where there are groups, and total contributions by draw and group.

    The latter is (R × G × C).
    """
    problem, plausible = pieces.problem, pieces.plausible
    table, basis = problem.table, problem.basis
    parts = decomposition(problem, plausible.theta, plausible.amplitude)
    totals, coefficients = contribution_draws(problem, plausible)
    drawn = natural(problem, plausible.thetas, plausible.amplitudes)
    resamples = with_no_effect(basis.curve, drawn, pieces.current, pieces.effect_p)
    totals = totals * (resamples[:, :, 0] > 0)[:, None]
    estimate = natural(problem, plausible.theta[None], plausible.amplitude[None])
    result = MixFit(
        channels=table.channels,
        curve=basis.curve,
        draws=estimate,
        resamples=resamples,
        spend_range=np.column_stack([table.spend.min(axis=0), table.spend.max(axis=0)]),
        current=pieces.current,
        evidence=pieces.evidence,
        carryover_length=basis.lags.shape[1],
        dates=table.dates,
        intervals=pieces.intervals,
        every=table.every,
        currency=table.currency,
        response_name=table.response_name,
        contribution_draws=totals.sum(axis=1),
        order=basis.order,
        before=pieces.options.before,
        total_spend=table.spend.sum(axis=0),
        notes=fit_notes(pieces.design, parts.residual, table.groups, pieces.options.errors, table.every),
        state=_state(pieces, parts, np.concatenate([estimate, drawn]), coefficients, rng),
        **_carryover(pieces),
        **_decomposed(pieces, parts),
        **_search(pieces),
        **_noise(pieces, parts),
    )
    return result, totals


def _carryover(pieces: MixPieces) -> dict[str, Any]:
    basis = pieces.problem.basis
    kernels = tuple(k.name for k in basis.kernel)
    return {
        "carryover": kernels[0] if len(set(kernels)) == 1 else "by channel",
        "carryover_parameters": carryover_values(basis, pieces.plausible.theta[None])[0],
        "kernels": kernels,
    }


def _decomposed(pieces: MixPieces, parts: Decomposition) -> dict[str, Any]:
    response = pieces.problem.table.response
    rss, around = float(parts.residual @ parts.residual), response - response.mean()
    return {
        "contributions": parts.contributions,
        "baseline": parts.baseline,
        "baseline_names": parts.part_names,
        "baseline_parts": parts.parts,
        "residual": parts.residual,
        "carried": parts.carried,
        "rss": rss,
        "r_squared": 1.0 - rss / max(float(around @ around), 1e-300),
    }


def _search(pieces: MixPieces) -> dict[str, Any]:
    problem, found = pieces.problem, pieces.found
    names, covariance = covariance_of(
        problem.basis, problem.table.channels, found, problem.spend_unit, problem.response_unit
    )
    status, message = fit_status(problem.basis, found, problem.table.channels)
    if pieces.plausible.disagreement > DISAGREED:
        message += " The plausible fits were drawn from places that hardly met, so intervals are rough."
    return {
        "parameter_names": names,
        "covariance": covariance,
        "degrees_of_freedom": round(found.degrees_of_freedom),
        "status": status,
        "message": message,
        "starts": found.starts,
        "agreeing_starts": found.agreeing,
        "seed": pieces.seed,
        "level": pieces.level,
        "disagreement": pieces.plausible.disagreement,
    }


def _noise(pieces: MixPieces, parts: Decomposition) -> dict[str, Any]:
    """Return the fields of the result that tell of its noise."""
    options, model = pieces.options, pieces.noise
    scale = _variance_scale(pieces, parts)
    rho = EstimateInterval(
        "", "autocorrelation", model.rho, model.low, model.high, pieces.level, "", "restricted likelihood"
    )
    return {
        "noise": options.noise,
        "dispersion": float(pieces.found.pull.noise**2 * scale)
        if options.noise == "poisson"
        else float("nan"),
        "autocorrelation": rho if options.errors == "autocorrelated" else None,
    }


def _variance_scale(pieces: MixPieces, parts: Decomposition) -> float:
    """Return what turns the noise variance of the search into that of a row of the mean group.

    With noise ``"poisson"``, into the variance over the expected response instead.
    """
    problem = pieces.problem
    root = problem.basis.linear.root
    if root is None:
        return problem.response_unit**2
    expected = np.maximum(parts.contributions.sum(axis=1) + parts.baseline, 1e-300)
    ratio = (problem.row_unit / root) ** 2 / expected
    return float(np.median(ratio))


def _state(
    pieces: MixPieces, parts: Decomposition, parameters: FloatArray, coefficients: FloatArray,
    rng: np.random.Generator,
) -> MixState:  # fmt: skip
    """Return what a forecast needs; coefficients and noise of the draws are drawn from their distributions here."""
    problem, plausible = pieces.problem, pieces.plausible
    basis, linear, unit = problem.basis, problem.basis.linear, problem.response_unit
    channels, count = len(basis.curve), len(plausible.thetas)
    freedom = max(pieces.found.degrees_of_freedom, 1.0)
    noise = pieces.found.pull.noise * np.sqrt(freedom / rng.chisquare(freedom, count))
    root = linear.coefficient_root()
    drawn = coefficients + noise[:, None] * (rng.standard_normal((count, root.shape[1])) @ root.T)
    scale = np.sqrt(_variance_scale(pieces, parts))
    lags = basis.lags.shape[1] - 1
    recent = np.zeros((len(linear.blocks), lags, channels))
    for g, b in enumerate(linear.blocks):
        last = problem.table.spend[b][-lags:] if lags else np.empty((0, channels))
        recent[g, lags - len(last) :] = last
    ends = [b.stop - 1 for b in linear.blocks]
    expected = parts.contributions.sum(axis=1) + parts.baseline
    return MixState(
        design=pieces.design,
        channels=problem.table.channels,
        sizes=pieces.sizes,
        parameters=parameters,
        carryover=carryover_values(basis, np.concatenate([plausible.theta[None], plausible.thetas])),
        coefficients=np.concatenate([parts.coefficients[None], drawn]) * unit,
        signed=np.concatenate([parts.signed[None], plausible.amplitudes[:, channels:]]) * unit,
        recent=recent,
        deviation=np.concatenate([[pieces.found.pull.noise], noise]) * scale,
        poisson=pieces.options.noise == "poisson",
        rho=pieces.noise.rho,
        last_residual=parts.residual[ends],
        last_expected=expected[ends],
    )
