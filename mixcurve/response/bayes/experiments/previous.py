"""What an earlier table taught, in place of the prior: each channel's curve and carryover as one normal law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.bayes.priors.apart import kernel_apart, kernel_name
from mixcurve.response.carryover import carryovers

if TYPE_CHECKING:
    from mixcurve.response.bayes.result.posterior import MixPosterior

__all__ = ["RESPONSE", "PreviousPosterior", "previous_posterior", "real_value"]

FloatArray = npt.NDArray[np.float64]

DRAWS_EACH = 10
"""Draws for each quantity from which a covariance is told well enough to be inverted."""
RESPONSE = "response"
"""The name of a channel's first quantity: the log of its response per period at steady reference spend."""


@dataclass(frozen=True, eq=False)
class PreviousPosterior(Result):
    """An earlier posterior of C channels as a normal distribution of k quantities.

    Of each channel: the log of its response per period when its mean spend of that table is spent steadily, and its
    free parameters of curve and carryover on the real line: logarithms, or logits within the domain. The response at a
    steady spend speaks of the curve alone, so it holds for a table with other spend too.

    Parameters
    ----------
    channels, curves, kernels
        Names (C,).
    reference
        Steady spend per period (C,).
    quantities
        (channel, name) of each: name is `RESPONSE` or that of a parameter (k,).
    mean, covariance
        (k,) and (k × k).
    every, currency, response_name
        Of the earlier table.
    first, last
        Its first and last date.
    name
        For reports.
    """

    channels: tuple[str, ...]
    curves: tuple[str, ...]
    kernels: tuple[str, ...]
    reference: FloatArray
    quantities: tuple[tuple[str, str], ...]
    mean: FloatArray
    covariance: FloatArray
    every: str
    currency: str | None
    response_name: str
    first: str
    last: str
    name: str = "previous posterior"


def previous_posterior(
    posterior: MixPosterior,
    *,
    channels: Sequence[str] | None = None,
    weaken: float = 1.0,
    name: str = "previous posterior",
) -> PreviousPosterior:
    """Return what a posterior says of its channels, for the next table.

    Parameters
    ----------
    posterior
        Of `sample_mix`, without groups.
    channels
        Those to take over; all if not given.
    weaken
        What the covariance is multiplied by, at least 1: 4 doubles every standard deviation, for a market that has
        changed since.
    name
        For reports.

    Raises
    ------
    InputError
        If the posterior has groups, a channel is unknown, ``weaken`` is below 1, or there are too few draws.
    """
    if posterior.cells or posterior.parts:
        raise InputError(
            "A posterior with groups cannot be a prior of another table yet. Sample each group's table by itself."
        )
    widened = number("weaken", weaken, low=1.0)
    kept = [known_name("channel", c, posterior.channels) for c in (channels or posterior.channels)]
    places = [posterior.channels.index(c) for c in dict.fromkeys(kept)]
    reference = posterior.total_spend[places] / len(posterior.dates)
    columns: list[FloatArray] = []
    quantities: list[tuple[str, str]] = []
    for place, spend in zip(places, reference, strict=True):
        found = _of_channel(posterior, place, spend)
        quantities += [(posterior.channels[place], key) for key in found]
        columns += found.values()
    draws = np.stack(columns, axis=1)
    _enough(draws)
    return PreviousPosterior(
        channels=tuple(posterior.channels[p] for p in places),
        curves=tuple(posterior.curve[p].name for p in places),
        kernels=tuple(_kernel(posterior, p) for p in places),
        reference=reference,
        quantities=tuple(quantities),
        mean=draws.mean(axis=0),
        covariance=widened * np.cov(draws.T).reshape(len(quantities), -1),
        every=posterior.every,
        currency=posterior.currency,
        response_name=posterior.response_name,
        first=str(posterior.dates.min()),
        last=str(posterior.dates.max()),
        name=name,
    )


def _of_channel(posterior: MixPosterior, place: int, spend: float) -> dict[str, FloatArray]:
    """Return the quantities of one channel by name, each (draws,)."""
    curve = posterior.curve[place]
    kernel = kernel_apart(carryovers[_kernel(posterior, place)], curve)

    def drawn(name: str) -> FloatArray:
        return posterior.variables[name][..., place].ravel()

    of_curves = {p.name for c in posterior.curve for p in c.parameters}
    shape = [drawn(p.name) for p in curve.parameters]
    with np.errstate(divide="ignore"):
        found = {RESPONSE: np.log(drawn("top") * curve.unit(np.array(spend), shape))}
    for p in kernel.parameters:
        if p.free:
            found[p.name] = real_value(p, drawn(kernel_name(p.name, of_curves)))
    return found | {p.name: real_value(p, v) for p, v in zip(curve.parameters, shape, strict=True) if p.free}


def _kernel(posterior: MixPosterior, place: int) -> str:
    return posterior.kernels[place] if posterior.kernels else posterior.carryover


def real_value(parameter: Any, value: FloatArray) -> FloatArray:
    """Return a parameter on the real line: its logarithm, or its logit within the domain."""
    if parameter.scale == "log":
        return np.log(value)
    share = (value - parameter.domain.low) / (parameter.domain.high - parameter.domain.low)
    return np.log(share) - np.log1p(-share)


def _enough(draws: FloatArray) -> None:
    count, size = draws.shape
    finite = bool(np.isfinite(draws).all())
    if count <= DRAWS_EACH * size or not finite:
        raise InputError(
            f"The previous posterior has {count} draws of {size} quantities{'' if finite else ', some not finite'}; "
            f"more than {DRAWS_EACH * size} finite ones are needed to tell their covariance. Use the result of "
            "sample_mix with more draws."
        )
