"""Cost targets in the model: what a channel spends over what it brings, its logarithm with a normal error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.experiments.evidence import Evidence, Reading
from mixcurve.response.bayes.experiments.windows import window_of
from mixcurve.response.bayes.model.media import Media
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.tables.experiments import CostTarget

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["CostPart", "cost_part"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class CostPart(Evidence):
    """T cost targets: log cost ~ normal(log spend - log contribution, log error), for each.

    The targets multiply the prior of the channels' sizes; they do not take its place.

    Parameters
    ----------
    targets
        As they came in.
    readings
        Their log costs.
    row, test
        Each row that is counted: its place (channel by channel) and its target (k,).
    weight
        The response unit of each (k,).
    log_spend
        Of each target's channel over its rows (T,).
    """

    targets: tuple[CostTarget, ...]
    readings: tuple[Reading, ...]
    row: IntArray
    test: IntArray
    weight: FloatArray
    log_spend: FloatArray

    @property
    def name(self) -> str:
        """What the part is called."""
        return "cost targets"

    def expected(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any:
        """Return the log of what an incremental outcome costs (T,)."""
        brought = xp.gather(channels.contributions, self.row) * self.weight
        return self.log_spend - xp.log(xp.scatter(brought, self.test, len(self.targets)))

    def without(self, problem: BayesProblem, name: str) -> CostPart | None:
        """Return the part without the target of that name, or None when nothing is left."""
        kept = [t for t in self.targets if t.name != name]
        return cost_part(problem, kept) if kept else None


def cost_part(problem: BayesProblem, targets: Sequence[CostTarget]) -> CostPart:
    """Return the part that holds the targets.

    Raises
    ------
    InputError
        As `window_of` does, or if a channel spent nothing in a target's rows.
    """
    windows = [window_of(problem, t) for t in targets]
    table = problem.mix.table
    spent = [float(table.spend[w.counted, w.channel].sum()) for w in windows]
    for target, spend in zip(targets, spent, strict=True):
        if spend <= 0:
            raise InputError(
                f"{target.name}: {target.channel} spent nothing in these days, so its outcomes have no cost there. "
                "Choose days with spend, or leave the days out."
            )
    counted = [len(w.counted) for w in windows]
    rows = np.concatenate([w.counted for w in windows])
    return CostPart(
        targets=tuple(targets),
        readings=tuple(
            Reading(t.name, "cost target", w.channel, float(np.log(t.cost)), t.log_error, log_scale=True)
            for t, w in zip(targets, windows, strict=True)
        ),
        row=rows + np.repeat([w.channel * problem.rows for w in windows], counted),
        test=np.repeat(np.arange(len(targets)), counted),
        weight=problem.mix.row_unit[rows],
        log_spend=np.log(spent),
    )
