"""What the model expects before it has seen the response: draws from the prior, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator, number
from mixcurve.foundations.results import Result
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.noise.directions import BASELINE, coefficient_scale
from mixcurve.response.bayes.priors.sizes_drawn import cell_sizes, log_room, prior_positions
from mixcurve.response.bayes.vectors.rows import DrawVectors

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PriorPredictive", "prior_predictive"]

FloatArray = npt.NDArray[np.float64]

TOGETHER = 100
"""Draws whose rows are worked out side by side."""
LEAST_DRAWS = 40
"""Fewer cannot show a 90% interval."""


@dataclass(frozen=True, eq=False)
class PriorPredictive(Result):
    """What the priors alone say, in the units of the table, at ``level``.

    Rows of a quantile are its low limit, its median and its high limit.

    Parameters
    ----------
    dates
        Of the periods (T,); groups are added up.
    response, incremental
        Quantiles (3 × T) of the response, noise included, and of what the channels bring together.
    observed
        The response (T,).
    channels
        Names, in the order of the problem.
    roi, contribution
        Quantiles (3 × C): ROI over all rows, times ``value``, and share of all response.
    incremental_share
        Quantiles (3,) of the share of all response that the channels bring together.
    exceeding
        The share of draws in which the channels bring more than the mean response, before the baseline is left a share.
    covered
        The share of periods whose response lies within the prior's interval.
    """

    dates: npt.NDArray[np.datetime64]
    response: FloatArray
    incremental: FloatArray
    observed: FloatArray
    channels: tuple[str, ...]
    roi: FloatArray
    contribution: FloatArray
    incremental_share: FloatArray
    exceeding: float
    covered: float
    draws: int
    seed: int
    level: float = 0.9
    value: float = 1.0
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    @property
    def table(self) -> pd.DataFrame:
        """ROI and share of the response by channel under the prior, as a pandas frame."""
        import pandas as pd

        columns: dict[str, Any] = {}
        for name, values in (("ROI", self.roi), ("share of response", self.contribution)):
            for word, row in zip(("low", "median", "high"), values, strict=True):
                columns[f"{name} {word}"] = row
        return pd.DataFrame(columns | {"level": self.level}, index=pd.Index(self.channels, name="channel"))

    @property
    def frame(self) -> pd.DataFrame:
        """Quantiles of response and incremental response by date, beside the response, as a pandas frame."""
        import pandas as pd

        columns: dict[str, Any] = {"response": self.observed}
        for name, values in (("prior response", self.response), ("prior incremental", self.incremental)):
            for word, row in zip(("low", "median", "high"), values, strict=True):
                columns[f"{name} {word}"] = row
        return pd.DataFrame(columns, index=pd.DatetimeIndex(self.dates, name="date"))


def prior_predictive(
    model: MixModel, *, draws: int = 500, seed: int = 0, level: float = 0.9, value: float = 1.0
) -> PriorPredictive:
    """Return what the model expects of the response before seeing it.

    Positions are drawn exactly from the prior; the baseline's coefficients from theirs, N(0, s² / precision) about the
    mean response (s is the middle of the noise's prior), which is wide on purpose; then the noise. Evidence beside the
    table (experiments) is not used.

    Parameters
    ----------
    model
        The model whose priors are asked about.
    draws
        How many, at least 40.
    seed
        Of the draws.
    level
        Of the intervals.
    value
        What a unit of response is worth, for ROI in money per money.

    Raises
    ------
    InputError
        If the draws are too few, or the priors leave the baseline no share of the response.

    Examples
    --------
    >>> from mixcurve import simulate_market
    >>> from mixcurve.response.bayes.model.likelihood import IntegratedGaussian
    >>> from mixcurve.response.bayes.model.problem import pose_for_sampling
    >>> from mixcurve.response.bayes.priors.words import resolve_priors
    >>> from mixcurve.response.fit.mix.options import mix_options
    >>> table = simulate_market(["tv", "search"], periods=104, seed=1).table
    >>> options = mix_options(
    ...     table,
    ...     curve="hill",
    ...     carryover="geometric",
    ...     order="carryover first",
    ...     noise="gaussian",
    ...     errors="independent",
    ...     groups="separate",
    ... )
    >>> problem = pose_for_sampling(table, options, {"trend": "linear", "season": 1})
    >>> priors = resolve_priors(problem, {"*": {"contribution": (0.02, 0.2)}})
    >>> model = MixModel(problem, priors, IntegratedGaussian(priors))
    >>> predicted = prior_predictive(model, draws=200)
    >>> predicted.contribution[1].round(1).tolist(), predicted.response.shape
    ([0.1, 0.1], (3, 104))
    """
    count = int(number("draws", draws, low=LEAST_DRAWS, remedy="Give a whole number, such as 500."))
    share = number("level", level, low=0.5, high=0.99)
    worth = number("value", value, low=0.0, open_low=True)
    rng = generator(seed)
    positions = prior_positions(model, count, rng)
    parts = [_drawn(model, positions[k : k + TOGETHER], rng) for k in range(0, count, TOGETHER)]
    response, incremental, totals = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _summed_up(
        model, (response, incremental, totals), _exceeding(model, count, rng), seed, share, worth
    )


def _summed_up(
    model: MixModel, found: tuple[FloatArray, FloatArray, FloatArray], exceeding: float, seed: int, level: float,
    value: float,
) -> PriorPredictive:  # fmt: skip
    table, (response, incremental, totals) = model.problem.mix.table, found
    asked = np.array([0.5 - level / 2, 0.5, 0.5 + level / 2])
    dates, place = np.unique(table.dates, return_inverse=True)
    observed = np.bincount(place, weights=table.response, minlength=len(dates))
    band = np.quantile(response, asked, axis=0)
    total = float(table.response.sum())
    whole = total if total > 0 else np.nan
    return PriorPredictive(
        dates=dates, response=band, incremental=np.quantile(incremental, asked, axis=0), observed=observed,
        channels=model.problem.channels,
        roi=np.quantile(totals * value / table.spend.sum(axis=0), asked, axis=0),
        contribution=np.quantile(totals / whole, asked, axis=0),
        incremental_share=np.quantile(incremental.sum(axis=1) / whole, asked),
        exceeding=exceeding, covered=float(((observed >= band[0]) & (observed <= band[2])).mean()),
        draws=len(response), seed=seed, level=level, value=value, every=table.every, currency=table.currency,
        response_name=table.response_name,
    )  # fmt: skip


def _drawn(
    model: MixModel, positions: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return response and incremental response by date (draws × T), and each channel's total (draws × C)."""
    problem, xp = model.problem, DrawVectors()
    position = xp.position(positions)
    channels = model.channels(xp, position)
    media = model.summed(xp, position, channels).values
    mean = problem.offset + media + _baseline(model, positions, media, rng)
    response = model.likelihood.replicate(problem, model.space, positions, mean, rng) * problem.mix.row_unit
    by_channel = (
        channels.contributions.values.reshape(len(positions), -1, problem.rows) * problem.mix.row_unit
    )
    dates, place = np.unique(problem.mix.table.dates, return_inverse=True)
    added = np.zeros((problem.rows, len(dates)))
    added[np.arange(problem.rows), place] = 1.0
    return response @ added, by_channel.sum(axis=1) @ added, by_channel.sum(axis=2)


def _baseline(
    model: MixModel, positions: FloatArray, media: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return the linear part (draws × n) about the offset, over the unit, under the prior of its coefficients."""
    problem = model.problem
    linear = problem.linear
    if model.space.has(BASELINE):
        drawn, _ = model.likelihood.baseline(problem, model.space, positions, media, rng)
        return drawn @ linear.columns.T
    scale: float | FloatArray = coefficient_scale(model.priors)
    if problem.tied or model.likelihood.name != "gaussian":
        noise = model.priors.noise
        scale = np.exp(noise.middle + noise.spread * positions[:, model.space.rows("noise")])
    drawn = rng.standard_normal((len(positions), linear.columns.shape[1])) / np.sqrt(linear.precision)
    return scale * (drawn @ linear.columns.T)


def _exceeding(model: MixModel, count: int, rng: np.random.Generator) -> float:
    """Return the share of draws, before any is refused, in which nothing is left of the mean response."""
    tried = rng.standard_normal((count, model.space.dimensions))
    room = log_room(model, cell_sizes(model, tried))
    return float((room < _log_room_at_nothing(model)).mean())


def _log_room_at_nothing(model: MixModel) -> float:
    """Return the log room where the channels bring exactly the mean response."""
    groups = len(model.problem.groups)
    alone = np.full((1, len(model.problem.channels) * groups), -np.inf)
    alone[0, :groups] = np.log(model.sizes.room)
    return float(log_room(model, alone)[0])
