"""Characters that the report's font can write, and those it cannot."""

from __future__ import annotations

import pytest

from mixcurve.foundations.errors import ReportError
from mixcurve.plots.style import FONT_FILES, font_files
from mixcurve.report.glyphs import check_glyphs, printable, strings_of, texts_of_svg


def test_every_weight_is_there() -> None:
    assert set(font_files()) == set(FONT_FILES)


@pytest.mark.parametrize(
    "text", ["Ærø – Łódź, Ünlü", "Ελλάδα", "Москва", "£€$ ≥ ≤ → − ² †", "e\u0301", "two\nlines", ""]
)
def test_writes_the_alphabets_of_europe(text: str) -> None:
    check_glyphs([text])


@pytest.mark.parametrize(
    ("text", "code"), [("東京", "U+6771"), ("a\u200bb", "U+200B"), ("bell\x07", "U+0007"), ("🎉", "U+1F389")]
)
def test_names_the_character_and_the_text(text: str, code: str) -> None:
    with pytest.raises(ReportError) as caught:
        check_glyphs(["fine", text])
    assert code in str(caught.value)
    assert repr(text) in str(caught.value)
    assert "nothing was written" in str(caught.value)


def test_finds_strings_wherever_they_are() -> None:
    assert sorted(strings_of({"a": ["x", {"b": "y"}], "c": ("z", 1.0, None)})) == ["x", "y", "z"]
    assert list(
        texts_of_svg(b'<svg xmlns="http://www.w3.org/2000/svg"><g><text>a<tspan>b</tspan></text></g></svg>')
    ) == ["ab"]


def test_all_texts_are_named_at_once_and_quotes_of_a_name_are_not() -> None:
    with pytest.raises(ReportError) as caught:
        check_glyphs(
            ["Raise 電視 now", "fine", "🎉"], names={"電視": "the column label", "Acme": "the client"}
        )
    said = str(caught.value)
    assert "in the column label '電視'" in said
    assert "in '🎉'" in said
    assert "Raise" not in said
    assert "Acme" not in said


def test_what_the_font_lacks_is_escaped_and_nothing_else() -> None:
    assert printable("Käse → 電 🎉") == "Käse → \\u96fb \\U0001f389"
