"""The table of prior against posterior: where each figure of a model comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.results import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["VERDICTS", "Learned", "LearnedTable", "figure_name"]

DATA, MOSTLY_PRIOR = "data", "mostly prior"
PRIOR_ONLY = "prior only: these data say nothing"
OTHER_CHANNELS = "other channels: these data say nothing of this one"
NOT_KNOWN = "not known: too few effective draws"
VERDICTS = (DATA, MOSTLY_PRIOR, PRIOR_ONLY, OTHER_CHANNELS, NOT_KNOWN)
NAMES = {
    "roi": "ROI",
    "half": "half-saturation",
    "half_saturation": "half-saturation",
    "half_life": "half-life",
}


def figure_name(name: str) -> str:
    """Return a figure in words.

    Examples
    --------
    >>> figure_name("half_life"), figure_name("slope")
    ('half-life', 'slope')
    """
    return NAMES.get(name, name.replace("_", " "))


@dataclass(frozen=True, eq=False)
class Learned(Result):
    """One figure before and after the data.

    Parameters
    ----------
    channel, name, unit
        As in `mixcurve.response.bayes.learned.quantities.Quantity`.
    prior_low, prior_high
        The prior's range at the table's level, as drawn: with the share that the channels leave to the baseline.
    median, low, high
        Of the posterior.
    standard
        The posterior's low limit, median and high limit on the scale where the prior is standard normal.
    contraction, contraction_error
        1 - variance of the posterior over that of the prior, on that scale, and its Monte Carlo error.
    overlap, overlap_error
        The area that the two densities share, and its error.
    share, share_error
        The share of the information that came from the data on this figure, and its error: the contraction, at least 0;
        of an ROI that which knowing all other channels would not give.
    verdict
        One of `VERDICTS`.
    """

    channel: str
    name: str
    unit: str
    prior_low: float
    prior_high: float
    median: float
    low: float
    high: float
    standard: tuple[float, float, float]
    contraction: float
    contraction_error: float
    overlap: float
    overlap_error: float
    share: float
    share_error: float
    verdict: str


@dataclass(frozen=True, eq=False)
class LearnedTable(Result):
    """Every figure before and after the data; from `prior_against_posterior`."""

    rows: tuple[Learned, ...]
    level: float = 0.9
    value: float = 1.0
    every: str = "week"
    currency: str | None = None
    response_name: str = "response"

    def of(self, channel: str, name: str) -> Learned:
        """Return the row of a channel's figure; the noise has the channel ``""``."""
        known_name("channel", channel, list(dict.fromkeys(r.channel for r in self.rows)))
        mine = {r.name: r for r in self.rows if r.channel == channel}
        return mine[known_name(f"figure of '{channel}'", name, mine)]

    @property
    def table(self) -> pd.DataFrame:
        """A row for each figure, as a pandas frame."""
        import pandas as pd

        def row(r: Learned) -> dict[str, Any]:
            return {
                "channel": r.channel, "figure": figure_name(r.name), "unit": r.unit, "prior low": r.prior_low,
                "prior high": r.prior_high, "low": r.low, "median": r.median, "high": r.high,
                "contraction": r.contraction, "contraction error": r.contraction_error, "overlap": r.overlap,
                "overlap error": r.overlap_error, "share from data": r.share, "share error": r.share_error,
                "from": r.verdict, "level": self.level,
            }  # fmt: skip

        return pd.DataFrame([row(r) for r in self.rows])

    @property
    def summary(self) -> str:
        """What comes from where, a sentence for each channel."""
        channels = list(dict.fromkeys(r.channel for r in self.rows if r.channel))
        return "\n".join(_sentence(c, [r for r in self.rows if r.channel == c]) for c in channels)


def _sentence(channel: str, rows: list[Learned]) -> str:
    told = {
        DATA: "from the data", MOSTLY_PRIOR: "mostly from the prior", PRIOR_ONLY: "from the prior alone",
        OTHER_CHANNELS: "from the other channels", NOT_KNOWN: "not known for too few effective draws",
    }  # fmt: skip
    parts = []
    for verdict, words in told.items():
        names = list(dict.fromkeys(figure_name(r.name) for r in rows if r.verdict == verdict))
        if names:
            parts.append(f"{words}: {', '.join(names)}")
    share = next((r.share for r in rows if r.name == "roi"), np.nan)
    return f"{channel}: {'; '.join(parts)}. Data on it gave {share:.0%} of what is known of its ROI."
