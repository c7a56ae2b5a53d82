"""Whether draws of a hierarchy can be trusted: divergences, R-hat, effective sample sizes, energy; causes in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.convergence import FEWEST_DRAWS, convergence, missing_information
from mixcurve.foundations.gate import (
    GRAVE_DIVERGENCES,
    GRAVE_ESS,
    GRAVE_R_HAT,
    LEAST_ENERGY,
    LEAST_ESS,
    MOST_R_HAT,
    Gate,
)
from mixcurve.foundations.rounds import CHANGE, Run

__all__ = ["gates_of"]

FloatArray = npt.NDArray[np.float64]

TOGETHER = 0.9
"""Correlation of two figures above which neither is known without the other."""
MORE = "Raise tune and draws, for example to 1000 and 2000"


def gates_of(run: Run, words: Sequence[str]) -> tuple[Gate, ...]:
    """Return the checks of draws, each with the worst figure, the likely cause and a remedy.

    Parameters
    ----------
    run
        Draws (chains × draws × d) and the sampler's statistics.
    words
        (d,), what each figure is, as in "the coefficient of visits".
    """
    gates = [] if not run.stopped else [_stopped(run)]
    if run.positions.shape[1] < FEWEST_DRAWS:
        cause = "So few draws show nothing of how the chains move."
        count = run.positions.shape[1]
        return (*gates, Gate("draws of each chain", False, count, FEWEST_DRAWS, "", cause, f"{MORE}.", True))
    found = convergence(run.positions)
    r_hat = np.where(np.isnan(found.r_hat), np.inf, found.r_hat)
    place = int(np.argmax(r_hat))
    passed = bool(r_hat[place] < MOST_R_HAT)
    cause, remedy = ("", "") if passed else _slow(run.positions, words, place)
    worst, grave = float(r_hat[place]), bool(r_hat[place] > GRAVE_R_HAT)
    gates.append(Gate("R-hat", passed, worst, MOST_R_HAT, words[place], cause, remedy, grave))
    for name, sizes in (("bulk ESS", found.bulk), ("tail ESS", found.tail)):
        known = np.nan_to_num(sizes)
        place = int(np.argmin(known))
        least = float(known[place])
        cause, remedy = ("", "") if least >= LEAST_ESS else _slow(run.positions, words, place)
        gates.append(
            Gate(name, least >= LEAST_ESS, least, LEAST_ESS, words[place], cause, remedy, least < GRAVE_ESS)
        )
    return (*gates, _divergences(run), _energy(run))


def _stopped(run: Run) -> Gate:
    chains, count, _ = run.positions.shape
    cause = f"The run was stopped after {count} draws of each of {chains} chains."
    return Gate(
        "run stopped early", False, 1.0, 0.0, "", cause, "Let it run to the end for figures to rely on."
    )


def _divergences(run: Run) -> Gate:
    diverging = np.asarray(run.statistics["diverging"]) > 0
    count = int(diverging.sum())
    if not count:
        return Gate("divergences", True, 0.0, 0.0)
    cause = "Single steps were too long where the spread between groups is near 0."
    remedy = "Raise target_accept, for example to 0.999, or let fewer columns vary."
    return Gate(
        "divergences", False, count, 0.0, "", cause, remedy, count > GRAVE_DIVERGENCES * diverging.size
    )


def _energy(run: Run) -> Gate:
    found = missing_information(run.statistics["energy"], run.statistics.get(CHANGE))
    least = float(np.nan_to_num(found).min())
    if least > LEAST_ENERGY:
        return Gate("E-BFMI", True, least, LEAST_ENERGY)
    return Gate(
        "E-BFMI", False, least, LEAST_ENERGY, "", "The energy moves slowly from draw to draw.", f"{MORE}."
    )


def _slow(positions: FloatArray, words: Sequence[str], place: int) -> tuple[str, str]:
    """Return why chains move slowly in a figure, and what to do."""
    flat = positions.reshape(-1, positions.shape[-1])
    spread = flat.std(axis=0)
    if spread[place] == 0:
        return "The chains did not move.", "Sample again with another seed and a longer tune."
    centred = (flat - flat.mean(axis=0)) / np.where(spread > 0, spread, np.inf)
    r = centred.T @ centred[:, place] / len(flat)
    r[place] = 0.0
    other = int(np.argmax(np.abs(r)))
    if abs(r[other]) <= TOGETHER:
        return "The chains move slowly there.", f"{MORE}, or let fewer columns vary."
    how = "rises" if r[other] > 0 else "falls"
    return (
        f"The data hardly tell it from {words[other]}: one {how} with the other (correlation {r[other]:.2f}).",
        f"{MORE}, or leave out one of the columns.",
    )
