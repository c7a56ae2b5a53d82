"""`Gate`: one check that a result passes or fails, and what all of them together say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result

__all__ = ["GRAVE_DIVERGENCES", "GRAVE_ESS", "GRAVE_R_HAT", "LEAST_ENERGY", "LEAST_ESS", "MOST_R_HAT", "Gate",
           "PosteriorStatus", "notes_of", "overall"]  # fmt: skip

MOST_R_HAT, GRAVE_R_HAT = 1.01, 1.1
"""Vehtari et al. (2021), and Gelman and Rubin's older limit, from which chains plainly disagree."""
LEAST_ESS, GRAVE_ESS = 400.0, 100.0
"""Vehtari et al. (2021): from 100 a chain of four on, R-hat and the sizes themselves are reliable."""
LEAST_ENERGY = 0.3
"""Of E-BFMI (Betancourt 2016, and the default of Stan's diagnose)."""
GRAVE_DIVERGENCES = 0.01
"""Share of the draws from which a part of the posterior is certainly missing."""

PosteriorStatus = Literal["converged", "check", "failed"]
"""``converged``: every check passed. ``check``: usable with what the message says in mind. ``failed``: do not use."""


@dataclass(frozen=True, eq=False)
class Gate(Result):
    """One check of a result.

    Parameters
    ----------
    name
        What is checked: ``"divergences"``, ``"R-hat"``, ``"bulk ESS"``, …
    passed
        Whether the value keeps the limit.
    value, limit
        What was found, the worst of all parameters, and what it must keep.
    parameter
        Which parameter (or row) is the worst, in words; empty where the check is of none in particular.
    cause, remedy
        Of a failure: what brought it about, as far as the draws show, and what to do. Empty where passed.
    grave
        Whether the failure is so large that no figure of the result should be used.

    Examples
    --------
    >>> gate = Gate("R-hat", False, 1.08, 1.01, "the slope of tv", "The chains disagree.", "Draw more.")
    >>> gate.sentence
    'R-hat is 1.08 (limit 1.01), for the slope of tv. The chains disagree. Draw more.'
    """

    name: str
    passed: bool
    value: float
    limit: float
    parameter: str = ""
    cause: str = ""
    remedy: str = ""
    grave: bool = False

    @property
    def sentence(self) -> str:
        """The finding, its cause and its remedy for a planner."""
        of = f", for {self.parameter}" if self.parameter else ""
        found = f"{self.name} is {self.value:.4g} (limit {self.limit:.4g}){of}."
        return " ".join(part for part in (found, self.cause, self.remedy) if part)


def overall(gates: Iterable[Gate]) -> tuple[PosteriorStatus, str]:
    """Return the status of a result and a message: the gravest failures first.

    Examples
    --------
    >>> overall([Gate("R-hat", True, 1.002, 1.01)])
    ('converged', 'All 1 checks passed.')
    >>> overall([Gate("divergences", False, 3.0, 0.0, remedy="Draw again.")])
    ('check', 'divergences is 3 (limit 0). Draw again.')
    """
    told = list(gates)
    if not told:
        raise InputError("gates must hold at least one check, got none. Run check_sampling first.")
    failed = sorted((g for g in told if not g.passed), key=lambda g: not g.grave)
    if not failed:
        return "converged", f"All {len(told)} checks passed."
    return ("failed" if failed[0].grave else "check"), " ".join(_once(failed))


def notes_of(gates: Iterable[Gate]) -> tuple[str, ...]:
    """Return a sentence for each check that failed, for `MixFit.notes`, which every report shows."""
    return tuple(_once([g for g in gates if not g.passed]))


def _once(failed: list[Gate]) -> list[str]:
    """Return the sentences; a cause and remedy that several checks share are told with the first of them."""
    told: set[tuple[str, str]] = set()
    out = []
    for gate in failed:
        why = (gate.cause, gate.remedy)
        out.append(
            gate.sentence if why not in told else gate.sentence[: -len(" ".join(filter(None, why))) - 1]
        )
        if any(why):
            told.add(why)
    return out
