"""`sample_curves`: the curves of many campaigns, drawn towards one another as far as they are alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name, number
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.progress import Progress
from mixcurve.response.bayes.curve.assemble import assembled
from mixcurve.response.bayes.curve.data import COUNTS, CampaignData, campaign_data
from mixcurve.response.bayes.curve.noise import FAMILIES
from mixcurve.response.bayes.curve.posterior import CurvePosterior
from mixcurve.response.bayes.curve.sample import checked_run, posed
from mixcurve.response.bayes.curve.stages import sampled_in_stages
from mixcurve.response.bayes.curve.words import Ranges
from mixcurve.response.curves import Curve, resolve_curve
from mixcurve.response.fit.curve.many_rows import padded

__all__ = ["sample_curves"]

FloatArray = npt.NDArray[np.float64]

TOGETHER = 200
"""Campaigns sampled jointly: beyond that paths through all coordinates at once cost more than they teach."""


def sample_curves(
    table: Any,
    *,
    by: str,
    spend: str,
    response: str,
    curve: str | Curve = "hill",
    family: str = "gaussian",
    baseline: bool = True,
    weights: str | None = None,
    exposures: str | None = None,
    priors: Ranges | None = None,
    chains: int = 4,
    draws: int = 1000,
    tune: int = 500,
    target_accept: float = 0.95,
    seed: int = 0,
    level: float = 0.9,
    current: Mapping[str, float] | None = None,
    response_value: float = 1.0,
    together: int = TOGETHER,
    every: str = "week",
    currency: str | None = None,
    response_name: str | None = None,
    progress: Progress | bool | None = None,
) -> CurvePosterior:
    """Sample the response curves of many campaigns, partially pooled.

    Each campaign has its own curve, as in `sample_curve`. Its parameters are drawn from a population whose middle and
    spread are sampled too: log of the mean contribution (around a power of the mean spend), log of half-saturation
    relative to the campaign's largest spend, log of slope, log of noise. A campaign whose data show little takes its
    curve from the others; one whose data show much keeps its own.

    Parameters
    ----------
    table
        A pandas or polars frame, or a mapping of columns, with a row per campaign and period, in any order.
    by, spend, response, weights, exposures
        Names of its columns.
    curve, family, baseline, response_value, level, chains, draws, tune, target_accept, seed, every, currency
        As in `sample_curve`.
    priors
        Ranges that hold 90% of the campaigns, by name: shape parameters in the units of the data, ``"roi"``. Campaigns
        are then taken to be alike in that amount of spend, or in ROI, instead of relative to their largest spend.
    current
        Spend of the present plan by campaign; the mean of its spend where not given.
    together
        Up to so many campaigns are sampled jointly. Of more, so many drawn by chance are; the others follow in batches
        of 50, whose population has the first ones' posterior for its prior.
    progress
        Called as ``progress(stage, done, total)``, or True for a bar on a terminal; None or False tells nothing.

    Returns
    -------
    CurvePosterior
        A channel per campaign, in order of first appearance: ``shrinkage_table``, ``table``, ``interval``. A campaign
        that cannot be sampled (values missing, negative spend, no spend) is in ``failed`` with the reason.

    Raises
    ------
    InputError
        For a column, curve, family or campaign that is not known, a prior that is impossible, or no campaign that can
        be sampled.

    Notes
    -----
    Source: Gelman and Hill (2007), Data Analysis Using Regression and Multilevel/Hierarchical Models, chapter 12.

    Examples
    --------
    >>> import numpy as np
    >>> from mixcurve import curves
    >>> from mixcurve.response.bayes.curve.many import sample_curves
    >>> rng = np.random.default_rng(1)
    >>> name, spend = np.repeat(["a", "b", "c"], 20), np.tile(np.linspace(0, 9, 20), 3)
    >>> sales = curves["hill"](spend, top=50.0, half=4.0, slope=2.0) + rng.normal(0, 1, 60)
    >>> post = sample_curves(
    ...     {"name": name, "spend": spend, "sales": sales},
    ...     by="name",
    ...     spend="spend",
    ...     response="sales",
    ...     draws=200,
    ...     tune=200,
    ... )
    >>> post.channels, bool(post.interval("b", "half").low < 4.0 < post.interval("b", "half").high)
    (('a', 'b', 'c'), True)
    """
    chosen, run = resolve_curve(curve), checked_run(chains, draws, tune, seed, target_accept, progress)
    number("level", level, low=0.5, high=0.999)
    known_name("family", family, FAMILIES)
    data, failed = _rows(table, by, spend, response, weights, exposures, family)
    value = number("response_value", response_value, low=0.0, open_low=True)
    model = posed(data, chosen, family, baseline, priors, value)
    present = _present(current or {}, data, failed)
    limit = int(number("together", together, low=2))
    words = {"currency": currency, "response_name": response_name or response, "response_value": value}
    return assembled(
        model, sampled_in_stages(model, run, limit), present, failed=failed, level=level, every=every, words=words
    )  # fmt: skip


def _rows(
    table: Any, by: str, spend: str, response: str, weights: str | None, exposures: str | None, family: str
) -> tuple[CampaignData, tuple[tuple[str, str], ...]]:
    """Return the rows of the campaigns that can be sampled, and why the others cannot."""
    if (family == "binomial") != (exposures is not None):
        raise InputError(
            "exposures and family='binomial' go together: name the column of exposures, or leave both out."
        )
    if weights is not None and family in COUNTS:
        raise InputError(f"weights do not go with family='{family}'; leave them out.")
    weighing = exposures or weights
    columns = [_column(table, name) for name in (by, spend, response, *([weighing] if weighing else []))]
    kind = "gaussian" if family == "student-t" else family
    names, x, y, weight, problems = padded(columns, 0, kind)
    used = weight > 0
    steady = [
        bool(u.sum() > 1 and np.ptp(row[u]) == 0) and family not in COUNTS
        for row, u in zip(y, used, strict=True)
    ]
    told = [
        p or ("has a response that never changes" if s else "") for p, s in zip(problems, steady, strict=True)
    ]
    failed = tuple((name, why) for name, why in zip(names, told, strict=True) if why)
    good = np.flatnonzero([not why for why in told])
    if not len(good):
        raise InputError(f"No campaign can be sampled; the first, '{names[0]}', {told[0]}.")
    mine, chosen = used[good], y[good]
    if family == "binomial":
        chosen = chosen / np.maximum(weight[good], 1.0)
    which = np.repeat(np.arange(len(good)), mine.sum(axis=1))
    kept = tuple(names[i] for i in good)
    return campaign_data(kept, which, x[good][mine], chosen[mine], weight[good][mine], family), failed


def _column(table: Any, name: str) -> npt.NDArray[Any]:
    known_name("column", name, [str(c) for c in (table if isinstance(table, Mapping) else table.columns)])
    return np.asarray(table[name])


def _present(
    current: Mapping[str, float], data: CampaignData, failed: tuple[tuple[str, str], ...]
) -> FloatArray:
    present = data.mean_spend.copy()
    names = [*data.names, *(name for name, _ in failed)]
    for name, value in current.items():
        known_name("campaign (current)", name, names)
        amount = number(f"current['{name}']", value, low=0.0)
        if name in data.names:
            present[data.names.index(name)] = amount
    return present
