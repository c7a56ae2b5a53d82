"""Constraints as linear limits in words, and whether a plan keeps a set of them: a mixed-integer programme by HiGHS.

Variables per channel: spend t, whether it is on z, and a response y no larger than the concave hull of its curve. With
the hull in place of the curve a floor on ROI is linear too; that only admits more, so that what has no plan here has
none at all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import MixcurveError

__all__ = ["Hull", "Limit", "System"]

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.intp]
Part = tuple[IndexArray, FloatArray]
NOTHING: Part = (np.empty(0, dtype=np.intp), np.empty(0))
INFEASIBLE = 2
"""The status of scipy's solvers for a problem without a solution."""


@dataclass(frozen=True, eq=False)
class Limit:
    """``least <= spend @ t + on @ z + response @ y <= most``, each part a pair of places and coefficients.

    Limits with the same ``words`` are one constraint of the user's.
    """

    words: str
    spend: Part = NOTHING
    on: Part = NOTHING
    response: Part = NOTHING
    least: float = -np.inf
    most: float = np.inf


@dataclass(frozen=True, eq=False)
class Hull:
    """A concave piecewise linear function of one channel's spend: below every ``intercept + slope t``."""

    channel: int
    intercept: FloatArray
    slope: FloatArray


@dataclass(frozen=True, eq=False)
class System:
    """All limits of a problem with C channels.

    ``largest`` (C) is a spend that no plan exceeds, whatever limits are left out. ``hulls`` are given for the channels
    whose response some limit reads. ``scale`` is the unit in which the solver sees money.
    """

    channels: int
    largest: FloatArray
    scale: float
    limits: tuple[Limit, ...]
    hulls: tuple[Hull, ...] = ()
    _rows: dict[str, list[Limit]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for limit in self.limits:
            self._rows.setdefault(limit.words, []).append(limit)

    @property
    def words(self) -> tuple[str, ...]:
        """The constraints, each once."""
        return tuple(self._rows)

    def feasible(self, kept: Collection[str] | None = None) -> bool:
        """Return whether some plan keeps these constraints; all of them if None."""
        chosen = [limit for word in self.words if kept is None or word in kept for limit in self._rows[word]]
        return self.solved(chosen) is not None

    def solved(
        self, chosen: Sequence[Limit], cost: FloatArray | None = None, extra: int = 0
    ) -> FloatArray | None:
        """Return variables (t, z, y, then ``extra`` of at least 0) that keep the limits, in the solver's unit, or None.

        Coefficients of the extra variables come after those of y in the place of ``response``.
        """
        from scipy.optimize import Bounds as Box
        from scipy.optimize import LinearConstraint, milp

        n = self.channels
        matrix, least, most = self._matrix(chosen, extra)
        switched = np.zeros(n, dtype=bool)
        for limit in chosen:
            switched[limit.on[0]] = True
        width = 3 * n + extra
        high = np.concatenate([self.largest / self.scale, np.ones(n), np.full(n + extra, np.inf)])
        found = milp(
            np.zeros(width) if cost is None else cost,
            integrality=np.concatenate([np.zeros(n), switched.astype(float), np.zeros(n + extra)]),
            bounds=Box(np.zeros(width), high),
            constraints=LinearConstraint(matrix, least, most) if matrix.shape[0] else None,
        )
        if found.x is None and found.status != INFEASIBLE:
            raise MixcurveError(
                f"Whether any plan keeps the constraints could not be decided: {found.message}"
            )
        return None if found.x is None else np.asarray(found.x)

    def _matrix(self, chosen: Sequence[Limit], extra: int) -> tuple[Any, FloatArray, FloatArray]:
        from scipy.sparse import csr_array

        n = self.channels
        rows: list[IndexArray] = []
        places: list[IndexArray] = []
        values: list[FloatArray] = []
        least: list[float] = []
        most: list[float] = []

        def add(parts: Sequence[Part], low: float, high: float) -> None:
            for place, value in parts:
                rows.append(np.full(len(place), len(least)))
                places.append(place)
                values.append(value)
            least.append(low)
            most.append(high)

        reading: set[int] = set()
        switched: set[int] = set()
        for limit in chosen:
            (t, a), (z, b), (y, c) = limit.spend, limit.on, limit.response
            reading.update(y[y < n].tolist())
            switched.update(z.tolist())
            size = self.scale if len(a) or len(c) else 1.0
            add(((t, a), (z + n, b / size), (y + 2 * n, c)), limit.least / size, limit.most / size)
        for i in sorted(switched):
            # Off means no spend.
            link = np.array([i]), np.array([1.0])
            add((link, (np.array([i + n]), np.array([-self.largest[i] / self.scale]))), -np.inf, 0.0)
        for hull in self.hulls:
            if hull.channel in reading:
                for base, slope in zip(hull.intercept.tolist(), hull.slope.tolist(), strict=True):
                    y_and_t = np.array([hull.channel + 2 * n, hull.channel])
                    add(((y_and_t, np.array([1.0, -slope])),), -np.inf, base / self.scale)
        shape = (len(least), 3 * n + extra)
        if not least:
            return csr_array(shape), np.array(least), np.array(most)
        data = (np.concatenate(values), (np.concatenate(rows), np.concatenate(places)))
        return csr_array(data, shape=shape), np.array(least), np.array(most)
