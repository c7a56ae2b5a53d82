"""The lack-of-fit test: where spend is repeated, the replicates tell how much of a misfit is noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.results import Result
from mixcurve.response.fit.compare.solving import Fit, Rows, group_log_likelihood

__all__ = ["LackOfFit", "lack_of_fit", "replicate_groups"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
LackStatus = Literal[
    "tested", "no replicates", "too few levels of spend", "replicates do not differ", "not fitted"
]

ROUNDING = 1e-24
"""Squares below this share of the response's own are rounding (twelve digits)."""


@dataclass(frozen=True, eq=False)
class LackOfFit(Result):
    """The test of a curve's lack of fit, by what replicates allow; NaN where ``status`` is not ``"tested"``.

    ``p`` is the probability of a ``statistic`` as large if the curve were right: small means that the curve misses
    something. ``test`` is ``"F"`` against pure error, or ``"chi-square"`` of the deviance for counts and shares, whose
    squares are not filled in.
    """

    status: LackStatus
    test: Literal["F", "chi-square", ""] = ""
    statistic: float = float("nan")
    p: float = float("nan")
    lack_degrees: int = 0
    pure_degrees: int = 0
    lack_squares: float = float("nan")
    pure_squares: float = float("nan")


def replicate_groups(spend: FloatArray, tolerance: float = 0.0) -> IntArray:
    """Return the group of each row (n,): rows whose spend lies within ``tolerance`` above the group's least.

    Examples
    --------
    >>> import numpy as np
    >>> replicate_groups(np.array([5.0, 1.0, 5.0, 1.2]), 0.5).tolist()
    [1, 0, 1, 0]
    """
    order = np.argsort(spend, kind="stable")
    group = np.empty(len(spend), dtype=np.intp)
    current, least = -1, -np.inf
    for i in order:
        if spend[i] > least + tolerance:
            current, least = current + 1, spend[i]
        group[i] = current
    return group


def lack_of_fit(fit: Fit, rows: Rows, group: IntArray) -> LackOfFit:
    """Return the test of what a curve leaves beyond the spread of replicates.

    With G groups of equal spend, n rows and p parameters, F = ((RSS - SSPE) / (G - p)) / (SSPE / (n - G)), where SSPE
    is the sum of squares within groups (Draper and Smith 1998, Applied Regression Analysis, section 2.1). For counts
    and shares the deviance from the groups' own means is a chi-square with G - p degrees of freedom (McCullagh and
    Nelder 1989, Generalized Linear Models, section 2.3), if the counts are not small.
    """
    if fit.solved is None:
        return LackOfFit("not fitted")
    levels = int(group.max()) + 1
    lack, pure = levels - fit.fitted, len(rows) - levels
    if pure == 0:
        return LackOfFit("no replicates")
    if lack < 1:
        return LackOfFit("too few levels of spend")
    test = _by_squares if rows.family == "gaussian" else _by_deviance
    return test(fit, rows, group, lack, pure)


def _by_squares(fit: Fit, rows: Rows, group: IntArray, lack: int, pure: int) -> LackOfFit:
    from scipy.special import fdtrc

    mean = np.bincount(group, rows.weight * rows.response) / np.bincount(group, rows.weight)
    noise = float(rows.weight @ (rows.response - mean[group]) ** 2)
    if noise <= ROUNDING * float(rows.weight @ rows.response**2):
        return LackOfFit("replicates do not differ")
    missed = max(fit.squares - noise, 0.0)
    f = missed / lack / (noise / pure)
    return LackOfFit("tested", "F", f, float(fdtrc(lack, pure, f)), lack, pure, missed, noise)


def _by_deviance(fit: Fit, rows: Rows, group: IntArray, lack: int, pure: int) -> LackOfFit:
    from scipy.special import chdtrc

    deviance = max(2.0 * (group_log_likelihood(fit, rows, group) - fit.log_likelihood), 0.0)
    return LackOfFit("tested", "chi-square", deviance, float(chdtrc(lack, deviance)), lack, pure)
