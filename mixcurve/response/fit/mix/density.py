"""How plausible other values of a mix are: the density that its resamples are drawn from.

The noise's variance and everything linear are integrated out. What is left are the shapes, each under the normal
distribution whose 90% range is its typical range, and the sizes of the channels: the logarithm of a channel's mean
contribution. The sizes scatter around a common level times a power of the spend, which the data decide: channels that
the data hardly tell apart are drawn towards one another and not towards nothing (partial pooling; Gelman and Hill 2007,
chapter 12).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.mix.basis import MixBasis
from mixcurve.response.fit.mix.search import TypicalPull
from mixcurve.sigmoid import expit

__all__ = ["MixDensity", "SizePrior", "size_prior"]

FloatArray = npt.NDArray[np.float64]

SIZE_SPREAD = 0.6
"""Standard deviation of the log size among like channels: nine in ten lie within a factor of 2.7 of the middle."""
COMMON_SPREAD = 3.0
"""Standard deviation of the log of the common size, about one standard deviation of the response: hardly a limit."""
SPEND_POWER, SPEND_POWER_SPREAD = 0.5, 0.5
"""A channel's size is expected to grow with a power of its spend between about 0 (not at all) and 1 (equal ROI)."""
CONTROL_CENTRE, CONTROL_SPREAD = float(np.log(0.1)), 2.0
"""Log size of a signed control's effect per standard deviation of it, in standard deviations of the response."""
INSIDE = 0.02
"""A start keeps this share of a parameter's range from its bounds, where the logit map is infinite."""
LEAST_SIZE = float(np.exp(-3.0))
"""A start gives every channel at least this mean contribution, in standard deviations of the response."""
LEAST_BASELINE = 0.1
"""A start leaves the baseline this share of the mean response."""
LARGEST_LOG = 40.0
"""Coordinates are held within this distance of 0, so that no exponential overflows."""
TINY = 1e-300


@dataclass(frozen=True, eq=False)
class SizePrior:
    """The prior of the log sizes of channels and signed controls.

    A normal one, of mean (C + s,) and precision (C + s × C + s), times the share that the channels leave to the
    baseline: ``room`` is the mean response, which they cannot exceed together.
    """

    mean: FloatArray
    precision: FloatArray
    channels: int
    room: float = np.inf

    def __call__(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log prior (B,), up to a constant, and its gradient; minus infinity where no room is left."""
        slope = (self.mean - z) @ self.precision
        value = -0.5 * ((self.mean - z) * slope).sum(axis=1)
        taken, left = self._taken(z)
        slope[:, : self.channels] -= taken / left[:, None]
        return np.where(left > 0, value + np.log(np.maximum(left, TINY)), -np.inf), slope

    def curvature(self, z: FloatArray) -> FloatArray:
        """Return minus the second derivative at z (C + s,), without the part that may bend the other way."""
        taken, left = self._taken(z[None])
        out = self.precision.copy()
        out[: self.channels, : self.channels] += np.outer(taken, taken) / left[0] ** 2
        return out

    def inside(self, z: FloatArray) -> FloatArray:
        """Return z (C + s,) with the channels made smaller, if they must be, to leave the baseline a share."""
        most = float(np.exp(z[: self.channels]).sum()) / self.room
        moved = z.copy()
        moved[: self.channels] -= max(np.log(most / (1.0 - LEAST_BASELINE)), 0.0) if most > 0 else 0.0
        return moved

    def _taken(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the share of the mean response that each channel takes (B × C), and what is left (B,)."""
        taken = np.exp(np.minimum(z[:, : self.channels], LARGEST_LOG)) / self.room
        return taken, 1.0 - taken.sum(axis=1)


def size_prior(mean_spend: FloatArray, controls: int, mean_response: float = 0.0) -> SizePrior:
    """Return the prior for channels of the given mean spend (C,), common level and power of spend integrated out.

    Without a positive mean response the channels have no limit.
    """
    amount = np.log(np.where(mean_spend > 0, mean_spend, 1.0))
    amount = amount - amount.mean()
    channels = len(amount)
    covariance = SIZE_SPREAD**2 * np.eye(channels) + COMMON_SPREAD**2
    covariance += SPEND_POWER_SPREAD**2 * np.outer(amount, amount)
    precision = np.diag(np.full(channels + controls, CONTROL_SPREAD**-2))
    precision[:channels, :channels] = np.linalg.inv(covariance)
    mean = np.concatenate([SPEND_POWER * amount, np.full(controls, CONTROL_CENTRE)])
    return SizePrior(mean, precision, channels, mean_response if mean_response > 0 else np.inf)


@dataclass(frozen=True, eq=False)
class MixDensity:
    """The log density of φ = (u, z), and its gradient.

    θ = low + (high - low) expit(u) are the k searched parameters; z (C + s) are the log sizes of channels (mean
    contribution per row) and of signed controls (coefficient), in units of the response's standard deviation.
    """

    basis: MixBasis
    target: FloatArray
    pull: TypicalPull
    sizes: SizePrior

    @cached_property
    def _spent(self) -> float:
        return self.basis.lags.shape[-1] - self.basis.linear.spent

    @property
    def _k(self) -> int:
        return len(self.basis.places)

    def theta(self, phi: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return θ (B × k), dθ/du, and the derivative of its logarithm."""
        low, high = self.basis.bounds
        share = expit(np.clip(phi[:, : self._k], -LARGEST_LOG, LARGEST_LOG))
        return low + (high - low) * share, (high - low) * share * (1.0 - share), 1.0 - 2.0 * share

    def amplitude(self, phi: FloatArray, columns: FloatArray) -> FloatArray:
        """Return the amplitudes (B × (C + s)) for unprojected columns (B × C × n)."""
        size = np.exp(np.clip(phi[:, self._k :], -LARGEST_LOG, LARGEST_LOG))
        mean = columns.mean(axis=-1)
        size[:, : mean.shape[1]] *= np.where(mean > TINY, 1.0 / np.maximum(mean, TINY), 0.0)
        return size

    def start(self, theta: FloatArray, amplitude: FloatArray) -> FloatArray:
        """Return φ (k + C + s) for a solution of the search, moved off the bounds and off no effect."""
        low, high = self.basis.bounds
        share = np.clip((theta - low) / (high - low), INSIDE, 1.0 - INSIDE)
        size = amplitude.copy()
        size[: len(self.basis.curve)] *= self.basis.columns(theta[None])[0].mean(axis=-1)
        return np.concatenate(
            [np.log(share / (1.0 - share)), self.sizes.inside(np.log(np.maximum(size, LEAST_SIZE)))]
        )

    def __call__(self, phi: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the log density (B,), up to a constant, and its gradient (B × (k + C + s))."""
        # A trajectory that leaves what is plausible is refused, whatever is computed out there.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return self._density(phi)

    def _density(self, phi: FloatArray) -> tuple[FloatArray, FloatArray]:
        theta, rate, log_rate_slope = self.theta(phi)
        columns, derivatives = self.basis.raw(theta)
        amplitude = self.amplitude(phi, columns)
        with_signed = self._with_signed(columns)
        residual = self.target - (amplitude[:, None, :] @ with_signed)[:, 0]
        squares = np.einsum("bn,bn->b", residual, residual)
        weight = (self._spent / squares)[:, None]
        # Both operators are symmetric in the rows, so the residual is carried back once and no derivative is projected.
        back = self.basis.linear.project_back(residual)
        by_size = amplitude * np.concatenate(
            [(columns @ back[..., None])[..., 0], residual @ self.basis.fixed.T], axis=1
        )
        owner = self.basis.owner
        mean = np.maximum(columns.mean(axis=-1), TINY)
        by_theta = amplitude[:, owner] * (derivatives @ back[..., None])[..., 0]
        by_theta -= by_size[:, owner] * derivatives.mean(axis=-1) / mean[:, owner]
        standard = (theta - self.pull.middle) / self.pull.spread
        prior, prior_slope = self.sizes(phi[:, self._k :])
        density = -0.5 * self._spent * np.log(squares) - 0.5 * (standard**2).sum(axis=1)
        density += np.log(np.maximum(rate, TINY)).sum(axis=1) + prior
        by_u = (by_theta * weight - standard / self.pull.spread) * rate + log_rate_slope
        return density, np.concatenate([by_u, by_size * weight + prior_slope], axis=1)

    def _with_signed(self, columns: FloatArray) -> FloatArray:
        projected = self.basis.project(columns)
        if not len(self.basis.signed):
            return projected
        wide = np.broadcast_to(self.basis.fixed, (len(columns), *self.basis.fixed.shape))
        return np.concatenate([projected, wide], axis=1)

    def curvature(self, phi: FloatArray) -> FloatArray:
        """Return the Gauss-Newton curvature of minus the log density at φ (d,), positive definite (d × d)."""
        theta, rate, _ = self.theta(phi[None])
        columns, derivatives = self.basis.raw(theta)
        amplitude = self.amplitude(phi[None], columns)[0]
        owner = self.basis.owner
        projected = self._with_signed(columns)[0]
        mean = np.maximum(columns[0].mean(axis=-1), TINY)
        moved = derivatives[0] - columns[0][owner] * (derivatives[0].mean(axis=-1) / mean[owner])[:, None]
        jacobian = np.concatenate(
            [
                self.basis.project(moved) * (amplitude[owner] * rate[0])[:, None],
                projected * amplitude[:, None],
            ]
        )
        residual = self.target - amplitude @ projected
        low, high = self.basis.bounds
        own = np.zeros((len(phi), len(phi)))
        np.fill_diagonal(own[: self._k], (rate[0] / self.pull.spread) ** 2 + 2.0 * rate[0] / (high - low))
        own[self._k :, self._k :] = self.sizes.curvature(phi[self._k :])
        return jacobian @ jacobian.T * self._spent / float(residual @ residual) + own
