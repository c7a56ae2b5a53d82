"""One belief as a `Model`: draws of all channels, put side by side so that each channel keeps its own weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mixcurve.budget.learning.beliefs import Beliefs
from mixcurve.budget.model import Model

__all__ = ["coupled"]

FloatArray = npt.NDArray[np.float64]

SAME = 1e-12
"""Shares of the whole up to which two ends of weights are one."""


def coupled(model: Model, beliefs: Beliefs, which: int) -> Model:
    """Return the model with the draws and weights that belief ``which`` has of each channel.

    The weights of a channel cut the interval from 0 to 1 into parts; all channels' cuts together give the draws. A sum
    over channels does not depend on how the draws of one meet those of another.

    Examples
    --------
    >>> from mixcurve.budget.learning.beliefs import everything_known
    >>> from mixcurve.budget.learning.question import asked_question, model_of
    >>> from mixcurve import response_from
    >>> known = response_from({"tv": ("exponential", {"top": [1.0, 3.0], "half": 1.0})})
    >>> model = model_of(asked_question(known, known.draws, 1.0, None, None, {}))
    >>> coupled(model, everything_known(2, 1), 1).draws[:, 0, 0].tolist()
    [3.0]
    """
    weights = [row[beliefs.pick[which, c]] for c, row in enumerate(beliefs.rows)]
    used = [np.flatnonzero(w) for w in weights]
    ends = [np.cumsum(w[u]) / w[u].sum() for w, u in zip(weights, used, strict=True)]
    cuts = np.unique(np.concatenate(ends))
    cuts = cuts[np.append(np.diff(cuts) > SAME, True)]
    weight = np.diff(cuts, prepend=0.0)
    middle = cuts - 0.5 * weight
    drawn = [u[np.minimum(np.searchsorted(e, middle), len(u) - 1)] for u, e in zip(used, ends, strict=True)]
    draws = np.stack([model.draws[d, c] for c, d in enumerate(drawn)], axis=1)
    return replace(model, draws=draws, weight=weight / weight.sum())
