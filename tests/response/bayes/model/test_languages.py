"""Any curve with any carryover is a density without code of its own, the same in all languages, with its gradient."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import mixcurve as mc
from mixcurve.response.bayes.build import mix_model
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.quick import sample_quick
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.carryover import carryovers
from mixcurve.response.curves import curves

FloatArray = npt.NDArray[np.float64]
CURVES, KERNELS = list(curves), list(carryovers)
SAME_NAME = [("logarithm", "weibull_pdf"), ("logarithm", "weibull_cdf")]
"""Both have a parameter 'scale', which the names of the coordinates could not tell apart."""
PAIRS = [(curve, kernel) for curve in CURVES for kernel in KERNELS]
EACH_ONCE = [(curve, KERNELS[(i + 2) % len(KERNELS)]) for i, curve in enumerate(CURVES)]
SAMPLED = [("gompertz", "delayed_geometric"), ("richards", "weibull_cdf"), ("logarithm", "binomial")]
STEP = 1e-5
MIXED: dict[str, dict[str, Any]] = {
    "two groups": {"groups": True},
    "two groups, curve first": {"groups": True, "order": "saturation first"},
    "a late group": {"groups": True, "late": True},
    "a late group, curve first": {"groups": True, "late": True, "order": "saturation first"},
    "families": {
        "curve": {"tv": "logistic", "search": "hill"}, "carryover": {"tv": "weibull_pdf", "search": "none"},
    },
    "families in two groups": {"groups": True, "curve": {"tv": "hill", "search": "tanh"}},
    "marginal response": {"priors": {"tv": {"mroi": (0.01, 0.04)}}},
    "marginal response in two groups": {"groups": True, "priors": {"tv": {"mroi": (0.01, 0.04)}}},
}  # fmt: skip


@cache
def table(groups: bool = False, late: bool = False) -> Any:
    found = mc.simulate_market(
        ["tv", "search"], periods=60, groups=["north", "south"] if groups else None, noise=0.05, seed=1
    ).table
    if not late:
        return found
    frame = found.frame()
    words = {"date": "date", "response": "response", "channels": list(found.channels), "group": "group"}
    return mc.read_spend(frame.drop(index=frame.index[60:65]), **words)


def model(groups: bool = False, late: bool = False, **words: Any) -> MixModel:
    return mix_model(table(groups, late), season=0, **words)


def slope_by_differences(density: Density, x: FloatArray) -> FloatArray:
    step = STEP * np.eye(len(x))
    return np.array([(density(x + e)[0] - density(x - e)[0]) / (2 * STEP) for e in step])


def positions(posed: MixModel, count: int, spread: float) -> FloatArray:
    return spread * np.random.default_rng(4).standard_normal((count, posed.space.dimensions))


def lawful(posed: MixModel) -> None:
    """Assert that the density is finite, the same on tape and NumPy, and has the gradient of its value."""
    density, xp = Density(posed.program()), DrawVectors()
    draws = positions(posed, 4, 0.4)
    rows = posed.log_density(xp, xp.position(draws)).values[:, 0]
    tape = np.array([density(x)[0] for x in draws])
    assert np.isfinite(tape).all()
    np.testing.assert_allclose(rows, tape, rtol=1e-9, atol=1e-8)
    slope = density(draws[0])[1].copy()
    miss = np.abs(slope - slope_by_differences(density, draws[0])).max()
    assert miss < 1e-5 * np.abs(slope).max()
    assert np.abs(1.001 * slope - slope_by_differences(density, draws[0])).max() > 1e-5 * np.abs(slope).max()


@pytest.mark.parametrize(("curve", "kernel"), PAIRS)
def test_every_curve_with_every_carryover(curve: str, kernel: str) -> None:
    lawful(model(curve=curve, carryover=kernel))


@pytest.mark.parametrize("case", MIXED)
def test_groups_orders_families_and_rules_of_size(case: str) -> None:
    lawful(model(**MIXED[case]))


@pytest.mark.parametrize(("curve", "kernel"), EACH_ONCE)
def test_far_out_the_density_is_a_number_or_a_refusal_with_a_finite_gradient(curve: str, kernel: str) -> None:
    posed = model(curve=curve, carryover=kernel)
    density = Density(posed.program())
    for x in positions(posed, 20, 3.0):
        value, slope = density(x)
        assert not np.isnan(value)
        assert np.isfinite(slope).all()


@pytest.mark.parametrize("case", [*MIXED, *EACH_ONCE[:3]], ids=str)
def test_the_same_in_pytensor(case: Any) -> None:
    pytensor = pytest.importorskip("pytensor")
    from mixcurve.response.bayes.vectors.symbolic import SymbolicVectors

    words = MIXED[case] if isinstance(case, str) else {"curve": case[0], "carryover": case[1]}
    posed, xp = model(**words), SymbolicVectors()
    variable = pytensor.tensor.dvector("position")
    value = posed.log_density(xp, xp.position(variable, posed.space.dimensions)).variable
    run = pytensor.function([variable], value, mode="FAST_COMPILE")
    density = Density(posed.program())
    for x in positions(posed, 2, 0.4):
        assert np.ravel(run(x))[0] == pytest.approx(density(x)[0], rel=1e-9, abs=1e-8)


@pytest.mark.parametrize(("curve", "kernel"), SAME_NAME)
def test_curve_and_carryover_with_a_parameter_of_the_same_name_are_told_apart(
    curve: str, kernel: str
) -> None:
    labels = model(curve=curve, carryover=kernel).space.labels
    assert len(labels) == len(set(labels))
    assert {"carryover scale[tv]", "scale[tv]"} <= set(labels)


@pytest.mark.parametrize(("curve", "kernel"), SAMPLED)
def test_unlike_curves_are_sampled(curve: str, kernel: str) -> None:
    posed = model(curve=curve, carryover=kernel)
    found = sample_quick(posed, draws=100, seed=1)
    assert np.isfinite(found.flat).all()
    assert (found.flat.std(axis=0) > 0.01).all()


def test_a_curve_of_the_user_needs_no_more_than_its_formula() -> None:
    def formula(x: Any, half: Any, bend: Any, xp: Any) -> Any:
        return xp.expit(bend * (xp.log(x) - xp.log(half)))

    own = mc.curve(
        [mc.Parameter("half", unit="spend"), mc.Parameter("bend", mc.Interval(0.5, 5.0), mc.Interval(0.8, 3.0))],
        name="hill by hand",
    )(formula)  # fmt: skip
    lawful(model(curve=own))
    mine, hill = (model(curve=c) for c in (own, "hill"))
    xp, x = DrawVectors(), positions(hill, 1, 0.3)
    # The same curve under unlike typical ranges: at the coordinates of the same parameters, the same contributions.
    found = {}
    for posed, slope in ((mine, "bend"), (hill, "slope")):
        u = x.copy()
        for name, value in (("half", 0.4), (slope, 1.7)):
            of = posed.priors.stacked((0, 1), name)
            u[0, posed.space.rows(name)] = (np.log(value) - of.middle) / of.spread
        found[slope] = posed.channels(xp, xp.position(u)).contributions.values
    np.testing.assert_allclose(found["bend"], found["slope"], rtol=1e-10, atol=1e-12)
