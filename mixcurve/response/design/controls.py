"""Controls: centred and scaled in the fit, and in the same way ever after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import finite_array, known_name
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.response.design.block import Block
from mixcurve.response.design.description import SIGNS, DesignSpec, Sign

__all__ = ["centre_and_scale", "control_blocks", "signs_of"]

FloatArray = npt.NDArray[np.float64]

CONSTANT = 1e-10
"""A control that varies by a smaller share of its size than this is constant up to rounding."""


def centre_and_scale(controls: FloatArray, names: tuple[str, ...]) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of each control (n × k), or raise naming every constant one.

    Examples
    --------
    >>> centre, scale = centre_and_scale(np.array([[1.0], [3.0]]), ("price",))
    >>> centre.tolist(), scale.tolist()
    ([2.0], [1.0])
    """
    if not names:
        return np.empty(0), np.empty(0)
    size = np.abs(controls).max(axis=0)
    with np.errstate(under="ignore"):
        unit = controls / np.where(size > 0, size, 1.0)
    centre, scale = unit.mean(axis=0), unit.std(axis=0)
    what = "the control is the same in every row, so its effect cannot be told from the baseline"
    remedy = "Leave it out of controls"
    constant = [
        Problem(what, remedy, column=name, value=f"{controls[0, i]:g}", code="constant-control")
        for i, name in enumerate(names)
        if scale[i] <= CONSTANT
    ]
    if constant:
        raise InputError(constant)
    return centre * size, scale * size


def signs_of(signs: Mapping[str, str] | None, names: tuple[str, ...]) -> tuple[Sign, ...]:
    """Return the sign of each control, ``"free"`` unless said, or raise naming what is not known.

    Examples
    --------
    >>> signs_of({"price": "negative"}, ("price", "weather"))
    ('negative', 'free')
    """
    given = dict(signs or {})
    for name, sign in given.items():
        known_name("control", name, names)
        known_name(f"sign of control '{name}'", sign, SIGNS)
    by_word = {sign: sign for sign in SIGNS}
    return tuple(by_word[given.get(name, "free")] for name in names)  # type: ignore[index]


def control_blocks(spec: DesignSpec, controls: Any, rows: int) -> tuple[list[Block], list[Block]]:
    """Return the free controls and the signed ones, each of these multiplied by its sign."""
    names = spec.control_names
    if not names:
        return [], []
    if controls is None:
        raise InputError(f"controls are needed for these dates: {', '.join(names)}. Give a column for each.")
    values = finite_array("controls", controls, ndim=2)
    if values.shape != (rows, len(names)):
        raise InputError(
            f"controls must have a row for each of {rows} dates and a column for each of {', '.join(names)}; "
            f"got shape {values.shape}."
        )
    scaled = (values - spec.control_centre) / spec.control_scale
    free: list[Block] = []
    signed: list[Block] = []
    for part, sign, column in zip(spec.control_parts, spec.control_signs, scaled.T, strict=True):
        turned = -column if sign == "negative" else column
        block = Block(part, turned[:, None], (part,), pooled=spec.pooled_controls)
        (free if sign == "free" else signed).append(block)
    return free, signed
