"""All checks together: what each found reaches the table, the status and the notes, and comes back from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mixcurve.foundations.results import load_result
from mixcurve.response.bayes.checks.posterior import PosteriorChecks, check_posterior
from mixcurve.response.bayes.mix import mix_model
from mixcurve.response.bayes.result.recover import recover
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.simulate import simulate_market


@pytest.fixture(scope="module")
def found() -> PosteriorChecks:
    """Return the checks of draws from the prior, which know nothing of the data."""
    model = mix_model(simulate_market(["tv", "search"], periods=104, noise=0.05, seed=3).table)
    draws = model.prior_draws(400, np.random.default_rng(1))
    sampled = Sampled(draws.reshape(4, 100, -1), "nutpie", 5, {"diverging": np.zeros((4, 100))})
    return check_posterior(model, sampled, recover(model, draws, np.random.default_rng(1)).log_likelihood)


def test_every_kind_of_check_is_there(found: PosteriorChecks) -> None:
    names = found.table.index.tolist()
    assert names[:4] == ["R-hat", "bulk ESS", "tail ESS", "divergences"]
    assert sum(name.startswith("posterior predictive p-value") for name in names) == 6
    assert names[-2:] == ["p-value of the prior against the data", "Pareto k of a row left out"]


def test_draws_that_never_saw_the_data_cannot_leave_rows_out(found: PosteriorChecks) -> None:
    assert found.status == "check"
    assert not found.gates[-1].passed
    assert found.conflict is not None
    assert found.conflict.gate.passed
    assert len(found.notes) == sum(not g.passed for g in found.gates)
    assert found.notes[0] in found.message


def test_it_is_saved_and_read_back(found: PosteriorChecks, tmp_path: Path) -> None:
    again = load_result(found.save(tmp_path / "checks.json"))
    assert again.message == found.message
    assert again.table.equals(found.table)
