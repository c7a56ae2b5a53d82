"""``mixcurve check``: whether a job and its data can be used, without fitting anything."""

from __future__ import annotations

from pathlib import Path

import click

from mixcurve.cli.console import Console
from mixcurve.cli.options import speaking

__all__ = ["command"]


@click.command("check", short_help="See whether a job and its data can be used.")
@click.argument("job", type=click.Path(path_type=Path))
@speaking
def command(console: Console, job: Path) -> None:
    """Read JOB and its data, and list every problem, or show what the table holds."""
    from mixcurve.cli.job import read_job
    from mixcurve.cli.reading import read_table
    from mixcurve.cli.table_view import table_document, table_view

    wanted = read_job(job)
    table = read_table(wanted)
    content = table_document(table)
    problems = content.pop("problems")
    console.document({"status": "ok", "job": wanted.configuration, "table": content, "problems": problems})
    console.show(*table_view(table, float(wanted.data["money_unit"])))
    console.problems(table.problems)
    console.show(f"\n{wanted.name} is ready: mixcurve report {wanted.name}")
