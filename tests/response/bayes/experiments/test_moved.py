"""What experiments moved: weights against a further run, theory of the normal case, conflict, and its sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special

from mixcurve.foundations.convergence import effective_size
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.response.bayes.experiments.moved import what_experiments_moved
from mixcurve.response.bayes.experiments.weights import moments, quantiles, removal_weights
from mixcurve.response.bayes.experiments.words import p_words
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.nuts import sample_nuts
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.tables.experiments import LiftTest
from mixcurve.tables.table import SpendTable


def expected(model: MixModel, draws: Any) -> Any:
    xp = DrawVectors()
    position = xp.position(draws)
    return model.parts[0].expected(xp, model, position, model.channels(xp, position)).values[:, 0]  # type: ignore[attr-defined]


def kept(sampled: Sampled, weight: Any, seed: int = 0) -> Sampled:
    """Return draws chosen by their weights, in place of a run with the experiment."""
    chosen = np.random.default_rng(seed).choice(len(weight), size=len(weight), p=weight)
    shape = sampled.positions.shape
    return Sampled(sampled.flat[chosen].reshape(shape), "nutpie", seed)


@pytest.fixture(scope="module")
def rest(
    model: MixModel, sampled: Sampled, lift: Callable[..., LiftTest], with_experiments: Any
) -> tuple[float, float]:
    """Return mean and deviation of the lift without any test."""
    found = expected(with_experiments(model, lift()), sampled.flat)
    return float(found.mean()), float(found.std())


@pytest.fixture(scope="module")
def tested(
    model: MixModel, lift: Callable[..., LiftTest], with_experiments: Any, rest: tuple[float, float]
) -> tuple[MixModel, Sampled]:
    """Return a model with a test as exact as the data, half a deviation off, and draws from it."""
    one = with_experiments(model, lift(response=rest[0] + 0.5 * rest[1], error=rest[1], name="holdout"))
    return one, sample_nuts(one, chains=2, draws=400, tune=200, seed=2)


def test_a_lift_test_narrows_as_theory_says(
    tested: tuple[MixModel, Sampled], model: MixModel, sampled: Sampled, rest: tuple[float, float]
) -> None:
    """Of normal beliefs the precision grows by 1 / error²; here the exact posterior comes from weighted draws."""
    one, draws = tested
    before, after = expected(one, sampled.flat), expected(one, draws.flat)
    reading = one.parts[0].readings[0]  # type: ignore[attr-defined]
    log = -0.5 * ((reading.value - before) / reading.error) ** 2
    mean, deviation = moments(before, np.exp(log) / np.exp(log).sum())
    size = float(effective_size(after.reshape(2, -1, 1)).min())
    assert abs(after.mean() - mean) < 5 * deviation / np.sqrt(size)
    assert after.std() == pytest.approx(deviation, rel=5 / np.sqrt(2 * size))
    normal = (rest[1] ** -2 + reading.error**-2) ** -0.5
    assert after.std() == pytest.approx(normal, rel=0.15)
    assert after.std() < 0.85 * rest[1]


def test_weights_say_what_a_further_run_says(
    tested: tuple[MixModel, Sampled], sampled: Sampled, rest: tuple[float, float]
) -> None:
    report = what_experiments_moved(*tested)
    again = report.moves[0]
    assert again.before is not None
    assert again.before.estimate == pytest.approx(rest[0], abs=0.35 * rest[1])
    assert again.before.high - again.before.low > 1.15 * (again.after.high - again.after.low)
    assert again.pareto_k < 0.7
    assert again.roi_after.low < again.roi_after.estimate < again.roi_after.high
    assert 0.0 < again.narrower < 0.6
    assert "holdout: the test says" in report.summary
    assert "they agree: p = " in report.summary
    assert report.unknown == ()


def test_a_conflict_is_measured_and_said(
    model: MixModel,
    sampled: Sampled,
    lift: Callable[..., LiftTest],
    with_experiments: Any,
    rest: tuple[float, float],
    tmp_path: Path,
) -> None:
    test = lift(response=rest[0] + 6.0 * rest[1], error=1.5 * rest[1], name="holdout")
    one = with_experiments(model, test)
    found = expected(one, sampled.flat)
    weight = np.exp(-0.5 * ((test.response - found) / test.standard_error) ** 2)
    draws = kept(sampled, weight / weight.sum())
    asked: list[MixModel] = []
    report = what_experiments_moved(one, draws, sample_again=lambda m: (asked.append(m), sampled)[1])
    move = report.moves[0]
    assert move.before is not None
    if np.isnan(move.pareto_k):
        assert [len(m.parts) for m in asked] == [0]
        assert move.before.estimate == pytest.approx(rest[0])
    z = 6.0 / np.hypot(1.0, 1.5)
    assert move.z == pytest.approx(z, rel=0.05)
    assert move.p_value == pytest.approx(2 * special.ndtr(-z), abs=0.01)
    assert "they disagree: p = 0.0" in move.sentence
    assert load_result(report.save(tmp_path / "report.json")).table.equals(report.table)


def test_weights_that_fail_are_said_to_fail(
    model: MixModel,
    sampled: Sampled,
    lift: Callable[..., LiftTest],
    with_experiments: Any,
    rest: tuple[float, float],
) -> None:
    test = lift(response=rest[0] + 3.0 * rest[1], error=0.1 * rest[1], name="sharp")
    one = with_experiments(model, test)
    weight = np.exp(-0.5 * ((test.response - expected(one, sampled.flat)) / (0.5 * rest[1])) ** 2)
    report = what_experiments_moved(one, kept(sampled, weight / weight.sum()))
    move = report.moves[0]
    assert report.unknown == ("sharp",)
    assert move.before is None and np.isnan(move.p_value) and np.isnan(move.narrower)
    assert "The draws cannot tell what the rest of the data say (Pareto k = " in report.summary
    assert "sample once more without it." in report.summary
    assert report.table["before"].isna().all()


def test_draws_of_another_model_are_refused(tested: tuple[MixModel, Sampled]) -> None:
    with pytest.raises(InputError, match="sampled must hold draws of this model, with 9 coordinates, got 3"):
        what_experiments_moved(tested[0], Sampled(np.zeros((1, 4, 3)), "nutpie", 0))


def test_a_model_without_experiments_has_an_empty_report(model: MixModel, sampled: Sampled) -> None:
    report = what_experiments_moved(model, sampled)
    assert (report.moves, report.summary, len(report.table)) == ((), "", 0)


def test_removing_a_normal_experiment_from_normal_draws() -> None:
    """Prior N(0, 1), test 1 ± 1: the posterior is N(1/2, 1/2), and weights bring the prior back."""
    rng = np.random.default_rng(3)
    draws = 0.5 + np.sqrt(0.5) * rng.standard_normal(20_000)
    weight, k = removal_weights(-0.5 * (1.0 - draws) ** 2)
    mean, deviation = moments(draws, weight)
    assert k < 0.7
    assert abs(mean) < 0.15 and deviation == pytest.approx(1.0, abs=0.12)
    low, high = quantiles(draws, weight, (0.05, 0.95))
    assert (low, high) == pytest.approx((-1.645, 1.645), abs=0.25)
    assert removal_weights(-0.5 * ((1.0 - draws) / 0.2) ** 2)[1] > 0.7


@pytest.mark.parametrize(("p", "text"), [(0.5, "p = 0.50"), (0.0004, "p below 0.001"), (0.049, "p = 0.049")])
def test_p_values_are_told_shortly(p: float, text: str) -> None:
    assert p_words(p) == text


def test_costs_and_lifts_of_one_model_are_told_each(
    table: SpendTable, model: MixModel, sampled: Sampled, lift: Callable[..., LiftTest], with_experiments: Any
) -> None:
    from mixcurve.tables.experiments import CostTarget

    one = with_experiments(model, lift(error=lift().response), CostTarget("search", 3.0, 3.0, name="target"))
    report = what_experiments_moved(one, sampled)
    assert [m.kind for m in report.moves] == ["lift test", "cost target"]
    assert report.moves[1].measured.estimate == pytest.approx(3.0)
    assert "target: the target says £3 per incremental response (90% interval £" in report.summary
