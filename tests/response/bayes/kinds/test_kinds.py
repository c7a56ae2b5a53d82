"""Channels of other kinds: the formula by another route, their priors, and a truth found again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.results import load_result
from mixcurve.response.bayes.kinds.asked import Organic, ReachFrequency, Treatment
from mixcurve.response.bayes.kinds.figures import other_contributions
from mixcurve.response.bayes.kinds.frequency import optimal_frequency
from mixcurve.response.bayes.kinds.organic import OrganicChannel
from mixcurve.response.bayes.kinds.reach import ReachChannel
from mixcurve.response.bayes.kinds.treatment import TreatmentEffect
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.sample.whiten import laplace, modes
from mixcurve.response.bayes.vectors.run import Density
from mixcurve.response.carryover import apply_carryover
from mixcurve.response.curves import curves
from mixcurve.response.design.groups import group_sizes
from mixcurve.tables.table import SpendTable

Make = Callable[..., MixModel]


def drawn(model: MixModel, count: int = 4) -> np.ndarray:
    return np.random.default_rng(2).standard_normal((count, model.space.dimensions))


CHOICES: dict[str, dict[str, Any]] = {
    "usual": {},
    "other curve and kernel": {
        "organic": Organic("newsletter", "logistic", "weibull_pdf", ranges={"scale": (1, 3)}),
        "treatments": [Treatment("price", 20.0, "negative")],
    },
    "no carryover": {
        "organic": Organic("newsletter", "michaelis_menten", "none"),
        "reach_frequency": [ReachFrequency("video", "reach", "frequency", "hill", "none", roi=(0.05, 0.5))],
        "treatments": [Treatment("price", "max", "positive")],
    },
}


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("order", ["carryover first", "saturation first"])
def test_all_languages_agree(
    world: Any, asked: Make, same_in_all: Callable[[MixModel], None], choice: str, order: str
) -> None:
    same_in_all(asked(world.table, order=order, **CHOICES[choice]))


def test_all_languages_agree_with_groups(
    grouped: SpendTable, asked: Make, same_in_all: Callable[[MixModel], None]
) -> None:
    same_in_all(asked(grouped))


def own(part: Any, model: MixModel, draws: np.ndarray, row: int) -> dict[str, float]:
    return {
        name.removeprefix(f"{part.name} "): float(v[row, 0])
        for name, v in part.variables(model, draws).items()
    }


@pytest.mark.parametrize("order", ["carryover first", "saturation first"])
def test_an_organic_channel_is_its_curve_of_carried_amounts(
    grouped: SpendTable, asked: Make, order: str
) -> None:
    model = asked(grouped, order=order, organic=Organic("newsletter", "weibull"))
    part, draws = model.parts[0], drawn(model)
    assert isinstance(part, OrganicChannel)
    found = part.contribution(model.problem, model, draws)
    sizes = group_sizes(grouped.response, grouped.groups or (), grouped.group_names)
    length = part.shape.length
    for row in range(len(draws)):
        v = own(part, model, draws, row)
        hill = {"top": v["top"], "half": v["half"], "slope": v["slope"]}
        for size, b in zip(sizes, model.problem.linear.blocks, strict=True):
            sent = grouped.control("newsletter")[b] / size
            if order == "carryover first":
                carried = apply_carryover(sent, "geometric", [v["decay"]], length=length)
                expected = curves["weibull"](carried, **hill)
            else:
                expected = apply_carryover(
                    curves["weibull"](sent, **hill), "geometric", [v["decay"]], length=length
                )
            np.testing.assert_allclose(found[row, b], size * expected, rtol=1e-9)


@pytest.mark.parametrize("reach_is", ["people", "share"])
def test_a_channel_by_reach_and_frequency_is_reach_times_its_curve_carried_over(
    grouped: SpendTable, asked: Make, reach_is: Any
) -> None:
    model = asked(grouped, reach_frequency=[ReachFrequency("video", "reach", "frequency", reach_is=reach_is)])
    part, draws = model.parts[1], drawn(model)
    assert isinstance(part, ReachChannel)
    found = part.contribution(model.problem, model, draws)
    sizes = group_sizes(grouped.response, grouped.groups or (), grouped.group_names)
    relative = grouped.control("reach") / (np.repeat(sizes, 50) if reach_is == "people" else 1.0)
    for row in range(len(draws)):
        v = own(part, model, draws, row)
        person = curves["hill"](grouped.control("frequency"), top=v["top"], half=v["half"], slope=v["slope"])
        for size, b in zip(sizes, model.problem.linear.blocks, strict=True):
            signal = (relative / relative.max() * person)[b]
            expected = size * apply_carryover(signal, "geometric", [v["decay"]], length=part.shape.length)
            np.testing.assert_allclose(found[row, b], expected, rtol=1e-9)
        paid = grouped.spend_of("video").sum()
        assert v["roi"] == pytest.approx(found[row].sum() / paid)


@pytest.mark.parametrize("sign", ["free", "positive", "negative"])
def test_a_treatment_is_its_coefficient_times_the_distance_from_the_reference(
    grouped: SpendTable, asked: Make, sign: Any
) -> None:
    model = asked(grouped, treatments=[Treatment("price", "max", sign)])
    part, draws = model.parts[2], drawn(model, 40)
    assert isinstance(part, TreatmentEffect)
    found = part.contribution(model.problem, model, draws)
    price = grouped.control("price")
    for row in range(len(draws)):
        v = own(part, model, draws, row)
        assert {"free": True, "positive": v["coefficient"] > 0, "negative": v["coefficient"] < 0}[sign]
        expected = v["coefficient"] * (price - price.max()) * model.problem.mix.row_size
        np.testing.assert_allclose(found[row], expected, rtol=1e-9, atol=1e-9)
    assert np.all(found[:, price == price.max()] == 0)


def test_a_share_and_a_roi_hold_nine_in_ten_beforehand(world: Any, asked: Make) -> None:
    video = ReachFrequency("video", "reach", "frequency", roi=(0.05, 0.2), ranges={"half": (2.0, 6.0)})
    model = asked(world.table, organic=Organic("newsletter", share=(0.01, 0.05)), reach_frequency=[video])
    draws = drawn(model, 20_000)
    organic, reach = model.parts[:2]
    shares = (
        organic.contribution(model.problem, model, draws[:4000]).mean(axis=1) / world.table.response.mean()
    )
    found = reach.variables(model, draws)
    for values, low, high in (
        (shares, 0.01, 0.05), (found["video roi"], 0.05, 0.2), (found["video half"], 2.0, 6.0),
    ):  # fmt: skip
        np.testing.assert_allclose(np.quantile(values, [0.05, 0.95]), [low, high], rtol=0.04)


@pytest.fixture(scope="module")
def near(world: Any, asked: Make) -> tuple[MixModel, np.ndarray]:
    """Draws of the normal distribution at the mode: quick, and another method than the sampler's."""
    model = asked(world.table)
    density, rng = Density(model.program()), np.random.default_rng(1)
    place, _ = modes(density, model.space.dimensions, rng)[0]
    found = laplace(density, place)
    return model, found.centre + rng.standard_normal((800, len(place))) @ found.root.T


def test_true_contributions_are_found(world: Any, near: tuple[MixModel, np.ndarray]) -> None:
    found = other_contributions(*near)
    assert found.names == ("newsletter", "video", "price")
    price = world.table.control("price")
    true = np.array(
        [world.newsletter.sum(), world.video.sum(), (world.price_effect * (price - price.min())).sum()]
    )
    assert ((found.low < true) & (true < found.high)).all()
    assert not ((found.low < 1.5 * true) & (1.5 * true < found.high)).any()
    paid = world.table.spend_of("video").sum()
    assert found.roi[1] == pytest.approx(found.total[1] / paid)
    assert np.isnan(found.roi[[0, 2]]).all()
    assert np.corrcoef(found.contributions[:, 1], world.video)[0, 1] > 0.98
    np.testing.assert_allclose(found.contributions.sum(axis=0), found.total)


def test_figures_read_like_a_channel(near: tuple[MixModel, np.ndarray], tmp_path: Any) -> None:
    found = other_contributions(*near, level=0.8)
    lines = found.summary.split("\n")
    assert lines[0].startswith("newsletter (without spend): ")
    assert "80% interval" in lines[0]
    assert "ROI" not in lines[0]
    assert "; ROI 0.0" in lines[1]
    assert lines[2].startswith("price (counted from ")
    assert found.frame.loc["video", "kind"] == "reach and frequency"
    again = load_result(found.save(tmp_path / "others.json"))
    assert again.summary == found.summary


def test_the_true_best_frequency_is_found(near: tuple[MixModel, np.ndarray]) -> None:
    model, draws = near
    best = optimal_frequency(model.parts[1].frequency_curve(model, draws))
    true = 3.5 * 1.5 ** (1 / 2.5)  # where the tangent from the origin touches a Hill curve
    assert best.low < true < best.high
    assert best.high - best.low < 4.0
    assert best.gain_low > 0
