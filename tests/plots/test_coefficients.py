"""The picture of coefficients shows the table's numbers and clips nothing."""

from __future__ import annotations

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.plots.coefficients import plot_coefficients
from mixcurve.propensity.fit import fit_logistic
from mixcurve.propensity.inference.build import inference_table
from mixcurve.sigmoid import expit

NAMES = ["Team $ize_^", "a feature whose name is far too long for any picture of coefficients", "noise"]


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3)) * [1.0, 10.0, 1.0]
    y = (rng.random(400) < expit(X @ [0.8, -0.05, 0.0])).astype(float)
    return inference_table(fit_logistic(X, y, names=NAMES), X, y)


def test_the_picture_shows_the_table(table) -> None:
    axes = plot_coefficients(table)
    labels = [t.get_text() for t in axes.get_yticklabels()]
    assert labels[0] == NAMES[0]
    assert labels[1].endswith("…")
    drawn = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
    scale = table.per_deviation[1] / table.coefficient[1]
    assert any(np.allclose(x, np.exp(scale * np.array([table.low[1], table.high[1]]))) for x in drawn)


def test_the_message_names_what_stands_out(table) -> None:
    axes = plot_coefficients(table)
    said = " ".join(t.get_text() for t in axes.texts)
    assert "raises the odds most" in said
    assert "noise" not in said


def test_what_is_left_out_is_counted(table) -> None:
    assert "2 weaker features left out" in plot_coefficients(table, most=1).get_title(loc="left")


def test_other_words_are_refused(table) -> None:
    with pytest.raises(InputError, match="per must be"):
        plot_coefficients(table, per="year")
