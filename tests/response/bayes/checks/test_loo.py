"""Leave-one-out against closed form and against ArviZ; held-out periods against a model that is right by making."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.checks.holdout import validate_posterior
from mixcurve.response.bayes.checks.loo import LeaveOneOut, largest_k, leave_one_out, loo_gate
from mixcurve.response.simulate import simulate_market

FloatArray = npt.NDArray[np.float64]


def normal_mean(y: FloatArray, draws: int = 1000, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """Return the posterior draws of a normal mean of known deviation 1, and the rows' log densities."""
    mean = y.mean() + np.random.default_rng(seed).standard_normal((4, draws, 1)) / np.sqrt(len(y))
    return mean, -0.5 * (y - mean) ** 2 - 0.5 * np.log(2.0 * np.pi)


def test_equals_the_closed_form_and_arviz() -> None:
    y = np.random.default_rng(2).standard_normal(40)
    _, density = normal_mean(y, draws=4000)
    found = leave_one_out(density, [str(i) for i in range(40)])
    others, variance = (y.sum() - y) / 39, 1.0 + 1.0 / 39
    exact = -0.5 * np.log(2 * np.pi * variance) - 0.5 * (y - others) ** 2 / variance
    np.testing.assert_allclose(found.pointwise, exact, atol=0.01)
    assert found.standard_error == pytest.approx(np.sqrt(40) * exact.std(ddof=1), rel=0.02)
    assert found.limit == 0.7
    base = pytest.importorskip("arviz_stats.base.array")
    elpd, k, p = base.BaseArray().loo(density, chain_axis=0, draw_axis=1, r_eff=1.0)
    np.testing.assert_allclose(found.pointwise, elpd, atol=1e-3)
    np.testing.assert_allclose(found.pareto_k, k, atol=0.1)
    assert found.effective_parameters == pytest.approx(p.sum(), rel=0.01)


def test_an_outlier_is_named_by_its_date() -> None:
    y = np.random.default_rng(2).standard_normal(20)
    y[7] = 40.0
    found = leave_one_out(normal_mean(y)[1], [f"2024-01-{i + 1:02}" for i in range(20)])
    gate = loo_gate(found)
    assert found.doubtful == ("2024-01-08",)
    assert (gate.passed, gate.parameter, gate.grave) == (False, "2024-01-08", False)
    assert "Student-t" in gate.remedy
    assert found.table.loc["2024-01-08", "pareto_k"] > 0.7


def test_densities_too_far_apart_for_a_tail_are_doubtful_not_an_error() -> None:
    rng = np.random.default_rng(1)
    density = -np.exp(rng.normal(0.0, 6.0, (4, 100, 2)))
    density[..., 1] = 0.0
    density[0, 0, 1] = -5.0
    found = leave_one_out(density, ["wild", "flat"])
    assert found.pareto_k[0] > 0.7
    assert np.isfinite(found.pointwise).all()


def test_a_model_that_fits_every_row_by_itself_is_told_apart() -> None:
    k = np.full(20, 0.9)
    found = LeaveOneOut(tuple("abcdefghijklmnopqrst"), np.zeros(20), 19.0, k, 0.7, 4000)
    assert "too large for the data" in loo_gate(found).cause


def test_pit_values_are_even_for_a_right_model_and_not_for_a_wrong_one() -> None:
    rng = np.random.default_rng(3)
    y = rng.standard_normal(300)
    mean, density = normal_mean(y)
    drawn = mean + rng.standard_normal((4, 1000, 300))
    names = [str(i) for i in range(300)]
    good = leave_one_out(density, names, observed=y, replicated=drawn)
    bad = leave_one_out(density, names, observed=2.0 * y, replicated=drawn)
    at = np.linspace(0.02, 0.98, 49)
    evenness = [np.abs(np.quantile(f.pit, at) - at).max() for f in (good, bad)]
    assert evenness[0] < 1.63 / np.sqrt(300) < evenness[1]  # Kolmogorov's limit at 1%
    assert good.calibration.cases == 300
    counts = leave_one_out(np.zeros((4, 50, 1)), ["a"], observed=[1.0], replicated=np.ones((4, 50, 1)))
    assert counts.pit[0] == pytest.approx(0.5)
    assert counts.pareto_k.tolist() == [-np.inf]


def test_what_cannot_be_left_out_is_refused() -> None:
    with pytest.raises(InputError, match="at least 25 draws"):
        leave_one_out(np.zeros((2, 10, 3)), ["a", "b", "c"])
    with pytest.raises(InputError, match="name each of the 3 rows, got 2"):
        leave_one_out(np.zeros((4, 10, 3)), ["a", "b"])
    with pytest.raises(InputError, match="Give both observed and replicated"):
        leave_one_out(np.zeros((4, 10, 1)), ["a"], observed=[1.0])
    with pytest.raises(InputError, match="no PIT values"):
        _ = leave_one_out(np.zeros((4, 10, 1)), ["a"]).calibration


@pytest.mark.parametrize(("draws", "limit"), [(100, 0.5), (1000, 2.0 / 3.0), (2154, 0.7), (4000, 0.7)])
def test_limit_of_k(draws: int, limit: float) -> None:
    """The table of Vehtari et al. (2024), section 3.2.4."""
    assert largest_k(draws) == pytest.approx(limit, abs=1e-3)


def held_out(width: float, shift: float = 0.0) -> Any:
    """Return the validation of a forecast that knows the truth but for width and shift."""
    table = simulate_market(["tv"], periods=156, noise=0.03, seed=5).table
    rng = np.random.default_rng(1)
    truth = table.response + 10.0 * rng.standard_normal(table.n_rows)

    def predict(posterior: Any, after: Any) -> tuple[FloatArray, FloatArray]:
        middle = truth[-after.n_rows :] + shift
        return middle, middle + 10.0 * width * rng.standard_normal((1000, after.n_rows))

    return validate_posterior(table, horizon=60, sample=lambda t, seed: None, predict=predict)


def test_intervals_that_are_right_pass_and_others_fail() -> None:
    good, narrow, wide, off = held_out(1.0), held_out(0.3), held_out(4.0), held_out(1.0, 40.0)
    assert all(g.passed for g in good.gates)
    assert [c.level for c in good.coverage] == [0.5, 0.8, 0.9]
    assert all("too narrow" in g.cause for g in narrow.gates[:3])
    assert all("wider than need be" in g.cause for g in wide.gates[:3])
    assert not off.gates[2].passed
    assert good.gates[3].value < 1.0


def test_a_forecast_that_spend_did_not_help_is_told() -> None:
    gate = held_out(1.0, 1e6).gates[3]
    assert not gate.passed
    assert "Knowing the spend did not help" in gate.cause


def test_horizon_and_share_are_not_both_given() -> None:
    table = simulate_market(["tv"], periods=60, seed=5).table
    with pytest.raises(InputError, match="horizon or share, not both"):
        validate_posterior(table, horizon=5, share=0.2)
    with pytest.raises(InputError, match="has no draws"):
        validate_posterior(
            table, horizon=5, sample=lambda t, seed: None, predict=lambda p, t: (np.zeros(t.n_rows), None)
        )
