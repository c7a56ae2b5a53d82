"""What a job made: as plain values for machines, and in a screenful for a terminal."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mixcurve.cli.console import Console, plain_problem, printable
from mixcurve.cli.figures import amount, cash, counted_in, moved
from mixcurve.report.facts import has_limits
from mixcurve.report.phrases import outcome_units
from mixcurve.report.wording import limits_cell

if TYPE_CHECKING:
    from pathlib import Path

    from mixcurve.budget.problem import Allocation, GroupOutcome
    from mixcurve.cli.pipeline import Outcome
    from mixcurve.foundations.numbers import Numbers
    from mixcurve.response.fit.results import MixFit

__all__ = ["outcome_document", "tell"]

_LEAST_GAP = 1e-6
"""Smaller gaps are told as below this: the optimiser stops there."""
_GRADE_STYLES = {"weak": "yellow", "not shown": "dim"}


def tell(console: Console, outcome: Outcome, document: dict[str, Any] | None = None) -> None:
    """Print what a job made, and its warnings and notes; for machines a document of its own, if there is one."""
    console.document(document or outcome_document(outcome))
    console.show(*_view(outcome))
    console.problems(outcome.problems)
    for path in (outcome.pdf, outcome.json):
        if path is not None:
            console.show(f"Wrote {printable(str(path))}")


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """Return what a job made as plain values for JSON; a number that is not finite is None."""
    return _finite(
        {
            "status": "ok",
            "files": {"pdf": _path(outcome.pdf), "json": _path(outcome.json)},
            "headline": outcome.payload.decision.headline,
            "data": {
                "source": outcome.table.source,
                "sha256": outcome.table.sha256,
                "periods": outcome.table.n_periods,
                "every": outcome.table.every,
                "currency": outcome.table.currency,
                "money_unit": outcome.units.numbers.money_unit,
                "response": outcome.table.response_name,
            },
            "fit": _fit(outcome.fit),
            "plan": None if outcome.plan is None else _plan(outcome.plan, outcome),
            "problems": [plain_problem(problem) for problem in outcome.problems],
        }
    )


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _fit(fit: MixFit) -> dict[str, Any]:
    channels = {}
    for i, name in enumerate(fit.channels):
        values = fit.draws[0, i].tolist()
        channels[name] = {
            "curve": fit.curve[i].name,
            "parameters": dict(zip(fit.curve[i].names, values, strict=False)),
            "grade": fit.evidence[i].grade,
            "findings": [finding.sentence for finding in fit.evidence[i].findings],
        }
    return {"status": fit.status, "message": fit.message, "r_squared": fit.r_squared, "channels": channels}


def _plan(plan: Allocation, outcome: Outcome) -> dict[str, Any]:
    held = outcome.asked.held if outcome.asked else {}
    near = outcome.asked.near if outcome.asked else {}
    rows = {
        name: {
            "current": plan.current[name],
            "plan": plan.spend[name],
            "response": plan.response[name],
            "current_response": plan.current_response[name],
            "marginal": plan.marginal[name],
            "least": float(plan.budget.lower[i]),
            "most": float(plan.budget.upper[i]),
            "binding": plan.binding[name],
            "held": held.get(name),
            "near": near.get(name),
            "setup_cost": plan.setup_cost.get(name, 0.0),
        }
        for i, name in enumerate(plan.channels)
    }
    return {
        "status": plan.status,
        "proof": "verified",
        "objective": plan.objective,
        "total": plan.budget.total,
        "unspent": plan.unspent,
        "value": plan.value,
        "upper_bound": plan.upper_bound,
        "gap": plan.gap,
        "shadow_price": plan.shadow_price,
        "current_value": plan.current_value,
        "gain": plan.gain,
        "gain_interval": plan.gain_interval,
        "better_share": plan.better_share,
        "level": plan.level,
        "profit": plan.profit,
        "channels": rows,
        "groups": {group.name: _group(group) for group in plan.groups},
    }


def _group(group: GroupOutcome) -> dict[str, Any]:
    return {field.name: getattr(group, field.name) for field in fields(group) if field.name != "name"}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _view(outcome: Outcome) -> list[Any]:
    from rich.padding import Padding
    from rich.text import Text

    lines: list[Any] = [Padding(Text(printable(outcome.payload.decision.headline), style="bold"), (1, 0))]
    if outcome.plan is not None:
        lines += [_changes(outcome, outcome.plan), *_groups(outcome, outcome.plan)]
        lines += [Padding(_proof(outcome, outcome.plan), (1, 0))]
    else:
        lines += [_grades(outcome), ""]
    return lines


def _changes(outcome: Outcome, plan: Allocation) -> Any:
    grid = _grid([_unit(outcome), "current", "plan", "change", "evidence"])
    grades = {evidence.channel: evidence.grade for evidence in outcome.fit.evidence}
    numbers = outcome.units.numbers
    for name in plan.channels:
        grid.add_row(*_row(name, plan.current[name], plan.spend[name], grades.get(name, ""), numbers))
    grid.add_section()
    now, then = (sum(spend.values()) for spend in (plan.current, plan.spend))
    setup_now, setup_then = _setup(plan)
    if setup_now or setup_then:
        grid.add_row(*_row("Set-up costs", setup_now, setup_then, "", numbers))
    grid.add_row(*_row("Total", now + setup_now, then + setup_then, "", numbers))
    return grid


def _setup(plan: Allocation) -> tuple[float, float]:
    """Return the set-up costs of the current plan and of this one."""
    asked = plan.constraints.setup_cost if plan.constraints is not None else {}
    now = sum(cost for channel, cost in asked.items() if plan.current[channel] > 0)
    return now, sum(plan.setup_cost.values())


def _groups(outcome: Outcome, plan: Allocation) -> list[Any]:
    """Return a table of what the groups get, if there are any."""
    from rich.text import Text

    if not plan.groups:
        return []
    grid = _grid([f"groups, {_unit(outcome)}", "current", "plan", "limits", "at its"])
    numbers = outcome.units.numbers
    for group in plan.groups:
        money = [amount(value, numbers) for value in (group.current_money, group.money)]
        limits = limits_cell(plan.constraints.groups[group.name], group.least, group.most, outcome.units)
        grid.add_row(_name(group.name), *money, Text(limits), group.binding or "–")
    return [grid]


def _unit(outcome: Outcome) -> str:
    return f"{counted_in(outcome.units.numbers)} a {outcome.table.every}"


def _grades(outcome: Outcome) -> Any:
    fit = outcome.fit
    grid = _grid([_unit(outcome), "current", "evidence"])
    for i, evidence in enumerate(fit.evidence):
        now = amount(float(fit.current[i]), outcome.units.numbers)
        grid.add_row(_name(evidence.channel), now, _grade(evidence.grade))
    return grid


def _grid(titles: list[str]) -> Any:
    from rich import box
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=False, header_style="bold")
    for title in titles:
        figures = title in ("current", "plan", "change")
        grid.add_column(title, justify="right" if figures else "left", no_wrap=figures, overflow="fold")
    return grid


def _name(name: str) -> Any:
    from rich.text import Text

    return Text(printable(name))


def _row(name: str, current: float, planned: float, grade: str, numbers: Numbers) -> list[Any]:
    from rich.text import Text

    change = planned - current
    least = 0.0005 * max(abs(current), abs(planned))
    if abs(change) <= least:
        moved_text = Text("–", style="dim")
    else:
        moved_text = Text(moved(current, planned, numbers), style="green" if change > 0 else "red")
    return [_name(name), amount(current, numbers), amount(planned, numbers), moved_text, _grade(grade)]


def _grade(grade: str) -> Any:
    from rich.text import Text

    return Text(grade, style=_GRADE_STYLES.get(grade, ""))


def _gap(gap: float, numbers: Numbers) -> str:
    below = "below " if gap < _LEAST_GAP else ""
    return f"{below}{numbers.share(max(gap, _LEAST_GAP), 4)}"


def _proof(outcome: Outcome, plan: Allocation) -> Any:
    from rich.text import Text

    units = outcome_units(plan.objective, outcome.units)
    write = cash if units.response_is_money else amount
    value, now, bound = (
        write(figure, units.numbers) for figure in (plan.value, plan.current_value, plan.upper_bound)
    )
    kind = f"of {units.response_name}" if units.response_is_money else units.response_name
    gain = f"The plan brings {value} {kind} a {plan.every} from these channels, the current one {now}."
    gap = _gap(plan.gap, units.numbers)
    within = (
        "that keeps all this"
        if plan.constraints is not None and has_limits(plan.constraints)
        else "within these bounds"
    )
    proof = f"Proof checked: no plan {within} brings more than {bound} (gap {gap})."
    return Text(printable(f"{gain}\n{proof}"))
