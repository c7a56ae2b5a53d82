"""A log density recorded once as a short list of vector operations, to be run with its gradient at compiled speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.response.bayes.vectors import codes
from mixcurve.response.bayes.vectors.vector import Vector, Vectors

__all__ = ["Node", "Program", "Recorder"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
COLUMNS = 10
"""Of an operation: code, where its value lies and its length, the same of two operands, a place among the integers or
the matrices, a number, and which operands vary with the position (bits 1 and 2)."""


@dataclass(frozen=True, eq=False)
class Node(Vector):
    """A vector on the tape: where it lies, its length, and whether it varies with the position."""

    language: Recorder
    start: int
    size: int
    varies: bool

    def __getitem__(self, rows: slice) -> Node:
        first, stop, step = rows.indices(self.size)
        if step != 1:
            raise ValueError("A vector on the tape is cut without steps.")
        return Node(self.language, self.start + first, stop - first, self.varies)


@dataclass(frozen=True, eq=False)
class Program:
    """What `mixcurve.response.bayes.vectors.run` takes.

    Parameters
    ----------
    operations
        (operations × 10), see `COLUMNS`.
    integers, matrices
        Index lists and constant matrices, one after the other.
    initial
        Constants in place, 0 elsewhere (memory,).
    position, value
        Where the position and the log density lie; the position's length.
    places
        Where each named matrix lies, and its shape.
    """

    operations: IntArray
    integers: IntArray
    matrices: FloatArray
    initial: FloatArray
    position: int
    dimensions: int
    value: int
    places: dict[str, tuple[int, tuple[int, ...]]]

    def with_matrices(self, **matrices: FloatArray) -> Program:
        """Return the same program with other values in named matrices."""
        changed = self.matrices.copy()
        for name, values in matrices.items():
            start, shape = self.places[name]
            changed[start : start + int(np.prod(shape))] = np.broadcast_to(values, shape).ravel()
        return Program(
            self.operations, self.integers, changed, self.initial, self.position, self.dimensions, self.value,
            self.places,
        )  # fmt: skip


@dataclass(eq=False)
class Recorder(Vectors):
    """Records operations in the order they are written; `program` closes the tape."""

    _rows: list[list[int]] = field(default_factory=list)
    _integers: list[IntArray] = field(default_factory=list)
    _matrices: list[FloatArray] = field(default_factory=list)
    _constants: list[tuple[int, FloatArray]] = field(default_factory=list)
    _places: dict[str, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    _memory: int = 0
    _position: Node | None = None

    def position(self, size: int) -> Node:
        """Return the vector that the density is of."""
        self._position = self._new(size, varies=True)
        return self._position

    def constant(self, values: Any) -> Node:
        """Return constant values as a vector (their rows one after the other)."""
        flat = np.atleast_1d(np.asarray(values, dtype=np.float64)).ravel()
        node = self._new(len(flat), varies=False)
        self._constants.append((node.start, flat))
        return node

    def gather(self, values: Any, index: npt.ArrayLike) -> Node:
        """Return values[index]."""
        source, places = self._node(values), np.asarray(index, dtype=np.int64).ravel()
        _within(places, source.size)
        return self._operation(codes.GATHER, len(places), source, place=self._indices(places))

    def scatter(self, values: Any, index: npt.ArrayLike, size: int) -> Node:
        """Return the sums of the values that share an index (size,)."""
        source, places = self._node(values), np.asarray(index, dtype=np.int64).ravel()
        _agree(len(places) == source.size, f"{len(places)} places for {source.size} values")
        _within(places, size)
        return self._operation(codes.SCATTER, size, source, place=self._indices(places))

    def segment_sum(self, values: Any, segments: int) -> Node:
        """Return the sum of each of so many runs of equal length."""
        source = self._node(values)
        _agree(source.size % segments == 0, f"{source.size} values in {segments} runs")
        return self._operation(codes.SEGMENT_SUM, segments, source)

    def matvec(self, matrix: FloatArray, values: Any, name: str | None = None) -> Node:
        """Return matrix (m × k) times values (k,); a named matrix can be replaced in the program."""
        source, start = self._node(values), sum(m.size for m in self._matrices)
        _agree(matrix.shape[1] == source.size, f"a matrix of {matrix.shape} times {source.size} values")
        self._matrices.append(np.ascontiguousarray(matrix, dtype=np.float64).ravel())
        if name is not None:
            self._places[name] = (start, matrix.shape)
        return self._operation(codes.MATVEC, matrix.shape[0], source, place=start)

    def convolve(self, signal: Any, weight: Any, blocks: npt.ArrayLike, channels: int) -> Node:
        """Return Σ_l weight[c, l] signal[c, t - l] (channels × rows), within blocks of rows with the given bounds."""
        bounds = np.asarray(blocks, dtype=np.int64)
        x, w = self._node(signal), self._node(weight)
        whole = x.size % channels == 0 and w.size % channels == 0 and bounds[-1] == x.size // channels
        _agree(
            whole, f"{x.size} values and {w.size} weights of {channels} channels in blocks up to {bounds[-1]}"
        )
        place = self._indices(np.concatenate([[channels, len(bounds)], bounds]))
        return self._operation(codes.CONVOLVE, x.size, x, w, place=place)

    def concatenate(self, parts: Sequence[Any]) -> Node:
        """Return vectors one after the other."""
        nodes = [self._node(p) for p in parts]
        whole = self._new(sum(n.size for n in nodes), varies=any(n.varies for n in nodes))
        start = whole.start
        for n in nodes:
            self._rows.append([codes.PLACE, start, n.size, n.start, n.size, 0, 0, 0, 0, int(n.varies)])
            start += n.size
        return whole

    def unary(self, code: int, z: Any) -> Node:
        """Record an operation on one vector."""
        node = self._node(z)
        return self._operation(code, node.size, node)

    def binary(self, code: int, left: Any, right: Any) -> Node:
        """Record an operation on two vectors, the shorter repeated."""
        a, b = self._node(left), self._node(right)
        size = max(a.size, b.size)
        if size % a.size or size % b.size:
            raise ValueError(f"Vectors of {a.size} and {b.size} values do not go together.")
        return self._operation(code, size, a, b)

    def program(self, value: Node) -> Program:
        """Return the program whose log density is ``value`` (1,)."""
        assert self._position is not None
        initial = np.zeros(self._memory)
        for start, values in self._constants:
            initial[start : start + len(values)] = values
        return Program(
            np.array(self._rows, dtype=np.int64).reshape(-1, COLUMNS),
            np.concatenate([*self._integers, np.zeros(1, dtype=np.int64)]),
            np.concatenate([*self._matrices, np.zeros(1)]),
            initial, self._position.start, self._position.size, value.start, dict(self._places),
        )  # fmt: skip

    def _node(self, value: Any) -> Node:
        return value if isinstance(value, Node) else self.constant(value)

    def _new(self, size: int, *, varies: bool) -> Node:
        node = Node(self, self._memory, size, varies)
        self._memory += size
        return node

    def _indices(self, values: IntArray) -> int:
        start = sum(len(i) for i in self._integers)
        self._integers.append(values.astype(np.int64))
        return start

    def _operation(self, code: int, size: int, a: Node, b: Node | None = None, *, place: int = 0) -> Node:
        varies = int(a.varies) + 2 * int(b is not None and b.varies)
        out = self._new(size, varies=varies > 0)
        second = (b.start, b.size) if b is not None else (0, 0)
        self._rows.append([code, out.start, size, a.start, a.size, *second, place, 0, varies])
        return out


def _agree(fits: bool, found: str) -> None:
    if not fits:
        raise ValueError(f"Vectors on the tape do not go together: {found}.")


def _within(places: IntArray, size: int) -> None:
    inside = not places.size or (places.min() >= 0 and places.max() < size)
    _agree(bool(inside), f"a place outside the {size} values")
