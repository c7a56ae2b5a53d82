"""`sample_curve`: the response curve of one campaign by its posterior."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.progress import Progress
from mixcurve.response.bayes.curve.assemble import assembled
from mixcurve.response.bayes.curve.data import COUNTS, CampaignData, campaign_data
from mixcurve.response.bayes.curve.model import CampaignModel
from mixcurve.response.bayes.curve.noise import FAMILIES
from mixcurve.response.bayes.curve.posterior import CurvePosterior
from mixcurve.response.bayes.curve.quantities import shape_quantity, size_quantity
from mixcurve.response.bayes.curve.stages import Run, sampled_in_stages
from mixcurve.response.bayes.curve.words import Ranges, curve_ranges
from mixcurve.response.curves import Curve, resolve_curve
from mixcurve.response.fit.curve.rows import campaign_rows

__all__ = ["checked_run", "posed", "sample_curve"]

FloatArray = npt.NDArray[np.float64]

FEWEST_DRAWS = 8
"""Of each chain: fewer show nothing of how it moves."""


def sample_curve(
    spend: npt.ArrayLike,
    response: npt.ArrayLike,
    *,
    curve: str | Curve = "hill",
    family: str = "gaussian",
    baseline: bool = True,
    weights: npt.ArrayLike | None = None,
    exposures: npt.ArrayLike | None = None,
    priors: Ranges | None = None,
    chains: int = 4,
    draws: int = 1000,
    tune: int = 500,
    target_accept: float = 0.95,
    seed: int = 0,
    level: float = 0.9,
    current: float | None = None,
    response_value: float = 1.0,
    channel: str = "campaign",
    every: str = "week",
    currency: str | None = None,
    response_name: str = "response",
    progress: Progress | bool | None = None,
) -> CurvePosterior:
    """Sample the posterior of one response curve: response = baseline + top × unit curve(spend; shape) + noise.

    Sampled are the logarithm of the mean contribution per row, the shape parameters and the noise, each standard normal
    under its prior; ``top`` is derived. A baseline under normal noise is integrated out and drawn exactly afterwards.

    Parameters
    ----------
    spend, response
        (n,) each, in any units; zero spend is ordinary.
    curve
        A name in `curves`, or a curve of your own: its declaration is all that is needed.
    family
        ``"gaussian"``; ``"student-t"`` for a response with outliers, whose degrees of freedom are sampled;
        ``"poisson"`` or ``"negative binomial"`` for counts; ``"binomial"`` for conversions out of ``exposures``.
    baseline
        Whether there is a response without spend. If the response is never negative, neither is its baseline.
    weights
        (n,) positive weights, the inverse of each row's variance up to a factor; not for counts.
    exposures
        (n,) how many could convert; for the binomial family only.
    priors
        Ranges that hold 90%, by name, such as ``{"half": (20_000, 80_000), "roi": (0.5, 3.0)}``: shape parameters in
        the units of the data, and ROI over all rows, in money where ``response_value`` is given. What is not named has
        the typical range of its declaration, and an effect of hardly any limit.
    chains, draws, tune, target_accept
        Of the no-U-turn sampler; ``draws`` and ``tune`` are of each chain.
    seed
        The same seed gives the same draws, whatever the units of spend and response.
    level
        Of the intervals.
    current
        Spend of the present plan, where mROI is taken; the mean of ``spend`` if not given.
    response_value
        Money per response, for ROI and mROI.
    channel, every, currency, response_name
        Words for tables and reports.
    progress
        Called as ``progress(stage, done, total)``, or True for a bar on a terminal; None or False tells nothing.

    Returns
    -------
    CurvePosterior
        Satisfies `Fitted`; ``interval``, ``table``, ``inference`` (for ArviZ), ``evidence``, ``status``.

    Raises
    ------
    InputError
        For arrays of different lengths, values that are not finite, negative spend, counts that are no counts, a
        response that never changes, or a prior that is impossible; before anything is sampled.

    Notes
    -----
    Source: Hoffman and Gelman (2014) for the sampler; Gelman et al. (2013), Bayesian Data Analysis, chapter 5.

    Examples
    --------
    A curve of your own samples from its declaration:

    >>> import numpy as np
    >>> from mixcurve import Parameter, curve
    >>> from mixcurve.response.bayes.curve.sample import sample_curve
    >>> @curve([Parameter("half", unit="spend")], form="concave")
    ... def my_hyperbola(x, half, xp):
    ...     return x / (x + half)
    >>> spend = np.linspace(0, 100, 40)
    >>> orders = 20 + 50 * spend / (spend + 30) + np.random.default_rng(0).normal(0, 1, 40)
    >>> post = sample_curve(spend, orders, curve=my_hyperbola, draws=300, tune=200, seed=1)
    >>> half = post.interval("campaign", "half")
    >>> bool(half.low < 30 < half.high), post.draws.shape
    (True, (1200, 1, 2))
    """
    chosen, run = resolve_curve(curve), checked_run(chains, draws, tune, seed, target_accept, progress)
    number("level", level, low=0.5, high=0.999)
    known_name("family", family, FAMILIES)
    kind = "gaussian" if family == "student-t" else family
    if family in COUNTS and weights is not None:
        raise InputError(f"weights do not go with family='{family}'; leave them out.")
    x, y, weight = campaign_rows(spend, response, weights, exposures, kind)
    if family not in COUNTS and len(y) > 1 and np.ptp(y) == 0:
        raise InputError(f"response is {y[0]:g} in every row, so nothing can be learnt. Check the column.")
    data = campaign_data((channel,), np.zeros(len(x), dtype=np.intp), x, y, weight, family)
    value = number("response_value", response_value, low=0.0, open_low=True)
    model = posed(data, chosen, family, baseline, priors, value)
    present = float(x.mean()) if current is None else number("current", current, low=0.0)
    words = {"currency": currency, "response_name": response_name, "response_value": value}
    stages = sampled_in_stages(model, run, 1)
    return assembled(
        model, stages, np.array([present]), failed=(), level=level, every=every, words=words
    )  # fmt: skip


def posed(
    data: CampaignData, curve: Curve, family: str, baseline: bool, priors: Ranges | None, value: float
) -> CampaignModel:
    """Return the model of checked rows."""
    ranges = curve_ranges(priors, curve, data, value)
    noise = FAMILIES[family]
    shapes = (shape_quantity(p, data, ranges.get(p.name)) for p in curve.parameters if p.free)
    quantities = (size_quantity(data, ranges.get("roi")), *shapes, *noise.sampled(data))
    return CampaignModel(data, curve, noise, baseline, quantities)


def checked_run(
    chains: Any, draws: Any, tune: Any, seed: Any, target_accept: Any, progress: Progress | bool | None
) -> Run:
    """Return how to sample, each number checked."""
    return Run(
        int(number("chains", chains, low=1)),
        int(number("draws", draws, low=FEWEST_DRAWS)),
        int(number("tune", tune, low=50)),
        int(number("seed", seed, low=0)),
        number("target_accept", target_accept, low=0.5, high=0.999),
        progress,
    )
