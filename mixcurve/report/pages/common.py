"""What the pages share: plain numbers, and figures with their interval as text."""

from __future__ import annotations

import math
from collections.abc import Callable

from mixcurve.foundations.numbers import Units
from mixcurve.report.facts import Estimate
from mixcurve.report.payload import Interval
from mixcurve.report.phrases import with_interval

__all__ = ["finite", "shown"]


def finite(value: float | None) -> float | None:
    """Return the number, or None for what JSON cannot hold."""
    return float(value) if value is not None and math.isfinite(value) else None


def shown(found: Estimate, written: Callable[[float], str], units: Units) -> Interval:
    """Return a figure with its interval for the payload."""
    text = with_interval(found, written, units)
    return Interval(finite(found.value), finite(found.low), finite(found.high), found.level, text)
