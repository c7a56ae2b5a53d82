"""A posterior of campaigns as tables, as text, and as the tree that ArviZ reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.curve.figures import FIGURES, figure_draws

if TYPE_CHECKING:
    import xarray

    from mixcurve.response.bayes.curve.posterior import CurvePosterior

__all__ = ["inference_tree", "posterior_summary", "posterior_table", "shrinkage_table"]

FloatArray = npt.NDArray[np.float64]

WIDTH = 20
"""Letters that a name takes at least."""
TOLD = 10
"""Campaigns that a summary tells one by one."""


def _limits(post: CurvePosterior, values: FloatArray) -> FloatArray:
    tail = 0.5 * (1.0 - post.level)
    return np.asarray(np.quantile(values, [0.5, tail, 1.0 - tail], axis=0))


def posterior_table(post: CurvePosterior) -> Any:
    """Return a pandas frame with a row per campaign."""
    import pandas as pd

    columns: dict[str, Any] = {}
    names = [n for n in (*post.curve[0].names, *FIGURES) if not _absent(post, n)]
    for name in names:
        values = np.stack([figure_draws(post, i, name) for i in range(len(post))], axis=1)
        columns[name], columns[f"{name}_low"], columns[f"{name}_high"] = _limits(post, values)
    columns |= {"grade": [e.grade for e in post.evidence], "level": post.level}
    return pd.DataFrame(columns, index=pd.Index(post.channels, name="campaign"))


def _absent(post: CurvePosterior, name: str) -> bool:
    if name in ("half_saturation", "saturation"):
        return not post.curve[0].ceiling
    return name == "noise" and not np.isfinite(post.noise).all()


def shrinkage_table(post: CurvePosterior) -> Any:
    """Return a pandas frame by campaign and parameter; see `CurvePosterior.shrinkage_table`."""
    import pandas as pd

    curve, frames = post.curve[0], []
    free = ["top", *(p.name for p in curve.parameters if p.free)]
    typical = np.column_stack([np.full(len(post), np.nan), post.typical])
    for name, own, others in zip(free, post.own.T, typical.T, strict=True):
        values = post.draws[:, :, curve.names.index(name)]
        middle, low, high = _limits(post, values)
        learnt = post.information[:, post.quantities.index(name)] if name in post.quantities else np.nan
        frames.append(
            pd.DataFrame(
                {
                    "campaign": post.channels, "parameter": name, "own": own, "pooled": middle, "low": low,
                    "high": high, "population": others, "from own data": learnt, "level": post.level,
                }
            )
        )  # fmt: skip
    whole = pd.concat(frames).set_index(["campaign", "parameter"])
    return whole.loc[list(post.channels)]


def posterior_summary(post: CurvePosterior) -> str:
    """Return the posterior in plain text."""
    count = "1 campaign" if len(post) == 1 else f"{len(post)} campaigns"
    head = (
        f"{post.curve[0].name} sampled for {count} ({post.family}), {len(post.draws)} draws. {post.message}"
    )
    lines = [head]
    for place, channel in enumerate(post.channels[:TOLD]):
        if len(post) > 1:
            lines.append(f"{channel}:")
        names = [*post.curve[place].names, *(n for n in FIGURES if not _absent(post, n))]
        lines += [_line(post, channel, n) for n in (names if len(post) == 1 else ("roi", "half_saturation"))]
        evidence = post.evidence[place]
        lines.append(f"{channel}: {evidence.grade}. " + " ".join(f.sentence for f in evidence.findings))
    if len(post) > TOLD:
        lines.append(f"{len(post) - TOLD} more campaigns are in table.")
    lines += [f"{name} was left out: it {why}." for name, why in post.failed[:TOLD]]
    return "\n".join(lines)


def _line(post: CurvePosterior, channel: str, name: str) -> str:
    i = post.interval(channel, name)
    return f"{name:{WIDTH}} {i.estimate:,.5g} ({i.level:.0%}: {i.low:,.5g} to {i.high:,.5g})"


def inference_tree(post: CurvePosterior) -> xarray.DataTree:
    """Return an xarray tree that ArviZ reads: posterior, sample_stats, log_likelihood."""
    import xarray

    chains = post.chains

    def split(values: FloatArray) -> FloatArray:
        return values.reshape(chains, -1, *values.shape[1:])

    by_campaign = ("chain", "draw", "campaign")
    names = post.curve[0].names
    posterior: dict[str, Any] = {
        name: (by_campaign, split(post.draws[:, :, i])) for i, name in enumerate(names)
    }
    posterior |= {
        "contribution": (by_campaign, split(post.contribution)),
        "roi": (by_campaign, split(post.contribution * post.response_value / post.mean_spend)),
        "baseline": (by_campaign, split(post.baseline)),
    }
    if np.isfinite(post.noise).all():
        posterior["noise"] = (by_campaign, split(post.noise))
    for i, name in enumerate(post.population_names):
        posterior[f"population {name}"] = (("chain", "draw"), split(post.population[:, i]))
    coords: dict[str, Any] = {"campaign": list(post.channels)}
    if post.coordinates:
        posterior["position"] = (("chain", "draw", "coordinate"), split(post.positions))
        coords["coordinate"] = list(post.coordinates)
    groups = {"posterior": xarray.Dataset(posterior, coords=coords)}
    if post.statistics:
        groups["sample_stats"] = xarray.Dataset(
            {name: (("chain", "draw"), values) for name, values in post.statistics.items()}
        )
    if post.log_likelihood.size:
        rows = {"response": (("chain", "draw", "row"), split(post.log_likelihood))}
        groups["log_likelihood"] = xarray.Dataset(rows, coords={"row": post.rows})
    return xarray.DataTree.from_dict(groups)
