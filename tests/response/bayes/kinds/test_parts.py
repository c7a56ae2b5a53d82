"""What a user asks for becomes parts, and what cannot be is refused in a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.response.bayes.kinds.asked import Organic, ReachFrequency, Treatment
from mixcurve.response.bayes.kinds.parts import other_parts
from mixcurve.response.bayes.varying.effect import VaryingEffect
from mixcurve.tables.table import SpendTable

VIDEO = {"video": ("reach", "frequency")}


def column(table: SpendTable, name: str, values: Any) -> SpendTable:
    controls = table.controls.copy()
    controls[:, table.control_names.index(name)] = values
    return replace(table, controls=controls)


def test_the_rest_of_the_table_is_left(world: Any) -> None:
    rest, parts = other_parts(
        world.table, organic="newsletter", reach_frequency=VIDEO, treatments={"price": 20},
        varying=["effect", "level"],
    )  # fmt: skip
    assert (rest.channels, rest.control_names) == (("tv", "search"), ())
    assert rest.spend.shape == (120, 2)
    assert [p.name for p in parts] == ["newsletter", "video", "price", "varying effect", "varying level"]
    assert not rest.problems
    nothing, none = other_parts(world.table)
    assert (nothing.channels, nothing.control_names, none) == (
        world.table.channels, world.table.control_names, (),
    )  # fmt: skip


@pytest.mark.parametrize(("word", "function"), [("min", np.min), ("mean", np.mean), ("max", np.max)])
def test_reference_levels(world: Any, word: str, function: Any) -> None:
    _, (part,) = other_parts(world.table, treatments={"price": word})
    assert part.reference == pytest.approx(function(world.table.control("price")))


def test_a_frequency_below_one_is_warned_of(world: Any) -> None:
    often = world.table.control("frequency").copy()
    row = int(np.flatnonzero(often)[3])
    often[row] = 0.4
    rest, _ = other_parts(column(world.table, "frequency", often), reach_frequency=VIDEO)
    (problem,) = rest.problems
    assert problem.severity == "warning"
    assert "1 of" in problem.what
    assert f"0.4 in the period of {world.table.dates[row]}" in str(problem)


def test_a_reference_never_seen_is_warned_of(world: Any) -> None:
    rest, _ = other_parts(world.table, treatments={"price": 2.0})
    assert "the reference level was never seen" in str(rest.problems[0])


def test_part_words_and_own_priors_both_do(world: Any) -> None:
    part = VaryingEffect(("tv",), (20, 40))
    assert other_parts(world.table, varying=part)[1] == (part,)


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "unknown organic": ({"organic": "newsleter"}, "no control called 'newsleter'. Did you mean 'newsletter'"),
    "unknown reach": ({"reach_frequency": {"video": ("reech", "frequency")}}, "Did you mean 'reach'"),
    "unknown channel": ({"reach_frequency": {"vidoe": ("reach", "frequency")}}, "Did you mean 'video'"),
    "unknown treatment": ({"treatments": {"prise": "min"}}, "Did you mean 'price'"),
    "unknown reference": ({"treatments": {"price": "median"}}, "no reference level called 'median'"),
    "reference not finite": ({"treatments": {"price": np.nan}}, "reference of 'price' must be finite"),
    "unknown sign": ({"treatments": [Treatment("price", sign="up")]}, "no sign of treatment 'price' called 'up'"),
    "one column": ({"reach_frequency": {"video": "reach"}}, "must be the pair (reach column, frequency column)"),
    "used twice": ({"organic": "price", "treatments": {"price": "min"}}, "'price' is used more than once"),
    "channel twice": (
        {"reach_frequency": [ReachFrequency("video", *c) for c in (("reach", "frequency"), ("newsletter", "price"))]},
        "The channel 'video' is used more than once",
    ),
    "share and roi": (
        {"reach_frequency": [ReachFrequency("video", "reach", "frequency", share=(0.1, 0.2), roi=(1, 2))]},
        "both a share and a roi",
    ),
    "share upside down": ({"organic": Organic("newsletter", share=(0.2, 0.1))}, "low < high, got (0.2, 0.1)"),
    "share of nothing": ({"organic": Organic("newsletter", share=(0, 0.1))}, "low end of share of 'newsletter'"),
    "unknown parameter": ({"organic": Organic("newsletter", ranges={"halv": (1, 2)})}, "Did you mean 'half'"),
    "outside the domain": ({"organic": Organic("newsletter", ranges={"decay": (0.1, 1.4)})}, "decay of 'newsletter'"),
    "meaning of reach": (
        {"reach_frequency": [ReachFrequency("video", "reach", "frequency", reach_is="persons")]},
        "no meaning of reach called 'persons'",
    ),
    "unknown curve": ({"organic": Organic("newsletter", curve="hil")}, "Did you mean 'hill'"),
    "unknown varying": ({"varying": "efect"}, "no part that may vary called 'efect'. Did you mean 'effect'"),
    "varying twice": ({"varying": ["level", "level"]}, "'varying level' is used more than once"),
    "unknown order": ({"organic": "newsletter", "order": "curve first"}, "no order called 'curve first'"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_refusals(world: Any, case: str) -> None:
    asked, sentence = HOSTILE[case]
    with pytest.raises(InputError) as refused:
        other_parts(world.table, **asked)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("name", "values", "asked", "sentence"),
    [
        ("newsletter", -1.0, {"organic": "newsletter"}, "column 'newsletter': an amount, reach or frequency must not"),
        ("newsletter", 7.0, {"organic": "newsletter"}, "the same in every row, so its effect cannot be told"),
        ("reach", -1.0, {"reach_frequency": VIDEO}, "must not be negative (found -1 in the period of"),
        ("reach", 0.0, {"reach_frequency": VIDEO}, "Nobody was ever reached by 'video'"),
        ("frequency", -2.0, {"reach_frequency": VIDEO}, "column 'frequency'"),
        ("frequency", 3.0, {"reach_frequency": VIDEO}, "is 3 in every row with reach"),
        ("price", 5.0, {"treatments": {"price": "min"}}, "The treatment 'price' is 5 in every row"),
    ],
)  # fmt: skip
def test_columns_that_cannot_be(
    world: Any, name: str, values: float, asked: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InputError) as refused:
        other_parts(column(world.table, name, values), **asked)
    assert sentence in str(refused.value)


def test_a_table_without_controls_or_channels_left_says_so(world: Any) -> None:
    bare = mc.simulate_market(2, periods=30).table
    with pytest.raises(
        InputError, match=r"no controls, so 'mails' cannot be an organic channel\. Read it with"
    ):
        other_parts(bare, organic="mails")
    only = replace(world.table, spend=world.table.spend[:, 2:], channels=("video",))
    with pytest.raises(InputError, match="no response curve of spend is left"):
        other_parts(only, reach_frequency=VIDEO)
    free = replace(world.table, spend=world.table.spend * [1.0, 1.0, 0.0])
    with pytest.raises(InputError, match="no spend in video, so it has no ROI"):
        other_parts(free, reach_frequency=VIDEO)
