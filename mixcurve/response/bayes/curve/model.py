"""The model of one or many campaigns: response = baseline + top × unit curve(spend) + noise, as one log density."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.curve.data import COUNTS, CampaignData
from mixcurve.response.bayes.curve.noise import CampaignNoise, Gaussian, deviation
from mixcurve.response.bayes.curve.quantities import Quantity
from mixcurve.response.bayes.model.problem import LEVEL_PULL
from mixcurve.response.bayes.model.sizes import SOFT
from mixcurve.response.bayes.model.space import Space
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.tape import Program, Recorder
from mixcurve.response.curves import Curve

__all__ = ["CampaignModel", "Campaigns", "Known"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Known:
    """What other campaigns have shown of the population: its coordinates are N(``centre``, ``root`` ``root``')."""

    centre: FloatArray
    root: FloatArray


@dataclass(frozen=True, eq=False)
class Campaigns:
    """Vectors at one position: real and natural values of every quantity (G,), and what the curves bring.

    ``top`` (G,) and ``contributions`` (n,) are over each campaign's response unit, ``size`` (G,) is the mean
    contribution over it, ``common`` the coordinates of what all campaigns share.
    """

    real: dict[str, Any]
    values: dict[str, Any]
    size: Any
    top: Any
    contributions: Any
    common: Any


@dataclass(frozen=True, eq=False)
class CampaignModel:
    """A model that can be sampled: every coordinate of the position is standard normal under its prior.

    Several campaigns are pooled: each quantity has a middle and a spread among campaigns that are sampled too. A
    baseline with normal noise is integrated out. A response that is never negative leaves room for a baseline that is
    not either.

    Parameters
    ----------
    data, curve, noise, baseline
        The rows, the curve that all campaigns share, the family of noise, and whether there is a response without
        spend.
    quantities
        ``size``, the curve's free parameters, and what the noise needs.
    known
        What is known of the population, or None for its prior.
    """

    data: CampaignData
    curve: Curve
    noise: CampaignNoise
    baseline: bool
    quantities: tuple[Quantity, ...]
    known: Known | None = None

    @property
    def pooled(self) -> bool:
        """Whether there is a population."""
        return len(self.data.names) > 1 or self.known is not None

    @property
    def integrated(self) -> bool:
        """Whether the baseline is integrated out."""
        return self.baseline and isinstance(self.noise, Gaussian)

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """The names of the coordinates that all campaigns share, which come first."""
        population = [name for q in self.quantities for name in q.population] if self.pooled else []
        return (*population, *self.noise.common)

    @cached_property
    def space(self) -> Space:
        """The coordinates: shared ones, then each quantity by campaign, then baselines that are sampled."""
        space = Space()
        for name in self.shared:
            space = space.with_block(name)
        labels = self.data.names if self.pooled else ("",)
        for q in self.quantities:
            space = space.with_block(q.name, labels)
        return space.with_block("level", labels) if self.baseline and not self.integrated else space

    @cached_property
    def room(self) -> FloatArray | None:
        """One over each campaign's mean response (G,), 0 where it may be negative; None where nothing is limited."""
        least = np.minimum.reduceat(self.data.response, np.searchsorted(self.data.campaign, self._places))
        limited = (least >= 0) & (self.data.centre > 0) & (self.data.rows_of > 1)
        if not self.baseline or not limited.any() or self.noise.name in COUNTS:
            return None
        return np.where(limited, 1.0 / np.where(limited, self.data.centre, 1.0), 0.0)

    @property
    def _places(self) -> npt.NDArray[np.intp]:
        return np.arange(len(self.data.names))

    def take(self, places: npt.NDArray[np.intp], known: Known | None = None) -> CampaignModel:
        """Return the model of some of the campaigns (ascending), with what is known of their population."""
        chosen = tuple(q.take(places) for q in self.quantities)
        return replace(self, data=self.data.take(places), quantities=chosen, known=known)

    def shared_at(self, xp: Any, position: Any) -> Any:
        """Return the shared coordinates, in which the prior is standard normal, at a position."""
        first = position[0 : len(self.shared)]
        if self.known is None:
            return first
        return self.known.centre + xp.matvec(self.known.root, first, "population")

    def campaigns(self, xp: Any, position: Any) -> Campaigns:
        """Return what every campaign does at a position, in any vector language."""
        shared: Any = self.shared_at(xp, position) if self.shared else None
        real, values, at = {}, {}, 0
        for q in self.quantities:
            own = position[self.space.rows(q.name)]
            if self.pooled:
                real[q.name] = q.pooled(xp, shared[at : at + len(q.population)], own)
                at += len(q.population)
            else:
                real[q.name] = q.alone(own)
            values[q.name] = q.natural(xp, real[q.name])
        common = shared[at : at + len(self.noise.common)] if self.noise.common else None
        column = self._column(xp, values)
        mean = xp.scatter(column, self.data.campaign, len(self.data.names)) * (1.0 / self.data.rows_of)
        top = values["size"] / xp.floor(mean)
        return Campaigns(real, values, values["size"], top, self._by_row(xp, top) * column, common)

    def level(self, xp: Any, position: Any, found: Campaigns) -> Any:
        """Return the baselines (G,) that are sampled, over the response unit."""
        return self.noise.level(xp, self.data, position[self.space.rows("level")], found.size)

    def log_density(self, xp: Any, position: Any) -> Any:
        """Return the log density (1,) of a position, up to a constant."""
        found = self.campaigns(xp, position)
        value = -0.5 * xp.sum(position**2)
        if self.room is not None:
            value = value + self._log_room(xp, found)
        if self.integrated:
            return value + self._integrated(xp, found)
        mean = found.contributions
        if self.baseline:
            mean = mean + self._by_row(xp, self.level(xp, position, found))
        return value + xp.sum(self.noise.log_rows(xp, self.data, mean, found.values, found.common))

    def _log_room(self, xp: Any, found: Campaigns) -> Any:
        """Return a bound (1,): about 0 while every curve leaves its baseline a share of the mean response, then steep.

        Flat inside, unlike a mix's: many campaigns would each pull the middle of their population down.
        """
        return -xp.sum(xp.softplus((found.size * self.room - 1.0) * (1.0 / SOFT)))

    def _integrated(self, xp: Any, found: Campaigns) -> Any:
        """Return the log density of normal rows, the baseline N(mean response, σ² / `LEVEL_PULL`) integrated out.

        -n log σ - (Σ w (r - r̄)² + r̄² W P / (W + P)) / 2σ², with r̄ the weighted mean of what the curve leaves, W the
        sum of the weights and P the precision of the baseline.
        """
        data, groups = self.data, len(self.data.names)
        total = np.bincount(data.campaign, data.weight, groups)
        rest = (data.response - data.centre[data.campaign]) - found.contributions
        mean = xp.scatter(rest * data.weight, data.campaign, groups) * (1.0 / total)
        left = (rest - self._by_row(xp, mean)) ** 2 * data.weight
        squares = xp.scatter(left, data.campaign, groups)
        squares = squares + mean**2 * (total * LEVEL_PULL / (total + LEVEL_PULL))
        noise = deviation(found.values["noise"])
        return xp.sum(-0.5 * squares / noise**2 - data.rows_of * xp.log(noise))

    def _column(self, xp: Any, values: dict[str, Any]) -> Any:
        shape = [self._by_row(xp, values[p.name]) if p.free else p.fixed for p in self.curve.parameters]
        return self.curve.unit(xp.concatenate([self.data.spend]), shape, xp)

    def _by_row(self, xp: Any, values: Any) -> Any:
        return xp.gather(values, self.data.campaign)

    def program(self) -> Program:
        """Return the density of z as a tape: the position is ``centre + root z``, both named matrices."""
        recorder, size = Recorder(), self.space.dimensions
        z = recorder.position(size)
        position = recorder.matvec(np.eye(size), z, "root") + recorder.matvec(
            np.zeros((size, 1)), 1.0, "centre"
        )
        return recorder.program(self.log_density(recorder, position))

    def prior_draws(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Return positions (count × dimensions) drawn from the prior."""
        if self.room is None:
            return rng.standard_normal((count, self.space.dimensions))
        xp, found, missing = DrawVectors(), [], count
        while missing > 0:
            tried = rng.standard_normal((2 * missing + 8, self.space.dimensions))
            room = self._log_room(xp, self.campaigns(xp, xp.position(tried))).values[:, 0]
            kept = tried[np.log(rng.random(len(tried))) < room]
            found.append(kept)
            missing -= len(kept)
        return np.concatenate(found)[:count]
