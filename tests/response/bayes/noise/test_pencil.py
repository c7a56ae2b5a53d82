"""One eigendecomposition inverts I - ρ C + ρ² B for every ρ."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.response.bayes.model.noise.pencil import Pencil
from mixcurve.response.bayes.vectors.rows import DrawVectors


@pytest.mark.parametrize("size", [1, 2, 7, 30])
@pytest.mark.parametrize("rho", [-0.5, 0.0, 1e-6, 0.4, 0.95])
def test_inverse_and_determinant(size: int, rho: float) -> None:
    rng = np.random.default_rng(size)
    rows = 3 * size + 5
    basis = np.linalg.qr(rng.standard_normal((rows, size)))[0] * rng.uniform(0.2, 0.999, size)
    shift = np.eye(rows, k=1) + np.eye(rows, k=-1)
    inside = np.diag(np.r_[0.0, np.ones(rows - 2), 0.0])
    across, inner = basis.T @ shift @ basis, basis.T @ inside @ basis
    pencil, xp = Pencil.of(across, inner), DrawVectors()
    whole, q = np.eye(size) - rho * across + rho**2 * inner, rng.standard_normal(size)
    at = xp.position(np.array([[rho]]))
    images = [xp.position(image) for image in np.split(pencil.ends @ q, 4)]
    assert pencil.weight.sum() == 2 * size
    assert pencil.inverse_form(xp, at, images).values[0, 0] == pytest.approx(
        q @ np.linalg.solve(whole, q), rel=1e-9
    )
    assert pencil.log_determinant(xp, at).values[0, 0] == pytest.approx(np.linalg.slogdet(whole)[1], abs=1e-9)


def test_another_pencil_is_noticed() -> None:
    xp, q = DrawVectors(), np.ones(1)
    pencil = Pencil.of(np.array([[0.5]]), np.array([[0.4]]))
    images = [xp.position(image) for image in np.split(pencil.ends @ q, 4)]
    form = pencil.inverse_form(xp, xp.position(np.array([[0.5]])), images).values[0, 0]
    assert form == pytest.approx(1.0 / (1.0 - 0.5 * 0.5 + 0.25 * 0.4))
    assert form != pytest.approx(1.0 / (1.0 - 0.5 * 0.5 + 0.25 * 0.5), rel=1e-3)
