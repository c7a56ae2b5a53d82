"""Certified digits on NIST StRD sets: ours from both listed starts and from none, beside scipy's curve_fit.

    python benchmarks/bench_nist.py [--peers]

A figure is the log relative error of the worst parameter (McCullough 1998): how many digits agree. The cases are those
of tests/response/fit/curve/test_nist.py. The data are read from ../shared/data/nist_strd, or from the folder that the
environment variable MIXCURVE_NIST names, and are not part of this repository; a set that is not there is left out.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
from scipy.optimize import OptimizeWarning, curve_fit

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "nist_strd"
WANTED = 6.0


def rise(x: np.ndarray, a: float, b: float) -> np.ndarray:
    """Return the model of Misra1a and BoxBOD."""
    return a * (1 - np.exp(-b * x))


def thick(x: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
    """Return the model of Chwirut1 and Chwirut2."""
    return np.exp(-a * x) / (b + c * x)


def three(x: np.ndarray, *b: float) -> np.ndarray:
    """Return the model of Lanczos1 to 3."""
    return b[0] * np.exp(-b[1] * x) + b[2] * np.exp(-b[3] * x) + b[4] * np.exp(-b[5] * x)


def peaks(x: np.ndarray, *b: float) -> np.ndarray:
    """Return the model of Gauss1 to 3."""
    first, second = np.exp(-(((x - b[3]) / b[4]) ** 2)), np.exp(-(((x - b[6]) / b[7]) ** 2))
    return b[0] * np.exp(-b[1] * x) + b[2] * first + b[5] * second


def cubics(x: np.ndarray, *b: float) -> np.ndarray:
    """Return the model of Hahn1 and Thurber."""
    return (b[0] + b[1] * x + b[2] * x**2 + b[3] * x**3) / (1 + b[4] * x + b[5] * x**2 + b[6] * x**3)


def waves(x: np.ndarray, *b: float) -> np.ndarray:
    """Return the model of ENSO."""
    year, slow, middle = (2 * np.pi * x / period for period in (12, b[3], b[6]))
    out = b[0] + b[1] * np.cos(year) + b[2] * np.sin(year) + b[4] * np.cos(slow) + b[5] * np.sin(slow)
    return out + b[7] * np.cos(middle) + b[8] * np.sin(middle)


MODELS = {
    "Misra1a": rise,
    "Misra1b": lambda x, a, b: a * (1 - (1 + b * x / 2) ** -2),
    "Misra1c": lambda x, a, b: a * (1 - (1 + 2 * b * x) ** -0.5),
    "Misra1d": lambda x, a, b: a * b * x / (1 + b * x),
    "BoxBOD": rise,
    "Chwirut1": thick,
    "Chwirut2": thick,
    "DanWood": lambda x, a, b: a * x**b,
    "Lanczos1": three,
    "Lanczos2": three,
    "Lanczos3": three,
    "Gauss1": peaks,
    "Gauss2": peaks,
    "Gauss3": peaks,
    "Kirby2": lambda x, a, b, c, d, e: (a + b * x + c * x**2) / (1 + d * x + e * x**2),
    "Hahn1": cubics,
    "Thurber": cubics,
    "MGH09": lambda x, a, b, c, d: a * (x**2 + b * x) / (x**2 + c * x + d),
    "MGH10": lambda x, a, b, c: a * np.exp(b / (x + c)),
    "MGH17": lambda x, a, b, c, d, e: a + b * np.exp(-d * x) + c * np.exp(-e * x),
    "Rat42": lambda x, a, b, c: a / (1 + np.exp(b - c * x)),
    "Rat43": lambda x, a, b, c, d: a / (1 + np.exp(b - c * x)) ** (1 / d),
    "Eckerle4": lambda x, a, b, c: a / b * np.exp(-0.5 * ((x - c) / b) ** 2),
    "Bennett5": lambda x, a, b, c: a * (b + x) ** (-1 / c),
    "ENSO": waves,
    "Roszman1": lambda x, a, b, c, d: a - b * x - np.arctan(c / (x - d)) / np.pi,
}
"""The certified models as they are published, for curve_fit."""


def cases() -> ModuleType:
    """Return the module that declares the cases."""
    path = ROOT / "tests" / "response" / "fit" / "curve" / "test_nist.py"
    found = importlib.util.spec_from_file_location("nist_cases", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


def peer(nist: ModuleType, name: str, known: object, start: list[float]) -> str:
    """Return the digits that curve_fit reaches with its defaults, or that it fails."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", OptimizeWarning)
        try:
            found, _ = curve_fit(MODELS[name], known.x, known.y, start)
        except RuntimeError:
            return "fails"
    worst = min(nist.digits(a, b) for a, b in zip(found, known.parameters, strict=True))
    return f"{max(worst, 0.0):.1f}"


def main() -> int:
    """Measure, print the table, and return 1 if a figure is below six digits."""
    nist = cases()
    data = nist.folder(DATA.parent)
    present = {n: case for n, case in nist.CASES.items() if (data / f"{n}.dat").is_file()}
    if not present:
        print("needs the NIST StRD files in ../shared/data/nist_strd, which are not here")
        return 0
    print(
        "| set | start | mixcurve: parameters | standard errors | curve_fit: parameters |\n|---|---|---|---|---|"
    )
    least = np.inf
    for name, case in present.items():
        known = nist.read(data / f"{name}.dat")
        starts = {"first": known.starts[0], "second": known.starts[1]} | (
            {"none": None} if case.blind else {}
        )
        for label, start in starts.items():
            parameters, errors, _ = nist.scores(case, known, start)
            theirs = peer(nist, name, known, start) if start and "--peers" in sys.argv else ""
            least = min(least, parameters)
            print(f"| {name} | {label} | {parameters:.1f} | {errors:.1f} | {theirs} |")
    print(f"\n{len(present)} of {len(nist.CASES)} sets are here.")
    print(f"Worst of ours: {least:.1f} digits (wanted: {WANTED:.0f}).")
    return 0 if least >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
