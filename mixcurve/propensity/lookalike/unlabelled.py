"""How many of the universe are like seeds, when nobody says: Elkan and Noto's estimate and its check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from mixcurve.foundations.results import Result
from mixcurve.sigmoid import expit

__all__ = ["LabelledShare", "labelled_share"]

FloatArray = npt.NDArray[np.float64]

TOP = 0.01
"""Of people, the highest scores, among whom nearly all must be like seeds if the assumption holds."""
DISAGREE = 0.1
"""Two estimates of one share that differ by more than this part of it, beyond chance, are not of one thing."""


@dataclass(frozen=True, eq=False)
class LabelledShare(Result):
    """What share of people like seeds is known as a seed, by two ways that agree where the assumption holds.

    Parameters
    ----------
    value, low, high
        The mean probability of being a known seed over seeds held out, and its interval at ``level``.
    at_top
        The share of known seeds among the highest scores held out, and its interval (``top_low``, ``top_high``).
    holds
        Whether both agree: then people like seeds stand apart from others, which the first needs.
    """

    value: float
    low: float
    high: float
    at_top: float
    top_low: float
    top_high: float
    level: float
    holds: bool

    @property
    def summary(self) -> str:
        """One plain sentence or two."""
        said = (
            f"Assumed: seeds are known at random among all who are like them, and these stand apart from others. Then "
            f"{self.value:.1%} of them are known ({self.low:.1%} to {self.high:.1%} at {100 * self.level:g}%)."
        )
        if self.holds:
            return said
        return (
            f"{said} But among the highest scores {self.at_top:.1%} are known seeds ({self.top_low:.1%} to "
            f"{self.top_high:.1%}), so the assumption does not hold: the scores rank people, and are no probabilities."
        )


def labelled_share(
    seeds: FloatArray, everyone: FloatArray, known: npt.NDArray[np.bool_], level: float
) -> LabelledShare:
    r"""Return Elkan and Noto's estimate of the share of people like seeds that is known, with a check.

    With g(x) the probability of being a known seed, people like seeds known at random with share c, and no overlap,
    g is c for all of them: its mean over seeds held out estimates c (their e1), and so does the share of known seeds
    among the highest g. With overlap the first is too small, and the second larger: then both are of no use.

    Parameters
    ----------
    seeds
        Scores of seeds held out (log-odds of being a known seed in seeds and universe together).
    everyone, known
        Scores of all people held out, and who of them is a known seed.
    level
        Of the intervals.

    References
    ----------
    Elkan and Noto (2008), Learning classifiers from only positive and unlabeled data, KDD, section 2.
    """
    from mixcurve.calibration.binomial import share_interval

    z = float(ndtri(0.5 + level / 2.0))
    g = expit(seeds)
    value, error = float(g.mean()), float(g.std(ddof=1) / np.sqrt(len(g)))
    top = np.argsort(-everyone, kind="stable")[: max(20, round(TOP * len(everyone)))]
    hits = int(known[top].sum())
    low, high = (float(end) for end in share_interval(hits, len(top), level))
    at_top = hits / len(top)
    apart = low > value + z * error or high < value - z * error
    holds = not (apart and abs(at_top - value) > DISAGREE * max(at_top, value))
    return LabelledShare(
        value, max(value - z * error, 0.0), min(value + z * error, 1.0), at_top, low, high, level, holds
    )
