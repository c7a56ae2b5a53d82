"""What the checks of a posterior mean to those who know the words of fits."""

from __future__ import annotations

from mixcurve.foundations.gate import PosteriorStatus
from mixcurve.response.fit.estimates import FitStatus

__all__ = ["as_fit_status"]


def as_fit_status(status: PosteriorStatus) -> FitStatus:
    """Return how reports and budgets, which know the words of fits, are told: only ``failed`` is not converged."""
    return "not converged" if status == "failed" else "converged"
