"""Intervals of a share, such as that of the intervals that held the truth."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cases import open_unit
from mixcurve.foundations.checks import finite_array, known_name
from mixcurve.foundations.errors import InputError

__all__ = ["SHARE_METHODS", "ShareMethod", "share_interval"]

FloatArray = npt.NDArray[np.float64]
ShareMethod = Literal["wilson", "clopper-pearson"]
SHARE_METHODS: tuple[ShareMethod, ...] = ("wilson", "clopper-pearson")


def share_interval(
    hits: npt.ArrayLike, cases: npt.ArrayLike, level: float = 0.95, method: ShareMethod = "wilson"
) -> tuple[Any, Any]:
    r"""Return the interval of a share, given how many of how many independent cases were hits.

    With the share :math:`\hat p` of n cases and the normal quantile z, Wilson's interval is

    .. math:: \frac{\hat p + z^2/2n \pm z\sqrt{\hat p(1-\hat p)/n + z^2/4n^2}}{1 + z^2/n},

    which covers as often as its level says on average over p. Clopper and Pearson's, from quantiles of the beta
    distribution, never covers less often, and is wider.

    Parameters
    ----------
    hits, cases
        Counts, broadcast against each other. Weighted cases may give numbers that are not whole.
    level
        Confidence level of the interval.
    method
        ``"wilson"`` or ``"clopper-pearson"``.

    Returns
    -------
    tuple
        Lower and upper limit, each of the broadcast shape, within [0, 1].

    Raises
    ------
    InputError
        If a count is negative, hits exceed cases, there are no cases, or the level is not between 0 and 1.

    References
    ----------
    Wilson (1927), JASA 22, 209-212. Clopper and Pearson (1934), Biometrika 26, 404-413. Brown, Cai and DasGupta (2001),
    Statistical Science 16, 101-133, recommend Wilson's.

    Examples
    --------
    >>> low, high = share_interval(81, 263)
    >>> print(f"{low:.4f} to {high:.4f}")
    0.2553 to 0.3662
    """
    known_name("interval of a share", method, SHARE_METHODS)
    tail = (1.0 - open_unit("level", level)) / 2.0
    k, n = np.broadcast_arrays(finite_array("hits", hits), finite_array("cases", cases))
    if (n <= 0).any() or (k < 0).any() or (k > n).any():
        raise InputError(
            "hits must lie between 0 and cases, and cases must be above 0; "
            f"got {hits!r} of {cases!r}. Leave out what has no cases."
        )
    return _wilson(k, n, tail) if method == "wilson" else _clopper_pearson(k, n, tail)


def _wilson(k: FloatArray, n: FloatArray, tail: float) -> tuple[Any, Any]:
    from scipy.special import ndtri

    z2 = float(ndtri(tail)) ** 2
    share = k / n
    middle = share + z2 / (2.0 * n)
    reach = np.sqrt(z2 * (share * (1.0 - share) / n + z2 / (4.0 * n**2)))
    low, high = (middle - reach) / (1.0 + z2 / n), (middle + reach) / (1.0 + z2 / n)
    # Exact at the ends, where rounding would leave a limit just inside or outside.
    return np.where(k == 0, 0.0, low)[()], np.where(k == n, 1.0, high)[()]


def _clopper_pearson(k: FloatArray, n: FloatArray, tail: float) -> tuple[Any, Any]:
    from scipy.special import betaincinv

    inner = (k > 0), (k < n)
    low = np.where(inner[0], betaincinv(np.where(inner[0], k, 1.0), n - k + 1.0, tail), 0.0)
    high = np.where(inner[1], betaincinv(k + 1.0, np.where(inner[1], n - k, 1.0), 1.0 - tail), 1.0)
    return low[()], high[()]
