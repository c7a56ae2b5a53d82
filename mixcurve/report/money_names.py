"""Whether a response's name says that it is money."""

from __future__ import annotations

import re

__all__ = ["names_money"]

MONEY_WORDS = frozenset(
    {
        "revenue", "revenues", "turnover", "profit", "profits", "margin", "sales", "income",
        "earnings", "gmv", "umsatz", "umsätze", "umsaetze", "erlös", "erlöse", "erloes", "erloese",
        "gewinn", "deckungsbeitrag", "ertrag", "recettes", "bénéfice", "marge", "omzet", "winst",
        "ventas", "ingresos", "ricavi", "fatturato",
    }
)  # fmt: skip
"""Words for money in the languages of Western Europe."""
MONEY_PHRASES = ("chiffre d affaires", "chiffre daffaires")
COUNT_WORDS = frozenset(
    {
        "unit", "units", "volume", "count", "number", "quantity", "qty", "orders", "transactions",
        "stück", "anzahl", "leads", "calls",
    }
)  # fmt: skip
"""Beside one of these the words above count things: sales units, number of sales."""


def names_money(name: str) -> bool:
    """Return whether a response called so is an amount of money.

    Examples
    --------
    >>> [names_money(n) for n in ("Umsatz_netto", "chiffre d'affaires", "unit_sales", "orders")]
    [True, True, False, False]
    """
    words = re.findall(r"[^\W\d_]+", name.lower())
    if COUNT_WORDS & set(words):
        return False
    return bool(MONEY_WORDS & set(words)) or any(phrase in " ".join(words) for phrase in MONEY_PHRASES)
