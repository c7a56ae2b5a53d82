"""Whether draws of a hierarchy can be trusted: divergences, R-hat, effective sample sizes, energy; causes in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.convergence import FEWEST_DRAWS, convergence, missing_information
from mixcurve.foundations.draw_gates import convergence_gates, stopped_gate, too_few_gate
from mixcurve.foundations.gate import GRAVE_DIVERGENCES, LEAST_ENERGY, Gate
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
    gates = [stopped_gate(*run.positions.shape[:2])] if run.stopped else []
    if run.positions.shape[1] < FEWEST_DRAWS:
        return (*gates, too_few_gate(run.positions.shape[1]))
    found = convergence(run.positions)
    gates += convergence_gates(found, words, lambda place, _: _slow(run.positions, words, place))
    return (*gates, _divergences(run), _energy(run))


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
