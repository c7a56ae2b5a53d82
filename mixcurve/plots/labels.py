"""Labels beside points, placed where they cover neither each other nor the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Label", "place_labels"]

FloatArray = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]

DISTANCES = (14.0, 22.0, 32.0, 44.0, 60.0, 80.0)
"""From a point to the near side of its label, in points."""
DIRECTIONS = tuple(
    (np.cos(a), np.sin(a)) for a in np.deg2rad([-30, 150, -60, 120, 0, 180, -90, 90, 30, -150, 60, -120])
)
"""Where a label may go: below right and above left first, for a curve that rises to the right."""
LINE_COST, DOT_COST, FAR_COST, OVERLAP_COST, OUTSIDE_COST = 30.0, 2.0, 0.25, 400.0, 4000.0


@dataclass(frozen=True)
class Label:
    """A text for the point at ``x``, ``y`` of the axes' data."""

    text: str
    x: float
    y: float
    colour: str


def place_labels(
    axes: Axes,
    labels: Sequence[Label],
    *,
    lines: Sequence[FloatArray] = (),
    dots: FloatArray | None = None,
    taken: Sequence[Any] = (),
    size: float = 9.0,
) -> list[Any]:
    """Write each label near its point, with a thin line to it, and return the texts.

    Parameters
    ----------
    axes
        Final: its limits and its place in the figure must not change afterwards.
    labels
        In order of importance; each goes where it costs least given those before it.
    lines
        Polylines to keep clear of, (points × 2) in data.
    dots
        Points (n × 2) better not covered.
    taken
        Texts that are already there.
    """
    from matplotlib.backends.backend_agg import RendererAgg

    figure = axes.get_figure(root=True)
    assert figure is not None
    renderer = RendererAgg(figure.bbox.width, figure.bbox.height, figure.dpi)
    unit = figure.dpi / 72.0
    frame = tuple(axes.get_window_extent(renderer).extents)
    crossed = [_dense(axes.transData.transform(line), unit) for line in lines]
    spots = np.empty((0, 2)) if dots is None or not len(dots) else axes.transData.transform(dots)
    points = axes.transData.transform([(lb.x, lb.y) for lb in labels]) if labels else np.empty((0, 2))
    boxes: list[Box] = [tuple(t.get_window_extent(renderer).extents) for t in taken]
    boxes += [(x - 5 * unit, y - 5 * unit, x + 5 * unit, y + 5 * unit) for x, y in points]
    placed = []
    for label, point in zip(labels, points, strict=True):
        text = axes.text(
            label.x,
            label.y,
            label.text,
            color=label.colour,
            size=size,
            weight=600,
            parse_math=False,
            zorder=8,
        )
        extent = text.get_window_extent(renderer)
        options = _options(point, extent.width, extent.height, unit)
        costs = [_cost(box, frame, boxes, crossed, spots, unit) + FAR_COST * far for box, far in options]
        best = options[int(np.argmin(costs))][0]
        boxes.append(best)
        _write(axes, text, point, best)
        placed.append(text)
    return placed


def _dense(line: FloatArray, unit: float) -> FloatArray:
    """Return the polyline with a point every few pixels, so that a label's box cannot slip between two."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    even = np.arange(0.0, along[-1], 3.0 * unit)
    return np.column_stack([np.interp(even, along, line[:, 0]), np.interp(even, along, line[:, 1])])


def _options(point: FloatArray, width: float, height: float, unit: float) -> list[tuple[Box, float]]:
    found = []
    for distance in DISTANCES:
        for order, (dx, dy) in enumerate(DIRECTIONS):
            x = point[0] + dx * (distance * unit + width / 2 * (abs(dx) > 0.3)) - width / 2
            y = point[1] + dy * distance * unit - height / 2
            found.append(((x, y, x + width, y + height), distance + 2.0 * order))
    return found


def _inside(points: FloatArray, box: Box, pad: float) -> int:
    x, y = points.T
    return int(((x > box[0] - pad) & (x < box[2] + pad) & (y > box[1] - pad) & (y < box[3] + pad)).sum())


def _cost(
    box: Box,
    frame: Sequence[float],
    boxes: Sequence[Box],
    lines: Sequence[FloatArray],
    dots: FloatArray,
    unit: float,
) -> float:
    outside = (
        box[0] < frame[0] + 3 * unit
        or box[1] < frame[1] + 2 * unit
        or box[2] > frame[2] - 2 * unit
        or box[3] > frame[3]
    )
    pad = 3.0 * unit
    hits = sum(
        box[0] - pad < other[2]
        and box[2] + pad > other[0]
        and box[1] - pad < other[3]
        and box[3] + pad > other[1]
        for other in boxes
    )
    crossed = sum(_inside(line, box, pad) for line in lines)
    return (
        OUTSIDE_COST * outside
        + OVERLAP_COST * hits
        + LINE_COST * crossed
        + DOT_COST * _inside(dots, box, 0.0)
    )


def _write(axes: Axes, text: Any, point: FloatArray, box: Box) -> None:
    """Move the text to its box, and draw the line from the box's nearest edge to the point."""
    back = axes.transData.inverted()
    text.set_position(back.transform((box[0], box[1])))
    text.set(
        ha="left", va="bottom", bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6}
    )
    near = (min(max(point[0], box[0]), box[2]), min(max(point[1], box[1]), box[3]))
    ends = back.transform(np.array([point, near], dtype=np.float64))
    axes.plot(ends[:, 0], ends[:, 1], color=text.get_color(), linewidth=0.7, zorder=5, solid_capstyle="butt")
