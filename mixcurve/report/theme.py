"""The look of a report: the agency's colours, checked for contrast, and the line at its foot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mixcurve.foundations.errors import InputError
from mixcurve.plots.style import Palette

__all__ = ["GRADE_COLOURS", "LEAST_CONTRAST", "Theme", "contrast"]

LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, level AA: text against its background."""
PAPER = "#ffffff"
GRADE_COLOURS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "calibrated": ("#0f4d35", "#d6eee2"),
        "supported": ("#0b4480", "#dae7f5"),
        "weak": ("#6e3d00", "#fbe7c9"),
        "not shown": ("#7d1a1a", "#f6dada"),
    }
)
"""Text and ground of the label of each grade of evidence. The grade is written, so colour carries nothing alone."""


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    """Relative luminance of a hex colour (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two hex colours, from 1 to 21.

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@dataclass(frozen=True)
class Theme:
    """The colours of a report as hex, and its footer.

    Parameters
    ----------
    accent
        Headings, figures, the plan's marks. White text stands on it.
    current
        What marks the current plan in figures.
    footer
        A line at the foot of each page; the title of the report if empty.

    Raises
    ------
    InputError
        If a colour is not six-digit hex, or too pale for text on white (contrast below 4.5).

    Examples
    --------
    >>> Theme(accent="#00ff00")
    Traceback (most recent call last):
        ...
    mixcurve.foundations.errors.InputError: accent '#00ff00' has contrast 1.4 against white; ...
    """

    accent: str = Palette.accent
    current: str = Palette.current
    footer: str = ""

    def __post_init__(self) -> None:
        for name in ("accent", "current"):
            colour = getattr(self, name)
            if not (isinstance(colour, str) and re.fullmatch("#[0-9a-fA-F]{6}", colour)):
                raise InputError(
                    f"{name} must be a colour as six-digit hex such as '#0b5cad', got {colour!r}."
                )
            ratio = contrast(colour, PAPER)
            if ratio < LEAST_CONTRAST:
                raise InputError(
                    f"{name} '{colour}' has contrast {ratio:.1f} against white; text needs at least "
                    f"{LEAST_CONTRAST:g}. Choose a darker shade of it."
                )

    @property
    def palette(self) -> Palette:
        """The colours of figures."""
        return Palette(accent=self.accent, current=self.current)
