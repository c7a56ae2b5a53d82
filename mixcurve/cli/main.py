"""The command line: commands loaded when used, exit codes, and what is said when something goes wrong.

Exit codes: 0 done, 1 the job failed, 2 the input is wrong, 130 stopped by Ctrl-C, 143 stopped by SIGTERM.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import TracebackType
from typing import Any

import click

from mixcurve import __version__
from mixcurve.cli.console import Console, failure, problems_of
from mixcurve.foundations.errors import InputError, MixcurveError, Problem

__all__ = ["DONE", "FAILED", "STOPPED", "TERMINATED", "WRONG_INPUT", "app", "main"]

DONE, FAILED, WRONG_INPUT, STOPPED, TERMINATED = 0, 1, 2, 130, 143
_STOPPED = Problem("stopped; no file was left half-written", code="stopped")
COMMANDS = ("demo", "init", "check", "report", "allocate", "verify")


class _Terminated(BaseException):
    """The system asks the process to end: what is being written is cleaned up on the way out."""


class Application(click.Group):
    """Commands that live in a module each, and errors that end in an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of a user's first day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loading its module."""
        if cmd_name not in COMMANDS:
            return None
        return import_module(f"mixcurve.cli.{cmd_name}").command

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run a command and end the process with its exit code; expected errors are told without a traceback."""
        given = list(sys.argv[1:] if args is None else args)
        console = _console(given)
        try:
            code = super().main(given, *rest, **{**extra, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help() if error.ctx else "", err=True)
            sys.exit(WRONG_INPUT)
        except click.ClickException as error:
            _refuse(console, [_argument_problem(error)], WRONG_INPUT)
        except click.Abort:
            _refuse(console, [_STOPPED], STOPPED)
        except _Terminated:
            _refuse(console, [_STOPPED], TERMINATED)
        except MixcurveError as error:
            _refuse(console, problems_of(error), WRONG_INPUT if isinstance(error, InputError) else FAILED)
        sys.exit(code if isinstance(code, int) else DONE)


@click.group(
    cls=Application, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="mixcurve")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def app(quiet: bool) -> None:
    """From a weekly table of spend to a PDF with the best budget and its proof.

    \b
      mixcurve demo               make a report on an invented market
      mixcurve init weekly.csv    write a job file for your own table
      mixcurve check job.toml     see whether it can be read
      mixcurve report job.toml    fit, plan, prove, and write the PDF
      mixcurve allocate job.toml  the plan and its proof alone
    """  # noqa: D301  click reads the \b: keep the lines below as they are


def main() -> None:
    """Run the command line in this process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show a character gets a question mark rather than an error.
            stream.reconfigure(errors="replace")
    sys.excepthook = _tell_unexpected
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)
    app.main(prog_name="mixcurve")


def _terminate(number: int, frame: Any) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one would cut the cleaning up short
    raise _Terminated


def _console(given: Sequence[str]) -> Console:
    """Return what may be said before, or although, the arguments could be read."""
    return Console(json="--json" in given, quiet=bool({"-q", "--quiet"} & set(given)))


def _refuse(console: Console, problems: Sequence[Problem], code: int) -> None:
    console.document(failure(problems, code))
    console.problems(problems)
    sys.exit(code)


def _argument_problem(error: click.ClickException) -> Problem:
    context = getattr(error, "ctx", None)
    remedy = f"See '{context.command_path} --help'" if context is not None else ""
    return Problem(error.format_message().rstrip("."), remedy, code="argument")


def _tell_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Tell of an error that mixcurve did not expect: a bug, so the traceback is kept unless silence was asked for."""
    console = _console(sys.argv[1:])
    name = f"{kind.__name__}: {error}"
    remedy = "This is a fault in mixcurve; please report it with the command and the traceback"
    problem = Problem(f"an unexpected error happened, {name}", remedy, code="unexpected")
    console.document(failure([problem], FAILED))
    if console.quiet:
        console.problems([problem])
    else:
        sys.__excepthook__(kind, error, trace)
