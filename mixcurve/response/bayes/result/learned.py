"""What is added to a posterior once it is drawn: its gates, what the data taught, what experiments and others did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mixcurve.foundations.gate import notes_of, overall
from mixcurve.response.bayes.checks.posterior import check_posterior
from mixcurve.response.bayes.checks.sampling import check_sampling
from mixcurve.response.bayes.checks.status import as_fit_status
from mixcurve.response.bayes.experiments.evidence import Evidence
from mixcurve.response.bayes.experiments.moved import what_experiments_moved
from mixcurve.response.bayes.experiments.report import ExperimentReport
from mixcurve.response.bayes.kinds.figures import other_contributions
from mixcurve.response.bayes.learned.learn import prior_against_posterior
from mixcurve.response.bayes.model.model import MixModel
from mixcurve.response.bayes.model.signed import SignedControls
from mixcurve.response.bayes.result.posterior import MixPosterior
from mixcurve.response.bayes.sample.sampled import Sampled
from mixcurve.response.bayes.varying.adding import Adding
from mixcurve.response.bayes.varying.effect import VaryingEffect
from mixcurve.response.bayes.varying.level import VaryingLevel
from mixcurve.response.bayes.varying.path import effect_paths, level_path
from mixcurve.response.evidence import ChannelEvidence, Finding, graded

__all__ = ["with_checks"]

STAGE = "checking"
STEPS = 4
SIGNIFICANCE = 0.05
"""p-value above which a lift test and the other data are taken to agree."""


def with_checks(
    posterior: MixPosterior, model: MixModel, sampled: Sampled, *, checks: bool, value: float,
    sample_again: Callable[[MixModel], Sampled], progress: Callable[[str, int, int], None] | None = None,
) -> MixPosterior:  # fmt: skip
    """Return the posterior with everything that was found out about it."""

    def tell(done: int) -> None:
        if progress is not None:
            progress(STAGE, done, STEPS)

    tell(0)
    posterior = _with_gates(posterior, model, sampled, checks)
    tell(1)
    if checks:
        learned = prior_against_posterior(
            model, sampled, value=value, level=posterior.level, seed=sampled.seed
        )
        posterior = replace(posterior, learned=learned)
    tell(2)
    posterior = _with_others(posterior, model, sampled)
    tell(3)
    if any(isinstance(part, Evidence) for part in model.parts):
        moved = what_experiments_moved(model, sampled, level=posterior.level, sample_again=sample_again)
        posterior = replace(posterior, experiments=moved, evidence=confirmed(posterior.evidence, moved))
    tell(STEPS)
    return posterior


def _with_gates(posterior: MixPosterior, model: MixModel, sampled: Sampled, checks: bool) -> MixPosterior:
    if checks:
        found = check_posterior(model, sampled, posterior.log_likelihood)
        gates = found.gates
        posterior = replace(posterior, checked=found)
    else:
        gates = check_sampling(model, sampled).gates
    status, message = overall(gates)
    if status == "failed":
        posterior = replace(posterior, evidence=tuple(map(doubted, posterior.evidence)))
    return replace(
        posterior, gates=gates, status=as_fit_status(status), message=message,
        notes=(*posterior.notes, *notes_of(gates)),
    )  # fmt: skip


def doubted(evidence: ChannelEvidence) -> ChannelEvidence:
    """Return the evidence of a channel whose draws failed a check: at most weak, so that budgets hold it."""
    text = "The draws did not pass their checks, so this curve is not known."
    found = (*evidence.findings, Finding("draws_failed", text, "weak"))
    return graded(evidence.channel, found, evidence.grade)


def confirmed(evidence: tuple[ChannelEvidence, ...], moved: ExperimentReport) -> tuple[ChannelEvidence, ...]:
    """Return the evidence where a lift test agrees with the other data: such a channel is calibrated."""
    tested = {
        m.channel
        for m in moved.moves
        if m.kind == "lift test" and np.isfinite(m.p_value) and m.p_value >= SIGNIFICANCE
    }
    out = []
    for one in evidence:
        if one.channel in tested and one.grade == "supported":
            text = "A lift test agrees with what the other data say of its effect."
            one = graded(one.channel, (*one.findings, Finding("confirmed_by_test", text)), "calibrated")
        out.append(one)
    return tuple(out)


def _with_others(posterior: MixPosterior, model: MixModel, sampled: Sampled) -> MixPosterior:
    """Return the posterior with what organic channels, treatments and varying effects did."""
    kept = sampled.flat[:: max(1, len(sampled.flat) // len(posterior.draws))]
    level = posterior.level
    if any(isinstance(p, Adding) and not isinstance(p, SignedControls) for p in model.parts):
        posterior = replace(posterior, others=other_contributions(model, kept, level=level))
    paths = [effect_paths(p, model, kept, level=level) for p in model.parts if isinstance(p, VaryingEffect)]
    paths += [level_path(p, model, kept, level=level) for p in model.parts if isinstance(p, VaryingLevel)]
    return replace(posterior, varying=tuple(paths))
