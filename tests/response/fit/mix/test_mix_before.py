"""A channel that ran before the table starts: carried spend as of rows put in front, and no ramp in the residual."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.response.carryover import apply_carryover
from mixcurve.response.market import Market
from mixcurve.tables.table import SpendTable

HISTORY = 30
HOW: dict[str, Any] = {"season": 0, "starts": 16, "resamples": 20}


@pytest.fixture(scope="module")
def market() -> Market:
    return mc.simulate_market(
        ["tv", "search"], periods=134, noise=0.01, season=0.0, variation=0.2, media=0.6, seed=2,
        carryover={"tv": ("geometric", {"decay": 0.85}), "search": ("geometric", {"decay": 0.8})},
    )  # fmt: skip


@pytest.fixture(scope="module")
def cut(market: Market) -> SpendTable:
    """Return the market without its first rows, though their spend still works in the others."""
    table = market.table
    return replace(
        table, dates=table.dates[HISTORY:], spend=table.spend[HISTORY:], response=table.response[HISTORY:],
        controls=table.controls[HISTORY:],
    )  # fmt: skip


@pytest.fixture(scope="module")
def fits(cut: SpendTable) -> dict[str, mc.MixFit]:
    return {before: mc.fit_mix(cut, before=before, **HOW) for before in ("none", "steady")}


def test_carried_spend_is_that_of_rows_put_in_front(cut: SpendTable, fits: dict[str, mc.MixFit]) -> None:
    fit = fits["steady"]
    for c in range(2):
        kernel, values = fit.kernel_of(fit.channels[c])
        ran = np.full(fit.carryover_length, cut.spend[: fit.carryover_length // 3, c].mean())
        whole = np.concatenate([ran, cut.spend[:, c]])
        carried = apply_carryover(whole, kernel, values, length=fit.carryover_length)[len(ran) :]
        np.testing.assert_allclose(fit.carried[:, c], carried, rtol=1e-6)
        assert fits["none"].carried[0, c] < 0.7 * carried[0]


def test_a_running_channel_seems_not_to_start_with_the_table(
    market: Market, fits: dict[str, mc.MixFit]
) -> None:
    """Taken to start, it would have to rise at first; what it brings is then off by a factor of four, not of 1.5."""
    truth = market.truth.contributions[HISTORY:].sum(axis=0)
    off = {n: float(np.abs(np.log(f.contributions.sum(axis=0) / truth)).mean()) for n, f in fits.items()}
    assert off["steady"] < 0.5 * off["none"]
    assert fits["steady"].rss < 0.6 * fits["none"].rss
    assert fits["steady"].kernel_of("tv")[1][0] == pytest.approx(0.85, abs=0.1)


def test_the_result_knows_it_when_it_is_checked_and_saved(
    cut: SpendTable, fits: dict[str, mc.MixFit]
) -> None:
    again = mc.MixFit.from_dict(fits["steady"].to_dict())
    assert again.before == "steady"
    checked = mc.check_residuals(again, table=cut)
    assert checked is not None


def test_groups_start_each_with_its_own_spend() -> None:
    table = mc.simulate_market(
        ["tv"], periods=60, groups={"north": 1.5, "south": 0.5}, noise=0.03, seed=4
    ).table
    for groups in ("separate", "pooled"):
        fit = mc.fit_mix(table, before="steady", groups=groups, **HOW)
        assert fit.before == "steady"
        for name, place in (("tv (north)", 0), ("tv (south)", 1)):
            rows = fit.rows_of(name)
            least = table.spend[rows, 0][: fit.carryover_length // 3].min()
            assert fit.carried[rows, place][0] >= 0.999 * least
