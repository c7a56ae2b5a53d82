"""The baseline split into the parts that it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array
from mixcurve.foundations.errors import InputError
from mixcurve.response.design.columns import DesignColumns

__all__ = ["BaselineParts", "baseline_parts"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BaselineParts:
    """The baseline by part.

    Parameters
    ----------
    names
        Of the parts (p): ``"level"``, ``"trend"``, ``"season"``, …, each once.
    values
        (… × n × p), in the unit of the coefficients.
    """

    names: tuple[str, ...]
    values: FloatArray

    @property
    def total(self) -> FloatArray:
        """The baseline (… × n): the sum of the parts."""
        return self.values.sum(axis=-1)


def baseline_parts(columns: DesignColumns, free: Any, signed: Any = None) -> BaselineParts:
    """Return what each part of the baseline comes to in every row.

    Columns of one name are added up, those of all groups too, of which each row has its own.

    Parameters
    ----------
    columns
        From `design_columns`.
    free
        Coefficients of the free columns (… × z): one fit, or many draws.
    signed
        Coefficients of the signed columns (… × s), each at least 0.

    Raises
    ------
    InputError
        If a coefficient is missing, not finite, or below 0 where it must not be.

    Examples
    --------
    >>> from mixcurve.response.design.spec import DesignSpec, design_columns
    >>> spec = DesignSpec("week", np.array(["2024-01-01", "2024-01-15"], dtype="datetime64[D]"))
    >>> parts = baseline_parts(design_columns(spec, ["2024-01-01", "2024-01-15"]), [100.0, 10.0])
    >>> parts.names, parts.values.tolist(), parts.total.tolist()
    (('level', 'trend'), [[100.0, -5.0], [100.0, 5.0]], [95.0, 105.0])
    """
    left = _coefficients("free", free, columns.free.shape[1])
    right = _coefficients("signed", signed if signed is not None else [], columns.signed.shape[1])
    if (right < 0).any():
        raise InputError(
            f"signed must not be below 0, got {right.min():g}. Signed columns carry their own sign."
        )
    both = np.column_stack([columns.free, columns.signed])
    weight = np.concatenate([left, np.broadcast_to(right, (*left.shape[:-1], right.shape[-1]))], axis=-1)
    every = (*columns.free_names, *columns.signed_names)
    names = tuple(dict.fromkeys(every))
    of = {name: [k for k, other in enumerate(every) if other == name] for name in names}
    values = np.stack([weight[..., of[name]] @ both[:, of[name]].T for name in names], axis=-1)
    return BaselineParts(names, values)


def _coefficients(name: str, value: Any, count: int) -> FloatArray:
    """Return finite coefficients whose last axis has one for each of ``count`` columns."""
    shape = np.shape(value)
    if not shape or shape[-1] != count:
        raise InputError(f"{name} must end in {count} coefficients, one for each column; got shape {shape}.")
    return finite_array(name, value) if count else np.empty(shape)
