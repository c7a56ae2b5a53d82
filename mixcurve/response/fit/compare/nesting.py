"""Likelihood ratios, only between curves of which one contains the other well inside its domain.

Where the smaller curve lies on the boundary of the larger, or is a limit that the larger never reaches, the ratio has
no chi-square distribution (Self and Liang 1987, Journal of the American Statistical Association 82, 605-610), and where
a parameter has no meaning without the effect it has none either (Davies 1977, Biometrika 64, 247-254). Such pairs are
listed and not tested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mixcurve.foundations.results import Result
from mixcurve.response.fit.compare.entrants import NO_EFFECT, Entrant
from mixcurve.response.fit.compare.solving import Fit

__all__ = ["NESTINGS", "NestedTest", "Nesting", "nested_tests"]

NestedStatus = Literal[
    "tested",
    "on the boundary, not tested",
    "a fit is at a bound, not tested",
    "the larger fit is worse, not tested",
    "not fitted",
]
BOUNDARY: NestedStatus = "on the boundary, not tested"
AT_BOUND: NestedStatus = "a fit is at a bound, not tested"
WORSE: NestedStatus = "the larger fit is worse, not tested"
SEARCH_AGREES = 1e-6
"""Twice the difference of log-likelihoods to which two searches for the same optimum agree."""


@dataclass(frozen=True)
class Nesting:
    """The smaller curve is the larger with its parameters at these values; an infinity or 0 is a limit.

    ``boundary`` tells that the values are not inside the larger curve's domain, and ``reason`` why.
    """

    smaller: str
    larger: str
    at: Mapping[str, float]
    boundary: bool = False
    reason: str = ""

    @property
    def where(self) -> str:
        """The values in words, such as ``slope = 1``."""
        return ", ".join(f"{name} = {value:g}" for name, value in self.at.items())


FAR = "the line is only reached at infinite half-saturation"
NESTINGS = (
    Nesting("michaelis_menten", "hill", {"slope": 1.0}),
    Nesting("exponential", "weibull", {"slope": 1.0}),
    Nesting("logistic", "richards", {"skew": 1.0}),
    Nesting("straight_line", "power", {"exponent": 1.0}, True, "the exponent is at most 1"),
    Nesting("straight_line", "michaelis_menten", {"half": np.inf}, True, FAR),
    Nesting("straight_line", "exponential", {"half": np.inf}, True, FAR),
    Nesting("straight_line", "tanh", {"half": np.inf}, True, FAR),
    Nesting("straight_line", "hill", {"slope": 1.0, "half": np.inf}, True, FAR),
    Nesting("straight_line", "weibull", {"slope": 1.0, "half": np.inf}, True, FAR),
    Nesting(
        "straight_line", "logarithm", {"scale": np.inf}, True, "the line is only reached at infinite scale"
    ),
    Nesting(
        "tanh", "logistic", {"steepness": 0.0}, True, "tanh is only reached as steepness and midpoint go to 0"
    ),
    Nesting("gompertz", "richards", {"skew": 0.0}, True, "Gompertz is only reached as skew goes to 0"),
)
"""Which built-in curve contains which other. No effect lies in all of them, at top = 0."""
NO_TOP = "top is at least 0, and without an effect the shape has no meaning"


@dataclass(frozen=True, eq=False)
class NestedTest(Result):
    """A likelihood ratio of two nested curves; NaN where ``status`` is not ``"tested"``.

    ``statistic`` is twice the difference of the log-likelihoods and ``p`` its chi-square p-value with ``degrees``
    degrees of freedom: small means that the larger curve is needed.
    """

    smaller: str
    larger: str
    where: str
    status: NestedStatus
    reason: str = ""
    statistic: float = float("nan")
    degrees: int = 0
    p: float = float("nan")


def nested_tests(competing: Sequence[Entrant], fits: Sequence[Fit]) -> tuple[NestedTest, ...]:
    """Return the likelihood ratio of every nested pair of the curves that compete, or why there is none."""
    fitted = {e.name: fit for e, fit in zip(competing, fits, strict=True)}
    declared = [
        Nesting(NO_EFFECT, e.name, {"top": 0.0}, True, NO_TOP) for e in competing if e.curve is not None
    ]
    pairs = [n for n in (*NESTINGS, *declared) if n.smaller in fitted and n.larger in fitted]
    return tuple(_tested(n, fitted[n.smaller], fitted[n.larger]) for n in pairs)


def _tested(pair: Nesting, smaller: Fit, larger: Fit) -> NestedTest:
    from scipy.special import chdtrc

    names = pair.smaller, pair.larger, pair.where
    if pair.boundary:
        return NestedTest(*names, BOUNDARY, pair.reason)
    if not (np.isfinite(smaller.log_likelihood) and np.isfinite(larger.log_likelihood)):
        return NestedTest(*names, "not fitted")
    if {smaller.status, larger.status} != {"converged"}:
        return NestedTest(*names, AT_BOUND, f"{pair.smaller} {smaller.status}, {pair.larger} {larger.status}")
    twice = 2.0 * (larger.log_likelihood - smaller.log_likelihood)
    if twice < -SEARCH_AGREES:
        return NestedTest(
            *names, WORSE, f"its log-likelihood is {-0.5 * twice:g} lower: its search ended too early"
        )
    twice = max(twice, 0.0)
    degrees = larger.estimated - smaller.estimated
    return NestedTest(*names, "tested", "", twice, degrees, float(chdtrc(degrees, twice)))
