"""What the channels do at a position, against the curve and the carryover worked out by themselves in users' units."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import special

import mixcurve as mc
from mixcurve.foundations.arrays import SMALLEST
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.build import mix_model
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.problem import Family
from mixcurve.response.bayes.model.space import LogitMap
from mixcurve.response.bayes.vectors.rows import DrawVectors
from mixcurve.response.carryover import apply_carryover
from mixcurve.response.curves import curves
from mixcurve.response.curves import shape as shape_of

FloatArray = npt.NDArray[np.float64]
CHOICES: list[dict[str, Any]] = [
    {"curve": "hill", "carryover": "geometric"},
    {"curve": "gompertz", "carryover": "weibull_pdf"},
    {
        "curve": {"tv": "logistic", "search": "hill", "radio": "hill"},
        "carryover": {"tv": "geometric", "search": "none", "radio": "binomial"},
    },
    {"curve": {"tv": "hill", "search": "logistic", "radio": "hill"}, "carryover": "delayed_geometric"},
]
SPREAD, SPREAD_OF_LOG = 0.25, 0.5
"""Between groups: the middle and the log spread of the standard deviation, as documented."""
SOFT = 0.05
"""Share of the mean response by which the channels may exceed it, as documented."""


LATE = 7
"""Rows that a group lacks which begins later than the other."""


@cache
def table(groups: bool = False, late: bool = False) -> Any:
    shares = {"north": 1.4, "south": 0.6} if groups else None
    found = mc.simulate_market(["tv", "search", "radio"], periods=50, groups=shares, noise=0.05, seed=2).table
    if not late:
        return found
    frame = found.frame()
    words = {"date": "date", "response": "response", "channels": list(found.channels), "group": "group"}
    return mc.read_spend(frame.drop(index=frame.index[50 : 50 + LATE]), **words)


def at(model: MixModel, u: FloatArray, label: str) -> float:
    return float(u[model.space.labels.index(label)])


def value_of(model: MixModel, u: FloatArray, place: int, channel: int, name: str) -> float:
    """Return a parameter from its prior by hand: log-normal or logit-normal."""
    prior = model.priors.maps[channel, name]
    block = name if place == 0 else f"{name} {place + 1}"
    normal = prior.middle[0] + prior.spread[0] * at(model, u, f"{block}[{model.problem.channels[channel]}]")
    if isinstance(prior, LogitMap):
        return float(prior.low[0] + (prior.high[0] - prior.low[0]) * special.expit(normal))
    return float(np.exp(normal))


def deviation(model: MixModel, u: FloatArray, block: str, channel: str, group: str) -> float:
    spread = SPREAD * np.exp(SPREAD_OF_LOG * at(model, u, f"{block} spread[{channel}]"))
    return float(spread * at(model, u, f"{block} by group[{channel} ({group})]"))


def shape_in_money(
    model: MixModel, u: FloatArray, family: Family, place: int, c: int, g: int
) -> dict[str, Any]:
    """Return the curve's parameters of a cell in the users' units."""
    problem, found = model.problem, {}
    unit = problem.mix.spend_unit[c] * problem.sizes[g]
    moved = False
    for p in family.curve.parameters:
        if not p.free:
            continue
        value = value_of(model, u, place, c, p.name)
        if len(problem.groups) > 1 and p.spend_power == 1.0 and not moved:
            block, moved = p.name if place == 0 else f"{p.name} {place + 1}", True
            value *= np.exp(deviation(model, u, block, problem.channels[c], problem.groups[g]))
        found[p.name] = value * unit**p.spend_power
    return found


def by_hand(model: MixModel, u: FloatArray) -> FloatArray:
    """Return contributions (n × C) in units of the response, channel by channel and group by group."""
    problem = model.problem
    spend, out = problem.mix.table.spend, np.zeros((problem.rows, len(problem.channels)))
    sizes = model.sizes.middle + model.sizes.root @ u[model.space.rows("size")]
    for place, family in enumerate(problem.families):
        for c in family.channels:
            kernel = [value_of(model, u, place, c, p.name) for p in family.kernel.parameters if p.free]
            for g, rows in enumerate(problem.linear.blocks):
                shape = shape_in_money(model, u, family, place, c, g)
                length = problem.mix.basis.lags.shape[1]
                if problem.options.order == "carryover first":
                    carried = apply_carryover(spend[rows, c], family.kernel, kernel, length=length)
                    unit = curves[family.curve.name](carried, **shape)
                else:
                    curve = curves[family.curve.name](spend[rows, c], **shape)
                    unit = apply_carryover(curve, family.kernel, kernel, length=length)
                size = sizes[c]
                if len(problem.groups) > 1:
                    size += deviation(model, u, "size", problem.channels[c], problem.groups[g])
                total = np.exp(size) * len(unit) * problem.mix.response_unit * problem.sizes[g]
                out[rows, c] = unit / unit.sum() * total
    return out


@pytest.mark.parametrize("order", ["carryover first", "saturation first"])
@pytest.mark.parametrize(
    "groups", [(), (True,), (True, True)], ids=["one group", "two groups", "a late group"]
)
@pytest.mark.parametrize("choice", CHOICES, ids=lambda c: f"{c['curve']}, {c['carryover']}")
def test_contributions_are_those_of_curve_and_carryover(
    choice: dict[str, Any], groups: tuple[bool, ...], order: str
) -> None:
    model = mix_model(table(*groups), season=0, order=order, **choice)
    draws = 0.5 * np.random.default_rng(1).standard_normal((3, model.space.dimensions))
    xp = DrawVectors()
    position = xp.position(draws)
    channels = model.channels(xp, position)
    found = (
        channels.contributions.values.reshape(3, len(model.problem.channels), -1) * model.problem.mix.row_unit
    )
    for k, u in enumerate(draws):
        expected = by_hand(model, u).T
        np.testing.assert_allclose(found[k], expected, rtol=1e-6, atol=1e-7 * expected.max())
        assert not np.allclose(found[k], by_hand(model, u + 0.01).T, rtol=1e-6, atol=1e-7 * expected.max())
    summed = model.summed(xp, position, channels).values * model.problem.mix.row_unit
    np.testing.assert_allclose(summed, found.sum(axis=1), rtol=1e-12)


def test_the_marginal_response_at_the_plan_is_what_the_rule_says() -> None:
    low, high, plan = 0.01, 0.04, 30_000.0
    current = {"tv": plan, "search": 1.0, "radio": 1.0}
    model = mix_model(table(), season=0, priors={"tv": {"mroi": (low, high)}}, current=current)
    u = 0.5 * np.random.default_rng(3).standard_normal(model.space.dimensions)
    xp, problem = DrawVectors(), model.problem
    found = model.channels(xp, xp.position(u))
    unit = problem.mix.spend_unit[0]
    shape = {
        "half": found.shape[0, "half"].values[0, 0] * unit,
        "slope": found.shape[0, "slope"].values[0, 0],
    }
    top = found.top.values[0, 0] * problem.mix.response_unit
    expected = np.exp(np.log(low * high) / 2 + np.log(high / low) / (2 * special.ndtri(0.95)) * u[0])
    assert shape_of.marginal("hill", plan, {"top": top, **shape}) == pytest.approx(expected, rel=1e-6)
    assert shape_of.marginal("hill", 1.1 * plan, {"top": top, **shape}) != pytest.approx(expected, rel=1e-6)


def room_by_hand(model: MixModel, draws: FloatArray) -> FloatArray:
    """Return the log of the share left to the baseline, from the contributions of all rows (draws,)."""
    xp = DrawVectors()
    rows = model.channels(xp, xp.position(draws)).contributions.values
    mean = rows.sum(axis=1) / model.problem.rows / model.problem.mix.y.mean()
    return np.log(np.maximum(SOFT * np.logaddexp(0.0, (1.0 - mean) / SOFT), SMALLEST))


@pytest.mark.parametrize("groups", [False, True], ids=["one group", "two groups"])
def test_the_prior_is_normal_times_the_share_left_to_the_baseline(groups: bool) -> None:
    model, xp = mix_model(table(groups), season=0), DrawVectors()
    draws = np.random.default_rng(5).standard_normal((50, model.space.dimensions))
    position = xp.position(draws)
    found = model.log_prior(xp, position, model.channels(xp, position)).values[:, 0]
    np.testing.assert_allclose(found, -0.5 * (draws**2).sum(axis=1) + room_by_hand(model, draws), rtol=1e-9)


def test_prior_draws_leave_room_and_are_those_of_the_density() -> None:
    wide = {"*": {"contribution": (0.05, 0.9)}}
    model, rng = mix_model(table(), season=0, priors=wide), np.random.default_rng(6)
    kept = model.prior_draws(6000, rng)
    plain = rng.standard_normal((12_000, model.space.dimensions))
    room = room_by_hand(model, plain)
    assert (room_by_hand(model, kept) < np.log(0.01)).mean() < 0.01
    assert (room < np.log(0.01)).mean() > 0.05
    share = np.exp(room) / np.exp(room).sum()
    rows = model.space.rows("size")
    weighted = share @ plain[:, rows]
    error = np.sqrt((share[:, None] ** 2 * (plain[:, rows] - weighted) ** 2).sum(axis=0) + 1.0 / 6000)
    assert (np.abs(kept[:, rows].mean(axis=0) - weighted) < 4 * error).all()
    assert (np.abs(plain[:, rows].mean(axis=0) - weighted) > 4 * error).any()


def test_priors_that_leave_no_room_are_refused() -> None:
    with pytest.raises(InputError, match=r"tv, search, radio are 270% of the mean response.*Lower some"):
        mix_model(table(), season=0, priors={"*": {"contribution": (0.9, 0.99)}})
    tight = mix_model(table(), season=0, priors={"*": {"contribution": (0.3, 0.9)}})
    crowded = replace(
        tight, priors=replace(tight.priors, sizes=tuple(replace(r, middle=9.0) for r in tight.priors.sizes))
    )
    with pytest.raises(InputError, match=r"more than the whole response.*Lower the ranges"):
        crowded.prior_draws(2, np.random.default_rng(0))
