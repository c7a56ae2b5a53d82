"""`Beliefs`: what may be believed of every channel's curve, as weights of the draws, and how likely each belief is.

A belief gives each channel its own weights of the draws, and the channel's response is then the weighted mean. Perfect
knowledge is one belief per draw, a test one belief per outcome. Weighted by their chances the beliefs of each channel
add up to the equal weights of the draws: knowing more changes the mean of nothing. Therefore what can be gained by
knowing more is never negative, and less knowledge is never worth more, exactly and on any draws (Jensen's inequality).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Beliefs", "everything_known", "nothing_known"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Beliefs:
    """B beliefs on C channels over D draws.

    Parameters
    ----------
    rows
        Per channel, weights of the draws (u_c × D); each row adds up to 1.
    pick
        Which row each belief has of each channel (B × C).
    chance
        Of each belief (B,); adds up to 1.
    sampling
        1 over their number where they are a sample themselves, such as the outcomes of a test; else 0.
    """

    rows: tuple[FloatArray, ...]
    pick: IndexArray
    chance: FloatArray
    sampling: float = 0.0

    def __len__(self) -> int:
        return len(self.chance)

    def mean(self, values: FloatArray) -> FloatArray:
        """Return what each belief expects of every channel (B × C), from its value in each draw (D × C)."""
        columns = [row @ values[:, c] for c, row in enumerate(self.rows)]
        return np.stack([column[self.pick[:, c]] for c, column in enumerate(columns)], axis=1)


def nothing_known(draws: int, channels: int) -> Beliefs:
    """Return the one belief of today: every draw is as likely as another.

    Examples
    --------
    >>> nothing_known(2, 1).rows[0].tolist()
    [[0.5, 0.5]]
    """
    row = np.full((1, draws), 1.0 / draws)
    return Beliefs((row,) * channels, np.zeros((1, channels), dtype=np.intp), np.ones(1))


def everything_known(draws: int, channels: int) -> Beliefs:
    """Return a belief for each draw that is certain of it.

    Examples
    --------
    >>> everything_known(2, 1).rows[0].tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    pick = np.repeat(np.arange(draws)[:, None], channels, axis=1)
    return Beliefs((np.eye(draws),) * channels, pick, np.full(draws, 1.0 / draws))
