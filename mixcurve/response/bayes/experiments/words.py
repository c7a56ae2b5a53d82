"""What an experiment moved, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixcurve.foundations.numbers import Numbers, Units

if TYPE_CHECKING:
    from mixcurve.response.bayes.experiments.report import ExperimentMove, ExperimentReport
    from mixcurve.response.fit.estimates import EstimateInterval

__all__ = ["CONFLICT", "moved_sentence", "p_words"]

CONFLICT = 0.05
"""p-values below this are called a disagreement: of tests that fit, one in twenty is called so by chance."""
LEAST_P = 0.001
"""p-values below this are not told more exactly."""
SAID_BY = {"lift test": "the test says", "cost target": "the target says", "previous posterior": "it says"}


def p_words(p: float) -> str:
    """Return a p-value as text.

    Examples
    --------
    >>> p_words(0.0021), p_words(1e-9), p_words(0.41)
    ('p = 0.002', 'p below 0.001', 'p = 0.41')
    """
    return f"p below {LEAST_P:g}" if p < LEAST_P else f"p = {p:.{2 if p >= 0.1 else 3}f}"


def moved_sentence(move: ExperimentMove, report: ExperimentReport) -> str:
    """Return what an experiment says, what the rest of the data say, whether they agree, and what moved."""
    said = f"{move.name}: {SAID_BY[move.kind]} {_amount(move, report, move.measured, level=report.level)}"
    if move.before is None:
        return (
            f"{said}. The draws cannot tell what the rest of the data say (Pareto k = {move.pareto_k:.2f}): sample "
            f"once more without it. With it {_amount(move, report, move.after)}, and the ROI of {move.channel} is "
            f"{_span(move.roi_after)}."
        )
    verdict = "they disagree" if move.p_value < CONFLICT else "they agree"
    width = move.narrower
    changed = f"{abs(width):.0%} {'narrower' if width >= 0 else 'wider'}"
    return (
        f"{said}, the rest of the data say {_amount(move, report, move.before)}; {verdict}: {p_words(move.p_value)}. "
        f"Together {_amount(move, report, move.after)}. The ROI of {move.channel} moves from {_span(move.roi_before)} "
        f"to {_span(move.roi_after)}, an interval {changed}."
    )


def _amount(
    move: ExperimentMove, report: ExperimentReport, found: EstimateInterval, *, level: float | None = None
) -> str:
    """Return an estimate with its interval, in the unit of what was measured."""
    units = Units(Numbers("en-GB", report.currency), report.every, report.response_name)
    told = f"{level:.0%} interval " if level is not None else ""
    if move.kind == "cost target":
        ends = [units.spend(v) for v in (found.estimate, found.low, found.high)]
        return f"{ends[0]} per incremental response ({told}{ends[1]} to {ends[2]})"
    named = units.response(found.estimate, named=True) + (
        f" {units.a_period}" if move.kind == "previous posterior" else ""
    )
    return f"{named} ({told}{units.response(found.low)} to {units.response(found.high)})"


def _span(found: EstimateInterval | None) -> str:
    assert found is not None
    return f"{found.estimate:.3g} ({found.low:.3g} to {found.high:.3g})"
