"""The built-in curves and nothing else.

Every unit curve is 0 at spend 0 and rises. ``half`` is the half-saturation: the spend at which response is half of
``top``. Logistic, Gompertz and Richards are not 0 at 0 by themselves, so they are taken as
``(F(x) - F(0)) / (1 - F(0))``, in a form without cancellation.
"""

from __future__ import annotations

from math import atanh, log
from typing import Any

import numpy as np

from mixcurve.foundations.arrays import SMALLEST, Namespace
from mixcurve.foundations.parameters import Interval, Parameter
from mixcurve.response.curves.base import curve, curves

__all__: list[str] = []

LOG_2 = log(2.0)
HALF = Parameter(
    "half", unit="spend", description="half-saturation: the spend at which response is half of top"
)
SLOPE = Parameter(
    "slope", Interval(0.2, 20.0), Interval(0.7, 5.0), description="steepness; above 1 the curve is S-shaped"
)
MIDPOINT = Parameter("midpoint", unit="spend", description="the spend at the inflection")
STEEPNESS = Parameter(
    "steepness", Interval(0.05, 40.0), Interval(1.0, 8.0), description="midpoint over the width of the bend"
)


def _hill_inflection(half: Any, slope: Any) -> Any:
    bent = np.maximum(slope, 1.0)
    return np.asarray(half) * ((bent - 1.0) / (bent + 1.0)) ** (1.0 / bent)


def _hill_gradient(x: Any, half: Any, slope: Any) -> tuple[Any, ...]:
    distance = np.log(np.maximum(x, SMALLEST)) - np.log(half)
    z = slope * distance
    small = np.exp(-np.abs(z))
    share = 1.0 / (1.0 + small)
    below = small * share
    rate = below * share
    distance *= rate
    rate *= -slope / half
    return np.where(z >= 0, share, below), rate, distance


@curves.register
@curve(
    [HALF, SLOPE],
    inflection=_hill_inflection,
    gradient=_hill_gradient,
    reference="Hill, A. V. (1910), Journal of Physiology 40, iv-vii",
)
def hill(x: Any, half: Any, slope: Any, xp: Namespace) -> Any:
    """x^slope / (half^slope + x^slope): the sigmoid of slope (log x - log half)."""
    return xp.expit(slope * (xp.log(x) - xp.log(half)))


def _logistic_inflection(midpoint: Any, steepness: Any) -> Any:
    return np.asarray(midpoint) + 0.0 * np.asarray(steepness)


@curves.register
@curve(
    [MIDPOINT, STEEPNESS],
    inflection=_logistic_inflection,
    reference="Verhulst, P.-F. (1838), Correspondance mathématique et physique 10, 113-121",
)
def logistic(x: Any, midpoint: Any, steepness: Any, xp: Namespace) -> Any:
    """(F(x) - F(0)) / (1 - F(0)) with F(x) = 1 / (1 + exp(-steepness (x / midpoint - 1)))."""
    # F(x) - F(0) = F(x) (1 - F(0)) (1 - exp(-steepness x / midpoint)), exactly.
    rise = steepness * (x / midpoint)
    return -xp.expit(rise - steepness) * xp.expm1(-rise)


@curves.register
@curve(
    [
        MIDPOINT,
        Parameter("steepness", Interval(0.05, 6.0), Interval(0.7, 4.0), description=STEEPNESS.description),
    ],
    inflection=_logistic_inflection,
    reference="Gompertz, B. (1825), Philosophical Transactions 115, 513-583",
)
def gompertz(x: Any, midpoint: Any, steepness: Any, xp: Namespace) -> Any:
    """(F(x) - F(0)) / (1 - F(0)) with F(x) = exp(-exp(-steepness (x / midpoint - 1)))."""
    # F(x) - F(0) = -F(x) expm1(-(e^s - e^(s - s x / m))): no difference of near-equal numbers is taken.
    decay = steepness * (x / midpoint)
    start = xp.exp(steepness)
    return xp.exp(-start * xp.exp(-decay)) * xp.expm1(start * xp.expm1(-decay)) / xp.expm1(-start)


def _weibull_inflection(half: Any, slope: Any) -> Any:
    bent = np.maximum(slope, 1.0)
    return np.asarray(half) * ((bent - 1.0) / (bent * LOG_2)) ** (1.0 / bent)


@curves.register
@curve(
    [HALF, SLOPE],
    inflection=_weibull_inflection,
    reference="Weibull, W. (1951), Journal of Applied Mechanics 18, 293-297",
)
def weibull(x: Any, half: Any, slope: Any, xp: Namespace) -> Any:
    """1 - 2^(-(x / half)^slope): the Weibull distribution function with its median at half."""
    return -xp.expm1(-LOG_2 * xp.exp(slope * (xp.log(x) - xp.log(half))))


@curves.register
@curve(
    [
        MIDPOINT,
        Parameter("steepness", Interval(0.05, 20.0), Interval(1.0, 6.0), description=STEEPNESS.description),
        Parameter(
            "skew",
            Interval(0.1, 10.0),
            Interval(0.3, 3.0),
            description="1 is the logistic; towards 0, Gompertz",
        ),
    ],
    inflection=lambda midpoint, steepness, skew: np.asarray(midpoint) + 0.0 * steepness * skew,
    reference="Richards, F. J. (1959), Journal of Experimental Botany 10, 290-300",
)
def richards(x: Any, midpoint: Any, steepness: Any, skew: Any, xp: Namespace) -> Any:
    """(F(x) - F(0)) / (1 - F(0)) with F(x) = (1 + skew exp(-steepness (x / midpoint - 1)))^(-1 / skew)."""
    offset = xp.log(skew) + steepness
    rise = steepness * (x / midpoint)
    log_value = -xp.softplus(offset - rise) / skew
    log_start = -xp.softplus(offset) / skew
    # log F(0) - log F(x), with no difference of near-equal numbers near spend 0 nor near the ceiling.
    log_ratio = -xp.log1p(-xp.expm1(-rise) / (xp.exp(-offset) + xp.exp(-rise))) / skew
    return xp.exp(log_value) * xp.expm1(log_ratio) / xp.expm1(log_start)


@curves.register
@curve(
    [HALF],
    form="concave",
    reference="Michaelis, L. and Menten, M. L. (1913), Biochemische Zeitschrift 49, 333-369",
)
def michaelis_menten(x: Any, half: Any, xp: Namespace) -> Any:
    """x / (half + x): Hill with slope 1."""
    return x / (half + x)


@curves.register
@curve(
    [HALF], form="concave", reference="Mitscherlich, E. A. (1909), Landwirtschaftliche Jahrbücher 38, 537-552"
)
def exponential(x: Any, half: Any, xp: Namespace) -> Any:
    """1 - 2^(-x / half): each further half of spend closes half of the remaining distance to top."""
    return -xp.expm1(-LOG_2 * (x / half))


@curves.register
@curve(
    [HALF],
    form="concave",
    reference="Jassby, A. D. and Platt, T. (1976), Limnology and Oceanography 21, 540-547",
)
def tanh(x: Any, half: Any, xp: Namespace) -> Any:
    """tanh(atanh(1/2) x / half)."""
    return xp.tanh(atanh(0.5) * (x / half))


@curves.register
@curve(
    [
        Parameter(
            "reference", unit="spend", fixed=1.0, description="the spend at which response is top; not fitted"
        ),
        Parameter(
            "exponent",
            Interval(0.02, 1.0),
            Interval(0.2, 0.9),
            description="the elasticity; 1 is a straight line",
        ),
    ],
    form="concave",
    ceiling=False,
    reference="Cobb, C. W. and Douglas, P. H. (1928), American Economic Review 18, 139-165",
)
def power(x: Any, reference: Any, exponent: Any, xp: Namespace) -> Any:
    """(x / reference)^exponent: constant elasticity, no ceiling; top is the response at the reference spend."""
    # The quotient is 1, but 0 at spend 0, where a small power of the floor is not small.
    return xp.exp(exponent * (xp.log(x) - xp.log(reference))) * (x / xp.floor(x))


@curves.register
@curve(
    [Parameter("scale", unit="spend", description="the spend where diminishing returns set in")],
    form="concave",
    ceiling=False,
    reference="Simon, J. L. and Arndt, J. (1980), Journal of Advertising Research 20(4), 11-28",
)
def logarithm(x: Any, scale: Any, xp: Namespace) -> Any:
    """log(1 + x / scale): no ceiling; top is the response at a spend of 1.718 times the scale."""
    return xp.log1p(x / scale)
