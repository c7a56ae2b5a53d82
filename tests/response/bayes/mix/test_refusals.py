"""What cannot be meant is refused in a sentence, before anything is sampled."""

from __future__ import annotations

from typing import Any

import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.response.market import Market


def lift(**changes: Any) -> mc.LiftTest:
    asked = {
        "channel": "tv", "start": "2023-03-06", "end": "2023-04-02", "response": 100.0, "error": 10.0, "share": "-100%",
    }  # fmt: skip
    return mc.LiftTest(**{**asked, **changes})


def wrong(market: Market, words: str, **asked: Any) -> None:
    with pytest.raises(InputError, match=words):
        mc.sample_mix(market.table, season=1, quick=True, **asked)


def test_priors_that_cannot_be_meant(market: Market) -> None:
    wrong(market, r"tv.*upside down.*roi=\(0.5, 3\)", priors={"tv": {"roi": (3.0, 0.5)}})
    wrong(market, "radio", priors={"radio": {"roi": (0.5, 3.0)}})
    wrong(market, "two numbers", priors={"tv": {"roi": 2.0}})
    wrong(market, "finite", priors={"tv": {"roi": (0.5, float("inf"))}})


def test_an_roi_in_another_unit(market: Market) -> None:
    """An ROI in cents on the dollar would need more response than there was."""
    wrong(market, r"mean response|value", priors={"tv": {"roi": (50.0, 300.0)}})


def test_experiments_that_cannot_be_meant(market: Market) -> None:
    wrong(
        market,
        r"the table holds 2023.*Correct the days",
        experiments=lift(start="2031-01-06", end="2031-02-02"),
    )
    wrong(market, "radio", experiments=lift(channel="radio"))
    wrong(market, r"names groups \(north\), but the table has none", experiments=lift(groups="north"))
    with pytest.raises(InputError, match="error must be above 0"):
        lift(error=0.0)


def test_a_group_that_is_not_there() -> None:
    grouped = mc.simulate_market(["tv"], periods=60, groups=["north", "south"], noise=0.05, seed=4)
    wrong(grouped, r"west.*north", experiments=lift(groups="west"))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"curve": "hil"}, "hill"),
        ({"carryover": "geometrical"}, "geometric"),
        ({"noise": "gausian"}, "gaussian"),
        ({"sampler": "stan"}, "nutpie"),
        ({"level": 1.5}, "level"),
        ({"draws": 0}, "draws"),
        ({"order": "curve first"}, "saturation first"),
        ({"progress": "bar"}, r"progress must be a function of \(stage, done, total\)"),
    ],
    ids=str,
)
def test_words_that_are_not_known(market: Market, asked: dict[str, Any], words: str) -> None:
    wrong(market, words, **asked)
