"""Whether the draws can be trusted: divergences, R-hat, effective sample sizes, energy, Pareto k."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.convergence import (
    FEWEST_DRAWS,
    Convergence,
    convergence,
    missing_information,
)
from mixcurve.foundations.draw_gates import Gated, convergence_gates, stopped_gate, too_few_gate
from mixcurve.foundations.gate import GRAVE_DIVERGENCES, LEAST_ENERGY, LEAST_ESS, Gate
from mixcurve.foundations.results import Result
from mixcurve.foundations.rounds import CHANGE
from mixcurve.response.bayes.checks.causes import Draws, cause_of_divergence, cause_of_slowness
from mixcurve.response.bayes.checks.loo import largest_k
from mixcurve.response.bayes.checks.words import Coordinate, coordinates
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.sampled import Sampled

__all__ = ["SamplingChecks", "check_sampling", "gates_of_draws", "sampling_gates"]

FloatArray = npt.NDArray[np.float64]

QUICK = ("laplace", "pathfinder")
"""Samplers whose draws are weighted approximations: only their weights can be judged."""
GRAVE_K = 1.0
"""Pareto k from which the weights have no mean."""
KEPT = 4
"""Coordinates whose draws are kept for pictures: the worst."""


@dataclass(frozen=True, eq=False)
class SamplingChecks(Gated, Result):
    """What checks of the draws found.

    Parameters
    ----------
    gates
        The checks.
    labels, words
        Of each coordinate (d,).
    convergence
        R-hat, bulk and tail effective sample size by coordinate; None where the draws are of a quick mode.
    worst, worst_draws
        The places of the worst coordinates (k,), and their draws (chains × draws × k), for pictures.
    energy, diverging, energy_change
        (chains × draws); empty where the sampler has none. The change is that of one step of the sampler, of which
        the draws kept may be every so-many-th.
    """

    gates: tuple[Gate, ...]
    labels: tuple[str, ...]
    words: tuple[str, ...]
    convergence: Convergence | None
    worst: npt.NDArray[np.intp]
    worst_draws: FloatArray
    energy: FloatArray
    diverging: FloatArray
    energy_change: FloatArray = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def table(self) -> Any:
        """A pandas frame with R-hat, bulk and tail effective sample size of each coordinate."""
        import pandas as pd

        found = self.convergence
        columns = {} if found is None else {"r_hat": found.r_hat, "bulk": found.bulk, "tail": found.tail}
        return pd.DataFrame(columns, index=pd.Index(self.labels, name="coordinate"))


def sampling_gates(model: MixModel, sampled: Sampled) -> tuple[Gate, ...]:
    """Return the checks of draws; see `check_sampling`."""
    return check_sampling(model, sampled).gates


def check_sampling(model: MixModel, sampled: Sampled) -> SamplingChecks:
    """Check draws: no divergence, R-hat below 1.01, bulk and tail effective sample size of 400, E-BFMI above 0.3.

    Every coordinate of the position is looked at; a gate names the worst, the cause that its draws show and a remedy.
    Of a quick mode only the Pareto k of its weights is checked.

    Parameters
    ----------
    model, sampled
        The model, and what a sampler returned for it.
    """
    return gates_of_draws(coordinates(model), sampled)


def gates_of_draws(which: tuple[Coordinate, ...], sampled: Sampled) -> SamplingChecks:
    """Check draws of coordinates that are told by their words alone; see `check_sampling`.

    Examples
    --------
    >>> which = (Coordinate(0, "slope[tv]", "the slope of tv"),)
    >>> draws = np.random.default_rng(1).standard_normal((4, 500, 1))
    >>> gates_of_draws(which, Sampled(draws, "nutpie", seed=1)).status
    'converged'
    >>> apart = draws + np.array([0.0, 0.0, 0.0, 9.0])[:, None, None]
    >>> gates_of_draws(which, Sampled(apart, "nutpie", seed=1)).gates[0].cause
    'Chains ended in different places: the data allow more than one explanation.'
    """
    draws = Draws(np.asarray(sampled.positions), which)
    gates: list[Gate] = [stopped_gate(*sampled.positions.shape[:2])] if sampled.interrupted else []
    found, order = None, np.arange(min(KEPT, len(which)))
    if sampled.sampler in QUICK:
        gates.append(_weights(sampled))
    elif draws.positions.shape[1] < FEWEST_DRAWS:
        gates.append(too_few_gate(draws.positions.shape[1]))
    else:
        found = convergence(draws.positions)
        words = [one.words for one in which]
        gates += convergence_gates(
            found, words, lambda place, size: cause_of_slowness(draws, place, size, LEAST_ESS)
        )
        gates += _dynamics(draws, sampled)
        size = np.minimum(np.nan_to_num(found.bulk), np.nan_to_num(found.tail))
        order = np.argsort(size, kind="stable")[:KEPT]
    none = np.empty((0, 0))
    return SamplingChecks(
        tuple(gates), tuple(c.label for c in which), tuple(c.words for c in which), found, order,
        draws.positions[:, :, order], sampled.statistics.get("energy", none),
        np.asarray(sampled.statistics.get("diverging", none), dtype=np.float64),
        sampled.statistics.get(CHANGE, none),
    )  # fmt: skip


def _weights(sampled: Sampled) -> Gate:
    limit = largest_k(sampled.flat.shape[0])
    if sampled.pareto_k <= limit:
        return Gate("Pareto k of the quick mode", True, sampled.pareto_k, limit)
    cause = "The posterior has another form than the quick mode takes it to have."
    grave = not sampled.pareto_k < GRAVE_K
    return Gate(
        "Pareto k of the quick mode",
        False,
        sampled.pareto_k,
        limit,
        "",
        cause,
        "Sample with quick=False.",
        grave,
    )


def _dynamics(draws: Draws, sampled: Sampled) -> list[Gate]:
    gates = []
    if "diverging" in sampled.statistics:
        diverging = np.asarray(sampled.statistics["diverging"]) > 0
        gates.append(_divergences(draws, diverging))
    if "energy" in sampled.statistics:
        energy = np.asarray(sampled.statistics["energy"], dtype=np.float64)
        gates.append(_energy(draws, energy, sampled.statistics.get(CHANGE)))
    return gates


def _divergences(draws: Draws, diverging: npt.NDArray[np.bool_]) -> Gate:
    count = int(diverging.sum())
    if count == 0:
        return Gate("divergences", True, 0.0, 0.0)
    place, cause, remedy = cause_of_divergence(draws, diverging)
    grave = count > GRAVE_DIVERGENCES * diverging.size
    return Gate("divergences", False, count, 0.0, draws.coordinates[place].words, cause, remedy, grave)


def _energy(draws: Draws, energy: FloatArray, change: FloatArray | None) -> Gate:
    found = missing_information(energy, change)
    worst = float(np.nan_to_num(found).min())
    if worst > LEAST_ENERGY:
        return Gate("E-BFMI", True, worst, LEAST_ENERGY)
    chain = int(np.argmin(np.nan_to_num(found)))
    place = _follows(draws.positions[chain], energy[chain])
    words = draws.coordinates[place].words
    cause = f"In chain {chain + 1} the energy moves slowly, most with {words}: its posterior has heavy tails."
    return Gate(
        "E-BFMI", False, worst, LEAST_ENERGY, words, cause, f"Give a range for {words}, or raise tune."
    )


def _follows(positions: FloatArray, energy: FloatArray) -> int:
    """Return the coordinate whose distance from its middle goes most with the energy."""
    away = np.abs(positions - np.median(positions, axis=0))
    away, level = away - away.mean(axis=0), energy - energy.mean()
    size = np.sqrt((away**2).sum(axis=0) * (level**2).sum())
    return int(np.argmax(np.divide(np.abs(level @ away), size, out=np.zeros(len(size)), where=size > 0)))
