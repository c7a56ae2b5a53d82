"""Curves as a user would declare them, for the tests of laws and of PyTensor."""

from __future__ import annotations

from mixcurve import Interval, Parameter, curve


@curve(
    [
        Parameter("midpoint", unit="spend", description="spend scale"),
        Parameter("slope", Interval(0.5, 10.0), Interval(0.8, 4.0), description="steepness"),
        Parameter("asymmetry", Interval(0.2, 5.0), Interval(0.5, 2.0), description="1 is Hill"),
    ],
    reference="Finney, D. J. (1979), Biometrics 35, 715-718",
)
def log_logistic5(x, midpoint, slope, asymmetry, xp):
    """(1 + (midpoint / x)^slope)^(-asymmetry)."""
    return xp.exp(-asymmetry * xp.softplus(-slope * (xp.log(x) - xp.log(midpoint))))


@curve(
    [Parameter("half", unit="spend")],
    form="concave",
    reference="Hyperbolic response with a straight first part",
)
def root_hyperbola(x, half, xp):
    """x / sqrt(x^2 + 3 half^2), written with the functions of a namespace only."""
    return x * xp.exp(-0.5 * (2.0 * xp.log(half) + xp.log(3.0 + (x / half) ** 2)))
