"""`Hierarchy`: a logistic regression whose coefficients differ between groups, as data and priors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import number
from mixcurve.foundations.results import Result
from mixcurve.sigmoid import expit, logit

__all__ = ["Hierarchy", "PropensityPriors", "hierarchy"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PropensityPriors(Result):
    """What is believed before the data, per standard deviation of a feature.

    Parameters
    ----------
    coefficient
        Standard deviation of a coefficient about 0. At 1, a customer one standard deviation above the mean has odds
        between a seventh and sevenfold with 95% probability.
    intercept
        Standard deviation of the log-odds of a mean customer about those of the base rate.
    spread
        Scale of the half-normal prior of how far the coefficient of a feature differs between groups.
    intercept_spread
        The same of the intercept.

    Raises
    ------
    InputError
        If one is not above 0.
    """

    coefficient: float = 1.0
    intercept: float = 1.5
    spread: float = 0.5
    intercept_spread: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value in vars(self).items():
            number(f"priors: {name}", value, low=0.0, open_low=True, remedy="It is a scale in log-odds.")


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Rows sorted by group, features centred and scaled, and the priors of their coefficients.

    ``β`` (q = p + 1, intercept first) of all customers; ``θ_g`` of group g; ``s`` their spread, for the ``varying``
    columns only:

        θ_g = β + v_g,  v_gk ~ Normal(0, s_k),  s_k ~ HalfNormal(spread_k),  β_j ~ Normal(middle_j, width_j)
        y_i ~ Bernoulli(expit(x_i · θ_g(i)))

    Parameters
    ----------
    design
        (n, q), a column of ones first.
    y, weights
        (n,).
    cuts
        (G + 1,), where the rows of each group begin, and n.
    varying
        Which columns differ between groups, (k,); empty with one group.
    middle, width
        (q,), of the prior of β.
    spread
        (k,), scale of the half-normal prior of s.
    """

    design: FloatArray
    y: FloatArray
    weights: FloatArray
    cuts: npt.NDArray[np.intp]
    varying: npt.NDArray[np.intp]
    middle: FloatArray
    width: FloatArray
    spread: FloatArray

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self.cuts) - 1

    @property
    def spans(self) -> list[slice]:
        """The rows of each group."""
        return [slice(int(a), int(b)) for a, b in zip(self.cuts[:-1], self.cuts[1:], strict=True)]

    @property
    def codes(self) -> npt.NDArray[np.intp]:
        """The group of each row, (n,)."""
        return np.repeat(np.arange(self.groups), np.diff(self.cuts))

    def information(self, beta: FloatArray) -> FloatArray:
        """Return Xᵀ W X of each group at β, (G, q, q): how much its rows say of its coefficients."""
        p = expit(self.design @ beta)
        root = self.design * np.sqrt(self.weights * p * (1.0 - p))[:, None]
        return np.stack([root[span].T @ root[span] for span in self.spans])


def hierarchy(
    features: FloatArray,
    y: FloatArray,
    weights: FloatArray | None,
    group: npt.NDArray[np.intp],
    varying: npt.NDArray[np.bool_],
    priors: PropensityPriors,
) -> Hierarchy:
    """Return the problem of features (n, p) that are centred and scaled, for groups numbered from 0.

    ``varying`` (p,) says which coefficients may differ between groups; the intercept always may.
    """
    order = np.argsort(group, kind="stable")
    y = y[order]
    w = np.ones(len(y)) if weights is None else weights[order]
    groups = int(group.max()) + 1
    several = groups > 1
    columns = np.flatnonzero(np.append(True, varying)) if several else np.empty(0, dtype=np.intp)
    design = np.column_stack([np.ones(len(y)), features[order]])
    base = float(logit(w @ y / w.sum()))
    return Hierarchy(
        design=design,
        y=y,
        weights=w,
        cuts=np.searchsorted(group[order], np.arange(groups + 1)),
        varying=columns,
        middle=np.append(base, np.zeros(features.shape[1])),
        width=np.append(priors.intercept, np.full(features.shape[1], priors.coefficient)),
        spread=np.where(columns == 0, priors.intercept_spread, priors.spread),
    )
