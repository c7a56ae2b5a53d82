"""What a client report costs: payload, figures, PDF, on the demo's market.

    python benchmarks/bench_report.py [--peers]

Times are medians within one process after a warm-up, but for the first report of a fresh process, which includes every
import. The peer of the PDF is matplotlib's PdfPages with the same figures: pictures only, no text, tags or standards.
"""

from __future__ import annotations

import datetime
import io
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mixcurve as mc
from mixcurve.report.spend import SpendReport, spend_report

DATA = Path(__file__).resolve().parents[1] / "data" / "demo_market.csv"
CHANNELS = ["TV", "Search", "Social", "Video", "Out of home"]
RUNS = 7
MOST_SECONDS = 4.0
"""For the first report of a process: the budget of `mixcurve demo` is 15 s in all, of which the fit takes most."""


def case() -> tuple[Any, Any, Any]:
    """Return the demo's table, a quick fit, and its plan."""
    header = DATA.read_text(encoding="utf-8").splitlines()[0].split(",")
    channels = [c for c in header if c.lower().replace("_", " ") in {n.lower() for n in CHANNELS}]
    table = mc.read_spend(DATA, date=header[0], response="orders", channels=channels, currency="GBP")
    fit = mc.fit_mix(table, starts=16, seed=1)
    return table, fit, mc.allocate(fit, float(fit.current.sum()))


def report(parts: tuple[Any, Any, Any]) -> SpendReport:
    """Return the report on the case."""
    return spend_report(*parts, client="Northwind Foods", created=datetime.date(2026, 1, 5))


def median(function: Callable[[], Any]) -> float:
    """Return the median wall seconds of a call."""
    times = []
    for i in range(RUNS + 1):
        start = time.perf_counter()
        function()
        if i:
            times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def first_report() -> float:
    """Return the seconds from payload to PDF in a fresh process, imports of matplotlib and Typst included."""
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); import bench_report as b; parts = b.case(); "
        "start = time.perf_counter(); b.report(parts).pdf(); print(time.perf_counter() - start)"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    return float(subprocess.check_output(command, text=True))


def pdf_pages(made: SpendReport) -> float:
    """Return the seconds that matplotlib's PdfPages takes for the same figures."""
    from matplotlib.backends.backend_pdf import PdfPages

    from mixcurve.plots.changes import draw_changes
    from mixcurve.plots.curves import draw_curve
    from mixcurve.plots.history import draw_history
    from mixcurve.plots.marginals import draw_marginals

    def pages() -> None:
        axes = [draw_curve(data, units=made.units) for data in made.curves]
        axes += [draw_changes(made.changes, units=made.units), draw_history(made.history, units=made.units)]
        axes.append(draw_marginals(made.marginals, step=made.step, units=made.units))
        with PdfPages(io.BytesIO()) as pdf:
            for one in axes:
                pdf.savefig(one.figure)

    return median(pages)


def main() -> int:
    """Measure, print the table, and return 1 if a target was missed."""
    from mixcurve.report.pdf import compile_pdf

    parts = case()
    made = report(parts)
    figures = made.figures()
    first = first_report()
    whole = median(lambda: report(parts).pdf())
    peer = pdf_pages(made) if "--peers" in sys.argv else None
    same = report(parts).pdf() == made.pdf()
    print("| measured | mixcurve | PdfPages, figures only | ratio | target |\n|---|---|---|---|---|")
    print(f"| first report of a process, seconds, imports included | {first:.2f} | | | < {MOST_SECONDS:g} |")
    against = f"{peer:.2f} | {whole / peer:.2f}" if peer else " |"
    print(f"| payload, {len(figures)} figures and PDF, seconds | {whole:.2f} | {against} | |")
    print(f"| of which payload | {median(lambda: report(parts)):.3f} | | | |")
    print(f"| of which figures as SVG | {median(made.figures):.2f} | | | |")
    print(
        f"| of which PDF/A-2a and PDF/UA-1 | {median(lambda: compile_pdf(made.payload, figures)):.2f} | | | |"
    )
    print(f"| size in kB | {len(made.pdf()) / 1e3:.0f} | | | |")
    print(f"| the same bytes for the same input | {'yes' if same else 'no'} | | | yes |")
    return 0 if same and first < MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
