"""What the data have taught: each figure of a model under its prior and under its posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from mixcurve.foundations.checks import number
from mixcurve.response.bayes.learned.own import OwnSizes, own_sizes
from mixcurve.response.bayes.learned.quantities import Quantity, quantities
from mixcurve.response.bayes.learned.scores import Moments, moments, normal_scores, overlap
from mixcurve.response.bayes.learned.table import (
    DATA,
    MOSTLY_PRIOR,
    NOT_KNOWN,
    OTHER_CHANNELS,
    PRIOR_ONLY,
    Learned,
    LearnedTable,
)
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.priors.sizes_drawn import prior_positions
from mixcurve.response.bayes.sample.sampled import Sampled

__all__ = ["prior_against_posterior"]

FloatArray = npt.NDArray[np.float64]

REFERENCE = 10_000
"""Draws from the prior that posterior draws are ranked among: their chance adds a hundredth to a mean's error."""
EQUAL = float(special.chdtri(2, 0.01))
"""Mean and variance are taken to be the prior's unless so far off by chance in less than one of a hundred cases."""
NOTHING = 0.1
"""Of the prior's standard deviation and of its variance: what the data say is nothing if they move it no further."""
KNOWN_ERROR = 0.15
"""A mean known less well than this, in prior standard deviations (about 45 effective draws), tells nothing."""
HALF = 0.5
"""From this share of information on, or below this overlap, a figure is said to come from the data."""


def prior_against_posterior(
    model: MixModel, sampled: Sampled, *, value: float = 1.0, level: float = 0.9, seed: int = 0
) -> LearnedTable:
    """Return each figure's prior beside its posterior, and how much of it came from the data.

    A figure is put on the scale where its prior is standard normal: its own coordinate, or its rank among prior draws.
    There contraction is 1 - variance; for a normal likelihood that is the share of the posterior's precision that the
    data brought. The verdict follows in this order:

    - ``"not known"``: the mean has a Monte Carlo error above 0.15 prior standard deviations;
    - ``"prior only: these data say nothing"``: mean and variance are the prior's within Monte Carlo error (χ² of the
      two at 1%), or no further from them than a tenth of its standard deviation and of its variance;
    - ``"mostly prior"``: the share of information from the data is below a half and the densities overlap by a half;
    - ``"data"``: otherwise.

    A channel's ROI is compared with its prior given all other channels, since the sizes are drawn towards one another:
    where the data on the channel itself say nothing but the others moved it, the verdict is ``"other channels"``. Its
    share is 1 - variance of the log size over the variance it would have were all other channels known exactly.

    Parameters
    ----------
    model, sampled
        The model, and draws of its position.
    value
        What a unit of response is worth, for ROI in money per money.
    level
        Of the ranges of prior and posterior.
    seed
        Of the prior's draws.

    Notes
    -----
    Source of contraction: Betancourt (2018), "Calibrating model-based inferences and decisions", section 1.3. The prior
    is that of the channels and the noise; evidence from experiments counts as data.

    Examples
    --------
    Draws from the prior have learned nothing:

    >>> from mixcurve import simulate_market
    >>> from mixcurve.response.bayes.model.likelihood import IntegratedGaussian
    >>> from mixcurve.response.bayes.model.problem import pose_for_sampling
    >>> from mixcurve.response.bayes.priors.words import resolve_priors
    >>> from mixcurve.response.fit.mix.options import mix_options
    >>> table = simulate_market(["tv", "search"], periods=104, seed=1).table
    >>> options = mix_options(
    ...     table,
    ...     curve="hill",
    ...     carryover="geometric",
    ...     order="carryover first",
    ...     noise="gaussian",
    ...     errors="independent",
    ...     groups="separate",
    ... )
    >>> problem = pose_for_sampling(table, options, {"trend": "linear", "season": 1})
    >>> priors = resolve_priors(problem, {"*": {"contribution": (0.02, 0.2)}})
    >>> model = MixModel(problem, priors, IntegratedGaussian(priors))
    >>> positions = model.prior_draws(2000, np.random.default_rng(1)).reshape(4, 500, -1)
    >>> learned = prior_against_posterior(model, Sampled(positions, "none", 1))
    >>> learned.of("tv", "half").verdict
    'prior only: these data say nothing'
    """
    share = number("level", level, low=0.5, high=0.99)
    worth = number("value", value, low=0.0, open_low=True)
    rng = np.random.default_rng(seed)
    before = quantities(model, prior_positions(model, REFERENCE, rng), worth)
    after = quantities(model, sampled.flat, worth)
    own = own_sizes(model, sampled.flat)
    shape = sampled.positions.shape[:2]
    # A prior of marginal response ties a channel's shape to its size, so coordinates are no longer drawn apart.
    exact = all(rule.kind != "mroi" for rule in model.priors.sizes)
    rows = []
    for prior, post in zip(before, after, strict=True):
        ranked = post.coordinate is None or not exact
        scores = (
            normal_scores(post.values, prior.values, rng) if ranked else sampled.flat[:, post.coordinate]
        ).reshape(shape)
        found = moments(scores, reference=REFERENCE if ranked else np.inf)
        size = _size(model, own, post, shape) if post.name == "roi" else None
        rows.append(_learned(prior, post, scores, found, size, share))
    table = model.problem.mix.table
    return LearnedTable(tuple(rows), share, worth, table.every, table.currency, table.response_name)


@dataclass(frozen=True, eq=False)
class _Size:
    """A channel's size beside its prior given the others: is it that prior, the share of information, the overlap."""

    apart: Moments
    share: float
    share_error: float
    overlap: float
    pooled: bool


def _size(model: MixModel, own: OwnSizes, post: Quantity, shape: tuple[int, ...]) -> _Size:
    c = model.problem.channels.index(post.channel)
    apart = moments(own.apart(c).reshape(shape), spent=own.size.shape[1] - 1)
    mine = moments(((own.size[:, c] - own.size[:, c].mean()) / np.sqrt(own.variance[c])).reshape(shape))
    pooled = model.priors.sizes[c].kind == "pooled" and len(model.priors.sizes) > 1
    return _Size(
        apart, 1.0 - mine.variance, mine.variance_error, overlap(own.scores[:, c].reshape(shape))[0], pooled
    )


def _learned(
    prior: Quantity, post: Quantity, scores: FloatArray, found: Moments, size: _Size | None, level: float
) -> Learned:
    asked = [0.5 - level / 2, 0.5, 0.5 + level / 2]
    prior_low, _, prior_high = np.quantile(prior.values, asked).tolist()
    low, median, high = np.quantile(post.values, asked).tolist()
    first, middle, last = np.quantile(scores, asked).tolist()
    shared, shared_error = overlap(scores)
    share = 1.0 - found.variance if size is None else size.share
    return Learned(
        post.channel, post.name, post.unit, prior_low, prior_high, median, low, high, (first, middle, last),
        1.0 - found.variance, found.variance_error, shared, shared_error, max(share, 0.0),
        found.variance_error if size is None else size.share_error, _verdict(found, shared, share, size),
    )  # fmt: skip


def _verdict(found: Moments, shared: float, share: float, size: _Size | None) -> str:
    tested = found if size is None else size.apart
    if tested.mean_error > KNOWN_ERROR:
        return NOT_KNOWN
    if tested.distance(NOTHING) <= EQUAL:
        moved = size is not None and size.pooled and found.distance(NOTHING) > EQUAL
        return OTHER_CHANNELS if moved else PRIOR_ONLY
    over = shared if size is None else size.overlap
    return MOSTLY_PRIOR if share < HALF and over > HALF else DATA
