"""Certified digits on six NIST StRD sets: ours from both listed starts and from none, beside scipy's curve_fit.

    python benchmarks/bench_nist.py [--peers]

A figure is the log relative error of the worst parameter (McCullough 1998): how many digits agree. The cases are those
of tests/response/fit/test_nist.py. The data are read from ../shared/data/nist_strd and are not part of this repository.
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
MODELS = {
    "Rat42": lambda x, a, b, c: a / (1 + np.exp(b - c * x)),
    "Misra1a": lambda x, a, b: a * (1 - np.exp(-b * x)),
    "BoxBOD": lambda x, a, b: a * (1 - np.exp(-b * x)),
    "DanWood": lambda x, a, b: a * x**b,
    "MGH09": lambda x, a, b, c, d: a * (x**2 + b * x) / (x**2 + c * x + d),
    "Chwirut2": lambda x, a, b, c: np.exp(-a * x) / (b + c * x),
}


def cases() -> ModuleType:
    """Return the module that declares the cases."""
    path = ROOT / "tests" / "response" / "fit" / "test_nist.py"
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
    if not DATA.is_dir():
        print("needs the NIST StRD files in ../shared/data/nist_strd, which are not here")
        return 0
    nist = cases()
    print(
        "| set | start | mixcurve: parameters | standard errors | curve_fit: parameters |\n|---|---|---|---|---|"
    )
    least = np.inf
    for name, case in nist.CASES.items():
        known = nist.read(DATA / f"{name}.dat")
        for label, start in (("first", known.starts[0]), ("second", known.starts[1]), ("none", None)):
            parameters, errors, _ = nist.scores(case, known, start)
            theirs = peer(nist, name, known, start) if start and "--peers" in sys.argv else ""
            least = min(least, parameters)
            print(f"| {name} | {label} | {parameters:.1f} | {errors:.1f} | {theirs} |")
    print(f"\nWorst of ours: {least:.1f} digits (wanted: {WANTED:.0f}).")
    return 0 if least >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
