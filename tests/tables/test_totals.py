"""A last row that adds the others up is one problem, not many; a last period is never taken for one."""

from __future__ import annotations

import pandas as pd
import pytest


def with_last(clean: pd.DataFrame, date: object, **cells: object) -> pd.DataFrame:
    row = dict.fromkeys(clean.columns) | {"week": date} | cells
    return pd.concat([clean, pd.DataFrame([row], columns=clean.columns).astype(object)], ignore_index=True)


def sums(clean: pd.DataFrame, digits: int = 6) -> dict[str, float]:
    return {
        name: round(float(clean[name].astype(float).sum()), digits) for name in ("orders", "tv", "search")
    }


TOLD = "the row looks like a total (found {}). Delete it, so that the table holds one row per period and nothing else."


@pytest.mark.parametrize("word", ["Total", "Summe", "GESAMT", "Grand total:", "somme"])
def test_a_row_called_total_is_one_problem(clean, csv, message, word):
    place = f"media.csv, row {len(clean) + 2}, column 'week'"
    frame = with_last(clean, word, **sums(clean), price="")
    assert message(csv(frame)) == f"{place}: {TOLD.format(repr(word))}"


def test_a_row_without_a_date_that_adds_up_is_one_problem(clean, csv, message):
    frame = with_last(clean, None, **sums(clean, digits=0))
    assert "looks like a total (found an empty cell)" in message(csv(frame))
    assert "\n" not in message(csv(frame))


def test_the_other_problems_are_still_told(clean, csv, message):
    clean.loc[3, "tv"] = -5
    told = message(csv(with_last(clean, "Total", **sums(clean))))
    assert "2 problems" in told
    assert "spend is negative" in told


@pytest.mark.parametrize("change", [{"orders": 12345.0}, {"tv": None, "orders": 3.0, "search": None}])
def test_a_row_without_a_date_that_does_not_add_up_is_a_missing_date(clean, csv, message, change):
    told = message(csv(with_last(clean, None, **sums(clean) | change)))
    assert "the date is missing" in told
    assert "total" not in told


def test_a_sheet_names_the_cell(clean, tmp_path, message):
    path = tmp_path / "media.xlsx"
    with_last(clean, "Total", **sums(clean)).to_excel(path, index=False, engine="xlsxwriter")
    assert f"row {len(clean) + 2} (cell A{len(clean) + 2})" in message(path)
