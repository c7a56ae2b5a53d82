"""Fits of several groups: what is shared, what adds up, and what pooling gains."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.fit.mix.fit import fit_mix
from mixcurve.response.fit.mix.result import MixFit
from mixcurve.response.fitted import Fitted, response_draws
from mixcurve.response.market import Market
from mixcurve.response.simulate import simulate_market

CHANNELS = ["tv", "search", "radio", "print"]
GROUPS = ("north", "south", "west")


@cache
def market() -> Market:
    return simulate_market(
        CHANNELS, periods=104, groups=GROUPS, noise=0.05, zero_weeks=0.2, price=-1.0, seed=1
    )


@cache
def fit(how: str) -> MixFit:
    return fit_mix(market().table, groups=how, starts=16, resamples=100)


def truth() -> np.ndarray:
    """Return the true total contribution of each cell."""
    found = fit("pooled")
    columns = [market().truth.channels.index(channel) for channel, _ in found.cells]
    rows = [found.rows_of(name) for name in found.channels]
    return np.array([market().truth.contributions[r, c].sum() for r, c in zip(rows, columns, strict=True)])


@pytest.mark.parametrize("how", ["separate", "pooled"])
def test_cells_are_channels_that_add_up_row_by_row(how: str) -> None:
    found = fit(how)
    assert isinstance(found, Fitted)
    assert (found.channels[0], found.channels[5]) == ("tv (north)", "search (south)")
    total = found.contributions.sum(axis=1) + found.baseline + found.residual
    assert total == pytest.approx(market().table.response, rel=1e-12)
    assert found.baseline_parts.sum(axis=1) == pytest.approx(found.baseline, rel=1e-12)
    for i, name in enumerate(found.channels):
        assert not found.contributions[~found.rows_of(name), i].any()
    names, summed = found.summed()
    assert names == tuple(CHANNELS)
    assert summed.sum(axis=1) == pytest.approx(found.contributions.sum(axis=1))
    assert found.roi_table().index.tolist() == list(found.channels)
    assert [e.channel for e in found.evidence] == list(found.channels)
    again = MixFit.from_dict(found.to_dict())
    assert again.cells == found.cells
    assert response_draws(again, found.current) == pytest.approx(response_draws(found, found.current))


def test_pooled_curves_are_one_curve_at_each_groups_size() -> None:
    found = fit("pooled")
    assert found.state is not None
    size = found.state.sizes
    assert size / size.sum() == pytest.approx(list(market().truth.group_shares.values()), rel=0.05)
    tv = found.draws[0, [0, 4, 8]]
    assert tv[:, 0] / size == pytest.approx(np.full(3, tv[0, 0] / size[0]))
    assert tv[:, 1] / size == pytest.approx(np.full(3, tv[0, 1] / size[0]))
    assert np.ptp(tv[:, 2]) == 0.0
    halves = [found.interval(name, "half") for name in ("tv (north)", "tv (south)")]
    assert halves[0] is not None
    assert halves[1] is not None
    assert halves[0].low / halves[1].low == pytest.approx(size[0] / size[1])


def test_pooling_comes_nearer_to_the_truth_and_its_intervals_hold_it() -> None:
    miss = {how: np.abs(fit(how).contributions.sum(axis=0) / truth() - 1.0) for how in ("separate", "pooled")}
    assert miss["pooled"].mean() < miss["separate"].mean()
    low, high = np.quantile(fit("pooled").contribution_draws, [0.05, 0.95], axis=0)
    assert ((low < truth()) & (truth() < high)).mean() > 0.6


def test_the_present_plan_may_be_given_by_channel_or_by_cell() -> None:
    table = market().table
    found = fit_mix(
        table, groups="pooled", current={"tv": 900.0, "search (west)": 5.0}, starts=4, resamples=0
    )
    plan = dict(zip(found.channels, found.current, strict=True))
    assert plan["search (west)"] == 5.0
    assert sum(v for k, v in plan.items() if k.startswith("tv")) == pytest.approx(900.0)
    with pytest.raises(
        InputError, match=r"There is no channel called 'tv .nord.'\. Did you mean 'tv .north.'"
    ):
        fit_mix(table, groups="separate", current={"tv (nord)": 1.0})
    with pytest.raises(InputError, match="There is no treatment of groups called 'pool'"):
        fit_mix(table, groups="pool")
