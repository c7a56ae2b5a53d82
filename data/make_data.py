"""Make the markets of this folder again, byte for byte: ``python data/make_data.py [FOLDER]``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mixcurve.foundations.results import write_whole
from mixcurve.response.market import Market, MarketChannel
from mixcurve.response.simulate import simulate_market

SEEDS = {"demo_market": 27, "markt_de": 2, "two_regions": 3}
DIGITS = 8
"""Significant digits in the truth files: beyond them, processors may differ."""


def hill(top: float, half: float, slope: float) -> tuple[str, dict[str, float]]:
    return "hill", {"top": top, "half": half, "slope": slope}


def geometric(decay: float) -> tuple[str, dict[str, float]]:
    return "geometric", {"decay": decay}


def demo_market() -> Market:
    """A British shop: money sits in search and social, which are full, while television and video could use more."""
    channels = {
        "tv": MarketChannel(
            hill(6_600, 30_000, 2.6),
            geometric(0.5),
            mean_spend=22_000,
            variation=0.35,
            zero_weeks=0.36,
            flight_length=5,
        ),
        "search": MarketChannel(hill(4_600, 16_000, 1.8), geometric(0.1), mean_spend=28_000, variation=0.55),
        "social": MarketChannel(
            hill(3_200, 11_000, 2.2),
            geometric(0.2),
            mean_spend=18_000,
            variation=0.55,
            zero_weeks=0.15,
            flight_length=3,
        ),
        "video": MarketChannel(
            hill(4_600, 17_000, 2.2),
            geometric(0.35),
            mean_spend=11_000,
            variation=0.65,
            zero_weeks=0.2,
            flight_length=3,
        ),
        "out_of_home": MarketChannel(hill(2_300, 8_000, 1.7), geometric(0.6), mean_spend=12_000),
    }
    return simulate_market(
        channels, periods=156, start="2023-01-02", baseline=14_000, trend={0: 0.0, 70: 0.04, 155: 0.12}, season=0.08,
        price=-0.9, correlation=0.1, confounding={"tv": 0.2, "search": 0.3}, narrow=["out_of_home"], noise=0.038,
        response_name="orders", currency="GBP", seed=SEEDS["demo_market"],
    )  # fmt: skip


def markt_de() -> Market:
    """A German shop whose channels rise and fall together, and with the season: the hard, ordinary case."""
    weibull = ("weibull", {"top": 90_000, "half": 16_000, "slope": 1.4})
    logistic = ("logistic", {"top": 60_000, "midpoint": 12_000, "steepness": 3.0})
    channels = {
        "tv": MarketChannel(
            hill(260_000, 62_000, 2.2), geometric(0.6), mean_spend=48_000, zero_weeks=0.45, flight_length=6
        ),
        "suche": MarketChannel(
            ("michaelis_menten", {"top": 160_000, "half": 20_000}), "none", mean_spend=38_000
        ),
        "social": MarketChannel(weibull, geometric(0.3), mean_spend=22_000),
        "radio": MarketChannel(logistic, geometric(0.4), mean_spend=11_000, zero_weeks=0.3),
    }
    actions = dict.fromkeys(("2022-11-25", "2023-11-24", "2024-11-29"), 1.0)
    return simulate_market(
        channels, periods=157, start="2022-01-03", baseline=480_000, trend=0.08, season=[(0.06, -0.04), (0.03, 0.02)],
        holidays=actions, holiday_effect=0.25, price=-1.1, variation=0.45, correlation=0.45, confounding=0.5,
        noise=0.04, response_name="umsatz", currency="EUR", seed=SEEDS["markt_de"],
    )  # fmt: skip


def two_regions() -> Market:
    """A panel of two regions, one twice the other, with spend of their own."""
    channels = {
        "tv": MarketChannel(hill(90_000, 30_000, 2.4), geometric(0.5), mean_spend=22_000, zero_weeks=0.3),
        "search": MarketChannel(
            ("exponential", {"top": 70_000, "half": 14_000}), geometric(0.1), mean_spend=18_000
        ),
        "social": MarketChannel(hill(45_000, 9_000, 1.8), geometric(0.25), mean_spend=12_000, zero_weeks=0.1),
    }
    return simulate_market(
        channels, periods=104, start="2024-01-01", baseline=300_000, trend=0.05, season=0.07, correlation=0.1,
        groups={"north": 1.0, "south": 2.0}, noise=0.03, response_name="revenue", currency="GBP",
        seed=SEEDS["two_regions"],
    )  # fmt: skip


def british(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}"


def german(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def csv_bytes(
    market: Market,
    header: Sequence[str],
    *,
    mark: str,
    date: str,
    write: Callable[[float, int], str],
    whole: bool,
) -> bytes:
    """Return the table as text: date, group where there is one, response, channels, controls."""
    table = market.table
    lines = [mark.join(header)]
    for row, day in enumerate(table.dates.tolist()):
        group = [table.groups[row]] if table.groups else []
        response = write(float(table.response[row]), 0 if whole else 2)
        amounts = [write(float(v), 2) for v in table.spend[row]]
        controls = [
            write(float(v), 2 if name == "price" else 0)
            for name, v in zip(table.control_names, table.controls[row])
        ]
        lines.append(mark.join([day.strftime(date), *group, response, *amounts, *controls]))
    return ("\n".join(lines) + "\n").encode()


def rounded(value: Any) -> Any:
    """Return plain values with numbers to so many significant digits."""
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    return float(f"{float(value):.{DIGITS}g}") if not isinstance(value, (str, int)) else value


def truth_bytes(name: str, market: Market) -> bytes:
    """Return what made the market, as JSON a person can read."""
    truth, table = market.truth, market.table
    by_channel = {
        channel: {
            "curve": truth.curves.curve[i].name,
            "parameters": truth.curve_parameters(channel),
            "carryover": truth.carryover[i],
            "carryover_parameters": truth.carryover_parameters[i],
            "mean_spend": truth.curves.current[i],
            "optimal_spend": truth.optimal_plan[channel],
            "inflection": truth.inflection[i],
            "half_saturation": truth.half_saturation[i],
            "roi": truth.roi[i],
            "marginal_at_mean_spend": truth.marginal[i],
        }
        for i, channel in enumerate(truth.channels)
    }
    content = {
        "market": name,
        "seed": SEEDS[name],
        "response": table.response_name,
        "currency": table.currency,
        "every": table.every,
        "channels": by_channel,
        "control_effects": truth.control_effects,
        "group_shares": truth.group_shares,
        "mean_baseline": truth.baseline.mean(),
        "noise_standard_deviation": truth.noise.std(),
        "current_incremental_response": truth.current_value,
        "optimal_incremental_response": truth.optimal_value,
        "gain": truth.gain,
        "plan_step": truth.plan_step,
    }
    return (json.dumps(rounded(content), indent=1, ensure_ascii=False) + "\n").encode()


def all_files() -> dict[str, bytes]:
    """Return every file of this folder that a seed makes."""
    demo, germany, regions = demo_market(), markt_de(), two_regions()
    return {
        "demo_market.csv": csv_bytes(
            demo, ["week", "orders", *demo.table.channels, "price"],
            mark=",", date="%Y-%m-%d", write=british, whole=True,
        ),
        "markt_de.csv": csv_bytes(
            germany, ["woche", "umsatz", *germany.table.channels, "aktionstage", "preis"],
            mark=";", date="%d.%m.%Y", write=german, whole=False,
        ),
        "two_regions.csv": csv_bytes(
            regions, ["week", "region", "revenue", *regions.table.channels],
            mark=",", date="%Y-%m-%d", write=british, whole=False,
        ),
        "demo_market_truth.json": truth_bytes("demo_market", demo),
        "markt_de_truth.json": truth_bytes("markt_de", germany),
        "two_regions_truth.json": truth_bytes("two_regions", regions),
    }  # fmt: skip


def main(folder: Path) -> None:
    for name, content in all_files().items():
        write_whole(folder / name, content)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
