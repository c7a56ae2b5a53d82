"""How the search of a mix ended, in a word and a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from mixcurve.response.fit.estimates import FitStatus
from mixcurve.response.fit.mix_basis import MixBasis
from mixcurve.response.fit.mix_search import Searched

__all__ = ["fit_status"]


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
