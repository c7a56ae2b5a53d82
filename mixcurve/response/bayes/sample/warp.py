"""Coordinates in which the posterior is nearly a standard normal one, learned from draws: turned, then straightened.

``position = centre + root g(inner_centre + inner_root z)``, where g acts on each coordinate by itself:
g(w) = (exp(skew w) - 1) / skew · exp(tail w² / 2), Tukey's g-and-h map: long and heavy tails, such as those of a
half-saturation that the data hardly limit above, become normal ones. Source: Hoaglin (1985), in Exploring Data Tables,
Trends, and Shapes, chapter 11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg, special

from mixcurve.response.bayes.vectors.tape import Program

__all__ = ["Warp", "warp_from_draws", "warped"]

FloatArray = npt.NDArray[np.float64]

SKEWS = np.linspace(-0.4, 0.4, 17)
TAILS = np.linspace(0.0, 0.1, 6)
"""Skews and tails looked at; more of either would make g too steep far out."""
SHARES = np.array([0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98])
"""Quantiles that are matched."""
LEAST_SKEW = 1e-3
"""A smaller skew is none; g would lose digits."""
ROUNDS = 60
"""Halvings that invert g."""
FARTHEST = 12.0
SHRINK = 5.0
"""The covariance is drawn towards its diagonal as if so many more draws had none."""


@dataclass(frozen=True, eq=False)
class Warp:
    """The map from z to the position; ``skew`` and ``tail`` (d,), the others as in the module's formula."""

    centre: FloatArray
    root: FloatArray
    skew: FloatArray
    tail: FloatArray
    inner_centre: FloatArray
    inner_root: FloatArray

    def __call__(self, z: FloatArray) -> FloatArray:
        """Return positions (… × d) for z (… × d)."""
        w = z @ self.inner_root.T + self.inner_centre
        return _bent(w, self.skew, self.tail) @ self.root.T + self.centre

    def on(self, program: Program) -> Program:
        """Return the program in these coordinates."""
        return program.with_matrices(
            **{
                "centre": self.centre[:, None], "root": self.root, "skew": self.skew[:, None],
                "tail": self.tail[:, None], "inner centre": self.inner_centre[:, None], "inner root": self.inner_root,
            }
        )  # fmt: skip


def warped(xp: Any, z: Any, size: int) -> tuple[Any, Any]:
    """Return the position and the log of g's slope (1,) for z; `Warp.on` fills the named matrices."""
    one = np.ones((size, 1))
    skew, tail = xp.matvec(LEAST_SKEW * one, 1.0, "skew"), xp.matvec(0.0 * one, 1.0, "tail")
    w = xp.matvec(np.eye(size), z, "inner root") + xp.matvec(0.0 * one, 1.0, "inner centre")
    rise, heavy = xp.expm1(skew * w) / skew, 0.5 * tail * w**2
    position = xp.matvec(np.eye(size), rise * xp.exp(heavy), "root") + xp.matvec(0.0 * one, 1.0, "centre")
    log_slope = xp.sum(heavy + xp.log(1.0 + skew * rise + rise * tail * w))
    return position, log_slope


def warp_from_draws(draws: FloatArray) -> Warp:
    """Return the map under which draws (draws × d) look standard normal."""
    mean = draws.mean(axis=0)
    values, vectors = linalg.eigh(_covariance(draws))
    root = vectors * np.sqrt(values)
    turned = (draws - mean) @ (vectors / np.sqrt(values))
    middle = np.median(turned, axis=0)
    scale, skew, tail = _matched(turned - middle)
    w = _unbent((turned - middle) / scale, skew, tail)
    inner = _covariance(w)
    return Warp(
        mean + root @ middle, root * scale, skew, tail, w.mean(axis=0), linalg.cholesky(inner, lower=True)
    )


def _covariance(draws: FloatArray) -> FloatArray:
    count, size = draws.shape
    covariance, weight = np.cov(draws.T).reshape(size, size), count / (count + SHRINK)
    return weight * covariance + (1.0 - weight) * np.diag(np.diag(covariance)) + 1e-9 * np.eye(size)


def _bent(w: FloatArray, skew: FloatArray, tail: FloatArray) -> FloatArray:
    return np.expm1(skew * w) / skew * np.exp(0.5 * tail * w**2)


def _unbent(values: FloatArray, skew: FloatArray, tail: FloatArray) -> FloatArray:
    """Return w with g(w) = values (draws × d), by halving."""
    low, high = np.full_like(values, -FARTHEST), np.full_like(values, FARTHEST)
    for _ in range(ROUNDS):
        middle = 0.5 * (low + high)
        below = _bent(middle, skew, tail) < values
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


def _matched(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return scale, skew and tail (d,) of the map whose quantiles are nearest to those of the values (draws × d)."""
    found = np.quantile(values, SHARES, axis=0)
    normal = special.ndtri(SHARES)
    best, out = np.full(values.shape[1], np.inf), np.zeros((3, values.shape[1]))
    for skew in SKEWS:
        own = skew if abs(skew) > LEAST_SKEW else LEAST_SKEW
        for tail in TAILS:
            shape = _bent(normal, np.array(own), np.array(tail))
            scale = np.maximum(shape @ found / (shape @ shape), 1e-9)
            miss = ((found - shape[:, None] * scale) ** 2).sum(axis=0)
            better = miss < best
            best = np.where(better, miss, best)
            out[:, better] = np.stack([scale, np.full_like(scale, own), np.full_like(scale, tail)])[:, better]
    return out[0], out[1], out[2]
