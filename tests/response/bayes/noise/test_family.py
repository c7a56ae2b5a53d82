"""Families by name, and a sentence for each response that they cannot take."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.model.likelihood import IntegratedGaussian
from mixcurve.response.bayes.model.noise.family import FAMILIES, noise_family, noise_maps


def family(case: Any, name: str, **options: Any) -> Any:
    """Return a family of a case."""
    return noise_family(name, priors=case.priors, problem=case.problem, **options)


def with_count(case: Any, value: float) -> Any:
    """Return the case with another count in the third row."""
    y = case.problem.mix.y.copy()
    response = case.problem.mix.table.response.copy()
    response[2] = value
    y[2] = value / case.problem.mix.row_unit[2]
    mix = replace(case.problem.mix, y=y, table=replace(case.problem.mix.table, response=response))
    return replace(case, problem=replace(case.problem, mix=mix))


def test_every_name_has_a_family_and_blocks_of_its_own(single: Any) -> None:
    for name in FAMILIES:
        model = single.model(name)
        assert model.likelihood.name == name
        assert all(model.space.has(block) for block in noise_maps(model.likelihood))
    assert isinstance(family(single, "gaussian"), IntegratedGaussian)
    assert list(noise_maps(family(single, "gaussian", autoregressive=True))) == ["noise", "autocorrelation"]


def test_unknown_name_is_refused(single: Any) -> None:
    with pytest.raises(
        InputError, match=r"There is no family of noise called 'poison'\. Did you mean 'poisson'"
    ):
        family(single, "poison")


def test_response_that_never_changes_is_refused(single: Any) -> None:
    problem = single.problem
    table = replace(problem.mix.table, response=np.full(problem.rows, 7.0))
    flat = replace(problem, mix=replace(problem.mix, y=np.full(problem.rows, 7.0), table=table))
    with pytest.raises(InputError, match="The response is 7 in every row, so it tells of no effect"):
        family(replace(single, problem=flat), "gaussian")


@pytest.mark.parametrize("name", ["poisson", "negative binomial", "binomial"])
@pytest.mark.parametrize("value", [-3.0, 2.5])
def test_response_that_is_no_count_is_refused(single: Any, name: str, value: float) -> None:
    trials = single.trials if name == "binomial" else None
    rule = rf"The response must be whole numbers of at least 0, but is {value:g} in row 3. noise='{name}' is for counts"
    with pytest.raises(InputError, match=rule):
        family(with_count(single, value), name, trials=trials)


@pytest.mark.parametrize("name", ["poisson", "negative binomial", "binomial"])
def test_autoregressive_counts_are_refused(single: Any, name: str) -> None:
    trials = single.trials if name == "binomial" else None
    with pytest.raises(InputError, match=r"cannot be autoregressive\. Use trend='local level'"):
        family(single, name, autoregressive=True, trials=trials)


def test_trials_out_of_place_are_refused(single: Any) -> None:
    with pytest.raises(
        InputError, match=r"trials are for noise='binomial', but noise is 'poisson'\. Leave trials out"
    ):
        family(single, "poisson", trials=single.trials)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: None, "noise='binomial' needs the trials of each row. Give trials"),
        (lambda t: t[:-1], "trials has 77 values, but the table has 78 rows"),
        (lambda t: t + 0.5, "trials must be whole numbers of at least 0, but is 2000.5 in row 1"),
        (lambda t: t - 3_000, "trials must be whole numbers of at least 0, but is -1000 in row 1"),
        (
            lambda t: np.where(np.arange(len(t)) == 4, 5.0, t),
            "trials must be at least the response, but row 5 has 5 ",
        ),
        (lambda t: np.where(np.arange(len(t)) == 4, np.nan, t), "trials must be finite"),
        (lambda t: "many", "trials must be an array of numbers"),
        (lambda t: t[:, None], "trials must have 1 dimension"),
    ],
)
def test_trials_that_cannot_be_are_refused(single: Any, change: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        family(single, "binomial", trials=change(single.trials))


def test_trials_that_all_succeed_are_refused(single: Any) -> None:
    with pytest.raises(InputError, match="Every trial succeeds in every row"):
        family(single, "binomial", trials=single.problem.mix.table.response)
