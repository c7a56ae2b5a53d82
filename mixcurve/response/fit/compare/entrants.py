"""Which curves compete: those asked for, and those that always do, so that an S-curve is a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import Curve, curves
from mixcurve.response.fit.rivals import CONCAVE_RIVALS, LINE

__all__ = ["DEFAULT_CURVES", "NO_EFFECT", "Entrant", "entrants"]

NO_EFFECT = "no_effect"
"""The floor of every comparison: a response that does not depend on spend."""
DEFAULT_CURVES = ("hill", "logistic", "gompertz", "weibull", "logarithm")
"""S-curves of two shape parameters and a curve without a ceiling; the concave rivals of S-curves join by themselves."""


@dataclass(frozen=True)
class Entrant:
    """A name and its curve; the curve is None for no effect."""

    name: str
    curve: Curve | None


def entrants(chosen: Sequence[str | Curve]) -> tuple[Entrant, ...]:
    """Return everything that competes, the simplest first.

    No effect, the straight line and the power curve always compete; an S-curve brings the concave curves that it could
    mimic (`CONCAVE_RIVALS`), since a bend has to beat all of them.

    Examples
    --------
    >>> [e.name for e in entrants(["hill"])]
    ['no_effect', 'straight_line', 'power', 'michaelis_menten', 'exponential', 'tanh', 'hill']
    """
    if isinstance(chosen, str | Curve) or not isinstance(chosen, Sequence):
        raise InputError(f"curves must be a list of names or curves, got {chosen!r}. Write it in brackets.")
    asked = [_resolved(c) for c in chosen]
    bent = any(e.curve is not None and e.curve.form == "sigmoid" for e in asked)
    rivals = [LINE, curves["power"], *(CONCAVE_RIVALS if bent else ())]
    everyone = [Entrant(NO_EFFECT, None), *(Entrant(c.name, c) for c in rivals), *asked]
    found: dict[str, Entrant] = {}
    for one in everyone:
        known = found.setdefault(one.name, one)
        if known.curve is not one.curve:
            raise InputError(f"Two different curves are called '{one.name}'. Rename one of them.")
    return tuple(found.values())


def _resolved(chosen: str | Curve) -> Entrant:
    if isinstance(chosen, Curve):
        return Entrant(chosen.name, chosen)
    known_name("curve", chosen, [NO_EFFECT, LINE.name, *curves])
    if chosen == NO_EFFECT:
        return Entrant(NO_EFFECT, None)
    return Entrant(chosen, LINE if chosen == LINE.name else curves[chosen])
