"""`find_separation`: which columns tell the classes apart without a single error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.propensity.newton.blocks import Standardised, moments
from mixcurve.propensity.newton.curvature import independent_columns
from mixcurve.propensity.newton.solve import solve
from mixcurve.propensity.newton.sums import Rows, pass_over
from mixcurve.propensity.separation.programme import TOLERANCE, Signed

__all__ = ["Separation", "find_separation"]

FloatArray = npt.NDArray[np.float64]
Kind = Literal["none", "quasi-complete", "complete"]


@dataclass(frozen=True, eq=False)
class Separation(Result):
    """Whether the classes are separated, and by what.

    Parameters
    ----------
    kind
        ``"none"``: the classes overlap, and an estimate exists. ``"complete"``: some combination of columns is above a
        threshold for one class and below it for the other. ``"quasi-complete"``: so with people of both classes on it.
    sets
        Each a set of columns that separates while no smaller part of it does; no two share a column. The first is that
        of least weight. Without all of them the classes overlap.
    directions
        For each set, the sign of each of its columns: +1 where more of it speaks for the second class.
    rows
        For each set, how many rows its direction tells apart, not counting those on the threshold.
    of_rows
        How many rows there are.
    """

    kind: Kind
    sets: tuple[tuple[str, ...], ...]
    directions: tuple[tuple[int, ...], ...]
    rows: tuple[int, ...]
    of_rows: int

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are named."""
        return tuple(name for one in self.sets for name in one)

    @property
    def summary(self) -> str:
        """One plain sentence or two."""
        if self.kind == "none":
            return "The classes overlap: no combination of columns tells them apart without error."
        told = "; ".join(
            f"{_listed(names, signs)} for {count:,} of {self.of_rows:,} rows"
            for names, signs, count in zip(self.sets, self.directions, self.rows)
        )
        return f"The classes are separated ({self.kind}): without a single error by {told}."


def _listed(names: tuple[str, ...], signs: tuple[int, ...]) -> str:
    parts = [
        f"'{name}' ({'more' if sign > 0 else 'less'} of it for the second class)"
        for name, sign in zip(names, signs)
    ]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]} together"


def find_separation(
    X: Any, y: npt.ArrayLike, weights: npt.ArrayLike | None = None, names: Sequence[str] | None = None
) -> Separation:
    """Say whether some combination of columns tells the classes apart without error, and name the columns.

    The estimate of a logistic regression exists if and only if the classes overlap (Albert and Anderson 1984). So
    Newton's method that arrives proves overlap; where it runs away, linear programmes decide (Konis 2007): is there a
    direction b with ``s_i (1, x_i) b >= 0`` for all rows, not all 0, where s_i is +1 for the second class, else -1?
    The columns named are those of the direction of least absolute sum, less those that it can do without.

    Parameters
    ----------
    X
        (n, p), finite numbers; NumPy array, SciPy CSR array or frame.
    y
        (n,), 0 or 1, both present.
    weights
        (n,); rows of weight 0 do not count.
    names
        (p,); by default those of the frame, or ``x0``, ``x1``, ...

    Returns
    -------
    Separation

    Raises
    ------
    InputError
        If y holds anything but 0 and 1, or one of them only.

    References
    ----------
    Albert and Anderson (1984), Biometrika 71, 1-10. Konis (2007), Linear programming algorithms for detecting separated
    data in binary logistic regression models, University of Oxford.

    Examples
    --------
    >>> X = [[1.0, 5.0], [2.0, 4.0], [3.0, 4.0], [4.0, 5.0]]
    >>> found = find_separation(X, [0, 0, 1, 1], names=["usage", "age"])
    >>> found.kind, found.columns, found.rows
    ('complete', ('usage',), (4,))
    """
    known = _names(X, names)
    table = X if hasattr(X, "toarray") else np.asarray(X, dtype=np.float64)
    sign = _signs(y, weights, table.shape[0])
    counted = np.abs(sign)
    about = moments(table, counted, known)
    free = Standardised(table, about.mean, about.deviation)
    gram = pass_over(Rows(free, 0.5 * (sign + 1.0), counted), np.zeros(free.columns)).hessian
    columns = independent_columns(gram)
    features = [j - 1 for j in columns if j]
    rows = int(counted.sum())
    if not features or _overlaps(table, sign, features):
        return Separation("none", (), (), (), rows)
    return _separation(Signed(free, sign), columns, known, rows)


def _names(X: Any, names: Sequence[str] | None) -> tuple[str, ...]:
    given = getattr(X, "columns", None) if names is None else names
    width = np.shape(X)[1]
    return tuple(map(str, given)) if given is not None else tuple(f"x{j}" for j in range(width))


def _signs(y: npt.ArrayLike, weights: npt.ArrayLike | None, rows: int) -> FloatArray:
    """Return +1 for the second class, -1 for the first, 0 where the weight is 0."""
    label = finite_array("y", y, ndim=1)
    if len(label) != rows or not np.isin(label, (0.0, 1.0)).all():
        raise InputError(f"y must hold 0 or 1 for each of {rows} rows.")
    counts = (
        np.ones(rows)
        if weights is None
        else (finite_array("weights", weights, ndim=1) > 0).astype(np.float64)
    )
    sign = (2.0 * label - 1.0) * counts
    if not (sign > 0).any() or not (sign < 0).any():
        raise InputError("y must have both classes among rows of positive weight.")
    return sign


def _overlaps(table: Any, sign: FloatArray, features: list[int]) -> bool:
    """Return whether Newton's method arrives, which it only does where the classes overlap."""
    part = table if len(features) == table.shape[1] else table[:, features]
    found = solve(part, 0.5 * (sign + 1.0), weights=np.abs(sign))
    return found.status == "converged"


def _separation(signed: Signed, columns: list[int], names: tuple[str, ...], rows: int) -> Separation:
    """Return what separates, set by set, each without the columns of those before it."""
    sets, directions, counts, left = [], [], [], list(columns)
    kind: Kind = "none"
    while len(left) > 1 and separates(signed, left):
        if kind == "none":
            kind = "complete" if signed.widest(left) > TOLERANCE else "quasi-complete"
        chosen = _smallest(signed, left)
        direction = signed.sparsest([0, *chosen])
        sets.append(tuple(names[j - 1] for j in chosen))
        directions.append(tuple(int(np.sign(direction[j])) for j in chosen))
        # The sparsest direction touches some rows, though all may be told apart.
        whole = signed.widest([0, *chosen]) > TOLERANCE
        counts.append(rows if whole else int((signed.margins(direction) > TOLERANCE).sum()))
        left = [j for j in left if j not in chosen]
    return Separation(kind, tuple(sets), tuple(directions), tuple(counts), rows)


def separates(signed: Signed, columns: Sequence[int]) -> bool:
    """Return whether some combination of these columns separates."""
    return bool(signed.farthest(columns)[1] > TOLERANCE * np.count_nonzero(signed.sign) ** 0.5)


def _smallest(signed: Signed, columns: list[int]) -> list[int]:
    """Return columns that separate while no smaller part of them does, those of little weight left out first."""
    direction = signed.sparsest(columns)
    chosen = [j for j in columns if j and abs(direction[j]) > TOLERANCE]
    for j in sorted(chosen, key=lambda j: abs(direction[j])):
        fewer = [0, *(k for k in chosen if k != j)]
        if len(fewer) > 1 and separates(signed, fewer):
            chosen = fewer[1:]
    return chosen
