"""The one formula runs on PyTensor too: same values, and gradients that are finite at spend 0."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.arrays import pytensor_namespace
from mixcurve.response.curves.derivatives import unit_gradient
from mixcurve.response.curves.law_cases import law_cases

pytest.importorskip("pytensor", reason="PyTensor is not installed: pip install mixcurve[bayes]")

SPENDS = np.array([0.0, 1e-12, 0.01, 0.3, 1.0, 4.0, 1e9])


def user_curves():
    spec = importlib.util.spec_from_file_location("user_curves", Path(__file__).with_name("user_curves.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [module.log_logistic5, module.root_hyperbola]


def compiled(curve, parts):
    """Return a function of spend and shape parameters for value and gradients, without C and without rewriting."""
    import pytensor
    import pytensor.tensor as pt
    from pytensor.compile.mode import Mode

    x, *shape = (pt.matrix(name) for name in ("spend", *(p.name for p in curve.parameters)))
    value = curve.unit(x, shape, parts)
    by = [s for s, p in zip(shape, curve.parameters, strict=True) if p.free]
    gradients = pytensor.grad(value.sum(), by, disconnected_inputs="ignore")
    mode = Mode(linker="py", optimizer=None)
    return pytensor.function([x, *shape], [value, *gradients], mode=mode, on_unused_input="ignore")


@pytest.mark.parametrize("curve", [*mc.curves.values(), *user_curves()], ids=lambda c: c.name)
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:underflow:RuntimeWarning")
def test_values_and_gradients_equal_those_of_numpy(curve):
    case = law_cases(curve)[0]
    x, *shape = (np.ascontiguousarray(a) for a in np.broadcast_arrays(SPENDS[None, :], *case.shape))
    value, *gradients = compiled(curve, pytensor_namespace())(x, *shape)
    wanted, slopes = unit_gradient(curve, x, shape)
    np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-14)
    free = [s for s, p in zip(shape, curve.parameters, strict=True) if p.free]
    for found, right, parameter in zip(gradients, slopes, free, strict=True):
        assert np.isfinite(found).all()
        scale = np.maximum(np.abs(wanted), 1.0)
        np.testing.assert_allclose(
            found * parameter / scale, right * parameter / scale, rtol=1e-7, atol=1e-11
        )


def test_without_the_floor_the_gradient_at_no_spend_is_not_finite():
    """Shows that the check above can fail."""
    import pytensor.tensor as pt

    class Careless:
        log = staticmethod(pt.log)
        expit = staticmethod(pt.sigmoid)

    one = np.ones((1, 1))
    with np.errstate(all="ignore"):
        _, *gradients = compiled(mc.curves["hill"], Careless())(0 * one, one, 2 * one)
    assert not all(np.isfinite(g).all() for g in gradients)
