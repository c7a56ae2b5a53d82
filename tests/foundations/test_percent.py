"""Changes in percent read as a planner means them, and what could be meant twice is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixcurve.foundations.percent import factor, factors

SHARES = st.floats(0, 500, allow_nan=False).map(lambda x: round(x, 2))


@given(SHARES)
def test_signs(share: float) -> None:
    assert factor(f"+{share}%") == pytest.approx(1 + share / 100)
    assert factor(f"-{share}%") == pytest.approx(max(0.0, 1 - share / 100))
    assert factor(f"−{share} %") == factor(f"-{share}%")


@given(SHARES)
def test_around_is_between(share: float) -> None:
    assert factors(f"±{share}%") == factors(f"-{share}%..+{share}%") == factors(f"+/-{share}%")


@given(SHARES, SHARES)
def test_order(one: float, other: float) -> None:
    found = factors(f"+{one}%..+{other}%")
    assert (found is None) == (one > other)


@pytest.mark.parametrize("text", ["10%", "+10", "ten", "+10%%", "", "+-5%", "+1e3%", "+nan%", "±5%"])
def test_no_change(text: str) -> None:
    assert factor(text) is None


@pytest.mark.parametrize("text", ["30%", "+30%", "-30%..50%", "-30..+50", "..", "±", "+20%..-20%", "±-5%"])
def test_no_range(text: str) -> None:
    assert factors(text) is None
