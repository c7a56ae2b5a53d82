"""What knowing one channel's curve says of the others: draws in which the curve is alike, and how far to trust them.

Curves of one fit are rarely independent: where two channels moved together, more of the one means less of the other. No
two draws of a posterior hold the same curve, so that given the curve only one draw would be left, and it would say
everything of every channel. Draws are therefore gathered into small kinds of alike curves, halved at the median along
the direction in which the curves of a half differ most; a curve is known when its kind is. Given the kind, another
channel's mean response is that of the kinds around it, by a kernel over the main direction that leaves the mean of all
draws as it is, shrunk towards that mean by what kinds differ through chance alone, 1 - 1 / F (James and Stein 1961),
and not moved at all unless F, the variance between eighths of the draws over that within them, is significant. Few
distinct curves are no sample but scenarios: each is then a kind of its own, alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import f as f_distribution

from mixcurve.budget.learning.beliefs import Beliefs
from mixcurve.budget.learning.drawing import SCENARIOS
from mixcurve.budget.model import Model

__all__ = ["Dependence", "Related", "curve_known", "related", "weights_known"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
Dependence = Literal["joint", "independent"]

HALVINGS = 6
"""Of the draws into kinds of curves: 64 of them keep all but a few percent of what the curves differ by."""
SIGNIFICANCE = 0.01
"""Chance that curves which have nothing to do with each other are taken to depend on each other."""
POINTS, DIRECTIONS = 33, 2
"""Amounts of spend at which curves are compared, and main directions of their differences that are looked at."""
EIGHTHS = 8
"""Parts of the draws whose means are compared."""
BALANCING = 200
"""Times that the kernel's rows and columns are balanced: far more than needed for all digits."""
ROUNDING = 1e-12
"""Differences, relative to the whole, that are none."""


@dataclass(frozen=True, eq=False)
class Related:
    """What the curve of one channel says of the others.

    Parameters
    ----------
    channel
        Its place.
    kind
        Number of the kind of curve that each draw has (D,).
    near
        How much each kind says of the others (k × k): rows add up to 1, and so do columns weighted by the kinds' sizes.
    trust
        Per channel (C,): 0 where the kinds around say nothing, 1 where they say all. Its own is not read.
    """

    channel: int
    kind: IndexArray
    near: FloatArray
    trust: FloatArray


def related(model: Model, reach: float, dependence: Dependence) -> tuple[Related, ...]:
    """Return for each channel what its curve says of the others.

    Parameters
    ----------
    model
        With the draws, which count equally.
    reach
        Curves are compared between spend of 0 and of this.
    dependence
        ``"joint"``, or ``"independent"``: no curve says anything of another.
    """
    score = np.stack([_scores(model, c, reach) for c in range(len(model.channels))])
    return tuple(_related(model, c, score, dependence) for c in range(len(score)))


def _related(model: Model, channel: int, score: FloatArray, dependence: Dependence) -> Related:
    draws, own = score.shape[1], score[channel]
    kind = _distinct(model.draws[:, channel])
    scenarios = kind.max() < SCENARIOS
    if not scenarios:
        kind = _halved(own)
    trust = np.zeros(len(score))
    if dependence == "joint":
        eighth = (EIGHTHS * np.argsort(np.argsort(own[:, 0], kind="stable"), kind="stable")) // draws
        trust = np.array([1.0 if scenarios else _trust(one[:, 0], eighth) for one in score])
    near = np.eye(kind.max() + 1) if scenarios else _near(kind, own[:, 0])
    return Related(channel, kind, near, trust)


def _scores(model: Model, channel: int, reach: float) -> FloatArray:
    """Return where each draw's curve lies along the main directions in which the curves differ (D × 2)."""
    chosen = model.curve[channel]
    top, *shape = (model.draws[:, channel, k, None] for k in range(len(chosen.names)))
    spend = reach * np.linspace(0.0, 1.0, POINTS) ** 2  # finer where curves begin
    with np.errstate(over="ignore", under="ignore"):
        values = top * chosen.unit(spend, shape)
    centred = values - values.mean(axis=0)
    if np.abs(centred).max() <= ROUNDING * np.abs(values).max():
        return np.zeros((len(values), DIRECTIONS))
    along = centred @ np.linalg.eigh(centred.T @ centred)[1][:, : -1 - DIRECTIONS : -1]
    along *= np.where(centred.sum(axis=1) @ along < 0, -1.0, 1.0)  # a direction's sign is arbitrary
    return np.asarray(along)


def _distinct(parameters: FloatArray) -> IndexArray:
    """Return the number of each draw's curve among the distinct ones (D,)."""
    rows = np.nan_to_num(parameters, nan=np.inf)
    return np.asarray(np.unique(rows, axis=0, return_inverse=True)[1], dtype=np.intp).reshape(-1)


def _halved(score: FloatArray) -> IndexArray:
    """Return the kind of each draw's curve (D,)."""
    kind = np.zeros(len(score), dtype=np.intp)
    for halving in range(HALVINGS):
        for k in range(2**halving):
            _halve(kind, np.flatnonzero(kind == k), score, 2**halving)
    return np.asarray(np.unique(kind, return_inverse=True)[1], dtype=np.intp)


def _halve(kind: IndexArray, draws: IndexArray, score: FloatArray, step: int) -> None:
    """Move the upper half of some draws, along the direction in which they differ most, to another kind."""
    if len(draws) < 2:
        return
    along = score[draws, int(np.argmax(np.var(score[draws], axis=0)))]
    upper = along > np.median(along)
    kind[draws[upper]] += step


def _near(kind: IndexArray, score: FloatArray) -> FloatArray:
    """Return the kernel between kinds: Gaussian in normal scores, with rows and columns balanced (Sinkhorn 1964).

    Its width (4 D)^(-1/5) balances the square of what it flattens a linear dependence by against its noise.
    """
    draws, sizes = len(kind), np.bincount(kind)
    rank = np.argsort(np.argsort(score, kind="stable"), kind="stable")
    place = np.bincount(kind, ndtri((rank + 0.5) / draws)) / sizes
    width = (4.0 * draws) ** -0.2
    kernel = np.exp(-0.5 * ((place[:, None] - place) / width) ** 2)
    scale = np.ones(len(sizes))
    for _ in range(BALANCING):
        scale = np.sqrt(scale / (kernel @ (scale * sizes)))
    return scale[:, None] * kernel * (scale * sizes)


def _trust(score: FloatArray, group: IndexArray) -> float:
    """Return the share of the differences between groups of draws that is not chance."""
    sizes = np.bincount(group)
    mean = np.bincount(group, score) / sizes
    between = float(sizes @ (mean - score.mean()) ** 2)
    within = float(((score - mean[group]) ** 2).sum())
    degrees = len(sizes) - 1, len(score) - len(sizes)
    if between <= ROUNDING * (between + within):
        return 0.0
    if within <= ROUNDING * between:
        return 1.0
    ratio = (between / degrees[0]) / (within / degrees[1])
    return 1.0 - 1.0 / ratio if f_distribution.sf(ratio, *degrees) < SIGNIFICANCE else 0.0


def weights_known(known: Related, weight: FloatArray, chance: FloatArray) -> Beliefs:
    """Return the beliefs that ``weight`` (B × D) on the draws leads to, as far as they tell kinds of the curve apart.

    They are taken as a sample of all that one might come to believe, with these chances (B,).
    """
    kinds = weight @ np.eye(len(known.near))[known.kind]
    return _beliefs(known, kinds, chance, sampling=1.0 / len(chance))


def curve_known(known: Related) -> Beliefs:
    """Return a belief for each kind of the channel's curve, certain of that kind."""
    sizes = np.bincount(known.kind)
    return _beliefs(known, np.eye(len(sizes)), sizes / len(known.kind), sampling=0.0)


def _beliefs(known: Related, kinds: FloatArray, chance: FloatArray, sampling: float) -> Beliefs:
    """Return beliefs from their weights of the kinds (B × k)."""
    member = np.eye(len(known.near))[known.kind]
    own = (member / member.sum(axis=0)).T
    equal = np.full((1, len(known.kind)), 1.0 / len(known.kind))
    around = kinds @ known.near @ own
    rows = tuple(
        kinds @ own if c == known.channel else equal + trust * (around - equal) if trust > 0 else equal
        for c, trust in enumerate(known.trust.tolist())
    )
    pick = np.zeros((len(kinds), len(rows)), dtype=np.intp)
    pick[:, [len(row) > 1 for row in rows]] = np.arange(len(kinds))[:, None]
    return Beliefs(rows, pick, chance, sampling)
