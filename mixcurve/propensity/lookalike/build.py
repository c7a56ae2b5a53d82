"""`lookalike`: a seed audience against a universe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mixcurve.foundations.checks import generator, number, one_of
from mixcurve.foundations.errors import InputError
from mixcurve.propensity.drawn_folds import draw_folds
from mixcurve.propensity.fit import LogisticFit, columns_of, fit_logistic
from mixcurve.propensity.lookalike.audience import Audience, How
from mixcurve.propensity.lookalike.curve import size_curve
from mixcurve.propensity.lookalike.mixture import unmixed
from mixcurve.propensity.lookalike.unlabelled import labelled_share
from mixcurve.propensity.settings import FitSettings
from mixcurve.propensity.tables import features_of
from mixcurve.thresholds.auc import auc_interval

__all__ = ["lookalike"]

FloatArray = npt.NDArray[np.float64]
WAYS: tuple[How, ...] = ("case-control", "contaminated", "positive-unlabelled")
ASSUMED = {
    "case-control": "Assumed: hardly anyone in the universe is like the seeds, so the rest of it stands for others.",
    "contaminated": "Assumed: {share:.3g} of the universe is like the seeds, as was said.",
}


def lookalike(
    seeds: Any,
    universe: Any,
    *,
    how: How = "case-control",
    share: float | None = None,
    controls_per_seed: float = 10.0,
    l2: float = 1.0,
    folds: int = 5,
    level: float = 0.95,
    seed: int = 0,
) -> Audience:
    r"""Return who in a universe is like a seed audience.

    The model is a logistic regression of seeds against controls drawn from the universe. Drawing changes the intercept
    alone, by the logarithm of the share drawn, and it is put back (King and Zeng 2001).

    - ``how="case-control"``: the rest of the universe counts as unlike the seeds; a probability is that of a person of
      seeds and universe together to be a seed.
    - ``how="contaminated"``: a share of the universe is like the seeds without being known; it must be given. A
      probability is that of a person of the universe to be like the seeds (Ward et al. 2009).
    - ``how="positive-unlabelled"``: the same with the share estimated (Elkan and Noto 2008), which needs people like
      seeds to stand apart from others. Where they do not, the scores rank only, and `Audience.probability` says so.

    Parameters
    ----------
    seeds, universe
        (s, p) and (u, p), arrays or frames of numbers with the same columns. Seeds should not be in the universe.
    how
        What the universe is taken for.
    share
        The share of the universe that is like the seeds; only with ``"contaminated"``.
    controls_per_seed
        How many of the universe are drawn for each seed; more than there are takes all.
    l2
        Ridge on scaled features, in total.
    folds
        Folds of the people held out, on whom the area and the sizes of audience are told.
    level
        Of all intervals.
    seed
        Of the draw and of the folds.

    Raises
    ------
    InputError
        If columns differ, or an argument is out of range.
    FitError
        If the mixture does not settle.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = lookalike(rng.normal(1.0, 1.0, (300, 2)), rng.normal(0.0, 1.0, (5000, 2)))
    >>> bool(found.auc.auc > 0.75), found.controls
    (True, 3000)
    """
    one_of("how", how, WAYS)
    if (share is not None) != (how == "contaminated"):
        raise InputError("share goes with how='contaminated', and is needed there: give both or neither.")
    if share is not None and not 0.0 < number("share", share) < 1.0:
        raise InputError(f"share must lie between 0 and 1, got {share:g}.")
    likes, names = features_of(seeds)
    rest = columns_of(universe, names) if hasattr(universe, "columns") else features_of(universe)[0]
    if rest.shape[1] != likes.shape[1]:
        raise InputError(
            f"universe has {rest.shape[1]} columns and seeds {likes.shape[1]}. Give the same columns."
        )
    wanted = round(number("controls_per_seed", controls_per_seed, low=0.1) * len(likes))
    rng = generator(seed)
    chosen = (
        np.arange(len(rest)) if wanted >= len(rest) else np.sort(rng.choice(len(rest), wanted, replace=False))
    )
    people = _People(
        np.asarray(likes, dtype=np.float64), np.asarray(rest[chosen], dtype=np.float64), names, len(rest),
        FitSettings(l2=l2), how, share,
    )  # fmt: skip
    return _audience(people, folds, level, rng)


@dataclass(frozen=True)
class _People:
    """Seeds and drawn controls, and how they are to be read."""

    seeds: FloatArray
    controls: FloatArray
    names: tuple[str, ...]
    universe: int
    settings: FitSettings
    how: How
    share: float | None

    def fit(self, seeds: FloatArray, controls: FloatArray) -> tuple[LogisticFit, float]:
        """Return a model of these, and what makes its score the log-odds of a person; as controls were not drawn."""
        if self.share is not None:
            return unmixed(seeds, controls, self.share, self.names, self.settings)
        label = np.append(np.ones(len(seeds)), np.zeros(len(controls)))
        fit = fit_logistic(np.concatenate([seeds, controls]), label, settings=self.settings, names=self.names)
        return fit, float(np.log(len(controls) / self.universe))


def _audience(people: _People, folds: int, level: float, rng: np.random.Generator) -> Audience:
    fit, shift = people.fit(people.seeds, people.controls)
    of_seeds, of_controls = _held_out(people, folds, rng)
    known = np.append(np.ones(len(of_seeds)), np.zeros(len(of_controls)))
    scores = np.append(of_seeds, of_controls)
    share, labelled, assumption = np.nan, None, ASSUMED.get(people.how, "")
    if people.share is not None:
        share, assumption = people.share, assumption.format(share=people.share)
    elif people.how == "positive-unlabelled":
        labelled = labelled_share(of_seeds, scores, known > 0, level)
        assumption, shift = labelled.summary, np.nan
        if labelled.holds:
            # A share c of those like seeds is known: n_s (1 - c) / c of the controls are like them too.
            hidden = len(people.seeds) * (1.0 - labelled.value) / labelled.value
            share = float(np.clip(hidden / len(people.controls), 1e-6, 1.0 - 1e-6))
            fit, shift = replace(people, share=share).fit(people.seeds, people.controls)
    return Audience(
        how=people.how, fit=fit, shift=shift, seeds=len(people.seeds), universe=people.universe,
        controls=len(people.controls), share=share, auc=auc_interval(scores, known, level=level),
        curve=size_curve(of_seeds, of_controls, people.universe, level), assumption=assumption, labelled=labelled,
    )  # fmt: skip


def _held_out(people: _People, folds: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return scores of seeds and controls, each person's by the model of the other folds."""
    label = np.append(np.ones(len(people.seeds)), np.zeros(len(people.controls)))
    fold = draw_folds(folds, label, None, rng)
    by = fold[: len(people.seeds)], fold[len(people.seeds) :]
    out = np.empty(len(people.seeds)), np.empty(len(people.controls))
    for one in range(int(fold.max()) + 1):
        fit, _ = people.fit(people.seeds[by[0] != one], people.controls[by[1] != one])
        out[0][by[0] == one] = fit.score(people.seeds[by[0] == one])
        out[1][by[1] == one] = fit.score(people.controls[by[1] == one])
    return out
