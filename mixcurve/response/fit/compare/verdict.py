"""The verdict of a comparison in one plain sentence, by rules that are stated here.

1. The simplest kind of curve wins whose best AICc is within 2 of the least of all: no effect before the straight line,
   the line before concave curves, concave curves before S-curves. Models within 2 of the least have substantial support
   (Burnham and Anderson 2002, section 2.6), so a more complicated kind must be better by more than that.
2. A curve counts by its shape as fitted over the spend seen, not by its name.
3. Forecast errors, lack of fit and fits that failed are told beside the verdict and do not change it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixcurve.response.curves import shape as shape_of
from mixcurve.response.fit.compare.results import ComparedCurve, Conclusion, Kind
from mixcurve.response.fit.compare.solving import Fit, Rows
from mixcurve.response.fit.rivals import LINE

__all__ = ["EQUALLY_GOOD", "kind_of", "notes_on", "verdict_on"]

EQUALLY_GOOD = 2.0
"""AICc this near the least has substantial support (Burnham and Anderson 2002, section 2.6)."""
SIGNIFICANCE = 0.05
"""p-value below which a lack of fit, or a difference of forecasts, is told (Fisher 1925)."""
WORTH_TELLING = 0.01
"""Share of the squared error by which other forecasts must be better to be told: less is no reason to think again."""
FORECAST_CHECKED = "computed"
LADDER: tuple[tuple[Kind, ...], ...] = (
    ("no effect",),
    ("straight line",),
    ("concave",),
    ("S-shaped", "convex"),
)
"""Kinds of curve from the simplest to the most complicated."""


def kind_of(fit: Fit, rows: Rows) -> Kind:
    """Return the shape of a fitted curve over the spend seen."""
    curve = fit.curve
    if not np.isfinite(fit.log_likelihood):
        return "not fitted"
    if curve is None or fit.parameters[0, 1] == 0:
        return "no effect"
    if curve.form == "concave":
        return "straight line" if curve is LINE else "concave"
    bend = float(shape_of.inflection(curve, fit.parameters[0, 1:]))
    if bend >= rows.spend.max():
        return "convex"
    return "S-shaped" if bend > rows.spend.min() else "concave"


def verdict_on(candidates: Sequence[ComparedCurve]) -> tuple[Conclusion, str]:
    """Return the conclusion and its sentence, for candidates from the least AICc on."""
    judged = [c for c in candidates if np.isfinite(c.delta)]
    if not judged:
        return "undecided", "There are too few rows to compare curves."
    good = [c for c in judged if c.delta <= EQUALLY_GOOD]
    step = next(i for i, kinds in enumerate(LADDER) if any(c.kind in kinds for c in good))
    winner = next(c for c in good if c.kind in LADDER[step])
    simpler = [c for c in judged if any(c.kind in kinds for kinds in LADDER[:step])]
    more = [c for c in judged if any(c.kind in kinds for kinds in LADDER[step + 1 :])]
    return winner.kind, _sentence(winner, simpler, more)  # type: ignore[return-value]


def _sentence(winner: ComparedCurve, simpler: Sequence[ComparedCurve], more: Sequence[ComparedCurve]) -> str:
    if winner.kind == "no effect":
        return "No curve describes the data better than no effect: response is not shown to rise with spend."
    if winner.kind == "straight line":
        return "A straight line describes the data as well as any curve: no saturation is shown."
    next_best = min(simpler, key=lambda c: c.delta)
    margin = f"AICc {next_best.delta - winner.delta:.1f} lower than that of the {_worded(next_best)}"
    if winner.kind == "concave":
        s_curves = "as well as any S-curve" if more else "better than a straight line"
        return (
            f"A concave curve ({winner.name}) describes the data {s_curves}: marginal response is shown to fall "
            f"as spend rises ({margin}), an S-shape is not shown."
        )
    if winner.kind == "convex":
        return (
            f"Over the spend seen response rises ever faster ({winner.name}, {margin}): no saturation is shown, "
            "and the inflection lies beyond the largest spend."
        )
    return f"An S-curve ({winner.name}) describes the data better than any concave curve: {margin}."


def _worded(one: ComparedCurve) -> str:
    plain = {"no_effect": "model without an effect", "straight_line": "straight line"}
    return plain.get(one.name, f"best simpler curve, {one.name}")


def notes_on(candidates: Sequence[ComparedCurve], rows: Rows) -> tuple[str, ...]:
    """Return sentences on what limits the verdict or speaks against it."""
    notes = [*_on_rows(rows), *_on_forecasts(candidates)]
    best = candidates[0]
    if best.lack_of_fit.status == "tested" and best.lack_of_fit.p < SIGNIFICANCE:
        notes.append(
            f"Repeated spend shows that even the best curve ({best.name}) misses part of the pattern "
            f"(lack of fit p = {best.lack_of_fit.p:.2g})."
        )
    lost = [f"{c.name} ({c.status})" for c in candidates if not np.isfinite(c.delta)]
    if lost:
        notes.append(f"Not compared: {', '.join(lost)}.")
    unsure = [c.name for c in candidates if c.status == "not converged"]
    if unsure:
        notes.append(f"The search did not converge for {', '.join(unsure)}; its AICc may be too large.")
    return tuple(notes)


def _on_rows(rows: Rows) -> list[str]:
    if rows.spend.min() == rows.spend.max():
        return ["Spend is the same in every row, so nothing can be said about its effect."]
    return []


def _on_forecasts(candidates: Sequence[ComparedCurve]) -> list[str]:
    """Return a sentence where the rolling forecasts clearly prefer another curve, or could not be made."""
    best, checked = candidates[0], [c for c in candidates if c.forecast.status == FORECAST_CHECKED]
    if best.forecast.status != FORECAST_CHECKED:
        if best.forecast.status == "not asked for":
            return []
        return [f"Forecasts of the best curve ({best.name}) could not be checked: {best.forecast.status}."]
    from scipy.special import stdtrit

    ahead = min(checked, key=lambda c: c.forecast.squared)
    apart, error = best.forecast.squared_difference, best.forecast.squared_difference_error
    clear = float(stdtrit(best.forecast.blocks - 1, 1.0 - 0.5 * SIGNIFICANCE))
    if ahead is best or apart <= max(clear * error, WORTH_TELLING * best.forecast.squared):
        return []
    told = (
        f"Rolling forecasts speak against it: those of {ahead.name} have a mean squared error lower by "
        f"{apart:.3g} (standard error {error:.2g}) than those of {best.name}."
    )
    return [told]
