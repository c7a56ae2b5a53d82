"""NIST StRD nonlinear regression: six sets, both listed starts and no start at all, against the certified values.

Source: NIST Statistical Reference Datasets; the files are read where they are present and never copied.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.parameters import Interval, Parameter
from mixcurve.response.curves import Curve, curve
from mixcurve.response.fit.curve import fit_curve

WIDE = Interval(1e-9, 1e9)
USUAL = Interval(0.05, 5.0)
PARAMETER_DIGITS, ERROR_DIGITS = 6.0, 4.0


def shape(name: str, unit: Any = "") -> Parameter:
    return Parameter(name, WIDE, USUAL, unit=unit)


@curve([shape("b2"), shape("b3", "1/spend")], increasing=False)
def rat42(x: Any, b2: Any, b3: Any, xp: Any) -> Any:
    """1 / (1 + exp(b2 - b3 x))."""
    return xp.expit(b3 * x - b2)


@curve([shape("b2", "1/spend")])
def saturating_exponential(x: Any, b2: Any, xp: Any) -> Any:
    """1 - exp(-b2 x)."""
    return -xp.expm1(-b2 * x)


@curve([shape("b2"), Parameter("unit", WIDE, USUAL, unit="spend", fixed=1.0)], ceiling=False)
def dan_wood(x: Any, b2: Any, unit: Any, xp: Any) -> Any:
    """(x / unit)^b2."""
    return xp.exp(b2 * (xp.log(x) - xp.log(unit)))


@curve([shape("b2", "spend"), shape("b3", "spend"), shape("b4", "spend^2")])
def mgh09(x: Any, b2: Any, b3: Any, b4: Any, xp: Any) -> Any:
    """(x² + b2 x) / (x² + b3 x + b4)."""
    return x * (x + b2) / (x * x + b3 * x + b4)


@curve([shape("b1", "1/spend"), shape("ratio", "1/spend")], increasing=False)
def chwirut2(x: Any, b1: Any, ratio: Any, xp: Any) -> Any:
    """exp(-b1 x) / (1 + ratio x); the certified model is exp(-b1 x) / (b2 + b3 x): top = 1 / b2, ratio = b3 / b2."""
    return xp.exp(-b1 * x) / (1.0 + ratio * x)


Values = dict[str, float]


@dataclass(frozen=True)
class Case:
    """A set: its curve, certified parameters to ours, and our estimate and covariance back to theirs."""

    curve: Curve
    to_ours: Callable[[list[float], float], Values]
    to_theirs: Callable[[Values, float], list[float]]


def _power_top(values: Values, largest: float) -> float:
    return values["top"] / largest ** values["b2"]


CASES = {
    "Rat42": Case(rat42, lambda b, _: {"b2": b[1], "b3": b[2]}, lambda v, _: [v["top"], v["b2"], v["b3"]]),
    "Misra1a": Case(saturating_exponential, lambda b, _: {"b2": b[1]}, lambda v, _: [v["top"], v["b2"]]),
    "BoxBOD": Case(saturating_exponential, lambda b, _: {"b2": b[1]}, lambda v, _: [v["top"], v["b2"]]),
    "DanWood": Case(dan_wood, lambda b, _: {"b2": b[1]}, lambda v, x: [_power_top(v, x), v["b2"]]),
    "MGH09": Case(
        mgh09,
        lambda b, _: dict(zip(("b2", "b3", "b4"), b[1:], strict=True)),
        lambda v, _: [v["top"], v["b2"], v["b3"], v["b4"]],
    ),
    "Chwirut2": Case(
        chwirut2,
        lambda b, _: {"b1": b[0], "ratio": b[2] / b[1]},
        lambda v, _: [v["b1"], 1 / v["top"], v["ratio"] / v["top"]],
    ),
}


@dataclass(frozen=True)
class Certified:
    x: np.ndarray
    y: np.ndarray
    starts: list[list[float]]
    parameters: list[float]
    errors: list[float]
    rss: float


def read(path: Path) -> Certified:
    text = path.read_text()
    rows = re.findall(r"^\s*b\d+ =\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*$", text, re.MULTILINE)
    table = np.array(rows, dtype=float)
    data = np.array(
        [line.split() for line in text.split("Data:")[-1].splitlines()[1:] if line.strip()], dtype=float
    )
    rss = float(re.search(r"Residual Sum of Squares:\s+(\S+)", text)[1])
    return Certified(data[:, 1], data[:, 0], table[:, :2].T.tolist(), *table[:, 2:].T.tolist(), rss)


def digits(value: float, certified: float) -> float:
    """Return the log relative error: how many digits agree (McCullough 1998)."""
    return 15.0 if value == certified else -math.log10(abs(value - certified) / abs(certified))


def in_their_terms(case: Case, fit: Any, largest: float) -> tuple[np.ndarray, np.ndarray]:
    """Return estimates and standard errors of the certified parameters, the errors by the delta method."""
    values, names = fit.parameters, fit.parameter_names
    centre = np.array(case.to_theirs(values, largest))
    slopes = []
    for name in names:
        step = 1e-6 * values[name]
        up, down = (case.to_theirs(values | {name: values[name] + s}, largest) for s in (step, -step))
        slopes.append((np.array(up) - np.array(down)) / (2 * step))
    jacobian = np.array(slopes).T
    return centre, np.sqrt(np.diag(jacobian @ fit.covariance @ jacobian.T))


def scores(case: Case, known: Certified, start: list[float] | None) -> tuple[float, float, Any]:
    largest = float(known.x.max())
    begin = None if start is None else case.to_ours(start, largest)
    fit = fit_curve(
        known.x, known.y, curve=case.curve, baseline=False, start=begin, intervals=False, resamples=0
    )
    estimates, errors = in_their_terms(case, fit, largest)
    worst = min(digits(a, b) for a, b in zip(estimates, known.parameters, strict=True))
    return worst, min(digits(a, b) for a, b in zip(errors, known.errors, strict=True)), fit


@pytest.mark.parametrize("start", ["first", "second", "data alone"])
@pytest.mark.parametrize("name", CASES)
def test_certified_digits(name: str, start: str, shared_data: Path) -> None:
    known = read(shared_data / "nist_strd" / f"{name}.dat")
    begin = {"first": known.starts[0], "second": known.starts[1], "data alone": None}[start]
    parameters, errors, fit = scores(CASES[name], known, begin)
    assert parameters >= PARAMETER_DIGITS, f"{name}: {parameters:.1f} digits in the parameters from {start}"
    assert errors >= ERROR_DIGITS, f"{name}: {errors:.1f} digits in the standard errors from {start}"
    assert fit.degrees_of_freedom == len(known.x) - len(known.parameters)
    assert digits(fit.rss, known.rss) >= PARAMETER_DIGITS


def test_the_digits_can_fail(shared_data: Path) -> None:
    known = read(shared_data / "nist_strd" / "BoxBOD.dat")
    shifted = Certified(known.x, known.y * 1.00001, known.starts, known.parameters, known.errors, known.rss)
    assert scores(CASES["BoxBOD"], shifted, None)[0] < PARAMETER_DIGITS
