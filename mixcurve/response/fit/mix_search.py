"""The search of a mix: many starts, the best solution, its covariance, and block-bootstrap refits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.mix_basis import MixBasis
from mixcurve.response.fit.projection import Solution, minimise, settle

__all__ = [
    "Searched",
    "covariance_of",
    "degrees_of_freedom",
    "linearised",
    "resampled",
    "search",
    "typical_pull",
]

FloatArray = npt.NDArray[np.float64]

FIRST_PASS = 20
"""Iterations that every start gets; the best then go on."""
FINALISTS = 8
AGREEMENT = 1e-3
"""Starts whose objectives are this near (relative) to the best count as agreeing."""
TYPICAL_SPREAD = 2 * 1.6448536269514722
"""A typical range holds 90% of campaigns: this many standard deviations of a normal distribution."""


AMPLITUDE_SPREAD = 3.0
"""Scale of the prior on a channel's ``top``, in standard deviations of the response."""


@dataclass(frozen=True)
class Searched:
    """The chosen θ (k,) and amplitudes (C,), their sum of squares, how the search went, and the pull that it used."""

    theta: FloatArray
    amplitude: FloatArray
    objective: float
    converged: bool
    starts: int
    agreeing: int
    pull: TypicalPull


@dataclass(frozen=True)
class TypicalPull:
    """A weak spring on each parameter towards the middle of its typical range, in units of the noise.

    It adds ``noise² Σ ((θ - middle) / spread)²`` to the sum of squares: the posterior mode under normal priors whose
    90% ranges are the typical ranges. Where the data speak it changes nothing; where they do not, it keeps the
    estimate from running to a step or to infinity, and a channel of constant spend from taking the baseline.
    """

    middle: FloatArray
    spread: FloatArray
    noise: float

    @property
    def ridge(self) -> float:
        """The spring on amplitudes towards 0: a half-normal prior whose scale is so many deviations of the response."""
        return (self.noise / AMPLITUDE_SPREAD) ** 2

    def __call__(self, theta: FloatArray, which: object) -> tuple[FloatArray, FloatArray]:
        """Return the rows (B × k) and their derivatives (B × k × k)."""
        rate = self.noise / self.spread
        return (theta - self.middle) * rate, np.broadcast_to(
            np.diag(rate), (len(theta), len(rate), len(rate))
        )


def typical_box(basis: MixBasis) -> FloatArray:
    """Return the typical ranges on the real line, (k × 2)."""
    ranges = [(p.parameter, p.parameter.typical) for p in basis.places]
    return np.array([[float(p.to_real(t.low)), float(p.to_real(t.high))] for p, t in ranges]).reshape(-1, 2)


def typical_pull(basis: MixBasis, noise: float) -> TypicalPull:
    """Return the spring for noise of the given standard deviation."""
    box = typical_box(basis)
    return TypicalPull(box.mean(axis=1), (box[:, 1] - box[:, 0]) / TYPICAL_SPREAD, noise)


def search(basis: MixBasis, target: FloatArray, starts: int, rng: np.random.Generator) -> Searched:
    """Return the best of many starts drawn from the parameters' typical ranges.

    The least sum of squares is searched first, without a pull: it gives the noise that the pull is measured in.
    """
    box = typical_box(basis)
    first = rng.uniform(box[:, 0], box[:, 1], (max(starts, 1), len(box)))
    bare = _from_starts(basis, target, first, None)
    least = int(np.argmin(bare.objective))
    dof = max(target.shape[1] - basis.nuisance.shape[1] - len(basis.curve) - len(box), 1)
    pull = typical_pull(basis, float(np.sqrt(bare.objective[least] / dof)))
    final = _from_starts(basis, target, np.concatenate([first, bare.theta]), pull)
    top = int(np.argmin(final.objective))
    agreeing = int((final.objective <= final.objective[top] * (1 + AGREEMENT)).sum())
    last = Solution(*(getattr(final, f)[[top]] for f in final.__dataclass_fields__))
    settled = settle(basis, target, last, *basis.bounds, penalty=pull, ridge=pull.ridge)
    theta, amplitude = settled.theta[0], settled.amplitude[0]
    residual = target[0] - amplitude @ basis.project(basis.columns(theta[None])[0])
    return Searched(
        theta, amplitude, float(residual @ residual), bool(final.converged[top]), len(final.theta), agreeing,
        pull,
    )  # fmt: skip


def _from_starts(
    basis: MixBasis, target: FloatArray, starts: FloatArray, pull: TypicalPull | None
) -> Solution:
    """Return the solutions from all starts, the best few of them finished to the last digit."""
    low, high = basis.bounds

    def run(theta: FloatArray, **settings: float) -> Solution:
        everywhere = np.broadcast_to(target, (len(theta), target.shape[1]))
        ridge = pull.ridge if pull else 0.0
        return minimise(basis, everywhere, theta, low, high, penalty=pull, ridge=ridge, **settings)  # type: ignore[arg-type]

    rough = run(starts, max_iterations=FIRST_PASS, newton_after=FIRST_PASS, tolerance=1e-5)
    best = np.argsort(rough.objective)[:FINALISTS]
    final = run(rough.theta[best], max_iterations=80, newton_after=30, tolerance=1e-10)
    for field in ("theta", "amplitude", "objective", "converged"):
        getattr(rough, field)[best] = getattr(final, field)
    return rough


def degrees_of_freedom(basis: MixBasis, found: Searched) -> int:
    """Return n - p: rows less nuisance columns, funded amplitudes, and searched parameters of funded channels."""
    funded = found.amplitude > 0
    spent = basis.nuisance.shape[1] + int(funded.sum()) + int(funded[basis.owner].sum())
    return basis.spend.shape[1] - spent


def linearised(basis: MixBasis, found: Searched) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Return the Jacobian of fitted values by amplitudes and θ, nuisance projected out (n × (C + k)), and what is free.

    Parameters of a channel with amplitude 0 and parameters at their bound are not free.
    """
    columns, derivatives = basis.raw(found.theta[None])
    by_theta = derivatives[0] * found.amplitude[basis.owner, None]
    jacobian = basis.project(np.concatenate([columns[0], by_theta])).T
    low, high = basis.bounds
    inside = (found.theta > low + 1e-9) & (found.theta < high - 1e-9)
    funded = found.amplitude > 0
    return jacobian, np.concatenate([funded, inside & funded[basis.owner]])


def covariance_of(
    basis: MixBasis, channels: tuple[str, ...], found: Searched, spend_unit: FloatArray, response_unit: float
) -> tuple[tuple[str, ...], FloatArray, int]:
    """Return names, covariance in users' units, and degrees of freedom; what is not free has NaN."""
    jacobian, free = linearised(basis, found)
    dof = degrees_of_freedom(basis, found)
    size = np.linalg.norm(jacobian[:, free], axis=0)
    _, r = np.linalg.qr(jacobian[:, free] / np.where(size > 0, size, 1.0))
    inverse = np.linalg.pinv(r) / np.where(size > 0, size, 1.0)[:, None]
    covariance = np.full((len(free), len(free)), np.nan)
    covariance[np.ix_(free, free)] = inverse @ inverse.T * found.objective / max(dof, 1)
    rate = [response_unit] * len(basis.curve)
    for place, theta in zip(basis.places, found.theta, strict=True):
        p = place.parameter
        rate.append(
            spend_unit[place.channel] ** p.spend_power
            * (float(p.from_real(theta)) if p.scale == "log" else 1.0)
        )
    names = [f"{c}.top" for c in channels] + [
        f"{channels[p.channel]}.{p.parameter.name}" for p in basis.places
    ]
    return tuple(names), covariance * np.outer(rate, rate), dof


def resampled(
    basis: MixBasis, y: FloatArray, found: Searched, count: int, rng: np.random.Generator
) -> FloatArray:
    """Return refits to moving-block resamples of the residuals, (count × (k + C)): θ, then amplitudes.

    Blocks keep the autocorrelation of weekly series (Künsch 1989); residuals are inflated by sqrt(n / dof).
    """
    n = len(y)
    if count == 0:
        return np.empty((0, len(found.theta) + len(found.amplitude)))
    fitted = found.amplitude @ basis.columns(found.theta[None])[0]
    rest = basis.project((y - fitted)[None])[0]
    residual = (rest - rest.mean()) * np.sqrt(n / max(degrees_of_freedom(basis, found), 1))
    block = max(1, round(n ** (1 / 3)))
    first = rng.integers(0, n - block + 1, (count, -(-n // block)))
    order = (first[:, :, None] + np.arange(block)).reshape(count, -1)[:, :n]
    target = basis.project(fitted[None] + residual[order])
    low, high = basis.bounds
    again = minimise(
        basis, target, np.tile(found.theta, (count, 1)), low, high,
        penalty=found.pull, ridge=found.pull.ridge, max_iterations=25, newton_after=99, tolerance=1e-5,
    )  # fmt: skip
    return np.column_stack([again.theta, again.amplitude])
