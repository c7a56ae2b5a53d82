"""Groups: whose row each one is, and how large the group is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.response.design.block import Block
from mixcurve.response.design.description import DesignSpec

__all__ = ["by_group", "group_sizes", "members"]

FloatArray = npt.NDArray[np.float64]


def group_sizes(response: FloatArray, rows: Sequence[str], groups: tuple[str, ...]) -> FloatArray:
    """Return the mean size of the response in each group over the average of the groups (groups,).

    Raises
    ------
    InputError
        If the response of a group is 0 throughout.

    Examples
    --------
    >>> group_sizes(np.array([1.0, 1.0, 3.0]), ["a", "a", "b"], ("a", "b")).tolist()
    [0.5, 1.5]
    """
    if not groups:
        return np.empty(0)
    named = np.array(rows)
    sizes = np.array([np.abs(response[named == group]).mean() for group in groups])
    if not sizes.all():
        empty = groups[int(np.flatnonzero(sizes == 0)[0])]
        raise InputError(f"The response of the group '{empty}' is 0 in every row. Leave the group out.")
    return sizes / sizes.mean()


def members(spec: DesignSpec, groups: Sequence[str] | None, rows: int) -> FloatArray:
    """Return a column per group: its size in its rows, 0 in others; one column of 1 without groups.

    Raises
    ------
    InputError
        If the groups of the rows are missing, unknown, or given where there are none.
    """
    if not spec.groups:
        if groups is not None:
            raise InputError("groups were given, but the fit had none. Leave groups out.")
        return np.ones((rows, 1))
    if groups is None:
        raise InputError(
            f"groups are needed: the fit had {', '.join(spec.groups)}. Name the group of each row."
        )
    if len(groups) != rows:
        raise InputError(f"groups must name the group of each of {rows} rows, got {len(groups)}.")
    place = [spec.groups.index(known_name("group", group, spec.groups)) for group in groups]
    return np.eye(len(spec.groups))[place] * spec.group_sizes


def by_group(spec: DesignSpec, block: Block, member: FloatArray) -> list[Block]:
    """Return the block for all groups, or one for each, multiplied by the size of the row's group."""
    if block.pooled or not spec.groups:
        return [replace(block, values=block.values * member.sum(axis=1, keepdims=True))]
    return [
        replace(block, values=block.values * size[:, None], labels=tuple(f"{one} ({name})" for one in block.labels))
        for name, size in zip(spec.groups, member.T, strict=True)
    ]  # fmt: skip
