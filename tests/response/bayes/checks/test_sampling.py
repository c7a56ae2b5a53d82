"""Each gate passes for independent normal draws, and fails on a case made to fail it, with the cause found."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import special

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.gate import Gate, notes_of, overall
from mixcurve.foundations.results import load_result
from mixcurve.response.bayes.checks.sampling import SamplingChecks, gates_of_draws
from mixcurve.response.bayes.checks.status import as_fit_status
from mixcurve.response.bayes.checks.words import Coordinate, told
from mixcurve.response.bayes.sample.sampled import Sampled

FloatArray = npt.NDArray[np.float64]
LABELS = ("size[tv]", "half[tv]", "decay[tv]", "half spread[tv]", "half by group[tv (north)]", "noise")
WHICH = tuple(
    Coordinate(i, label, told(label), *((lambda u: 0.95 * special.expit(u), 0.0, 0.95) if i == 2 else ()))
    for i, label in enumerate(LABELS)
)


def normal(draws: int = 1000, seed: int = 0) -> FloatArray:
    """Return draws that are all that they should be, none of them like its prior."""
    drawn = np.random.default_rng(seed).standard_normal((4, draws, len(LABELS)))
    return np.asarray(0.5 * drawn + 0.5)


def judged(positions: FloatArray, sampler: str = "nutpie", **more: Any) -> SamplingChecks:
    """Return what the checks say of draws, whose energy is that of independent normals unless given."""
    energy = np.random.default_rng(1).standard_normal(positions.shape[:2])
    statistics = {"diverging": np.zeros(positions.shape[:2]), "energy": energy}
    return gates_of_draws(WHICH, Sampled(positions, sampler, 0, **({"statistics": statistics} | more)))


def gate(found: SamplingChecks, name: str) -> Gate:
    return next(g for g in found.gates if g.name == name)


def test_independent_normals_pass() -> None:
    found = judged(normal())
    assert [g.name for g in found.gates] == ["R-hat", "bulk ESS", "tail ESS", "divergences", "E-BFMI"]
    assert found.status == "converged"
    assert found.message == "All 5 checks passed."
    assert notes_of(found.gates) == ()
    assert found.table.shape == (6, 3)
    assert found.worst_draws.shape == (4, 1000, 4)


def test_two_modes_name_the_values_of_both() -> None:
    x = normal()
    x[3, :, 2] += 5.0
    r_hat = gate(judged(x), "R-hat")
    assert not r_hat.passed
    assert r_hat.grave
    assert r_hat.parameter == "the carryover (decay) of tv"
    assert "(3 near 0.59" in r_hat.cause
    assert "1 near 0.946)" in r_hat.cause
    assert "rules one of them out" in r_hat.remedy
    assert judged(x).status == "failed"
    assert as_fit_status("failed") == "not converged"
    assert as_fit_status("check") == "converged"


def test_a_stuck_chain_is_named() -> None:
    x = normal()
    x[1] = x[1, 0]
    assert gate(judged(x), "R-hat").cause.startswith("Chain 2 did not move")
    x[:] = x[1, 0]
    assert gate(judged(x), "bulk ESS").value == 0.0
    assert gate(judged(x), "R-hat").cause.startswith("No chain moved")


def slow(x: FloatArray, place: int, memory: float = 0.98) -> FloatArray:
    """Return draws in which one coordinate is a slow autoregression."""
    for t in range(1, x.shape[1]):
        x[:, t, place] = (
            0.5 + memory * (x[:, t - 1, place] - 0.5) + np.sqrt(1 - memory**2) * (x[:, t, place] - 0.5)
        )
    return x


def test_coordinates_that_go_together_are_both_named() -> None:
    x = slow(normal(), 0)
    x[..., 1] = -x[..., 0] + 0.05 * normal(seed=2)[..., 1]
    found = gate(judged(x), "bulk ESS")
    assert {"the effect of tv", "the half-saturation of tv"} <= {
        found.parameter, *(w for w in ("the effect of tv", "the half-saturation of tv") if w in found.cause)
    }  # fmt: skip
    assert "falls with the other (correlation -1.00)" in found.cause or "correlation -0.99" in found.cause
    assert "lift test" in found.remedy


def test_a_slow_chain_alone_is_said_to_be_slow() -> None:
    found = gate(judged(slow(normal(), 5)), "bulk ESS")
    assert found.parameter == "the noise"
    assert found.cause.startswith("The chains move slowly there")


def test_a_posterior_that_is_its_prior_is_told() -> None:
    x = normal()
    x[..., 5] = 2.0 * x[..., 5] - 1.0
    x = slow(x, 5, 0.95)
    x[..., 5] = (x[..., 5] - x[..., 5].mean()) / x[..., 5].std()
    assert "its posterior is its prior" in gate(judged(x), "bulk ESS").cause


def test_groups_that_hardly_differ_are_told() -> None:
    x = normal()
    x[..., 3] -= 2.5
    assert "Groups hardly differ" in gate(judged(slow(x, 4)), "bulk ESS").cause


def test_a_carryover_at_its_bound_is_told() -> None:
    x = slow(normal(), 2)
    x[..., 2] += 6.0
    cause = gate(judged(x), "bulk ESS").cause
    assert cause == "It lies at the upper end of what is possible (0.95)."


def test_too_few_independent_draws_say_how_many_are_needed() -> None:
    found = gate(judged(normal(draws=60)), "bulk ESS")
    assert not found.passed
    assert found.cause == "The chains move well, but 4 × 60 draws are too few."
    assert found.remedy.startswith("Draw more: draws=")
    assert int(found.remedy.removeprefix("Draw more: draws=").rstrip(".")) >= 100
    few = judged(normal(draws=5))
    assert [g.name for g in few.gates] == ["draws of each chain"]
    assert few.status == "failed"


def test_divergent_draws_say_where_they_lie() -> None:
    x, diverging = normal(), np.zeros((4, 1000))
    low = x[..., 2] < np.quantile(x[..., 2], 0.01)
    diverging[low] = 1.0
    found = gate(judged(x, statistics={"diverging": diverging}), "divergences")
    assert (found.value, found.grave) == (40, False)
    assert found.parameter == "the carryover (decay) of tv"
    assert "low values of the carryover (decay) of tv (about" in found.cause
    everywhere = np.zeros((4, 1000))
    everywhere[:, ::50] = 1.0
    found = gate(judged(normal(), statistics={"diverging": everywhere}), "divergences")
    assert "They lie everywhere" in found.cause
    assert found.grave


def test_an_energy_that_moves_slowly_fails() -> None:
    x = normal()
    level = np.cumsum(np.random.default_rng(3).standard_normal((4, 1000)), axis=1)
    x[..., 1] = level
    found = gate(judged(x, statistics={"energy": np.abs(level - np.median(level))}), "E-BFMI")
    assert not found.passed
    assert found.parameter == "the half-saturation of tv"


def test_a_quick_mode_is_judged_by_its_weights() -> None:
    good, poor, none = (
        judged(normal(), "laplace", pareto_k=k, statistics={}) for k in (0.5, 0.8, float("nan"))
    )
    assert [g.name for g in good.gates] == ["Pareto k of the quick mode"]
    assert good.status == "converged"
    assert poor.status == "check"
    assert "quick=False" in poor.message
    assert none.status == "failed"


def test_a_run_that_was_stopped_says_so() -> None:
    found = judged(normal(), interrupted=True)
    assert found.gates[0].name == "run stopped early"
    assert found.status == "check"


def test_the_gravest_comes_first_and_a_shared_cause_is_told_once() -> None:
    mild = Gate("bulk ESS", False, 300.0, 400.0, "the noise", "Slow.", "Draw more.")
    grave = Gate("R-hat", False, 1.4, 1.01, "the noise", "Slow.", "Draw more.", grave=True)
    status, message = overall([mild, grave])
    assert status == "failed"
    assert message == (
        "R-hat is 1.4 (limit 1.01), for the noise. Slow. Draw more. bulk ESS is 300 (limit 400), for the noise."
    )
    with pytest.raises(InputError, match="at least one check"):
        overall([])


def test_checks_are_saved_and_read_back(tmp_path: Any) -> None:
    found = judged(normal(draws=50))
    again = load_result(found.save(tmp_path / "checks.json"))
    assert again.message == found.message
    np.testing.assert_array_equal(again.convergence.tail, found.convergence.tail)
