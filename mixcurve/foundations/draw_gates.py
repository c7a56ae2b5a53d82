"""The checks that any draws must pass: R-hat, bulk and tail effective sample size, enough draws, a run to its end.

What a failure comes from, and what to do, differs between models: they say it themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.convergence import FEWEST_DRAWS, Convergence
from mixcurve.foundations.gate import (
    GRAVE_ESS,
    GRAVE_R_HAT,
    LEAST_ESS,
    MOST_R_HAT,
    Gate,
    PosteriorStatus,
    overall,
)

__all__ = ["Gated", "Why", "convergence_gates", "stopped_gate", "too_few_gate"]

FloatArray = npt.NDArray[np.float64]
Why = Callable[[int, float], tuple[str, str]]
"""From the place of a figure and its effective sample size to the cause and the remedy of its slowness."""


class Gated:
    """What has gates has a status and a message."""

    if TYPE_CHECKING:

        @property
        def gates(self) -> tuple[Gate, ...]:
            """The checks."""

    @property
    def status(self) -> PosteriorStatus:
        """What the checks say together: ``"converged"``, ``"check"`` or ``"failed"``."""
        return overall(self.gates)[0]

    @property
    def message(self) -> str:
        """What did not pass, why and what to do, the gravest first."""
        return overall(self.gates)[1]


def convergence_gates(found: Convergence, words: Sequence[str], why: Why) -> tuple[Gate, Gate, Gate]:
    """Return the checks of R-hat, bulk and tail effective sample size, each with the worst figure.

    Parameters
    ----------
    found
        Of d figures; one that never moved (NaN) fails.
    words
        (d,), what each figure is.
    why
        Asked only of what fails.

    Examples
    --------
    >>> found = Convergence(np.array([1.0, 1.2]), np.array([900.0, 40.0]), np.array([900.0, 500.0]))
    >>> [g.passed for g in convergence_gates(found, ("a", "b"), lambda place, size: ("Slow.", "Draw more."))]
    [False, False, True]
    """
    r_hat = np.where(np.isnan(found.r_hat), np.inf, found.r_hat)
    place = int(np.argmax(r_hat))
    worst, passed = float(r_hat[place]), bool(r_hat[place] < MOST_R_HAT)
    size = float(np.nan_to_num(min(found.bulk[place], found.tail[place])))
    cause, remedy = ("", "") if passed else why(place, size)
    first = Gate(
        "R-hat", passed, worst, MOST_R_HAT, words[place], cause, remedy, not passed and worst > GRAVE_R_HAT
    )
    return first, _size("bulk ESS", found.bulk, words, why), _size("tail ESS", found.tail, words, why)


def _size(name: str, sizes: FloatArray, words: Sequence[str], why: Why) -> Gate:
    known = np.nan_to_num(sizes)
    place = int(np.argmin(known))
    worst = float(known[place])
    passed = worst >= LEAST_ESS
    cause, remedy = ("", "") if passed else why(place, worst)
    return Gate(name, passed, worst, LEAST_ESS, words[place], cause, remedy, worst < GRAVE_ESS)


def stopped_gate(chains: int, draws: int) -> Gate:
    """Return the failed check of a run that was interrupted after so many draws of each chain."""
    cause = f"The run was stopped after {draws} draws of each of {chains} chains."
    return Gate(
        "run stopped early", False, 1.0, 0.0, "", cause, "Let it run to the end for figures to rely on."
    )


def too_few_gate(draws: int) -> Gate:
    """Return the failed check of chains too short to be judged."""
    cause = "So few draws show nothing of how the chains move."
    return Gate("draws of each chain", False, draws, FEWEST_DRAWS, "", cause, "Raise draws to 1000.", True)
