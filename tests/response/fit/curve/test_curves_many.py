"""Many campaigns at once are the same campaigns one by one, and a bad one fails alone and by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.response.curves import curves
from mixcurve.response.fit.curve import many as curves_many
from mixcurve.response.fit.curve.fit import fit_curve
from mixcurve.response.fit.curve.many import fit_curves
from mixcurve.response.fit.curve.many_results import CurveFits

FloatArray = np.ndarray
Campaigns = dict[str, tuple[FloatArray, FloatArray, FloatArray]]
LEVEL, EXPOSURES = 0.9, 800.0
FIGURES = ("half_saturation", "inflection", "mroi")


def campaigns(family: str = "gaussian", count: int = 12) -> Campaigns:
    """Return spend, response and exposures of campaigns of several lengths, some far below half-saturation."""
    out = {}
    for i in range(count):
        rng = np.random.default_rng([9, i])
        spend = rng.uniform(0, (100.0, 60.0, 25.0)[i % 3], (30, 52, 104)[i // 3 % 3])
        mean = 20 + 50 * curves["hill"](spend, half=30.0, slope=rng.uniform(1.2, 3.5))
        if family in ("poisson", "negative binomial"):
            shape = 30.0
            response = rng.poisson(mean if family == "poisson" else rng.gamma(shape, mean / shape)).astype(
                float
            )
        elif family == "binomial":
            response = rng.binomial(int(EXPOSURES), mean / 200).astype(float)
        else:
            response = mean + 4 * rng.standard_normal(len(spend))
        out[f"campaign {i}"] = spend, response, np.full(len(spend), EXPOSURES)
    return out


def as_table(data: Campaigns, order: FloatArray | None = None) -> dict[str, Any]:
    name = np.repeat(list(data), [len(spend) for spend, _, _ in data.values()])
    columns = [np.concatenate(parts) for parts in zip(*data.values(), strict=True)]
    table = dict(zip(("name", "spend", "sales", "people"), (name, *columns), strict=True))
    return table if order is None else {k: v[order] for k, v in table.items()}


def fitted(table: dict[str, Any], **words: Any) -> CurveFits:
    return fit_curves(
        table, by="name", spend="spend", response="sales", **{"intervals": True, "level": LEVEL} | words
    )


def words_of(family: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what `fit_curves` and `fit_curve` are told of a family."""
    if family in ("huber", "student_t"):
        return {"loss": family}, {"loss": family}
    if family == "binomial":
        return {"family": family, "exposures": "people"}, {"family": family}
    return {"family": family}, {"family": family}


SLOWER = ("poisson", "negative binomial", "student_t", "huber")


@pytest.mark.parametrize(
    "family", ["gaussian", "binomial", *(pytest.param(f, marks=pytest.mark.slow) for f in SLOWER)]
)
def test_many_are_the_same_as_one_by_one(family: str) -> None:
    data = campaigns(family, 9 if family in SLOWER else 6)
    together, alone = words_of(family)
    fits = fitted(as_table(data), **together)
    assert fits.figures == FIGURES
    for i, (name, (spend, response, exposures)) in enumerate(data.items()):
        extra = {"exposures": exposures} if family == "binomial" else {}
        one = fit_curve(spend, response, level=LEVEL, resamples=0, **alone, **extra)
        assert fits.campaigns[i] == name
        assert fits.status[i] == one.status, name
        assert fits.grades[i] == one.evidence[0].grade, name
        assert fits.findings[i] == tuple(f.code for f in one.evidence[0].findings), name
        assert fits.log_likelihood[i] == pytest.approx(one.log_likelihood, rel=1e-7, nan_ok=True)
        for figure in FIGURES:
            single, batched = one.interval(figure), fits.interval(name, figure)
            assert single is not None
            assert batched is not None
            assert batched.open_side == single.open_side, (name, figure)
            for end in ("low", "high"):
                assert getattr(batched, end) == pytest.approx(getattr(single, end), rel=1e-3), (
                    name,
                    figure,
                    end,
                )


def test_a_wrong_limit_would_be_caught() -> None:
    data = campaigns(count=1)
    ((spend, response, _),) = data.values()
    fits = fitted(as_table(data))
    other = fit_curve(spend, response, level=LEVEL + 0.01, resamples=0).interval("half_saturation")
    assert other is not None
    assert fits.high[0, 0] != pytest.approx(other.high, rel=1e-3)


def test_the_order_of_rows_and_the_number_of_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves_many, "CHUNK", 3)
    data = campaigns(count=8)
    table = as_table(data)
    plain = fitted(table, workers=1)
    threaded = fitted(table, workers=2)
    assert threaded.campaigns == plain.campaigns
    for field in ("parameters", "low", "high", "estimates", "standard_errors", "rss"):
        assert np.array_equal(getattr(threaded, field), getattr(plain, field), equal_nan=True), field
    order = np.random.default_rng(0).permutation(len(table["name"]))
    shuffled = fitted(as_table(data, order))
    place = [shuffled.campaigns.index(name) for name in plain.campaigns]
    closed = np.isfinite(plain.high) & (plain.low > 0)
    assert shuffled.low[place][closed] == pytest.approx(plain.low[closed], rel=1e-3)
    assert shuffled.high[place][closed] == pytest.approx(plain.high[closed], rel=1e-3)
    assert [shuffled.open_sides[i] for i in place] == list(plain.open_sides)


def test_a_campaign_is_the_same_whatever_stands_beside_it() -> None:
    data = campaigns(count=6)
    everyone = fitted(as_table(data))
    alone = fitted(as_table({"campaign 2": data["campaign 2"]}))
    assert alone.parameters[0] == pytest.approx(everyone.parameters[2], rel=1e-6)
    assert alone.low[0] == pytest.approx(everyone.low[2], rel=1e-3)


def spoiled() -> tuple[dict[str, Any], dict[str, str]]:
    """Return a table with bad campaigns among good ones, and what is wrong with each."""
    data = campaigns(count=7)
    data["short"] = tuple(a[:4] for a in data["campaign 0"])  # type: ignore[assignment]
    data["unpaid"] = (np.zeros(30), *data["campaign 0"][1:])
    data["last"] = data["campaign 1"]
    table = as_table(data)
    table["spend"] = table["spend"].astype(object)

    def at(name: str) -> int:
        return int(np.flatnonzero(table["name"] == name)[3])

    table["sales"][at("campaign 1")] = np.nan
    table["spend"][at("campaign 3")] = -2.0
    table["spend"][at("campaign 4")] = "n/a"
    table["sales"][at("campaign 5")] = np.inf
    missing = "has a missing or infinite value"
    return table, {
        "campaign 1": missing,
        "campaign 3": "has negative spend",
        "campaign 4": missing,
        "campaign 5": missing,
        "short": "has no more rows than the 4 parameters",
        "unpaid": "has no spend",
    }


def test_bad_campaigns_fail_alone_and_by_name() -> None:
    table, reasons = spoiled()
    fits = fitted(table)
    for name, status, message, grade in zip(
        fits.campaigns, fits.status, fits.message, fits.grades, strict=True
    ):
        if name in reasons:
            assert (status, message, grade) == ("failed", reasons[name], "not shown"), name
            assert all(fits.interval(name, figure) is None for figure in FIGURES)
        else:
            assert status != "failed", name
    data = campaigns(count=7)
    clean = fitted(as_table({n: data[n] for n in ("campaign 0", "campaign 6")}))
    for name in clean.campaigns:
        mine, theirs = fits.campaigns.index(name), clean.campaigns.index(name)
        assert fits.low[mine] == pytest.approx(clean.low[theirs], rel=1e-3)
    assert fits.table.loc["campaign 4", "message"] == "has a missing or infinite value"


@pytest.mark.parametrize(
    ("family", "column", "value", "message"),
    [
        ("poisson", "sales", 2.5, "has a response that is no whole count of at least 0"),
        ("poisson", "sales", -1.0, "has a response that is no whole count of at least 0"),
        ("binomial", "people", 0.0, "has exposures of 0 or less; has more conversions than exposures"),
        ("binomial", "people", 700.5, "has exposures that are no whole number"),
        ("binomial", "sales", 900.0, "has more conversions than exposures"),
    ],
)
def test_bad_counts_fail_alone(family: str, column: str, value: float, message: str) -> None:
    table = as_table(campaigns(family, 3))
    table[column][5] = value
    fits = fitted(table, **words_of(family)[0], intervals=False)
    assert fits.message[0] == message
    assert fits.status[0] == "failed"
    assert "failed" not in fits.status[1:]


def test_a_weight_of_nothing_fails_alone() -> None:
    table = as_table(campaigns(count=3))
    table["people"][7] = 0.0
    fits = fitted(table, weights="people", intervals=False)
    assert fits.message == ("has a weight of 0 or less", "", "")


def test_progress_only_grows_and_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves_many, "CHUNK", 2)
    table, reasons = spoiled()
    seen: list[tuple[str, int, int]] = []
    fitted(table, workers=2, progress=lambda *told: seen.append(told))
    done = [d for _, d, _ in seen]
    assert done == sorted(set(done))
    total = len(set(table["name"])) - len(reasons)
    assert seen[-1] == ("fitting", total, total)


def test_a_current_spend_moves_the_marginal_return_only() -> None:
    data = campaigns(count=3)
    usual = fitted(as_table(data), response_value=5.0)
    moved = fitted(as_table(data), response_value=5.0, current={"campaign 0": 90.0})
    spend, response, _ = data["campaign 0"]
    one = fit_curve(spend, response, level=LEVEL, current=90.0, response_value=5.0, resamples=0).interval(
        "mroi"
    )
    assert one is not None
    assert moved.interval("campaign 0", "mroi").high == pytest.approx(one.high, rel=1e-3)  # type: ignore[union-attr]
    assert moved.low[:, :2] == pytest.approx(usual.low[:, :2], rel=1e-3)
    assert moved.low[1:] == pytest.approx(usual.low[1:], rel=1e-3)


def test_results_survive_json() -> None:
    table, _ = spoiled()
    fits = fitted(table)
    again = CurveFits.from_dict(fits.to_dict())
    for field in ("parameters", "low", "high", "estimates", "log_likelihood"):
        assert np.array_equal(getattr(again, field), getattr(fits, field), equal_nan=True), field
    for field in (
        "campaigns",
        "status",
        "message",
        "grades",
        "findings",
        "open_sides",
        "figures",
        "level",
        "family",
    ):
        assert getattr(again, field) == getattr(fits, field), field
    assert again.curve.name == "hill"
    mine, theirs = again.interval("campaign 0", "mroi"), fits.interval("campaign 0", "mroi")
    assert mine is not None
    assert theirs is not None
    assert (mine.low, mine.high, mine.open_side) == (theirs.low, theirs.high, theirs.open_side)


def test_the_table_has_every_interval_and_names_each_column_once() -> None:
    table = fitted(as_table(campaigns(count=3))).table
    assert table.columns.is_unique
    for figure in FIGURES:
        assert {figure, f"{figure}_low", f"{figure}_high"} <= set(table.columns)


@pytest.mark.parametrize(
    ("change", "words", "message"),
    [
        ({"sales": "text"}, {}, "A spend, response or weight column holds text."),
        ({}, {"family": "binomial"}, "exposures and family='binomial' go together"),
        ({}, {"exposures": "people"}, "exposures and family='binomial' go together"),
        ({}, {"level": 1.5}, "level must be in [0.5, 0.999], got 1.5."),
        ({}, {"family": "gamma"}, "There is no family called 'gamma'."),
        ({}, {"current": {"nobody": 3.0}}, "There is no campaign (current) called 'nobody'."),
        ({}, {"weights": "weigth"}, "There is no column called 'weigth'."),
        ({"name": None}, {}, "The column of campaigns has no name in row 2."),
        ({"spend": slice(0, 10)}, {}, "The columns must have one length above 0"),
    ],
)
def test_bad_input_is_explained(change: dict[str, Any], words: dict[str, Any], message: str) -> None:
    table = as_table(campaigns(count=2))
    for column, value in change.items():
        if isinstance(value, slice):
            table[column] = table[column][value]
        elif value == "text":
            table[column] = np.full(len(table[column]), "text")
        else:
            table[column] = table[column].astype(object)
            table[column][2] = value
    with pytest.raises(InputError) as raised:
        fitted(table, **words)
    assert message in str(raised.value)
