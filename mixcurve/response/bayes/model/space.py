"""The position that is sampled: named blocks of coordinates, each standard normal under its prior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

__all__ = ["Block", "LogMap", "LogitMap", "ParameterMap", "Space"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Block:
    """Coordinates that belong together: the log slopes of all channels, say; ``labels`` tell which is whose."""

    name: str
    labels: tuple[str, ...]
    start: int

    @property
    def rows(self) -> slice:
        """Where they lie in the position."""
        return slice(self.start, self.start + len(self.labels))


@dataclass(frozen=True)
class Space:
    """All blocks of a model, in order."""

    blocks: tuple[Block, ...] = ()

    @property
    def dimensions(self) -> int:
        """The length of the position."""
        return self.blocks[-1].rows.stop if self.blocks else 0

    @property
    def labels(self) -> tuple[str, ...]:
        """The name of each coordinate: ``"slope[tv]"``, or ``"noise"`` where a block has one without a label."""
        return tuple(f"{b.name}[{label}]" if label else b.name for b in self.blocks for label in b.labels)

    def with_block(self, name: str, labels: Sequence[str] = ("",)) -> Space:
        """Return the space with one more block."""
        return Space((*self.blocks, Block(name, tuple(labels), self.dimensions)))

    def has(self, name: str) -> bool:
        """Return whether there is a block of this name."""
        return any(b.name == name for b in self.blocks)

    def rows(self, name: str) -> slice:
        """Return where a block lies."""
        return next(b.rows for b in self.blocks if b.name == name)


@dataclass(frozen=True, eq=False)
class LogMap:
    """Of positive parameters: exp(middle + spread u). Log-normal priors, one for each of the values (m,)."""

    middle: FloatArray
    spread: FloatArray

    def __call__(self, xp: Any, u: Any) -> Any:
        """Return the parameters for coordinates u."""
        return xp.exp(self.middle + self.spread * u)

    def quantile(self, share: float) -> FloatArray:
        """Return the prior's quantile of each parameter."""
        return np.exp(self.middle + self.spread * special.ndtri(share))


@dataclass(frozen=True, eq=False)
class LogitMap:
    """Of bounded parameters: low + (high - low) expit(middle + spread u). Logit-normal priors."""

    middle: FloatArray
    spread: FloatArray
    low: FloatArray
    high: FloatArray

    def __call__(self, xp: Any, u: Any) -> Any:
        """Return the parameters for coordinates u."""
        return self.low + (self.high - self.low) * xp.expit(self.middle + self.spread * u)

    def quantile(self, share: float) -> FloatArray:
        """Return the prior's quantile of each parameter."""
        inside = special.expit(self.middle + self.spread * special.ndtri(share))
        return self.low + (self.high - self.low) * inside


ParameterMap = LogMap | LogitMap
