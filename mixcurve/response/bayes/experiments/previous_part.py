"""A previous posterior in the model, in place of the prior of its channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.experiments.evidence import Evidence, Reading
from mixcurve.response.bayes.experiments.previous import RESPONSE, PreviousPosterior
from mixcurve.response.bayes.model.media import Media, block_name
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import LogitMap

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["PreviousPart", "previous_part"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class PreviousPart(Evidence):
    """Puts N(q; mean, covariance) of the quantities q in the place of the prior of their coordinates.

    log density = -(q - mean)' covariance⁻¹ (q - mean) / 2 + what the prior of the same channels' sizes and parameters
    takes off. The model's own prior of these channels, defaults and words alike, is thereby gone: the previous
    posterior holds the prior it started from, which is counted once. Channels that it does not know keep their prior,
    given the others' sizes where sizes are drawn towards one another. What the channels together leave to the baseline
    (`Sizes`) stays in both. q is an affine function of log size and of the coordinates but for the curve at the
    reference spend, which changes with shape alone: the Jacobian is constant.

    Parameters
    ----------
    previous
        As it came in.
    readings
        Each channel's log response at its reference spend.
    channels
        The places of its channels in the problem, in ascending order (C,).
    blocks
        (family, parameter, the channels of the family that it knows) of each block of parameters.
    order
        Of the previous quantities, as the model lists them: responses first, then block by block (k,).
    """

    previous: PreviousPosterior
    readings: tuple[Reading, ...]
    channels: IntArray
    blocks: tuple[tuple[int, str, IntArray], ...]
    order: IntArray
    together: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """What the part is called."""
        return self.previous.name

    def without(self, problem: BayesProblem, name: str) -> None:
        """Return None: it is one piece of evidence."""
        return

    def expected(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any:
        """Return the log response of each channel at its reference spend (C,)."""
        problem, names = model.problem, list(self.previous.channels)
        curves = []
        for place, family in enumerate(problem.families):
            mine = [c for c in self.channels if c in family.channels]
            if not mine:
                continue
            steady = [self.previous.reference[names.index(problem.channels[c])] for c in mine]
            within = np.array(mine) - family.channels[0]
            shape = [
                xp.gather(channels.shape[place, p.name], within) if p.free else p.fixed
                for p in family.curve.parameters
            ]
            curves.append(
                family.curve.unit(
                    xp.concatenate([np.array(steady) / problem.mix.spend_unit[mine]]), shape, xp
                )
            )
        unit = curves[0] if len(curves) == 1 else xp.concatenate(curves)
        return (
            xp.log(unit)
            + xp.log(xp.gather(channels.top, self.channels))
            + float(np.log(problem.mix.response_unit))
        )

    def log_density(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any:
        """Return what changes when the previous posterior takes the prior's place (1,)."""
        quantities, taken = [self.expected(xp, model, position, channels)], self._sizes(xp, model, position)
        for place, name, mine in self.blocks:
            u = self._coordinates(xp, model, position, place, name, mine)
            quantities.append(_real(model, place, name, mine, u))
            taken = taken + xp.sum(u**2)
        covariance = self.previous.covariance[np.ix_(self.order, self.order)]
        root = np.linalg.inv(np.linalg.cholesky(covariance))
        away = xp.matvec(root, xp.concatenate(quantities) - self.previous.mean[self.order])
        return 0.5 * taken - 0.5 * xp.sum(away**2)

    def each_log_density(self, xp: Any, model: MixModel, position: Any, channels: Media) -> Any:
        """Return the whole log density for each reading: they come and go together (C,)."""
        return xp.gather(
            self.log_density(xp, model, position, channels), np.zeros(len(self.readings), dtype=np.intp)
        )

    def _sizes(self, xp: Any, model: MixModel, position: Any) -> Any:
        """Return the squared distance of the channels' log sizes from their prior's middle (1,)."""
        rows = model.sizes.root[self.channels]
        root = np.linalg.inv(np.linalg.cholesky(rows @ rows.T)) @ rows
        return xp.sum(xp.matvec(root, position[model.space.rows("size")]) ** 2)

    def _coordinates(
        self, xp: Any, model: MixModel, position: Any, place: int, name: str, mine: IntArray
    ) -> Any:
        block = position[model.space.rows(block_name(model.problem, place, name))]
        return xp.gather(block, mine - model.problem.families[place].channels[0])


def _real(model: MixModel, place: int, name: str, mine: IntArray, u: Any) -> Any:
    """Return parameters in users' units on the real line, for their coordinates."""
    family = model.problem.families[place]
    parameter = next(p for p in (*family.kernel.parameters, *family.curve.parameters) if p.name == name)
    prior = model.priors.stacked(mine.tolist(), name)
    domain = parameter.domain
    if isinstance(prior, LogitMap) and not (
        np.all(prior.low == domain.low) and np.all(prior.high == domain.high)
    ):
        raise InputError(
            f"A previous posterior knows {name} between {domain.low:g} and {domain.high:g}, but a prior of this model "
            "narrows these limits. Leave that prior out: the previous posterior takes its place."
        )
    unit = parameter.spend_power * np.log(model.problem.mix.spend_unit[mine])
    return (prior.middle + unit) + prior.spread * u


def previous_part(problem: BayesProblem, previous: PreviousPosterior) -> PreviousPart:
    """Return the part that holds a previous posterior.

    Raises
    ------
    InputError
        If the table has groups, or differs in periods, currency, response, curve or carryover of a channel, a channel
        is not in it, or the previous posterior has seen some of its dates.
    """
    _same_market(problem, previous)
    known = problem.channels
    places = [known.index(known_name("channel", c, known)) for c in previous.channels]
    channels = np.array(sorted(places), dtype=np.intp)
    names = [problem.channels[c] for c in channels]
    blocks = []
    for place, family in enumerate(problem.families):
        mine = np.array([c for c in channels if c in family.channels], dtype=np.intp)
        free = [p.name for p in (*family.kernel.parameters, *family.curve.parameters) if p.free]
        blocks += [(place, name, mine) for name in free if len(mine)]
    listed = [(name, RESPONSE) for name in names]
    listed += [(problem.channels[c], name) for _, name, mine in blocks for c in mine]
    order = np.array([previous.quantities.index(q) for q in listed], dtype=np.intp)
    deviation = np.sqrt(np.diag(previous.covariance))
    readings = tuple(
        Reading(
            f"{previous.name}: {name}", "previous posterior", int(c), float(previous.mean[order[i]]),
            float(deviation[order[i]]), log_scale=True,
        )
        for i, (name, c) in enumerate(zip(names, channels, strict=True))
    )  # fmt: skip
    return PreviousPart(previous, readings, channels, tuple(blocks), order)


def _same_market(problem: BayesProblem, previous: PreviousPosterior) -> None:
    """Refuse a table that the previous posterior does not speak of, or whose rows it has seen."""
    table = problem.mix.table
    if table.groups is not None:
        raise InputError(
            f"{previous.name}: it knows no groups, but the table has some. Sample each group by itself."
        )
    for what, was, now in (
        ("periods", previous.every, table.every),
        ("response", previous.response_name, table.response_name),
        ("currency", previous.currency or table.currency, table.currency or previous.currency),
    ):
        if was != now:
            raise InputError(
                f"{previous.name}: its {what} must be the table's, '{now}', got '{was}'. Sample the earlier table in "
                "the same terms."
            )
    seen = int(
        ((table.dates >= np.datetime64(previous.first)) & (table.dates <= np.datetime64(previous.last))).sum()
    )
    if seen:
        raise InputError(
            f"{previous.name}: it has seen the rows from {previous.first} to {previous.last}, {seen} of the "
            f"{table.n_rows} in the table, whose evidence would count twice. Give only later rows, or leave it out."
        )
    for name, curve, kernel in zip(previous.channels, previous.curves, previous.kernels, strict=True):
        family = problem.families[_family_of(problem, previous, name)]
        if (family.curve.name, family.kernel.name) != (curve, kernel):
            raise InputError(
                f"{previous.name}: it knows {name} as {curve} with carryover {kernel}, but the model has "
                f"{family.curve.name} with {family.kernel.name}. Choose the same for both."
            )


def _family_of(problem: BayesProblem, previous: PreviousPosterior, channel: str) -> int:
    try:
        place = problem.channels.index(known_name("channel", channel, problem.channels))
    except InputError as error:
        raise InputError(
            f"{previous.name}: {error} Take over only the channels of the table with channels=…."
        ) from None
    return next(i for i, f in enumerate(problem.families) if place in f.channels)
