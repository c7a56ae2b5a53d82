"""Exactly so many people: the highest first, ties at the cut broken by a hash that databases compute alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import md5
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, number
from mixcurve.foundations.errors import InputError
from mixcurve.thresholds.people import per_person

__all__ = ["by_hash", "key_text", "select_top", "stable_hash"]

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]
Keys = Sequence[Any] | npt.NDArray[Any]


def key_text(key: Any) -> str:
    """Return a key as the text that a database's cast to text gives: text as it is, whole numbers in digits.

    Fractions are refused, since databases write them differently.
    """
    if isinstance(key, str):
        return key
    if isinstance(key, bool | np.bool_) or not isinstance(key, int | np.integer):
        raise InputError(
            f"key must hold text or whole numbers, got {key!r}, a {type(key).__name__}. Convert it to text first."
        )
    return str(int(key))


def stable_hash(key: Any) -> str:
    """Return the MD5 digest of a key's text (UTF-8) in 32 hexadecimal digits, as ``md5(cast(key as varchar))`` in SQL.

    It spreads ties evenly and means nothing else: MD5 is not used for any secret.

    Examples
    --------
    >>> stable_hash("42"), stable_hash(42)
    ('a1d0c6e83f027327d8461063f4ac58a6', 'a1d0c6e83f027327d8461063f4ac58a6')
    """
    return md5(key_text(key).encode(), usedforsecurity=False).hexdigest()


def by_hash(rows: IntArray, key: Keys | None) -> IntArray:
    """Return rows in the order in which ties among them are broken: by rising hash of their keys, then by key.

    Without keys they stay in the order of the rows. Keys must differ, or the order of rows would decide.
    """
    if key is None:
        return rows
    texts = [key_text(one) for one in _taken(key, rows)]
    if len(set(texts)) < len(texts):
        twice = next(text for i, text in enumerate(texts) if text in texts[:i])
        raise InputError(
            f"key must differ between people, but '{twice}' occurs twice among those tied at the cut. "
            "Leave out double rows."
        )
    hashed = [(stable_hash(text), text) for text in texts]
    return rows[np.array(sorted(range(len(rows)), key=hashed.__getitem__), dtype=np.intp)]


def _taken(key: Keys, rows: IntArray) -> Iterable[Any]:
    if hasattr(key, "iloc"):  # a pandas Series: by place, not by label
        return key.iloc[rows].tolist()
    return [key[int(i)] for i in rows] if not isinstance(key, np.ndarray) else key[rows].tolist()


def select_top(
    probability: npt.ArrayLike,
    capacity: int,
    key: Keys | None = None,
    *,
    score: npt.ArrayLike | None = None,
) -> BoolArray:
    """Return who is among exactly ``capacity`` people with the highest probability (n).

    Equal probabilities are ranked by ``score`` if it is given; who is still tied at the cut by the smallest
    `stable_hash` of the key, so that the choice does not depend on the order of rows and a database makes the same.
    Without keys the first rows are taken.

    Parameters
    ----------
    probability
        (n,), any number that ranks people.
    capacity
        How many people, at least 0; all if there are fewer.
    key
        (n,), text or whole numbers, different for each person.
    score
        (n,), such as the log-odds before an isotonic map made them equal.

    Raises
    ------
    InputError
        If lengths differ, a value is not finite, the capacity is no whole number or keys at the cut are not unique.

    Examples
    --------
    >>> select_top([0.2, 0.9, 0.5, 0.5], 2, key=["a", "b", "c", "d"]).tolist()
    [False, True, True, False]
    """
    p = finite_array("probability", probability, ndim=1)
    most = min(whole_number("capacity", capacity), len(p))
    if key is not None and len(key) != len(p):
        raise InputError(f"key must have one value per person, got {len(key)} for {len(p)}.")
    chosen = np.zeros(len(p), dtype=bool)
    if most:
        above, tied = _around(p, np.arange(len(p)), most)
        chosen[above] = True
        if score is not None and len(tied) > most - len(above):
            further, tied = _around(per_person("score", score, len(p))[tied], tied, most - len(above))
            chosen[further] = True
        chosen[by_hash(tied, key)[: most - int(chosen.sum())]] = True
    return chosen


def whole_number(name: str, value: Any) -> int:
    """Return ``value`` as a whole number of at least 0, or raise naming the argument."""
    found = number(name, value, low=0.0)
    if found != round(found):
        raise InputError(
            f"{name} must be a whole number, got {value!r}. A share of people is given as share=."
        )
    return int(found)


def _around(values: npt.NDArray[np.float64], rows: IntArray, most: int) -> tuple[IntArray, IntArray]:
    """Return the rows above the cut that takes ``most`` of them, and those on it."""
    cut = np.partition(values, len(values) - most)[len(values) - most]
    return rows[values > cut], rows[values == cut]
