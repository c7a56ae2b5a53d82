"""``mixcurve demo``."""

import click


@click.command("demo")
def command(): ...
