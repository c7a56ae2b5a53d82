"""The laws that every curve keeps, and `check_curve`, which tries them all on anybody's curve."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from mixcurve.foundations.checks import known_name
from mixcurve.response.curves import laws_of_shape, laws_of_values
from mixcurve.response.curves.base import Curve, resolve_curve
from mixcurve.response.curves.law_cases import CurveLawError, Law

__all__ = ["LAWS", "CurveLawError", "check_curve"]


def _named(law: Law) -> tuple[str, Law]:
    return law.__name__.replace("_", " "), law


LAWS: Mapping[str, Law] = MappingProxyType(
    dict(
        _named(law)
        for law in (
            laws_of_values.closed_gradient,
            laws_of_values.nothing_from_nothing,
            laws_of_values.finite_everywhere,
            laws_of_values.rising,
            laws_of_values.tends_to_its_ceiling,
            laws_of_values.true_marginal,
            laws_of_values.true_second_derivative,
            laws_of_values.true_gradient,
            laws_of_values.same_in_any_unit,
            laws_of_shape.inflection_is_where_it_is_steepest,
            laws_of_shape.same_inflection_by_search,
            laws_of_shape.bends_as_declared,
            laws_of_shape.inverse_undoes_response,
            laws_of_shape.half_saturation_is_half,
            laws_of_shape.elasticity_is_a_ratio,
            laws_of_shape.marginal_inverse_undoes_marginal,
            laws_of_shape.tangent_touches_from_above,
        )
    )
)
"""Every law by name, each a function of a curve that raises `CurveLawError`."""


def check_curve(curve: str | Curve, *, leave_out: Collection[str] = ()) -> None:
    """Try every law on a curve: at the corners of its parameters' domains, at typical values, in three units of money.

    A curve that passes fits, optimises and plots with the rest of mixcurve; every curve of the registry passes. Declare
    a narrower domain if a law breaks only at its corners.

    Parameters
    ----------
    curve
        The curve, or the name of a registered one.
    leave_out
        Names of laws (keys of `LAWS`) not to try.

    Raises
    ------
    CurveLawError
        At the first broken law, naming it, the parameters, the spend and the values found.
    InputError
        If there is no law of a name in ``leave_out``.

    Examples
    --------
    >>> from mixcurve import Interval, Parameter, curve
    >>> from mixcurve.response.curves.laws import check_curve
    >>> half = Parameter("half", unit="spend")
    >>> @curve([half], form="concave")
    ... def rational(x, half, xp):
    ...     return x / (half + x)
    >>> check_curve(rational)
    >>> @curve([half], form="concave")
    ... def shifted(x, half, xp):
    ...     return (x + 0.1 * half) / (half + x)
    >>> check_curve(shifted)
    Traceback (most recent call last):
        ...
    mixcurve.response.curves.law_cases.CurveLawError: The curve 'shifted' breaks the law 'nothing from nothing': ...
    """
    for name in leave_out:
        known_name("law", name, LAWS)
    chosen = resolve_curve(curve)
    for name, law in LAWS.items():
        if name not in leave_out:
            law(chosen)
