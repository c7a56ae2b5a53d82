"""Fits in plain text: what was found, how sure it is, and what the data do not show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mixcurve.response.evidence import ChannelEvidence
from mixcurve.response.fit.estimates import EstimateInterval

if TYPE_CHECKING:
    from mixcurve.response.fit.mix.result import MixFit
    from mixcurve.response.fit.results import CurveFit

__all__ = ["curve_summary", "mix_summary"]

WIDTH = 20
"""Letters that a name takes at least."""


def curve_summary(fit: CurveFit) -> str:
    """Return the summary of one curve: estimates with profile intervals, status, evidence."""
    kind = fit.family if fit.loss == "squares" else f"{fit.family}, loss {fit.loss}"
    head = (
        f"{fit.channels[0]}: {fit.curve[0].name} fitted to {fit.n_rows} {fit.every}s ({kind}). {fit.message}"
    )
    found = [i for i in fit.intervals if i.method == "profile"]
    named = {i.name for i in found}
    bare = [f"{n:{WIDTH}} {v:,.5g}" for n, v in fit.parameters.items() if n not in named]
    return "\n".join([head, *bare, *(_interval(i) for i in found), *_evidence(fit.evidence)])


def mix_summary(fit: MixFit) -> str:
    """Return the summary of a mix: how well it fits, ROI by channel, notes, evidence."""
    head = f"{len(fit.channels)} channels, {len(fit.dates)} rows, R² {fit.r_squared:.3f}. {fit.message}"
    width = max(WIDTH, *(len(c) for c in fit.channels))
    rows = [
        f"{channel:{width}} ROI {row['ROI']:,.4g} ({row['ROI low']:,.4g} to {row['ROI high']:,.4g}), "
        f"mROI {row['mROI']:,.4g} ({row['mROI low']:,.4g} to {row['mROI high']:,.4g})"
        for channel, row in fit.roi_table().iterrows()
    ]
    level = f"Response per unit of spend; {fit.level:.0%} intervals."
    return "\n".join([head, level, *rows, *fit.notes, *_evidence(fit.evidence)])


def _interval(i: EstimateInterval) -> str:
    open_side = f", open on the {i.open_side} side" if i.open_side in ("low", "high") else ""
    if i.open_side == "both":
        open_side = ", open on both sides"
    return f"{i.name:{WIDTH}} {i.estimate:,.5g} ({i.level:.0%}: {i.low:,.5g} to {i.high:,.5g}{open_side})"


def _evidence(evidence: Iterable[ChannelEvidence]) -> Iterator[str]:
    for one in evidence:
        yield f"{one.channel}: {one.grade}. " + " ".join(f.sentence for f in one.findings)
