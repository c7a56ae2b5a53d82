"""How figures look: a palette that colour-blind readers can tell apart, the report's font, settings that repeat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "FONT",
    "FONT_FILES",
    "PALETTE",
    "Palette",
    "fit_in_figure",
    "font_files",
    "light_axes",
    "new_axes",
    "styled",
    "svg",
]

FONT = "Source Sans Pro"
FONT_PACKAGE = "font-source-sans-pro"
FONT_FILES = {
    400: "SourceSansPro-Regular.ttf",
    600: "SourceSansPro-Semibold.ttf",
    700: "SourceSansPro-Bold.ttf",
}
"""The weights that reports use, and their files in the font package."""


@dataclass(frozen=True)
class Palette:
    """The colours of figures, as hex. The blue and the vermilion are told apart in every common colour blindness.

    Source: Okabe, M. and Ito, K. (2008), Color Universal Design, for the vermilion.
    """

    accent: str = "#0b5cad"
    current: str = "#c4500c"
    ink: str = "#1d2733"
    muted: str = "#56616e"
    faint: str = "#c9d0d8"
    grid: str = "#e4e8ed"
    unseen: str = "#f0f1f5"
    dots: str = "#6f8cab"


PALETTE = Palette()


@cache
def font_files() -> dict[int, Path]:
    """Return the path of each weight of the report's font, found through its package's metadata."""
    from importlib.metadata import PackageNotFoundError, files

    try:
        listed = files(FONT_PACKAGE) or []
    except PackageNotFoundError:
        return {}
    by_name = {f.name: Path(str(f.locate())) for f in listed}
    return {weight: by_name[name] for weight, name in FONT_FILES.items() if name in by_name}


@cache
def _font_family() -> str:
    """Let matplotlib measure text in the report's font; its own DejaVu Sans where the font package is absent."""
    from matplotlib import font_manager

    found = font_files()
    for path in found.values():
        font_manager.fontManager.addfont(str(path))
    return FONT if found else "DejaVu Sans"


def _settings() -> dict[str, Any]:
    return {
        "font.family": _font_family(),
        "font.size": 9.0,
        "text.parse_math": False,
        "axes.unicode_minus": True,
        "svg.fonttype": "none",
        "svg.hashsalt": "mixcurve",
        "axes.linewidth": 0.7,
        "path.simplify": True,
    }


@contextmanager
def styled() -> Iterator[None]:
    """Apply the style within a ``with`` block, and leave the user's own settings as they were."""
    from matplotlib import rc_context

    settings: Any = _settings()
    with rc_context(settings):
        yield


def new_axes(width: float, height: float) -> Axes:
    """Return the axes of a new figure, in inches; no global state, no window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes: Axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    return axes


def svg(axes: Axes) -> bytes:
    """Return the figure of the axes as SVG with its text as text: the same bytes for the same figure."""
    from io import BytesIO

    figure = axes.get_figure(root=True)
    assert figure is not None
    stream = BytesIO()
    with styled():
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return stream.getvalue()


def light_axes(axes: Axes, palette: Palette) -> None:
    """Leave of the frame only the line at the bottom, with faint lines across for reading."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(palette.faint)
    axes.tick_params(colors=palette.muted, length=0, labelsize=9, pad=4)
    axes.tick_params(axis="x", length=3, color=palette.faint)
    axes.grid(axis="y", color=palette.grid, linewidth=0.7)
    axes.set_axisbelow(True)


def fit_in_figure(axes: Axes, pad: float = 2.0) -> None:
    """Shrink the axes until its labels lie within the figure, ``pad`` points from the edge."""
    from matplotlib.backends.backend_agg import RendererAgg

    figure = axes.get_figure(root=True)
    assert figure is not None
    whole = figure.bbox
    renderer = RendererAgg(whole.width, whole.height, figure.dpi)
    for _ in range(2):
        tight = axes.get_tightbbox(renderer)
        assert tight is not None
        place = axes.get_position()
        edge = pad * figure.dpi / 72.0
        left, bottom = (edge - tight.x0) / whole.width, (edge - tight.y0) / whole.height
        right, top = (
            (tight.x1 - whole.width + edge) / whole.width,
            (tight.y1 - whole.height + edge) / whole.height,
        )
        axes.set_position(
            (place.x0 + left, place.y0 + bottom, place.width - left - right, place.height - bottom - top)
        )
