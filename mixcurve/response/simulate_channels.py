"""What each channel of a simulated market is: what the user said, what the market says, and what is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.parameters import Parameter
from mixcurve.response.carryover import Carryover, carryovers
from mixcurve.response.curves import Curve, resolve_curve
from mixcurve.response.market import MarketChannel
from mixcurve.response.simulate_spend import SpendHabit

__all__ = [
    "CHANNEL_NAMES",
    "SettledChannel",
    "channel_names",
    "drawn_value",
    "group_shares",
    "settled_channel",
    "wish_of",
]

CHANNEL_NAMES = (
    "tv",
    "search",
    "social",
    "video",
    "out_of_home",
    "radio",
    "display",
    "print",
    "audio",
    "affiliates",
)
"""What channels are called when only their number is given."""
MEAN_SPENDS = (5_000.0, 60_000.0)
"""Mean spend per period is drawn from here, evenly on the log scale, for a channel that does not say."""


@dataclass(frozen=True)
class SettledChannel:
    """A channel with everything settled but the parameters that are drawn relative to its spend.

    ``known`` holds the parameters that the user gave; ``contribution`` is None where ``top`` is among them.
    """

    name: str
    curve: Curve
    known: dict[str, float]
    carryover: Carryover
    lags: dict[str, float]
    habit: SpendHabit
    contribution: float | None = field(default=None)


def channel_names(channels: int | Sequence[str] | Mapping[str, MarketChannel]) -> tuple[str, ...]:
    """Return the names of the channels: those given, or as many usual ones as asked."""
    if isinstance(channels, int):
        count = int(number("channels", channels, low=1))
        more = (f"channel_{i + 1}" for i in range(len(CHANNEL_NAMES), count))
        return (*CHANNEL_NAMES[:count], *more)
    names = (channels,) if isinstance(channels, str) else tuple(channels)
    if not names or len(set(names)) < len(names):
        raise InputError(f"channels must be one or more different names, got {list(names)}.")
    return names


def group_shares(
    groups: int | Sequence[str] | Mapping[str, float] | None, random: np.random.Generator
) -> dict[str, float]:
    """Return each group's share of the market; shares that are not given are drawn, none below half the largest."""
    if groups is None:
        return {}
    if isinstance(groups, Mapping):
        sizes = {
            name: number(f"groups['{name}']", size, low=0.0, open_low=True) for name, size in groups.items()
        }
    else:
        count = int(number("groups", groups, low=1)) if isinstance(groups, int) else 0
        names = tuple(f"group_{i + 1}" for i in range(count)) if isinstance(groups, int) else tuple(groups)
        sizes = {name: float(random.uniform(0.5, 1.0)) for name in names}
    if not sizes:
        raise InputError("groups must name at least one group, or be None.")
    total = sum(sizes.values())
    return {name: size / total for name, size in sizes.items()}


def wish_of(argument: str, value: Any, name: str, names: Sequence[str], usual: Any) -> Any:
    """Return what an argument says for one channel: the value for all, or the channel's own in a mapping."""
    if not isinstance(value, Mapping):
        return value
    for key in value:
        known_name(f"channel ({argument})", key, names)
    return value.get(name, usual)


def settled_channel(
    name: str,
    asked: MarketChannel,
    market: Mapping[str, Any],
    contribution: float,
    random: np.random.Generator,
) -> SettledChannel:
    """Return the channel with the market's wishes where it has none of its own, and the rest drawn."""

    def own(wish: str) -> Any:
        value = getattr(asked, wish)
        return market[wish] if value is None else value

    curve, known = _chosen(own("curve"))
    kernel, lags = _chosen(own("carryover"))
    resolved, carries = resolve_curve(curve), carryovers[kernel] if isinstance(kernel, str) else kernel
    for given in known:
        known_name(f"parameter of the curve {resolved.name}", given, resolved.names)
    for given in lags:
        known_name(f"parameter of the carryover {carries.name}", given, [p.name for p in carries.parameters])
    if "top" in known and asked.contribution is not None:
        raise InputError(
            f"Channel '{name}' has both a top and a contribution. Give one: each follows from the other."
        )
    mean = np.exp(random.uniform(*np.log(MEAN_SPENDS))) if asked.mean_spend is None else asked.mean_spend
    habit = SpendHabit(
        number(f"mean_spend of '{name}'", mean, low=0.0, open_low=True),
        number(f"variation of '{name}'", own("variation"), low=0.0),
        number(f"zero_weeks of '{name}'", own("zero_weeks"), low=0.0, high=0.99),
        number(f"flight_length of '{name}'", asked.flight_length, low=1.0),
        number(f"confounding of '{name}'", own("confounding"), low=-0.999, high=0.999),
    )
    filled = {
        p.name: float(lags[p.name]) if p.name in lags else drawn_value(p, random) for p in carries.parameters
    }
    part = (
        contribution
        if asked.contribution is None
        else number(f"contribution of '{name}'", asked.contribution, low=0.0)
    )
    return SettledChannel(name, resolved, known, carries, filled, habit, None if "top" in known else part)


def drawn_value(parameter: Parameter, random: np.random.Generator) -> float:
    """Return a value from the middle half of the typical range, evenly on the scale that fits search it on."""
    if parameter.fixed is not None:
        return parameter.fixed
    low, high = (
        float(parameter.to_real(parameter.typical.low)),
        float(parameter.to_real(parameter.typical.high)),
    )
    return float(parameter.from_real(low + (high - low) * random.uniform(0.25, 0.75)))


def _chosen(choice: Any) -> tuple[Any, dict[str, float]]:
    chosen, given = choice if isinstance(choice, tuple) else (choice, {})
    return chosen, {name: number(name, value) for name, value in given.items()}
