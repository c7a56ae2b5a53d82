"""NIST StRD nonlinear regression: every set with one predictor, from both listed starts, against the certified values.

Source: NIST Statistical Reference Datasets; the files are read where they are present and never copied. They are looked
for in ../shared/data/nist_strd, or in the folder that the environment variable MIXCURVE_NIST names. Of the 27 sets only
Nelson, with two predictors, is not a curve of one spend.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixcurve.foundations.parameters import Interval, Parameter
from mixcurve.response.curves import Curve, curve
from mixcurve.response.fit.curve.fit import fit_curve

FOLDER = "MIXCURVE_NIST"
WIDE, USUAL = Interval(1e-9, 1e9), Interval(0.05, 5.0)
EITHER_SIGN = Interval(-1e9, 1e9)
PARAMETER_DIGITS, ERROR_DIGITS = 6.0, 4.0


def shape(name: str, unit: Any = "") -> Parameter:
    """Return a positive parameter, searched by its log."""
    return Parameter(name, WIDE, USUAL, unit=unit)


def signed(name: str, unit: Any = "") -> Parameter:
    """Return a parameter of either sign."""
    return Parameter(name, EITHER_SIGN, Interval(-1.0, 1.0), unit=unit, scale="linear")


ONE = shape("one", "spend")
"""Held at one unit of spend, it lets pure numbers multiply powers of spend."""
SHIFT = shape("shift", "spend")
"""Held at what was added to a predictor that is negative in places, since spend is not."""


@curve([shape("b2"), shape("b3", "1/spend")], increasing=False)
def rat42(x: Any, b2: Any, b3: Any, xp: Any) -> Any:
    """1 / (1 + exp(b2 - b3 x))."""
    return xp.expit(b3 * x - b2)


@curve([shape("b2"), shape("b3", "1/spend"), shape("b4")], increasing=False)
def rat43(x: Any, b2: Any, b3: Any, b4: Any, xp: Any) -> Any:
    """1 / (1 + exp(b2 - b3 x))^(1 / b4)."""
    return xp.exp(-xp.softplus(b2 - b3 * x) / b4)


@curve([shape("b2", "1/spend")])
def misra1a(x: Any, b2: Any, xp: Any) -> Any:
    """1 - exp(-b2 x)."""
    return -xp.expm1(-b2 * x)


@curve([shape("b2", "1/spend")])
def misra1b(x: Any, b2: Any, xp: Any) -> Any:
    """1 - 1 / (1 + b2 x / 2)²."""
    return 1.0 - 1.0 / (1.0 + b2 * x / 2.0) ** 2


@curve([shape("b2", "1/spend")])
def misra1c(x: Any, b2: Any, xp: Any) -> Any:
    """1 - (1 + 2 b2 x)^(-1/2)."""
    return -xp.expm1(-0.5 * xp.log1p(2.0 * b2 * x))


@curve([shape("b2", "1/spend")])
def misra1d(x: Any, b2: Any, xp: Any) -> Any:
    """b2 x / (1 + b2 x)."""
    return b2 * x / (1.0 + b2 * x)


@curve([shape("b2"), ONE], ceiling=False)
def dan_wood(x: Any, b2: Any, one: Any, xp: Any) -> Any:
    """(x / one)^b2."""
    return xp.exp(b2 * (xp.log(x) - xp.log(one)))


@curve([shape("b2", "spend"), shape("b3", "spend"), shape("b4", "spend^2")])
def mgh09(x: Any, b2: Any, b3: Any, b4: Any, xp: Any) -> Any:
    """(x² + b2 x) / (x² + b3 x + b4)."""
    return x * (x + b2) / (x * x + b3 * x + b4)


@curve([shape("b2", "spend"), shape("b3", "spend")], increasing=False)
def mgh10(x: Any, b2: Any, b3: Any, xp: Any) -> Any:
    """exp(b2 / (x + b3))."""
    return xp.exp(b2 / (x + b3))


@curve([signed("ratio"), shape("b4", "1/spend"), shape("b5", "1/spend")], increasing=False)
def mgh17(x: Any, ratio: Any, b4: Any, b5: Any, xp: Any) -> Any:
    """exp(-b4 x) + ratio exp(-b5 x), beside a baseline."""
    return xp.exp(-b4 * x) + ratio * xp.exp(-b5 * x)


@curve([shape("b1", "1/spend"), shape("ratio", "1/spend")], increasing=False)
def chwirut(x: Any, b1: Any, ratio: Any, xp: Any) -> Any:
    """exp(-b1 x) / (1 + ratio x); the certified model is exp(-b1 x) / (b2 + b3 x): top = 1 / b2, ratio = b3 / b2."""
    return xp.exp(-b1 * x) / (1.0 + ratio * x)


@curve(
    [shape("rate1", "1/spend"), shape("ratio2"), shape("rate2", "1/spend"), shape("ratio3"), shape("rate3", "1/spend")],
    increasing=False,
)  # fmt: skip
def lanczos(x: Any, rate1: Any, ratio2: Any, rate2: Any, ratio3: Any, rate3: Any, xp: Any) -> Any:
    """A sum of three exponentials."""
    return xp.exp(-rate1 * x) + ratio2 * xp.exp(-rate2 * x) + ratio3 * xp.exp(-rate3 * x)


@curve(
    [
        shape("rate", "1/spend"),
        shape("ratio1"), shape("centre1", "spend"), shape("width1", "spend"),
        shape("ratio2"), shape("centre2", "spend"), shape("width2", "spend"),
    ],
    increasing=False,
)  # fmt: skip
def gauss(
    x: Any, rate: Any, ratio1: Any, centre1: Any, width1: Any, ratio2: Any, centre2: Any, width2: Any, xp: Any
) -> Any:
    """An exponential and two peaks: exp(-rate x) + Σ ratio exp(-((x - centre) / width)²)."""
    first, second = (x - centre1) / width1, (x - centre2) / width2
    return xp.exp(-rate * x) + ratio1 * xp.exp(-first * first) + ratio2 * xp.exp(-second * second)


@curve([shape("b2", "spend"), shape("b3", "spend")], increasing=False)
def eckerle4(x: Any, b2: Any, b3: Any, xp: Any) -> Any:
    """exp(-((x - b3) / b2)² / 2)."""
    z = (x - b3) / b2
    return xp.exp(-0.5 * z * z)


@curve([shape("b2", "spend"), shape("b3"), ONE], increasing=False)
def bennett5(x: Any, b2: Any, b3: Any, one: Any, xp: Any) -> Any:
    """((b2 + x) / one)^(-1 / b3)."""
    return xp.exp((xp.log(one) - xp.log(b2 + x)) / b3)


@curve([signed("r2"), signed("r3"), signed("b4"), signed("b5"), ONE], increasing=False)
def kirby2(x: Any, r2: Any, r3: Any, b4: Any, b5: Any, one: Any, xp: Any) -> Any:
    """(1 + r2 x + r3 x²) / (1 + b4 x + b5 x²)."""
    z = x / one
    return (1.0 + z * (r2 + r3 * z)) / (1.0 + z * (b4 + b5 * z))


@curve(
    [signed("r2"), signed("r3"), signed("r4"), signed("b5"), signed("b6"), signed("b7"), ONE, SHIFT],
    increasing=False,
)
def cubics(
    x: Any, r2: Any, r3: Any, r4: Any, b5: Any, b6: Any, b7: Any, one: Any, shift: Any, xp: Any
) -> Any:
    """(1 + r2 z + r3 z² + r4 z³) / (1 + b5 z + b6 z² + b7 z³), z = (x - shift) / one."""
    z = (x - shift) / one
    return (1.0 + z * (r2 + z * (r3 + r4 * z))) / (1.0 + z * (b5 + z * (b6 + b7 * z)))


def _arc_gradient(x: Any, tilt: Any, b3: Any, b4: Any, shift: Any) -> tuple[Any, ...]:
    z = x - shift
    distance = z - b4
    size = distance * distance + b3 * b3
    return np.arctan(b3 / distance) + tilt * z, z, distance / size, b3 / size, b3 / size - tilt


@curve(
    [signed("tilt", "1/spend"), shape("b3", "spend"), signed("b4", "spend"), SHIFT],
    increasing=False, gradient=_arc_gradient,
)  # fmt: skip
def roszman1(x: Any, tilt: Any, b3: Any, b4: Any, shift: Any, xp: Any) -> Any:
    """arctan(b3 / (z - b4)) + tilt z, z = x - shift, beside a baseline and with top held at -1 / π."""
    return _arc_gradient(x, tilt, b3, b4, shift)[0]


def _waves_gradient(
    x: Any, r3: Any, b4: Any, r5: Any, r6: Any, b7: Any, r8: Any, r9: Any, one: Any
) -> tuple[Any, ...]:
    year, slow, middle = (2 * np.pi * x / p for p in (12 * one, b4, b7))
    value = np.cos(year) + r3 * np.sin(year)
    value = value + r5 * np.cos(slow) + r6 * np.sin(slow) + r8 * np.cos(middle) + r9 * np.sin(middle)
    by_slow = (r5 * np.sin(slow) - r6 * np.cos(slow)) * slow / b4
    by_middle = (r8 * np.sin(middle) - r9 * np.cos(middle)) * middle / b7
    by_one = (np.sin(year) - r3 * np.cos(year)) * year / one
    return (
        value, np.sin(year), by_slow, np.cos(slow), np.sin(slow), by_middle, np.cos(middle), np.sin(middle), by_one
    )  # fmt: skip


@curve(
    [
        signed("r3"), shape("b4", "spend"), signed("r5"), signed("r6"), shape("b7", "spend"), signed("r8"),
        signed("r9"), ONE,
    ],
    increasing=False, gradient=_waves_gradient,
)  # fmt: skip
def enso(x: Any, r3: Any, b4: Any, r5: Any, r6: Any, b7: Any, r8: Any, r9: Any, one: Any, xp: Any) -> Any:
    """A year's wave and two of unknown length, beside a baseline; a closed gradient, since xp has no cosine."""
    return _waves_gradient(x, r3, b4, r5, r6, b7, r8, r9, one)[0]


Values = dict[str, float]


@dataclass(frozen=True)
class Case:
    """A set: its curve, certified parameters to our shape, our estimates to the certified, and what the fit assumes.

    ``shift`` is added to the predictor; ``blind`` says that the set is also fitted from no start at all.
    """

    curve: Curve
    to_ours: Callable[[list[float]], list[float]]
    to_theirs: Callable[[Values], list[float]]
    baseline: bool = False
    non_decreasing: bool = True
    held: Values = field(default_factory=dict)
    shift: float = 0.0
    blind: bool = False

    def start(self, certified: list[float]) -> Values:
        """Return our free shape parameters."""
        names = [p.name for p in self.curve.parameters if p.name not in self.held]
        return dict(zip(names, self.to_ours(certified), strict=True))


def same(*names: str) -> Callable[[Values], list[float]]:
    """Return the map that takes estimates by name."""
    return lambda v: [v[n] for n in names]


def multiplied(v: Values, *names: str) -> list[float]:
    """Return amplitudes from ratios: ``top`` and ``top`` times each."""
    return [v["top"], *(v["top"] * v[n] for n in names)]


def _lanczos(v: Values) -> list[float]:
    terms = [(v["top"] * r, v[f"rate{i}"]) for i, r in ((1, 1.0), (2, v["ratio2"]), (3, v["ratio3"]))]
    return [number for term in sorted(terms, key=lambda t: t[1]) for number in term]


def _gauss(v: Values) -> list[float]:
    b1, b3, b6 = multiplied(v, "ratio1", "ratio2")
    return [b1, v["rate"], b3, v["centre1"], v["width1"], b6, v["centre2"], v["width2"]]


def _enso(v: Values) -> list[float]:
    b2, b3, b5, b6, b8, b9 = multiplied(v, "r3", "r5", "r6", "r8", "r9")
    return [v["baseline"], b2, b3, v["b4"], b5, b6, v["b7"], b8, b9]


ONE_IS_ONE = {"one": 1.0}
WARMEST, COLDEST = 3.5, 5000.0
"""Shifts of Thurber's and of Roszman's predictor, which are negative."""


def _after_first(b: list[float]) -> list[float]:
    return b[1:]


def _over_first(b: list[float], ratios: int) -> list[float]:
    """Return a rational function's coefficients with those of the numerator over the first."""
    return [v / b[0] for v in b[1 : 1 + ratios]] + b[1 + ratios :]


def _rational(v: Values, *denominator: str) -> list[float]:
    numerator = [n for n in ("r2", "r3", "r4") if n in v]
    return [*multiplied(v, *numerator), *(v[n] for n in denominator)]


def _cubics(shift: float, blind: bool = False) -> Case:
    return Case(
        cubics, lambda b: _over_first(b, 3), lambda v: _rational(v, "b5", "b6", "b7"),
        non_decreasing=False, held={"one": 1.0, "shift": shift}, shift=shift,
    )  # fmt: skip


def _misra(chosen: Curve) -> Case:
    return Case(chosen, _after_first, same("top", "b2"), blind=True)


_CHWIRUT = Case(
    chwirut,
    lambda b: [b[0], b[2] / b[1]],
    lambda v: [v["b1"], 1 / v["top"], v["ratio"] / v["top"]],
    blind=True,
)
_LANCZOS = Case(lanczos, lambda b: [b[1], b[2] / b[0], b[3], b[4] / b[0], b[5]], _lanczos)
_GAUSS = Case(gauss, lambda b: [b[1], b[2] / b[0], b[3], b[4], b[5] / b[0], b[6], b[7]], _gauss)

CASES = {
    "Misra1a": _misra(misra1a),
    "Misra1b": _misra(misra1b),
    "Misra1c": _misra(misra1c),
    "Misra1d": _misra(misra1d),
    "BoxBOD": _misra(misra1a),
    "Chwirut1": _CHWIRUT,
    "Chwirut2": _CHWIRUT,
    "DanWood": Case(dan_wood, _after_first, same("top", "b2"), held=ONE_IS_ONE, blind=True),
    "Lanczos1": _LANCZOS,
    "Lanczos2": _LANCZOS,
    "Lanczos3": _LANCZOS,
    "Gauss1": _GAUSS,
    "Gauss2": _GAUSS,
    "Gauss3": _GAUSS,
    "Kirby2": Case(
        kirby2, lambda b: _over_first(b, 2), lambda v: _rational(v, "b4", "b5"), non_decreasing=False, held=ONE_IS_ONE
    ),
    "Hahn1": _cubics(1e-9),
    "Thurber": _cubics(WARMEST),
    "MGH09": Case(mgh09, _after_first, same("top", "b2", "b3", "b4"), blind=True),
    "MGH10": Case(mgh10, _after_first, same("top", "b2", "b3")),
    "MGH17": Case(
        mgh17, lambda b: [b[2] / b[1], b[3], b[4]],
        lambda v: [v["baseline"], *multiplied(v, "ratio"), v["b4"], v["b5"]], baseline=True,
    ),
    "Rat42": Case(rat42, _after_first, same("top", "b2", "b3"), blind=True),
    "Rat43": Case(rat43, _after_first, same("top", "b2", "b3", "b4"), blind=True),
    "Eckerle4": Case(
        eckerle4, _after_first, lambda v: [v["top"] * v["b2"], v["b2"], v["b3"]], blind=True
    ),
    "Bennett5": Case(bennett5, _after_first, same("top", "b2", "b3"), non_decreasing=False, held=ONE_IS_ONE),
    "ENSO": Case(
        enso, lambda b: [b[2] / b[1], b[3], b[4] / b[1], b[5] / b[1], b[6], b[7] / b[1], b[8] / b[1]], _enso,
        baseline=True, held=ONE_IS_ONE,
    ),
    "Roszman1": Case(
        roszman1, lambda b: [b[1] * math.pi, b[2], b[3]],
        lambda v: [v["baseline"], v["tilt"] / math.pi, v["b3"], v["b4"]],
        baseline=True, non_decreasing=False, held={"top": -1 / math.pi, "shift": COLDEST}, shift=COLDEST,
    ),
}  # fmt: skip
TOO_SMALL_A_RESIDUAL = ("Lanczos1",)
"""Residuals near 1e-13 of responses near 1: their rounding in float64 leaves no four digits of a standard error."""


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


def folder(shared: Path) -> Path:
    """Return where the files are: the folder that the environment names, or the shared one."""
    return Path(os.environ.get(FOLDER, shared / "nist_strd"))


def digits(value: float, certified: float) -> float:
    """Return the log relative error: how many digits agree (McCullough 1998)."""
    return 15.0 if value == certified else -math.log10(abs(value - certified) / abs(certified))


def in_their_terms(case: Case, fit: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return estimates and standard errors of the certified parameters, the errors by the delta method."""
    values = fit.parameters
    free = [i for i, name in enumerate(fit.parameter_names) if name not in case.held]
    centre = np.array(case.to_theirs(values))
    slopes = []
    for name in (fit.parameter_names[i] for i in free):
        step = 1e-6 * values[name]
        up, down = (case.to_theirs(values | {name: values[name] + s}) for s in (step, -step))
        slopes.append((np.array(up) - np.array(down)) / (2 * step))
    jacobian = np.array(slopes).T
    return centre, np.sqrt(np.diag(jacobian @ fit.covariance[np.ix_(free, free)] @ jacobian.T))


def scores(case: Case, known: Certified, start: list[float] | None) -> tuple[float, float, Any]:
    fit = fit_curve(
        known.x + case.shift, known.y, curve=case.curve, baseline=case.baseline, non_decreasing=case.non_decreasing,
        fixed=case.held, start=None if start is None else case.start(start), intervals=False, resamples=0,
    )  # fmt: skip
    estimates, errors = in_their_terms(case, fit)
    worst = min(digits(a, b) for a, b in zip(estimates, known.parameters, strict=True))
    return worst, min(digits(a, b) for a, b in zip(errors, known.errors, strict=True)), fit


RUNS = [(n, s) for n, case in CASES.items() for s in ("first", "second", *(("none",) if case.blind else ()))]


@pytest.mark.parametrize(("name", "start"), RUNS)
def test_certified_digits(name: str, start: str, shared_data: Path) -> None:
    path = folder(shared_data) / f"{name}.dat"
    if not path.is_file():
        pytest.skip(f"needs {name}.dat from NIST StRD in ../shared/data/nist_strd, or in ${FOLDER}")
    known = read(path)
    begin = {"first": known.starts[0], "second": known.starts[1], "none": None}[start]
    parameters, errors, fit = scores(CASES[name], known, begin)
    assert parameters >= PARAMETER_DIGITS, f"{name}: {parameters:.1f} digits in the parameters from {start}"
    assert fit.degrees_of_freedom == len(known.x) - len(known.parameters)
    if name not in TOO_SMALL_A_RESIDUAL:
        assert errors >= ERROR_DIGITS, f"{name}: {errors:.1f} digits in the standard errors from {start}"
        assert digits(fit.rss, known.rss) >= PARAMETER_DIGITS


def test_the_digits_can_fail(shared_data: Path) -> None:
    known = read(shared_data / "nist_strd" / "BoxBOD.dat")
    shifted = Certified(known.x, known.y * 1.00001, known.starts, known.parameters, known.errors, known.rss)
    assert scores(CASES["BoxBOD"], shifted, None)[0] < PARAMETER_DIGITS
