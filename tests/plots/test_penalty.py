"""The picture of a penalty path shows its losses and its choices."""

from __future__ import annotations

import numpy as np
import pytest

import mixcurve as mc


@pytest.fixture(scope="module")
def path() -> mc.PenaltyPath:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((600, 4))
    return mc.penalty_path(X, (rng.random(600) < 1.0 / (1.0 + np.exp(-X[:, 0]))).astype(int), kind="l1")


def test_it_shows_losses_and_choices(path: mc.PenaltyPath) -> None:
    axes = mc.plot_penalty_path(path)
    assert any(np.array_equal(line.get_ydata(), path.loss) for line in axes.lines)
    marked = {float(line.get_xdata()[0]) for line in axes.lines if len(set(line.get_xdata())) == 1}
    assert {path.best, path.one_standard_error} <= marked
    said = [t.get_text() for t in axes.texts]
    assert any("predicts people held out best" in t for t in said)
    assert "base rate alone" in said


def test_ticks_are_plain_numbers(path: mc.PenaltyPath) -> None:
    axes = mc.plot_penalty_path(path)
    axes.figure.canvas.draw()
    assert not any("$" in t.get_text() for t in axes.get_xticklabels())
