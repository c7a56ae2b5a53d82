"""`CurvePosterior`: what sampling one or many campaigns returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.gate import Gate, PosteriorStatus
from mixcurve.foundations.results import Result
from mixcurve.response.bayes.curve.figures import FIGURES, figure_draws
from mixcurve.response.curves import Curve
from mixcurve.response.evidence import ChannelEvidence
from mixcurve.response.fit.estimates import EstimateInterval

if TYPE_CHECKING:
    import xarray

__all__ = ["CurvePosterior"]

FloatArray = npt.NDArray[np.float64]


def _none() -> FloatArray:
    return np.empty((0, 0))


@dataclass(frozen=True, eq=False)
class CurvePosterior(Result):
    """Response curves of campaigns, known by draws from their posterior. Satisfies `Fitted`, a channel per campaign.

    With S draws (all chains one after the other), G campaigns, P parameters, Q pooled quantities:

    Parameters
    ----------
    draws
        (S × G × P), ``top`` first, in units of spend and response.
    contribution, baseline, noise
        (S × G): mean contribution per row; response without spend; the noise's standard deviation (the dispersion of a
        negative binomial; NaN where the family has none).
    mean_spend
        (G,): mean spend per row.
    quantities
        Names of what was pooled: ``"size"`` (mean contribution), shape parameters, noise.
    population_names, population
        What the campaigns share, and its draws (S × h): of each quantity the middle and the spread among campaigns
        (the standard deviation of its log, or of its logit). Middles of parameters in units of spend are relative to
        the largest spend, those of sizes and noise to the response's standard deviation. Empty for one campaign.
    typical
        (G × free shapes): what the population alone says of each campaign's shape, in the units of the data; the prior
        median for one campaign.
    information
        (G × Q): the share of each quantity's variance that a campaign's own data took away.
    own
        (G × 1 + free shapes): ``top`` and the free shape parameters of each campaign fitted by itself; NaN where its
        data are too few.
    log_likelihood, rows
        (S × n) and (n,): of each row, and where it stood in the data (of many campaigns: one campaign after the other).
        Empty where campaigns were sampled in batches.
    positions, coordinates
        (S × d) and names: what was sampled, where all campaigns were sampled together.
    statistics
        The sampler's, by name (chains × draws).
    status, message, gates
        ``"converged"``, ``"check"`` or ``"failed"``; what the checks of the draws found.
    failed
        (campaign, why) for campaigns that could not be sampled; they are in no other field.
    """

    channels: tuple[str, ...]
    curve: tuple[Curve, ...]
    draws: FloatArray
    spend_range: FloatArray
    current: FloatArray
    evidence: tuple[ChannelEvidence, ...]
    contribution: FloatArray
    baseline: FloatArray
    noise: FloatArray
    mean_spend: FloatArray
    chains: int
    quantities: tuple[str, ...]
    population_names: tuple[str, ...]
    population: FloatArray
    typical: FloatArray
    information: FloatArray
    own: FloatArray
    status: PosteriorStatus
    message: str
    gates: tuple[Gate, ...]
    family: str
    sampler: str
    seed: int
    seconds: dict[str, float]
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"
    response_value: float = 1.0
    level: float = 0.9
    failed: tuple[tuple[str, str], ...] = ()
    log_likelihood: FloatArray = field(default_factory=_none)
    rows: npt.NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    positions: FloatArray = field(default_factory=_none)
    coordinates: tuple[str, ...] = ()
    statistics: dict[str, FloatArray] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def resamples(self) -> FloatArray:
        """The draws: plausible values of the parameters are what a posterior is made of."""
        return self.draws

    @property
    def summary(self) -> str:
        """The posterior in plain text: medians with intervals, status, and what the data show."""
        from mixcurve.response.bayes.curve.tables import posterior_summary

        return posterior_summary(self)

    @property
    def inference(self) -> xarray.DataTree:
        """An xarray tree that ArviZ reads: posterior, sample_stats and, where kept, log_likelihood."""
        from mixcurve.response.bayes.curve.tables import inference_tree

        return inference_tree(self)

    @property
    def shrinkage_table(self) -> Any:
        """A pandas frame by campaign and parameter: its own fit beside the pooled median, and what its data gave.

        ``own`` is the fit of the campaign by itself (NaN where its rows are too few), ``pooled`` the posterior median
        with its interval at ``level``, ``population`` what the others say of it, and ``from own data`` the share of
        the population's variance that the campaign's own data took away. The last two are NaN for ``top``, which is
        derived.
        """
        from mixcurve.response.bayes.curve.tables import shrinkage_table

        return shrinkage_table(self)

    @property
    def table(self) -> Any:
        """A pandas frame with a row per campaign: the median and interval of every figure, grade of the evidence."""
        from mixcurve.response.bayes.curve.tables import posterior_table

        return posterior_table(self)

    def place(self, channel: str) -> int:
        """Return the place of a campaign."""
        return self.channels.index(known_name("campaign", channel, self.channels))

    def figure(self, channel: str, name: str) -> FloatArray:
        """Return the draws (S,) of a figure; names as in `interval`."""
        place = self.place(channel)
        known = (*self.curve[place].names, *FIGURES)
        return figure_draws(self, place, known_name("figure", name, known))

    def interval(self, channel: str, name: str, level: float | None = None) -> EstimateInterval:
        """Return the posterior median and equal-tailed interval of a campaign's figure.

        Names are those of the parameters, ``baseline``, ``noise``, ``half_saturation``, ``inflection``, ``saturation``
        (90% of the ceiling), ``marginal_response`` and ``mroi`` at current spend, ``contribution`` (mean per row) and
        ``roi`` over all rows. Money per response goes into ``roi`` and ``mroi``. A figure that a curve does not have
        (no ceiling) is infinite.
        """
        held = self.level if level is None else level
        tail = 0.5 * (1.0 - held)
        values = self.figure(channel, name)
        low, middle, high = (float(v) for v in np.quantile(values, [tail, 0.5, 1.0 - tail]))
        side: Literal["", "high"] = "" if np.isfinite(high) else "high"
        return EstimateInterval(channel, name, middle, low, high, held, side, "posterior")

    def __len__(self) -> int:
        return len(self.channels)
