"""`sample_mix`: the response curves of a whole media mix, sampled from their posterior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.progress import Progress, followed
from mixcurve.response.bayes.build import ModelWords, mix_model
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.result.assemble import assemble_posterior
from mixcurve.response.bayes.result.learned import with_checks
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.bayes.sample.run import Effort, sample_model
from mixcurve.response.fit.mix.cells import cell_plans
from mixcurve.response.fit.mix.options import present_plan

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["sample_mix"]

FloatArray = npt.NDArray[np.float64]


def sample_mix(
    table: SpendTable,
    *,
    sampler: str = "nutpie",
    quick: bool = False,
    chains: int = 4,
    draws: int = 1000,
    tune: int = 500,
    target_accept: float = 0.98,
    level: float = 0.9,
    seed: int = 0,
    checks: bool = True,
    progress: Progress | bool | None = None,
    **words: Unpack[ModelWords],
) -> MixPosterior:
    """Sample one curve with carryover per channel, over baseline, trend, season, holidays, events and controls.

    response_t = baseline_t + Σ_c top_c · unit_c(Σ_l weight_cl spend_c,t-l) + noise_t, as in `fit_mix`. Sampled are each
    channel's contribution at the spend observed, the parameters of its curve and carryover, and the noise; the
    amplitude top follows from the contribution. With Gaussian noise the linear part is integrated out in closed form
    and its coefficients are drawn exactly afterwards.

    Parameters
    ----------
    table
        From `read_spend`. With groups, each has contributions and half-saturations of its own, drawn towards the
        channel's by a normal distribution whose spread is sampled; slope and carryover are shared.
    curve, carryover, order, before
    trend, knots, season, weekly_season, holidays, single_holidays, events, control_signs
        As for `fit_mix`, and with its defaults: Hill, geometric, carryover first, a linear trend, two waves of season.
    noise, autoregressive, trials
        ``"gaussian"``, ``"student-t"``, ``"poisson"``, ``"negative binomial"`` or ``"binomial"`` (of ``trials`` by
        row); the first two also with autocorrelation.
    priors
        By channel (``"*"`` for all), `ChannelPrior` or its words: ``{"tv": {"roi": (0.5, 3), "half_life": (1, 4)}}``.
        Every range holds 90%. A carryover's parameter with the name of one of the curve's is ``"carryover …"``, such as
        ``{"tv": {"carryover scale": (1, 3)}}``. Without words: the typical ranges of curve and carryover, and sizes
        drawn towards one another.
    experiments
        `LiftTest`, `CostTarget`, `PreviousPosterior`, one or several.
    organic, reach_frequency, treatments, varying
        Channels without spend, channels by reach and frequency, treatments, and what varies over time; see
        `other_parts`.
    value
        Money per unit of response, in which priors of ROI are given.
    current
        The present plan, as for `fit_mix`.
    sampler, chains, draws, tune, target_accept
        ``"nutpie"``, ``"pymc"`` or ``"numpyro"``; chains, draws kept of each, and draws to tune with. Sampling goes on
        in rounds until the effective sample sizes suffice, and keeps every so-many-th draw. A round with a
        divergence counts as adaptation, is not kept, and the next one takes shorter steps; the last one is kept
        unless those before it suffice, and its divergences are told.
    quick
        Importance sampling from a normal approximation instead: seconds, with Pareto k as its gate.
    level
        Of all intervals.
    seed
        Of all randomness.
    checks
        Whether fit, prior and single rows are checked too, and what was learned is weighed; without, only the draws.
    progress
        Called as ``progress(stage, done, total)``, or True for a bar on a terminal; None or False tells nothing.
        Interrupting (Ctrl-C) keeps the draws so far.

    Returns
    -------
    MixPosterior
        A `Fitted`; ``gates`` has every check with cause and remedy, ``status`` and ``message`` their sum.

    Raises
    ------
    InputError
        As `fit_mix`, and for priors, experiments and channels that cannot be meant, before sampling starts.

    Notes
    -----
    Sources: Jin et al. (2017) for the model; Hoffman and Gelman (2014) for the sampler; Vehtari et al. (2021) for the
    gates.

    Examples
    --------
    >>> import mixcurve as mc
    >>> market = mc.simulate_market(["tv", "search"], periods=104, noise=0.02, seed=3)
    >>> post = mc.sample_mix(market.table, season=1, quick=True, checks=False)
    >>> post.contributions.shape, post.sampler, post.roi_table().index.tolist()
    ((104, 2), 'laplace', ['tv', 'search'])
    """
    number("level", level, low=0.5, high=0.999)
    effort = Effort.of(
        sampler, quick, chains=chains, draws=draws, tune=tune, target_accept=target_accept, seed=seed
    )
    model = mix_model(table, **words)
    plan = _plan(model, words.get("current"))
    with followed(progress) as tell:
        sampled = sample_model(model, effort, tell)
        errors = "autocorrelated" if words.get("autoregressive") else "independent"
        posterior = assemble_posterior(model, sampled, model.problem.design, plan, level, errors)
        again = replace(effort, seed=seed + 1)
        return with_checks(
            posterior, model, sampled, checks=checks, value=words.get("value", 1.0),
            sample_again=lambda other: sample_model(other, again, tell), progress=tell,
        )  # fmt: skip


def _plan(model: MixModel, current: int | Mapping[str, float] | None) -> FloatArray:
    """Return the present plan of each cell, in the users' order of channels."""
    problem = model.problem
    table = problem.mix.table
    back = np.argsort(problem.order)
    users = replace(table, spend=table.spend[:, back], channels=tuple(table.channels[c] for c in back))
    if table.groups is None:
        return present_plan(users, current)
    if isinstance(current, int) and current < 1:
        raise InputError(f"current must be at least 1 period, got {current}.")
    return np.concatenate(cell_plans(users, current))
