"""The shipped markets: found in a checkout or a wheel, made again byte for byte, and what the README says."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from mixcurve.tables import shipped
from mixcurve.tables.shipped import SHIPPED, shipped_path

DATA = Path(__file__).resolve().parents[2] / "data"
DEMO = {"date": "week", "response": "orders", "channels": ["tv", "search", "social", "video", "out_of_home"],
        "controls": ["price"], "currency": "GBP"}  # fmt: skip
GERMANY = {"date": "woche", "response": "umsatz", "channels": ["tv", "suche", "social", "radio"],
           "controls": ["preis", "aktionstage"], "locale": "de-DE", "currency": "EUR"}  # fmt: skip
REGIONS = {"date": "week", "response": "revenue", "channels": ["tv", "search", "social"], "group": "region",
           "currency": "GBP"}  # fmt: skip


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_data", DATA / "make_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_makes_the_same_bytes_again(script, tmp_path):
    script.main(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(SHIPPED)
    for name in SHIPPED:
        assert (tmp_path / name).read_bytes() == shipped_path(name).read_bytes(), (
            f"{name} was not made by this script"
        )
    script.SEEDS["demo_market"] += 1
    assert script.all_files()["demo_market.csv"] != shipped_path("demo_market.csv").read_bytes()


def test_a_file_that_is_not_shipped_is_named():
    with pytest.raises(InputError, match=r"no shipped file called 'demo.csv'"):
        shipped_path("demo.csv")


def test_an_installed_package_finds_its_files(monkeypatch, tmp_path):
    """As in a wheel: nothing beside the package, the files listed in its record."""
    installed = tmp_path / "share" / "mixcurve" / "data" / "demo_market.csv"
    installed.parent.mkdir(parents=True)
    installed.write_text("week\n")

    class Entry:
        def as_posix(self):
            return "../../../share/mixcurve/data/demo_market.csv"

        def locate(self):
            return installed

    monkeypatch.setattr(shipped, "__file__", str(tmp_path / "lib" / "mixcurve" / "tables" / "shipped.py"))
    monkeypatch.setattr(shipped, "files", lambda _: [Entry()])
    assert shipped_path("demo_market.csv") == installed.resolve()
    with pytest.raises(InputError, match=r"neither in .* nor in the installed package"):
        shipped_path("two_regions.csv")


@pytest.mark.parametrize(
    ("name", "columns"), [("demo_market", DEMO), ("markt_de", GERMANY), ("two_regions", REGIONS)]
)
def test_each_market_is_read_without_errors_and_agrees_with_its_truth(name, columns):
    table = mc.read_spend(shipped_path(f"{name}.csv"), **columns)
    truth = json.loads(shipped_path(f"{name}_truth.json").read_text())
    assert not [p for p in table.problems if p.severity == "error"]
    assert table.every == truth["every"] and list(truth["channels"]) == list(table.channels)
    periods = table.n_rows // max(len(table.group_names), 1)
    means = table.spend.sum(axis=0) / periods
    assert means == pytest.approx([c["mean_spend"] for c in truth["channels"].values()], rel=1e-6)
    assert sum(c["optimal_spend"] for c in truth["channels"].values()) == pytest.approx(means.sum(), rel=1e-6)


def test_the_demo_is_what_the_readme_says():
    table = mc.read_spend(shipped_path("demo_market.csv"), **DEMO)
    truth = json.loads(shipped_path("demo_market_truth.json").read_text())
    assert 0.05 <= truth["gain"] <= 0.15
    assert 0.85 <= 1 - truth["noise_standard_deviation"] ** 2 / table.response.var() <= 0.97
    halves = np.array([c["half_saturation"] for c in truth["channels"].values()])
    assert ((table.spend.max(axis=0) / halves)[:4] >= 2).all()
    spread = np.log(table.spend[table.spend > 0].max()) - np.log(table.spend[table.spend > 0].min())
    posters = table.spend_of("out_of_home")
    assert posters.max() / posters.min() < 1.2 < spread
