"""The validated table of spend, response and controls that every model starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.foundations.results import Result

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SpendTable"]


@dataclass(frozen=True, eq=False)
class SpendTable(Result):
    """Spend per channel, response and controls, one row per period (and group), sorted by group, then date.

    `mixcurve.read_spend` makes one from a file or a frame and checks it; the arrays hold exactly what came in.

    Parameters
    ----------
    dates
        Shape (n_rows,), ``datetime64[D]``: the date that names each period, ascending within a group.
    spend
        Shape (n_rows, n_channels), in ``currency`` per period, never negative.
    response
        Shape (n_rows,), in the unit of the response (orders, revenue).
    controls
        Shape (n_rows, n_controls); n_controls may be 0.
    channels, control_names
        The names of the columns of ``spend`` and ``controls``.
    response_name, date_name, group_name
        What the source called these columns.
    every
        The length of a period: ``"day"``, ``"week"``, ``"month"`` or ``"year"``.
    groups
        The group (region, brand) of each row, or None when the table has no groups.
    currency
        ISO 4217 code of the spend, or None when nobody said.
    source
        File name without its folder, or ``"frame"``.
    sha256
        Digest of the file's bytes, or of the frame written as CSV.
    problems
        Warnings and notes that the data came with; a table with errors is never made.

    Raises
    ------
    InputError
        If the shapes of the arrays do not agree.

    Examples
    --------
    >>> import numpy as np
    >>> table = SpendTable(
    ...     dates=np.array(["2024-01-01", "2024-01-08"], dtype="datetime64[D]"),
    ...     spend=np.array([[10.0], [0.0]]),
    ...     response=np.array([7.0, 5.0]),
    ...     controls=np.empty((2, 0)),
    ...     channels=("tv",),
    ... )
    >>> table.n_periods, table.spend_of("tv")
    (2, array([10.,  0.]))
    """

    dates: npt.NDArray[np.datetime64]
    spend: npt.NDArray[np.float64]
    response: npt.NDArray[np.float64]
    controls: npt.NDArray[np.float64]
    channels: tuple[str, ...]
    control_names: tuple[str, ...] = ()
    response_name: str = "response"
    date_name: str = "date"
    group_name: str | None = None
    every: str = "week"
    groups: tuple[str, ...] | None = None
    currency: str | None = None
    source: str = "frame"
    sha256: str = ""
    problems: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        rows = len(self.dates)
        wanted = {
            "spend": (rows, len(self.channels)),
            "response": (rows,),
            "controls": (rows, len(self.control_names)),
        }
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise InputError(f"{name} must have shape {shape}, got {getattr(self, name).shape}.")
        if self.groups is not None and len(self.groups) != rows:
            raise InputError(
                f"groups must name the group of each of the {rows} rows, got {len(self.groups)}."
            )
        super().__post_init__()

    @property
    def n_rows(self) -> int:
        """Number of rows: periods, times groups where there are any."""
        return len(self.dates)

    @property
    def n_periods(self) -> int:
        """Number of different dates."""
        return len(np.unique(self.dates))

    @property
    def group_names(self) -> tuple[str, ...]:
        """The different groups in the order of the rows; empty when the table has none."""
        return tuple(dict.fromkeys(self.groups or ()))

    def spend_of(self, channel: str) -> npt.NDArray[np.float64]:
        """Return the spend of one channel, shape (n_rows,)."""
        return self.spend[:, self.channels.index(known_name("channel", channel, self.channels))]

    def control(self, name: str) -> npt.NDArray[np.float64]:
        """Return one control, shape (n_rows,)."""
        return self.controls[:, self.control_names.index(known_name("control", name, self.control_names))]

    def frame(self) -> pd.DataFrame:
        """Return the table as a pandas frame: date, group, response, channels, controls."""
        import pandas as pd

        columns: dict[str, Any] = {self.date_name: self.dates.astype("datetime64[s]")}
        if self.groups is not None:
            columns[self.group_name or "group"] = list(self.groups)
        columns[self.response_name] = self.response
        columns |= {name: self.spend[:, i] for i, name in enumerate(self.channels)}
        columns |= {name: self.controls[:, i] for i, name in enumerate(self.control_names)}
        return pd.DataFrame(columns)

    @property
    def summary(self) -> str:
        """What the table holds, in plain text: dates, channels, response, warnings and notes."""
        from mixcurve.tables.describe import describe

        return describe(self)
