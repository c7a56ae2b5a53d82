"""The README tells the truth: its Python runs, its make targets exist, every dependency has its reason."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from mixcurve.cli.job import read_job

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


MAKE_COMMAND = re.compile(r"(?:^|`)make ([a-z-]+)", flags=re.MULTILINE)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_runs(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = compile(EXAMPLES[number], f"README.md, example {number + 1}", "exec")
    exec(source, {"__name__": "readme"})  # noqa: S102  our own README is what is tested


def test_job_file_is_accepted(tmp_path: Path) -> None:
    jobs = re.findall(r"^```toml\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    assert len(jobs) == 1
    (tmp_path / "job.toml").write_text(jobs[0], encoding="utf-8")
    job = read_job(tmp_path / "job.toml")
    assert job.client == "Northwind Foods"


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3


def test_make_targets_exist() -> None:
    texts = [
        p.read_text(encoding="utf-8")
        for p in (ROOT / "README.md", ROOT / "benchmarks" / "README.md", ROOT / ".ci" / "run")
    ]
    told = {target for text in texts for target in MAKE_COMMAND.findall(text)}
    made = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    assert {"demo", "test", "bench"} <= told
    assert told - made == set()


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {re.split(r"[<>=!~ ;\[]", line)[0] for line in declared}
    table = README.partition("## Dependencies")[2].partition("\n## ")[0]
    explained = set(
        re.findall(r"[a-z0-9-]+", " ".join(re.findall(r"^\| ([^|*]+) \|", table, flags=re.MULTILINE)))
    )
    assert names - explained == set()
    assert explained - names - {"package", "---"} == set()


def test_pictures_and_folders_exist() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    folders = re.findall(r"^\| `([a-z]+/)` \|", README, flags=re.MULTILINE)
    assert pictures
    assert [name for name in [*pictures, *folders] if not (ROOT / name).exists()] == []
