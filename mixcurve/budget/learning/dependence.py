"""What knowing one channel's curve says of the others: draws in which the curve is alike, and how far to trust them.

Curves of one fit are rarely independent: where two channels moved together, more of the one means less of the other. No
two draws of a posterior hold the same curve, so that given the curve only one draw would be left, and it would say
everything of every channel. Draws are therefore gathered into small kinds of alike curves, halved at the median along
the direction in which the curves of a half differ most; a curve is known when its kind is. A few large halves are the
neighbourhoods: given the curve, another channel's mean response is that of the neighbourhood, shrunk towards the mean
of all draws by what neighbourhoods differ through chance alone, 1 - 1 / F (James and Stein 1961), and not moved at all
unless F, the variance between over the variance within them, is significant. Few distinct curves are no sample but
scenarios: each is then a kind and a neighbourhood of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
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
    group
        The neighbourhood of each kind.
    trust
        Per channel (C,): 0 where the neighbourhood says nothing, 1 where it says all. Its own is not read.
    """

    channel: int
    kind: IndexArray
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
    score = np.stack([_scores(model, c, reach) for c in range(len(model.channels))])
    found = [_kinds(model.draws[:, c], score[c]) for c in range(len(score))]
    if dependence == "independent":
        return tuple(
            Related(c, kind, 0 * group, np.zeros(len(score))) for c, (kind, group) in enumerate(found)
        )
    return tuple(
        Related(
            c, kind, group, np.array([_trust(one[:, 0], group[kind], scenarios=len(group)) for one in score])
        )
        for c, (kind, group) in enumerate(found)
    )


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
    along = centred @ np.linalg.svd(centred, full_matrices=False)[2][:DIRECTIONS].T
    along *= np.where(centred.sum(axis=1) @ along < 0, -1.0, 1.0)  # a direction's sign is arbitrary
    return np.pad(along, ((0, 0), (0, DIRECTIONS - along.shape[1])))


def _kinds(parameters: FloatArray, score: FloatArray) -> tuple[IndexArray, IndexArray]:
    """Return the kind of each draw's curve, and the neighbourhood of each kind."""
    rows = np.nan_to_num(parameters, nan=np.inf)
    curve = np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1).astype(np.intp)
    count = int(curve.max()) + 1
    if count <= SCENARIOS:
        return curve, np.arange(count)
    kind = np.zeros(len(curve), dtype=np.intp)
    depth = round(
        np.log2((2 * len(curve)) ** (1 / 3))
    )  # neighbourhoods balance their bias and their noise so
    group = kind
    for halving in range(HALVINGS):
        for k in range(2**halving):
            _halve(kind, np.flatnonzero(kind == k), score, 2**halving)
        group = kind.copy() if halving + 1 == depth else group
    names, kind = np.unique(kind, return_inverse=True)
    nearest = np.empty(len(names), dtype=np.intp)
    nearest[kind] = group
    return kind.astype(np.intp), np.unique(nearest, return_inverse=True)[1].astype(np.intp)


def _halve(kind: IndexArray, draws: IndexArray, score: FloatArray, step: int) -> None:
    """Move the upper half of some draws, along the direction in which they differ most, to another kind."""
    if len(draws) < 2:
        return
    along = score[draws, int(np.argmax(np.var(score[draws], axis=0)))]
    upper = along > np.median(along)
    kind[draws[upper]] += step


def _trust(score: FloatArray, group: IndexArray, *, scenarios: int) -> float:
    """Return the share of the differences between neighbourhoods that is not chance; scenarios know no chance."""
    sizes = np.bincount(group)
    if len(sizes) == scenarios:
        return 1.0
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
    """Return the beliefs that ``weight`` (B × D) on the draws leads to, as far as they tell kinds of the curve apart.

    They are taken as a sample of all that one might come to believe, with these chances (B,).
    """
    own, near = _means(known)
    member = np.eye(len(own))[known.kind]
    kinds = weight @ member
    groups = kinds @ np.eye(len(near))[known.group]
    equal = np.full((1, len(known.kind)), 1.0 / len(known.kind))
    rows = tuple(
        kinds @ own if c == known.channel else equal + trust * groups @ near if trust > 0 else equal
        for c, trust in enumerate(known.trust.tolist())
    )
    pick = np.zeros((len(weight), len(rows)), dtype=np.intp)
    pick[:, [len(row) > 1 for row in rows]] = np.arange(len(weight))[:, None]
    return Beliefs(rows, pick, chance, sampling=1.0 / len(chance))


def curve_known(known: Related) -> Beliefs:
    """Return a belief for each kind of the channel's curve, certain of that kind."""
    own, near = _means(known)
    equal = np.full((1, len(known.kind)), 1.0 / len(known.kind))
    rows = tuple(
        own if c == known.channel else equal + trust * near if trust > 0 else equal
        for c, trust in enumerate(known.trust.tolist())
    )
    pick = np.where(known.trust > 0, known.group[:, None], 0)
    pick[:, known.channel] = np.arange(len(own))
    return Beliefs(rows, pick.astype(np.intp), np.bincount(known.kind) / len(known.kind))


def _means(known: Related) -> tuple[FloatArray, FloatArray]:
    """Return the weights of each kind's mean (k × D), and how those of each neighbourhood differ from equal (g × D)."""
    kind = np.eye(len(known.group))[known.kind]
    group = np.eye(int(known.group.max()) + 1)[known.group[known.kind]]
    return (kind / kind.sum(axis=0)).T, (group / group.sum(axis=0)).T - 1.0 / len(known.kind)
