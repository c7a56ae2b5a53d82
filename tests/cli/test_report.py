"""`report` and `demo`: a PDF or nothing, the figures for machines, and earlier files left as they were."""

from __future__ import annotations

import importlib
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

from mixcurve.cli.job import read_job
from mixcurve.foundations.errors import FitError, ReportError

pytest.importorskip("typst", reason="writes PDFs")

Invoke = Callable[..., Result]
Run = Callable[..., subprocess.CompletedProcess[str]]

PDF = Path("out") / "northwind.pdf"
EARLIER = b"%PDF earlier"


def edited(folder: Path, old: str, new: str) -> None:
    path = folder / "job.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def earlier(folder: Path) -> Path:
    """Return where a PDF of an earlier run stands."""
    path = folder / PDF
    path.parent.mkdir()
    path.write_bytes(EARLIER)
    return path


def test_a_job_ends_in_a_pdf_and_a_screenful(invoke: Invoke, folder: Path) -> None:
    result = invoke("report", "job.toml")
    assert result.exit_code == 0, result.stderr
    assert (folder / PDF).read_bytes().startswith(b"%PDF-")
    for part in ("GBP a week", "tv", "search", "Total", "Proof checked: no plan", f"Wrote {PDF}"):
        assert part in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert os.listdir(folder / "out") == [PDF.name], "nothing else is left"


def test_json_holds_the_figures_and_nothing_else_is_printed(run: Run, folder: Path) -> None:
    edited(folder, "[report]", '[report]\njson = "out/northwind.json"\ndate = 2026-01-31')
    done = run("report", "job.toml", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"]) == (0, "ok")
    plan = told["plan"]
    assert plan["proof"] == "verified"
    assert plan["status"] == "optimal"
    spent = sum(channel["plan"] for channel in plan["channels"].values())
    assert spent + plan["unspent"] == pytest.approx(plan["total"])
    assert plan["total"] == pytest.approx(
        1.1 * sum(channel["current"] for channel in plan["channels"].values())
    )
    assert plan["gain"] == pytest.approx(plan["value"] - plan["current_value"])
    assert plan["value"] == pytest.approx(sum(channel["response"] for channel in plan["channels"].values()))
    for channel in plan["channels"].values():
        assert channel["least"] - 1e-6 <= channel["plan"] <= channel["most"] + 1e-6
    payload = json.loads((folder / told["files"]["json"]).read_text(encoding="utf-8"))
    assert payload["decision"]["headline"] == told["headline"]
    assert payload["plan"]["value"]["value"] == pytest.approx(plan["value"])


def test_the_same_job_gives_the_same_bytes(invoke: Invoke, folder: Path) -> None:
    edited(folder, "[report]", "[report]\ndate = 2026-01-31")
    assert invoke("report", "job.toml", "-o", "one.pdf").exit_code == 0
    assert invoke("report", "job.toml", "-o", "deep/two.pdf").exit_code == 0
    assert (folder / "one.pdf").read_bytes() == (folder / "deep" / "two.pdf").read_bytes()


def test_a_job_without_a_plan(invoke: Invoke, folder: Path) -> None:
    edited(folder, '[budget]\nchange = "+10%"\n', "")
    result = invoke("report", "job.toml", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["plan"]) == (0, None)
    assert set(told["fit"]["channels"]) == {"tv", "search"}


def test_quiet_says_nothing(invoke: Invoke, folder: Path) -> None:
    result = invoke("report", "job.toml", "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (folder / PDF).exists()


def test_labels_reach_the_plan(invoke: Invoke, folder: Path) -> None:
    labels = '[budget.bounds]\ntv = [10000, 30000]\n[report.labels]\ntv = "TV & <b>"\norders = "Orders"\n'
    with (folder / "job.toml").open("a", encoding="utf-8") as stream:
        stream.write(labels)
    told = json.loads(invoke("report", "job.toml", "--json").stdout)
    assert set(told["plan"]["channels"]) == {"TV & <b>", "search"}
    row = told["plan"]["channels"]["TV & <b>"]
    assert (row["least"], row["most"]) == (10000, 30000)
    assert told["data"]["response"] == "Orders"


def test_hostile_client_is_literal(invoke: Invoke, folder: Path) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    client = 'A&B <script> #panic("x") $x$ *b*'
    edited(folder, '"Northwind Foods"', f"'{client}'")
    assert invoke("report", "job.toml").exit_code == 0
    document = pdfium.PdfDocument(folder / PDF)
    assert client in document[0].get_textpage().get_text_bounded().replace("\r\n", " ")


@pytest.mark.parametrize(
    ("place", "error", "message"),
    [
        (
            "mixcurve.response.fit.mix.fit.fit_mix",
            FitError("No start could be computed."),
            "No start could be computed.",
        ),
        ("mixcurve.report.spend.spend_report", ReportError("A glyph is missing."), "A glyph is missing."),
        (
            "mixcurve.report.spend.SpendReport.write_pdf",
            OSError(28, "No space left on device"),
            "No space left on device",
        ),
    ],
)
def test_a_job_that_fails_leaves_the_earlier_pdf(
    invoke: Invoke,
    folder: Path,
    earlier: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    error: Exception,
    message: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(place, fail)
    result = invoke("report", "job.toml", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["status"], told["exit_code"]) == ("error", 1)
    assert message in told["problems"][0]["what"] + "."
    assert earlier.read_bytes() == EARLIER
    assert os.listdir(earlier.parent) == [earlier.name]


def test_a_plan_whose_proof_fails_is_never_reported(
    invoke: Invoke, folder: Path, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    solve = importlib.import_module("mixcurve.budget.solve")
    honest = solve.allocate

    def forged(*arguments: object, **more: object) -> object:
        plan = honest(*arguments, **more)
        return replace(plan, certificate=replace(plan.certificate, bound=plan.certificate.bound * 0.5))

    monkeypatch.setattr(solve, "allocate", forged)
    result = invoke("report", "job.toml")
    assert result.exit_code == 1
    assert "The proof of the plan does not hold, so no report was written: " in result.stderr
    assert earlier.read_bytes() == EARLIER


def test_an_impossible_budget_is_wrong_input(invoke: Invoke, folder: Path) -> None:
    edited(folder, 'change = "+10%"', "total = 100\n[budget.bounds]\ntv = [5000, 9000]")
    result = invoke("report", "job.toml")
    assert result.exit_code == 2
    assert "job.toml, line 15: the least amounts per channel add up to" in result.stderr
    assert not (folder / PDF).exists()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (".", "this is a folder, not a file"),
        ("weekly.csv/a.pdf", "a file stands where a folder is wanted"),
        ("out.txt", "a report is a PDF. Write, for example, --output out.pdf"),
        ("out", "a report is a PDF. Write, for example, --output out.pdf"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_any_work(
    invoke: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch, output: str, message: str
) -> None:
    monkeypatch.setattr("mixcurve.cli.pipeline.read_table", None)
    result = invoke("report", "job.toml", "--output", output)
    assert result.exit_code == 2, result.exception
    assert message in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="sends a Unix signal")
@pytest.mark.parametrize(
    ("stop", "left_over"), [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, 1)]
)
def test_a_process_stopped_while_it_writes_leaves_the_earlier_pdf(
    folder: Path, earlier: Path, stop: signal.Signals, left_over: int
) -> None:
    code = textwrap.dedent("""
        import os, sys, time
        from mixcurve.cli.main import main
        def replace(source, target):
            print("writing", file=sys.stderr, flush=True)
            time.sleep(60)
        os.replace = replace
        main()
    """)
    command = [sys.executable, "-c", code, "report", "job.toml", "--quiet"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any(line == "writing\n" for line in process.stderr)
        process.send_signal(stop)
        err = process.communicate(timeout=60)[1]
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}.get(stop, -stop)
    assert "Traceback" not in err
    assert earlier.read_bytes() == EARLIER
    assert len(os.listdir(earlier.parent)) == 1 + left_over


def test_demo_needs_no_network_and_no_folder(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def no_network(*_: object) -> None:
        raise AssertionError("the demo reached for the network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.chdir(tmp_path)
    result = invoke("demo", "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert (tmp_path / "reports" / "demo.pdf").read_bytes().startswith(b"%PDF-")
    assert told["plan"]["gain"] > 0
    assert {channel["grade"] for channel in told["fit"]["channels"].values()} >= {"supported", "not shown"}


EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["robyn", "lydia_pinkham"])
def test_examples_on_real_data(invoke: Invoke, shared_data: Path, tmp_path: Path, name: str) -> None:
    if not read_job(EXAMPLES / f"{name}.toml").data_file.is_file():
        pytest.skip(f"needs the real data of {name}, which are not beside this checkout")
    result = invoke("report", EXAMPLES / f"{name}.toml", "-o", tmp_path / "a.pdf", "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    if name == "lydia_pinkham":
        assert "The data do not show where the curve bends" in told["headline"]
    else:
        assert told["plan"]["status"] == "optimal"
