"""Exit codes, what goes where, and what happens when something goes wrong that nobody expected."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import mixcurve

Invoke = Callable[..., Result]
Run = Callable[..., subprocess.CompletedProcess[str]]

HEAVY = ("numpy", "pandas", "scipy", "matplotlib", "typst", "rich", "jsonschema")


def as_process(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start Python code that ends in mixcurve's main."""
    whole = "from mixcurve.cli.main import main\n" + textwrap.dedent(code) + "\nmain()\n"
    return subprocess.Popen(
        [sys.executable, "-c", whole, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    with process:
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_help_is_light_and_lists_the_commands() -> None:
    told = f"import atexit, sys\natexit.register(lambda: print([m for m in {HEAVY} if m in sys.modules]))"
    code, out, err = ended(as_process(told, "--help"))
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "[]"
    for command in ("demo", "init", "check", "report", "allocate"):
        assert f"\n  {command} " in out


def test_version(run: Run) -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"mixcurve, version {mixcurve.__version__}\n")


@pytest.mark.parametrize("command", ["demo", "init", "check", "report", "allocate"])
def test_help_of_each_command(invoke: Invoke, command: str) -> None:
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert "--quiet" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chekc", "job.toml"], "No such command 'chekc'"),
        (["check"], "Missing argument 'JOB'"),
        (["check", "job.toml", "--jsn"], "No such option '--jsn'"),
        (["report", "job.toml", "--output"], "Option '--output' requires an argument"),
    ],
)
def test_wrong_arguments(invoke: Invoke, arguments: list[str], message: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    told = json.loads(invoke(*arguments[:1], "--json", *arguments[1:]).stdout)
    assert (told["status"], told["exit_code"]) == ("error", 2)
    assert message in told["problems"][0]["what"]


def test_no_command_shows_the_help(invoke: Invoke) -> None:
    result = invoke()
    assert result.exit_code == 2
    assert "Commands:" in result.stderr


def test_json_of_a_failure_is_alone_on_standard_output(run: Run, folder: Path) -> None:
    (folder / "job.toml").write_text('client = "A"\n[dta]\n', encoding="utf-8")
    done = run("check", "job.toml", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"], told["exit_code"]) == (2, "error", 2)
    assert {problem["code"] for problem in told["problems"]} == {"job-unknown-key", "job-missing"}
    assert [problem["line"] for problem in told["problems"]] == [2, None]
    assert [problem["row"] for problem in told["problems"]] == [None, None]
    assert all(problem["remedy"] for problem in told["problems"])
    assert "job.toml, line 2" in done.stderr
    assert "Traceback" not in done.stderr


def test_unexpected_errors_keep_their_traceback_unless_quiet() -> None:
    broken = (
        "import mixcurve.cli.job as j\ndef read_job(path): raise RuntimeError('a bug')\nj.read_job = read_job"
    )
    code, out, err = ended(as_process(broken, "check", "job.toml", "--json"))
    assert (code, json.loads(out)["problems"][0]["code"]) == (1, "unexpected")
    assert "Traceback" in err
    assert "RuntimeError: a bug" in err
    code, out, err = ended(as_process(broken, "check", "job.toml", "--quiet"))
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert "RuntimeError: a bug" in err


@pytest.mark.skipif(os.name == "nt", reason="sends a Unix signal")
def test_stopped_by_the_user() -> None:
    waiting = """
        import mixcurve.cli.job as j, sys, time
        def read_job(path):
            print("ready", file=sys.stderr, flush=True)
            time.sleep(60)
        j.read_job = read_job
    """
    process = as_process(waiting, "report", "job.toml", "--json")
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    code, out, err = ended(process)
    assert (code, json.loads(out)["problems"][0]["code"]) == (130, "stopped")
    assert "error: stopped; no file was left half-written." in err
    assert "Traceback" not in err


def test_a_reader_that_leaves_early_is_no_error(folder: Path) -> None:
    command = [sys.executable, "-m", "mixcurve", "check", "job.toml", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
    assert "Traceback" not in err


def test_a_terminal_without_unicode(run: Run, folder: Path) -> None:
    done = run("check", "job.toml", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr
    assert "?" in done.stdout
