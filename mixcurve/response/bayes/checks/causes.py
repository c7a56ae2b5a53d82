"""Why chains do not mix: looked for in the draws, most telling first, and said with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.checks.words import Coordinate

__all__ = ["Draws", "cause_of_divergence", "cause_of_slowness"]

FloatArray = npt.NDArray[np.float64]
Told = tuple[str, str]

APART = 2.0
"""Range of the chains' means, over the deviation within chains, from which they are in different places."""
TOGETHER = 0.9
"""Correlation of two coordinates above which neither is known without the other."""
EDGE_SHARE, EDGE_DRAWS = 0.03, 0.5
"""A parameter is at its bound where half of the draws are within this share of the domain from it."""
LIKE_PRIOR_MIDDLE, LIKE_PRIOR_SPREAD = 0.25, (0.85, 1.15)
"""A posterior is like its prior where its mean is this near in prior deviations and its deviation is in this range."""
SMALL_SPREAD = -1.0
"""Coordinate of a spread between groups below which groups hardly differ: the prior's lowest sixth."""
INDEPENDENT = 0.1
"""Effective over actual draws from which chains move well, and there are only too few of them."""
FAR = 4.0
"""Standard errors by which divergent draws must differ from the others to be in a place of their own."""
LIFT_TEST = "give a lift test of either, a range for one of them"


@dataclass(frozen=True, eq=False)
class Draws:
    """The draws whose trouble is sought: positions (chains × draws × d), and what each coordinate is."""

    positions: FloatArray
    coordinates: Sequence[Coordinate]

    @property
    def flat(self) -> FloatArray:
        """All chains one after the other."""
        return self.positions.reshape(-1, self.positions.shape[2])


def cause_of_slowness(draws: Draws, place: int, effective: float, wanted: float) -> Told:
    """Return why a coordinate has few effective draws or chains that disagree, and the remedy.

    Parameters
    ----------
    draws
        All of them.
    place
        Of the coordinate.
    effective, wanted
        Its effective sample size, and the least that serves.
    """
    finders: tuple[Callable[[Draws, int], Told | None], ...] = (
        _stuck, _modes, _at_bound, _pooled, _together, _like_prior,
    )  # fmt: skip
    for find in finders:
        told = find(draws, place)
        if told is not None:
            return told
    chains, count, _ = draws.positions.shape
    if effective >= INDEPENDENT * chains * count:
        need = int(np.ceil(1.2 * wanted * count / effective / 100.0)) * 100
        return f"The chains move well, but {chains} × {count} draws are too few.", f"Draw more: draws={need}."
    return (
        "The chains move slowly there, and no other parameter explains it.",
        f"Give a narrower prior for {draws.coordinates[place].words}, or raise tune and draws.",
    )


def cause_of_divergence(draws: Draws, diverging: npt.NDArray[np.bool_]) -> tuple[int, str, str]:
    """Return the coordinate in which divergent draws (chains × draws) lie furthest apart, cause and remedy."""
    at, flat = diverging.ravel(), draws.flat
    spread = flat.std(axis=0)
    shift = (flat[at].mean(axis=0) - flat.mean(axis=0)) / np.where(spread > 0, spread, np.inf)
    score = np.abs(shift) * np.sqrt(at.sum())
    place = int(np.argmax(score))
    one = draws.coordinates[place]
    remedy = "Raise target_accept, for example to 0.999"
    if score[place] < FAR:
        return place, "They lie everywhere, so single steps were too long.", f"{remedy}."
    side = "low" if shift[place] < 0 else "high"
    value = one.told(float(np.median(flat[at, place])))
    where = f"{side} values of {one.words}" + (f" (about {value})" if value else "")
    return (
        place,
        f"They lie at {where}, where the density bends sharply.",
        f"{remedy}, or give a range for it.",
    )


def _stuck(draws: Draws, place: int) -> Told | None:
    values = draws.positions[:, :, place]
    still = np.flatnonzero(values.max(axis=1) <= values.min(axis=1))
    if not len(still):
        return None
    which = ", ".join(str(c + 1) for c in still)
    of = "No chain moved" if len(still) == len(values) else f"Chain {which} did not move"
    return (
        f"{of}: it found no step that the density allows.",
        "Sample again with another seed and a longer tune.",
    )


def _modes(draws: Draws, place: int) -> Told | None:
    values = draws.positions[:, :, place]
    means, within = values.mean(axis=1), np.sqrt(values.var(axis=1, ddof=1).mean())
    if np.ptp(means) <= APART * within:
        return None
    order = np.sort(means)
    cut = int(np.argmax(np.diff(order))) + 1
    one = draws.coordinates[place]
    low, high = (one.told(float(part.mean())) for part in (order[:cut], order[cut:]))
    near = f" ({cut} near {low}, {len(order) - cut} near {high})" if low else ""
    return (
        f"Chains ended in different places{near}: the data allow more than one explanation.",
        f"Give a range for {one.words}, or a lift test of its channel, that rules one of them out.",
    )


def _at_bound(draws: Draws, place: int) -> Told | None:
    one = draws.coordinates[place]
    if one.value is None or not np.isfinite([one.low, one.high]).all():
        return None
    share = (one.value(draws.flat[:, place]) - one.low) / (one.high - one.low)
    for end, near in (("lower", share < EDGE_SHARE), ("upper", share > 1.0 - EDGE_SHARE)):
        if near.mean() > EDGE_DRAWS:
            limit = one.low if end == "lower" else one.high
            return (
                f"It lies at the {end} end of what is possible ({limit:g}).",
                "Choose another carryover or curve for the channel, or give a range for it.",
            )
    return None


def _pooled(draws: Draws, place: int) -> Told | None:
    one = draws.coordinates[place]
    if " spread" not in one.label and " by group" not in one.label:
        return None
    spread = one.label.replace(" by group", " spread").partition(" (")[0].rstrip("]") + "]"
    found = next((c for c in draws.coordinates if c.label == spread), None)
    if found is None or np.median(draws.flat[:, found.place]) > SMALL_SPREAD:
        return None
    return (
        f"Groups hardly differ there, so that {found.words} is near 0.",
        "Add groups up before the fit, or draw more.",
    )


def _together(draws: Draws, place: int) -> Told | None:
    flat = draws.flat
    centred = flat - flat.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.nan_to_num(centred.T @ centred[:, place] / (size * size[place]))
    r[place] = 0.0
    other = int(np.argmax(np.abs(r)))
    if abs(r[other]) <= TOGETHER:
        return None
    mine, theirs = draws.coordinates[place], draws.coordinates[other]
    how = "rises" if r[other] > 0 else "falls"
    return (
        f"The data hardly tell it from {theirs.words}: one {how} with the other (correlation {r[other]:.2f}).",
        f"For {mine.words} or {theirs.words}: {LIFT_TEST}, or use fewer channels.",
    )


def _like_prior(draws: Draws, place: int) -> Told | None:
    values = draws.flat[:, place]
    low, high = LIKE_PRIOR_SPREAD
    if abs(values.mean()) > LIKE_PRIOR_MIDDLE or not low <= values.std() <= high:
        return None
    return (
        "The data say nothing of it: its posterior is its prior.",
        f"Give a range for {draws.coordinates[place].words}, or draw more.",
    )
