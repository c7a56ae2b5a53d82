"""Lift tests in the model: the difference that the other spend makes, carryover included, with a normal error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.experiments.evidence import Evidence, Reading
from mixcurve.response.bayes.experiments.lanes import Lanes, lanes_of
from mixcurve.response.bayes.experiments.windows import other_spend, window_of
from mixcurve.response.bayes.model.media import Media, _weights
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.fit.mix.basis import ORDERS
from mixcurve.tables.experiments import LiftTest

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["LiftPart", "lift_part"]

FloatArray = npt.NDArray[np.float64]

FAINT = 1e-9
"""Values of the unit curve below this count as none when a row's effectiveness is read off its contribution."""


@dataclass(frozen=True, eq=False)
class LiftPart(Evidence):
    """T lift tests: measured ~ normal(expected, standard error), for each.

    Expected is Σ over the rows counted of ± top · effectiveness · (curve of the other spend - curve of the table's),
    both after carryover. The sign is that of the difference in spend, so that more spend less spend is what counts.
    Effectiveness is 1, or what a varying effect makes of the row; at rows without any response it is 1 as well.

    Parameters
    ----------
    tests
        As they came in.
    readings
        What they measured.
    lanes
        Their other spend.
    """

    tests: tuple[LiftTest, ...]
    readings: tuple[Reading, ...]
    lanes: tuple[Lanes, ...]

    @property
    def name(self) -> str:
        """What the part is called."""
        return "lift tests"

    def expected(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any:
        """Return the expected incremental responses (T,), in the unit of the response."""
        total = None
        for lanes in self.lanes:
            difference = _other_curve(xp, model.problem, lanes, channels) - xp.gather(
                channels.columns, lanes.row
            )
            scaled = difference * xp.gather(channels.top, lanes.top) * _effectiveness(xp, lanes, channels)
            found = xp.scatter(scaled * lanes.weight, lanes.test, len(self.tests))
            total = found if total is None else total + found
        return total

    def without(self, problem: BayesProblem, name: str) -> LiftPart | None:
        """Return the part without the test of that name, or None when nothing is left."""
        kept = [t for t in self.tests if t.name != name]
        return lift_part(problem, kept) if kept else None


def lift_part(problem: BayesProblem, tests: Sequence[LiftTest]) -> LiftPart:
    """Return the part that holds the tests.

    Raises
    ------
    InputError
        As `window_of` and `other_spend` do.
    """
    windows = [window_of(problem, t) for t in tests]
    table = problem.mix.table
    spends = [other_spend(t, table.spend[:, w.channel], w.cover) for t, w in zip(tests, windows, strict=True)]
    readings = [
        Reading(t.name, "lift test", w.channel, t.response, t.standard_error, log_scale=False)
        for t, w in zip(tests, windows, strict=True)
    ]
    return LiftPart(tuple(tests), tuple(readings), lanes_of(problem, windows, spends))


def _effectiveness(xp: Any, lanes: Lanes, channels: Media) -> Any:
    """Return what the contribution of each counted row is over that of the curve alone (k,)."""
    top = xp.gather(channels.top, lanes.top)
    curve = xp.gather(channels.columns, lanes.row)
    return (xp.gather(channels.contributions, lanes.row) + FAINT * top) / (top * (curve + FAINT))


def _other_curve(xp: Any, problem: BayesProblem, lanes: Lanes, channels: Media) -> Any:
    """Return the unit curve of the other spend in each counted row (k,)."""
    family = problem.families[lanes.place]
    count, width = lanes.spend.shape
    length = problem.mix.basis.lags.shape[1]
    weight = _weights(xp, problem, lanes.place, family, channels.carryover)
    own = xp.gather(weight, lanes.channel[:, None] * length + np.arange(length))
    bounds = np.array([0, width])
    if problem.options.order == ORDERS[0]:
        carried = xp.gather(xp.convolve(lanes.spend, own, bounds, count), lanes.lane_row)
        return family.curve.unit(carried, _shape(xp, problem, lanes, channels, lanes.lane_row // width), xp)
    shape = _shape(xp, problem, lanes, channels, np.arange(count))
    unit = family.curve.unit(xp.concatenate([lanes.spend]), shape, xp)
    return xp.gather(xp.convolve(unit, own, bounds, count), lanes.lane_row)


def _shape(
    xp: Any, problem: BayesProblem, lanes: Lanes, channels: Media, lane: npt.NDArray[np.intp]
) -> list[Any]:
    """Return the curve's parameters, those of lanes by the given index of lanes."""
    family = problem.families[lanes.place]
    cells = len(family.channels) * len(problem.groups)
    found = []
    for p in family.curve.parameters:
        if not p.free:
            found.append(p.fixed)
            continue
        value = channels.shape[lanes.place, p.name]
        found.append(xp.gather(value, (lanes.cell if value.size == cells else lanes.channel)[lane]))
    return found
