"""What channels of other kinds brought, like the table of paid channels: contribution, share and ROI with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.results import Result
from mixcurve.response.bayes.kinds.reach import ReachChannel
from mixcurve.response.bayes.varying.adding import Adding

if TYPE_CHECKING:
    from mixcurve.response.bayes.model.model import MixModel

__all__ = ["OtherContributions", "other_contributions"]

FloatArray = npt.NDArray[np.float64]

IN_WORDS = {
    "organic": "without spend",
    "reach and frequency": "by reach and frequency",
    "treatment": "counted from {reference:g}",
    "level": "part of the baseline",
}
"""How each kind is told in a table."""


@dataclass(frozen=True, eq=False)
class OtherContributions(Result):
    """What k parts beside the paid channels brought.

    Parameters
    ----------
    names, kinds
        Of each part: ``"organic"``, ``"reach and frequency"``, ``"treatment"`` or ``"level"``.
    contributions
        (n × k): in each row, in units of the response, mean of the draws.
    total, low, high
        (k,): over all rows, mean of the draws and interval at ``level``.
    share
        (k,): the total over that of the response.
    roi, roi_low, roi_high
        (k,): the total over the spend, NaN where there is none.
    reference
        (k,): the level from which a treatment counts, else NaN.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    contributions: FloatArray
    total: FloatArray
    low: FloatArray
    high: FloatArray
    share: FloatArray
    roi: FloatArray
    roi_low: FloatArray
    roi_high: FloatArray
    reference: FloatArray
    level: float

    @property
    def frame(self) -> Any:
        """A row for each part, as a pandas frame."""
        import pandas as pd

        columns = {
            "kind": list(self.kinds), "incremental response": self.total, "low": self.low, "high": self.high,
            "share": self.share, "ROI": self.roi, "ROI low": self.roi_low, "ROI high": self.roi_high,
            "reference": self.reference, "level": self.level,
        }  # fmt: skip
        return pd.DataFrame(columns, index=pd.Index(self.names, name="channel"))

    @property
    def summary(self) -> str:
        """A line for each part: what it is, its contribution and its share, each interval with its level."""
        lines = []
        for i, (name, kind) in enumerate(zip(self.names, self.kinds, strict=True)):
            words = IN_WORDS[known_name("kind", kind, IN_WORDS)].format(reference=self.reference[i])
            line = f"{name} ({words}): {self.total[i]:,.0f} in all, {self.share[i]:.1%} of the response"
            line += f" ({self.level:.0%} interval {self.low[i]:,.0f} to {self.high[i]:,.0f})"
            if np.isfinite(self.roi[i]):
                line += f"; ROI {self.roi[i]:.3g} ({self.roi_low[i]:.3g} to {self.roi_high[i]:.3g})"
            lines.append(line + ".")
        return "\n".join(lines)


def other_contributions(
    model: MixModel, draws: FloatArray, parts: Sequence[Any] | None = None, *, level: float = 0.9
) -> OtherContributions:
    """Return what the parts that add to the response brought.

    Parameters
    ----------
    model
        With its parts.
    draws
        Positions (draws × dimensions).
    parts
        Which of them; by default all that add to the response.
    level
        Of the intervals.

    Raises
    ------
    InputError
        If the level is not between 0 and 1.

    Examples
    --------
    Here with draws from the prior, which favour neither sign of the price's effect:

    >>> from dataclasses import replace
    >>> import mixcurve as mc
    >>> from mixcurve.response.bayes.kinds.parts import other_parts
    >>> from mixcurve.response.bayes.mix import mix_model
    >>> table = mc.simulate_market(2, periods=60, price=-1.0).table
    >>> rest, parts = other_parts(table, treatments={"price": "min"})
    >>> model = replace(mix_model(rest), parts=parts)
    >>> found = other_contributions(model, model.prior_draws(100, np.random.default_rng(0)))
    >>> found.names, bool(found.low[0] < 0 < found.high[0])
    (('price',), True)
    """
    number("level", level, low=0.0, high=1.0, open_low=True)
    asked = [p for p in (model.parts if parts is None else parts) if isinstance(p, Adding)]
    rows = [p.contribution(model.problem, model, draws) for p in asked]
    totals = np.array([r.sum(axis=1) for r in rows]).reshape(len(asked), len(draws))
    tails = [0.5 * (1.0 - level), 0.5 * (1.0 + level)]
    low, high = np.quantile(totals, tails, axis=1)
    paid = np.array([p.spend.sum() if isinstance(p, ReachChannel) else np.nan for p in asked])
    total = totals.mean(axis=1)
    return OtherContributions(
        tuple(p.name for p in asked), tuple(p.kind for p in asked),
        np.array([r.mean(axis=0) for r in rows]).reshape(len(asked), model.problem.rows).T,
        total, low, high, total / model.problem.mix.table.response.sum(),
        total / paid, low / paid, high / paid,
        np.array([getattr(p, "reference", np.nan) for p in asked]), level,
    )  # fmt: skip
