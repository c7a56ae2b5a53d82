"""From a solved mix back to users' units: curves, contributions, baseline, draws, and what a forecast needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.mix.basis import MixBasis
from mixcurve.response.fit.mix.plausible import Plausible
from mixcurve.response.fit.mix.problem import MixProblem

__all__ = ["Decomposition", "carryover_values", "contribution_draws", "decomposition", "natural"]

FloatArray = npt.NDArray[np.float64]

TOGETHER = 64
"""Draws whose contributions are computed side by side."""


@dataclass(frozen=True, eq=False)
class Decomposition:
    """The response in parts, in its own unit: contributions (n × C), carried spend (n × C), baseline parts (n × parts).

    ``coefficients`` (z,) and ``signed`` (s,) are of the linear and the signed columns, in the units of the search.
    """

    contributions: FloatArray
    carried: FloatArray
    parts: FloatArray
    part_names: tuple[str, ...]
    residual: FloatArray
    coefficients: FloatArray
    signed: FloatArray

    @property
    def baseline(self) -> FloatArray:
        """Everything but the channels (n,)."""
        return self.parts.sum(axis=1)


def decomposition(problem: MixProblem, theta: FloatArray, amplitude: FloatArray) -> Decomposition:
    """Return contributions, baseline and residual, which add up to the response, and what they are made of."""
    basis, linear = problem.basis, problem.basis.linear
    channels, unit = len(basis.curve), problem.row_unit[:, None]
    media = (amplitude[:channels, None] * basis.columns(theta[None])[0]).T
    signed = (amplitude[channels:, None] * basis.signed).T
    weight = linear.coefficients(problem.y - media.sum(axis=1) - signed.sum(axis=1))
    parts, names = _parts(problem, np.column_stack([linear.columns * weight, signed]))
    contributions = media * unit
    residual = problem.table.response - contributions.sum(axis=1) - (parts * unit).sum(axis=1)
    carried = np.stack([basis.carried(theta[None], c)[0] for c in range(channels)], axis=1)
    return Decomposition(
        contributions, carried * problem.spend_unit * problem.row_size[:, None], parts * unit, names, residual,
        weight, amplitude[channels:],
    )  # fmt: skip


def _parts(problem: MixProblem, each: FloatArray) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the baseline split by name (n × parts); columns of one name, such as the season's, are added up."""
    names = (*problem.names, *problem.signed_names)
    unique = tuple(dict.fromkeys(names))
    return np.stack([each[:, [n == u for n in names]].sum(axis=1) for u in unique], axis=1), unique


def natural(problem: MixProblem, theta: FloatArray, amplitude: FloatArray) -> FloatArray:
    """Return the curves' parameters in users' units, for the mean group (B × channels × parameters), ``top`` first.

    Channels with fewer parameters end in NaN.
    """
    basis = problem.basis
    longest = max(len(c.names) for c in basis.curve)
    out = np.full((len(theta), len(basis.curve), longest), np.nan)
    for c, curve in enumerate(basis.curve):
        _, shape = basis.values(theta, c)
        out[:, c, 0] = amplitude[:, c] * problem.response_unit
        for i, (p, value) in enumerate(zip(curve.parameters, shape, strict=True)):
            out[:, c, 1 + i] = value * problem.spend_unit[c] ** p.spend_power
    return out


def carryover_values(basis: MixBasis, theta: FloatArray) -> FloatArray:
    """Return the kernels' parameters (B × channels × parameters); channels with fewer end in NaN."""
    longest = max(len(k.parameters) for k in basis.kernel)
    out = np.full((len(theta), len(basis.kernel), longest), np.nan)
    for c in range(len(basis.kernel)):
        for i, value in enumerate(basis.values(theta, c)[0]):
            out[:, c, i] = value
    return out


def contribution_draws(problem: MixProblem, plausible: Plausible) -> tuple[FloatArray, FloatArray]:
    """Return total contributions by draw, group and channel (R × G × C), and coefficients (R × z) without their error.

    Coefficients are in the units of the search.
    """
    basis, linear = problem.basis, problem.basis.linear
    channels = len(basis.curve)
    totals, coefficients = [], []
    root = linear.coefficient_root()[:, : len(problem.y)]
    for first in range(0, len(plausible.thetas), TOGETHER):
        rows = slice(first, first + TOGETHER)
        amplitude = plausible.amplitudes[rows]
        media = amplitude[:, :channels, None] * basis.columns(plausible.thetas[rows])
        whole = media * problem.row_unit
        totals.append(np.stack([whole[..., b].sum(axis=-1) for b in linear.blocks], axis=1))
        rest = problem.y - media.sum(axis=1) - amplitude[:, channels:] @ basis.signed
        coefficients.append(linear.whiten(rest) @ root.T)
    empty: Any = np.empty((0, len(linear.blocks), channels)), np.empty((0, linear.columns.shape[1]))
    return (np.concatenate(totals), np.concatenate(coefficients)) if totals else empty
