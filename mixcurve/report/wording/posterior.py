"""The sentences on curves that are draws from a posterior: how they were drawn, their checks, their experiments."""

from __future__ import annotations

from mixcurve.foundations.numbers import Units
from mixcurve.report.phrases import listed
from mixcurve.response.bayes.experiments.words import CONFLICT, moved_sentence
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.fitted import Fitted

__all__ = ["drawn", "interval_caveat", "posterior_sentences", "tests_of"]

QUICK = ("laplace", "pathfinder")


def posterior_sentences(fit: MixPosterior, units: Units) -> tuple[str, ...]:
    """Return how the draws were made, how many checks passed, and what the experiments say."""
    chains, draws = fit.positions.shape[:2]
    written = units.numbers.written
    how = (
        "weighted draws from an approximation of it"
        if fit.sampler in QUICK
        else f"the draws of {written(chains)} chains, {written(draws)} of each"
    )
    passed = sum(g.passed for g in fit.gates)
    return (
        f"The curves are known by their posterior: {how}.",
        f"{passed} of {len(fit.gates)} checks passed.",
        *_experiments(fit),
    )


def _experiments(fit: MixPosterior) -> tuple[str, ...]:
    """Return which experiments agree with the rest of the data, and all that is known of those that do not."""
    if fit.experiments is None:
        return ()
    apart = [m for m in fit.experiments.moves if m.p_value < CONFLICT]
    agree = [m.name for m in fit.experiments.moves if m.p_value >= CONFLICT]
    verb = "agrees" if len(agree) == 1 else "agree"
    told = (f"{listed(agree)} {verb} with the rest of the data.",) if agree else ()
    return (*told, *(moved_sentence(m, fit.experiments) for m in apart))


def tests_of(fit: Fitted) -> int:
    """Return how many lift tests the curves were sampled with."""
    if not isinstance(fit, MixPosterior) or fit.experiments is None:
        return 0
    return sum(m.kind == "lift test" for m in fit.experiments.moves)


def drawn(fit: Fitted, units: Units) -> str:
    """Return how many plausible curves there are, and what they are called."""
    kind = "posterior draws" if isinstance(fit, MixPosterior) else "resamples"
    return f"{units.numbers.written(len(fit.resamples))} {kind}"


def interval_caveat(fit: Fitted | None) -> str:
    """Return where intervals come from, and what they do not cover."""
    known = isinstance(fit, MixPosterior)
    source = "the data and from what was assumed beforehand" if known else "many plausible fits"
    return (
        f"Intervals come from {source}. They hold if the model is right: they do not cover a wrong curve, a missing "
        "control or a change of the market."
    )
