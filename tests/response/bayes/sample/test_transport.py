"""The map learned from draws: its slope is its own, and it turns bent draws into nearly standard normal ones."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.response.bayes.sample.transport import Transport, transport_from_draws
from mixcurve.response.bayes.vectors.rows import DrawVectors


def bent(seed: int = 0, count: int = 3000) -> np.ndarray:
    """Return draws along a bent ridge, the width of which changes along it."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(count, 3))
    first = z[:, 0]
    second = 0.7 * first**2 + np.exp(0.4 * first) * z[:, 1]
    return np.column_stack([first, second, 0.5 * second + z[:, 2]])


@pytest.fixture(scope="module")
def learned() -> Transport:
    return transport_from_draws(bent(), np.arange(3), 3000.0)


def test_the_log_slope_is_that_of_the_map(learned: Transport) -> None:
    xp = DrawVectors()
    z = np.random.default_rng(1).normal(size=(20, 3))
    told = np.broadcast_to(learned.coordinates(xp, xp.position(z))[1].values, (20, 1))[:, 0]
    found = []
    for point in z:
        step = 1e-5
        moves = [(learned(point + step * e) - learned(point - step * e)) / (2 * step) for e in np.eye(3)]
        found.append(np.linalg.slogdet(np.array(moves))[1])
    # A constant may be left out: a density is needed up to a factor.
    apart = np.array(found) - told
    assert apart == pytest.approx(apart[0], abs=1e-6)
    assert np.std(found) > 0.1


def test_standard_normal_draws_are_sent_to_draws_like_those_learned_from(learned: Transport) -> None:
    sent, known = learned(np.random.default_rng(2).normal(size=(20_000, 3))), bent(3, 20_000)
    assert sent.mean(axis=0) == pytest.approx(known.mean(axis=0), abs=0.12)
    assert np.corrcoef(sent[:, 0] ** 2, sent[:, 1])[0, 1] == pytest.approx(
        np.corrcoef(known[:, 0] ** 2, known[:, 1])[0, 1], abs=0.1
    )
    assert sent.std(axis=0) == pytest.approx(known.std(axis=0), rel=0.12)
