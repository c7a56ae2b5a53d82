"""`ExperimentReport`: what each experiment measured, what the rest of the data say, and what it moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mixcurve.foundations.results import Result
from mixcurve.response.bayes.experiments.words import moved_sentence
from mixcurve.response.fit.estimates import EstimateInterval

__all__ = ["ExperimentMove", "ExperimentReport"]


@dataclass(frozen=True, eq=False)
class ExperimentMove(Result):
    """One experiment beside what the model expects of it, without it and with it.

    Parameters
    ----------
    name, kind, channel
        Of the experiment; kind is ``"lift test"``, ``"cost target"`` or ``"previous posterior"``.
    quantity
        What was measured: ``"incremental response"``, ``"cost per incremental response"``, or ``"response per period"``
        at the reference spend of a previous posterior.
    measured
        What the experiment says, with the interval of its normal (or log-normal) error.
    before, after
        What the model expects without the experiment and with it; ``before`` is None where it is not known.
    roi_before, roi_after
        Of its channel, over all rows: response per unit of spend.
    pareto_k
        Of the weights that take the experiment out of the draws; NaN where the model was sampled without it.
    z, p_value
        (measured - before) over the root of both squared errors, on the log scale for costs and previous posteriors;
        and the probability, before the experiment, of a measurement at least as far out. NaN where not known.
    sentence
        All this in words.
    """

    name: str
    kind: str
    channel: str
    quantity: str
    measured: EstimateInterval
    before: EstimateInterval | None
    after: EstimateInterval
    roi_before: EstimateInterval | None
    roi_after: EstimateInterval
    pareto_k: float
    z: float
    p_value: float
    sentence: str = ""

    @property
    def narrower(self) -> float:
        """By what share the experiment made the interval of the ROI narrower; negative where it made it wider."""
        if self.roi_before is None:
            return float("nan")
        return 1.0 - (self.roi_after.high - self.roi_after.low) / (self.roi_before.high - self.roi_before.low)


@dataclass(frozen=True, eq=False)
class ExperimentReport(Result):
    """What the experiments of a model moved, one by one, each against everything else that the model knows.

    Parameters
    ----------
    moves
        In the order of the model's parts.
    level
        Of all intervals.
    currency, response_name, every
        Of the table.
    """

    moves: tuple[ExperimentMove, ...]
    level: float
    currency: str | None = None
    response_name: str = "response"
    every: str = "week"

    @property
    def unknown(self) -> tuple[str, ...]:
        """The experiments that must be left out of a further run to know what the rest of the data say."""
        return tuple(m.name for m in self.moves if m.before is None)

    @property
    def table(self) -> Any:
        """The experiments as a pandas frame."""
        import pandas as pd

        rows = []
        for m in self.moves:
            row: dict[str, Any] = {"kind": m.kind, "channel": m.channel, "quantity": m.quantity}
            for head in ("measured", "before", "after", "roi_before", "roi_after"):
                found = getattr(m, head)
                for part in ("estimate", "low", "high"):
                    label = head.replace("_", " ").replace("roi", "ROI")
                    row[label if part == "estimate" else f"{label} {part}"] = (
                        np.nan if found is None else getattr(found, part)
                    )
            rows.append(row | {"z": m.z, "p": m.p_value, "Pareto k": m.pareto_k, "level": self.level})
        return pd.DataFrame(rows, index=pd.Index([m.name for m in self.moves], name="experiment"))

    @property
    def summary(self) -> str:
        """A sentence or two for each experiment."""
        return "\n".join(m.sentence or moved_sentence(m, self) for m in self.moves)
