"""How the search of a mix ended, in a word and a sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.response.design.description import DesignSpec
from mixcurve.response.fit.estimates import FitStatus
from mixcurve.response.fit.mix.basis import MixBasis
from mixcurve.response.fit.mix.search import Searched

__all__ = ["fit_notes", "fit_status"]

FloatArray = npt.NDArray[np.float64]
LEAST_TOLD = 0.25
"""Correlation of neighbouring residuals from which intervals are clearly too narrow: by a quarter or more."""
CHANCE = 2.6
"""Standard errors (of 1 / sqrt(n)) that such a correlation must exceed: 99% of independent residuals stay below."""


def fit_status(basis: MixBasis, found: Searched, channels: Sequence[str]) -> tuple[FitStatus, str]:
    """Return the status of a search and a sentence on it, which names the parameters at the edge of their range."""
    low, high = basis.bounds
    media = found.amplitude[: len(channels)]
    if not found.converged:
        return "not converged", "The search stopped before it converged. Use more starts, or fewer channels."
    if not (media > 0).any():
        text = "No channel's spend goes with more response. The report cannot recommend a plan."
        return "no response", text
    at = (found.theta <= low + 1e-9) | (found.theta >= high - 1e-9)
    at &= media[basis.owner] > 0
    if at.any():
        edges = [
            (channels[c], p.parameter.name)
            for p, c, a in zip(basis.places, basis.owner, at, strict=True)
            if a
        ]
        what = ", ".join(f"the {name} of {channel}" for channel, name in edges)
        return "at bound", f"The search converged, but {what} lies at the edge of the range that is tried."
    return "converged", "Converged."


def fit_notes(
    design: DesignSpec, residual: FloatArray, groups: Sequence[str] | None, errors: str, every: str
) -> tuple[str, ...]:
    """Return what the reader of a fit should know: warnings of the design, and residuals that go together in time.

    Parameters
    ----------
    design
        The baseline's description, whose warnings are passed on.
    residual, groups
        Residuals by row (n,) and the group of each row, if any; rows of a group are in the order of time.
    errors
        ``"independent"`` or ``"autocorrelated"``, as they were taken to be.
    every
        The length of a period.
    """
    told = [str(problem) for problem in design.problems if problem.severity == "warning"]
    together = _neighbours(residual, np.zeros(len(residual)) if groups is None else np.array(groups))
    if errors == "independent" and together > max(LEAST_TOLD, CHANCE / np.sqrt(len(residual))):
        told.append(
            f"Residuals of neighbouring {every}s go together (correlation {together:.2f}), so intervals are too "
            "narrow: fit with autocorrelated errors."
        )
    return tuple(told)


def _neighbours(residual: FloatArray, group: npt.NDArray) -> float:
    """Return the correlation of each residual with the one before it in the same group."""
    same = group[1:] == group[:-1]
    squares = float(residual @ residual)
    return float((residual[1:] * residual[:-1])[same].sum()) / squares if squares > 0 else 0.0
