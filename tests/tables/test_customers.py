"""Customers from any source are the same customers, and each kind of feature is recognised."""

from __future__ import annotations

import datetime as dt
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.tables.customer_values import days_of, levels_of
from mixcurve.tables.customers import read_customers

ROWS = 60


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    days = np.datetime64("2024-03-01") + rng.integers(0, 300, ROWS).astype("timedelta64[D]")
    frame = pd.DataFrame(
        {
            "id": [f"c{j:03d}" for j in range(ROWS)],
            "bought": rng.permutation(np.arange(ROWS) % 3 == 0),
            "visits": rng.integers(0, 40, ROWS),
            "income": rng.normal(30_000, 9_000, ROWS).round(2),
            "plan": rng.choice(["month", "year", "two years"], ROWS),
            "vip": rng.random(ROWS) < 0.3,
            "since": days.astype("datetime64[us]"),
        }
    )
    frame.loc[[3, 9], "income"] = np.nan
    frame.loc[[4, 30, 31], "plan"] = None
    frame.loc[[8], "since"] = pd.NaT
    return frame


def written(frame: pd.DataFrame, tmp_path, kind: str):
    """Return the frame as one of the sources that can be read."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    path = tmp_path / f"customers.{kind}"
    match kind:
        case "pandas":
            return frame
        case "polars":
            return pl.from_arrow(table)
        case "pyarrow":
            return table
        case "csv":
            frame.to_csv(path, index=False)
        case "tsv":
            frame.to_csv(path, index=False, sep="\t")
        case "parquet":
            pq.write_table(table, path)
        case "feather":
            feather.write_feather(table, path)
        case "arrow":
            with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
        case "ipc":
            with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
    return path


KINDS = {"visits": "number", "income": "number", "plan": "category", "vip": "boolean", "since": "date"}
SOURCES = ("pandas", "polars", "pyarrow", "csv", "tsv", "parquet", "feather", "arrow", "ipc")


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_gives_the_same_customers(frame, tmp_path, kind):
    table = read_customers(written(frame, tmp_path, kind), label="bought", key="id")
    assert dict(table.kinds) == KINDS
    assert table.key.tolist() == frame["id"].tolist()
    assert table.label.tolist() == frame["bought"].astype(float).tolist()
    assert table.n_rows == ROWS and table.positives == 20 and table.base_rate == pytest.approx(1 / 3)
    for name in ("visits", "income"):
        np.testing.assert_array_equal(table.features[name].to_numpy(), frame[name].to_numpy())
    codes, texts = levels_of(table.features["plan"])
    assert [None if code < 0 else texts[code] for code in codes] == [
        None if pd.isna(cell) else cell for cell in frame["plan"]
    ]
    assert table.features["vip"].tolist() == frame["vip"].tolist()
    np.testing.assert_array_equal(days_of(table.features["since"]), days_of(frame["since"]))
    assert table.problems == ()


def test_the_same_values_have_the_same_digest(frame, tmp_path):
    tables = [
        read_customers(written(frame, tmp_path, kind), label="bought")
        for kind in ("pandas", "polars", "pyarrow")
    ]
    assert len({table.sha256 for table in tables}) == 1
    other = frame.assign(visits=frame["visits"] + 1)
    assert read_customers(other, label="bought").sha256 != tables[0].sha256


def test_what_is_read_is_not_changed(frame):
    before = frame.copy(deep=True)
    table = read_customers(frame, label="bought", key="id")
    pd.testing.assert_frame_equal(frame, before)
    with pytest.raises(ValueError, match="read-only"):
        table.label[0] = 5.0


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        ([1, None, 3], "number", [1, np.nan, 3]),
        ([decimal.Decimal("1.5"), None, decimal.Decimal(2)], "number", [1.5, np.nan, 2]),
        (["£1,200", "n/a", "(3)"], "number", [1200, np.nan, -3]),
        (["1e3", " 2 ", "-"], "number", [1000, 2, np.nan]),
        (["007", "012", "100"], "category", ["007", "012", "100"]),
        (["TRUE", "false", ""], "boolean", [1, 0, np.nan]),
        ([True, None, False], "boolean", [1, np.nan, 0]),
        (["yes", "no", "yes"], "category", ["yes", "no", "yes"]),
        (["31/12/2024", "01/02/2024", None], "date", [20088, 19754, np.nan]),
        (["2024-01-01T12:00:00+00:00", "2024-01-02", None], "date", [19723.5, 19724, np.nan]),
        ([dt.date(2024, 1, 1), None, dt.date(1970, 1, 2)], "date", [19723, np.nan, 1]),
        (pd.date_range("2024-01-01", periods=2, tz="Europe/Paris"), "date", [19722 + 23 / 24, 19723 + 23 / 24]),
        (pd.PeriodIndex(["2024-01", "2024-02", "2024-03"], freq="M"), "date", [19723, 19754, 19783]),
        (pd.Categorical(["1", "2", "1"]), "category", ["1", "2", "1"]),
        (pd.array([1, None, 3], dtype="Int64"), "number", [1, np.nan, 3]),
        (pd.array([True, None, False], dtype="boolean"), "boolean", [1, np.nan, 0]),
        (pd.arrays.ArrowExtensionArray(pa.array([decimal.Decimal("1.5"), None])), "number", [1.5, np.nan]),
        (pd.arrays.ArrowExtensionArray(pa.array([dt.date(2024, 1, 1), None, None])), "date", [19723, np.nan, np.nan]),
        ([None, None, None], "number", [np.nan] * 3),
    ],
)  # fmt: skip
def test_kinds(cells, kind, values):
    table = read_customers(pd.DataFrame({"x": cells}))
    assert table.kinds["x"] == kind
    column = table.features["x"]
    if kind == "category":
        assert column.tolist() == values
    elif kind == "date":
        np.testing.assert_allclose(days_of(column), values)
    else:
        np.testing.assert_array_equal(column.to_numpy(dtype=float, na_value=np.nan), values)


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        ([1, 2, 2], "category", ["1", "2", "2"]),
        ([1.0, 2.5, None], "category", ["1", "2.5", None]),
        ([0, 1, None], "boolean", [0, 1, np.nan]),
        (["1", "2", "x"], "category", ["1", "2", "x"]),
        ([2023, 2024, 2024], "date", [19358, 19723, 19723]),
        ([True, False, None], "number", [1, 0, np.nan]),
    ],
)
def test_kinds_may_be_said(cells, kind, values):
    table = read_customers(pd.DataFrame({"x": cells}), kinds={"x": kind})
    column = table.features["x"]
    if kind == "category":
        assert [None if pd.isna(cell) else cell for cell in column] == values
    elif kind == "date":
        np.testing.assert_array_equal(days_of(column), values)
    else:
        np.testing.assert_array_equal(column.to_numpy(dtype=float, na_value=np.nan), values)


def test_locale(tmp_path):
    path = tmp_path / "kunden.csv"
    path.write_text("kauf;umsatz;seit\nja;1.200,50;31.01.2024\nnein;9,5;01.02.2024\n", encoding="cp1252")
    table = read_customers(path, label="kauf", locale="de-DE", encoding="cp1252")
    assert dict(table.kinds) == {"umsatz": "number", "seit": "date"}
    assert table.features["umsatz"].tolist() == [1200.5, 9.5]
    assert table.label.tolist() == [1, 0] and table.classes == ("nein", "ja")
    with pytest.raises(InputError, match="column 'umsatz': the number is not written the en-GB way"):
        read_customers(path, label="kauf", encoding="cp1252")


def test_parts_are_no_features():
    frame = pd.DataFrame(
        {
            "id": [5, 6, 7],
            "y": ["b", "a", "b"],
            "w": [2.0, 0.0, 1.0],
            "seen": ["2024-01-01"] * 3,
            "told": ["2024-02-01", None, "2024-02-03"],
            "region": ["n", None, "s"],
            "x": [1, 2, 4],
            "note": ["u", "v", "w"],
        }
    )
    table = read_customers(
        frame, label="y", positive="a", key="id", weights="w", weight_kind="survey", date="seen",
        label_date="told", exclude=["note"], segments=["region"],
    )  # fmt: skip
    assert list(table.kinds) == ["region", "x"]
    assert table.classes == ("b", "a") and table.label.tolist() == [0, 1, 0]
    assert table.base_rate == 0.0 and table.weight_kind == "survey"
    assert table.key.dtype.kind == "i" and table.segments["region"].tolist() == ["n", "missing", "s"]
    assert str(table.date[0]) == "2024-01-01" and np.isnat(table.label_date[1])
    one_day = read_customers(frame, label="y", positive="a", label_date="31/01/2024", features=["x"])
    assert str(one_day.label_date[2]) == "2024-01-31" and list(one_day.kinds) == ["x"]


def test_named_index_may_be_the_key():
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["a", "b"], name="id"))
    assert read_customers(frame, key="id").key.tolist() == ["a", "b"]
    assert list(read_customers(frame).kinds) == ["x"]


def test_telco(shared_data):
    """Counts as the publisher states them: 7,043 customers, 26.5% churned, 11 without total charges."""
    table = read_customers(shared_data / "telco_churn" / "wa_churn.csv", label="churn", key="rownames")
    assert table.n_rows == 7043 and table.positives == 1869 and table.classes == ("No", "Yes")
    assert int(table.features["total_charges"].isna().sum()) == 11
    kinds = list(table.kinds.values())
    assert kinds.count("category") == 10 and kinds.count("number") == 9
    assert table.problems == ()
    assert "1,869 of 7,043 rows are Yes (26.5%), the others No" in table.summary
    unnamed = read_customers(shared_data / "telco_churn" / "wa_churn.csv", label="churn")
    assert [problem.column for problem in unnamed.warnings] == ["rownames"]


def test_online_shoppers(shared_data):
    """The publisher states 12,330 sessions, 84.5% without a purchase."""
    path = shared_data / "online_shoppers" / "online_shoppers_intention.csv"
    table = read_customers(path, label="Revenue")
    assert table.n_rows == 12_330 and table.base_rate == pytest.approx(0.155, abs=5e-4)
    assert table.kinds["Weekend"] == "boolean" and table.kinds["Month"] == "category"
    assert table.warnings == ()
    assert "OperatingSystems, Browser, Region, TrafficType" in table.notes[0].what
    coded = read_customers(path, label="Revenue", kinds={"Region": "category"})
    assert coded.kinds["Region"] == "category"
