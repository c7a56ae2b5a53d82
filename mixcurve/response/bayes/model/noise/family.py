"""A family of noise by name, and what each asks of the response."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, known_name
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.model.likelihood import IntegratedGaussian, Likelihood
from mixcurve.response.bayes.model.noise.count_families import (
    Binomial,
    CountFamily,
    NegativeBinomial,
    Poisson,
)
from mixcurve.response.bayes.model.noise.counts import Counts
from mixcurve.response.bayes.model.noise.gaussian import AutoregressiveGaussian
from mixcurve.response.bayes.model.noise.student import StudentT
from mixcurve.response.bayes.model.problem import BayesProblem
from mixcurve.response.bayes.model.space import ParameterMap, Space
from mixcurve.response.bayes.priors.resolved import ResolvedPriors
from mixcurve.response.bayes.vectors.rows import DrawVectors

__all__ = ["FAMILIES", "noise_family", "noise_maps", "noise_values"]

FloatArray = npt.NDArray[np.float64]

COUNTS: dict[str, CountFamily] = {f.name: f for f in (Poisson(), NegativeBinomial(), Binomial())}
FAMILIES = ("gaussian", "student-t", *COUNTS)
"""The names of the families."""


def noise_family(
    name: str,
    *,
    autoregressive: bool = False,
    priors: ResolvedPriors,
    problem: BayesProblem,
    trials: Any = None,
) -> Likelihood:
    """Return how the response scatters about its mean.

    - ``"gaussian"``: normal; the linear part is integrated out, with autocorrelation too.
    - ``"student-t"``: heavier tails, their weight learned; the linear part's coefficients are sampled.
    - ``"poisson"``, ``"negative binomial"``: the response is a count of variance mean, or mean + dispersion · mean².
    - ``"binomial"``: the response counts the successes among so many trials.

    Counts have no log link: baseline and channels add up, and their sum is kept positive smoothly.

    Parameters
    ----------
    autoregressive
        Whether noise carries over from one period to the next; for ``"gaussian"`` and ``"student-t"``.
    trials
        For ``"binomial"``: trials of each row (n,), in the order of the table's rows.

    Returns
    -------
    Likelihood

    Raises
    ------
    InputError
        For an unknown name; a response that never changes; counts that are negative, not whole or autoregressive;
        trials that are missing, out of place, not whole, negative, fewer than the response, or all successes.

    Examples
    --------
    >>> import mixcurve as mc
    >>> from mixcurve.response.bayes.model.problem import pose_for_sampling
    >>> from mixcurve.response.fit.mix.options import mix_options
    >>> table = mc.simulate_market(["tv", "search"], periods=104, seed=1).table
    >>> options = mix_options(
    ...     table,
    ...     curve="hill",
    ...     carryover="geometric",
    ...     order="carryover first",
    ...     noise="gaussian",
    ...     errors="independent",
    ...     groups="separate",
    ... )
    >>> problem = pose_for_sampling(table, options, {"season": 2})
    >>> noise_family("student-t", autoregressive=True, priors=ResolvedPriors((), {}), problem=problem).name
    'student-t autoregressive'
    """
    known_name("family of noise", name, FAMILIES)
    response = problem.mix.table.response
    if np.ptp(problem.mix.y) == 0:
        raise InputError(
            f"The response is {response[0]:g} in every row, so it tells of no effect. Check the column."
        )
    if name != "binomial" and trials is not None:
        raise InputError(f"trials are for noise='binomial', but noise is '{name}'. Leave trials out.")
    if name == "gaussian":
        return AutoregressiveGaussian(priors) if autoregressive else IntegratedGaussian(priors)
    if name == "student-t":
        return StudentT(priors, autoregressive)
    if autoregressive:
        raise InputError(
            f"noise='{name}' counts independently in each row and cannot be autoregressive. Use trend='local level' "
            "for a level that wanders, or noise='gaussian' for large counts."
        )
    _whole("The response", response, f"noise='{name}' is for counts; use noise='gaussian' or 'student-t'.")
    return Counts(priors, COUNTS[name], _trials(trials, response) if name == "binomial" else None)


def _whole(what: str, values: FloatArray, remedy: str) -> None:
    wrong = np.flatnonzero((values < 0) | (values != np.round(values)))
    if wrong.size:
        raise InputError(
            f"{what} must be whole numbers of at least 0, but is {values[wrong[0]]:g} in row {wrong[0] + 1}. {remedy}"
        )


def _trials(trials: Any, response: FloatArray) -> FloatArray:
    if trials is None:
        raise InputError(
            "noise='binomial' needs the trials of each row. Give trials, an array of one number a row."
        )
    counted = finite_array("trials", trials, ndim=1)
    if len(counted) != len(response):
        raise InputError(
            f"trials has {len(counted)} values, but the table has {len(response)} rows. Give one for each row."
        )
    _whole("trials", counted, "Give the number of trials of each row.")
    short = np.flatnonzero(counted < response)
    if short.size:
        raise InputError(
            f"trials must be at least the response, but row {short[0] + 1} has {counted[short[0]]:g} trials for a "
            f"response of {response[short[0]]:g}. Check that both count the same people."
        )
    if (counted == response).all():
        raise InputError(
            "Every trial succeeds in every row, so nothing can be learned. Check the column of trials."
        )
    return counted


def noise_maps(likelihood: Likelihood) -> dict[str, ParameterMap]:
    """Return the map of each block of a family's noise: its prior, and the way from coordinate to value.

    ``"noise"`` is a standard deviation over the response's unit (a scale with Student-t noise; of what is new in each
    period with autoregressive noise). The others have no unit.
    """
    if isinstance(likelihood, IntegratedGaussian):
        return {"noise": likelihood.priors.noise}
    return dict(getattr(likelihood, "maps", {}))


def noise_values(likelihood: Likelihood, space: Space, draws: FloatArray) -> dict[str, FloatArray]:
    """Return the parameters (draws,) of the noise by block, for draws (draws × d) of the position."""
    xp = DrawVectors()
    maps = noise_maps(likelihood)
    return {name: m(xp, xp.position(draws[:, space.rows(name)])).values[:, 0] for name, m in maps.items()}
