"""`Fitted`: what budgets, plots and reports know of any fit; and curves that come from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, known_name, number, spend_array
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve, resolve_curve
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.evidence import ChannelEvidence

__all__ = ["Fitted", "KnownCurves", "by_channel", "marginal_draws", "response_draws", "response_from"]

FloatArray = npt.NDArray[np.float64]


@runtime_checkable
class Fitted(Protocol):
    """Curves of several channels with draws of their parameters; a point fit has one draw.

    Attributes
    ----------
    channels
        Names, one per channel.
    curve
        The curve of each channel.
    draws
        (draws × channels × parameters), ``top`` first, in the units of spend and response per period; channels with
        fewer parameters end in NaN. Their mean response is what a budget maximises.
    resamples
        (resamples × channels × parameters): plausible other values, from which intervals are taken. May be empty.
    spend_range
        (channels × 2): the least and the largest spend per period seen.
    current
        Spend per period and channel of the present plan.
    evidence
        What the data show of each channel, or None for curves that came without data.
    """

    @property
    def channels(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def curve(self) -> tuple[Curve, ...]: ...  # noqa: D102
    @property
    def draws(self) -> FloatArray: ...  # noqa: D102
    @property
    def resamples(self) -> FloatArray: ...  # noqa: D102
    @property
    def spend_range(self) -> FloatArray: ...  # noqa: D102
    @property
    def current(self) -> FloatArray: ...  # noqa: D102
    @property
    def evidence(self) -> tuple[ChannelEvidence, ...] | None: ...  # noqa: D102
    @property
    def every(self) -> str: ...  # noqa: D102
    @property
    def currency(self) -> str | None: ...  # noqa: D102
    @property
    def response_name(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class KnownCurves(Result):
    """Curves whose parameters are known: from another tool, a test, or a book. Satisfies `Fitted`."""

    channels: tuple[str, ...]
    curve: tuple[Curve, ...]
    draws: FloatArray
    resamples: FloatArray
    spend_range: FloatArray
    current: FloatArray
    evidence: tuple[ChannelEvidence, ...] | None = None
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"


def response_from(
    parameters: Mapping[str, tuple[str | Curve, Mapping[str, Any]]],
    *,
    current: Mapping[str, float] | None = None,
    spend_range: Mapping[str, tuple[float, float]] | None = None,
    every: str = "week",
    currency: str | None = None,
    response_name: str = "response",
) -> KnownCurves:
    """Return curves that come from elsewhere, as a `Fitted`.

    Parameters
    ----------
    parameters
        Channel name to (curve, parameters by name). Parameters may be arrays of draws, all of one length.
    current
        Spend per period of the present plan, by channel; 0 where not given.
    spend_range
        Least and largest spend per period seen, by channel; (0, infinity) where not given.
    every, currency, response_name
        Words for reports.

    Examples
    --------
    >>> known = response_from({"tv": ("hill", {"top": 900, "half": 40_000, "slope": 2.2})})
    >>> response_draws(known, [40_000.0]).tolist()
    [[450.0]]
    """
    if not parameters:
        raise InputError("response_from needs at least one channel, got none.")
    chosen = tuple(resolve_curve(c) for c, _ in parameters.values())
    columns = [
        np.broadcast_arrays(
            *(
                np.atleast_1d(finite_array(f"{name}.{n}", v))
                for n, v in zip(c.names, c.arrays(p), strict=True)
            )
        )
        for (name, (_, p)), c in zip(parameters.items(), chosen, strict=True)
    ]
    lengths = {len(c[0]) for c in columns}
    if len(lengths - {1}) > 1:
        raise InputError(f"Every channel needs the same number of draws, got {sorted(lengths)}.")
    draws = np.full((max(lengths), len(chosen), max(len(c.names) for c in chosen)), np.nan)
    for i, values in enumerate(columns):
        draws[:, i, : len(values)] = np.stack(values, axis=-1)
    names = tuple(parameters)
    now = by_channel("current", current or {}, names, 0.0)
    seen = _seen(spend_range or {}, names)
    resamples = draws if len(draws) > 1 else draws[:0]
    return KnownCurves(names, chosen, draws, resamples, seen, now, None, every, currency, response_name)


def _seen(ranges: Mapping[str, tuple[float, float]], channels: Sequence[str]) -> FloatArray:
    """Return the least and the largest spend per channel, (0, infinity) where not given."""
    for name, (low, high) in ranges.items():
        known_name("channel", name, channels)
        if not 0 <= low <= high:
            found = f"({low:g}, {high:g})"
            raise InputError(f"spend_range['{name}'] must be (least, largest), both at least 0, got {found}.")
    return np.array([ranges.get(name, (0.0, np.inf)) for name in channels], dtype=np.float64)


def by_channel(name: str, values: Mapping[str, float], channels: Sequence[str], missing: float) -> FloatArray:
    """Return the values of a mapping in the order of ``channels``; refuse names that are no channel."""
    for key in values:
        known_name("channel", key, channels)
    return np.array([number(f"{name}['{c}']", values.get(c, missing), low=0.0) for c in channels])


def _each(fitted: Fitted, spend: npt.ArrayLike, draws: FloatArray | None, function: Any) -> FloatArray:
    x = spend_array("spend", spend)
    if x.shape[-1:] != (len(fitted.channels),):
        raise InputError(f"spend needs one value per channel ({len(fitted.channels)}), got shape {x.shape}.")
    values = fitted.draws if draws is None else draws
    wide = values.reshape(values.shape[0], *(1,) * (x.ndim - 1), *values.shape[1:])
    columns = [
        function(c, x[..., i], wide[..., i, : len(c.names)]) + np.zeros((len(values), *x.shape[:-1]))
        for i, c in enumerate(fitted.curve)
    ]
    return np.stack(columns, axis=-1)


def response_draws(fitted: Fitted, spend: npt.ArrayLike, draws: FloatArray | None = None) -> FloatArray:
    """Return the response per draw and channel: spend (..., channels) gives (draws, ..., channels).

    ``draws`` are ``fitted.draws`` unless given (``fitted.resamples`` for intervals).
    """
    return _each(fitted, spend, draws, shape_of.response)


def marginal_draws(fitted: Fitted, spend: npt.ArrayLike, draws: FloatArray | None = None) -> FloatArray:
    """Return the marginal response per draw and channel, shaped as `response_draws`."""
    return _each(fitted, spend, draws, shape_of.marginal)
