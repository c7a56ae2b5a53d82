"""Experiments into parts of the model, every refusal before sampling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.experiments.cost import cost_part
from mixcurve.response.bayes.experiments.evidence import Evidence
from mixcurve.response.bayes.experiments.lift import lift_part
from mixcurve.response.bayes.experiments.previous import PreviousPosterior
from mixcurve.response.bayes.experiments.previous_part import previous_part
from mixcurve.response.bayes.experiments.windows import window_of
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.tables.experiments import CostTarget, Experiment, LiftTest

__all__ = ["experiment_parts"]

LARGEST_SHARE = 10.0
"""An experiment that claims more than so many times the response of its rows is in another unit: a channel can bring
no more than all of it, and tests that multiply spend tenfold are not made."""
SMALLEST_ERROR = 3e-5
"""A standard error below this share of the response of its rows is in another unit: the best tests reach about 0.1%, so
that a thousandth of that is 1e-6, and no test comes near this."""
SMALLEST_SHARE = 1e-5
"""A target under which a channel brings less than this share of the response is in another unit."""


def experiment_parts(
    problem: BayesProblem,
    experiments: Sequence[Experiment | PreviousPosterior] | Experiment | PreviousPosterior,
) -> tuple[Evidence, ...]:
    """Return the parts of the model that experiments make: one for each kind.

    Parameters
    ----------
    problem
        The table as it is sampled.
    experiments
        `LiftTest`, `CostTarget` and at most one `PreviousPosterior`, in any order.

    Raises
    ------
    InputError
        For a channel or group that is not in the data (with the nearest name), days outside the table, a difference in
        spend of 0 or below the spend there is, a response, error or cost in another unit than the table's, two
        experiments of one name, or a previous posterior that does not fit (`previous_part`).

    Examples
    --------
    >>> from mixcurve import simulate_market
    >>> from mixcurve.response.bayes.mix import mix_model
    >>> from mixcurve.tables.experiments import LiftTest
    >>> table = simulate_market(["tv", "search"], periods=60, seed=1).table
    >>> days = (str(table.dates[20]), str(table.dates[23]))
    >>> lift = LiftTest("tv", *days, response=4000, error=900, share="-100%")
    >>> [part.name for part in experiment_parts(mix_model(table).problem, [lift])]
    ['lift tests']
    """
    given = _listed(experiments)
    _one_name_each(given)
    tests = [e for e in given if isinstance(e, LiftTest)]
    targets = [e for e in given if isinstance(e, CostTarget)]
    previous = [e for e in given if isinstance(e, PreviousPosterior)]
    if len(previous) > 1:
        raise InputError(
            "experiments must hold at most one previous posterior, for each takes the place of the prior, got "
            f"{len(previous)}. Give the latest, which has learnt from those before it."
        )
    parts: list[Evidence] = []
    if tests:
        parts.append(lift_part(problem, tests))
    if targets:
        parts.append(cost_part(problem, targets))
    for test in tests:
        _lift_in_unit(problem, test)
    for target in targets:
        _cost_in_unit(problem, target)
    parts += [previous_part(problem, p) for p in previous]
    return tuple(parts)


def _listed(experiments: Any) -> list[Any]:
    kinds = (LiftTest, CostTarget, PreviousPosterior)
    given = [experiments] if isinstance(experiments, kinds) else list(experiments)
    for one in given:
        if not isinstance(one, kinds):
            raise InputError(
                f"experiments must be a list of LiftTest, CostTarget or PreviousPosterior, got {one!r}. "
                "read_experiments reads them from a file."
            )
    return given


def _one_name_each(experiments: Sequence[Any]) -> None:
    for name, count in Counter(e.name for e in experiments).items():
        if count > 1:
            raise InputError(
                f"{count} experiments are called '{name}'. Give each a name of its own with name=…."
            )


def _lift_in_unit(problem: BayesProblem, test: LiftTest) -> None:
    """Refuse a lift whose size or error is that of another unit than the table's response."""
    rows = window_of(problem, test).counted
    total = float(np.abs(problem.mix.table.response[rows]).sum())
    name, error = problem.mix.table.response_name, test.standard_error
    if abs(test.response) - 3.0 * error > LARGEST_SHARE * total:
        raise InputError(
            f"{test.name}: the incremental response, {test.response:,.6g}, is {abs(test.response) / total:,.3g} times "
            f"the whole response in these days, {total:,.6g}. Give it in the unit of {name} in the table."
        )
    if error < SMALLEST_ERROR * total:
        raise InputError(
            f"{test.name}: the standard error, {error:,.6g}, is {error / total:.1g} of the whole response in these "
            f"days, {total:,.6g}, which no test reaches. Give response and error in the unit of {name} in the table."
        )


def _cost_in_unit(problem: BayesProblem, target: CostTarget) -> None:
    """Refuse a cost under which the channel brings far more than the whole response, or next to none of it."""
    window, table = window_of(problem, target), problem.mix.table
    spend = float(table.spend[window.counted, window.channel].sum())
    total = float(np.abs(table.response[window.counted]).sum())
    share = spend / target.cost / total
    if SMALLEST_SHARE < share < LARGEST_SHARE:
        return
    raise InputError(
        f"{target.name}: at {target.cost:,.6g} each, the {spend:,.6g} spent would bring {spend / target.cost:,.4g} of "
        f"{table.response_name}, beside a whole response of {total:,.6g} in these days. Give money, in the unit of the "
        "table's spend, per unit of response."
    )
