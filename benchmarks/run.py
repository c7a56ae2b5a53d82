"""Run the benchmarks one after another, print their tables, and keep each under benchmarks/results/.

Usage: python benchmarks/run.py [--peers] [--validate] [NAME ...]
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
NAMED_VERSIONS = ("mixcurve", "numpy", "scipy", "pandas")


def setting() -> str:
    """Return one line that says on what the figures were measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in NAMED_VERSIONS)
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    cores = os.cpu_count()
    day = time.strftime("%Y-%m-%d")
    return (
        f"{day}, {platform.machine()}, {cores} cores, {threads} BLAS threads, "
        f"Python {platform.python_version()}, {versions}"
    )


def run(script: Path, options: list[str]) -> bool:
    """Run one script, show what it prints as it comes, keep it, and return whether it succeeded."""
    print(f"\n## {script.stem}\n", flush=True)
    command = [sys.executable, str(script), *options]
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    RESULTS.mkdir(exist_ok=True)
    kept = f"# {script.stem}\n\n{setting()}\n\n{''.join(lines)}"
    (RESULTS / f"{script.stem}.md").write_text(kept, encoding="utf-8")
    return process.returncode == 0


def main() -> int:
    """Run the chosen scripts; 1 if one of them failed or missed its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these, for example bench_fit_speed")
    parser.add_argument("--peers", action="store_true", help="measure the peers beside ours")
    parser.add_argument("--validate", action="store_true", help="run validate_*.py in place of bench_*.py")
    chosen = parser.parse_args()
    scripts = sorted(HERE.glob("validate_*.py" if chosen.validate else "bench_*.py"))
    unknown = set(chosen.names) - {script.stem for script in scripts}
    if unknown or not scripts:
        known = ", ".join(script.stem for script in scripts) or "none"
        print(f"No such script: {', '.join(sorted(unknown)) or 'any'}. Known: {known}.", file=sys.stderr)
        return 2
    wanted = [script for script in scripts if not chosen.names or script.stem in chosen.names]
    print(setting())
    failed = [script.stem for script in wanted if not run(script, ["--peers"] if chosen.peers else [])]
    if failed:
        print(f"\nFailed or missed its target: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
