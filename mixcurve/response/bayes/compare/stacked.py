"""Curves of several families as one: each draw is a curve of one family, as many of each as its stacking weight says.

Their mean response is Σ_k weight_k × mean response of family k, so a budget of them maximises the stacked mean. A
mixture of curves is no curve of any family: the stacked curve holds the parameters of all; each draw uses one set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number, spend_array
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.parameters import Interval, Parameter
from mixcurve.foundations.results import Result
from mixcurve.response.bayes.compare.posteriors import PosteriorComparison
from mixcurve.response.curves import Curve
from mixcurve.response.curves import shape as shape_of
from mixcurve.response.evidence import GRADES, ChannelEvidence
from mixcurve.response.fitted import Fitted, KnownCurves, response_draws

__all__ = ["StackedResponse", "stacked_curve", "stacked_curves", "stacked_response"]

FloatArray = npt.NDArray[np.float64]

DRAWS = 1000
"""Draws of stacked curves: a weight is kept to half a thousandth."""
POINTS, BEYOND = 41, 1.2
"""Of the grid of spend, which ends so many times above the largest spend seen."""


@dataclass(frozen=True, eq=False)
class StackedResponse(Result):
    """The stacked response of each channel at each spend (m × C), with its interval, and each family's (K × m × C).

    The interval is of the mixture: it holds the spread within families and between them.
    """

    channels: tuple[str, ...]
    names: tuple[str, ...]
    weights: FloatArray
    spend: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    by_family: FloatArray
    level: float

    def frame(self, channel: str) -> Any:
        """Return a pandas frame of one channel: spend, mean, low, high, and the mean of each family."""
        import pandas as pd

        c = self.channels.index(known_name("channel", channel, self.channels))
        columns = {
            "spend": self.spend[:, c],
            "mean": self.mean[:, c],
            "low": self.low[:, c],
            "high": self.high[:, c],
        }
        return pd.DataFrame(columns | {n: self.by_family[k, :, c] for k, n in enumerate(self.names)})


def stacked_response(
    comparison: PosteriorComparison,
    posteriors: Mapping[str, Fitted],
    spend: npt.ArrayLike | None = None,
    *,
    level: float = 0.9,
) -> StackedResponse:
    """Return the stacked response of each channel over a grid of spend.

    Parameters
    ----------
    comparison
        Of `compare_posteriors`.
    posteriors
        Those compared, by the same names.
    spend
        (m × C) per period; a grid to beyond the largest spend seen if not given.
    level
        Of the interval.

    Raises
    ------
    InputError
        If a posterior is missing, their channels differ, or the spend has not one column per channel.
    """
    families = _families(comparison, posteriors)
    number("level", level, low=0.0, high=1.0, open_low=True)
    first = families[0]
    reach = np.linspace(0.0, BEYOND, POINTS)[:, None] * np.asarray(first.spend_range)[:, 1]
    at = reach if spend is None else spend_array("spend", spend, ndim=2)
    values = [response_draws(one, at) for one in families]
    mean = np.stack([v.mean(axis=0) for v in values])
    share = np.concatenate(
        [np.full(len(v), w / len(v)) for v, w in zip(values, comparison.weights, strict=True)]
    )
    low, high = _quantiles(np.concatenate(values), share, (0.5 - level / 2, 0.5 + level / 2))
    stacked = np.tensordot(comparison.weights, mean, axes=1)
    return StackedResponse(
        tuple(first.channels), comparison.names, comparison.weights, at, stacked, low, high, mean, level
    )


def stacked_curves(
    comparison: PosteriorComparison, posteriors: Mapping[str, Fitted], *, draws: int = DRAWS
) -> KnownCurves:
    """Return the stacked curves as a `Fitted`: `allocate` maximises their mean, and risk counts all families' draws.

    A channel whose families agree in the curve keeps that curve. Of each channel's evidence the weakest is taken.
    Curves stacked of several families are not in the registry, so such a result is not read back from a file: save
    the posteriors, and stack them again.

    Parameters
    ----------
    comparison, posteriors
        As for `stacked_response`.
    draws
        Of all families together.

    Raises
    ------
    InputError
        As `stacked_response`.
    """
    families = _families(comparison, posteriors)
    total = int(number("draws", draws, low=len(families)))
    counts = _shares(comparison.weights, total)
    used = [(one, n) for one, n in zip(families, counts.tolist(), strict=True) if n > 0]
    kept = [_spaced(one, n) for one, n in used]
    columns, curves = [], []
    for c in range(len(families[0].channels)):
        kinds = list(dict.fromkeys(one.curve[c] for one, _ in used))
        curve = kinds[0] if len(kinds) == 1 else stacked_curve(kinds)
        scale = float(np.max([np.asarray(one.spend_range)[c, 1] for one, _ in used]))
        columns.append(
            np.concatenate(
                [
                    _placed(kinds, one.curve[c], values[:, c], scale)
                    for (one, _), values in zip(used, kept, strict=True)
                ]
            )
        )
        curves.append(curve)
    parameters = np.full((total, len(curves), max(v.shape[1] for v in columns)), np.nan)
    for c, values in enumerate(columns):
        parameters[:, c, : values.shape[1]] = values
    first = families[0]
    return KnownCurves(
        tuple(first.channels), tuple(curves), parameters, parameters, np.asarray(first.spend_range),
        np.asarray(first.current), _weakest([one for one, _ in used]), first.every, first.currency, first.response_name,
    )  # fmt: skip


def stacked_curve(kinds: Sequence[Curve]) -> Curve:
    """Return the curve Σ_k share_k unit_k(x; shape_k) of several curves, whose shares are 1 for one of them, else 0.

    Examples
    --------
    >>> from mixcurve.response.curves import curves
    >>> both = stacked_curve([curves["hill"], curves["logistic"]])
    >>> both.names
    ('top', 'share 1', 'half 1', 'slope 1', 'share 2', 'midpoint 2', 'steepness 2')
    >>> float(
    ...     both(
    ...         3.0,
    ...         **{"share 1": 1, "half 1": 3, "slope 1": 2, "share 2": 0, "midpoint 2": 3, "steepness 2": 2},
    ...     )
    ... )
    0.5
    """
    share = Parameter("share", Interval(0.0, 1.0), Interval(0.1, 0.9), scale="linear")
    parameters: list[Parameter] = []
    for k, kind in enumerate(kinds, start=1):
        parameters += [replace(p, name=f"{p.name} {k}") for p in (share, *kind.parameters)]
    starts = np.cumsum([0, *(1 + len(kind.parameters) for kind in kinds)]).tolist()

    def own(values: Sequence[Any], k: int) -> tuple[Any, list[Any]]:
        return values[starts[k]], list(values[starts[k] + 1 : starts[k + 1]])

    def formula(x: Any, *values: Any, xp: Any) -> Any:
        parts = [own(values, k) for k in range(len(kinds))]
        return sum(part * kind.unit(x, shape, xp) for kind, (part, shape) in zip(kinds, parts, strict=True))

    def inflection(*values: Any) -> Any:
        found = np.zeros(np.broadcast_shapes(*(np.shape(v) for v in values)))
        for k, kind in enumerate(kinds):
            mine, shape = own(values, k)
            ones = np.ones(found.shape)
            at = shape_of.inflection(kind, np.stack([ones, *(s * ones for s in shape)], axis=-1))
            found = np.where(np.asarray(mine) > 0, at, found)
        return found

    return Curve(
        "stacked " + " and ".join(kind.name for kind in kinds), tuple(parameters), formula,
        ceiling=all(kind.ceiling for kind in kinds), inflection=inflection,
        reference="Yao, Vehtari, Simpson and Gelman (2018), Bayesian Analysis 13, 917-1003",
        formula_text="one of several curves in each draw, as often as its stacking weight says",
    )  # fmt: skip


def _spaced(fitted: Fitted, count: int) -> FloatArray:
    """Return so many of the draws, evenly spaced; some come more than once where there are fewer."""
    values = np.asarray(fitted.draws)
    return values[np.arange(count) * len(values) // count]


def _placed(kinds: Sequence[Curve], mine: Curve, values: FloatArray, scale: float) -> FloatArray:
    """Return draws of one curve (m × parameters) as draws of the stacked one; the other sets are of typical curves."""
    own = values[:, 1 : len(mine.names)]
    if len(kinds) == 1:
        return values[:, : len(mine.names)]
    blocks = [values[:, :1]]
    for kind in kinds:
        held = kind == mine
        shape = own if held else np.tile(_typical(kind, scale), (len(values), 1))
        blocks += [np.full((len(values), 1), float(held)), shape]
    return np.concatenate(blocks, axis=1)


def _typical(kind: Curve, scale: float) -> FloatArray:
    middle = []
    for p in kind.parameters:
        ends = np.array([p.typical.low, p.typical.high])
        value = p.fixed if p.fixed is not None else float(p.from_real(p.to_real(ends).mean()))
        middle.append(value * scale**p.spend_power)
    return np.array(middle)


def _shares(weights: FloatArray, total: int) -> npt.NDArray[np.intp]:
    """Return counts that add up to the total, each within one of its share (largest remainders first)."""
    wanted = weights * total
    counts = np.floor(wanted).astype(np.intp)
    order = np.argsort(counts - wanted, kind="stable")
    counts[order[: total - int(counts.sum())]] += 1
    return counts


def _families(comparison: PosteriorComparison, posteriors: Mapping[str, Fitted]) -> list[Fitted]:
    for name in comparison.names:
        known_name("posterior", name, posteriors)
    found = [posteriors[name] for name in comparison.names]
    for name, one in zip(comparison.names, found, strict=True):
        if tuple(one.channels) != tuple(found[0].channels):
            raise InputError(
                f"posteriors must have the same channels, but '{comparison.names[0]}' has "
                f"{', '.join(found[0].channels)} and '{name}' {', '.join(one.channels)}."
            )
    return found


def _quantiles(
    values: FloatArray, share: FloatArray, at: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Return weighted quantiles of draws (D × m × C): the least value with at least so much weight up to it."""
    order = np.argsort(values, axis=0)
    ordered, reached = np.take_along_axis(values, order, axis=0), np.cumsum(share[order], axis=0)
    found = []
    for q in at:
        place = np.argmax(reached >= min(q, 1.0) * (1.0 - 1e-12), axis=0)
        found.append(np.take_along_axis(ordered, place[None], axis=0)[0])
    return found[0], found[1]


def _weakest(families: Sequence[Fitted]) -> tuple[ChannelEvidence, ...] | None:
    every = [one.evidence for one in families if one.evidence is not None]
    if not every:
        return None
    return tuple(max(found, key=lambda e: GRADES.index(e.grade)) for found in zip(*every, strict=True))
