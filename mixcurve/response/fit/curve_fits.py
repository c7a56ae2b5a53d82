"""`CurveFits`: a curve for each of many campaigns, in batches, each campaign failing alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.errors import InputError
from mixcurve.foundations.results import Result
from mixcurve.response.curves import Curve
from mixcurve.response.fit.batch import Batch, fit_batch

__all__ = ["CurveFits"]

FloatArray = npt.NDArray[np.float64]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class CurveFits(Result):
    """A curve for each of many campaigns.

    ``parameters`` and ``standard_errors`` (campaigns × parameters) are in the order of ``parameter_names`` and in the
    units of the data; a campaign that failed has NaN there and its reason in ``message``.
    """

    campaigns: tuple[str, ...]
    curve: Curve
    parameter_names: tuple[str, ...]
    parameters: FloatArray
    standard_errors: FloatArray
    rss: FloatArray
    degrees_of_freedom: npt.NDArray[np.intp]
    status: tuple[str, ...]
    message: tuple[str, ...]

    @property
    def table(self) -> Any:
        """A pandas frame with a row per campaign: parameters, standard errors, rss, status, message."""
        import pandas as pd

        columns: dict[str, Any] = dict(zip(self.parameter_names, self.parameters.T, strict=True))
        columns |= {
            f"{n}_error": e for n, e in zip(self.parameter_names, self.standard_errors.T, strict=True)
        }
        columns |= {"rss": self.rss, "status": self.status, "message": self.message}
        return pd.DataFrame(columns, index=pd.Index(self.campaigns, name="campaign"))

    @classmethod
    def fitted(
        cls,
        curve: Curve,
        columns: list[npt.NDArray[Any]],
        baseline: bool,
        chunk: int,
        progress: Progress | None,
    ) -> CurveFits:
        """Fit the campaigns found in columns (campaign, spend, response, and weights if any); see `fit_curves`."""
        names, x, y, weight, problems = _padded(
            columns, int(baseline) + 1 + sum(p.free for p in curve.parameters)
        )
        good = np.flatnonzero([not p for p in problems])
        parts: list[Batch] = []
        for start in range(0, len(good), chunk):
            rows = good[start : start + chunk]
            parts.append(fit_batch(curve, x[rows], y[rows], weight[rows], baseline))
            if progress:
                progress("fitting", min(start + chunk, len(good)), len(good))
        return cls._gathered(curve, names, good, parts, problems, baseline)

    @classmethod
    def _gathered(
        cls, curve: Curve, names: tuple[str, ...], good: npt.NDArray[np.intp], parts: list[Batch],
        problems: list[str], baseline: bool,
    ) -> CurveFits:  # fmt: skip
        labels = (*(("baseline",) if baseline else ()), "top", *(p.name for p in curve.parameters if p.free))
        blank = np.full((len(names), len(labels)), np.nan)
        parameters, errors, rss = blank.copy(), blank.copy(), blank[:, 0].copy()
        dof = np.zeros(len(names), dtype=np.intp)
        status, message = ["failed"] * len(names), list(problems)
        if parts:
            parameters[good] = np.concatenate([p.parameters for p in parts])
            variance = np.concatenate([np.einsum("bii->bi", p.covariance) for p in parts])
            errors[good], rss[good] = np.sqrt(variance), np.concatenate([p.rss for p in parts])
            dof[good] = np.concatenate([p.degrees_of_freedom for p in parts])
            for i, one in zip(good, (s for p in parts for s in p.status), strict=True):
                status[i] = one
        return cls(names, curve, labels, parameters, errors, rss, dof, tuple(status), tuple(message))

    def __len__(self) -> int:
        return len(self.campaigns)


def _padded(
    columns: list[npt.NDArray[Any]], parameters: int
) -> tuple[tuple[str, ...], FloatArray, FloatArray, FloatArray, list[str]]:
    """Return names, then spend, response and weights as (campaigns × longest), padding of weight 0, and problems."""
    labels, *numbers = columns
    if len({len(c) for c in columns}) != 1 or not len(labels):
        raise InputError(f"The columns must have one length above 0, got {[len(c) for c in columns]}.")
    unique, first, which = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(unique), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(unique))
    campaign = rank[which]
    order = np.argsort(campaign, kind="stable")
    size = np.bincount(campaign, minlength=len(unique))
    place = np.arange(len(labels)) - np.repeat(np.cumsum(size) - size, size)
    padded = [np.zeros((len(unique), size.max())) for _ in range(3)]
    values = [_as_numbers(c) for c in numbers] + ([] if len(numbers) > 2 else [np.ones(len(labels))])
    for out, value in zip(padded, values, strict=True):
        out[campaign[order], place] = value[order]
    x, y, weight = padded
    return (
        tuple(map(str, unique[np.argsort(first)].tolist())),
        x,
        y,
        weight,
        _problems(x, y, weight, size, parameters),
    )


def _as_numbers(column: npt.NDArray[Any]) -> FloatArray:
    try:
        return np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "A spend, response or weight column holds text. Read it with read_spend, or convert it."
        ) from None


def _problems(
    x: FloatArray, y: FloatArray, weight: FloatArray, size: npt.NDArray[np.intp], parameters: int
) -> list[str]:
    """Return for each campaign why it cannot be fitted, or an empty text."""
    finite = np.isfinite(x).all(1) & np.isfinite(y).all(1) & np.isfinite(weight).all(1)
    rules = [
        (~finite, "has a missing or infinite value"),
        ((x < 0).any(1), "has negative spend"),
        ((weight < 0).any(1), "has a negative weight"),
        (x.max(1) == 0, "has no spend"),
        (size <= parameters, f"has no more rows than the {parameters} parameters"),
    ]
    return ["; ".join(text for bad, text in rules if bad[i]) for i in range(len(x))]
