"""`sample_propensity`: Bayesian logistic regression, with coefficients that may differ between clients or segments."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.progress import Progress, followed
from mixcurve.foundations.rounds import Run
from mixcurve.propensity.bayes.gates import gates_of
from mixcurve.propensity.bayes.hierarchy import Hierarchy, PropensityPriors
from mixcurve.propensity.bayes.posed import posed, words_of_figures
from mixcurve.propensity.bayes.posterior import PropensityPosterior
from mixcurve.propensity.bayes.pymc_model import pymc_model, sample_by_pymc
from mixcurve.propensity.bayes.sampling import sample_hierarchy
from mixcurve.tables.customer_table import CustomerTable

__all__ = ["propensity_model", "sample_propensity"]

SAMPLERS = ("nutpie", "pymc")
FEWEST_DRAWS = 8
LEAST_ACCEPT, MOST_ACCEPT = 0.5, 0.999
"""Of target_accept: below, draws hang together; above, steps are shorter than any posterior needs."""


def sample_propensity(
    customers: CustomerTable,
    *,
    by: str | None = None,
    varying: Sequence[str] | None = None,
    priors: PropensityPriors | None = None,
    rare_share: float = 0.01,
    reference: dict[str, str] | None = None,
    sampler: Literal["nutpie", "pymc"] = "nutpie",
    chains: int = 4,
    draws: int = 1000,
    tune: int = 500,
    target_accept: float = 0.95,
    level: float = 0.9,
    seed: int = 0,
    progress: Progress | bool | None = None,
) -> PropensityPosterior:
    """Sample a logistic regression whose coefficients may differ between groups, each learning from the others.

    ``y_i ~ Bernoulli(expit(x_i · θ_g(i)))``, ``θ_g = β + v_g``, ``v_gk ~ Normal(0, s_k)``, ``s_k ~ HalfNormal``, on
    features centred and scaled. A group with few customers is drawn towards what all have in common, one with many
    keeps its own; how far is learned (`PropensityPosterior.spread_table`).

    Parameters
    ----------
    customers
        From `read_customers`, with a label. Weights count people; sampling weights have no likelihood and are refused.
    by
        The segment, or the column, that names each customer's group; such a column is no feature then. None: one group.
    varying
        The columns whose coefficients may differ between groups; all by default, none with ``()``. The intercept always
        may.
    priors
        Scales of the priors; see `PropensityPriors`.
    rare_share, reference
        As in `FeatureEncoder`.
    sampler, chains, draws, tune, target_accept
        ``"nutpie"``, on the compiled density, or ``"pymc"``, PyMC's own sampler on the PyMC model of the same hierarchy
        (`propensity_model`), which takes far longer. With nutpie, sampling goes on in rounds until the effective sample
        sizes suffice, and keeps every so-many-th draw; a round with a divergence is not kept, and the next one takes
        shorter steps.
    level
        Of all intervals.
    seed
        Of all randomness.
    progress
        A function of (stage, done, total), or True for bars on a terminal.

    Raises
    ------
    InputError
        When the table has no label, no column that varies, or sampling weights; when ``by`` or ``varying`` names what
        is not there, or ``by`` names an identifier or a single group.

    Examples
    --------
    >>> import pandas as pd
    >>> from mixcurve.sigmoid import expit
    >>> from mixcurve.tables.customers import read_customers
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"visits": rng.poisson(3.0, 400), "client": rng.choice(["north", "south"], 400)})
    >>> usual = np.where(frame["client"] == "north", -2.0, 0.0)
    >>> frame["bought"] = rng.random(400) < expit(0.5 * (frame["visits"] - 3.0) + usual)
    >>> posterior = sample_propensity(
    ...     read_customers(frame, label="bought"), by="client", varying=(), draws=200
    ... )
    >>> posterior.probability(pd.DataFrame({"visits": [3, 3], "client": ["north", "south"]})).round(
    ...     1
    ... ).tolist()
    [0.2, 0.5]
    """
    believed = priors or PropensityPriors()
    one = posed(
        customers, by=by, varying=varying, priors=believed, rare_share=rare_share, reference=reference
    )
    known_name("sampler", sampler, SAMPLERS)
    effort: dict[str, int] = {
        "chains": int(number("chains", chains, low=1)), "draws": int(number("draws", draws, low=FEWEST_DRAWS)),
        "tune": int(number("tune", tune, low=FEWEST_DRAWS)),
    }  # fmt: skip
    accept = number("target_accept", target_accept, low=LEAST_ACCEPT, high=MOST_ACCEPT)
    within = number("level", level, low=0.0, high=1.0, open_low=True)
    begun = time.perf_counter()
    with followed(progress) as tell:
        run = _sampled(one.problem, sampler, effort, accept, seed, tell)
    return PropensityPosterior(
        recipe=one.recipe,
        by=by,
        groups=one.groups,
        rows_by_group=np.diff(one.problem.cuts),
        varying=one.problem.varying,
        centre=one.centre,
        scale=one.scale,
        label_name=customers.label_name,
        classes=tuple(customers.classes),
        base_rate=customers.base_rate,
        priors=believed,
        positions=run.positions,
        statistics=run.statistics,
        gates=gates_of(run, words_of_figures(one, by)),
        level=within,
        sampler=sampler,
        seed=seed,
        seconds=time.perf_counter() - begun,
        interrupted=run.stopped,
        source=customers.source,
        sha256=customers.sha256,
        warnings=customers.warnings,
    )


def propensity_model(
    customers: CustomerTable,
    *,
    by: str | None = None,
    varying: Sequence[str] | None = None,
    priors: PropensityPriors | None = None,
    rare_share: float = 0.01,
    reference: dict[str, str] | None = None,
) -> Any:
    """Return the `pymc.Model` whose posterior `sample_propensity` draws from, to look at or to build on.

    Its variables are of features centred and scaled: ``beta`` (q, intercept first), and with groups ``spread`` (k) and
    ``raw`` (G, k); the deviations of the groups are ``spread · raw``. The parameters and errors are those of
    `sample_propensity`.
    """
    one = posed(
        customers, by=by, varying=varying, priors=priors or PropensityPriors(), rare_share=rare_share,
        reference=reference,
    )  # fmt: skip
    return pymc_model(one.problem)


def _sampled(
    problem: Hierarchy, sampler: str, effort: dict[str, int], accept: float, seed: int, progress: Progress | None
) -> Run:  # fmt: skip
    if sampler == "pymc":
        return sample_by_pymc(problem, **effort, target_accept=accept, seed=seed, progress=progress)
    rng = np.random.default_rng(seed)
    return sample_hierarchy(problem, **effort, target_accept=accept, rng=rng, progress=progress)
