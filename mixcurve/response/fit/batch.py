"""Batches of campaigns in users' units: parameters, standard errors and status of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve
from mixcurve.response.fit.campaigns import CampaignBasis, shape_bounds, solve_campaigns
from mixcurve.response.fit.polish import POLISH_STEPS, Polished, polish
from mixcurve.response.fit.projection import Solution
from mixcurve.response.fit.results import FitStatus

__all__ = ["Batch", "CurveFits", "fit_batch"]

FloatArray = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Batch:
    """Solved campaigns (B) in users' units, with the scaled problem they came from."""

    parameter_names: tuple[str, ...]
    parameters: FloatArray
    covariance: FloatArray
    rss: FloatArray
    degrees_of_freedom: npt.NDArray[np.intp]
    status: tuple[FitStatus, ...]
    iterations: npt.NDArray[np.intp]
    residual: FloatArray
    spend_unit: FloatArray
    response_unit: FloatArray
    basis: CampaignBasis
    scaled_response: FloatArray
    theta: FloatArray


def fit_batch(
    curve: Curve, x: FloatArray, y: FloatArray, weight: FloatArray, baseline: bool,
    start: FloatArray | None = None, polish_steps: int = POLISH_STEPS,
) -> Batch:  # fmt: skip
    """Fit every row of ``y`` on ``x`` (B × n); a weight of 0 marks padding. ``start`` (k,) replaces the grid."""
    spend_unit = np.maximum(x.max(axis=1), 1e-300)
    root = None if (weight == 1.0).all() else np.sqrt(weight)
    response_unit = _unit(y, weight, baseline)
    basis = CampaignBasis(curve, x / spend_unit[:, None], root, baseline)
    scaled = y / response_unit[:, None]
    target = basis.project(scaled, np.arange(len(y)))
    solution = solve_campaigns(basis, target, start)
    done = polish(basis, scaled, solution, steps=polish_steps)
    return _in_units(basis, scaled, solution, done, spend_unit, response_unit, (weight > 0).sum(axis=1))


def _unit(y: FloatArray, weight: FloatArray, baseline: bool) -> FloatArray:
    """Return the scale of the response: its spread around its mean where there is a baseline, else around 0."""
    total = np.maximum(weight.sum(axis=1), 1e-300)
    centre = (weight * y).sum(axis=1) / total if baseline else np.zeros(len(y))
    spread = np.sqrt((weight * (y - centre[:, None]) ** 2).sum(axis=1) / total)
    largest = np.abs(y).max(axis=1)
    return np.where(spread > 1e-12 * largest, spread, np.where(largest > 0, largest, 1.0))


def _in_units(
    basis: CampaignBasis, scaled: FloatArray, solution: Solution, done: Polished,
    spend_unit: FloatArray, response_unit: FloatArray, rows: npt.NDArray[np.intp],
) -> Batch:  # fmt: skip
    curve, first = basis.curve, int(basis.baseline)
    free = [p for p in curve.parameters if p.free]
    names = (*(("baseline",) if basis.baseline else ()), "top", *(p.name for p in free))
    rate = np.empty(done.parameters.shape)
    rate[:, : first + 1] = response_unit[:, None]
    values = done.parameters.copy()
    values[:, : first + 1] *= response_unit[:, None]
    for j, p in enumerate(free, start=first + 1):
        natural = p.from_real(done.parameters[:, j]) * spend_unit**p.spend_power
        values[:, j] = natural
        rate[:, j] = natural if p.scale == "log" else spend_unit**p.spend_power
    rss = np.einsum("bn,bn->b", done.residual, done.residual)
    dof = rows - len(names)
    covariance = _covariance(done, rss / np.maximum(dof, 1)) * rate[:, :, None] * rate[:, None, :]
    theta = done.parameters[:, first + 1 :]
    return Batch(
        names, values, covariance, rss * response_unit**2, dof, _statuses(basis, solution, done), solution.iterations,
        done.residual * response_unit[:, None], spend_unit, response_unit, basis, scaled, theta,
    )  # fmt: skip


def _covariance(done: Polished, variance: FloatArray) -> FloatArray:
    """Return ``s² (RᵀR)⁻¹`` on the real line; parameters that were held have NaN."""
    size = np.maximum(np.sqrt(np.einsum("bij,bij->bj", done.triangle, done.triangle)), 1e-300)
    identity = np.broadcast_to(np.eye(size.shape[1]), done.triangle.shape)
    inverse = np.linalg.solve(done.triangle / size[:, None, :], identity) / size[:, :, None]
    covariance = inverse @ inverse.transpose(0, 2, 1) * variance[:, None, None]
    known = done.free[:, :, None] & done.free[:, None, :]
    return np.where(known, covariance, np.nan)


def _statuses(basis: CampaignBasis, solution: Solution, done: Polished) -> tuple[FitStatus, ...]:
    low, high = shape_bounds(basis.curve)
    first = int(basis.baseline)
    theta = done.parameters[:, first + 1 :]
    at_bound = ((theta <= low) | (theta >= high)).any(axis=1)
    chosen = np.select(
        [done.parameters[:, first] <= 0, ~solution.converged, at_bound],
        ["no response", "not converged", "at bound"],
        "converged",
    )
    return tuple(chosen.tolist())


@dataclass(frozen=True, eq=False)
class CurveFits(Result):
    """A curve for each of many campaigns.

    ``parameters`` and ``standard_errors`` (campaigns × parameters) are in the order of ``parameter_names`` and in the
    units of the data; a campaign that failed has NaN there and its reason in ``message``.
    """

    campaigns: tuple[str, ...]
    curve: Curve
    parameter_names: tuple[str, ...]
    parameters: FloatArray
    standard_errors: FloatArray
    rss: FloatArray
    degrees_of_freedom: npt.NDArray[np.intp]
    status: tuple[str, ...]
    message: tuple[str, ...]

    @property
    def table(self) -> Any:
        """A pandas frame with a row per campaign: parameters, standard errors, rss, status, message."""
        import pandas as pd

        columns: dict[str, Any] = dict(zip(self.parameter_names, self.parameters.T, strict=True))
        columns |= {
            f"{n}_error": e for n, e in zip(self.parameter_names, self.standard_errors.T, strict=True)
        }
        columns |= {"rss": self.rss, "status": self.status, "message": self.message}
        return pd.DataFrame(columns, index=pd.Index(self.campaigns, name="campaign"))

    @classmethod
    def fitted(
        cls,
        curve: Curve,
        columns: list[npt.NDArray[Any]],
        baseline: bool,
        chunk: int,
        progress: Progress | None,
    ) -> CurveFits:
        """Fit the campaigns found in columns (campaign, spend, response, and weights if any); see `fit_curves`."""
        names, x, y, weight, problems = _padded(
            columns, int(baseline) + 1 + sum(p.free for p in curve.parameters)
        )
        good = np.flatnonzero([not p for p in problems])
        parts: list[Batch] = []
        for start in range(0, len(good), chunk):
            rows = good[start : start + chunk]
            parts.append(fit_batch(curve, x[rows], y[rows], weight[rows], baseline))
            if progress:
                progress("fitting", min(start + chunk, len(good)), len(good))
        return cls._gathered(curve, names, good, parts, problems, baseline)

    @classmethod
    def _gathered(
        cls, curve: Curve, names: tuple[str, ...], good: npt.NDArray[np.intp], parts: list[Batch],
        problems: list[str], baseline: bool,
    ) -> CurveFits:  # fmt: skip
        labels = (*(("baseline",) if baseline else ()), "top", *(p.name for p in curve.parameters if p.free))
        blank = np.full((len(names), len(labels)), np.nan)
        parameters, errors, rss = blank.copy(), blank.copy(), blank[:, 0].copy()
        dof = np.zeros(len(names), dtype=np.intp)
        status, message = ["failed"] * len(names), list(problems)
        if parts:
            parameters[good] = np.concatenate([p.parameters for p in parts])
            variance = np.concatenate([np.einsum("bii->bi", p.covariance) for p in parts])
            errors[good], rss[good] = np.sqrt(variance), np.concatenate([p.rss for p in parts])
            dof[good] = np.concatenate([p.degrees_of_freedom for p in parts])
            for i, one in zip(good, (s for p in parts for s in p.status), strict=True):
                status[i] = one
        return cls(names, curve, labels, parameters, errors, rss, dof, tuple(status), tuple(message))

    def __len__(self) -> int:
        return len(self.campaigns)


def _padded(
    columns: list[npt.NDArray[Any]], parameters: int
) -> tuple[tuple[str, ...], FloatArray, FloatArray, FloatArray, list[str]]:
    """Return names, then spend, response and weights as (campaigns × longest), padding of weight 0, and problems."""
    labels, *numbers = columns
    if len({len(c) for c in columns}) != 1 or not len(labels):
        raise InputError(f"The columns must have one length above 0, got {[len(c) for c in columns]}.")
    unique, first, which = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(unique), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(unique))
    campaign = rank[which]
    order = np.argsort(campaign, kind="stable")
    size = np.bincount(campaign, minlength=len(unique))
    place = np.arange(len(labels)) - np.repeat(np.cumsum(size) - size, size)
    padded = [np.zeros((len(unique), size.max())) for _ in range(3)]
    values = [_as_numbers(c) for c in numbers] + ([] if len(numbers) > 2 else [np.ones(len(labels))])
    for out, value in zip(padded, values, strict=True):
        out[campaign[order], place] = value[order]
    x, y, weight = padded
    return (
        tuple(map(str, unique[np.argsort(first)].tolist())),
        x,
        y,
        weight,
        _problems(x, y, weight, size, parameters),
    )


def _as_numbers(column: npt.NDArray[Any]) -> FloatArray:
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "A spend, response or weight column holds text. Read it with read_spend, or convert it."
        ) from None


def _problems(
    x: FloatArray, y: FloatArray, weight: FloatArray, size: npt.NDArray[np.intp], parameters: int
) -> list[str]:
    """Return for each campaign why it cannot be fitted, or an empty text."""
    finite = np.isfinite(x).all(1) & np.isfinite(y).all(1) & np.isfinite(weight).all(1)
    rules = [
        (~finite, "has a missing or infinite value"),
        ((x < 0).any(1), "has negative spend"),
        ((weight < 0).any(1), "has a negative weight"),
        (x.max(1) == 0, "has no spend"),
        (size <= parameters, f"has no more rows than the {parameters} parameters"),
    ]
    return ["; ".join(text for bad, text in rules if bad[i]) for i in range(len(x))]
