"""What each experiment moved: the posterior with it beside the posterior without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy import special

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.checks.loo import largest_k
from mixcurve.response.bayes.experiments.evidence import Evidence, Reading
from mixcurve.response.bayes.experiments.report import ExperimentMove, ExperimentReport
from mixcurve.response.bayes.experiments.weights import moments, quantiles, removal_weights
from mixcurve.response.bayes.experiments.words import moved_sentence
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.fit.estimates import EstimateInterval

__all__ = ["model_without", "what_experiments_moved"]

FloatArray = npt.NDArray[np.float64]

TOGETHER = 250
"""Draws whose rows are computed side by side."""
QUANTITIES = {
    "lift test": "incremental response", "cost target": "cost per incremental response",
    "previous posterior": "response per period",
}  # fmt: skip


def what_experiments_moved(
    model: MixModel,
    sampled: Sampled,
    *,
    level: float = 0.9,
    sample_again: Callable[[MixModel], Sampled] | None = None,
) -> ExperimentReport:
    """Return what each experiment of a model says, what everything else says, and what it moved.

    The posterior without an experiment comes from the draws with it, weighted by one over its likelihood; where one
    experiment says so much that the weights fail (Pareto k above 0.7), it takes a further run without it.

    Parameters
    ----------
    model, sampled
        The model with its experiments, and draws from it.
    level
        Of all intervals.
    sample_again
        Samples a model; called with the model without an experiment whose weights fail. Without it such an experiment
        is reported as one that needs a further run.

    Returns
    -------
    ExperimentReport
        Empty for a model without experiments.

    Raises
    ------
    InputError
        If the draws are not of this model.

    Examples
    --------
    >>> from mixcurve import simulate_market
    >>> from mixcurve.response.bayes.experiments.parts import experiment_parts
    >>> from mixcurve.response.bayes.mix import mix_model
    >>> from mixcurve.tables.experiments import LiftTest
    >>> table = simulate_market(["tv"], periods=60, seed=1).table
    >>> model = mix_model(table, season=0)
    >>> lift = LiftTest(
    ...     "tv", str(table.dates[20]), str(table.dates[23]), 4000, 4000, share="-100%", name="spring"
    ... )
    >>> model = replace(model, parts=experiment_parts(model.problem, lift))
    >>> draws = Sampled(model.prior_draws(400, np.random.default_rng(0))[None], "prior", 0)
    >>> what_experiments_moved(model, draws).moves[0].kind
    'lift test'
    """
    number("level", level, low=0.5, high=0.999)
    if sampled.positions.shape[-1] != model.space.dimensions:
        raise InputError(
            f"sampled must hold draws of this model, with {model.space.dimensions} coordinates, got "
            f"{sampled.positions.shape[-1]}. Sample the model first."
        )
    seen, without = _looked(model, sampled.flat), _Without(model, sample_again)
    moves = [
        _move(without, part, i, found, seen.roi, level)
        for part, found in zip(_evidence(model), seen.parts, strict=True)
        for i in range(len(part.readings))
    ]
    table = model.problem.mix.table
    report = ExperimentReport(tuple(moves), level, table.currency, table.response_name, table.every)
    return replace(report, moves=tuple(replace(m, sentence=moved_sentence(m, report)) for m in moves))


def model_without(model: MixModel, part: Evidence, name: str) -> MixModel:
    """Return the model without one experiment of a part, for a further run."""
    known_name("experiment", name, [r.name for r in part.readings])
    left = part.without(model.problem, name)
    parts = [left if p is part else p for p in model.parts]
    return replace(model, parts=tuple(p for p in parts if p is not None))


@dataclass(frozen=True, eq=False)
class _Seen:
    """Of each part what the model expects of its readings and what they add to the log density (D × T each)."""

    parts: tuple[tuple[FloatArray, FloatArray], ...]
    roi: FloatArray


@dataclass(frozen=True, eq=False)
class _Without:
    """Samples the model without an experiment, once for each piece of evidence; nothing without a sampler."""

    model: MixModel
    sample_again: Callable[[MixModel], Sampled] | None
    known: dict[str, _Seen] = field(default_factory=dict)

    def look(self, part: Evidence, place: int) -> tuple[FloatArray, FloatArray, FloatArray] | None:
        """Return expectation, ROI and even weights of draws without a reading."""
        if self.sample_again is None:
            return None
        reading = part.readings[place]
        key = part.name if part.together else reading.name
        if key not in self.known:
            less = model_without(self.model, part, reading.name)
            self.known[key] = _looked(less, self.sample_again(less).flat, (part,))
        seen = self.known[key]
        return seen.parts[0][0][:, place], seen.roi[:, reading.channel], _even(len(seen.roi))


def _evidence(model: MixModel) -> tuple[Evidence, ...]:
    return tuple(p for p in model.parts if isinstance(p, Evidence))


def _even(draws: int) -> FloatArray:
    return np.full(draws, 1.0 / draws)


def _looked(model: MixModel, draws: FloatArray, asked: tuple[Evidence, ...] | None = None) -> _Seen:
    """Return what draws (D × d) say of the readings of the parts asked, all by default, and the ROI (D × C)."""
    parts, problem, xp = _evidence(model) if asked is None else asked, model.problem, DrawVectors()
    spend = problem.mix.table.spend.sum(axis=0)
    pieces: list[tuple[FloatArray, ...]] = []
    for k in range(0, len(draws), TOGETHER):
        position = xp.position(draws[k : k + TOGETHER])
        channels = model.channels(xp, position)
        brought = channels.contributions.values.reshape(-1, len(problem.channels), problem.rows)
        found = [
            function(xp, model, position, channels).values
            for part in parts
            for function in (part.expected, part.each_log_density)
        ]
        pieces.append((brought @ problem.mix.row_unit / spend, *found))
    roi, *looked = (np.concatenate(p) for p in zip(*pieces, strict=True))
    return _Seen(tuple(zip(looked[::2], looked[1::2], strict=True)), roi)


def _move(
    without: _Without,
    part: Evidence,
    place: int,
    found: tuple[FloatArray, FloatArray],
    roi: FloatArray,
    level: float,
) -> ExperimentMove:
    reading, expected = part.readings[place], found[0][:, place]
    channel, quantity = without.model.problem.channels[reading.channel], QUANTITIES[reading.kind]
    with_it = (expected, roi[:, reading.channel], _even(len(expected)))
    weight, k = removal_weights(found[1][:, place])
    rest: tuple[FloatArray, FloatArray, FloatArray] | None = (*with_it[:2], weight)
    method = "importance weights"
    if not k <= largest_k(len(expected)):
        rest, method = without.look(part, place), "sampled without it"
        k = k if rest is None else float("nan")

    def told(draws: tuple[FloatArray, FloatArray, FloatArray], of_roi: bool, how: str) -> EstimateInterval:
        name, log = ("ROI", False) if of_roi else (quantity, reading.log_scale)
        return _interval(channel, name, draws[of_roi], draws[2], level, how, log)

    z, p = (float("nan"), float("nan")) if rest is None else _conflict(reading, rest[0], rest[2])
    return ExperimentMove(
        name=reading.name, kind=reading.kind, channel=channel, quantity=quantity,
        measured=_measured(channel, reading, level),
        before=None if rest is None else told(rest, False, method), after=told(with_it, False, "posterior"),
        roi_before=None if rest is None else told(rest, True, method), roi_after=told(with_it, True, "posterior"),
        pareto_k=k, z=z, p_value=p,
    )  # fmt: skip


def _conflict(reading: Reading, expected: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Return z, and the two-sided p-value of the measurement under draws without it and its own error."""
    mean, deviation = moments(expected, weight)
    z = (reading.value - mean) / np.hypot(reading.error, deviation)
    below = float(weight @ special.ndtr((reading.value - expected) / reading.error))
    return float(z), 2.0 * min(below, 1.0 - below)


def _measured(channel: str, reading: Reading, level: float) -> EstimateInterval:
    reach = reading.error * float(special.ndtri(0.5 + 0.5 * level))
    values = np.array([reading.value, reading.value - reach, reading.value + reach])
    told = np.exp(values) if reading.log_scale else values
    estimate, low, high = told.tolist()
    return EstimateInterval(channel, QUANTITIES[reading.kind], estimate, low, high, level, "", "measured")


def _interval(
    channel: str, name: str, values: FloatArray, weight: FloatArray, level: float, method: str, log: bool
) -> EstimateInterval:
    tail = 0.5 * (1.0 - level)
    told = np.array([weight @ values, *quantiles(values, weight, (tail, 1.0 - tail))])
    estimate, low, high = (np.exp(told) if log else told).tolist()
    return EstimateInterval(channel, name, estimate, low, high, level, "", method)
