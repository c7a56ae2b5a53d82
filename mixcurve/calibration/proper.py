"""Scores of probabilities: Brier and log loss with their parts, Spiegelhalter's test, calibration error."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.cells import cell_means
from mixcurve.calibration.reliability import Reliability
from mixcurve.calibration.report import CalibrationTest
from mixcurve.calibration.stated import Stated
from mixcurve.sigmoid import cross_entropy

__all__ = ["brier_parts", "calibration_error", "log_loss_parts", "spiegelhalter"]

FloatArray = npt.NDArray[np.float64]
ERROR_BINS = 15
"""Bins of equally many cases; 15 is what most publications use since Guo et al. (2017)."""


def brier_parts(cases: Stated, curve: Reliability) -> dict[str, float]:
    r"""Return the Brier score, the mean of :math:`(p - y)^2`, and its parts by the isotonic fit.

    With m the fit and :math:`\bar y` the base rate: miscalibration :math:`\overline{(p-y)^2} - \overline{(m-y)^2}`,
    discrimination :math:`\overline{(m-\bar y)^2}`, uncertainty :math:`\bar y(1-\bar y)`; the score is the first
    less the second plus the third. Skill is what the score lies below the uncertainty, as a share of it.
    """
    whole = cases.effective
    score = float(cases.weight @ (cases.probability - cases.label) ** 2 / whole)
    came = cell_means(cases.label, cases.weight, cases.starts)
    # Of labels 0 and 1 the square is the label.
    fitted = float(curve.weight @ (came - 2.0 * came * curve.share + curve.share**2) / whole)
    base = cases.base_rate
    discrimination = float(curve.weight @ (curve.share - base) ** 2 / whole)
    return _parts("brier", score, score - fitted, discrimination, base * (1.0 - base))


def log_loss_parts(cases: Stated, curve: Reliability) -> dict[str, float]:
    """Return the log loss in nats and its parts by the isotonic fit; infinite if what was certain did not happen."""
    from scipy.special import entr

    whole, base = cases.effective, cases.base_rate
    sure = np.isinf(cases.score)
    losses = np.asarray(cross_entropy(cases.label, cases.bounded_score))
    losses[sure] = np.where((cases.score[sure] > 0) == (cases.label[sure] == 1), 0.0, np.inf)
    score = float(cases.weight @ losses / whole)
    # The fit is calibrated on these cases, so its loss is its mean entropy.
    fitted = float(curve.weight @ (entr(curve.share) + entr(1.0 - curve.share)) / whole)
    uncertainty = float(entr(base) + entr(1.0 - base))
    return _parts("log loss", score, score - fitted, uncertainty - fitted, uncertainty)


def _parts(
    name: str, score: float, miscalibration: float, discrimination: float, uncertainty: float
) -> dict[str, float]:
    return {
        name: score,
        f"{name} miscalibration": miscalibration,
        f"{name} discrimination": discrimination,
        f"{name} uncertainty": uncertainty,
        f"{name} skill": 1.0 - score / uncertainty,
    }


def spiegelhalter(cases: Stated) -> CalibrationTest:
    r"""Return Spiegelhalter's z, standard normal if the stated probabilities are right.

    .. math:: z = \frac{\sum w\,(y - p)(1 - 2p)}{\sqrt{\sum w^2\,(1 - 2p)^2\,p(1 - p)}}

    Positive where the Brier score is larger than the stated probabilities expect. NaN where nothing can be told: every
    stated probability 0, 1/2 or 1. Source: Spiegelhalter (1986), Statistics in Medicine 5, 421-433.
    """
    from scipy.special import ndtr

    p, w = cases.probability, cases.weight
    above = float((w * (1.0 - 2.0 * p)) @ (cases.label - p))
    variance = float((w * (1.0 - 2.0 * p)) ** 2 @ (p * (1.0 - p)))
    z = above / np.sqrt(variance) if variance > 0 else (np.nan if above == 0 else np.copysign(np.inf, above))
    return CalibrationTest("Spiegelhalter", float(z), float(2.0 * ndtr(-abs(z))))


def calibration_error(cases: Stated) -> dict[str, float]:
    r"""Return the expected calibration error over bins of equally many cases, and its debiased root mean square.

    The first, :math:`\sum_b \frac{W_b}{W} |\bar y_b - \bar p_b|`, is above 0 for calibrated probabilities too, and the
    more so the fewer the cases; the second takes from each square what chance alone gives, which may leave 0. Both
    depend on the bins: the miscalibration of the Brier score does not. Source: Kumar, Liang and Ma (2019), NeurIPS 32.
    """
    reached = np.cumsum(cases.weight)
    cuts = np.searchsorted(reached, np.arange(ERROR_BINS) / ERROR_BINS * reached[-1], side="right")
    # Equal values are never parted.
    starts = np.unique(cases.starts[np.searchsorted(cases.starts, cuts, side="right") - 1])
    weight = np.add.reduceat(cases.weight, starts)
    share, effective = weight / weight.sum(), weight**2 / np.add.reduceat(cases.weight**2, starts)
    stated, came = (cell_means(a, cases.weight, starts) for a in (cases.probability, cases.label))
    chance = came * (1.0 - came) / np.maximum(effective - 1.0, 1.0)
    squares = float(share @ ((came - stated) ** 2 - chance))
    return {
        "calibration error": float(share @ np.abs(came - stated)),
        "root mean square calibration error": float(np.sqrt(max(squares, 0.0))),
    }
