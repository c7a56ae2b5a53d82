"""The namespaces that formulas are written against agree with each other."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.arrays import SMALLEST, Namespace, numpy_namespace, pytensor_namespace
from mixcurve.foundations.dual import Dual, DualNamespace
from mixcurve.response.curves.law_cases import ComplexNamespace

FUNCTIONS = [name for name in vars(Namespace) if not name.startswith("_")]
POINTS = np.array([0.0, 1e-12, 0.3, 1.0, 30.0])


def test_every_namespace_has_every_function():
    for namespace in (numpy_namespace, DualNamespace(), ComplexNamespace()):
        assert all(callable(getattr(namespace, name)) for name in FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_dual_and_complex_values_are_those_of_numpy(name):
    wanted = getattr(numpy_namespace, name)(POINTS)
    np.testing.assert_array_equal(getattr(DualNamespace(), name)(Dual(POINTS, {0: 1.0})).value, wanted)
    np.testing.assert_allclose(
        np.real(getattr(ComplexNamespace(), name)(POINTS + 0j)), wanted, rtol=1e-14, atol=1e-16
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_pytensor_values_are_those_of_numpy(name):
    pytest.importorskip("pytensor", reason="PyTensor is not installed: pip install mixcurve[bayes]")
    import pytensor.tensor as pt
    from pytensor.compile.mode import Mode

    z = pt.vector("z")
    value = getattr(pytensor_namespace(), name)(z).eval({z: POINTS}, mode=Mode(linker="py", optimizer=None))
    np.testing.assert_allclose(value, getattr(numpy_namespace, name)(POINTS), rtol=1e-14)


def test_no_spend_has_a_finite_logarithm():
    assert (
        float(numpy_namespace.log(0.0)) == np.log(SMALLEST) and float(numpy_namespace.floor(0.0)) == SMALLEST
    )
    assert np.finfo(np.float64).tiny < SMALLEST**2
