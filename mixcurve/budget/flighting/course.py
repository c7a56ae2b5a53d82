"""`Course`: the objective of a flighting and its derivatives by the spend of every period and channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import toeplitz

from mixcurve.budget.flighting.problem import FlightProblem
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import Curve
from mixcurve.response.curves.derivatives import unit_marginal, unit_second
from mixcurve.response.fitted import Fitted

__all__ = ["AT_ONCE", "Course", "MeanCurves", "course_of", "mean_curves"]

FloatArray = npt.NDArray[np.float64]

AT_ONCE = 2_000_000
"""Values of curves computed in one pass, which holds memory down."""


@dataclass(frozen=True, eq=False)
class MeanCurves:
    """The mean response of each channel over the draws, as functions of spend of any shape, by the channel's number."""

    curve: tuple[Curve, ...]
    draws: FloatArray

    def value(self, channel: int, x: FloatArray) -> FloatArray:
        """Return the response."""
        return self._mean(channel, x, lambda c, x, s: (c.unit(x, s),))[0]

    def marginal(self, channel: int, x: FloatArray) -> tuple[FloatArray, ...]:
        """Return the response and its derivative."""
        return self._mean(channel, x, unit_marginal)

    def second(self, channel: int, x: FloatArray) -> tuple[FloatArray, ...]:
        """Return the response and its first and second derivatives."""
        return self._mean(channel, x, unit_second)

    def parameters(self, channel: int) -> FloatArray:
        """Return the parameters of a channel (draws × its parameters)."""
        return self.draws[:, channel, : len(self.curve[channel].names)]

    def _mean(
        self, channel: int, x: FloatArray, function: Callable[[Curve, Any, Sequence[Any]], tuple[Any, ...]]
    ) -> tuple[FloatArray, ...]:
        values = self.parameters(channel)
        curve, total = self.curve[channel], None
        step = max(1, AT_ONCE // max(x.size, 1))
        for start in range(0, len(values), step):
            top, *shape = values[start : start + step].T.reshape(len(curve.names), -1, *(1,) * x.ndim)
            with np.errstate(over="ignore", under="ignore", invalid="ignore"):
                parts = [(top * part).sum(axis=0) for part in function(curve, x[None], shape)]
            total = parts if total is None else [a + b for a, b in zip(total, parts, strict=True)]
        assert total is not None
        return tuple(part / len(values) for part in total)


def mean_curves(fitted: Fitted) -> MeanCurves:
    """Return the curves of a fit, refusing parameters that are not finite and a response that falls with spend."""
    draws = np.asarray(fitted.draws, dtype=np.float64)
    found = MeanCurves(tuple(fitted.curve), draws)
    for i, name in enumerate(fitted.channels):
        values = found.parameters(i)
        if not np.all(np.isfinite(values)):
            raise InputError(
                f"Channel '{name}' has a parameter that is not finite. Give every parameter a number."
            )
        if values[:, 0].min() < 0:
            raise InputError(
                f"Channel '{name}' has top {values[:, 0].min():g}, so its response falls with spend. "
                "Give a top of at least 0; a channel without effect has 0."
            )
    return found


@dataclass(frozen=True, eq=False)
class Course:
    """The objective as ``constant + Σ scale F(carried + K v) + Σ linear v - money_cost Σ x`` with v = x / prices.

    F is `MeanCurves`; ``kernel`` (C × T × T) is K, lower triangular; the others are (T × C). Where saturation goes
    first, K is the identity and ``scale`` counts all the response that a period's spend brings.
    """

    problem: FlightProblem
    curves: MeanCurves
    kernel: FloatArray
    carried: FloatArray
    scale: FloatArray
    linear: FloatArray
    constant: float

    def state(self, spend: FloatArray) -> FloatArray:
        """Return spend after carryover (T × C)."""
        return self.carried + np.einsum("cts,sc->tc", self.kernel, spend / self.problem.prices)

    def value(self, spend: FloatArray) -> float:
        """Return the objective at spend (T × C)."""
        state = self.state(spend)
        response = np.stack([self.curves.value(c, state[:, c]) for c in range(state.shape[1])], axis=1)
        return self._total(response, spend)

    def gradient(self, spend: FloatArray) -> tuple[float, FloatArray]:
        """Return the objective and its derivative (T × C)."""
        state = self.state(spend)
        parts = [self.curves.marginal(c, state[:, c]) for c in range(state.shape[1])]
        response, slope = (np.stack(p, axis=1) for p in zip(*parts, strict=True))
        return self._total(response, spend), self._by_spend(slope)

    def second(self, spend: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the objective, its derivative (T × C) and each channel's second derivatives (C × T × T)."""
        state = self.state(spend)
        parts = [self.curves.second(c, state[:, c]) for c in range(state.shape[1])]
        response, slope, bend = (np.stack(p, axis=1) for p in zip(*parts, strict=True))
        per_price = self.kernel / self.problem.prices.T[:, None, :]
        hessian = (per_price.transpose(0, 2, 1) * (self.scale * bend).T[:, None, :]) @ per_price
        return self._total(response, spend), self._by_spend(slope), hessian

    def response(self, spend: FloatArray) -> FloatArray:
        """Return the response by period and channel (T × C), season included."""
        problem = self.problem
        if problem.carryover_first:
            state = self.state(spend)
            return problem.season * _values(self.curves, state)
        earlier, now = _values(self.curves, problem.history), _values(self.curves, spend / problem.prices)
        return problem.season * (problem.carried_in(earlier) + np.einsum("cts,sc->tc", _kernel(problem), now))

    def _total(self, response: FloatArray, spend: FloatArray) -> float:
        volume = spend / self.problem.prices
        counted = float(np.sum(self.scale * response) + np.sum(self.linear * volume))
        return self.constant + counted - self.problem.money_cost * float(spend.sum())

    def _by_spend(self, slope: FloatArray) -> FloatArray:
        by_volume = np.einsum("cts,tc->sc", self.kernel, self.scale * slope) + self.linear
        return by_volume / self.problem.prices - self.problem.money_cost


def _values(curves: MeanCurves, x: FloatArray) -> FloatArray:
    return np.stack([curves.value(c, x[:, c]) for c in range(x.shape[1])], axis=1)


def _kernel(problem: FlightProblem) -> FloatArray:
    """Return the carryover from period s to period t (C × T × T)."""
    lags = problem.lag_weights()[:, : problem.periods]
    lags = np.pad(lags, ((0, 0), (0, problem.periods - lags.shape[1])))
    return np.stack([toeplitz(row, np.zeros(problem.periods)) for row in lags])


def course_of(problem: FlightProblem, curves: MeanCurves) -> Course:
    """Return the objective of a problem."""
    kernel, left = _kernel(problem), problem.share_left() * problem.credit
    scale = problem.worth * problem.season
    if problem.carryover_first:
        return Course(problem, curves, kernel, problem.carried_in(problem.history), scale, left, 0.0)
    before = scale * problem.carried_in(_values(curves, problem.history))
    counted = np.einsum("cts,tc->sc", kernel, scale) + left
    alone = np.broadcast_to(np.eye(problem.periods), kernel.shape)
    none = np.zeros_like(scale)
    return Course(problem, curves, alone, none, counted, none, float(before.sum()))
