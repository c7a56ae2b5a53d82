"""Priors in the words of a planner, and what the model makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.model.media import block_name
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.priors.amounts import size_rules, size_words
from mixcurve.response.bayes.priors.asked import SIZE, Asked, asked_of_channels
from mixcurve.response.bayes.priors.resolved import ResolvedPriors
from mixcurve.response.bayes.priors.shapes import ShapePrior, shape_priors
from mixcurve.response.fit.mix.options import present_plan

__all__ = ["ChannelPrior", "resolve_priors"]


@dataclass(frozen=True, init=False)
class ChannelPrior:
    """What is known of a channel before the data: ranges, each of which holds nine in ten values (90%).

    A range of an amount or of a positive parameter is log-normal, one of a bounded parameter logit-normal: one value in
    twenty lies below the low end, one in twenty above the high end. Together the channels leave a share of the mean
    response to the baseline, which takes away the largest effects.

    Parameters
    ----------
    roi
        Response over spend, over all rows; money per money where ``value`` says what a unit of response is worth.
    mroi
        The same of one more unit of spend a period, at the present plan.
    contribution
        Share of all response that the channel brings, between 0 and 1. At most one of these three.
    half_life
        Periods after which half of the effect has happened (`mixcurve.response.carryover.half_life`).
    half_saturation
        Spend a period (over all groups together) at which response is half of its ceiling.
    inflection
        Spend a period at which marginal response is largest. Instead of half-saturation.
    **parameters
        Any parameter of the channel's curve or carryover by its name, such as ``slope=(1.5, 3)``; those with a unit of
        spend in money a period.

    Notes
    -----
    Of a kernel or curve with several parameters, a half-life, half-saturation or inflection sets one, at the middle of
    the prior of the others where these matter. `ResolvedPriors.words` says so.

    Examples
    --------
    >>> ChannelPrior(roi=(0.5, 3.0), half_saturation=(20_000, 80_000), slope=(1.5, 3.0))
    ChannelPrior(roi=(0.5, 3.0), half_saturation=(20000, 80000), slope=(1.5, 3.0))
    """

    ranges: Mapping[str, Any]

    def __init__(
        self,
        *,
        roi: tuple[float, float] | None = None,
        mroi: tuple[float, float] | None = None,
        contribution: tuple[float, float] | None = None,
        half_life: tuple[float, float] | None = None,
        half_saturation: tuple[float, float] | None = None,
        inflection: tuple[float, float] | None = None,
        **parameters: tuple[float, float],
    ) -> None:
        said = {
            "roi": roi, "mroi": mroi, "contribution": contribution, "half_life": half_life,
            "half_saturation": half_saturation, "inflection": inflection, **parameters,
        }  # fmt: skip
        kept = {word: value for word, value in said.items() if value is not None}
        object.__setattr__(self, "ranges", MappingProxyType(kept))

    def __repr__(self) -> str:
        return f"ChannelPrior({', '.join(f'{word}={value!r}' for word, value in self.ranges.items())})"


def resolve_priors(
    problem: BayesProblem,
    words: Mapping[str, ChannelPrior | Mapping[str, Any]] | None = None,
    *,
    value: float = 1.0,
    current: int | Mapping[str, float] | None = None,
) -> ResolvedPriors:
    """Return the priors as the model takes them, from what a planner said of each channel.

    Parameters
    ----------
    problem
        From `pose_for_sampling`.
    words
        By channel; ``"*"`` or ``"all"`` stands for every channel. What is not said has the declared typical range of
        the curve or kernel, and a size drawn towards the other channels.
    value
        What a unit of response is worth, for ROI and mROI in money per money; 1 for response per unit of spend.
    current
        The present plan, at which mROI is meant: amounts a period by channel, or how many last periods it is the mean
        of (a year if not given).

    Raises
    ------
    InputError
        If a range is upside down, not finite or not positive; a channel or word is unknown; two words speak of the same
        thing; or a range cannot be meant as it is written: an ROI of more than all response, a half-saturation far off
        all spend, a half-life longer than the lags kept.

    Examples
    --------
    >>> from mixcurve import simulate_market
    >>> from mixcurve.response.bayes.model.problem import pose_for_sampling
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
    >>> priors = resolve_priors(problem, {"tv": {"contribution": (0.05, 0.2), "half_life": (1, 3)}})
    >>> priors.words["size[tv]"]
    'contribution 5% to 20% of all response, as asked'
    >>> priors.words["decay[tv]"]
    'half-life 1 to 3 weeks, as asked: decay 0.5 to 0.794'
    """
    worth = number("value", value, low=0.0, open_low=True)
    said = {key: _ranges(key, prior) for key, prior in _mapping(words).items()}
    asked = asked_of_channels(problem, said)
    shapes = [shape_priors(problem, c, mine) for c, mine in enumerate(asked)]
    present = present_plan(problem.mix.table, current)
    sizes = size_rules(problem, asked, worth, present)
    maps = {(c, name): prior.map for c, mine in enumerate(shapes) for name, prior in mine.items()}
    return ResolvedPriors(sizes, maps, words=_words(problem, asked, shapes, worth))


def _mapping(words: Any) -> Mapping[str, Any]:
    if words is None:
        return {}
    if not isinstance(words, Mapping):
        raise InputError(
            "priors must be a mapping by channel, such as {'tv': ChannelPrior(roi=(1, 4))}, "
            f"got {type(words).__name__}."
        )
    return words


def _ranges(channel: str, prior: Any) -> Mapping[str, Any]:
    if isinstance(prior, ChannelPrior):
        return prior.ranges
    if isinstance(prior, Mapping) and all(isinstance(word, str) for word in prior):
        return prior
    raise InputError(
        f"The prior of '{channel}' must be a ChannelPrior or a mapping of ranges, such as {{'roi': (1, 4)}}, "
        f"got {prior!r}."
    )


def _words(
    problem: BayesProblem,
    asked: tuple[dict[str, Asked], ...],
    shapes: list[dict[str, ShapePrior]],
    value: float,
) -> dict[str, str]:
    out = {}
    for c, channel in enumerate(problem.channels):
        place = next(i for i, f in enumerate(problem.families) if c in f.channels)
        out[f"size[{channel}]"] = size_words(problem, asked[c].get(SIZE), value)
        for name, prior in shapes[c].items():
            out[f"{block_name(problem, place, name)}[{channel}]"] = prior.words
    return out
