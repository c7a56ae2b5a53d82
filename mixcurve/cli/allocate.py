"""``mixcurve allocate``: a job from its data to its plan, in the terminal and in files that can be verified."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixcurve.cli.console import Console, printable
from mixcurve.cli.options import speaking

if TYPE_CHECKING:
    from mixcurve.cli.pipeline import Outcome

__all__ = ["command"]


@click.command("allocate", short_help="Fit, plan and prove, without a PDF.")
@click.argument("job", type=click.Path(path_type=Path))
@click.option(
    "--save", "plan", type=click.Path(path_type=Path), help="Save the plan with its proof to this file."
)
@click.option("--certificate", type=click.Path(path_type=Path), help="Save the proof alone to this file.")
@speaking
def command(console: Console, job: Path, plan: Path | None, certificate: Path | None) -> None:
    """Read JOB and its data, fit the curves, find the best plan and check its proof.

    'mixcurve verify' checks what is saved, by itself.
    """
    from mixcurve.cli.job import read_job
    from mixcurve.cli.outcome_view import outcome_document, tell
    from mixcurve.cli.pipeline import plan_job
    from mixcurve.cli.progress import progress_on
    from mixcurve.cli.saving import refuse_unwritable

    wanted = read_job(job)
    for path in filter(None, (plan, certificate)):
        refuse_unwritable(path)
    with progress_on(console.animated) as progress:
        outcome = plan_job(wanted, command=f"mixcurve allocate {wanted.name}", progress=progress)
    files = _saved(outcome, plan, certificate)
    document = outcome_document(outcome)
    tell(console, outcome, document | {"files": {kind: str(path) for kind, path in files.items()}})
    for path in files.values():
        console.show(f"Wrote {printable(str(path))}; to check it: mixcurve verify {printable(str(path))}")


def _saved(outcome: Outcome, plan: Path | None, certificate: Path | None) -> dict[str, Path]:
    """Save what was asked for, each with the curves in it, and return where."""
    import json

    from mixcurve.budget.certificate import Certificate
    from mixcurve.cli.saving import save

    found = outcome.plan
    if found is None:
        return {}
    proof = found.certificate
    if isinstance(proof, Certificate):
        proof = proof.with_curves(outcome.fit)
    wanted: dict[str, tuple[Path | None, Any]] = {
        "plan": (plan, replace(found, certificate=proof)),
        "certificate": (certificate, proof),
    }
    files = {}
    for kind, (path, result) in wanted.items():
        if path is not None:
            text = json.dumps(result.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)
            files[kind] = save(path, text.encode())
    return files
