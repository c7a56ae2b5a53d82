"""`fit_mix`: the response curves of a whole media mix, with carryover, from one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mixcurve.foundations.checks import number
from mixcurve.response.fit.mix.cells import cell_plans, group_tables, joined
from mixcurve.response.fit.mix.one import MixRequest, Tell, fit_one, pooled
from mixcurve.response.fit.mix.options import CarryoverChoice, CurveChoice, mix_options
from mixcurve.response.fit.mix.plausible import MOST_RESAMPLES
from mixcurve.response.fit.mix.result import MixFit

if TYPE_CHECKING:
    from mixcurve.tables.table import SpendTable

__all__ = ["Progress", "fit_mix"]

Progress = Callable[[str, int, int], None]
TRENDS = ("linear", "none")
"""The trends of a job file; `fit_mix` takes all of `mixcurve.response.design`."""


def fit_mix(
    table: SpendTable,
    *,
    curve: CurveChoice = "hill",
    carryover: CarryoverChoice = "geometric",
    order: str = "carryover first",
    before: str = "none",
    trend: str = "linear",
    knots: int | Sequence[Any] | None = None,
    level_ratio: float | None = None,
    season: int = 2,
    weekly_season: int | None = None,
    holidays: str | None = None,
    single_holidays: bool = False,
    events: Mapping[str, Any] | None = None,
    control_signs: Mapping[str, str] | None = None,
    noise: str = "gaussian",
    errors: str = "independent",
    groups: str = "separate",
    current: int | Mapping[str, float] | None = None,
    starts: int = 64,
    resamples: int = 200,
    level: float = 0.9,
    seed: int = 0,
    progress: Progress | None = None,
) -> MixFit:
    """Fit one curve with carryover per channel, over baseline, trend, season, holidays, events and controls.

    response_t = baseline_t + Σ_c top_c · unit_c(Σ_l weight_cl spend_c,t-l) + noise_t, with top_c ≥ 0. Everything linear
    is eliminated and the shapes are searched from many starts (`projection`); from the best solution, plausible fits
    are drawn (`mix_plausible`), and the estimate is their centre. Each shape is held to its parameters' typical ranges
    by a weak pull that decides only where the data do not; it is lifted from a parameter while its interval is
    profiled. The sizes of channels are drawn towards one another where the data hardly tell them apart.

    Parameters
    ----------
    table
        From `read_spend`: n rows of spend, response and controls.
    curve
        A curve for all channels, or one for each by name.
    carryover
        A kernel of `carryovers` for all channels, or one for each by name, with parameters of its own for each.
    order
        ``"carryover first"``: the curve of carried spend, as above; ``"saturation first"``: top_c Σ_l weight_cl
        unit_c(spend_c,t-l), the carryover of each period's response.
    before
        What was spent before the first row: ``"none"``, or ``"steady"``, as much as in the first rows. A channel that
        was running already seems to start with the table otherwise.
    trend, knots, level_ratio, season, weekly_season, holidays, single_holidays, events, control_signs
        Of the baseline; see `design_spec`. A local level's ratio is chosen by restricted likelihood unless given.
    noise
        ``"gaussian"``: one variance; ``"poisson"``: a variance in proportion to the expected response, as of counts.
    errors
        ``"independent"``, or ``"autocorrelated"``: ρ from one period to the next, by restricted likelihood.
    groups
        With groups in the table: ``"separate"``, a fit for each; or ``"pooled"``, carryover and curve of a channel
        shared: size × f(spend / size) in a group of that size, by its mean response. Channels are then called
        ``"tv (north)"``.
    current
        The present plan: the mean of the last so many periods (by default one year of them), or spend by channel.
    starts
        How many starts the search has.
    resamples
        How many plausible fits carry the uncertainty into bands and plans, at most 576; 0 for none. A channel does
        nothing in the share of them that is its p-value of no effect (`no_effect`).
    level
        Level of the intervals.
    seed
        Of the resamples; the estimate does not depend on it.
    progress
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    MixFit
        Contributions, baseline and residual add up to the response exactly. ``status`` says whether it converged.

    Raises
    ------
    InputError
        For an unknown name, a channel without spend, or not more rows than parameters.

    Notes
    -----
    The model is additive, so what it calls a contribution is an association over time, not an experiment.
    Sources: Golub and Pereyra (1973) for the projection; Jin et al. (2017) for the model; Neal (2011) for the draws.

    Examples
    --------
    >>> import mixcurve as mc
    >>> market = mc.simulate_market(["tv", "search"], periods=104, noise=0.02, seed=3)
    >>> fit = mc.fit_mix(market.table, season=1, starts=16, resamples=20)
    >>> fit.status, fit.contributions.shape, fit.roi_table().index.tolist()
    ('converged', (104, 2), ['tv', 'search'])
    """
    tell = Tell(progress)
    number("level", level, low=0.5, high=0.999)
    number("starts", starts, low=1)
    number("resamples", resamples, low=0, high=MOST_RESAMPLES)
    request = MixRequest(
        options=mix_options(
            table, curve=curve, carryover=carryover, order=order, noise=noise, errors=errors, groups=groups,
            before=before,
        ),
        design={
            "trend": trend, "knots": knots, "level_ratio": level_ratio, "season": season,
            "weekly_season": weekly_season, "holidays": holidays, "single_holidays": single_holidays,
            "events": events, "control_signs": control_signs,
        },
        starts=int(starts), resamples=int(resamples), level=level, seed=seed,
    )  # fmt: skip
    if table.groups is None:
        return fit_one(table, request, current, tell)
    if groups == "pooled":
        return pooled(table, request, current, tell)
    plans = cell_plans(table, current)
    fits = [
        fit_one(part, request, dict(zip(part.channels, plan.tolist(), strict=True)), tell.of(group))
        for part, plan, group in zip(group_tables(table), plans, table.group_names, strict=True)
    ]
    return joined(fits, table)
