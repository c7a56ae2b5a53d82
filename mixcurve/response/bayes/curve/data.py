"""The rows of one or many campaigns in the units of the sampler, campaign after campaign."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixcurve.response.fit.mix.problem import GRID

__all__ = ["COUNTS", "CampaignData", "campaign_data"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

COUNTS = ("poisson", "negative binomial", "binomial")
"""Families of whole counts."""


@dataclass(frozen=True, eq=False)
class CampaignData:
    """G campaigns with n rows in all, sorted by campaign.

    Parameters
    ----------
    names
        Of the campaigns.
    campaign
        The campaign of each row (n,), ascending.
    spend, response
        (n,): spend over ``spend_unit``, and response over ``response_unit``, of its campaign.
    weight
        (n,): weights with mean 1 in each campaign; for a binomial family the exposures.
    spend_unit, response_unit
        (G,): largest spend, and standard deviation of the response (of the share, for a binomial family).
    mean_spend
        (G,): mean spend per row, in the users' unit.
    row
        (n,): where each row stood in the users' data.
    """

    names: tuple[str, ...]
    campaign: IntArray
    spend: FloatArray
    response: FloatArray
    weight: FloatArray
    spend_unit: FloatArray
    response_unit: FloatArray
    mean_spend: FloatArray
    row: IntArray
    centre: FloatArray = field(init=False)
    rows_of: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        count = np.bincount(self.campaign, minlength=len(self.names)).astype(np.float64)
        weighed = np.bincount(self.campaign, self.weight, minlength=len(self.names))
        object.__setattr__(self, "rows_of", count)
        object.__setattr__(
            self, "centre", np.bincount(self.campaign, self.weight * self.response, len(self.names)) / weighed
        )

    @property
    def weighted(self) -> bool:
        """Whether the weights differ."""
        return bool((self.weight != 1.0).any())

    def take(self, places: IntArray) -> CampaignData:
        """Return some of the campaigns."""
        chosen = np.sort(np.asarray(places, dtype=np.intp))
        new = np.full(len(self.names), -1, dtype=np.intp)
        new[chosen] = np.arange(len(chosen))
        kept = new[self.campaign] >= 0
        return CampaignData(
            tuple(self.names[i] for i in chosen), new[self.campaign[kept]], self.spend[kept], self.response[kept],
            self.weight[kept], self.spend_unit[chosen], self.response_unit[chosen], self.mean_spend[chosen],
            self.row[kept],
        )  # fmt: skip


def campaign_data(
    names: tuple[str, ...], campaign: IntArray, spend: FloatArray, response: FloatArray, weight: FloatArray, family: str
) -> CampaignData:  # fmt: skip
    """Return checked rows (n,) in the sampler's units; for a binomial family ``response`` is the share of exposures.

    Spend and response are rounded to a grid, so that a change of units changes no draw.
    """
    order = np.argsort(campaign, kind="stable")
    which, x, y, w = campaign[order], spend[order], response[order], weight[order]
    starts = np.searchsorted(which, np.arange(len(names)))
    largest = np.maximum.reduceat(x, starts)
    count = np.bincount(which)
    unit = _spread(which, y, count)
    if family != "binomial":
        w = w / (np.bincount(which, w) / count)[which]
    return CampaignData(
        names, which, gridded(x / largest[which]), gridded(y / unit[which]), w, largest, unit,
        np.bincount(which, x) / count, order,
    )  # fmt: skip


def gridded(values: FloatArray) -> FloatArray:
    """Return values rounded to the grid that the fits use."""
    return np.asarray(np.round(values * GRID) / GRID)


def _spread(which: IntArray, y: FloatArray, count: IntArray) -> FloatArray:
    """Return the standard deviation of each campaign's response; its mean, or 1, where the response never changes."""
    mean = np.bincount(which, y) / count
    deviation = np.sqrt(np.bincount(which, (y - mean[which]) ** 2) / count)
    steady = np.where(mean != 0, np.abs(mean), 1.0)
    return np.where(deviation > 1e-9 * steady, deviation, steady)
