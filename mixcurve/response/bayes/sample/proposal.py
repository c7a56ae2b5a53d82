"""A mixture of Student-t distributions to draw from, and its adaptation to a density by importance weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import linalg, optimize, special

from mixcurve.response.bayes.sample.whiten import Density, Whitening

__all__ = ["Mixture", "Weighed", "adapted", "weigh"]

FloatArray = npt.NDArray[np.float64]

FREEDOM = 15.0
"""Degrees of freedom: tails a little heavier than a normal distribution's, which bounds weights; fewer cost more draws
in many dimensions."""
ROUNDS, PER_ROUND = 5, 1500
"""Of the adaptation; at 30 to 50 microseconds a density they take about half a second."""
ENOUGH = 3.0
"""Weights are flattened until so many draws per dimension count, or moments could not be taken from them."""
PULL_CENTRE, PULL_SPREAD = 0.1, 1.0
"""A piece's moments are drawn to its former ones as if those were so many draws per dimension."""
LEAST_SHARE = 0.002
"""A piece keeps this share of the draws, so that what it alone reaches stays in sight."""
IMPOSSIBLE = -1e30
"""Log density where the density is not finite."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """K pieces in d dimensions: shares (K,), centres (K × d), lower triangular roots (K × d × d)."""

    shares: FloatArray
    centres: FloatArray
    roots: FloatArray

    @classmethod
    def of(cls, pieces: Sequence[Whitening], shares: FloatArray) -> Mixture:
        """Return the mixture of these pieces; their roots may be any square roots of the covariances."""
        roots = [linalg.qr(p.root.T, mode="r")[0].T for p in pieces]
        lower = [r * np.where(np.diag(r) < 0, -1.0, 1.0) for r in roots]
        return cls(shares / shares.sum(), np.array([p.centre for p in pieces]), np.array(lower))

    def draw(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Return draws (count × d)."""
        size = self.centres.shape[1]
        out = []
        for k, many in enumerate(rng.multinomial(count, self.shares)):
            z = rng.standard_normal((many, size)) / np.sqrt(rng.chisquare(FREEDOM, (many, 1)) / FREEDOM)
            out.append(self.centres[k] + z @ self.roots[k].T)
        return np.concatenate(out)

    def log_densities(self, draws: FloatArray) -> FloatArray:
        """Return log share + log density of each piece (K × draws), up to one constant."""
        size = draws.shape[1]
        out = np.empty((len(self.shares), len(draws)))
        for k, (share, centre, root) in enumerate(zip(self.shares, self.centres, self.roots, strict=True)):
            z = linalg.solve_triangular(root, (draws - centre).T, lower=True)
            tail = -0.5 * (FREEDOM + size) * np.log1p((z**2).sum(axis=0) / FREEDOM)
            out[k] = np.log(share) - np.log(np.diag(root)).sum() + tail
        return out


@dataclass(frozen=True, eq=False)
class Weighed:
    """Draws (n × d), their log densities and log ratios of density to proposal (n,), and the pieces' parts in them."""

    draws: FloatArray
    log_density: FloatArray
    log_ratio: FloatArray
    parts: FloatArray


def weigh(density: Density, mixture: Mixture, count: int, rng: np.random.Generator) -> Weighed:
    """Draw from the mixture and weigh by the density."""
    draws = mixture.draw(count, rng)
    value = np.array([density(z)[0] for z in draws])
    value = np.where(np.isfinite(value), value, IMPOSSIBLE)
    each = mixture.log_densities(draws)
    whole = special.logsumexp(each, axis=0)
    return Weighed(draws, value, value - whole, np.exp(each - whole))


def adapted(density: Density, mixture: Mixture, rng: np.random.Generator) -> Mixture:
    """Return the mixture drawn towards the density: in each round shares, centres and spreads are those of the weights.

    Sources: Cappé, Douc, Guillin, Marin and Robert (2008), Adaptive importance sampling in general mixture classes;
    Koblents and Míguez (2015), A population Monte Carlo scheme with transformed weights, for the flattening.
    """
    for _ in range(ROUNDS):
        mixture = _moved(mixture, weigh(density, mixture, PER_ROUND, rng))
    return mixture


def _moved(mixture: Mixture, found: Weighed) -> Mixture:
    size = found.draws.shape[1]
    weight, count = _flattened(found.log_ratio, min(ENOUGH * size, PER_ROUND / 4.0))
    mine = found.parts * weight
    centres, roots = mixture.centres.copy(), mixture.roots.copy()
    for k, part in enumerate(mine):
        draws = count * part.sum()
        held = PULL_CENTRE * size
        centres[k] = (count * part @ found.draws + held * centres[k]) / (draws + held)
        away = found.draws - centres[k]
        spread = count * (away * part[:, None]).T @ away + PULL_SPREAD * size * roots[k] @ roots[k].T
        roots[k] = linalg.cholesky(spread / (draws + PULL_SPREAD * size), lower=True)
    shares = np.maximum(mine.sum(axis=1), LEAST_SHARE)
    return replace(mixture, shares=shares / shares.sum(), centres=centres, roots=roots)


def _flattened(log_ratio: FloatArray, wanted: float) -> tuple[FloatArray, float]:
    """Return weights to the greatest power of at most 1 at which so many draws count, and how many do."""

    def counting(power: float) -> float:
        return float(np.exp(-special.logsumexp(2.0 * special.log_softmax(power * log_ratio))))

    power = 1.0
    if counting(1.0) < wanted:
        power = float(optimize.brentq(lambda p: counting(p) - wanted, 0.0, 1.0, xtol=1e-4))
    return special.softmax(power * log_ratio), counting(power)
