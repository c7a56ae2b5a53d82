"""What the draws say of effects and levels that vary: a path with its interval for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.results import Result
from mixcurve.response.bayes.varying.effect import VaryingEffect
from mixcurve.response.bayes.varying.level import VaryingLevel
from mixcurve.response.bayes.varying.smooth import period_of_row

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["SmoothPaths", "effect_paths", "level_path"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SmoothPaths(Result):
    """Paths over P periods.

    Parameters
    ----------
    kind
        ``"effect"``: each channel's effectiveness over its average, mean over groups; or ``"level"``: what is added to
        the response, summed over groups.
    names
        The channels that vary, or ``"level"``.
    dates
        (P,).
    middle, low, high
        (paths × P): median of the draws, and interval at ``level`` for each period by itself.
    change, change_low, change_high
        (paths,): from the period where the median is lowest to that where it is highest, median and interval: times as
        much effect, or for a level the difference.
    """

    kind: Literal["effect", "level"]
    names: tuple[str, ...]
    dates: npt.NDArray[np.datetime64]
    middle: FloatArray
    low: FloatArray
    high: FloatArray
    change: FloatArray
    change_low: FloatArray
    change_high: FloatArray
    level: float
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    @property
    def rest(self) -> float:
        """The value that means no variation: 1 for effects, 0 for a level."""
        return 1.0 if self.kind == "effect" else 0.0

    @property
    def shown(self) -> npt.NDArray[np.bool_]:
        """Whether each path is shown to vary: the interval of its change excludes none (paths,)."""
        return np.asarray(self.change_low > self.rest)

    def month(self, place: int, *, highest: bool) -> str:
        """Return the year and month in which a path's median is highest or lowest."""
        middle = self.middle[place]
        return str(self.dates[int(middle.argmax() if highest else middle.argmin())])[:7]

    @property
    def frame(self) -> Any:
        """Date, name, median and interval as a pandas frame, a row for each path and period."""
        import pandas as pd

        count = len(self.dates)
        return pd.DataFrame(
            {
                "date": np.tile(self.dates.astype("datetime64[s]"), len(self.names)),
                "name": np.repeat(np.array(self.names, dtype=object), count),
                "median": self.middle.ravel(), "low": self.low.ravel(), "high": self.high.ravel(),
            }
        )  # fmt: skip

    @property
    def summary(self) -> str:
        """A sentence for each path: where it is lowest and highest, and the change between with its interval."""
        return "\n".join(self._sentence(place) for place in range(len(self.names)))

    def _sentence(self, place: int) -> str:
        name, times = self.names[place], self.kind == "effect"
        if not self.shown[place]:
            return f"{name}: the data do not show that its {self.kind} changed."
        write = "{:.2f}".format if times else "{:+,.0f}".format
        ends = [write(v) for v in (self.change[place], self.change_low[place], self.change_high[place])]
        unit = " times the effect of" if times else " in units of the response against"
        return (
            f"{name}: {ends[0]}{unit} {self.month(place, highest=False)} in {self.month(place, highest=True)} "
            f"({self.level:.0%} interval {ends[1]} to {ends[2]})."
        )


def effect_paths(
    part: VaryingEffect, model: MixModel, draws: FloatArray, *, level: float = 0.9
) -> SmoothPaths:
    """Return the effectiveness of each channel that varies, over its average weighted by contribution.

    Raises
    ------
    InputError
        If the level is not between 0 and 1.

    Examples
    --------
    Here with draws from the prior, which know of no change:

    >>> from dataclasses import replace
    >>> import mixcurve as mc
    >>> from mixcurve.response.bayes.mix import mix_model
    >>> part = VaryingEffect()
    >>> model = replace(mix_model(mc.simulate_market(["tv"], periods=60).table), parts=(part,))
    >>> print(effect_paths(part, model, model.prior_draws(200, np.random.default_rng(0))).summary)
    tv: the data do not show that its effect changed.
    """
    names = part.varying(model.problem)
    place = [model.problem.channels.index(name) for name in names]
    factors = part.factors(model, draws)[:, place]
    days, period = period_of_row(model.problem)
    return _paths("effect", names, model, _by_period(factors, period, len(days), mean=True), level)


def level_path(part: VaryingLevel, model: MixModel, draws: FloatArray, *, level: float = 0.9) -> SmoothPaths:
    """Return what a level that varies adds to the response in each period.

    Raises
    ------
    InputError
        If the level of the interval is not between 0 and 1.
    """
    added = part.contribution(model.problem, model, draws)[:, None]
    days, period = period_of_row(model.problem)
    return _paths("level", ("level",), model, _by_period(added, period, len(days), mean=False), level)


def _by_period(values: FloatArray, period: npt.NDArray[np.intp], count: int, *, mean: bool) -> FloatArray:
    """Return sums or means of values (draws × paths × n) by period (draws × paths × P)."""
    rows = np.zeros((len(period), count))
    rows[np.arange(len(period)), period] = 1.0
    return np.asarray(values @ (rows / rows.sum(axis=0) if mean else rows))


def _paths(
    kind: Literal["effect", "level"], names: Sequence[str], model: MixModel, values: FloatArray, level: float
) -> SmoothPaths:
    number("level", level, low=0.0, high=1.0, open_low=True)
    tails = [0.5 * (1.0 - level), 0.5, 0.5 * (1.0 + level)]
    low, middle, high = np.quantile(values, tails, axis=0)
    each = np.arange(len(names))
    top, bottom = values[:, each, middle.argmax(axis=1)], values[:, each, middle.argmin(axis=1)]
    change = top / bottom if kind == "effect" else top - bottom
    change_low, change_middle, change_high = np.quantile(change, tails, axis=0)
    table = model.problem.mix.table
    days, _ = period_of_row(model.problem)
    return SmoothPaths(
        kind, tuple(names), days, middle, low, high, change_middle, change_low, change_high, level, table.every,
        table.currency, table.response_name,
    )  # fmt: skip
