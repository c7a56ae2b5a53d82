"""What knowing one channel's curve says of the others: draws in which the curve is alike, and how far to trust them.

Curves of one fit are rarely independent: where two channels moved together, more of the one means less of the other. No
two draws of a posterior hold the same curve, so that given the curve only one draw would be left, and it would say
everything of every channel. The draws are therefore sorted by the curve's main direction of variation and cut into
neighbourhoods; given the curve, another channel's mean response is that of the neighbourhood, shrunk towards the mean
of all draws by what the neighbourhoods differ through chance alone, 1 - 1 / F (James and Stein 1961), and not moved at
all unless F, the variance between over the variance within them, is significant. Few distinct curves are no sample but
scenarios: the draws with the same curve are then taken as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import f as f_distribution

from mixcurve.budget.learning.beliefs import Beliefs
from mixcurve.budget.model import Model

__all__ = ["Dependence", "Related", "curve_known", "related", "weights_known"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
Dependence = Literal["joint", "independent"]

SCENARIOS = 20
"""Up to so many distinct curves are taken as scenarios: a mean over fewer than a dozen draws has hardly any use."""
SIGNIFICANCE = 0.01
"""Chance that curves which have nothing to do with each other are taken to depend on each other."""
POINTS = 33
"""Amounts of spend at which curves are compared."""
ROUNDING = 1e-12
"""Variance within neighbourhoods, relative to all of it, that is none."""


@dataclass(frozen=True, eq=False)
class Related:
    """What the curve of one channel says of the others.

    Parameters
    ----------
    channel
        Its place.
    curve
        Number of the distinct curve that each draw has (D,).
    group
        The neighbourhood of each distinct curve.
    trust
        Per channel (C,): 0 where the neighbourhood says nothing, 1 where it says all. Its own is not read.
    """

    channel: int
    curve: IndexArray
    group: IndexArray
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
    curves = [_distinct(model.draws[:, c]) for c in range(len(model.channels))]
    if dependence == "independent":
        none = np.zeros(len(curves))
        return tuple(Related(c, k, np.zeros(k.max() + 1, dtype=np.intp), none) for c, k in enumerate(curves))
    score = np.stack([_score(model, c, reach) for c in range(len(curves))], axis=1)
    return tuple(_related(c, curve, score) for c, curve in enumerate(curves))


def _distinct(parameters: FloatArray) -> IndexArray:
    """Return the number of each draw's curve among the distinct ones."""
    rows = np.nan_to_num(parameters, nan=np.inf)
    return np.asarray(np.unique(rows, axis=0, return_inverse=True)[1], dtype=np.intp).reshape(-1)


def _score(model: Model, channel: int, reach: float) -> FloatArray:
    """Return each draw's curve along its main direction of variation over spend, rising with the response (D,)."""
    chosen = model.curve[channel]
    top, *shape = (model.draws[:, channel, k, None] for k in range(len(chosen.names)))
    spend = reach * np.linspace(0.0, 1.0, POINTS) ** 2  # finer where curves begin
    with np.errstate(over="ignore", under="ignore"):
        values = top * chosen.unit(spend, shape)
    centred = values - values.mean(axis=0)
    along = centred @ np.linalg.svd(centred, full_matrices=False)[2][0]
    return along if along @ centred.sum(axis=1) >= 0 else -along


def _related(channel: int, curve: IndexArray, score: FloatArray) -> Related:
    count, channels = int(curve.max()) + 1, score.shape[1]
    if count <= SCENARIOS:
        return Related(channel, curve, np.arange(count), np.ones(channels))
    group = _neighbourhoods(curve, score[:, channel])
    return Related(
        channel, curve, group, np.array([_trust(score[:, c], group[curve]) for c in range(channels)])
    )


def _neighbourhoods(curve: IndexArray, score: FloatArray) -> IndexArray:
    """Return the neighbourhood of each distinct curve: about (2 D)^(1/3) of them, alike in size."""
    draws, sizes = len(curve), np.bincount(curve)
    level = np.bincount(curve, score) / sizes
    order = np.argsort(level, kind="stable")
    place = (np.cumsum(sizes[order]) - 0.5 * sizes[order]) / draws
    group = np.empty(len(sizes), dtype=np.intp)
    group[order] = (place * round((2 * draws) ** (1 / 3))).astype(np.intp)
    return np.unique(group, return_inverse=True)[1].astype(np.intp)


def _trust(score: FloatArray, group: IndexArray) -> float:
    """Return the share of the differences between neighbourhoods that is not chance."""
    sizes = np.bincount(group)
    mean = np.bincount(group, score) / sizes
    between = float(sizes @ (mean - score.mean()) ** 2)
    within = float(((score - mean[group]) ** 2).sum())
    degrees = len(sizes) - 1, len(score) - len(sizes)
    if between <= ROUNDING * (between + within) or min(degrees) < 1:
        return 0.0
    if within <= ROUNDING * between:
        return 1.0
    ratio = (between / degrees[0]) / (within / degrees[1])
    return 1.0 - 1.0 / ratio if f_distribution.sf(ratio, *degrees) < SIGNIFICANCE else 0.0


def weights_known(known: Related, weight: FloatArray, chance: FloatArray) -> Beliefs:
    """Return the beliefs that ``weight`` (B × D) on the draws of one channel's curve leads to, with their chances."""
    near, member = _near(known)
    mean = weight @ member
    rows = tuple(
        weight if c == known.channel else _equal(known) + trust * mean @ near if trust > 0 else _equal(known)
        for c, trust in enumerate(known.trust.tolist())
    )
    pick = np.zeros((len(weight), len(rows)), dtype=np.intp)
    pick[:, [len(row) > 1 for row in rows]] = np.arange(len(weight))[:, None]
    return Beliefs(rows, pick, chance)


def curve_known(known: Related) -> Beliefs:
    """Return a belief for each distinct curve of the channel, certain of that curve."""
    sizes = np.bincount(known.curve)
    weight = (known.curve == np.arange(len(sizes))[:, None]) / sizes[:, None]
    near = _near(known)[0]
    rows = tuple(
        weight if c == known.channel else _equal(known) + trust * near if trust > 0 else _equal(known)
        for c, trust in enumerate(known.trust.tolist())
    )
    pick = np.where(known.trust > 0, known.group[:, None], 0)
    pick[:, known.channel] = np.arange(len(sizes))
    return Beliefs(rows, pick.astype(np.intp), sizes / len(known.curve))


def _equal(known: Related) -> FloatArray:
    return np.full((1, len(known.curve)), 1.0 / len(known.curve))


def _near(known: Related) -> tuple[FloatArray, FloatArray]:
    """Return how each neighbourhood's mean differs from that of all draws (g × D), and who belongs to it (D × g)."""
    group = known.group[known.curve]
    member = np.eye(int(group.max()) + 1)[group]
    return (member / member.sum(axis=0)).T - 1.0 / len(group), member
