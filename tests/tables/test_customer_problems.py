"""Each thing wrong with customers is a sentence that names it, all are told at once, and doubts go with the table."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixcurve.foundations.errors import InputError
from mixcurve.tables.customer_leakage import leakage_warnings
from mixcurve.tables.customers import read_customers

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ROWS = 400


@pytest.fixture
def frame() -> pd.DataFrame:
    """Customers with whom nothing is wrong."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "id": np.arange(ROWS) * 7 + 100_000,
            "y": rng.permutation(np.arange(ROWS) % 4 == 0).astype(int),
            "w": rng.integers(1, 5, ROWS).astype(float),
            "age": rng.normal(40, 9, ROWS).round(1),
            "plan": rng.choice(["a", "b", "c"], ROWS),
            "since": np.datetime64("2024-01-01") + rng.integers(0, 90, ROWS).astype("timedelta64[D]"),
        }
    )


def told(frame: pd.DataFrame, **options: object) -> str:
    """Return what reading the frame raises."""
    with pytest.raises(InputError) as caught:
        read_customers(frame, **{"label": "y", "key": "id", "weights": "w", **options})
    return str(caught.value)


def doubts(frame: pd.DataFrame, **options: object) -> dict[str, str]:
    """Return the warnings and notes, by code and column."""
    table = read_customers(frame, **{"label": "y", "key": "id", "weights": "w", **options})
    return {f"{problem.code} {problem.column}": str(problem) for problem in table.problems}


def test_nothing_wrong(frame):
    assert doubts(frame) == {}


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        ("y", [0, 1, 2], "column 'y': the label has 3 different values where it must have two (found '0', '1', '2')"),
        ("y", [1, 1], "column 'y': the label has one value only, so there is nothing to tell apart (found '1')"),
        ("y", [None, None], "column 'y': every label is missing"),
        ("y", ["churn", "stay"], "(found 'churn', 'stay'). Say it, as in positive='churn'"),
        ("y", [0, 1, None], "row 2, column 'y': the label is missing on 133 rows, first here"),
        ("w", [1, -1, 2], "row 1, column 'w': the weight is negative on 133 rows, first here (found -1)"),
        ("w", [0, 0], "column 'w': every weight is 0"),
        ("w", [1, np.inf], "row 1, column 'w': the weight is infinite"),
        ("w", [1, None], "row 1, column 'w': the weight is missing"),
        ("w", ["1", "two"], "row 1, column 'w': the value is not a number on 200 rows, first here (found 'two')"),
        ("age", [30.0, np.inf, -np.inf], "row 1, column 'age': the value is infinite on 266 rows, first here"),
        ("age", ["inf", "30.5", "30"], "row 0, column 'age': the value is infinite on 134 rows"),
        ("age", [[1], [2]], "column 'age': the cells are of type list, which is no level"),
        ("since", [1 + 2j, 3j], "Complex data not supported"),
    ],
)  # fmt: skip
def test_wrong_cells(frame, column, cells, message):
    frame[column] = pd.Series(list(itertools.islice(itertools.cycle(cells), ROWS)))
    assert message in told(frame)


def test_mostly_numbers_are_numbers_with_mistakes(frame):
    text = frame["age"].astype(str).where(frame.index % 40 != 7, "unknown")
    message = told(frame.assign(age=text))
    assert (
        "row 7, column 'age': the value is not a number on 10 rows, first here (found 'unknown')" in message
    )
    assert "or say kinds={'age': 'category'} if this is no number" in message
    mixed = frame["age"].astype(str).where(frame.index % 4 != 0, "unknown")
    assert read_customers(frame.assign(age=mixed), exclude=["w"], label="y").kinds["age"] == "category"


def test_keys(frame):
    frame.loc[[5, 8], "id"] = frame.loc[2, "id"]
    assert (
        "row 5, column 'id': the key of an earlier row comes again on 2 rows, first here (found 100014)"
        in told(frame)
    )
    named = frame.assign(id=[f"k{j}" for j in range(ROWS)])
    named.loc[[3], "id"] = " "
    assert "row 3, column 'id': the key is missing" in told(named)


def test_columns(frame):
    message = told(frame.rename(columns={"y": "yy"}), segments=["region"], features=["ag", "plan"])
    assert "column 'y': there is no such column, wanted as the label. Did you mean 'yy'?" in message
    assert "column 'region': there is no such column, wanted as a segment" in message
    assert "column 'ag': there is no such column, wanted as a feature. Did you mean 'age'?" in message
    twice = frame.rename(columns={"age": "plan"})
    assert "column 'plan': 2 columns have this name (found columns 4, 5)" in told(twice)
    assert "no features beside the label" in told(frame[["id", "y", "w"]])
    assert "there are no rows" in told(frame[:0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": 3}, "label must be the name of a column (found 3)"),
        ({"kinds": {"age": "numbr"}}, "category, boolean, date (found 'numbr'). Write 'number'"),
        ({"kinds": ["age"]}, "kinds must map columns to kinds"),
        ({"kinds": {"agee": "number"}}, "column 'agee': there is no such column, wanted as a column of kind 'number'"),
        ({"weight_kind": "sampling"}, "weight_kind must be one of frequency, survey"),
        ({"locale": "en"}, "locale must be one of"),
        ({"encoding": "utf9"}, "encoding must be a text encoding"),
        ({"key": "y"}, "'y' is named as label and as key"),
        ({"exclude": ["w"]}, "'w' is named as weights and as exclude"),
        ({"label": None, "positive": 1}, "positive says which label is 1, but no label is named"),
        ({"positive": 7}, "positive='7' is not a value of the label (found '0', '1')"),
        ({"label_date": "soon"}, "label_date is neither a column nor a date (found 'soon')"),
        ({"label_date": 3}, "label_date must be a column or a date"),
        ({"exclude": [3]}, "exclude must be a list of names"),
    ],
)  # fmt: skip
def test_wrong_arguments(frame, options, message):
    assert message in told(frame, **options)


@pytest.mark.parametrize("source", [3, None, {"a": [1]}, np.zeros((2, 2))])
def test_no_source(source):
    with pytest.raises(
        InputError, match="source must be a path, a pandas or polars frame or a pyarrow Table"
    ):
        read_customers(source)


def test_all_problems_at_once(frame):
    frame["age"] = np.where(frame.index == 5, np.inf, frame["age"])
    frame["w"] = -frame["w"]
    frame["y"] = frame.index % 3
    frame["id"] = 1
    message = told(frame, segments=["region"])
    assert message.startswith("5 problems in the input:")
    for word in ("'age'", "'w'", "'y'", "'id'", "'region'"):
        assert word in message


def test_nested_arrow_column():
    table = pa.table({"x": [1, 2], "basket": [[1], [2, 3]]})
    with pytest.raises(InputError, match="column 'basket': the column holds values of type list"):
        read_customers(table)


def test_files(tmp_path):
    def wrong(name: str, content: bytes, **options: object) -> str:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_customers(tmp_path / name, **options)
        return str(caught.value)

    assert "there is no way to read a file of type '.pqt'" in wrong("a.pqt", b"x")
    assert "the file cannot be read as Parquet" in wrong("a.parquet", b"nothing of the kind")
    assert "the file cannot be read as Arrow" in wrong("a.arrow", b"nothing of the kind")
    assert "the file is empty" in wrong("a.csv", b" \n")
    assert "there are no rows" in wrong("a.csv", b"a,b\n")
    assert "a.csv, row 3: the row has 1 cells where the header has 2" in wrong("a.csv", b"a,b\n1,2\n3\n4,5\n")
    assert "a.csv, row 4: the row has 3 cells" in wrong("a.csv", b"a,b\n1,2\n\n3,4,5\n4,5\n")
    assert "column 'a': 2 columns have this name" in wrong("a.csv", b"a,a,b\n1,2,3\n")
    assert "the names of the columns stand in row 2" in wrong(
        "a.csv", b"Our customers\nid,y,x\n1,0,3\n", label="y", key="id"
    )
    assert "row 4, column 'w': the weight is negative" in wrong("a.csv", b"w,x\n1,2\n\n-1,3\n", weights="w")
    assert "row 5, column 'w': the weight is negative" in wrong(
        "a.csv", b'w,x\n1,"a\nb"\n1,c\n-1,d\n', weights="w"
    )
    with pytest.raises(InputError, match="there is no such file"):
        read_customers(tmp_path / "absent.parquet")


def test_nameless_column_is_left_out(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('"",x,y\n1,5,0\n2,6,1\n', encoding="utf-8")
    table = read_customers(path, label="y")
    assert list(table.kinds) == ["x"]
    assert "column 1 has no name and was left out" in str(table.warnings[0])


def test_features_that_say_nothing(frame):
    frame["same"] = "x"
    frame["zero"] = 0.0
    frame["never"] = None
    frame["name"] = [f"person {j % 390}" for j in range(ROWS)]
    frame["number"] = np.random.default_rng(0).permutation(ROWS) + 1
    found = doubts(frame)
    assert set(found) == {
        "constant-feature same", "constant-feature zero", "all-missing never", "identifier name", "identifier number",
    }  # fmt: skip
    assert "390 different values on 400 rows are almost an identifier" in found["identifier name"]
    assert "the value is 'x' on every row" in found["constant-feature same"]


def test_without_a_label_nothing_is_to_be_learnt(frame):
    one = frame[:1].drop(columns=["y"])
    assert read_customers(one, key="id", weights="w").problems == ()


def test_fewer_rows_than_features():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(10, 12)), columns=[f"x{j}" for j in range(12)]).assign(
        y=np.arange(10) % 2
    )
    assert "10 rows for 12 features" in str(read_customers(frame, label="y").warnings[-1])


def test_excluding_what_is_not_there(frame, tmp_path):
    found = doubts(frame, exclude=["plan", "agee"])
    assert list(found) == ["nothing-excluded agee"]
    assert "exclude names a column that is not there. Did you mean 'age'?" in found["nothing-excluded agee"]
    frame.to_parquet(tmp_path / "a.parquet")
    table = read_customers(tmp_path / "a.parquet", label="y", key="id", weights="w", exclude=["plan", "agee"])
    assert [problem.column for problem in table.problems] == ["agee"]
    assert list(table.kinds) == ["age", "since"]


def test_ambiguous_numbers_and_dates(frame):
    rng = np.random.default_rng(0)
    frame["price"] = [f"{a}.{b:03d}" for a, b in rng.integers(1, 900, (ROWS, 2))]
    frame["since"] = [f"{d:02d}/{m:02d}/2024" for d, m in rng.integers(1, 12, (ROWS, 2))]
    found = doubts(frame)
    assert set(found) == {"ambiguous-number price", "ambiguous-dates since"}


def test_leakage(frame):
    rng = np.random.default_rng(2)
    y = frame["y"].to_numpy()
    frame["refund"] = y * rng.uniform(1, 2, ROWS) - 0.3
    frame["falls"] = -y + rng.normal(0, 0.1, ROWS)
    frame["reason"] = np.where(y == 1, rng.choice(["price", "service"], ROWS), "none")
    frame["left"] = np.where(y == 1, rng.normal(size=ROWS), np.nan)
    frame["some"] = np.where((y == 1) & (rng.random(ROWS) < 0.7), 1.5 + rng.normal(size=ROWS), np.nan)
    frame["closed"] = y == 1
    found = doubts(frame, label_date="2024-03-01")
    late = int((frame["since"] > "2024-03-01").sum())
    assert {key for key in found if key.startswith("leakage-alone")} == {
        f"leakage-alone {name}" for name in ("refund", "falls", "reason", "closed")
    }
    assert {key for key in found if key.startswith("leakage-missing")} == {
        "leakage-missing left",
        "leakage-missing some",
    }
    assert f"on {late} of 400 rows the date lies after the date of the label" in found["leakage-date since"]
    assert "all 100 rows on which it is filled in have the label 1" in found["leakage-missing left"]
    assert "found AUC 1.000" in found["leakage-alone refund"]
    assert len(leakage_warnings(read_customers(frame, label="y", label_date="2024-03-01"))) == 7


def test_few_rows_are_ordered_by_chance():
    """With 4 and 4 rows one feature in 35 separates the classes, so it says nothing; with 12 and 12 it does."""
    for rows, told in ((8, 0), (24, 1)):
        y = np.repeat([0, 1], rows // 2)
        frame = pd.DataFrame({"y": y, "x": y + np.linspace(0, 0.5, rows)})
        assert len(read_customers(frame, label="y").warnings) == told


def test_no_false_alarm_of_leakage():
    """Features that are strong but honest (AUC about 0.95), and gaps by chance, are not told, on 100 tables."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        y = rng.random(300) < 0.1
        frame = pd.DataFrame(
            {
                "y": y.astype(int),
                "strong": 2.3 * y + rng.normal(size=300),
                "many": rng.integers(0, 60, 300).astype(str),
            }
        )
        frame["gaps"] = np.where(rng.random(300) < 0.1, np.nan, rng.normal(size=300))
        found = read_customers(frame, label="y", kinds={"many": "category"}).problems
        assert [problem for problem in found if problem.code.startswith("leakage")] == []


def test_large_tables_are_looked_at_in_part_and_judged_whole():
    rng = np.random.default_rng(3)
    y = rng.random(60_000) < 0.3
    frame = pd.DataFrame(
        {"y": y, "known": y + rng.normal(0, 0.25, len(y)), "near": y + rng.normal(0, 0.4, len(y))}
    )
    table = read_customers(frame, label="y")
    assert [problem.column for problem in table.warnings] == ["known"]


CELL = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.dates(), st.datetimes()
)


@QUICK
@given(cells=st.lists(st.tuples(CELL, CELL, CELL), max_size=8))
def test_whatever_cells_come_in(cells):
    frame = pd.DataFrame(cells, columns=["y", "id", "x"], dtype=object)
    problems = ()
    try:
        read_customers(frame, label="y", key="id", label_date="x")
        read_customers(frame, weights="x")
    except InputError as error:
        problems = error.problems
    assert all(str(problem) for problem in problems)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".arrow"])
@QUICK
@given(content=st.binary(max_size=200))
def test_whatever_bytes_come_in(tmp_path, ending, content):
    path = tmp_path / f"x{ending}"
    path.write_bytes(content)
    problems = ()
    try:
        problems = read_customers(path).problems
    except InputError as error:
        problems = error.problems
    assert all(problem.source == path.name and str(problem) for problem in problems)


@QUICK
@given(text=st.text(alphabet="ya,;\t\n\r\"' 0123456789-/.", max_size=120))
def test_whatever_text_comes_in(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_bytes(("y,a\n" + text).encode())
    problems = ()
    try:
        problems = read_customers(path, label="y").problems
    except InputError as error:
        problems = error.problems
    assert all(problem.source == path.name and str(problem) for problem in problems)
