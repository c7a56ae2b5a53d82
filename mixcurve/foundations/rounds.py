"""Rounds of draws: as many as it takes until the gates hold, and none with a divergence if shorter steps avoid it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.convergence import convergence
from mixcurve.foundations.gate import LEAST_ESS, MOST_R_HAT

__all__ = ["CHANGE", "HIGHEST_ACCEPT", "MOST_ROUNDS", "Run", "in_rounds", "joined", "thinned", "too_few"]

FloatArray = npt.NDArray[np.float64]

CHANGE = "energy change"
"""The statistic that holds by how much the energy changed in the sampler's step to a draw."""
MOST_ROUNDS = 6
WANTED_ESS, WANTED_RHAT = 500.0, 1.008
"""What the draws must reach: the gates' 400 and 1.01 with some room, since both are estimates."""
FEWEST_JUDGED = 1_000
"""Draws of all chains below which the effective sample sizes of what is kept could hardly be what the gates ask for."""
CHEAP = 1e6
"""Leapfrog steps times coordinates up to which draws are so cheap, about a second's, that more are made of them."""
PLENTY, ENOUGH_SHARE = 2_500.0, 0.6
"""The effective sample size at which cheap draws end, and the share of what is kept where that is less."""
HIGHEST_ACCEPT = 0.999
"""No round aims at more than this share of accepted steps, unless the first one did."""
CLOSER = 0.2
"""Of the share of refused steps that a round aimed at, what the next one aims at after a divergence."""


@dataclass(frozen=True, eq=False)
class Run:
    """Positions (chains × draws × d), statistics by name (chains × draws), and whether the run was interrupted."""

    positions: FloatArray
    statistics: dict[str, FloatArray]
    stopped: bool


def in_rounds[Coordinates](
    run: Callable[[Coordinates, float, str], Run],
    within: Coordinates,
    learned: Callable[[Run], Coordinates] | None = None,
    *,
    draws: int,
    target_accept: float,
    most: int = MOST_ROUNDS,
) -> Run:
    """Return rounds of draws one after the other, thinned to ``draws`` of each chain.

    A round that diverged counts as adaptation: it is not kept, and the next one aims at a higher acceptance. The last
    one is kept all the same, unless those before it suffice. An interruption ends the rounds and keeps what there is.

    Parameters
    ----------
    run
        Called with coordinates, the acceptance to aim at and the name of the stage; returns a round.
    within
        The coordinates of the first round.
    learned
        Makes of all draws so far the coordinates of the next round; without it they stay.
    most
        How many rounds there may be.
    """
    kept: list[Run] = []
    spare: list[Run] = []
    for number in range(most):
        try:
            found = run(within, target_accept, "sampling" if number == 0 else f"sampling, round {number + 1}")
        except KeyboardInterrupt:
            if not (kept or spare):
                raise
            return _whole(kept or [_levelled(spare[-1])], draws, stopped=True)
        last = number == most - 1 or found.stopped
        if _diverged(found) and last and kept and _suffice(kept, draws):
            return _whole(kept, draws, stopped=found.stopped)
        if _diverged(found) and not last:
            spare.append(found)
            target_accept = max(target_accept, min(1.0 - CLOSER * (1.0 - target_accept), HIGHEST_ACCEPT))
        else:
            kept.append(_levelled(found))
            if last or (_suffice(kept, draws) and _plenty([*kept, *spare], kept, draws)):
                break
        if learned is not None:
            within = learned(joined([*kept, *map(_levelled, spare[-1:])]))
    return _whole(kept, draws, stopped=kept[-1].stopped)


def _diverged(run: Run) -> bool:
    return bool(np.any(run.statistics.get("diverging", False)))


def _suffice(kept: Sequence[Run], draws: int) -> bool:
    """Return whether the draws suffice, and also those that thinning leaves, if so many are asked for that they can."""
    if too_few(joined(kept).positions):
        return False
    left = _whole(kept, draws, stopped=False).positions
    return left.shape[0] * left.shape[1] < FEWEST_JUDGED or not too_few(left, LEAST_ESS, MOST_R_HAT)


def _plenty(made: Sequence[Run], kept: Sequence[Run], draws: int) -> bool:
    """Return whether more draws would cost much, or what is kept is worth many independent ones already.

    The cost is counted, not timed, so that the same seed gives the same draws on any machine.
    """
    if any("n_steps" not in run.statistics for run in made):
        return True
    cost = sum(float(run.statistics["n_steps"].sum()) for run in made) * kept[0].positions.shape[2]
    if cost >= CHEAP:
        return True
    left = _whole(kept, draws, stopped=False).positions
    return not too_few(left, min(PLENTY, ENOUGH_SHARE * left.shape[0] * left.shape[1]), MOST_R_HAT)


def _levelled(run: Run) -> Run:
    """Return a round whose energies are around 0, with their changes from step to step.

    Rounds have coordinates of their own, and each its own constant in the energy; what a round's sampler moves shows in
    the changes, which thinning must not lengthen.
    """
    energy = run.statistics.get("energy")
    if energy is None or energy.shape[1] < 2:
        return run
    step = np.diff(energy, axis=1)
    changes = np.concatenate([step[:, :1], step], axis=1)  # of the first draw, the step from it
    return replace(run, statistics={**run.statistics, "energy": energy - energy.mean(), CHANGE: changes})


def _whole(runs: Sequence[Run], draws: int, *, stopped: bool) -> Run:
    """Return the rounds as one run of about so many draws of each chain."""
    whole = joined(runs)
    every = max(1, whole.positions.shape[1] // draws)
    kept = {name: thinned(name, values, every) for name, values in whole.statistics.items()}
    return Run(whole.positions[:, ::every], kept, stopped)


def joined(runs: Sequence[Run]) -> Run:
    """Return the rounds one after the other."""
    return Run(
        np.concatenate([r.positions for r in runs], axis=1),
        {name: np.concatenate([r.statistics[name] for r in runs], axis=1) for name in runs[0].statistics},
        runs[-1].stopped,
    )


def thinned(name: str, values: FloatArray, every: int) -> FloatArray:
    """Return every so-many-th value; a divergence counts for the whole run of draws of which one is kept.

    Examples
    --------
    >>> thinned("diverging", np.array([[0.0, 1.0, 0.0, 0.0]]), 2).tolist()
    [[True, False]]
    """
    if name != "diverging":
        return values[:, ::every]
    starts = np.arange(0, values.shape[1], every)
    return np.logical_or.reduceat(values.astype(bool), starts, axis=1)


def too_few(positions: FloatArray, ess: float = WANTED_ESS, r_hat: float = WANTED_RHAT) -> bool:
    """Return whether an effective sample size or a potential scale reduction misses what is asked for.

    Examples
    --------
    >>> draws = np.random.default_rng(1).standard_normal((4, 500, 2))
    >>> too_few(draws), too_few(draws[:, :100])
    (False, True)
    """
    found = convergence(positions)
    least = min(float(found.bulk.min()), float(found.tail.min()))
    return not (least >= ess and float(found.r_hat.max()) <= r_hat)
