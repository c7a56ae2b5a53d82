"""Tables of a posterior by group: what groups have in common, what is each one's own, how far they were pooled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mixcurve.propensity.bayes.posterior import PropensityPosterior

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["coefficient_table", "group_table", "pooling", "spread_table"]

FloatArray = npt.NDArray[np.float64]


def coefficient_table(posterior: PropensityPosterior) -> pd.DataFrame:
    """Return what groups have in common, a row for the intercept and for each feature.

    Columns: ``coefficient`` (posterior mean, log-odds per unit of the feature) with ``low`` and ``high`` at the
    posterior's level; ``odds ratio`` (exp of the mean); ``probability above 0``; ``share from data``, one minus the
    posterior over the prior variance of the coefficient of the scaled feature: near 0, the data said nothing.
    """
    q = len(posterior.names)
    found = _told(posterior, posterior.coefficients())
    variance = posterior.positions[..., :q].reshape(-1, q).var(axis=0)
    before = np.full(q, posterior.priors.coefficient**2)
    before[0] = posterior.priors.intercept**2
    share = np.clip(1.0 - variance / before, 0.0, 1.0)
    share[1:][posterior.scale == 0] = 0.0
    return found.assign(**{"share from data": share})


def group_table(posterior: PropensityPosterior) -> pd.DataFrame:
    """Return each group's own intercept and coefficients, the columns of `coefficient_table` but the last; long."""
    import pandas as pd

    parts = [
        _told(posterior, posterior.coefficients(name)).assign(group=name, rows=int(rows))
        for name, rows in zip(posterior.groups, posterior.rows_by_group, strict=True)
    ]
    whole = pd.concat(parts, ignore_index=True)
    return whole[["group", "rows", *(c for c in whole.columns if c not in ("group", "rows"))]]


def spread_table(posterior: PropensityPosterior) -> pd.DataFrame:
    """Return how far groups differ: ``spread`` s per standard deviation of a feature, in log-odds, and `pooling`."""
    import pandas as pd

    q, k = len(posterior.names), len(posterior.varying)
    s = np.exp(posterior.positions[..., q : q + k].reshape(-1, k))
    low, high = np.quantile(s, posterior.tails(None), axis=0)
    return pd.DataFrame({
        "feature": [posterior.names[j] for j in posterior.varying], "spread": s.mean(axis=0), "low": low,
        "high": high, "level": posterior.level, "pooling": pooling(posterior),
    })  # fmt: skip


def pooling(posterior: PropensityPosterior) -> FloatArray:
    """Return how far the groups' coefficients were drawn together, (k,): 0 not at all, 1 completely.

    ``1 - Var_g(E v_gk) / E Var_g(v_gk)`` over the groups' deviations v.
    Source: Gelman and Pardoe (2006), Technometrics 48, 241-251, equation 4.
    """
    q, k = len(posterior.names), len(posterior.varying)
    v = posterior.positions[..., q + k :].reshape(-1, len(posterior.groups), k) if k else np.empty((1, 1, 0))
    return 1.0 - v.mean(axis=0).var(axis=0) / v.var(axis=1).mean(axis=0)


def _told(posterior: PropensityPosterior, draws: FloatArray) -> pd.DataFrame:
    import pandas as pd

    low, high = np.quantile(draws, posterior.tails(None), axis=0)
    mean = draws.mean(axis=0)
    return pd.DataFrame({
        "feature": posterior.names, "coefficient": mean, "low": low, "high": high, "level": posterior.level,
        "odds ratio": np.exp(mean), "probability above 0": (draws > 0).mean(axis=0),
    })  # fmt: skip
