"""Colours that can be read, refused where they cannot."""

from __future__ import annotations

import pytest

from mixcurve.foundations.errors import InputError
from mixcurve.plots.style import PALETTE
from mixcurve.report.theme import GRADE_COLOURS, LEAST_CONTRAST, Theme, contrast
from mixcurve.response.evidence import GRADES


# Published with WCAG 2.2's techniques: #777777 on white is 4.48, #767676 is 4.54; blue on white is 8.59.
@pytest.mark.parametrize(
    ("colour", "ratio"), [("#777777", 4.48), ("#767676", 4.54), ("#0000ff", 8.59), ("#ffffff", 1.0)]
)
def test_contrast_with_white(colour: str, ratio: float) -> None:
    assert contrast(colour, "#ffffff") == pytest.approx(ratio, abs=0.005)


def test_every_colour_of_text_can_be_read() -> None:
    assert set(GRADE_COLOURS) == set(GRADES)
    pairs = [
        *GRADE_COLOURS.values(),
        *((c, "#ffffff") for c in (PALETTE.accent, PALETTE.current, PALETTE.ink, PALETTE.muted)),
    ]
    pairs.append((PALETTE.muted, PALETTE.unseen))
    for text, ground in pairs:
        assert contrast(text, ground) >= LEAST_CONTRAST


@pytest.mark.parametrize("colour", ["#777777", "#f90", "red", "#12345g", "", None])
def test_a_colour_that_cannot_be_read_is_refused(colour: str) -> None:
    with pytest.raises(InputError, match="accent"):
        Theme(accent=colour)


def test_a_pale_colour_says_what_to_do() -> None:
    with pytest.raises(
        InputError, match=r"contrast 4\.5 against white; text needs at least 4\.5\. Choose a darker shade"
    ):
        Theme(current="#777777")
