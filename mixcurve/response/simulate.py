"""Markets with a known truth, for tests, for teaching and for the demo.

The simulator makes tables but stands above the room of tables: it needs curves and carryover, and rooms import only
from rooms below them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator, known_name, number
from mixcurve.response.carryover import apply_carryover
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fitted import KnownCurves, response_from
from mixcurve.response.market import CarryoverChoice, CurveChoice, Market, MarketChannel
from mixcurve.response.simulate_channels import (
    SettledChannel,
    channel_names,
    drawn_value,
    group_shares,
    settled_channel,
    wish_of,
)
from mixcurve.response.simulate_demand import (
    Every,
    Holidays,
    Season,
    Trend,
    made_demand,
    period_dates,
)
from mixcurve.response.simulate_spend import NARROW_VARIATION, spend_series
from mixcurve.response.simulate_truth import assembled_market

__all__ = ["simulate_market"]

FloatArray = npt.NDArray[np.float64]

EVENNESS = 5.0
"""Concentration of the Dirichlet draw that splits the media's contribution: larger makes channels more alike."""
LARGE_SPEND = 2.0
"""Parameters with a unit of spend are drawn relative to this many times the mean spend."""
USUAL = {"curve": "hill", "carryover": "geometric", "zero_weeks": 0.0, "confounding": 0.0}
"""What a channel has that a mapping does not name."""


def simulate_market(
    channels: int | Sequence[str] | Mapping[str, MarketChannel] = 5,
    *,
    periods: int = 156,
    every: Every = "week",
    start: str = "2023-01-02",
    curve: CurveChoice | Mapping[str, CurveChoice] = "hill",
    carryover: CarryoverChoice | Mapping[str, CarryoverChoice] = "geometric",
    baseline: float = 10_000.0,
    media: float = 0.4,
    trend: Trend = 0.1,
    season: Season = 0.1,
    holidays: Holidays = (),
    holiday_effect: float = 0.1,
    price: float | None = None,
    variation: float = 0.6,
    correlation: float = 0.0,
    confounding: float | Mapping[str, float] = 0.0,
    zero_weeks: float | Mapping[str, float] = 0.0,
    narrow: Collection[str] = (),
    groups: int | Sequence[str] | Mapping[str, float] | None = None,
    noise: float = 0.05,
    response_name: str = "response",
    currency: str | None = "GBP",
    seed: int | np.random.Generator | None = 0,
) -> Market:
    """Return a market whose truth is known: a spend table, and the curves, baseline and best plan behind it.

    ``response = level × (1 + trend + season + holidays + price) + Σ curve(carryover(spend)) + noise``, never below 0.

    Parameters
    ----------
    channels
        How many, their names, or `MarketChannel` by name. What a channel says itself goes before the arguments below;
        any of those that takes a mapping may name single channels, the others then keep the default.
    periods, every, start
        How many periods of which length (``"day"``, ``"week"``, ``"month"``), and the date of the first.
    curve, carryover
        A name, or a name with parameters, as in `MarketChannel`. What is not given is drawn.
    baseline
        Mean response per period without spend: the level.
    media
        Mean incremental response of all channels that do not say, as a share of the baseline.
    trend
        Change from first to last period as a share of the baseline, or corners ``{period: share}`` of a piecewise
        linear trend.
    season
        Height of a yearly wave as a share of the baseline, or (cosine, sine) per yearly harmonic.
    holidays
        A country code (needs the package ``holidays``), dates, or dates with weights. The table gets the control
        ``holidays``: how many fall in each period.
    holiday_effect
        Response of one holiday as a share of the baseline.
    price
        Percent of the baseline that one percent of price adds (so mostly negative); the table gets the control
        ``price``. None for no price.
    variation
        Standard deviation of log spend among the periods with spend.
    correlation
        Correlation of log spend between channels, in [0, 1).
    confounding
        Correlation of log spend with demand (trend, season and holidays).
    zero_weeks
        Share of periods without spend, in breaks between flights.
    narrow
        Channels that never leave a narrow range of spend, so that data cannot show their curves.
    groups
        How many groups, their names, or their shares of the market. Each group is the market scaled to its share, with
        spend and chance of its own.
    noise
        Standard deviation of the noise as a share of the mean response.
    response_name, currency
        Words of the table.
    seed
        A number or a generator; the same seed gives the same market.

    Returns
    -------
    Market
        ``.table`` is the `SpendTable`, ``.truth`` everything behind it.

    Raises
    ------
    InputError
        For a name that is not known, a number outside its range, or a date that is none; it says which.

    Examples
    --------
    >>> market = simulate_market(["tv", "search"], periods=104, price=-1.2, zero_weeks={"tv": 0.4}, seed=7)
    >>> market.table.spend.shape, market.table.control_names, int((market.table.spend_of("tv") == 0).sum())
    ((104, 2), ('price',), 42)
    >>> sorted(market.truth.optimal_plan)
    ['search', 'tv']
    """
    random = generator(seed)
    level = number("baseline", baseline, low=0.0, open_low=True)
    names = channel_names(channels)
    for name in narrow:
        known_name("channel (narrow)", name, names)
    wishes = {"curve": curve, "carryover": carryover, "zero_weeks": zero_weeks, "confounding": confounding}
    split = random.dirichlet([EVENNESS] * len(names)) * number("media", media, low=0.0)
    settled = []
    for name, part in zip(names, split, strict=True):
        market = {wish: wish_of(wish, value, name, names, USUAL[wish]) for wish, value in wishes.items()}
        market["variation"] = NARROW_VARIATION if name in narrow else variation
        asked = channels[name] if isinstance(channels, Mapping) else MarketChannel()
        settled.append(settled_channel(name, asked, market, float(part), random))
    dates = period_dates(start, periods, every)
    demand = made_demand(
        dates, every, level=level, trend=trend, season=season, holidays=holidays, holiday_effect=holiday_effect,
        price=price, random=random,
    )  # fmt: skip
    shares = group_shares(groups, random)
    sizes = np.array(list(shares.values()) or [1.0])
    habits = [c.habit for c in settled]
    spend = np.stack(
        [np.round(s * spend_series(habits, demand.foreseen, correlation, random), 2) for s in sizes]
    )
    words = {"every": every, "currency": currency, "response_name": response_name}
    curves, working = _made_curves(settled, spend, sizes, level, words, random)
    contributions = sizes[:, None, None] * _unit_responses(curves, working)
    noise_share = number("noise", noise, low=0.0)
    return assembled_market(settled, curves, dates, demand, shares, spend, contributions, noise_share, random)


def _made_curves(
    settled: Sequence[SettledChannel],
    spend: FloatArray,
    sizes: FloatArray,
    level: float,
    words: dict[str, Any],
    random: np.random.Generator,
) -> tuple[KnownCurves, FloatArray]:
    """Return the curves of the whole market, and spend after carryover as if each group were the whole market."""
    working = np.stack(
        [apply_carryover(np.moveaxis(spend[..., i], 0, 1), c.carryover, list(c.lags.values())).T
         for i, c in enumerate(settled)], axis=-1,
    ) / sizes[:, None, None]  # fmt: skip
    parameters, total = {}, spend.sum(axis=0)
    for i, channel in enumerate(settled):
        known = dict(channel.known)
        for p in channel.curve.parameters:
            if p.name not in known:
                known[p.name] = (
                    drawn_value(p, random) * (LARGE_SPEND * working[..., i].mean()) ** p.spend_power
                )
        if channel.contribution is not None:
            reached = sizes @ shape_of.response(channel.curve, working[..., i], known | {"top": 1.0}).mean(
                axis=1
            )
            known["top"] = channel.contribution * level / float(reached)
        parameters[channel.name] = (channel.curve, known)
    current = dict(zip(parameters, total.mean(axis=0).tolist(), strict=True))
    seen = dict(
        zip(parameters, zip(total.min(axis=0).tolist(), total.max(axis=0).tolist(), strict=True), strict=True)
    )
    return response_from(parameters, current=current, spend_range=seen, **words), working


def _unit_responses(curves: KnownCurves, working: FloatArray) -> FloatArray:
    columns = [
        shape_of.response(c, working[..., i], curves.draws[0, i, : len(c.names)])
        for i, c in enumerate(curves.curve)
    ]
    return np.stack(columns, axis=-1)
