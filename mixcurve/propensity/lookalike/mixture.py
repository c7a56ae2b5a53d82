"""Seeds hidden in the universe: the log-odds of being like a seed, when it is known how many are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize

from mixcurve.foundations.errors import FitError
from mixcurve.propensity.fit import LogisticFit, fit_logistic
from mixcurve.propensity.settings import FitSettings
from mixcurve.sigmoid import expit, softplus

__all__ = ["unmixed"]

FloatArray = npt.NDArray[np.float64]

MOST_STEPS = 1000


def unmixed(
    seeds: FloatArray, universe: FloatArray, share: float, names: tuple[str, ...], settings: FitSettings
) -> tuple[LogisticFit, float]:
    r"""Return a fit, and what makes its score the log-odds of being like a seed, of a person of the universe.

    The universe is a mixture of a share c like the seeds and others. With :math:`\eta` the log-odds of being like a
    seed, of a person of the universe, and :math:`r = n_s / (c\,n_u)`, a person of seeds and universe is a known seed
    with probability :math:`r e^\eta / (1 + (1 + r) e^\eta)`; the likelihood of this is maximised. The fit is then that
    of seeds, and of the universe counted as like a seed by p and as others by 1 - p; its score is
    :math:`\eta + \log(1 + r)`.

    References
    ----------
    Ward, Hastie, Barry, Elith and Leathwick (2009), Biometrics 65, 554-563, equation 4. Lancaster and Imbens (1996),
    Journal of Econometrics 71, 145-160.
    """
    ratio = len(seeds) / (share * len(universe))
    shift = float(np.log1p(ratio))
    table = np.concatenate([seeds, universe])
    label = np.append(np.ones(len(seeds)), np.zeros(len(universe)))
    naive = fit_logistic(table, label, settings=settings, names=names)
    scale = np.where(naive.scale > 0, naive.scale, 1.0)
    z = (table - naive.centre) / scale
    start = np.append(naive.intercept + naive.centre @ naive.coefficients, naive.coefficients * scale)
    found: Any = optimize.minimize(
        _loss, start, args=(z, label, shift, ratio, settings.l2), jac=True, method="L-BFGS-B",
        options={"maxiter": MOST_STEPS, "maxfun": 2 * MOST_STEPS, "ftol": 1e-13, "gtol": 1e-6 * len(table)},
    )  # fmt: skip
    if found.nit >= MOST_STEPS:
        raise FitError(
            f"A share of {share:.3g} hidden seeds does not settle. A smaller share may fit the data."
        )
    p = expit(z[len(seeds) :] @ found.x[1:] + found.x[0])
    twice = np.concatenate([table, universe])
    weights = np.concatenate([np.ones(len(seeds)), p, 1.0 - p])
    labels = np.concatenate([np.ones(len(table)), np.zeros(len(universe))])
    return fit_logistic(twice, labels, settings=settings, weights=weights, names=names), -shift


def _loss(
    theta: FloatArray, z: FloatArray, label: FloatArray, shift: float, ratio: float, l2: float
) -> tuple[float, FloatArray]:
    """Return minus the log-likelihood with the ridge, and its derivative."""
    eta = z @ theta[1:] + theta[0]
    above = softplus(eta + shift)
    # log P(seed) = log r + eta - above; log P(not) = softplus(eta) - above.
    value = float(above.sum() - (label * eta).sum() - ((1.0 - label) * softplus(eta)).sum())
    slope = expit(eta + shift) - label - (1.0 - label) * expit(eta)
    gradient = np.append(slope.sum(), slope @ z)
    gradient[1:] += l2 * theta[1:]
    return value + 0.5 * l2 * float(theta[1:] @ theta[1:]) - label.sum() * np.log(ratio), gradient
