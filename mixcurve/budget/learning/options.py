"""How a test is run and judged: its length, its share of the market, the noise, and how long its result is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.response.fitted import Fitted, by_channel

__all__ = ["PERIODS_PER_YEAR", "TestOptions", "test_options"]

FloatArray = npt.NDArray[np.float64]

PERIODS_PER_YEAR = {"day": 365.0, "week": 52.0, "month": 12.0, "quarter": 4.0, "year": 1.0}
"""A plan is usually made for a year."""
TEST_YEARS = 8.0 / 52.0
"""Length of a test unless told otherwise: 8 weeks, so that carryover settles and weeks average out."""
MOST_AUTOCORRELATION = 0.95
"""Beyond it errors are a trend, and a test's length hardly matters."""


@dataclass(frozen=True, eq=False)
class TestOptions:
    """See `next_test`. ``noise`` is by channel (C,), None where it is not known."""

    __test__ = False  # for pytest

    periods: float
    share: float
    noise: FloatArray | None
    horizon: float
    levels: tuple[float, ...]


def test_options(
    fitted: Fitted,
    periods: float | None,
    share: float,
    noise: float | Mapping[str, float] | None,
    horizon: float | None,
    levels: Sequence[float],
) -> TestOptions:
    """Return the options, checked, with what was left out taken from the fit."""
    year = PERIODS_PER_YEAR.get(fitted.every, PERIODS_PER_YEAR["week"])
    usual = max(1.0, round(TEST_YEARS * year))
    return TestOptions(
        periods=usual if periods is None else number("periods", periods, low=0.0, open_low=True),
        share=number(
            "share",
            share,
            low=0.0,
            high=1.0,
            open_low=True,
            remedy="It is a share of the market, such as 0.5.",
        ),
        noise=_noise(fitted, noise),
        horizon=year if horizon is None else number("horizon", horizon, low=0.0),
        levels=_multiples(levels),
    )


test_options.__test__ = False  # type: ignore[attr-defined]


def _multiples(levels: Sequence[float]) -> tuple[float, ...]:
    if isinstance(levels, (str, Mapping)) or not isinstance(levels, Sequence | np.ndarray) or not len(levels):
        raise InputError(
            f"levels must be multiples of the planned spend, such as (0, 0.5, 2), got {levels!r}."
        )
    return tuple(number(f"levels[{i}]", value, low=0.0) for i, value in enumerate(levels))


def _noise(fitted: Fitted, noise: float | Mapping[str, float] | None) -> FloatArray | None:
    """Return the standard deviation of the response of one period, by the channel whose test would see it."""
    if isinstance(noise, Mapping):
        for name in fitted.channels:
            known_name("channel in noise", name, list(noise))
        given = by_channel("noise", noise, fitted.channels, 0.0)
    elif noise is not None:
        given = np.full(len(fitted.channels), number("noise", noise, low=0.0, open_low=True))
    else:
        return _residual_noise(fitted)
    if not np.all(given > 0):
        raise InputError(f"noise must be above 0 for every channel, got {given.min():g}.")
    return given


def _residual_noise(fitted: Any) -> FloatArray | None:
    """Return the residuals' standard deviation, in the rows of each channel's group; None for curves without data.

    Where neighbouring errors go together by ρ, their mean over a test varies as if it were (1 - ρ) / (1 + ρ) as long.
    """
    residual = getattr(fitted, "residual", None)
    if residual is None or not len(residual):
        return None
    lost = len(residual) / max(fitted.degrees_of_freedom, 1)
    rows = getattr(fitted, "rows_of", lambda _: np.ones(len(residual), dtype=bool))
    found = np.array([np.sqrt(lost * np.mean(residual[rows(c)] ** 2)) for c in fitted.channels])
    together = getattr(fitted, "autocorrelation", None)
    rho = 0.0 if together is None else float(np.clip(together.estimate, 0.0, MOST_AUTOCORRELATION))
    found = found * np.sqrt((1.0 + rho) / (1.0 - rho))
    return found if np.all(found > 0) else None
