"""The figures of a report as SVG, by the file name that the templates use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mixcurve.plots.style import svg

if TYPE_CHECKING:
    from mixcurve.report.spend import SpendReport

__all__ = ["figures_of"]


def figures_of(report: SpendReport) -> dict[str, bytes]:
    """Draw every figure of the report."""
    from mixcurve.plots.changes import draw_changes
    from mixcurve.plots.curves import draw_curve
    from mixcurve.plots.history import HEIGHT, TALL, draw_history
    from mixcurve.plots.marginals import draw_marginals

    palette = report.theme.palette
    drawn: dict[str, Any] = {
        f"curve-{i}.svg": draw_curve(data, units=report.units, palette=palette)
        for i, data in enumerate(report.curves)
    }
    if report.changes is not None:
        drawn["changes.svg"] = draw_changes(report.changes, units=report.units, palette=palette)
    if report.marginals is not None:
        drawn["marginals.svg"] = draw_marginals(
            report.marginals, step=report.step, units=report.units, palette=palette
        )
    if report.history is not None:
        height = HEIGHT if report.changes is not None else TALL
        drawn["history.svg"] = draw_history(
            report.history, units=report.units, palette=palette, height=height
        )
    return {name: svg(axes) for name, axes in drawn.items()}
