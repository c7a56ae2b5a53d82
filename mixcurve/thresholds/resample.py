"""The same totals on people drawn anew: a Bayesian bootstrap on a coarser set of cut-offs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.thresholds.people import People, WeightKind
from mixcurve.thresholds.policies import Sums
from mixcurve.thresholds.sweep import Sweep
from mixcurve.thresholds.worth import Worth

__all__ = ["MOST_CELLS", "Resampled", "coarse_places", "drawn_totals", "resampled"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

MOST_CELLS = 500
"""Cut-offs that resamples look at: steps of a fifth of a percent of people, far finer than any interval of them."""


@dataclass(frozen=True)
class Resampled:
    """Totals above a coarse set of cut-offs in every resample, and where the decision's own cut-off lies in it.

    ``original`` holds the totals of the data at the same cut-offs, ``threshold`` the least probability above each, and
    ``share`` the share of people above each.
    """

    sums: Sums
    original: Sums
    places: IntArray
    chosen: int


def coarse_places(people_above: FloatArray, also: tuple[int, ...] = (), cells: int = MOST_CELLS) -> IntArray:
    """Return places of cut-offs that part people into at most ``cells`` groups of about equal weight.

    Nobody and everybody are among them, and so are the places in ``also``.
    """
    last = len(people_above) - 1
    if last <= cells:
        return np.arange(last + 1)
    wanted = np.linspace(0.0, people_above[-1], cells + 1)
    return np.unique(np.concatenate([[0, last, *also], np.searchsorted(people_above, wanted).clip(0, last)]))


def drawn_totals(
    amount: FloatArray, square: FloatArray, kind: WeightKind, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Return the weight of each cell (c) in each resample (draws, c).

    The Bayesian bootstrap (Rubin 1981) gives each person a weight drawn from the exponential distribution, so the total
    of a cell of m people has the gamma distribution of shape m. For survey weights the gamma distribution has the mean
    ``Σ w`` and the variance ``Σ w²`` of the weighted sum, exact where the weights of a cell are equal.
    """
    held = amount > 0
    shape = np.where(held, amount, 1.0)
    scale = np.where(held, 1.0, 0.0)
    if kind == "survey":
        scale = np.divide(square, amount, out=np.zeros_like(amount), where=held)
        shape = np.where(held, amount / np.where(held, scale, 1.0), 1.0)
    return rng.standard_gamma(shape, size=(draws, len(amount))) * scale


def resampled(people: People, worth: Worth, sweep: Sweep, draws: int, rng: np.random.Generator) -> Resampled:
    """Return the totals above coarse cut-offs on people drawn anew, as many of them in all as in the data."""
    places = coarse_places(sweep.sums.people, (sweep.place,))
    ends = sweep.ranking.ends[places]
    order = sweep.ranking.order[: ends[-1]]
    positive, other = (
        _class_draws(people, worth, sweep.realised, order, ends, part, draws, rng)
        for part in (people.outcome, 1.0 - people.outcome)
    )
    weight, net, spent = (a + b for a, b in zip(positive, other, strict=True))
    size = sweep.sums.people[-1] / weight.sum(axis=1, keepdims=True)
    cut = sweep.sums.cut[places]
    totals = (_running(size * part) for part in (weight, positive[0], net, spent))
    original = Sums(cut, *(_at(sweep.sums, name, places) for name in ("people", "positives", "net", "spent")))
    return Resampled(Sums(cut, *totals), original, places, int(np.searchsorted(places, sweep.place)))


def _at(sums: Sums, name: str, places: IntArray) -> FloatArray:
    return np.asarray(getattr(sums, name)[places], dtype=np.float64)


def _running(cells: FloatArray) -> FloatArray:
    """Return totals over the first 0, 1, ... cells of each resample."""
    totals = np.zeros((len(cells), cells.shape[1] + 1))
    np.cumsum(cells, axis=1, out=totals[:, 1:])
    return totals


def _class_draws(
    people: People, worth: Worth, realised: FloatArray, order: IntArray, ends: IntArray, part: FloatArray,
    draws: int, rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, FloatArray]:  # fmt: skip
    """Return weight, net worth and cost of one class in each cell of each resample."""
    w = (people.weight * part)[order]
    counted = w if people.weight_kind == "frequency" else w**2
    amount, square = _cells(w, ends), _cells(counted, ends)
    weight = drawn_totals(amount, square, people.weight_kind, draws, rng)
    x, c = realised[order], worth.cost[order]
    mean = _mean(_cells(w * x, ends), amount)
    net = weight * mean
    if not worth.even:
        # Within a cell people differ: what their mean leaves of the variance is added as a normal draw.
        away = _mean(_cells(counted * x, ends), square)
        spread = _cells(counted * x**2, ends) - 2.0 * mean * away * square + mean**2 * square
        net += np.sqrt(np.maximum(spread, 0.0)) * rng.standard_normal(net.shape)
    return weight, net, weight * _mean(_cells(w * c, ends), amount)


def _cells(amounts: FloatArray, ends: IntArray) -> FloatArray:
    """Return the sums of amounts between neighbouring cut-offs, each summed by itself."""
    return np.add.reduceat(amounts, ends[:-1]) if len(ends) > 1 else np.empty(0)


def _mean(total: FloatArray, weight: FloatArray) -> FloatArray:
    return np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
