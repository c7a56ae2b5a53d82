"""Puts a case to the package and judges the answer: plan, value, bound, proof, and the bounds of early stops."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import mixcurve as mc
from mixcurve.foundations.errors import InputError
from oracle.cases import Case, value, violation
from oracle.generate import KINDS, PLAIN
from oracle.plans import anywhere, near
from oracle.programme import best_plan

PROVEN = 1e-6
"""Relative gap at which a plan is called optimal, and the largest loss that is allowed."""
ROUNDING = 1e-9
"""Relative difference of two sums of the same figures that is no finding."""
KEPT = 1e-9
"""Breach of a rule, in shares of the total money or return, that is rounding."""
STOPS = (1, 2, 3, 5, 9)


@dataclass(frozen=True)
class Finding:
    """What came of one case: relative figures, seconds, and what is wrong, in words."""

    kind: str
    seed: tuple[int, ...]
    channels: int
    loss: float
    gap: float
    seconds: float
    nodes: int
    status: str
    verified: bool
    random: int
    wrong: tuple[str, ...]


def supported() -> tuple[str, ...]:
    """Return the kinds of problem that `allocate` takes."""
    return KINDS if "constraints" in inspect.signature(mc.allocate).parameters else PLAIN


def fitted_of(case: Case) -> Any:
    now = {} if case.current is None else dict(zip(case.names, (case.current * case.step).tolist()))
    return mc.response_from(dict(zip(case.names, case.curves)), current=now)


def words_of(case: Case) -> dict[str, Any]:
    """Return the case as the arguments of `allocate`."""
    names, step = case.names, case.step
    words: dict[str, Any] = {}
    pairs = {c: (lo * step, up * step) for c, lo, up in zip(names, case.lower.tolist(), case.upper.tolist())}
    free = {i for channels, _ in case.tied for i in channels}
    if np.any(case.lower > 0) or np.any(case.upper < case.steps):
        words["bounds"] = {c: pair for i, (c, pair) in enumerate(pairs.items()) if i not in free}
    if case.kind in PLAIN:
        return words
    words |= {"hold_weak": False, "beyond_seen": True, "check_units": False}
    for word in ("least_if_on", "setup_cost"):
        amounts = case.setup if word == "setup_cost" else case.least_if_on
        if np.any(amounts > 0):
            words[word] = {names[i]: int(amounts[i]) * step for i in np.flatnonzero(amounts)}
    if case.clubs:
        words["groups"] = {club.name: group_of(case, club) for club in case.clubs}
    if case.tied:
        words["tied"] = [{names[i]: p for i, p in zip(*pair)} for pair in case.tied]
    if case.tiers:
        words["prices"] = {names[i]: [(s * step, p) for s, p in tiers] for i, tiers in case.tiers.items()}
    if case.most_on is not None:
        words["most_on"] = case.most_on
    if case.roi is not None:
        words["roi"] = case.roi
    if case.profit:
        words["objective"] = "profit"
    if case.worth is not None:
        words["value"] = dict(zip(names, case.worth.tolist()))
    elif case.roi is not None or any(c.roi is not None for c in case.clubs):
        words["value"] = 1.0
    return words


def group_of(case: Case, club: Any) -> Any:
    limits = {
        "least": club.least * case.step if club.least else None,
        "roi": club.roi,
        "most_on": club.most_on,
    }
    most = None if club.most is None else club.most * case.step
    return mc.Group([case.names[i] for i in club.channels], most=most, **limits)


@dataclass(frozen=True)
class Trial:
    """A case, the plan that the package gives, and the best that the oracle knows."""

    case: Case
    fitted: Any
    words: dict[str, Any]
    plan: Any
    spend: np.ndarray
    mine: float
    best: float
    seconds: float

    @property
    def scale(self) -> float:
        return max(abs(self.best), 1e-300)

    @property
    def slack(self) -> float:
        return ROUNDING * self.scale

    @property
    def loss(self) -> float:
        return (self.best - self.mine) / self.scale


def tried(case: Case) -> Trial:
    """Return the answers of the package and of the oracle."""
    fitted, words = fitted_of(case), words_of(case)
    start = time.perf_counter()
    plan = mc.allocate(fitted, case.total, **words)
    seconds = time.perf_counter() - start
    spend = np.array([plan.spend[c] for c in case.names])
    return Trial(case, fitted, words, plan, spend, float(value(case, spend)), best_plan(case)[1], seconds)


def judged(case: Case, *, points: int = 100, stops: tuple[int, ...] = STOPS) -> Finding:
    """Return what came of a case.

    The plan must keep every rule and be worth what it says; the oracle's plan may not be worth more than the plan by
    ``PROVEN``, nor than any bound, also those of searches stopped early; nor may random plans exceed the bound.
    """
    try:
        trial = tried(case)
    except InputError as refusal:
        return refused(case, refusal)
    rng = np.random.default_rng([7, *case.seed])
    others = np.concatenate([anywhere(rng, case, points), near(rng, case, trial.spend, points)])
    check = mc.verify(trial.plan, trial.fitted)
    wrong = [*faults(trial), *early_faults(trial, stops)]
    if len(others) and value(case, others).max() > trial.plan.upper_bound + trial.slack:
        wrong.append("a random plan exceeds the bound")
    if not check.ok:
        wrong.append(f"proof refused: {check.reasons[0]}")
    return Finding(
        kind=case.kind,
        seed=case.seed,
        channels=case.n,
        loss=trial.loss,
        gap=float(trial.plan.gap),
        seconds=trial.seconds,
        nodes=int(trial.plan.nodes),
        status=trial.plan.status,
        verified=bool(check.ok),
        random=len(others),
        wrong=tuple(wrong),
    )


def refused(case: Case, refusal: InputError) -> Finding:
    """Return what a refusal is: right only where no plan but spending nothing keeps the rules."""
    plan, _ = best_plan(case)
    wrong = (f"refused, though a plan exists: {str(refusal)[:120]}",) if plan.any() else ()
    return Finding(case.kind, case.seed, case.n, 0.0, 0.0, 0.0, 0, "refused", not wrong, 0, wrong)


def faults(trial: Trial) -> Iterator[str]:
    """Yield what is wrong with the plan, its value, its bound and its status."""
    plan, breach = trial.plan, float(violation(trial.case, trial.spend))
    if breach > KEPT:
        yield f"the plan breaks a rule by {breach:.1e}"
    if abs(plan.value - trial.mine) > trial.slack:
        yield f"says {plan.value:.12g}, is {trial.mine:.12g}"
    if trial.loss > PROVEN:
        yield f"loses {trial.loss:.1e} to the oracle"
    if plan.upper_bound < trial.best - trial.slack:
        yield f"the bound is {(trial.best - plan.upper_bound) / trial.scale:.1e} below the oracle"
    if plan.status != "optimal":
        yield f"status {plan.status}, gap {plan.gap:.1e}"


def early_faults(trial: Trial, stops: tuple[int, ...]) -> Iterator[str]:
    """Yield what is wrong with searches that were stopped after so many boxes."""
    known = max(trial.best, trial.mine)
    for nodes in stops:
        early = mc.allocate(trial.fitted, trial.case.total, max_nodes=nodes, **trial.words)
        if early.upper_bound < known - trial.slack:
            yield f"stopped at {nodes} boxes the bound is too low"
        if early.value > trial.plan.upper_bound + trial.slack:
            yield f"stopped at {nodes} boxes the plan is worth more than the bound"
