"""What maps are fitted to, labels or Platt's targets, and what a map must say of itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixcurve.calibration.labels import LabelledScores

__all__ = ["FLAT", "SEPARATED", "UNFINISHED", "platt_targets_of", "targets_of", "told"]

FloatArray = npt.NDArray[np.float64]
SEPARATED = "A threshold separates the labels, so Platt's targets were fitted, which keep the map finite."
FLAT = "The scores do not rank the labels, so the map is flat and gives every case the same probability."
UNFINISHED = "The fit did not converge."


def platt_targets_of(cases: LabelledScores) -> FloatArray:
    """Return Platt's targets: (N+ + 1) / (N+ + 2) for positive labels and 1 / (N- + 2) for negative ones.

    They are the labels after a uniform prior on each class, N counting its effective cases, and keep a fit finite.
    Source: Platt (1999); Lin, Lin and Weng (2007), Machine Learning 68, 267-276, equation 5.
    """
    positives, negatives = cases.positives, cases.effective - cases.positives
    return np.where(cases.label == 1, (positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0))


def targets_of(cases: LabelledScores, platt_targets: bool, endless: bool) -> tuple[FloatArray, str]:
    """Return the targets and the note: Platt's if asked for, or if labels would make a fit ``endless``."""
    if platt_targets or endless:
        return platt_targets_of(cases), SEPARATED * (endless and not platt_targets)
    return cases.label, ""


def told(*notes: str) -> str:
    """Return the notes that say something as one text."""
    return " ".join(note for note in notes if note)
