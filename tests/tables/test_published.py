"""Data that others published are read as they are: counts, totals and dates taken with another reader or a book."""

from __future__ import annotations

import csv as plain_csv

import numpy as np

from mixcurve.tables.spend import describe, read_spend

ROBYN = "robyn/dt_simulated_weekly.csv"
ROBYN_CHANNELS = ["tv_S", "ooh_S", "print_S", "facebook_S", "search_S"]


def column(path, name):
    with path.open(newline="", encoding="utf-8") as stream:
        return np.array([float(row[name]) for row in plain_csv.DictReader(stream)])


def test_robyn(shared):
    path = shared(ROBYN)
    table = read_spend(
        path, date="DATE", response="revenue", channels=ROBYN_CHANNELS, controls=["competitor_sales_B"]
    )
    assert (table.every, table.n_periods, table.problems) == ("week", 208, ())
    assert (str(table.dates[0]), str(table.dates[-1])) == ("2015-11-23", "2019-11-11")
    for name in ROBYN_CHANNELS:
        np.testing.assert_array_equal(table.spend_of(name), column(path, name))
    np.testing.assert_array_equal(table.response, column(path, "revenue"))
    np.testing.assert_array_equal(table.control("competitor_sales_B"), column(path, "competitor_sales_B"))
    assert 0.5 <= (table.spend_of("tv_S") == 0).mean() <= 0.59  # as the source says


def test_lydia_pinkham(shared):
    table = read_spend(
        shared("lydia_pinkham/lydia_pinkham_annual.csv"),
        date="year",
        response="sales_kusd",
        channels=["advertising_kusd"],
    )
    assert (table.every, table.n_periods, table.problems) == ("year", 54, ())
    assert (str(table.dates[0]), str(table.dates[-1])) == ("1907-01-01", "1960-01-01")
    assert table.spend_of("advertising_kusd")[:3].tolist() == [608, 451, 529]  # Palda (1964), p. 23
    assert table.response[:3].tolist() == [1016, 921, 934]
    assert describe(table).startswith("lydia_pinkham_annual.csv: 54 years from 1907 to 1960\n")


def test_pymc_marketing(shared):
    path = shared("pymc_marketing/mmm_example.csv")
    table = read_spend(
        path, date="date_week", response="y", channels=["x1", "x2"], controls=["event_1", "event_2", "t"]
    )
    assert (table.every, table.n_periods, table.problems) == ("week", 179, ())
    np.testing.assert_array_equal(table.spend_of("x2"), column(path, "x2"))
    np.testing.assert_array_equal(table.control("t"), np.arange(179))
