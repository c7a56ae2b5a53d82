"""What the optimiser refuses, told as problems of the job: which of its keys are in conflict, and on which lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mixcurve.budget.constraints.words import counted
from mixcurve.cli.figures import amount, cash
from mixcurve.cli.job_problems import job_problem
from mixcurve.cli.job_schema import label
from mixcurve.cli.toml_text import line_of
from mixcurve.foundations.errors import InputError, Problem
from mixcurve.report.phrases import one_of

if TYPE_CHECKING:
    from mixcurve.budget.constraints.asked import Asked
    from mixcurve.budget.constraints.floors import Floor
    from mixcurve.budget.constraints.groups import Members
    from mixcurve.cli.job import Job
    from mixcurve.foundations.numbers import Numbers

__all__ = ["Stated", "conflict_problem", "stated_by_job", "wrong_words"]

_KEYS = "groups|prices|tied|value|roi|cpa|mroi|least_if_on|setup_cost|bounds|most_on|budget"
_PLACE = re.compile(rf"\b({_KEYS})(?:\['([^']+)'\]|\[[0-9]+\]|(?=[: ]))(?:\.(\w+))?")
_TIER = re.compile(r"\(([0-9][0-9_.]*), ([0-9][0-9_.]*)\)")
_NEED = re.compile(r"The others need ([0-9.,e+]+): raise the budget by ([0-9.,e+]+)\.")
_LARGE = re.compile(r"[0-9]+(?:\.[0-9]+)?e\+[0-9]+")
_UNIT = "If it is meant, write check_units = false under [budget]"


@dataclass(frozen=True)
class Stated:
    """One constraint as the job states it: the key it comes from, and words with the client's numbers."""

    path: tuple[str, ...]
    text: str


def stated_by_job(
    job: Job, asked: Asked, rules: Mapping[str, tuple[str, ...]], numbers: Numbers
) -> dict[str, Stated]:
    """Return every constraint that a conflict may name, by the words that the optimiser has for it.

    Parameters
    ----------
    asked
        What the optimiser was asked.
    rules
        By channel the key of [budget] that bounds it.
    """
    total = "change" if (job.budget or {}).get("change") is not None else "total"
    found = {f"budget of {asked.total:,.6g}": Stated((total,), f"the total of {cash(asked.total, numbers)}")}
    found |= dict(_bounds(asked, rules, numbers))
    found |= dict(_others(job, asked, numbers))
    for group in asked.groups:
        found |= dict(_group(group, numbers))
    for floor in asked.floors:
        found[floor.words] = Stated(_home(job, floor.name, floor.kind), _floor(job, floor, numbers))
    return found


def _bounds(
    asked: Asked, rules: Mapping[str, tuple[str, ...]], numbers: Numbers
) -> Iterator[tuple[str, Stated]]:
    for i, name in enumerate(asked.channels):
        low, high = float(asked.lower[i]), float(asked.upper[i])
        said = {"locked at": low, "at least": low, "at most": high}
        for word, limit in said.items():
            yield f"{name} {word} {limit:,.6g}", Stated(rules[name], f"{name} {word} {cash(limit, numbers)}")


def _others(job: Job, asked: Asked, numbers: Numbers) -> Iterator[tuple[str, Stated]]:
    for i, name in enumerate(asked.channels):
        least = float(asked.least_on[i])
        words = f"{name} at least {cash(least, numbers)} if it is on"
        yield (
            f"{name} at least {least:,.6g} if on",
            Stated(("least_if_on", job.column(name)), words),
        )
        path = _home(job, name, "mroi")
        yield f"marginal ROI floor of {name}", Stated(path, f"the floor on the marginal ROI of {name}")
    for places, _ in asked.ties:
        names = " and ".join(asked.channels[i] for i in places)
        yield f"{names} tied", Stated(("tied",), f"{names} tied")
    if asked.most_on is not None:
        words = f"at most {counted(asked.most_on)} on"
        yield words, Stated(("most_on",), words)


def _group(group: Members, numbers: Numbers) -> Iterator[tuple[str, Stated]]:
    for word, limit in (("least", group.least), ("most", group.most)):
        text = f"{group.name} at {word}"
        yield (
            f"{text} {limit:,.6g}",
            Stated(("groups", group.name, word), f"{text} {cash(limit, numbers)}"),
        )
    if group.most_on is not None:
        words = f"at most {counted(group.most_on)} of {group.name} on"
        yield words, Stated(("groups", group.name, "most_on"), words)


def _home(job: Job, name: str, kind: str) -> tuple[str, ...]:
    """Return the key that states a floor: of the plan, of a channel, or of a group, in its section or by name."""
    budget = job.budget or {}
    if kind in budget["groups"].get(name, {}):
        return ("groups", name, kind)
    by_name = isinstance(budget[kind], Mapping) and job.column(name) in budget[kind]
    return (kind, job.column(name)) if by_name else (kind,)


def _floor(job: Job, floor: Floor, numbers: Numbers) -> str:
    if floor.kind == "roi":
        return floor.words.replace(f"{floor.limit:g}", amount(floor.limit, numbers))
    whose = "the plan" if floor.name == "total" else floor.name
    response = one_of(job.shown(job.data["response"]))
    return f"cost per {response} of {whose} at most {cash(floor.limit, numbers)}"


def conflict_problem(
    job: Job, conflict: tuple[str, ...], message: str, stated: Mapping[str, Stated], numbers: Numbers
) -> Problem:
    """Return the problem that names a set of constraints in conflict, each with the key it comes from."""
    found = [stated.get(words, Stated((), words)) for words in conflict]
    said = [f"{one.text}{_place(job, one)}" for one in found]
    together = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
    what = f"no plan keeps {'all of this together' if len(said) > 1 else 'this'}: {together}"
    remedy = "Change one of these" if len(said) > 1 else "Change it"
    if need := _NEED.search(message):
        others, more = (cash(float(text.replace(",", "")), numbers) for text in need.groups())
        remedy = f"The others need {others}: raise the total by {more}, or change one of these"
    paths = [("budget", *one.path) for one in found if one.path]
    there = [path for path in paths if line_of(job.text, path) is not None]
    path = max(there, key=len) if there else ("budget",)
    return job_problem(job, path, what, remedy, code="job-impossible-budget")


def _place(job: Job, one: Stated) -> str:
    if not one.path:
        return ""
    line = line_of(job.text, ("budget", *one.path))
    return f" ({label(('budget', *one.path))}{f', line {line}' if line else ''})"


def wrong_words(job: Job, error: InputError) -> InputError:
    """Return an error of the optimiser's arguments as one of the job's keys."""
    if error.problems:
        return InputError([_of_problem(job, problem) for problem in error.problems])
    what, _, remedy = str(error).rstrip(".").partition(". ")
    path = _path(job, str(error))
    what, remedy = _in_job(job, what), _in_job(job, remedy)
    return InputError(job_problem(job, path, what, remedy or "Correct it", code="job-wrong-value"))


def _of_problem(job: Job, problem: Problem) -> Problem:
    path = _path(job, f"{problem.source} ")
    remedy = _UNIT if problem.code == "unit" else _in_job(job, problem.remedy)
    what = f"{label(path)}: {_in_job(job, problem.what)}"
    code = "job-unit" if problem.code == "unit" else "job-wrong-value"
    found = job_problem(job, path, what, remedy, code=code)
    value = None if problem.value is None else _LARGE.sub(lambda n: f"{float(n[0]):,.0f}", problem.value)
    return replace(found, value=value)


def _path(job: Job, text: str) -> tuple[str, ...]:
    found = _PLACE.search(text)
    return ("budget",) if found is None else _path_of(job, found)


def _path_of(job: Job, found: re.Match[str]) -> tuple[str, ...]:
    key, name, limit = found.groups()
    if key == "budget":
        return ("budget", "total")
    names = (name if key == "groups" else job.column(name),) if name else ()
    return ("budget", key, *names, *((limit,) if limit else ()))


def _in_job(job: Job, text: str) -> str:
    text = _TIER.sub(r"[\1, \2]", text)
    return _PLACE.sub(
        lambda found: label(_path_of(job, found)) if found[2] or found[3] or found.start() == 0 else found[0],
        text,
    )
