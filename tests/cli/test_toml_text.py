"""Keys are found on their lines, and what is written as TOML reads back the same."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.cli.toml_text import line_of, toml_key, toml_value

TEXT = """\
# channels = ["no"]
client = '''
[data]
channels = ["still text"]
'''

[ data ]

channels = [
  "tv",  # channels = 3
]
other = {a = 1, b = [
 "]"]}
[budget]
bounds.tv = [1, 2]
bounds."paid search" = [1, 2]
"""

SCALARS = st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
VALUES = SCALARS | st.lists(st.text()) | st.dictionaries(st.text(), SCALARS)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["client"], 2),
        (["data"], 7),
        (["data", "channels"], 9),
        (["budget", "bounds", "paid search"], 16),
        (["budget", "bounds"], 15),
        (["nothing"], None),
        (["client", "deeper"], None),
    ],
)
def test_line(path: list[str], line: int | None) -> None:
    assert line_of(TEXT, path) == line


@given(st.text(), VALUES)
def test_round_trip(key: str, value: object) -> None:
    text = f"{toml_key(key)} = {toml_value(value)}\n"
    assert tomllib.loads(text) == {key: value}
    assert line_of(text, [key]) == 1
