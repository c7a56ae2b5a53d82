"""``mixcurve verify``: whether a saved plan or certificate proves what it claims."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from mixcurve.cli.console import Console
from mixcurve.cli.options import speaking
from mixcurve.foundations.errors import Problem

if TYPE_CHECKING:
    from mixcurve.budget.certificate import Certificate, ModelCertificate, Verification

__all__ = ["command"]

NOT_PROVEN = 1
"""The exit code where the check was done and the proof does not hold."""


@click.command("verify", short_help="Check the proof in a saved plan or certificate.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--fit",
    type=click.Path(path_type=Path),
    help="The saved fit that the plan was made for, to compare with.",
)
@speaking
def command(console: Console, file: Path, fit: Path | None) -> None:
    """Check that the plan in FILE keeps its constraints, and that no plan beats its bound.

    The check shares no code with what made the plan. Exit codes: 0 the proof holds, 1 it does not, 2 FILE is no proof.
    """
    from mixcurve.budget.certificate import Certificate, ModelCertificate, verify
    from mixcurve.budget.proof.file import load_fit, load_proof

    plan = load_proof(file)
    fitted = None if fit is None else load_fit(fit)
    began = perf_counter()
    found = verify(plan, fitted)
    seconds = perf_counter() - began
    proof = plan if isinstance(plan, Certificate | ModelCertificate) else plan.certificate
    console.document(_document(found, proof, file, seconds))
    if found.ok:
        console.show(*_proven(found, proof, file, seconds))
        return
    console.problems(
        Problem(reason.rstrip("."), source=str(file), code="not-proven") for reason in found.reasons
    )
    console.show(f"\nThe proof in {file} does not hold. Checked in {seconds:.2g} s.")
    click.get_current_context().exit(NOT_PROVEN)


def _document(
    found: Verification, proof: Certificate | ModelCertificate, file: Path, seconds: float
) -> dict[str, Any]:
    def plain(value: float) -> float | None:
        return value if abs(value) < float("inf") else None

    return {
        "status": "ok" if found.ok else "not proven",
        "exit_code": 0 if found.ok else NOT_PROVEN,
        "file": str(file),
        "objective": _objective(proof)[0],
        "channels": len(proof.channels),
        "value": plain(found.value),
        "bound": plain(found.bound),
        "gap": plain(found.gap),
        "seconds": seconds,
        "reasons": list(found.reasons),
    }


def _objective(proof: Certificate | ModelCertificate) -> tuple[str, str]:
    """Return what the plan maximises, and how the proof calls it."""
    from mixcurve.budget.certificate import ModelCertificate
    from mixcurve.budget.objectives import BeatCurrent, CVaR, Quantile

    if not isinstance(proof, ModelCertificate):
        return "response", "total response"
    model, risk = proof.model, proof.objective
    if isinstance(risk, BeatCurrent):
        return "share of draws", "share of the draws in which it beats the current plan"
    if isinstance(risk, Quantile):
        return "quantile", f"reached in {100 * (1 - risk.level):g}% of the draws"
    if risk is not None:
        tail = f"the worst {100 * risk.tail:g}% of the draws"
        if isinstance(risk, CVaR):
            return "CVaR", f"mean over {tail}"
        return "mean minus risk", f"mean less {risk.aversion:g} of its distance to the mean over {tail}"
    if model.money_cost and model.worth.any():
        return "profit", "value of the response less money"
    if model.money_cost:
        return "money", "money, as a loss"
    return "response", "mean response" if len(model.weight) > 1 else "total response"


def _proven(
    found: Verification, proof: Certificate | ModelCertificate, file: Path, seconds: float
) -> list[str]:
    name, words = _objective(proof)
    if name == "money":
        best = [
            f"The plan reaches its target with {-found.value:,.8g} of money.",
            f"No plan that keeps these constraints needs less than {-found.bound:,.8g}, {_share(found.gap)} less.",
        ]
    else:
        best = [
            f"The plan is worth {found.value:,.8g} ({words}).",
            f"No plan that keeps these constraints is worth more than {found.bound:,.8g}, {_share(found.gap)} more.",
        ]
    return [f"The proof in {file} holds.", _problem(proof), *best, f"Checked in {seconds:.2g} s."]


def _problem(proof: Certificate | ModelCertificate) -> str:
    from mixcurve.budget.certificate import ModelCertificate

    parts = [_count(len(proof.channels), "channel")]
    if isinstance(proof, ModelCertificate):
        boxes = proof.solution.nodes
        parts += [_count(len(proof.model.weight), "draw"), _count(len(proof.model.rows), "constraint")]
    else:
        boxes = proof.bound.size
    return f"{', '.join(parts)}, {_count(boxes, 'box')}; every bound and every constraint checked."


def _count(number: int, word: str) -> str:
    many = f"{word}es" if word.endswith("x") else f"{word}s"
    return f"{number:,} {word if number == 1 else many}"


def _share(gap: float) -> str:
    return "less than 0.0001%" if gap < 1e-6 else f"{100 * gap:.2g}%"
