"""The recipe says what scikit-learn's transformers say, needs none of them, and treats the unseen as documented."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import load_result
from mixcurve.propensity.features.learn import learn_recipe
from mixcurve.propensity.features.recipe import FeatureRecipe
from mixcurve.propensity.features.rules import ColumnRule
from mixcurve.tables.customers import read_customers

ROWS = 3_000


def customers(seed: int, rows: int = ROWS) -> pd.DataFrame:
    """Return columns of every kind, with gaps and rare levels."""
    rng = np.random.default_rng(seed)
    shares = np.array([400, 200, 120, 40, 4, 4, 2, 1.0])
    frame = pd.DataFrame(
        {
            "income": rng.lognormal(10, 1, rows),
            "plan": rng.choice([f"p{j}" for j in range(8)], rows, p=shares / shares.sum()),
            "visits": rng.integers(0, 30, rows),
            "vip": pd.array(rng.random(rows) < 0.2, dtype="boolean"),
            "region": rng.choice(["north", "south", "west"], rows),
            "since": np.datetime64("2021-05-05T06:00", "us")
            + rng.integers(0, 900, rows).astype("timedelta64[D]"),
        }
    )
    for name, share in (("income", 0.1), ("plan", 0.05), ("vip", 0.02), ("since", 0.03)):
        frame.loc[rng.random(rows) < share, name] = None
    return frame


def by_scikit_learn(
    train: pd.DataFrame, other: pd.DataFrame, recipe: FeatureRecipe, share: float
) -> dict[str, np.ndarray]:
    """Return each column of the design as scikit-learn's encoder and imputer make it, by our names."""
    design = {}
    for name in ("income", "visits"):
        imputer = SimpleImputer(strategy="median", add_indicator=True).fit(train[[name]])
        made = imputer.transform(other[[name]])
        design |= {name: made[:, 0]} | ({f"{name} missing": made[:, 1]} if made.shape[1] > 1 else {})
    for name in ("plan", "region"):
        encoder = OneHotEncoder(
            min_frequency=int(np.ceil(share * len(train))),
            handle_unknown="infrequent_if_exist",
            sparse_output=False,
        )
        cells = train[[name]].astype(object).fillna("(missing)").to_numpy()
        made = encoder.fit(cells).transform(other[[name]].astype(object).fillna("(missing)").to_numpy())
        for column, level in zip(made.T, encoder.get_feature_names_out([""])):
            words = {"_infrequent_sklearn": f"{name} rare", "_(missing)": f"{name} missing"}
            design[words.get(level, f"{name}: {level[1:]}")] = column
    return {key: design[key] for key in recipe.names if key in design}


@pytest.mark.parametrize("seed", range(6))
def test_agrees_with_scikit_learn(seed):
    train, other = customers(seed), customers(seed + 100, 700)
    other.loc[:9, "plan"] = "never seen"
    share = 0.01
    recipe = learn_recipe(train, rare_share=share)
    design = dict(zip(recipe.names, recipe.design(other).T))
    same = by_scikit_learn(train, other, recipe, share)
    assert set(design) - set(same) == {"vip", "vip missing", "since missing", "since (days since 2021-05-05)"}
    assert "plan rare" in same and "plan missing" in same and "income missing" in same
    for name, column in same.items():
        np.testing.assert_array_equal(design[name], column, err_msg=name)
    # The check can fail: another share pools other levels.
    assert learn_recipe(train, rare_share=0.2).names != recipe.names


def test_booleans_and_dates_by_hand():
    frame = pd.DataFrame(
        {
            "vip": pd.array([True, None, False, False], dtype="boolean"),
            "since": pd.to_datetime(["2024-03-01T12", "2024-03-05", None, "2024-03-03"], format="ISO8601"),
        }
    )
    recipe = learn_recipe(frame)
    assert recipe.names == ("vip", "vip missing", "since (days since 2024-03-01)", "since missing")
    expected = [[1, 0, 0.5, 0], [0, 1, 4, 0], [0, 0, 2, 1], [0, 0, 2, 0]]
    np.testing.assert_array_equal(recipe.design(frame), expected)
    assert recipe.of_column == ("vip", "vip", "since", "since")
    # Dates as text, and truths as words and numbers, are the same.
    texts = pd.DataFrame(
        {"vip": ["TRUE", "", "0", "false"], "since": ["2024-03-01T12:00", "2024-03-05", None, "2024-03-03"]}
    )
    np.testing.assert_array_equal(recipe.design(texts), expected)


def test_reference_is_the_most_frequent_level_or_the_one_asked_for():
    frame = pd.DataFrame({"plan": list("bbbaaac")})
    assert learn_recipe(frame).columns[0].reference == "a"
    recipe = learn_recipe(frame, reference={"plan": "c"})
    assert recipe.names == ("plan: a", "plan: b") and recipe.columns[0].reference == "c"


@pytest.mark.parametrize(
    ("train", "other", "names", "design"),
    [
        (list("aaabbb"), [*"abz", None], ("x: b",), [[0], [1], [0], [0]]),
        (list("aaabbbc"), [*"abz", None], ("x: b", "x rare"), [[0, 0], [1, 0], [0, 1], [0, 1]]),
        ([*"aaabbb", None], ["b", "z", None, " "], ("x: b", "x missing"), [[1, 0], [0, 0], [0, 1], [0, 1]]),
        ([*"abcde", None], ["a", None, "z"], ("x missing",), [[0], [1], [0]]),
        (list("abcde"), ["a", "z"], (), [[], []]),
        (list("aaaa"), ["a", "z"], (), [[], []]),
        (["a", "a", None], ["a", None], ("x missing",), [[0], [1]]),
        ([1.0, 2.0, 9.0], [5.0, None], ("x",), [[5], [2]]),
        ([1.0, None, 9.0], [5.0, None], ("x", "x missing"), [[5, 0], [5, 1]]),
        ([3.0, None, 3.0], [5.0, None], ("x missing",), [[0], [1]]),
        ([3.0, 3.0], [5.0, None], (), [[], []]),
        ([None, None], [5.0, None], (), [[], []]),
    ],
)  # fmt: skip
def test_what_was_never_seen(train, other, names, design):
    recipe = learn_recipe(pd.DataFrame({"x": train}))
    assert recipe.names == names
    np.testing.assert_array_equal(recipe.design(pd.DataFrame({"x": other})), design)
    assert recipe.left_out == (() if names else ("x",))


def test_unfamiliar_is_counted():
    train = pd.DataFrame({"plan": list("aabb"), "tier": list("uuvw"), "age": [1.0, 2, 3, 4]})
    other = pd.DataFrame(
        {"plan": ["a", "z", "q", None], "tier": ["x", "u", "u", None], "age": [1, np.nan, np.nan, 2]}
    )
    recipe = learn_recipe(train)
    assert [str(problem) for problem in recipe.unfamiliar(other)] == [
        f"column '{column}': {what}. Fit again if this is to stay."
        for column, what in (
            ("plan", "2 of 4 rows hold a level never seen before, and count as 'a' (found 'z', 'q')"),
            ("plan", "1 of 4 rows are missing where none ever was, and count as 'a'"),
            ("tier", "1 of 4 rows are missing where none ever was, and count as rare"),
            ("age", "2 of 4 rows are missing where none ever was, and are imputed"),
        )
    ]
    assert recipe.unfamiliar(train) == ()


def test_columns_are_found_by_name():
    frame = customers(0)
    recipe = learn_recipe(frame)
    turned = frame[frame.columns[::-1]].assign(other="x")
    np.testing.assert_array_equal(recipe.design(turned), recipe.design(frame))
    with pytest.raises(InputError) as caught:
        recipe.design(frame.rename(columns={"income": "incomes"}).drop(columns="plan"))
    message = str(caught.value)
    assert (
        "column 'income': the column is not there, but the model needs it. Give it; is it called 'incomes' now."
        in message
    )
    assert "column 'plan': the column is not there" in message


@pytest.mark.parametrize("make", [pl.from_pandas, pa.Table.from_pandas, lambda frame: frame.astype(object)])
def test_any_frame(make):
    frame = customers(1)
    recipe = learn_recipe(frame)
    np.testing.assert_array_equal(recipe.design(make(frame)), recipe.design(frame))
    assert learn_recipe(make(frame)).names == recipe.names


def test_a_customer_table_and_its_frame_are_the_same():
    frame = customers(2).assign(y=np.arange(ROWS) % 2)
    table = read_customers(frame, label="y", kinds={"visits": "category"})
    recipe = learn_recipe(table)
    assert any(name.startswith("visits: ") for name in recipe.names)
    np.testing.assert_array_equal(recipe.design(table), recipe.design(frame))


def test_one_row_is_scored_as_it_is_among_others():
    frame = customers(3)
    recipe = learn_recipe(frame)
    whole = recipe.design(frame)
    for row in (0, 7, 2999):
        np.testing.assert_array_equal(recipe.design(frame[row : row + 1])[0], whole[row])
    assert recipe.design(frame[:0]).shape == (0, len(recipe.names))


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        ({"a": [1.0, np.inf], "b": [-np.inf, 2.0]}, {}, "2 problems in the input"),
        ({"a": [1.0, np.inf]}, {}, "column 'a': 1 of 2 values are infinite, the first at position 1"),
        ({"a": [1.0, 2.0]}, {"kinds": {"b": "number"}}, "There is no column called 'b'"),
        ({"a": [1.0, 2.0]}, {"kinds": {"a": "nmber"}}, "There is no kind called 'nmber'"),
        ({"a": ["x", "y"]}, {"kinds": {"a": "number"}}, "column 'a': the cells must be numbers (found 'x')"),
        ({"a": ["x", "y"]}, {"kinds": {"a": "boolean"}}, "column 'a': the cells must be true or false (found 'x')"),
        ({"a": ["x", "y"]}, {"kinds": {"a": "date"}}, "column 'a': the cells must be dates"),
        ({"a": [[1], [2]]}, {}, "column 'a': the cells are of type list, which is no level"),
        ({"a": [1.0, 2.0]}, {"rare_share": 2}, "rare_share must be in [0, 1], got 2"),
        ({"a": [1.0, 2.0]}, {"reference": {"a": "x"}}, "column 'a': reference names a number, not a category"),
        ({"a": list("xxyy")}, {"reference": {"a": "z"}}, "reference='z' is no level of the column. Name one of 'x'"),
        ({}, {}, "at least one row and one column"),
        ({"a": []}, {}, "at least one row and one column"),
        ({"a": list("xxyy"), "a: y": [1, 2, 3, 4]}, {}, "Two columns of the design would be called 'a: y'"),
    ],
)  # fmt: skip
def test_wrong_input(frame, options, message):
    with pytest.raises(InputError) as caught:
        learn_recipe(pd.DataFrame(frame), **options)
    assert message in str(caught.value)


def test_wrong_cells_when_scoring():
    recipe = learn_recipe(pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}))
    with pytest.raises(InputError) as caught:
        recipe.design(pd.DataFrame({"a": ["1", "two"], "b": [np.inf, 1]}))
    assert "column 'a': the cells must be numbers (found 'two')" in str(caught.value)
    assert "column 'b': 1 of 2 values are infinite" in str(caught.value)
    with pytest.raises(InputError, match="Several columns are called 'a'"):
        recipe.design(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(InputError, match="must have 2 columns, got 3"):
        recipe.design(np.zeros((4, 3)))


def test_saves_to_json_and_loads_without_scikit_learn(tmp_path):
    frame = customers(4)
    recipe = learn_recipe(frame)
    path = recipe.save(tmp_path / "recipe.json")
    back = load_result(path)
    assert back.to_dict() == recipe.to_dict()
    np.testing.assert_array_equal(back.design(frame), recipe.design(frame))
    assert "sklearn" not in json.dumps(recipe.to_dict())
    frame.to_parquet(tmp_path / "frame.parquet")
    script = (
        "import sys, pandas as pd\n"
        "from mixcurve.foundations.results import load_result\n"
        f"recipe = load_result({str(path)!r})\n"
        f"design = recipe.design(pd.read_parquet({str(tmp_path / 'frame.parquet')!r}))\n"
        "assert 'sklearn' not in sys.modules\n"
        "print(design.shape[0], design.shape[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(ROWS), str(len(recipe.names))]


def test_rules_are_terms():
    """The design is what the terms say, worked out one by one: this is what a database will be told."""
    frame = customers(5)
    recipe = learn_recipe(frame, kinds={"visits": "category"})
    rules = {rule.name: rule for rule in recipe.columns}
    design = recipe.design(frame)
    for column, term in zip(design.T, recipe.terms):
        cells, rule = frame[term.column], rules[term.column]
        missing = cells.isna().to_numpy()
        text = cells.astype(str).to_numpy()
        match term.test:
            case "missing":
                expected = missing
            case "level":
                expected = ~missing & (text == term.level)
            case "rare":
                expected = ~missing & ~np.isin(text, [*rule.levels, str(rule.reference)])
            case "value":
                values = (
                    (cells - pd.Timestamp(rule.origin)) / pd.Timedelta(days=1)
                    if rule.kind == "date"
                    else cells
                )
                expected = values.astype("Float64").fillna(rule.imputed).to_numpy(dtype=float)
        np.testing.assert_allclose(column, np.asarray(expected, dtype=float), rtol=1e-12, err_msg=term.name)


CELL = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(), st.text(max_size=2), st.dates())
COLUMN = st.one_of(
    *(st.lists(cell, min_size=6, max_size=6) for cell in (CELL, st.floats(), st.text(max_size=1)))
)


@settings(max_examples=80, deadline=None)
@given(train=st.tuples(COLUMN, COLUMN), other=st.tuples(COLUMN, COLUMN))
def test_whatever_cells_come_in(train, other):
    """A design is finite and as wide as its names, or the cells are refused with a sentence."""
    names = ["a", "b"]
    frames = [pd.DataFrame(dict(zip(names, columns))) for columns in (train, other)]
    problems = ()
    try:
        recipe = learn_recipe(frames[0])
        designs = [recipe.design(frame) for frame in frames]
        recipe.unfamiliar(frames[1])
        assert all(design.shape == (6, len(recipe.names)) and np.isfinite(design).all() for design in designs)
    except InputError as error:
        problems = error.problems
    assert all(problem.column in names for problem in problems)


def test_telco(shared_data):
    path = shared_data / "telco_churn" / "wa_churn.csv"
    table = read_customers(path, label="churn", key="rownames")
    recipe = learn_recipe(table)
    assert len(recipe.names) == 31 and recipe.left_out == ()
    design = recipe.design(table)
    dummies = pd.get_dummies(pd.read_csv(path)[["contract", "payment_method"]], dtype=float)
    for name in recipe.names:
        if name.startswith(("contract", "payment_method")):
            np.testing.assert_array_equal(
                design[:, recipe.names.index(name)], dummies[name.replace(": ", "_")]
            )
    assert design[:, recipe.names.index("total_charges missing")].sum() == 11
    assert np.isfinite(design).all()


def test_rule_without_columns_is_plain():
    assert ColumnRule("x", "number", varies=False).terms == ()
