"""Pictures of scores and cut-offs: they show the result's own numbers, say its message, and clip nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

from mixcurve.plots.gains import plot_gains, plot_lift
from mixcurve.plots.profit import plot_net_benefit, plot_profit
from mixcurve.plots.roc import plot_precision_recall, plot_roc
from mixcurve.plots.style import PALETTE, new_axes, svg
from mixcurve.thresholds.choose import choose_threshold
from mixcurve.thresholds.curves import RankingCurves, ranking_curves
from mixcurve.thresholds.net_benefit import net_benefit_curve
from mixcurve.thresholds.profit import ProfitCurve, profit_curve

RANKING = (plot_gains, plot_lift, plot_roc, plot_precision_recall)


@pytest.fixture(scope="module")
def crowd() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    p = rng.beta(1.0, 4.0, 800)
    return p, (rng.random(800) < p).astype(float)


@pytest.fixture(scope="module")
def curves(crowd: tuple[np.ndarray, np.ndarray]) -> RankingCurves:
    return ranking_curves(*crowd, bootstrap=100)


@pytest.fixture(scope="module")
def profit(crowd: tuple[np.ndarray, np.ndarray]) -> ProfitCurve:
    return profit_curve(*crowd, value=40.0, contact_cost=9.0, currency="GBP", bootstrap=100)


@pytest.fixture(scope="module")
def drawn(crowd: tuple[np.ndarray, np.ndarray], curves: RankingCurves, profit: ProfitCurve) -> dict[str, Any]:
    quarter = choose_threshold(*crowd, share=0.25, bootstrap=0)
    few = choose_threshold(*crowd, share=0.9, bootstrap=0)
    made = {
        f"{draw.__name__} {d.share_of_people}": draw(curves, decision=d)
        for draw in RANKING
        for d in (quarter, few)
    }
    return made | {
        "profit": plot_profit(profit),
        "profit of a decision": plot_profit(profit, decision=few),
        "net benefit": plot_net_benefit(net_benefit_curve(*crowd)),
    }


def test_nothing_is_clipped(drawn: dict[str, Any]) -> None:
    for name, axes in drawn.items():
        axes.figure.draw_without_rendering()
        frame, renderer = axes.figure.bbox, axes.figure.canvas.get_renderer()
        x, y = sorted(axes.get_xlim()), sorted(axes.get_ylim())
        for text in axes.figure.findobj(Text):
            place = text.get_position()
            ticks = text in axes.get_xticklabels() and not x[0] <= place[0] <= x[1]
            ticks |= text in axes.get_yticklabels() and not y[0] <= place[1] <= y[1]
            if text.get_visible() and text.get_text().strip() and not ticks:
                box = text.get_window_extent(renderer)
                assert box.x0 >= -1 and box.x1 <= frame.width + 1, (name, text.get_text())
                assert box.y0 >= -1 and box.y1 <= frame.height + 1, (name, text.get_text())


def words_of(axes: Any) -> list[str]:
    return [" ".join(text.get_text().split()) for text in axes.texts]


def test_pictures_say_the_message_and_show_the_numbers(
    curves: RankingCurves, profit: ProfitCurve, drawn: dict[str, Any]
) -> None:
    gains = plot_gains(curves)
    assert words_of(gains)[-1] == curves.summary.partition(";")[0]
    assert gains.lines[-1].get_ydata().tolist() == curves.cutoffs.recall.tolist()
    lift = plot_lift(curves).lines[-1]
    assert lift.get_ydata().tolist() == curves.lift[curves.share >= 0.02].tolist()
    roc = plot_roc(curves)
    assert words_of(roc)[-1] == " ".join(curves.auc.summary.split()).removesuffix(".")
    assert roc.lines[1].get_xdata().tolist() == curves.cutoffs.false_positive_rate.tolist()
    marked = drawn["profit"]
    assert any("probability of at least" in words for words in words_of(marked))
    dot = next(line for line in marked.lines if line.get_marker() == "o")
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (
        profit.share_of_people[profit.best], profit.net_worth[profit.best],
    )  # fmt: skip
    assert dot.get_color() == PALETTE.current


def test_without_bands_nothing_is_said_of_them(crowd: tuple[np.ndarray, np.ndarray]) -> None:
    bare = ranking_curves(*crowd, bootstrap=0)
    for draw in RANKING:
        axes = draw(bare)
        assert not axes.collections
        assert "band" not in axes.get_title(loc="left")
    assert not plot_profit(profit_curve(crowd[0], value=40.0, contact_cost=9.0)).collections


def test_draws_on_given_axes_and_repeats_itself(curves: RankingCurves) -> None:
    for draw in RANKING:
        axes = new_axes(5.0, 4.0)
        assert draw(curves, ax=axes) is axes
        assert svg(draw(curves)) == svg(draw(curves))


def test_hard_cases_are_drawn() -> None:
    parted = ranking_curves([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], bootstrap=20)
    for draw in RANKING:
        draw(parted)
    plot_profit(profit_curve([0.1, 0.2], value=1.0, contact_cost=5.0))
    plot_net_benefit(net_benefit_curve([0.1, 0.2], [0, 1]))
