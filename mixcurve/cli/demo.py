"""``mixcurve demo``: the shipped market from its data to its PDF, to see what comes out."""

from __future__ import annotations

from pathlib import Path

import click

from mixcurve.cli.console import Console
from mixcurve.cli.options import speaking

__all__ = ["command"]


@click.command("demo", short_help="Make a report on an invented market.")
@click.option(
    "-o",
    "--output",
    default="reports/demo.pdf",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The PDF to write.",
)
@speaking
def command(console: Console, output: Path) -> None:
    """Fit the shipped market, find the best plan for it, and write the PDF. It needs no network."""
    from mixcurve.cli.job import read_job
    from mixcurve.cli.outcome_view import tell
    from mixcurve.cli.pipeline import run_job
    from mixcurve.cli.progress import progress_on
    from mixcurve.cli.saving import refuse_other_ending
    from mixcurve.tables.shipped import shipped_path

    refuse_other_ending(output)
    wanted = read_job(shipped_path("demo_market.csv").with_name("demo.toml"))
    with progress_on(console.animated) as progress:
        outcome = run_job(wanted, output, command="mixcurve demo", progress=progress)
    tell(console, outcome)
