"""Whether any plan can keep what a job asks, and within which bounds; told before the curves are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from mixcurve.cli.refusals import conflict_problem, stated_by_job, wrong_words
from mixcurve.foundations.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mixcurve.budget.constraints.asked import Asked
    from mixcurve.budget.constraints.possible import Settled
    from mixcurve.cli.job import Job
    from mixcurve.foundations.numbers import Numbers

    type FloatArray = npt.NDArray[np.float64]

__all__ = ["Wanted", "asked_by", "check_words", "refused", "settled_bounds"]

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Wanted:
    """What a job asks, by channel; ``rules`` are the keys of [budget] that the bounds come from.

    Parameters
    ----------
    total, current
        The budget and the present plan.
    bounds
        The job's own bounds, which are refused where no plan keeps them.
    near
        Narrower bounds that the evidence asks for, which give way.
    locked
        Channels that stay at their current spend.
    words
        The other constraints, as `allocate` takes them.
    """

    channels: tuple[str, ...]
    total: float
    current: FloatArray
    bounds: Mapping[str, Bounds]
    near: Mapping[str, Bounds]
    locked: tuple[str, ...]
    words: Mapping[str, Any]
    rules: Mapping[str, tuple[str, ...]]


def check_words(job: Job, wanted: Wanted) -> None:
    """Raise if a key of [budget] makes no sense, or if an amount is about a thousand times off.

    Raises
    ------
    InputError
        With the key and its line.
    """
    budget = job.budget or {}
    named = {job.shown(column): bounds for column, bounds in budget["bounds"].items()}
    own = {
        channel: tuple(bounds) if isinstance(bounds, list) else bounds for channel, bounds in named.items()
    }
    try:
        _asked(wanted, bounds=own, check_units=budget["check_units"])
    except InputError as error:
        raise wrong_words(job, error) from None


def settled_bounds(job: Job, wanted: Wanted, numbers: Numbers) -> tuple[dict[str, Bounds], tuple[str, ...]]:
    """Return bounds under which a plan may exist, as far as that shows without curves, and what gave way for it.

    Raises
    ------
    InputError
        Naming the smallest set of the job's own constraints that no plan keeps together.
    """
    import numpy as np

    from mixcurve.budget.constraints.evidence import Evident
    from mixcurve.budget.constraints.infeasible import InfeasibleError
    from mixcurve.budget.constraints.possible import settled, settled_simple
    from mixcurve.budget.constraints.stated import stated_system

    asked = asked_by(wanted)
    # Floors compare money with response: they wait for the curves.
    asked = replace(asked, floors=(), least_marginal=np.zeros(len(asked.channels)))
    pairs = np.array([{**wanted.bounds, **wanted.near}[c] for c in asked.channels])
    evident = Evident(np.maximum(pairs[:, 0], asked.lower), np.minimum(pairs[:, 1], asked.upper))
    try:
        found: Settled = (
            settled_simple(asked, evident)
            if asked.simple
            else settled(asked, evident, stated_system(asked, {}, []))
        )
    except InfeasibleError as error:
        raise refused(job, wanted, error, numbers) from None
    ends = zip(found.lower.tolist(), found.upper.tolist(), strict=True)
    return dict(zip(asked.channels, ends, strict=True)), found.notes


def refused(job: Job, wanted: Wanted, error: InputError, numbers: Numbers) -> InputError:
    """Return what the optimiser refuses as a problem of the job."""
    from mixcurve.budget.constraints.infeasible import InfeasibleError

    if not isinstance(error, InfeasibleError):
        return wrong_words(job, error)
    asked = asked_by(wanted, bounds={**wanted.bounds, **wanted.near})
    stated = stated_by_job(job, asked_by(wanted), wanted.rules, numbers) | stated_by_job(
        job, asked, wanted.rules, numbers
    )
    return InputError(conflict_problem(job, error.conflict, str(error), stated, numbers))


def asked_by(wanted: Wanted, *, bounds: Mapping[str, Bounds] | None = None) -> Asked:
    """Return what a job asks in the optimiser's form, with its own bounds if none are given."""
    own = wanted.bounds if bounds is None else bounds
    free = {channel: pair for channel, pair in own.items() if channel not in wanted.locked}
    return _asked(wanted, bounds=free, locked=wanted.locked, check_units=False)


def _asked(wanted: Wanted, **words: Any) -> Asked:
    from mixcurve.budget.constraints.asked import asked_of
    from mixcurve.budget.constraints.words import Constraints
    from mixcurve.response.fitted import Fitted

    constraints = Constraints(**{**wanted.words, **words})
    # Of the curves only the channels' names are read.
    return asked_of(cast(Fitted, wanted), wanted.total, constraints, wanted.current)
