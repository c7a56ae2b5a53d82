"""`Curve`, the declaration of a response curve, the ``@curve`` decorator, and the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from mixcurve.foundations.arrays import Namespace, numpy_namespace
from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.parameters import Parameter
from mixcurve.foundations.results import register_codec

__all__ = ["Curve", "CurveRegistry", "curve", "curves", "resolve_curve"]

Form = Literal["sigmoid", "concave"]


@dataclass(frozen=True)
class Curve:
    """A response curve, declared once: response = top × unit curve(spend; shape parameters).

    Parameters
    ----------
    name
        Its name in the registry and in reports.
    parameters
        The shape parameters in the order the formula takes them. The amplitude ``top`` is not among them.
    formula
        ``formula(x, *shape parameters, xp)``: the unit curve, 0 at spend 0, written with ``xp``'s functions.
    form
        ``"concave"`` from the first unit of spend, or ``"sigmoid"``: convex first (possibly not at all), then concave.
    ceiling
        Whether the unit curve tends to 1, so that ``top`` is the saturated response. Without a ceiling ``top`` is
        the scale that the docstring gives.
    inflection
        Closed form of the inflection from the shape parameters, or None to have it computed.
    gradient
        Closed form ``gradient(x, *shape parameters) -> (value, derivative by each free parameter...)`` on NumPy
        arrays, or None to have it from dual numbers. Only for speed; the laws test it against dual numbers.
    reference
        Where the curve comes from.
    formula_text
        The formula in words for tables and reports.
    increasing
        Whether response never falls with spend; every curve of the registry has this.
    """

    name: str
    parameters: tuple[Parameter, ...]
    formula: Callable[..., Any]
    form: Form = "sigmoid"
    ceiling: bool = True
    inflection: Callable[..., Any] | None = None
    gradient: Callable[..., tuple[Any, ...]] | None = None
    reference: str = ""
    formula_text: str = ""
    increasing: bool = True
    __hash__ = object.__hash__

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parameters, ``top`` first."""
        return ("top", *(p.name for p in self.parameters))

    def unit(self, x: Any, shape: Sequence[Any], xp: Namespace | Any = numpy_namespace) -> Any:
        """Return the unit curve at spend ``x`` in any namespace; spend and parameters broadcast."""
        return self.formula(x, *shape, xp=xp)

    def __call__(self, spend: Any, **parameters: Any) -> Any:
        """Return the response at ``spend``, for example ``curves["hill"](30_000, top=900, half=40_000, slope=2)``."""
        top, *shape = self.arrays(parameters)
        with np.errstate(over="ignore", under="ignore"):
            return top * self.unit(np.asarray(spend, dtype=np.float64), shape)

    def arrays(self, parameters: Mapping[str, Any] | Any) -> tuple[Any, ...]:
        """Return ``(top, *shape)`` from a mapping by name, or from an array whose last axis holds them in order.

        A missing ``top`` is 1; a missing fixed parameter takes its fixed value.
        """
        if not isinstance(parameters, Mapping):
            values = np.asarray(parameters, dtype=np.float64)
            return tuple(values[..., i] for i in range(len(self.names)))
        for name in parameters:
            known_name(f"parameter of the curve {self.name}", name, self.names)
        defaults: dict[str, Any] = {"top": 1.0} | {
            p.name: p.fixed for p in self.parameters if p.fixed is not None
        }
        missing = [n for n in self.names if n not in parameters and n not in defaults]
        if missing:
            raise InputError(
                f"The curve {self.name} needs {', '.join(missing)}. Parameters: {', '.join(self.names)}."
            )
        return tuple(np.asarray(parameters.get(n, defaults.get(n)), dtype=np.float64) for n in self.names)


@dataclass
class CurveRegistry(Mapping[str, Curve]):
    """Curves by name: ``curves["hill"]``. A curve in it gets every law of ``response/curves/laws`` as a test."""

    _curves: dict[str, Curve] = field(default_factory=dict)

    def register(self, new: Curve) -> Curve:
        """Add a curve under its name and return it; a name is never taken twice."""
        if new.name in self._curves:
            raise InputError(f"A curve called '{new.name}' is registered already. Choose another name.")
        self._curves[new.name] = new
        return new

    def __getitem__(self, name: str) -> Curve:
        return self._curves[known_name("curve", name, self._curves)]

    def __contains__(self, name: object) -> bool:
        return name in self._curves

    def __iter__(self) -> Iterator[str]:
        return iter(self._curves)

    def __len__(self) -> int:
        return len(self._curves)


curves = CurveRegistry()
register_codec("curve", Curve, lambda c: c.name, curves.__getitem__)


def curve(
    parameters: Sequence[Parameter], *, name: str | None = None, **declared: Any
) -> Callable[[Callable[..., Any]], Curve]:
    """Declare a curve from its formula.

    Parameters
    ----------
    parameters
        The shape parameters, in the order of the formula's arguments.
    name
        The name of the curve; the function's name if not given.
    **declared
        Any other field of `Curve`.

    Examples
    --------
    >>> from mixcurve import Interval, Parameter, curve
    >>> @curve([Parameter("half", unit="spend")], form="concave")
    ... def root_share(x, half, xp):
    ...     return xp.tanh(x / half * 0.5493061443340549)
    >>> round(float(root_share(10.0, top=2.0, half=10.0)), 12)
    1.0
    """

    def declare(formula: Callable[..., Any]) -> Curve:
        text = (formula.__doc__ or "").strip().split("\n")[0]
        declared.setdefault("formula_text", text)
        return Curve(name or formula.__name__, tuple(parameters), formula, **declared)

    return declare


def resolve_curve(chosen: str | Curve) -> Curve:
    """Return the curve itself, looked up by name if a name is given."""
    return chosen if isinstance(chosen, Curve) else curves[chosen]
