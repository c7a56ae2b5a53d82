"""The search of a mix: many nodes looked at, the best few solved, the noise estimated with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.amplitudes import amplitudes
from mixcurve.response.fit.mix.basis import MixBasis
from mixcurve.response.fit.projection import Solution, minimise, settle

__all__ = [
    "Basin",
    "Searched",
    "TypicalPull",
    "covariance_of",
    "degrees_of_freedom",
    "linearised",
    "pulled",
    "search",
    "typical_pull",
]

FloatArray = npt.NDArray[np.float64]

NODES_PER_START = 8
"""Random nodes whose projected sum of squares is looked at for each start; the best are the starts."""
SOLVED_SHARE = 4
"""One in so many of the starts is solved at first, at least `FEWEST_SOLVED`."""
FEWEST_SOLVED = 8
FIRST_PASS = 20
"""Iterations that every solved start gets; the best then go on."""
FINALISTS = 4
AGREEMENT = 1e-3
"""Starts whose objectives are this near (relative) to the best count as agreeing."""
NOISE_ROUNDS = 12
NOISE_SETTLED = 1e-11
"""Rounds of solving with the noise of the round before, until the noise changes by less than this share."""
TYPICAL_SPREAD = 2 * 1.6448536269514722
"""A typical range holds 90% of campaigns: this many standard deviations of a normal distribution."""
AMPLITUDE_SPREAD = 3.0
"""Scale of the prior on a channel's ``top``, in standard deviations of the response."""


@dataclass(frozen=True)
class TypicalPull:
    """A weak spring on each parameter towards the middle of its typical range, in units of the noise.

    It adds ``noise² Σ ((θ - middle) / spread)²`` to the sum of squares: the posterior mode under normal priors whose
    90% ranges are the typical ranges. Where the data speak it changes nothing; where they do not, it keeps the
    estimate from running to a step or to infinity, and a channel of constant spend from taking the baseline.
    ``sprung`` (C + s,) is 1 for the amplitude of a channel and 0 for a control's coefficient, which has no spring.
    """

    middle: FloatArray
    spread: FloatArray
    noise: float
    sprung: FloatArray

    @property
    def ridge(self) -> FloatArray:
        """The spring on amplitudes towards 0: a half-normal prior whose scale is so many deviations of the response."""
        return self.sprung * (self.noise / AMPLITUDE_SPREAD) ** 2

    def __call__(self, theta: FloatArray, which: object) -> tuple[FloatArray, FloatArray]:
        """Return the rows (B × k) and their derivatives (B × k × k)."""
        rate = self.noise / self.spread
        slopes = np.broadcast_to(np.diag(rate), (len(theta), len(rate), len(rate)))
        return (theta - self.middle) * rate, slopes


@dataclass(frozen=True)
class Basin:
    """A solution of one start: θ (k,), amplitudes (C + s,), and its objective with the pull."""

    theta: FloatArray
    amplitude: FloatArray
    objective: float


@dataclass(frozen=True)
class Searched:
    """The chosen θ (k,) and amplitudes (C + s,), their sum of squares, how the search went, the pull, other basins.

    ``degrees_of_freedom`` is n less what baseline, amplitudes and shapes take, each pulled parameter counted by the
    share of it that the data determine.
    """

    theta: FloatArray
    amplitude: FloatArray
    objective: float
    converged: bool
    starts: int
    agreeing: int
    pull: TypicalPull
    degrees_of_freedom: float
    basins: tuple[Basin, ...] = ()


def typical_box(basis: MixBasis) -> FloatArray:
    """Return the typical ranges on the real line, (k × 2)."""
    ranges = [(p.parameter, p.parameter.typical) for p in basis.places]
    return np.array([[float(p.to_real(t.low)), float(p.to_real(t.high))] for p, t in ranges]).reshape(-1, 2)


def typical_pull(basis: MixBasis, noise: float) -> TypicalPull:
    """Return the spring for noise of the given standard deviation."""
    box = typical_box(basis)
    sprung = np.concatenate([np.ones(len(basis.curve)), np.zeros(len(basis.signed))])
    return TypicalPull(box.mean(axis=1), (box[:, 1] - box[:, 0]) / TYPICAL_SPREAD, noise, sprung)


def search(
    basis: MixBasis,
    target: FloatArray,
    starts: int,
    rng: np.random.Generator,
    first: FloatArray | None = None,
) -> Searched:
    """Return the best of many starts drawn from the parameters' typical ranges, or of ``first`` (B × k) if given.

    The noise, in whose units the pull is measured, is that of the solution itself: both are iterated until they agree.
    """
    if not target.any():
        return _nothing(basis)
    nodes = _nodes(basis, target, starts, rng) if first is None else first
    spread = np.sqrt(float(target[0] @ target[0]) / target.shape[1])
    rough = _solve(basis, target, nodes, _pull_at(basis, target, nodes[0], spread), FIRST_PASS, 1e-5)
    best = np.argsort(rough.objective)[:FINALISTS]
    pull = _pull_at(basis, target, rough.theta[best[0]], spread)
    final = _solve(basis, target, rough.theta[best], pull, 80, 1e-9, newton_after=30)
    top = int(np.argmin(final.objective))
    last = _take(final, top)
    agreeing = int((rough.objective <= rough.objective[best[0]] * (1 + AGREEMENT)).sum())
    last, pull, freedom = _settled(basis, target, last, pull)
    theta, amplitude = last.theta[0], last.amplitude[0]
    residual = target[0] - amplitude @ basis.projected(theta[None])[0]
    basins = tuple(
        Basin(t, a, float(o)) for t, a, o in zip(final.theta, final.amplitude, final.objective, strict=True)
    )
    return Searched(
        theta, amplitude, float(residual @ residual), bool(final.converged[top]), len(nodes), agreeing, pull,
        freedom, basins,
    )  # fmt: skip


def _nothing(basis: MixBasis) -> Searched:
    """Return the solution for a response of which the linear part leaves nothing."""
    pull, amplitude = typical_pull(basis, 1e-12), np.zeros(len(basis.curve) + len(basis.signed))
    low, high = basis.bounds
    freedom = basis.lags.shape[-1] - basis.linear.spent
    return Searched(np.clip(pull.middle, low, high), amplitude, 0.0, True, 1, 1, pull, freedom)


def _nodes(basis: MixBasis, target: FloatArray, starts: int, rng: np.random.Generator) -> FloatArray:
    """Return the nodes of the least projected sum of squares among many random ones."""
    box = typical_box(basis)
    count = max(starts, 1) * NODES_PER_START
    nodes = rng.uniform(box[:, 0], box[:, 1], (count, len(box)))
    squares = np.concatenate([_squares(basis, target, n) for n in np.array_split(nodes, max(count // 64, 1))])
    keep = min(count, max(FEWEST_SOLVED, starts // SOLVED_SHARE))
    return nodes[np.argsort(squares, kind="stable")[:keep]]


def _squares(basis: MixBasis, target: FloatArray, theta: FloatArray) -> FloatArray:
    columns = basis.projected(theta)
    moment = columns @ target[0]
    amplitude = amplitudes(columns @ columns.transpose(0, 2, 1), moment)
    return float(target[0] @ target[0]) - np.einsum("bc,bc->b", amplitude, moment)


def _solve(
    basis: MixBasis, target: FloatArray, starts: FloatArray, pull: TypicalPull, iterations: int, tolerance: float,
    newton_after: int = 999,
) -> Solution:  # fmt: skip
    everywhere = np.broadcast_to(target, (len(starts), target.shape[1]))
    return minimise(
        basis, everywhere, starts, *basis.bounds, penalty=pull, ridge=pull.ridge, max_iterations=iterations,
        tolerance=tolerance, newton_after=newton_after,
    )  # fmt: skip


def _take(solution: Solution, row: int) -> Solution:
    return Solution(*(getattr(solution, f)[[row]] for f in solution.__dataclass_fields__))


def _pull_at(basis: MixBasis, target: FloatArray, theta: FloatArray, spread: float) -> TypicalPull:
    """Return the pull in units of the noise at θ; at first under a pull in units of the response's own spread."""
    columns = basis.projected(theta[None])
    amplitude = amplitudes(columns @ columns.transpose(0, 2, 1), columns @ target[0])[0]
    pull = typical_pull(basis, spread)
    noise, _ = _noise_of(basis, target, theta, amplitude, pull)
    return typical_pull(basis, noise)


def _noise_of(
    basis: MixBasis, target: FloatArray, theta: FloatArray, amplitude: FloatArray, pull: TypicalPull
) -> tuple[float, float]:
    """Return the standard deviation of the noise and the degrees of freedom behind it."""
    residual = target[0] - amplitude @ basis.projected(theta[None])[0]
    freedom = max(degrees_of_freedom(basis, theta, amplitude, pull), 1.0)
    return float(np.sqrt(residual @ residual / freedom)), freedom


def _settled(
    basis: MixBasis, target: FloatArray, found: Solution, pull: TypicalPull
) -> tuple[Solution, TypicalPull, float]:
    """Return the solution, the pull and the degrees of freedom that agree with one another to the last digits."""
    for _ in range(NOISE_ROUNDS):
        found = settle(basis, target, found, *basis.bounds, penalty=pull, ridge=pull.ridge, steps=2)
        noise, freedom = _noise_of(basis, target, found.theta[0], found.amplitude[0], pull)
        if abs(noise - pull.noise) <= NOISE_SETTLED * noise:
            break
        pull = typical_pull(basis, noise)
    return found, pull, freedom


def pulled(found: Searched) -> float:
    """Return what the pull adds to the sum of squares."""
    rows, _ = found.pull(found.theta[None], None)
    return float((rows**2).sum() + (found.pull.ridge * found.amplitude**2).sum())


def degrees_of_freedom(basis: MixBasis, theta: FloatArray, amplitude: FloatArray, pull: TypicalPull) -> float:
    """Return n less the trace of the hat matrix of all that is fitted, linearised (Hastie et al. 2009, section 7.6)."""
    jacobian, free = linearised(basis, theta, amplitude)
    precision = np.concatenate([pull.ridge, (pull.noise / pull.spread) ** 2])[free]
    gram = jacobian[:, free].T @ jacobian[:, free]
    size = np.sqrt(np.diag(gram) + precision)
    scaled = gram / np.outer(size, size)
    inverse = np.linalg.pinv(scaled + np.diag(precision / size**2), rcond=1e-12, hermitian=True)
    return basis.lags.shape[-1] - basis.linear.spent - float(np.sum(inverse * scaled))


def linearised(
    basis: MixBasis, theta: FloatArray, amplitude: FloatArray
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Return the Jacobian of fitted values by amplitudes and θ, projected (n × (C + s + k)), and what is free.

    Parameters of a channel with amplitude 0 and parameters at their bound are not free.
    """
    columns, derivatives = basis(theta[None], np.zeros(1, dtype=np.intp))
    jacobian = np.concatenate([columns[0], derivatives[0] * amplitude[basis.owner, None]]).T
    low, high = basis.bounds
    inside = (theta > low + 1e-9) & (theta < high - 1e-9)
    return jacobian, np.concatenate([amplitude > 0, inside & (amplitude[basis.owner] > 0)])


def covariance_of(
    basis: MixBasis, channels: tuple[str, ...], found: Searched, spend_unit: FloatArray, response_unit: float
) -> tuple[tuple[str, ...], FloatArray]:
    """Return names and covariance in users' units, with the pull's information; what is not free has NaN."""
    jacobian, free = linearised(basis, found.theta, found.amplitude)
    precision = np.concatenate([found.pull.ridge, (found.pull.noise / found.pull.spread) ** 2])
    stacked = np.concatenate([jacobian, np.diag(np.sqrt(precision))])[:, free]
    size = np.maximum(np.linalg.norm(stacked, axis=0), 1e-300)
    inverse = np.linalg.pinv(stacked / size) / size[:, None]
    covariance = np.full((len(free), len(free)), np.nan)
    covariance[np.ix_(free, free)] = inverse @ inverse.T * found.pull.noise**2
    kept = [*range(len(basis.curve)), *range(len(found.amplitude), len(free))]
    rate = [response_unit] * len(basis.curve)
    for place, theta in zip(basis.places, found.theta, strict=True):
        p = place.parameter
        slope = float(p.from_real(theta)) if p.scale == "log" else 1.0
        rate.append(spend_unit[place.channel] ** p.spend_power * slope)
    names = [f"{c}.top" for c in channels]
    names += [f"{channels[p.channel]}.{p.parameter.name}" for p in basis.places]
    return tuple(names), covariance[np.ix_(kept, kept)] * np.outer(rate, rate)
