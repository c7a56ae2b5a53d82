"""``mixcurve report``: a job from its data to its PDF."""

from __future__ import annotations

from pathlib import Path

import click

from mixcurve.cli.console import Console
from mixcurve.cli.options import speaking

__all__ = ["command"]


@click.command("report", short_help="Fit, plan, prove, and write the PDF.")
@click.argument("job", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The PDF, instead of the one the job names."
)
@speaking
def command(console: Console, job: Path, output: Path | None) -> None:
    """Read JOB and its data, fit the curves, find the best plan, check its proof, and write the PDF."""
    from mixcurve.cli.job import read_job
    from mixcurve.cli.outcome_view import tell
    from mixcurve.cli.pipeline import run_job
    from mixcurve.cli.progress import progress_on
    from mixcurve.cli.saving import refuse_other_ending

    wanted = read_job(job)
    pdf = output or wanted.report_file
    refuse_other_ending(pdf)
    with progress_on(console.animated) as progress:
        outcome = run_job(wanted, pdf, command=f"mixcurve report {wanted.name}", progress=progress)
    tell(console, outcome)
