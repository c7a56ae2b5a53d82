"""A row of numbers as a row of small bars."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["sparkline"]

_BARS = "▁▂▃▄▅▆▇█"
_NOTHING = "·"


def sparkline(values: Sequence[float], width: int = 24) -> str:
    """Return one bar per value, or per run of values where there are more than ``width``; a dot where all are 0.

    Bars start at 0 when no value is negative, so that their heights compare as the values do.

    Examples
    --------
    >>> sparkline([0, 1, 2, 4, 8, 0])
    '·▂▃▅█·'
    >>> len(sparkline(range(1000), width=10))
    10
    """
    count = min(width, len(values))
    runs = [values[i * len(values) // count : (i + 1) * len(values) // count] for i in range(count)]
    means = [sum(run) / len(run) for run in runs]
    low = min(0.0, *means) if means else 0.0
    span = max(means, default=0.0) - low or 1.0
    top = len(_BARS) - 1
    return "".join(
        _BARS[min(top, int((mean - low) / span * len(_BARS)))] if any(run) else _NOTHING
        for mean, run in zip(means, runs)
    )
