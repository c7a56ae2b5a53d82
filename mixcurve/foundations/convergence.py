"""R-hat and effective sample sizes of many coordinates at once, and the energy's fraction of missing information.

Rank-normalised split R-hat, bulk and tail effective sample size of Vehtari, Gelman, Simpson, Carpenter and Bürkner
(2021), Bayesian Analysis 16, 667-718, equal to those of ArviZ but vectorised over coordinates: one sort and three
Fourier transforms for all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft, special, stats

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = ["FEWEST_DRAWS", "Convergence", "convergence", "effective_size", "missing_information"]

FloatArray = npt.NDArray[np.float64]

TAILS = (0.05, 0.95)
"""Quantiles whose effective sample size is the tail's (Vehtari et al. 2021, section 4.3)."""
BLOM = 0.375
"""Offset of ranks before the normal quantile (Blom 1958)."""
AT_ONCE = 100
"""Coordinates worked on together, which holds memory down."""
FEWEST_DRAWS = 8
"""Of each chain, so that each half has four."""


@dataclass(frozen=True, eq=False)
class Convergence(Result):
    """By coordinate (d,); NaN where a coordinate never moved, or hardly any value occurs more than once."""

    r_hat: FloatArray
    bulk: FloatArray
    tail: FloatArray


def convergence(draws: npt.ArrayLike) -> Convergence:
    """Return R-hat, bulk and tail effective sample size of each coordinate.

    Parameters
    ----------
    draws
        (chains × draws × d), at least 8 draws of each chain.

    Raises
    ------
    InputError
        If the draws are too few or not finite.

    Examples
    --------
    >>> found = convergence(np.random.default_rng(1).standard_normal((4, 500, 2)))
    >>> bool((found.r_hat < 1.01).all()), bool((found.bulk > 1500).all()), found.tail.shape
    (True, True, (2,))
    """
    values = finite_array("draws", draws, ndim=3)
    if values.shape[1] < FEWEST_DRAWS:
        raise InputError(
            f"draws must hold at least {FEWEST_DRAWS} draws of each chain, got {values.shape[1]}. Draw more."
        )
    parts = [_block(values[..., i : i + AT_ONCE]) for i in range(0, values.shape[2], AT_ONCE)]
    return Convergence(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def effective_size(draws: npt.ArrayLike) -> FloatArray:
    """Return the effective sample size of the mean of each coordinate, for draws (chains × draws × d).

    Examples
    --------
    >>> bool(effective_size(np.random.default_rng(1).standard_normal((4, 500, 1)))[0] > 1500)
    True
    """
    values = finite_array("draws", draws, ndim=3)
    return _effective(_halves(np.ascontiguousarray(values.transpose(2, 0, 1))))


def missing_information(energy: npt.ArrayLike, change: npt.ArrayLike | None = None) -> FloatArray:
    """Return E-BFMI of each chain: Σ (E_t - E_(t-1))² / Σ (E_t - mean E)², for energy (chains × draws).

    Of draws that were thinned, ``change`` (chains × draws) holds the E_t - E_(t-1) of the sampler's own steps.

    Source: Betancourt (2016), "Diagnosing suboptimal cotangent disintegrations in Hamiltonian Monte Carlo".

    Examples
    --------
    >>> missing_information([[0.0, 1.0, 0.0, 1.0]]).round(6).tolist()
    [3.0]
    """
    values = finite_array("energy", energy, ndim=2)
    steps = np.diff(values, axis=1) if change is None else finite_array("change", change, ndim=2)
    moved = (steps**2).mean(axis=1)
    spread = values.var(axis=1, ddof=1)
    return np.divide(moved, spread, out=np.full(len(values), np.nan), where=spread > 0)


def _block(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    x = np.ascontiguousarray(values.transpose(2, 0, 1))
    split = _halves(x)
    middle = np.median(split, axis=(1, 2), keepdims=True)
    ranked = _normal_scores(split)
    r_hat = np.maximum(_r_hat(ranked), _r_hat(_normal_scores(np.abs(split - middle))))
    edges = np.quantile(x, TAILS, axis=(1, 2))[..., None, None]
    tails = [_effective(_halves((x <= edge).astype(np.float64))) for edge in edges]
    return r_hat, _effective(ranked), np.minimum(*tails)


def _halves(x: FloatArray) -> FloatArray:
    """Return each chain's halves as chains of their own (d × 2m × n/2)."""
    half = x.shape[2] // 2
    return np.concatenate([x[..., :half], x[..., -half:]], axis=1)


def _normal_scores(x: FloatArray) -> FloatArray:
    flat = x.reshape(len(x), -1)
    rank = stats.rankdata(flat, axis=1)
    return np.asarray(special.ndtri((rank - BLOM) / (flat.shape[1] - 2 * BLOM + 1.0))).reshape(x.shape)


def _r_hat(x: FloatArray) -> FloatArray:
    """Return sqrt((n - 1) / n + B / W): between over within the chains (d × m × n)."""
    n = x.shape[2]
    between, within = x.mean(axis=2).var(axis=1, ddof=1), x.var(axis=2, ddof=1).mean(axis=1)
    ratio = np.divide(between, within, out=np.full(len(x), np.nan), where=within > 0)
    return np.sqrt((n - 1) / n + ratio)


def _effective(x: FloatArray) -> FloatArray:
    """Return m n / τ of chains (d × m × n): Geyer's initial monotone sequence of pairs of autocorrelations."""
    _, chains, n = x.shape
    covariance = _autocovariance(x)
    within = covariance[:, :, 0].mean(axis=1) * n / (n - 1.0)
    total = within * (n - 1.0) / n + x.mean(axis=2).var(axis=1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 1.0 - (within[:, None] - covariance.mean(axis=1)) / total[:, None]
    rho[:, 0] = 1.0
    pairs = 1 + max(0, (n - 4) // 2 + (n - 4) % 2)
    both = rho[:, 0 : 2 * pairs : 2] + rho[:, 1 : 2 * pairs : 2]
    count = np.where((both <= 0).any(axis=1), np.argmax(both <= 0, axis=1), pairs - 1)
    falling = np.minimum.accumulate(both, axis=1) * (np.arange(both.shape[1]) < count[:, None])
    last = np.maximum(np.take_along_axis(rho, 2 * count[:, None], axis=1)[:, 0], 0.0)
    tau = -1.0 + 2.0 * falling.sum(axis=1) + last
    size = chains * n
    found = size / np.maximum(tau, 1.0 / np.log10(size))
    return np.where(np.isfinite(total) & (total > 0), found, np.nan)


def _autocovariance(x: FloatArray) -> FloatArray:
    n = x.shape[2]
    length = fft.next_fast_len(2 * n, real=True)
    spectrum = fft.rfft(x - x.mean(axis=2, keepdims=True), n=length, axis=2)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(fft.irfft(power, n=length, axis=2))[:, :, :n] / n
