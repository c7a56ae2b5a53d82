"""`compare_posteriors`: which curves predict the rows best that they have not seen, and with what weights together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import known_name
from mixcurve.foundations.errors import InputError
from mixcurve.foundations.gate import Gate
from mixcurve.foundations.results import Result
from mixcurve.response.bayes.checks.loo import LeaveOneOut, leave_one_out, loo_gate
from mixcurve.response.bayes.checks.predictive import row_names
from mixcurve.response.bayes.compare.weights import stacking_weights
from mixcurve.response.bayes.result.posterior import MixPosterior

__all__ = ["PosteriorComparison", "compare_posteriors"]

FloatArray = npt.NDArray[np.float64]

EQUALLY_GOOD = 4.0
"""Difference of elpd below which its standard error is not to be trusted, and models count as equally good (Sivula,
Magnusson and Vehtari 2020, "Uncertainty in Bayesian leave-one-out cross-validation based model comparison")."""
CLEAR = 2.0
"""Standard errors by which a difference must exceed 0 to be clear."""
COUNTS = ("poisson", "negative binomial", "binomial")
"""Noise of whole numbers, whose rows have probabilities instead of densities."""
LEAST_NOISE = 1.0
"""Standard deviation, in counts, from which a density at a whole number is its probability: they differ by about
1 / (24 variance) of it (Sheppard 1898)."""
SAME = 1e-9
"""Relative difference up to which two responses are the same."""


@dataclass(frozen=True, eq=False)
class PosteriorComparison(Result):
    """Posteriors of the same rows, the best predictor first.

    Parameters
    ----------
    names
        As they were given (K,).
    loo
        Leave-one-out densities of each.
    difference, difference_error
        How much less elpd than the best's, and the standard error of that, both (K,): 0 for the best.
    weights
        Stacking weights (K,).
    gates
        Whether each posterior's rows can be left out; a failure there makes its elpd doubtful.
    verdict
        One plain sentence.
    """

    names: tuple[str, ...]
    loo: tuple[LeaveOneOut, ...]
    difference: FloatArray
    difference_error: FloatArray
    weights: FloatArray
    gates: tuple[Gate, ...]
    verdict: str

    @property
    def best(self) -> str:
        """The name of the posterior that predicts best."""
        return self.names[0]

    def weight(self, name: str) -> float:
        """Return the stacking weight of a posterior."""
        return float(self.weights[self.names.index(known_name("posterior", name, self.names))])

    @property
    def table(self) -> Any:
        """A pandas frame, a row a posterior."""
        import pandas as pd

        rows = [
            {
                "elpd": found.elpd,
                "standard_error": found.standard_error,
                "difference": self.difference[k],
                "difference_error": self.difference_error[k],
                "effective_parameters": found.effective_parameters,
                "weight": self.weights[k],
                "doubtful_rows": len(found.doubtful),
            }
            for k, found in enumerate(self.loo)
        ]
        return pd.DataFrame(rows, index=pd.Index(self.names, name="posterior"))


def compare_posteriors(posteriors: Mapping[str, MixPosterior]) -> PosteriorComparison:
    """Compare posteriors of the same rows, such as those of different curves, by leave-one-out prediction.

    Parameters
    ----------
    posteriors
        At least two, by a name of your own: ``{"hill": …, "logistic": …}``.

    Returns
    -------
    PosteriorComparison
        With stacking weights; `mixcurve.response.bayes.compare.stacked.stacked_curves` makes of them curves that
        budgets take.

    Raises
    ------
    InputError
        If there are fewer than two, their rows differ, or one is of counts and another of continuous noise narrower
        than a count, whose densities are no probabilities of whole numbers.

    References
    ----------
    Vehtari, Gelman and Gabry (2017), Statistics and Computing 27, 1413-1432; Yao et al. (2018) for the weights.
    """
    if len(posteriors) < 2:
        raise InputError(
            f"posteriors must hold at least two to compare, got {len(posteriors)}. Sample another curve."
        )
    _same_rows(posteriors)
    found = {
        name: leave_one_out(p.log_likelihood, row_names(p.dates, p.row_groups))
        for name, p in posteriors.items()
    }
    return compared(found)


def compared(found: Mapping[str, LeaveOneOut]) -> PosteriorComparison:
    """Return the comparison of leave-one-out densities of the same rows.

    Examples
    --------
    >>> def loo(values):
    ...     rows = tuple(str(i) for i in range(len(values)))
    ...     return LeaveOneOut(rows, np.array(values), 1.0, np.zeros(len(values)), 0.7, 4000)
    >>> made = compared({"hill": loo([-2.0, -2.1, -2.2]), "logistic": loo([-1.0, -1.1, -1.3])})
    >>> made.best, made.weights.round(3).tolist(), made.verdict
    ('logistic', [1.0, 0.0], 'logistic and hill predict about equally well.')
    """
    names = sorted(found, key=lambda n: -found[n].elpd)
    loo = tuple(found[n] for n in names)
    pointwise = np.stack([one.pointwise for one in loo])
    apart = pointwise[0] - pointwise
    error = np.sqrt(pointwise.shape[1] * apart.var(axis=1, ddof=1))
    gates = tuple(loo_gate(one) for one in loo)
    less = apart.sum(axis=1)
    weights = stacking_weights(pointwise)
    verdict = _verdict(names, less, error, gates)
    return PosteriorComparison(tuple(names), loo, less, error, weights, gates, verdict)


def _verdict(names: list[str], less: FloatArray, error: FloatArray, gates: tuple[Gate, ...]) -> str:
    equal = [n for n, d, e in zip(names, less, error, strict=True) if d < max(EQUALLY_GOOD, CLEAR * e)]
    if len(equal) > 1:
        told = f"{', '.join(equal[:-1])} and {equal[-1]} predict about equally well"
    else:
        told = f"{names[0]} predicts best, clearly better than {names[1]}"
    doubtful = [n for n, g in zip(names, gates, strict=True) if not g.passed]
    return f"{told}, but rows of {', '.join(doubtful)} could not be left out." if doubtful else f"{told}."


def _same_rows(posteriors: Mapping[str, MixPosterior]) -> None:
    first, *others = posteriors.items()
    for name, other in others:
        mine, theirs = (p.contributions.sum(axis=1) + p.baseline + p.residual for p in (first[1], other))
        if len(mine) != len(theirs) or not np.array_equal(first[1].dates, other.dates):
            raise InputError(
                f"posteriors must be of the same rows, but '{first[0]}' has {len(mine)} and '{name}' {len(theirs)}, or "
                "their dates differ. Sample both from one table."
            )
        if not np.allclose(mine, theirs, rtol=SAME, atol=SAME * float(np.abs(mine).max())):
            raise InputError(
                f"posteriors must be of the same response, but those of '{first[0]}' and '{name}' differ. "
                "Sample both from one table."
            )
    _comparable(posteriors)


def _comparable(posteriors: Mapping[str, MixPosterior]) -> None:
    """Refuse densities of noise narrower than a count beside probabilities of counts."""
    counted = [name for name, p in posteriors.items() if p.noise in COUNTS]
    for name, p in posteriors.items():
        if not counted or p.noise in COUNTS:
            continue
        width = float(np.median(p.variables["noise"]))
        if width < LEAST_NOISE:
            raise InputError(
                f"'{counted[0]}' has {posteriors[counted[0]].noise} noise and '{name}' {p.noise} noise of {width:.2g}, "
                "less than one count: its density is no probability of a whole number, and they do not compare. "
                "Sample both with noise of counts."
            )
