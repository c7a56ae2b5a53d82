"""Changes in percent as a planner writes them: ``"+10%"``, ``"±30%"``, ``"-30%..+50%"``."""

from __future__ import annotations

import re

__all__ = ["factor", "factors"]

_NUMBER = r"([0-9]+(?:\.[0-9]+)?)\s*%"
_CHANGE = re.compile(rf"([+-])?\s*{_NUMBER}")
_AROUND = re.compile(rf"(?:±|\+-|\+/-)\s*{_NUMBER}")
_BETWEEN = re.compile(rf"([+-])?\s*{_NUMBER}\s*(?:\.\.|…)\s*([+-])?\s*{_NUMBER}")


def factor(text: str) -> float | None:
    """Return what a change multiplies by, or None if the text is no change; nothing falls below 0.

    A change needs its sign: ``"110%"`` could mean a rise by 110% or to 110%.

    Examples
    --------
    >>> factor("+10%"), factor("-100%"), factor("110%")
    (1.1, 0.0, None)
    """
    found = _CHANGE.fullmatch(_plain(text))
    if found is None or found[1] is None:
        return None
    return _multiplier(found[1], found[2])


def factors(text: str) -> tuple[float, float] | None:
    """Return the least and the largest multiple of current spend, or None if the text is no range.

    Examples
    --------
    >>> factors("±25%"), factors("-50%..+75%"), factors("0%..+20%"), factors("+20%..-20%")
    ((0.75, 1.25), (0.5, 1.75), (1.0, 1.2), None)
    """
    plain = _plain(text)
    if around := _AROUND.fullmatch(plain):
        return _multiplier("-", around[1]), _multiplier("+", around[1])
    if between := _BETWEEN.fullmatch(plain):
        sides = [(between[1], between[2]), (between[3], between[4])]
        if any(sign is None and float(share) != 0.0 for sign, share in sides):
            return None
        low, high = (_multiplier(sign or "+", share) for sign, share in sides)
        return (low, high) if low <= high else None
    return None


def _plain(text: str) -> str:
    return text.strip().replace("\u2212", "-").replace("\u2013", "-")


def _multiplier(sign: str, share: str) -> float:
    hundredths = float(share) if sign == "+" else -float(share)
    return max(0.0, (100.0 + hundredths) / 100.0)
